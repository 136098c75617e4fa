# shellcheck shell=bash disable=SC2034
# Shared by the lab's scripts: names, paths, hosts, and the few primitives
# (namespaces, entering a host). Sourced, never run.

umask 022 # what is made here becomes the hosts' files

LAB_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
LAB_STATE="${MLPS_LAB_STATE:-/var/lib/mlps-lab}"    # keys, CA, known_hosts: kept between runs
LAB_CACHE="${MLPS_LAB_CACHE:-/var/cache/mlps-lab}"  # built root file systems
LAB_RUN=/run/mpl-lab                                # what exists only while the lab is up
LAB_SUITE=bookworm
LAB_SWITCH=mpl-sw                                   # namespace that holds the zones' bridges
LAB_SCAN=mpl-scan                                   # namespace the scanner runs in
LAB_OUT=mpl-out                                     # namespace beyond the border

# Hosts with systemd and sshd. Order matters only to people: the collector first, since others log to it.
LAB_HOSTS=(log1 bastion fw fw2 web1 web2 web3 app1 db1 db2 legacy vpn1 rogue)
# Hosts of one program each (hosts/HOST/files/lab-init), without logins: scenery.
LAB_SIMPLE=(plc1 relay vault1)

# zone number -> name; addresses: see lab_address
LAB_ZONES=(0:internet 1:mgmt 2:dmz 3:core 4:ot 5:vault)

# host -> "zone.last-octet" of each leg, in the order of eth0, eth1 ...
declare -A LAB_LEGS=(
  [bastion]="1.2 2.2 3.2"
  [fw]="0.1 1.1 2.1 3.1 4.1"
  [fw2]="3.40 5.1"
  [web1]="2.11"
  [web2]="1.12 2.12"
  [web3]="2.13"
  [app1]="2.14"
  [vpn1]="2.15"
  [legacy]="1.16"
  [log1]="3.21"
  [db1]="3.31"
  [db2]="3.32"
  [rogue]="3.66"
  [plc1]="4.10"
  [relay]="0.66"
  [vault1]="5.10"
)
# namespace -> "network gateway" of each static route. There is no default route anywhere.
# web1's logs and time go through the bastion, everything else between zones through fw; the vault lies
# behind fw2, which only fw and the hosts of core know the way to.
LAB_FROM_DMZ="10.60.1.0/24,10.60.2.1 10.60.3.0/24,10.60.2.1 10.60.5.0/24,10.60.2.1 198.51.100.0/24,10.60.2.1"
LAB_FROM_CORE="10.60.1.0/24,10.60.3.1 10.60.2.0/24,10.60.3.1 10.60.5.0/24,10.60.3.40 198.51.100.0/24,10.60.3.1"
declare -A LAB_ROUTES=(
  [fw]="10.60.5.0/24,10.60.3.40"
  [fw2]="10.60.1.0/24,10.60.3.1 10.60.2.0/24,10.60.3.1 198.51.100.0/24,10.60.3.1"
  [web1]="10.60.1.0/24,10.60.2.1 10.60.3.0/24,10.60.2.2 10.60.5.0/24,10.60.2.1 198.51.100.0/24,10.60.2.1"
  [web3]="$LAB_FROM_DMZ"
  [app1]="$LAB_FROM_DMZ"
  [vpn1]="$LAB_FROM_DMZ"
  [log1]="10.60.2.11/32,10.60.3.2 $LAB_FROM_CORE"
  [db1]="$LAB_FROM_CORE"
  [db2]="$LAB_FROM_CORE"
  [rogue]="$LAB_FROM_CORE"
  [plc1]="10.60.1.0/24,10.60.4.1"
  [relay]="10.60.0.0/16,198.51.100.1"
  [vault1]="10.60.0.0/16,10.60.5.1"
  [scan]="10.60.2.0/24,10.60.1.1 10.60.3.0/24,10.60.1.1 10.60.4.0/24,10.60.1.1 10.60.5.0/24,10.60.1.1"
  [out]="10.60.0.0/16,198.51.100.1"
)

# host -> folders of hosts/ laid over its root, in this order
declare -A LAB_ROLES=(
  [bastion]="common hardened bastion"
  [fw]="common hardened server fw"
  [fw2]="common hardened server fw2"
  [web1]="common hardened server web1"
  [web2]="common web2"
  [web3]="common hardened server web3"
  [app1]="common hardened server app1"
  [vpn1]="common hardened server vpn1"
  [log1]="common hardened log1"
  [db1]="common hardened server db1"
  [db2]="common plain db2"
  [legacy]="common plain legacy"
  [rogue]="common plain rogue"
  [plc1]="plc1"
  [relay]="relay"
  [vault1]="vault1"
)
# host -> address and host to jump through, as the scanner's namespace reaches it
declare -A LAB_REACH=(
  [bastion]="10.60.1.2"
  [fw]="10.60.1.1"
  [fw2]="10.60.3.40"
  [web1]="10.60.2.11 bastion"
  [web2]="10.60.1.12"
  [web3]="10.60.2.13 bastion"
  [app1]="10.60.2.14 bastion"
  [vpn1]="10.60.2.15 bastion"
  [legacy]="10.60.1.16"
  [log1]="10.60.3.21 bastion"
  [db1]="10.60.3.31 bastion"
  [db2]="10.60.3.32 bastion"
  [rogue]="10.60.3.66 bastion"
)

say() { printf 'lab: %s\n' "$*" >&2; }
die() { printf 'lab: error: %s\n' "$*" >&2; exit 1; }

lab_need_root() {
  [ "$(id -u)" = 0 ] || die "must be run as root (network namespaces and mounts)"
}

# lab_need_tools TOOL:PACKAGE... installs the packages of the tools that are missing.
lab_need_tools() {
  local pair missing=()
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "missing on this machine: ${missing[*]}"
  say "installing prerequisites: ${missing[*]}"
  {
    apt-get -o DPkg::Lock::Timeout=600 update &&
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
        install -y --no-install-recommends "${missing[@]}"
  } >"${TMPDIR:-/tmp}/mpl-lab-apt.log" 2>&1 ||
    die "apt-get could not install ${missing[*]} (see ${TMPDIR:-/tmp}/mpl-lab-apt.log)"
}

# The root file system's name changes whenever its recipe does.
lab_rootfs_hash() {
  {
    cat "$LAB_DIR/rootfs.sh"
    local host
    for host in base "${LAB_HOSTS[@]}" "${LAB_SIMPLE[@]}"; do
      printf '== %s\n' "$host"
      lab_packages "$host"
    done
  } | sha256sum | cut -c1-12
}

lab_rootfs_path() { printf '%s/rootfs-%s\n' "$LAB_CACHE" "$(lab_rootfs_hash)"; }

# Packages of a layer, without comments and empty lines.
lab_packages() {
  local file="$LAB_DIR/hosts/$1/packages"
  [ "$1" != base ] || file="$LAB_DIR/packages"
  [ -e "$file" ] || return 0
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$file"
}

lab_is_host() {
  local host
  for host in "${LAB_HOSTS[@]}" "${LAB_SIMPLE[@]}"; do [ "$host" != "$1" ] || return 0; done
  return 1
}

# lab_init_pid HOST: the pid, as this machine sees it, of the host's PID 1.
lab_init_pid() {
  local parent pid
  parent="$(cat "$LAB_RUN/$1.pid" 2>/dev/null)" || return 1
  pid="$(pgrep -o -P "$parent" 2>/dev/null)" || return 1
  [ "$(readlink "/proc/$pid/ns/net" 2>/dev/null)" = "$(lab_netns_id "mpl-$1")" ] || return 1
  printf '%s\n' "$pid"
}

lab_netns_id() {
  [ -e "/run/netns/$1" ] || return 1
  printf 'net:[%s]\n' "$(stat -Lc %i "/run/netns/$1")"
}

# lab_enter HOST CMD...: run a command inside a host, as root.
lab_enter() {
  local host="$1" pid
  shift
  pid="$(lab_init_pid "$host")" || return 125
  # The same limits as hostinit.sh sets: root of a host is not root of the machine.
  nsenter -t "$pid" -m -u -i -n -p -C -r -w -- \
    setpriv --bounding-set -sys_time,-sys_module,-sys_rawio,-syslog -- \
    /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root USER=root LOGNAME=root LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"
}

# Where a cgroup2 hierarchy is mounted: pure, or beside version 1.
lab_cgroup_root() {
  local dir
  for dir in /sys/fs/cgroup/unified /sys/fs/cgroup; do
    if [ "$(stat -fc %T "$dir" 2>/dev/null)" = cgroup2fs ]; then
      printf '%s\n' "$dir"
      return 0
    fi
  done
  return 1
}

# One at a time, also from another checkout: the names are the machine's. The lock is on
# a folder that is there anyway, so that nothing is left behind.
lab_lock() {
  exec 9</run
  flock -w 120 9 || die "another lab script holds the lock"
}

# What a running lab was raised from: other files or keys mean it has to be raised anew.
lab_recipe() {
  {
    lab_rootfs_path
    printf '%s\n' "$LAB_STATE"
    cat "$LAB_DIR"/{lib,up,hostinit}.sh "$LAB_STATE"/{known_hosts,keys/*.pub,tls/*.pem}
    cd "$LAB_DIR/hosts" && find . -type f ! -name packages -printf '%m %p\n' -exec cat {} + | sort
  } | sha256sum | cut -c1-32
}

# 1.9 -> 10.60.1.9, 0.9 -> 198.51.100.9 (an address for documentation: there is no such network)
lab_address() {
  case "$1" in
    0.*) printf '198.51.100.%s\n' "${1##*.}" ;;
    *) printf '10.60.%s\n' "$1" ;;
  esac
}

# 1.9 -> fd00:60:1::9, 0.9 -> 2001:db8::9
lab_address6() {
  case "$1" in
    0.*) printf '2001:db8::%s\n' "${1##*.}" ;;
    *) printf 'fd00:60:%s::%s\n' "${1%%.*}" "${1##*.}" ;;
  esac
}

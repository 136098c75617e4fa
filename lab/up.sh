#!/usr/bin/env bash
# Raises the lab and returns when it is proven to work. Safe to run again.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=state.sh
. "$LAB_DIR/state.sh"

usage() {
  cat <<USAGE
usage: $0 [--sudoers FILE]
  --sudoers FILE  sudoers file for every host (default: $LAB_STATE/sudoers if it exists);
                  installed as /etc/sudoers.d/mlps-posture, mode 0440
USAGE
}

# ---- networks -------------------------------------------------------------

make_switch() {
  local zone
  ip netns add "$LAB_SWITCH"
  ip -n "$LAB_SWITCH" link set lo up
  for zone in "${LAB_ZONES[@]}"; do
    ip -n "$LAB_SWITCH" link add "br-${zone#*:}" type bridge
    ip -n "$LAB_SWITCH" link set "br-${zone#*:}" up
  done
}

# make_leg NAMESPACE PORT INDEX ZONE.OCTET: one interface of a namespace into a zone.
make_leg() {
  local ns="$1" port="$2" index="$3" leg="$4" zone
  for zone in "${LAB_ZONES[@]}"; do
    [ "${zone%%:*}" = "${leg%%.*}" ] && break
  done
  ip -n "$LAB_SWITCH" link add "$port" type veth peer name "eth$index" netns "$ns"
  ip -n "$LAB_SWITCH" link set "$port" master "br-${zone#*:}" up
  ip -n "$ns" -batch - <<BATCH
addr add $(lab_address "$leg")/24 brd + dev eth$index
addr add $(lab_address6 "$leg")/64 dev eth$index nodad
link set eth$index up
BATCH
}

make_network() {
  local host="$1" leg index=0
  ip netns add "mpl-$host"
  ip -n "mpl-$host" link set lo up
  for leg in ${LAB_LEGS[$host]}; do
    make_leg "mpl-$host" "p-$host-$index" "$index" "$leg"
    index=$((index + 1))
  done
  make_routes "$host"
}

make_routes() {
  local route
  for route in ${LAB_ROUTES[$1]:-}; do
    ip -n "mpl-$1" route add "${route%,*}" via "${route#*,}"
  done
}

# The two places that the scanner looks from: the management zone, and beyond the border.
make_vantages() {
  local name
  for name in scan:1.9 out:0.9; do
    ip netns add "mpl-${name%:*}"
    ip -n "mpl-${name%:*}" link set lo up
    make_leg "mpl-${name%:*}" "p-${name%:*}-0" 0 "${name#*:}"
    make_routes "${name%:*}"
  done
}

# ---- hosts ----------------------------------------------------------------

# The host's root: base + its packages + a fresh layer in memory.
make_root() {
  local host="$1" rootfs="$2" dir="$LAB_RUN/$1" role
  mkdir -p "$dir"/{upper,work,root}
  mount -t overlay "mpl-$host" \
    -o "lowerdir=$rootfs/$host:$rootfs/base,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
  printf '%s\n' "$host" >"$dir/root/etc/hostname"
  printf 'mpl-lab-%s' "$host" | md5sum | cut -c1-32 >"$dir/root/etc/machine-id"
  give_secrets "$host" "$dir/root"
  for role in ${LAB_ROLES[$host]}; do
    [ ! -d "$LAB_DIR/hosts/$role/files" ] ||
      cp -R --no-preserve=mode,ownership,timestamps "$LAB_DIR/hosts/$role/files/." "$dir/root/"
  done
  # All files before the first setup: accounts take their defaults from login.defs and such.
  for role in ${LAB_ROLES[$host]}; do
    [ -e "$LAB_DIR/hosts/$role/role.sh" ] || continue
    install -m 755 "$LAB_DIR/hosts/$role/role.sh" "$dir/root/run/role.sh"
    in_root "$host" /run/role.sh || die "$host: setup of $role failed"
  done
  rm -rf "$dir/root/run/lab-keys" "$dir/root/run/role.sh"
}

# Keys to log in with, host key and certificate; what a host needs no key for has none.
give_secrets() {
  local host="$1" root="$2"
  install -d -m 700 "$root/run/lab-keys"
  install -m 644 "$LAB_STATE"/keys/*.pub "$root/run/lab-keys/"
  [ "$host" != rogue ] || install -m 600 "$LAB_STATE/keys/rogue" "$root/run/lab-keys/"
  [ -e "$LAB_STATE/hostkeys/$host" ] || return 0
  install -m 600 "$LAB_STATE/hostkeys/$host" "$root/etc/ssh/ssh_host_ed25519_key"
  install -m 644 "$LAB_STATE/hostkeys/$host.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
  [ -e "$LAB_STATE/tls/$host.pem" ] || return 0
  install -d -m 755 "$root/etc/ssl/lab"
  install -m 644 "$LAB_STATE/tls/ca.pem" "$root/etc/ssl/lab/ca.pem"
  install -m 644 "$LAB_STATE/tls/$host.pem" "$root/etc/ssl/lab/host.pem"
  install -m 600 "$LAB_STATE/tls/$host.key" "$root/etc/ssl/lab/host.key"
}

in_root() {
  local root="$LAB_RUN/$1/root"
  shift
  chroot "$root" /usr/bin/env -i LC_ALL=C HOME=/root \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

boot() {
  local host="$1" cgroup
  cgroup="$(lab_cgroup_root)/mpl-$host"
  mkdir -p "$cgroup/launcher" "$cgroup/host"
  (
    exec 9>&- # the lock is this script's, not the host's
    echo "$BASHPID" >"$cgroup/launcher/cgroup.procs"
    echo "$BASHPID" >"$LAB_RUN/$host.pid"
    cd /
    exec setsid nsenter --net="/run/netns/mpl-$host" -- \
      unshare --mount --pid --uts --ipc --fork --kill-child -- \
      "$LAB_DIR/hostinit.sh" "$LAB_RUN/$host/root" "$host" "$cgroup/host"
  ) </dev/null >"$LAB_RUN/$host.console" 2>&1 &
  disown
}

make_host() {
  make_root "$1" "$2"
  make_network "$1"
  boot "$1"
}

install_sudoers() {
  local file="$1" host
  for host in "${LAB_HOSTS[@]}"; do
    # Root's view through the pid: works on a booted host and needs nothing inside.
    # shellcheck disable=SC2016
    lab_enter "$host" sh -c '
      umask 077
      cat >/run/mlps-posture.sudoers &&
        visudo -q -cf /run/mlps-posture.sudoers &&
        install -m 0440 /run/mlps-posture.sudoers /etc/sudoers.d/mlps-posture
      status=$?
      rm -f /run/mlps-posture.sudoers
      exit $status
    ' <"$file" || die "$host refuses the sudoers file $file"
  done
}

# ---- proofs ---------------------------------------------------------------

# retry SECONDS CMD...: until it succeeds.
retry() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

from_scanner() { ip netns exec "$LAB_SCAN" ssh -n -F "$LAB_STATE/ssh_config" "$@"; }

prove_booted() {
  local host="$1" state
  retry 20 lab_enter "$host" test -S /run/systemd/private || die "$host: systemd does not start"
  state="$(lab_enter "$host" timeout 40 systemctl is-system-running --wait 2>/dev/null || true)"
  [ "$state" = running ] || die "$host: systemd is ${state:-silent}: $(
    lab_enter "$host" systemctl --failed --no-legend --plain 2>&1 | cut -d' ' -f1 | tr '\n' ' ')"
}

# What somebody did by hand since the boot: done once, on the running host.
done_by_hand() {
  local host="$1" script="$LAB_DIR/hosts/$1/by-hand.sh"
  [ -e "$script" ] && [ ! -e "$LAB_RUN/$host.by-hand" ] || return 0
  lab_enter "$host" sh -eu <"$script" || die "$host: by-hand.sh failed"
  touch "$LAB_RUN/$host.by-hand"
}

prove_host() {
  local host="$1"
  prove_booted "$host"
  done_by_hand "$host"
  retry 20 from_scanner "auditor@$host" true || die "$host: no login as auditor"
  retry 10 from_scanner "scan@$host" true || die "$host: no login as scan"
}

# A message given to the host's own logger has to be in the collector's file.
prove_forwarding() {
  local host="$1" token
  token="lab-proof-$host-$RANDOM$RANDOM"
  lab_enter "$host" logger --tag mpl-lab "$token"
  retry 20 lab_enter log1 grep -q "$token" "/var/log/remote/$host.log" ||
    die "$host: its log does not arrive at log1"
}

prove_time() {
  lab_enter "$1" timeout 30 chronyc waitsync 30 0 0 0.5 >/dev/null ||
    die "$1: chrony does not synchronise"
}

prove_root_logins() {
  local host
  from_scanner root@web2 true || die "web2: root should be able to log in there"
  for host in bastion fw fw2 web1 web3 app1 vpn1 log1 db1; do
    ! from_scanner "root@$host" true 2>/dev/null || die "$host: root must not be able to log in"
  done
}

# listens HOST PATTERN...: each pattern is in the host's own list of sockets.
listens() {
  local host="$1" pattern
  shift
  for pattern in "$@"; do
    # shellcheck disable=SC2016
    retry 10 lab_enter "$host" sh -c 'ss -Hltun | grep -Eq -- "$1"' listens "$pattern" ||
      die "$host: nothing listens on $pattern"
  done
}

prove_services() {
  listens web2 ':23 ' ':21 '
  listens db1 '10\.60\.3\.31:5432 '
  listens db2 '0\.0\.0\.0:6379 ' '0\.0\.0\.0:3306 '
  listens legacy ':21 ' ':513 ' ':514 ' '^udp .*:161 '
  listens app1 ':8443 '
  listens plc1 ':502 '
  listens vault1 '^tcp .*:8200 ' '^udp .*:5514 '
  listens rogue ':1080 ' ':8888 ' '^tcp .*:1194 '
}

prove_tunnels() {
  local host
  for host in web2 rogue; do
    retry 10 lab_enter "$host" wg show wg0 || die "$host: the WireGuard tunnel is not up"
  done
  retry 10 lab_enter vpn1 ip link show tun0 || die "vpn1: the approved VPN is not up"
  retry 10 banner_of relay 8022 || die "rogue: its reverse tunnel does not come out at the relay"
}

# banner_of HOST PORT: something on the host's loopback says that it is an SSH server.
banner_of() {
  # shellcheck disable=SC2016
  lab_enter "$1" timeout 2 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; read -r line <&3; [[ $line = SSH-2.0-* ]]' \
    banner "$2"
}

# What is planted has to be there, on both its sides.
prove_contradictions() {
  lab_enter legacy sh -c 'grep -q "^#.*telnetd" /etc/inetd.conf && ! grep -q "^telnet" /etc/inetd.conf' ||
    die "legacy: telnet is not switched off in the file"
  listens legacy ':23 '
  lab_enter app1 sh -c 'grep -q "policy drop" /etc/nftables.conf && systemctl -q is-enabled nftables.service' ||
    die "app1: no filter is written"
  [ -z "$(lab_enter app1 nft list ruleset)" ] || die "app1: the filter is loaded"
  lab_enter web3 sh -c '! grep -rhE "^[^#]*ssl_protocols" /etc/nginx | grep -Eq "TLSv1( |;|\.1)"' ||
    die "web3: TLS 1.0 is not off in the file"
  retry 10 offers_tls1 || die "web3: TLS 1.0 is not offered"
}

offers_tls1() {
  ip netns exec "$LAB_OUT" timeout 5 openssl s_client -connect 10.60.2.13:443 -tls1 \
    -cipher DEFAULT:@SECLEVEL=0 </dev/null
}

prove_filters() {
  lab_enter bastion sh -c 'iptables-save | grep -q "^:FORWARD DROP" && ip6tables-save | grep -q "^:INPUT DROP"' ||
    die "bastion: the packet filter is not loaded"
  lab_enter fw2 sh -c 'iptables-save | grep -q "^:FORWARD DROP" && iptables-save -t nat | grep -q "^-A DOCKER .*DNAT"' ||
    die "fw2: the packet filter is not loaded"
  lab_enter fw nft list chain inet firewall forward >/dev/null || die "fw: the packet filter is not loaded"
  local host
  for host in web1 web3 vpn1 db1; do
    lab_enter "$host" nft list chain inet filter input >/dev/null || die "$host: the packet filter is not loaded"
  done
  lab_enter log1 nft list chain ip filter input >/dev/null || die "log1: the packet filter is not loaded"
}

# connects NAMESPACE ADDRESS PORT
connects() {
  # shellcheck disable=SC2016
  ip netns exec "$1" timeout 1 bash -c 'exec 3<>"/dev/tcp/$1/$2"' connects "$2" "$3" 2>/dev/null
}

# Between the zones only what fw lets through, and SSH to the inner hosts only from the bastion.
prove_zones() {
  local address
  retry 10 connects "$LAB_OUT" 10.60.2.11 443 || die "the shop cannot be reached from outside"
  retry 10 connects "$LAB_SCAN" 10.60.3.31 5432 || die "db1 cannot be reached by the assessor"
  retry 10 connects mpl-app1 10.60.5.10 8200 || die "app1 cannot reach the vault"
  retry 10 connects mpl-web3 10.60.3.40 8080 || die "what fw2 publishes cannot be reached from the dmz"
  retry 10 connects mpl-db1 10.60.3.40 8081 || die "what fw2 publishes cannot be reached from core"
  for address in mpl-web3,10.60.5.10,8200 "$LAB_SCAN,10.60.5.10,8200" "$LAB_SCAN,10.60.3.40,8081"; do
    # shellcheck disable=SC2086 # three words
    ! connects ${address//,/ } || die "${address//,/ }: the vault lets strangers in"
  done
  ! connects "$LAB_SCAN" 10.60.2.11 22 || die "web1 can be reached past the bastion"
  for address in 10.60.1.2 10.60.1.1 10.60.2.14 10.60.3.32; do
    ! connects "$LAB_OUT" "$address" 22 || die "$address can be reached from outside"
  done
}

# in_parallel FUNCTION HOST...: fails if one of them does.
in_parallel() {
  local function="$1" host pid pids=() failed=0
  shift
  for host in "$@"; do
    "$function" "$host" &
    pids+=("$!")
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  [ "$failed" = 0 ] || exit 1
}

prove() {
  in_parallel prove_host "${LAB_HOSTS[@]}"
  in_parallel prove_forwarding bastion fw fw2 web1 web3 app1 vpn1 db1
  in_parallel prove_all prove_filters prove_zones prove_services prove_tunnels prove_contradictions \
    prove_root_logins
  in_parallel prove_time bastion fw fw2 web1 web3 app1 vpn1 db1
}

prove_all() { "$1"; }

# ---- the whole ------------------------------------------------------------

all_up() {
  local host
  ip netns pids "$LAB_SCAN" >/dev/null 2>&1 && ip netns pids "$LAB_OUT" >/dev/null 2>&1 || return 1
  [ "$(cat "$LAB_RUN/recipe" 2>/dev/null)" = "$(lab_recipe)" ] || return 1
  for host in "${LAB_HOSTS[@]}" "${LAB_SIMPLE[@]}"; do
    lab_init_pid "$host" >/dev/null || return 1
  done
}

raise() {
  local rootfs="$1"
  mkdir -p "$LAB_RUN"
  mountpoint -q "$LAB_RUN" || mount -t tmpfs -o mode=700,size=4g mpl-lab "$LAB_RUN"
  make_switch
  make_vantages
  raise_host() { make_host "$1" "$rootfs"; }
  in_parallel raise_host "${LAB_HOSTS[@]}" "${LAB_SIMPLE[@]}"
  lab_recipe >"$LAB_RUN/recipe"
}

check_machine() {
  lab_need_root
  lab_need_tools ip:iproute2 unshare:util-linux nsenter:util-linux flock:util-linux \
    ssh:openssh-client ssh-keygen:openssh-client openssl:openssl pgrep:procps
  unshare --net --mount --pid --uts --ipc --cgroup --fork true 2>/dev/null ||
    die "this machine lets nobody make namespaces"
  lab_cgroup_root >/dev/null || die "no cgroup version 2 is mounted on this machine"
  [ -c /dev/net/tun ] || die "no /dev/net/tun on this machine"
}

unusable() { say "the lab is not usable; $LAB_DIR/down.sh clears it, consoles lie in $LAB_RUN/"; }

main() {
  local sudoers="$LAB_STATE/sudoers" rootfs started=$SECONDS
  while [ $# -gt 0 ]; do
    case "$1" in
      --sudoers) sudoers="${2:?--sudoers needs a file}"; shift 2
        [ -r "$sudoers" ] || die "cannot read $sudoers" ;;
      -h | --help) usage; return ;;
      *) usage >&2; exit 2 ;;
    esac
  done
  check_machine
  rootfs="$("$LAB_DIR/rootfs.sh")"
  lab_lock
  started=$SECONDS
  state_init
  if all_up; then
    say "is up already; checking it"
  else
    "$LAB_DIR/down.sh" --locked # whatever a broken run left
    trap unusable EXIT
    raise "$rootfs"
  fi
  trap unusable EXIT
  prove
  trap - EXIT
  [ ! -e "$sudoers" ] || install_sudoers "$sudoers"
  say "ready in $((SECONDS - started)) s: ip netns exec $LAB_SCAN ssh -F $LAB_STATE/ssh_config HOST"
}

main "$@"

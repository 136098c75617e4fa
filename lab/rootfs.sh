#!/usr/bin/env bash
# Builds the lab's root file systems: one Debian base and, over it, one overlay
# layer a host with that host's own packages (so a host without auditd really
# has none, in dpkg's view too). Cached; prints the path.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { printf 'usage: %s [--path]\n  --path  only print where it is or would be\n' "$0"; }

# in_root ROOT: runs the script on stdin in ROOT, in namespaces of its own, so that
# nothing stays mounted or running whatever happens. Downloads and package lists
# are shared by all layers and kept out of them.
# shellcheck disable=SC2016 # expanded by the inner shell
in_root() {
  local root="$1" script="$work/run.sh"
  cat >"$script"
  unshare --mount --pid --ipc --uts --fork --kill-child bash -c '
    set -eu
    mount --make-rprivate /
    mount -t proc proc "$1/proc"
    mount --bind "$2/archives" "$1/var/cache/apt/archives"
    mount --bind "$2/lists" "$1/var/lib/apt/lists"
    mount -t tmpfs tmpfs "$1/run"
    mount -t tmpfs tmpfs "$1/tmp"
    cp "$3" "$1/tmp/run.sh"
    exec chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
      LC_ALL=C DEBIAN_FRONTEND=noninteractive sh -eu /tmp/run.sh
  ' in_root "$root" "$work" "$script" >>"$log" 2>&1
}

# The mirror this machine itself uses for Debian, else debootstrap's default.
# shellcheck disable=SC2016 # a format of apt's
mirror() {
  apt-get indextargets --format '$(REPO_URI)' \
    "Codename: $LAB_SUITE" 'Created-By: Packages' 2>/dev/null | head -n 1
}

base() {
  local root="$1" fast=()
  command -v eatmydata >/dev/null && fast=(eatmydata)
  "${fast[@]}" debootstrap --variant=minbase "$LAB_SUITE" "$root" "$(mirror)" >>"$log" 2>&1
  cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
  if [ -r /etc/apt/sources.list.d/debian.sources ]; then
    cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/"
    : >"$root/etc/apt/sources.list"
  fi
  apt-config dump Acquire::http Acquire::https 2>/dev/null |
    grep -i proxy >"$root/etc/apt/apt.conf.d/01lab-proxy" || true
  cat >"$root/etc/apt/apt.conf.d/02lab" <<'CONF'
APT::Install-Recommends "false";
Dpkg::Use-Pty "false";
CONF
  cat >"$root/etc/dpkg/dpkg.cfg.d/lab" <<'CONF'
force-unsafe-io
force-confold
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
CONF
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  in_root "$root" <<SCRIPT
apt-get update
apt-get install -y $(lab_packages base | tr '\n' ' ')
SCRIPT
  tidy_base "$root"
}

# What no host of the lab needs, and what would differ from build to build.
tidy_base() {
  in_root "$1" <<'SCRIPT'
for unit in console-getty.service getty-static.service systemd-udevd.service \
  systemd-modules-load.service systemd-remount-fs.service e2scrub_all.timer \
  e2scrub_reap.service sys-kernel-debug.mount sys-kernel-tracing.mount \
  sys-kernel-config.mount sys-fs-fuse-connections.mount dev-hugepages.mount \
  apt-daily.timer apt-daily-upgrade.timer fstrim.timer; do
  ln -sf /dev/null "/etc/systemd/system/$unit"
done
# The kernel's log belongs to the machine and is shared by all: no host may read it away.
sed -i 's/^module(load="imklog".*/# &  # (no kernel log of its own)/' /etc/rsyslog.conf
rm -f /etc/ssh/ssh_host_*_key*
SCRIPT
}

tidy() {
  in_root "$1" <<'SCRIPT'
rm -f /usr/sbin/policy-rc.d /etc/apt/apt.conf.d/01lab-proxy /var/cache/apt/*.bin
rm -rf /var/log/journal
: >/etc/machine-id
: >/etc/resolv.conf
SCRIPT
}

# layer HOST BASE DIR: installs the host's packages over the base; DIR keeps the difference.
layer() {
  local host="$1" base="$2" dir="$3" merged="$work/merged.$1"
  mkdir -p "$dir" "$work/ovl.$host" "$merged"
  mount -t overlay mpl-build -o "lowerdir=$base,upperdir=$dir,workdir=$work/ovl.$host" "$merged"
  in_root "$merged" <<SCRIPT
apt-get install -y $(lab_packages "$host" | tr '\n' ' ')
SCRIPT
  tidy "$merged"
  umount "$merged"
}

build() {
  local target="$1" host
  # The lock is held, so these are of builds that were killed.
  rm -rf --one-file-system "$LAB_CACHE"/build.??????
  work="$(mktemp -d "$LAB_CACHE/build.XXXXXX")"
  log="$work/build.log"
  trap 'rm -rf --one-file-system "$work"' EXIT
  # Overlays are mounted in this process's own mount namespace: see main.
  mkdir -p "$work/archives/partial" "$work/lists/partial" "$work/out"
  say "building the base system ($LAB_SUITE; about half a minute)"
  base "$work/out/base" || fail
  for host in "${LAB_HOSTS[@]}" "${LAB_SIMPLE[@]}"; do
    say "adding the packages of $host"
    layer "$host" "$work/out/base" "$work/out/$host" || fail
  done
  tidy "$work/out/base"
  rm -rf "$target"
  mv "$work/out" "$target"
  touch "$target"
  prune
}

# The three newest stay (other checkouts have other recipes), and any that is in use.
prune() {
  local old
  find "$LAB_CACHE" -mindepth 1 -maxdepth 1 -type d -name 'rootfs-*' -printf '%T@ %p\n' |
    sort -rn | tail -n +4 | cut -d' ' -f2- |
    while read -r old; do
      grep -qF "$old/" /proc/mounts || rm -rf --one-file-system "$old"
    done
}

fail() {
  cp "$log" "$LAB_CACHE/build-failed.log"
  tail -n 5 "$log" >&2
  die "the build failed; whole log: $LAB_CACHE/build-failed.log"
}

main() {
  local target started
  target="$(lab_rootfs_path)"
  case "${1:-}" in
    --path) printf '%s\n' "$target"; return ;;
    '' | --inner) ;;
    *) usage >&2; exit 2 ;;
  esac
  lab_need_root
  if [ ! -d "$target" ] && [ "${1:-}" != --inner ]; then
    lab_need_tools debootstrap:debootstrap eatmydata:eatmydata unshare:util-linux
    mkdir -p "$LAB_CACHE"
    exec 8>"$LAB_CACHE/.lock"
    flock 8
    # Its own mount namespace: an interrupted build leaves no mount behind.
    [ -d "$target" ] || unshare --mount --propagation private "$0" --inner
  elif [ ! -d "$target" ]; then
    started=$SECONDS
    build "$target"
    say "root file systems built in $((SECONDS - started)) s: $target"
  fi
  [ "${1:-}" = --inner ] || printf '%s\n' "$target"
}

main "$@"

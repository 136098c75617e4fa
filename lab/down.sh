#!/usr/bin/env bash
# Takes the lab down, or what there is of it. Keys and built root file systems stay.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Kills all processes of a host: they are in its cgroup, whatever their namespace.
kill_host() {
  local cgroup="$1" procs
  if [ -e "$cgroup/cgroup.kill" ]; then
    echo 1 >"$cgroup/cgroup.kill"
    return
  fi
  procs="$(find "$cgroup" -name cgroup.procs -exec cat {} +)"
  # shellcheck disable=SC2086 # a list of pids
  [ -z "$procs" ] || kill -KILL $procs 2>/dev/null || true
}

remove_cgroup() {
  local cgroup="$1" end=$((SECONDS + 10))
  until ! grep -q 'populated 1' "$cgroup/cgroup.events" 2>/dev/null; do
    [ "$SECONDS" -lt "$end" ] || die "processes do not end: $cgroup"
    sleep 0.05
  done
  find "$cgroup" -depth -type d -exec rmdir {} +
}

# Innermost first; the tmpfs with all upper layers last.
unmount_all() {
  local target
  awk -v run="$LAB_RUN" '$2 == run || index($2, run "/") == 1 {print $2}' /proc/mounts | sort -r |
    while read -r target; do umount -l "$target"; done
}

main() {
  local root cgroup ns
  lab_need_root
  [ "${1:-}" = --locked ] || lab_lock
  if root="$(lab_cgroup_root)"; then
    for cgroup in "$root"/mpl-*; do [ ! -d "$cgroup" ] || kill_host "$cgroup"; done
    for cgroup in "$root"/mpl-*; do [ ! -d "$cgroup" ] || remove_cgroup "$cgroup"; done
  fi
  unmount_all
  for ns in /run/netns/mpl-*; do
    [ -e "$ns" ] || continue
    ns="${ns##*/}"
    [ -z "$(ip netns pids "$ns" 2>/dev/null)" ] ||
      say "warning: a process still runs in $ns (not the lab's own; it keeps its network until it ends)"
    ip netns del "$ns"
  done
  [ ! -d "$LAB_RUN" ] || rm -rf --one-file-system "$LAB_RUN"
  [ "${1:-}" = --locked ] || say "is down"
}

main "$@"

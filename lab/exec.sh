#!/usr/bin/env bash
# Runs a command inside a host: exec.sh [-u USER] HOST [CMD...]; root's shell without CMD.
# "scan" is the scanner's namespace with this machine's own files, "out" the one beyond the border.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main() {
  local user='' host
  if [ "${1:-}" = -u ]; then
    user="${2:?-u needs a user}"
    shift 2
  fi
  [ $# -gt 0 ] || { printf 'usage: %s [-u USER] HOST [CMD...]\n' "$0" >&2; exit 2; }
  lab_need_root
  host="$1"
  shift
  [ $# -gt 0 ] || set -- bash
  case "$host" in
    scan) exec ip netns exec "$LAB_SCAN" "$@" ;;
    out) exec ip netns exec "$LAB_OUT" "$@" ;;
  esac
  lab_is_host "$host" || die "no such host: $host (there are: ${LAB_HOSTS[*]} ${LAB_SIMPLE[*]} scan out)"
  lab_init_pid "$host" >/dev/null || die "$host is not up"
  [ -z "$user" ] || set -- runuser -u "$user" -- env "HOME=/home/$user" "USER=$user" "LOGNAME=$user" "$@"
  lab_enter "$host" "$@"
}

main "$@"

#!/usr/bin/env bash
# One line a host. Exit 0: all up; 1: some; 3: none.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main() {
  local host state legs leg up=0
  lab_need_root
  for host in "${LAB_HOSTS[@]}"; do
    state=down
    if lab_init_pid "$host" >/dev/null; then
      up=$((up + 1))
      state="$(lab_enter "$host" systemctl is-system-running 2>/dev/null || true)"
    fi
    legs=''
    for leg in ${LAB_LEGS[$host]}; do legs+=" $(lab_address "$leg")"; done
    printf '%-8s %-10s%s\n' "$host" "${state:-unknown}" "$legs"
  done
  for host in "${LAB_SIMPLE[@]}"; do
    state=down
    ! lab_init_pid "$host" >/dev/null || state=up
    printf '%-8s %-10s %s\n' "$host" "$state" "$(lab_address "${LAB_LEGS[$host]}")"
  done
  [ "$up" -gt 0 ] || return 3
  [ "$up" = "${#LAB_HOSTS[@]}" ]
}

main "$@"

#!/usr/bin/env bash
# The main job, start to end: raise real hosts, scan them over SSH as an unprivileged account with the
# generated sudoers, compare with what their configuration deserves, take everything down again.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

TOP=$(cd "$LAB_DIR/.." && pwd)
SCANNER=$TOP/.venv/bin/mlps-posture
INVENTORY=$LAB_DIR/inventory.yaml
OUT=$(mktemp -d)

cleanup() {
  local status=$?
  "$LAB_DIR/down.sh" >&2 || true
  rm -rf "$OUT"
  exit "$status"
}
trap cleanup EXIT

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
in_scan() { ip netns exec "$LAB_SCAN" "$@"; }

say "The least rights that the scan account needs (mlps-posture sudoers)"
"$SCANNER" sudoers --user auditor >"$OUT/sudoers"
grep -c NOPASSWD "$OUT/sudoers" | sed 's/$/ commands, each read-only/'

say "Raise the lab: bastion, hardened web, weak web, log collector"
"$LAB_DIR/up.sh" --sudoers "$OUT/sudoers"

say "What would be done (scan --plan sends no packet)"
in_scan "$SCANNER" scan "$INVENTORY" --plan | sed -n '1,12p'

say "Scan over SSH"
status=0
in_scan "$SCANNER" scan "$INVENTORY" -o "$OUT/lab.run" --fail-on high || status=$?
echo "exit code $status (1 = a high risk was found, as it must be: web2 is weak on purpose)"
[ "$status" = 1 ]

say "Prove the evidence whole (verify)"
"$SCANNER" verify "$OUT/lab.run"

say "The same evidence at level 2 (assess, no host is touched)"
"$SCANNER" assess "$OUT/lab.run" --level 2 | sed -n '1,10p' || true

say "Compare with what each host's configuration deserves (lab/expected.yaml)"
"$SCANNER" report "$OUT/lab.run" -f json -o "$OUT/lab.json"
"$TOP/.venv/bin/python" "$LAB_DIR/compare.py" "$OUT/lab.json" "$LAB_DIR/expected.yaml"

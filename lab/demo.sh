#!/usr/bin/env bash
# The main job, start to end: raise a small data centre, log in to its hosts as an unprivileged account with
# the generated sudoers, look at them over the network from inside and from beyond the border, compare with
# what their configuration deserves, take everything down again.
#   MLPS_DEMO_KEEP=FOLDER  keep the run file and its reports there
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
  if [ -n "${MLPS_DEMO_KEEP:-}" ]; then
    mkdir -p "$MLPS_DEMO_KEEP"
    cp "$OUT"/lab.* "$MLPS_DEMO_KEEP"/ || true
  fi
  rm -rf "$OUT"
  exit "$status"
}
trap cleanup EXIT

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
in_scan() { ip netns exec "$LAB_SCAN" "$@"; }

say "The least rights that the scan account needs (mlps-posture sudoers)"
"$SCANNER" sudoers --user auditor >"$OUT/sudoers"
grep -c NOPASSWD "$OUT/sudoers" | sed 's/$/ commands, each read-only/'

say "Raise the lab: two firewalls in a row and six zones, good and bad servers, a controller nobody may touch"
"$LAB_DIR/up.sh" --sudoers "$OUT/sudoers"

say "What would be done (scan --plan sends no packet)"
in_scan "$SCANNER" scan "$INVENTORY" --plan | sed -n '1,12p'

say "Scan: over SSH, and over the network from two vantages"
status=0
in_scan "$SCANNER" scan "$INVENTORY" --workers 40 -o "$OUT/lab.run" --fail-on high || status=$?
echo "exit code $status (1 = a high risk was found, as it must be: some hosts are weak on purpose)"
[ "$status" = 1 ]

say "Prove the evidence whole (verify)"
"$SCANNER" verify "$OUT/lab.run"

say "The same evidence at level 2 (assess, no host is touched)"
"$SCANNER" assess "$OUT/lab.run" --level 2 | sed -n '1,10p' || true

say "What hosts say of themselves and what the network shows (three of them are made to lie)"
"$SCANNER" report "$OUT/lab.run" -f json -o "$OUT/lab.json"
"$TOP/.venv/bin/python" "$LAB_DIR/contradictions.py" "$OUT/lab.json"

say "The picture: one HTML file, opens without a network"
"$SCANNER" report "$OUT/lab.run" -f html -o "$OUT/lab.html"
du -h "$OUT/lab.html" | cut -f1

say "Compare with what each host's configuration deserves (lab/expected.yaml)"
"$TOP/.venv/bin/python" "$LAB_DIR/compare.py" "$OUT/lab.json" "$LAB_DIR/expected.yaml"

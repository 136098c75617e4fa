"""Print where hosts and the network disagree, with both sides: ``contradictions.py REPORT.json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

CHECK = "wire.agrees-with-host"


def main(report: str) -> int:
    """Print every contradiction of a JSON report; exit code 1 if there is none."""
    findings = json.loads(Path(report).read_text(encoding="utf-8"))["findings"]
    found = [f for f in findings if f["check"] == CHECK and f["answer"] == "no"]
    for finding in found:
        print(f"{finding['object']}: {finding['message']['en']}")  # noqa: T201 - this is its purpose
        for citation in finding["citations"]:
            print(f"    {citation['capture']}:{citation['line']}  {citation['excerpt']}")  # noqa: T201
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Compare a JSON report of the lab with what its hosts deserve: ``compare.py REPORT.json EXPECTED.yaml``.

Exit code 0 only if every stated answer was given, none was given that is not stated, and at least ten
checks show both a yes and a no.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml

BOTH_SIDES = 10
"""Checks that must show a yes and a no host: one that always says the same proves nothing."""

Answers = dict[tuple[str, str], str]
"""Answer by object and check."""


def stated(path: Path) -> Answers:
    """What the hosts deserve, as written by hand."""
    answers = yaml.safe_load(path.read_text(encoding="utf-8"))["answers"]
    return {(name, check): str(answer) for name, own in answers.items() for check, answer in own.items()}


def given(path: Path) -> Answers:
    """What the report says."""
    report = json.loads(path.read_text(encoding="utf-8"))
    return {(f["object"], f["check"]): f["answer"] for f in report["findings"]}


def differences(expected: Answers, found: Answers) -> list[str]:
    """One line a difference, false conform first."""
    lines = []
    for key in sorted(expected.keys() | found.keys()):
        want, got = expected.get(key, "not stated"), found.get(key, "not asked")
        if want != got:
            mark = "FALSE CONFORM" if got == "yes" else "difference"
            lines.append(f"{mark}: {key[0]} {key[1]}: deserves {want}, got {got}")
    return sorted(lines, key=lambda line: not line.startswith("FALSE"))


def both_sides(found: Answers) -> list[str]:
    """Checks with at least one yes and one no."""
    yes = {check for (_, check), answer in found.items() if answer == "yes"}
    no = {check for (_, check), answer in found.items() if answer == "no"}
    return sorted(yes & no)


def main(report: str, expected: str) -> int:
    """Print the comparison and return the exit code."""
    want, got = stated(Path(expected)), given(Path(report))
    lines = differences(want, got)
    both = both_sides(got)
    false_conform = sum(line.startswith("FALSE") for line in lines)
    for line in lines:
        print(line)  # noqa: T201 - this is its purpose
    print(  # noqa: T201
        f"{len(want)} answers stated, {len(lines)} differences, {false_conform} false conform, "
        f"{len(both)} checks with both a yes and a no"
    )
    return 0 if not lines and len(both) >= BOTH_SIDES else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

"""The catalogue: how long ``mlps-posture items`` takes, start included (goal: under 0.5 s).

Beside a bare interpreter, and PyYAML's C loader that parses the same files and does nothing with them. The
programs take turns, and the best round of each counts: others who use the machine only ever add time. The
processor's time stands beside the wall's, to tell how busy it was.

Run by hand: ``.venv/bin/python benchmarks/items.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TOP = Path(__file__).parent.parent
ROUNDS = 9

OURS = "import sys; from scanner.cli import main; main(sys.argv[1:])"
PLAIN_YAML = """
import pathlib, yaml
for path in sorted(pathlib.Path("control_profiles/items").rglob("*.yaml")):
    yaml.load(path.read_bytes(), yaml.CSafeLoader)
"""
BARE, PLAIN = "a bare interpreter", "PyYAML, the same files"
PROGRAMS: Mapping[str, Sequence[str]] = {BARE: ("pass",), PLAIN: (PLAIN_YAML,)} | {
    f"items {arguments}".rstrip(): (OURS, "items", *arguments.split())
    for arguments in (
        "--level 3",
        "--scope all",
        "--scope all -f json",
        "--scope all -f csv",
        "--scope all password",
        "--scope all --grade S3A2",
    )
}


def one_round(program: Sequence[str]) -> tuple[float, float]:
    """Wall time and processor time of a Python program in seconds."""
    before, begun = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", *program], capture_output=True, check=True, cwd=TOP)
    wall, after = time.perf_counter() - begun, os.times()
    used = after.children_user + after.children_system
    return wall, used - before.children_user - before.children_system


def main() -> None:
    rounds = [{name: one_round(program) for name, program in PROGRAMS.items()} for _ in range(ROUNDS)]
    wall = {name: min(times[name][0] for times in rounds) for name in PROGRAMS}
    for name in PROGRAMS:
        used = min(times[name][1] for times in rounds)
        print(
            f"{name:30} {wall[name] * 1000:5.0f} ms (processor {used * 1000:4.0f} ms)"
            f"  {wall[name] / wall[BARE]:5.1f} x bare  {wall[name] / wall[PLAIN]:5.2f} x PyYAML"
        )


if __name__ == "__main__":
    main()

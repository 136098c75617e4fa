"""Start-up: wall time of ``mlps-posture --help`` against a bare interpreter (goal: under 0.3 s).

Run by hand: ``.venv/bin/python benchmarks/startup.py``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

TOP = Path(__file__).parent.parent
ROUNDS = 15


def median_seconds(argv: Sequence[str]) -> float:
    """Median wall time of a command over ``ROUNDS`` runs, after one to warm the caches."""
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        subprocess.run(argv, capture_output=True, check=True, cwd=TOP)
        times.append(time.perf_counter() - begun)
    return statistics.median(times[1:])


def main() -> None:
    bare = median_seconds([sys.executable, "-c", "pass"])
    for arguments in (["--help"], ["--lang", "zh", "--help"], ["scan", "--help"]):
        ours = median_seconds([sys.executable, "-c", f"from scanner.cli import main; main({arguments!r})"])
        ratio = f"{ours / bare:4.1f} x a bare interpreter ({bare * 1000:.0f} ms)"
        print(f"{' '.join(arguments):20} {ours * 1000:6.0f} ms   {ratio}")


if __name__ == "__main__":
    main()

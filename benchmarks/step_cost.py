"""Typical cost of each step on this host, as ``scan --plan`` tells it beside the bound.

Each step is asked alone, by the program that SSH feeds, and what the empty program takes is subtracted.
Printed is the table of ``collectors/platforms/linux/costs.py``: milliseconds, the median of several rounds.

Run as root on a Debian host: ``.venv/bin/python benchmarks/step_cost.py``.
"""

from __future__ import annotations

import secrets
import statistics
import subprocess
import time
from collections.abc import Sequence

from collectors.base import Step
from collectors.platforms import PLATFORMS
from collectors.program import LAUNCH_ARGV, render

ROUNDS = 5
LINUX = next(p for p in PLATFORMS if p.name == "linux")


def milliseconds(steps: Sequence[Step]) -> float:
    """Median of several looks that ask just these steps."""
    times = []
    for _ in range(ROUNDS):
        program = render(steps, secrets.token_hex(16))
        start = time.perf_counter()
        subprocess.run(LAUNCH_ARGV, input=program, capture_output=True, check=True)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> None:
    empty = milliseconds(())
    total = 0
    for step in LINUX.steps:
        cost = max(1, round(milliseconds((step,)) - empty))
        total += cost
        print(f'    "{step.id}": {cost},')
    print(f"# {total} ms together, beside {empty:.0f} ms of the program itself")


if __name__ == "__main__":
    main()

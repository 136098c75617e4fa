"""Scoring a file of 100,000 rows: wall time and memory of the whole command (goals: 2 s, 300 MB).

Beside it the floor: a bare interpreter that only takes the file apart, with ``csv.reader`` or ``json.loads``.

Run by hand: ``.venv/bin/python benchmarks/score.py``.
"""

from __future__ import annotations

import csv
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.profile import load_items

TOP = Path(__file__).parent.parent
ROWS = 100_000
ROUNDS = 5
VERDICTS = ("conform", "partial", "nonconform", "undetermined", "partial|nonconform")
HEADER = ("item", "object", "verdict")

CSV_FLOOR = "import csv, sys; sum(1 for _ in csv.reader(open(sys.argv[1], encoding='utf-8', newline='')))"
JSON_FLOOR = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"


TELL = (
    "import atexit, sys; status = '/proc/self/status'; "
    "atexit.register(lambda: print(open(status).read().split('VmHWM:')[1].split()[0], file=sys.stderr)); "
)
"""A process says at its end how large it was at most, in KB."""


@dataclass(frozen=True)
class Cost:
    """Wall time and processor time in seconds, largest size in MB."""

    wall: float
    cpu: float
    megabytes: float


def cost(code: str, *arguments: str) -> Cost:
    """Median times of Python code over ``ROUNDS`` runs, and its largest size, after one run to warm up."""
    found = [_once([sys.executable, "-c", TELL + code, *arguments]) for _ in range(ROUNDS + 1)][1:]
    walls, cpus = [c.wall for c in found], [c.cpu for c in found]
    return Cost(statistics.median(walls), statistics.median(cpus), max(c.megabytes for c in found))


def _once(argv: Sequence[str]) -> Cost:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(argv, capture_output=True, check=True, cwd=TOP)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, int(done.stderr) / 1024)


def rows(levels: Sequence[int]) -> list[tuple[str, str, str]]:
    """As many objects on all items of the levels as make ``ROWS`` rows."""
    names = [item.id for level in levels for item in load_items(level)]
    places = ((name, f"host{n}") for n in range(ROWS // len(names) + 1) for name in names)
    return [(*place, VERDICTS[n * 7 % len(VERDICTS)]) for n, place in zip(range(ROWS), places, strict=False)]


def main() -> None:
    ours_of = "from scanner.cli import main; main()"
    for levels in ([3], [1, 2, 3, 4]):
        made = rows(levels)
        with tempfile.TemporaryDirectory() as folder:
            table, document = Path(folder) / "rows.csv", Path(folder) / "rows.json"
            with table.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows([HEADER, *made])
            document.write_text(json.dumps([dict(zip(HEADER, row, strict=True)) for row in made]))
            for path, floor_of in ((table, CSV_FLOOR), (document, JSON_FLOOR)):
                ours, floor = cost(ours_of, "score", str(path)), cost(floor_of, str(path))
                print(
                    f"{ROWS} rows of {path.suffix[1:]:4} over {len(levels)} level(s): "
                    f"{ours.wall:5.2f} s ({ours.cpu:5.2f} s of a core) {ours.megabytes:4.0f} MB   "
                    f"{ours.cpu / floor.cpu:4.1f} x the floor ({floor.cpu:4.2f} s, {floor.megabytes:3.0f} MB)"
                )


if __name__ == "__main__":
    main()

"""Wall time of the whole program on this host, as it is and with 50,000 more files in /etc and /home.

The program is the one that SSH feeds and the collector's script holds; it runs here as root, its output is
read and thrown away. The files stand in a layer over /etc and /home that only this benchmark sees.

Goals on a Debian host: 1.5 s, and 3 s with the files. Needs root and overlayfs.
Run by hand: ``.venv/bin/python benchmarks/program_cost.py``.
"""

from __future__ import annotations

import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from collectors.frames import Frames, Origin
from collectors.platforms import PLATFORMS
from collectors.program import LAUNCH_ARGV, render
from scanner.model import Capture

ROUNDS = 5
GOALS = {"as it is": 1.5, "crowded": 3.0}
LINUX = next(p for p in PLATFORMS if p.name == "linux")
HOMES, IN_A_HOME, FOLDERS, IN_A_FOLDER = 250, 100, 250, 100
LAYERED = """
mount --make-rprivate / || exit 9
for top in etc home; do
  mount -t overlay overlay -o "lowerdir=/$top,upperdir=$1/$top,workdir=$1/work-$top" "/$top" || exit 9
done
shift; exec "$@"
"""


def crowd(folder: Path) -> int:
    """Make the files: homes full of them, and folders in /etc, some of them where the program looks."""
    made = 0
    for number in range(HOMES):
        home = folder / "home" / f"user{number:03}"
        (home / ".ssh").mkdir(parents=True)
        for i in range(IN_A_HOME):
            (home / (".ssh" if i % 10 == 0 else "") / f"file{i}").write_text("text\n")
            made += 1
    looked_at = ("ssh/sshd_config.d", "logrotate.d", "profile.d", "cron.d", "sudoers.d")
    for number in range(FOLDERS):
        name = looked_at[number] if number < len(looked_at) else f"site/{number:03}"
        (folder / "etc" / name).mkdir(parents=True, exist_ok=True)
        for i in range(IN_A_FOLDER):
            (folder / "etc" / name / f"part{i}.txt").write_text("# text\n")
            made += 1
    for top in ("etc", "home"):
        (folder / f"work-{top}").mkdir()
    return made


def wall(prefix: list[str]) -> float:
    """Seconds of one run; it must have answered."""
    marker = secrets.token_hex(16)
    program = render(LINUX.steps, marker)
    start = time.perf_counter()
    done = subprocess.run([*prefix, *LAUNCH_ARGV], input=program, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode == 9:
        sys.exit(f"no overlay here: {done.stderr.decode()}")
    frames = Frames(marker, LINUX.steps, Origin("host", "linux", "local"), lambda: datetime.now(UTC))
    records = [*frames.feed(done.stdout), *frames.feed_errors(done.stderr), *frames.close()]
    seen = {r.step for r in records if isinstance(r, Capture)}
    assert len(seen) > len(LINUX.steps) // 2, "the host hardly answered: nothing to measure"
    return seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = crowd(Path(folder))
        layered = ["unshare", "-m", "sh", "-c", LAYERED, "layered", folder]
        for name, prefix in {"as it is": [], "crowded": layered}.items():
            times = [wall(prefix) for _ in range(ROUNDS + 1)][1:]
            median, goal = statistics.median(times), GOALS[name]
            print(
                f"{name:9} {median:6.2f} s  (goal {goal} s, {median / goal:.2f} of it; "
                f"{min(times):.2f} to {max(times):.2f}; {len(LINUX.steps)} steps"
                f"{f', {made} more files' if prefix else ''})"
            )


if __name__ == "__main__":
    main()

"""A scan that is killed, broken off or terminated at any moment goes on and ends as if nothing had been."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from scanner.cli import EXIT_INTERRUPTED
from scanner.locker import Locker
from tests.cli.conftest import HOSTS, Recorded
from tests.cli.recorded import PROGRAM, call

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20260301
MOMENTS = tuple(range(10))
TIMES_AND_IDS = ("id", "started", "finished", "judged_at")


def compared(text: str) -> dict[str, Any]:
    """A report without what differs from run to run."""
    report: dict[str, Any] = json.loads(text)
    for key in TIMES_AND_IDS:
        assert report["run"].pop(key) is not None, key
    return report


@pytest.fixture(scope="session")
def undisturbed(recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    done = call("-q", "scan", recorded.inventory, "-o", path, "-f", "json")
    report = compared(done.out)
    decided = {f["object"] for f in report["findings"] if f["answer"] in {"yes", "no"}}
    assert decided >= set(HOSTS), "every host has something to lose"
    return report


def begun(recorded: Recorded, path: Path) -> subprocess.Popen[str]:
    """A scan of its own process, two hosts at a time, that tells its progress."""
    command = [
        *PROGRAM,
        "--lang",
        "en",
        "scan",
        recorded.inventory,
        "-o",
        path,
        "--workers",
        "2",
        "-f",
        "json",
    ]
    return subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def signalled(scan: subprocess.Popen[str], number: int, hosts: int, seconds: float) -> str:
    """Signal the scan ``seconds`` after it has told of ``hosts`` looks; return what it said from then on."""
    assert scan.stderr is not None
    seen = 0
    for line in scan.stderr:
        seen += "captures" in line and "gaps" in line
        if seen >= hosts and ("login log" in line or seen):
            break
    time.sleep(seconds)
    scan.send_signal(number)
    _, said = scan.communicate(timeout=60)
    return said


def finished_hosts(path: Path) -> int | None:
    """Hosts whose look had ended; None: the run has."""
    with Locker.open(path, "read") as locker:
        assert locker.verify() == []
        return None if locker.finished else len(locker.objects_finished())


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_random_moment(
    recorded: Recorded, undisturbed: dict[str, Any], tmp_path: Path, moment: int
) -> None:
    chance = random.Random(SEED + moment)  # noqa: S311 - reproducible, not secret
    hosts, seconds = chance.randrange(len(HOSTS) - 1), chance.uniform(0, 0.15)
    path = tmp_path / "run"
    with begun(recorded, path) as scan:
        signalled(scan, signal.SIGKILL, hosts, seconds)
    left = finished_hosts(path)
    print(f"seed {SEED + moment}: killed {seconds:.3f} s after {hosts} hosts; {left} were finished")  # noqa: T201
    assert left is None or left >= hosts, "what was told as done is in the file"
    again = call("-q", "scan", recorded.inventory, "-o", path, "-f", "json", "--resume")
    assert compared(again.out) == undisturbed
    assert call("verify", path).code == 0
    assert [file.name for file in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_broken_off_it_says_how_to_go_on(
    recorded: Recorded, undisturbed: dict[str, Any], tmp_path: Path, number: int
) -> None:
    path = tmp_path / "a run"
    with begun(recorded, path) as scan:
        said = signalled(scan, number, 2, 0)
    assert scan.returncode == EXIT_INTERRUPTED
    assert "Traceback" not in said
    assert f"mlps-posture scan {recorded.inventory} --resume -o '{path}'" in said
    left = finished_hosts(path)
    assert left is not None
    assert 2 <= left < len(HOSTS)
    assert call("verify", path).code == 2
    again = call("-q", "scan", recorded.inventory, "-o", path, "-f", "json", "--resume")
    assert compared(again.out) == undisturbed
    assert call("verify", path).code == 0


def test_resuming_a_finished_run_looks_at_nothing_again(
    recorded: Recorded, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "run"
    call("-q", "scan", recorded.inventory, "-o", path)
    before = path.read_bytes()
    again = call("scan", recorded.inventory, "-o", path, "-f", "json", "--resume")
    assert compared(again.out) == undisturbed
    assert "captures" not in again.err
    assert path.read_bytes() == before


def test_the_words_to_resume_repeat_what_makes_the_inventory(recorded: Recorded, tmp_path: Path) -> None:
    tree = recorded.tree.parent / "tree"
    path = tmp_path / "run"
    command = [*PROGRAM, "scan", "--tree", tree, "--level", "2", "-o", path]
    with subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as scan:
        said = signalled(scan, signal.SIGINT, 0, 0)
    if scan.returncode == EXIT_INTERRUPTED:
        assert f"scan --tree {tree} --level 2 --resume -o {path}" in said
    again = call("-q", "scan", "--tree", tree, "--level", "2", "--resume", "-o", path)
    assert call("verify", path).code == 0, again.err


@pytest.mark.parametrize("interrupted", ["click", "scanner.errors", "scanner.cli.items_command"])
def test_an_interruption_while_loading_leaves_no_traceback(interrupted: str) -> None:
    """A finder stands in for the hand on the keyboard: it comes while a module is looked for."""
    program = f"""
import sys
class Hand:
    def find_spec(self, name, path=None, target=None):
        if name == {interrupted!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Hand())
from scanner.start import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "items", "--level", "1"], capture_output=True, check=False
    )
    assert done.returncode == EXIT_INTERRUPTED
    assert done.stdout == b""
    assert done.stderr.strip() == b"mlps-posture: interrupted"

"""Killed at any moment, a run file opens, tells what was finished, and takes up the rest."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanner.locker import Locker
from scanner.model import Captured, Missed
from tests.locker.events import HEADER, KEY, at, look

ROOT = Path(__file__).parents[2]
OBJECTS = tuple(f"host{number}" for number in range(120))

WRITER = """
import sys
from scanner.locker import Locker
from tests.locker.events import HEADER, KEY, at, look
from tests.locker.test_kill import OBJECTS
locker = Locker.create(sys.argv[1], HEADER, KEY)
print("begun", flush=True)
for name in OBJECTS:
    for event in look(name, salt=name.encode()):
        locker.append(event)
locker.finish(at(60))
locker.close()
"""


def killed(path: Path, after: float) -> None:
    """Start a writer on ``path`` and kill it ``after`` seconds from its first row on."""
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            writer.wait(after)
        writer.send_signal(signal.SIGKILL)


def said(name: str) -> list[object]:
    events = look(name, salt=name.encode())
    return [
        event.capture if isinstance(event, Captured) else event.gap
        for event in events
        if isinstance(event, Captured | Missed)
    ]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds from the first row to the end, without a kill."""
    path = tmp_path_factory.mktemp("kill") / "run"
    begun = time.monotonic()
    with Locker.create(path, HEADER, KEY) as locker:
        for name in OBJECTS:
            for event in look(name, salt=name.encode()):
                locker.append(event)
        locker.finish(at(60))
    return time.monotonic() - begun


@pytest.mark.parametrize("moment", range(10))
def test_killed_at_a_random_moment(tmp_path: Path, undisturbed: float, moment: int) -> None:
    path = tmp_path / "run"
    killed(path, random.Random(moment).uniform(moment / 10, moment / 10 + 0.1) * undisturbed)  # noqa: S311
    with Locker.open(path, "read") as locker:
        assert locker.verify() == []
        done = locker.objects_finished()
        assert done == set(OBJECTS[: len(done)])
        for name in done:
            assert locker.records(name) == said(name)
    with Locker.open(path, "resume") as locker:
        assert locker.objects_finished() == done
        for name in OBJECTS:
            if name not in done:
                for event in look(name, salt=name.encode()):
                    locker.append(event)
        if locker.finished is None:
            locker.finish(at(60))
    with Locker.open(path, "read") as locker:
        assert locker.finished == at(60)
        assert locker.verify() == []
        assert [locker.records(name) for name in OBJECTS] == [said(name) for name in OBJECTS]
    assert KEY not in path.read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == ["run"]


def test_killed_between_the_end_of_the_run_and_of_the_file(tmp_path: Path) -> None:
    """The end is in the journal, but the write-ahead log still lies there, with the key in it."""
    path = tmp_path / "run"
    program = (
        "import os, signal, sys\n"
        "from scanner.locker import Locker\n"
        "from tests.locker.events import HEADER, KEY, at, look\n"
        "class Dying(Locker):\n"
        "    def _close_for_good(self): os.kill(os.getpid(), signal.SIGKILL)\n"
        "locker = Dying.create(sys.argv[1], HEADER, KEY)\n"
        "for event in look('a'): locker.append(event)\n"
        "locker.finish(at(60))\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    assert subprocess.run(command, check=False, timeout=60, cwd=ROOT).returncode == -signal.SIGKILL
    with Locker.open(path, "read") as locker:
        assert locker.finished == at(60)
        assert locker.verify() == []
    with Locker.open(path, "resume") as locker:
        assert locker.finished == at(60)
    assert [file.name for file in tmp_path.iterdir()] == ["run"]
    assert KEY not in path.read_bytes()


def test_killed_while_the_log_is_played_into_the_file(tmp_path: Path) -> None:
    """The head already counts pages that only the log holds: the file is short, yet nothing is lost."""
    whole = tmp_path / "whole"
    with Locker.create(whole, HEADER, KEY) as locker:
        for name in OBJECTS:
            for event in look(name, salt=name.encode()):
                locker.append(event)
        path = tmp_path / "run"
        path.write_bytes(whole.read_bytes())
        log = whole.with_name("whole-wal")
        path.with_name("run-wal").write_bytes(log.read_bytes())
    pages = int.from_bytes(whole.read_bytes()[28:32], "big")
    with path.open("r+b") as file:
        file.seek(28)
        file.write(pages.to_bytes(4, "big"))
    assert path.stat().st_size < pages * 4096
    with Locker.open(path, "read") as locker:
        assert [locker.records(name) for name in OBJECTS] == [said(name) for name in OBJECTS]

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scanner.errors import InputError, LockerError
from scanner.locker import Locker
from scanner.model import Captured, Finished, Gap, GapReason, Missed, Started
from tests.locker.events import HEADER, KEY, at, capture, look

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.model import Capture, Event

ROOT = Path(__file__).parents[2]


def said(events: Iterable[Event]) -> list[Capture | Gap]:
    records: list[Capture | Gap] = []
    for event in events:
        if isinstance(event, Captured):
            records.append(event.capture)
        elif isinstance(event, Missed):
            records.append(event.gap)
    return records


def written(path: Path, *names: str) -> Path:
    with Locker.create(path, HEADER, KEY) as locker:
        for name in names:
            for event in look(name, salt=name.encode()):
                locker.append(event)
        locker.finish(at(60))
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a run?#%.mlps", "web1", "web2")
    with Locker.open(path, "read") as locker:
        assert locker.header == HEADER
        assert locker.finished == at(60)
        assert locker.objects_finished() == {"web1", "web2"}
        assert locker.records("web1") == said(look("web1", salt=b"web1"))
        assert locker.verify() == []


def test_events_of_several_objects_may_interleave(tmp_path: Path) -> None:
    with Locker.create(tmp_path / "run", HEADER, KEY) as locker:
        for pair in zip(look("a"), look("b", salt=b"b"), strict=True):
            for event in pair:
                locker.append(event)
        assert locker.records("a") == said(look("a"))
        assert locker.records("b") == said(look("b", salt=b"b"))


def test_a_new_look_voids_the_earlier_one(tmp_path: Path) -> None:
    with Locker.create(tmp_path / "run", HEADER, KEY) as locker:
        for event in look("a", salt=b"old"):
            locker.append(event)
        locker.append(Started("a", at(9)))
        locker.append(Captured(capture("a", "step-0", b"new")))
        assert locker.objects_finished() == frozenset()
        first, interrupted = locker.records("a")
        assert first == capture("a", "step-0", b"new")
        assert isinstance(interrupted, Gap)
        assert (interrupted.reason, interrupted.step) == (GapReason.TRUNCATED, "")
        locker.append(Finished("a", at(10)))
        assert locker.records("a") == [capture("a", "step-0", b"new")]


def test_an_object_nobody_looked_at_is_a_gap(tmp_path: Path) -> None:
    with Locker.open(written(tmp_path / "run", "a"), "read") as locker:
        (gap,) = locker.records("b")
    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.NOT_COLLECTED


def test_a_finished_run_is_one_file_without_the_key(tmp_path: Path) -> None:
    path = written(tmp_path / "run", "a")
    assert [file.name for file in tmp_path.iterdir()] == ["run"]
    assert KEY not in path.read_bytes()
    assert path.read_bytes()[18:20] == b"\x01\x01"  # no write-ahead log any more
    with Locker.open(path, "read") as locker, pytest.raises(LockerError, match="no redaction key"):
        _ = locker.key


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        locker = Locker.create(tmp_path / "run", HEADER, KEY)
    finally:
        os.umask(before)
    with locker:
        locker.append(Started("a", at(0)))
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
        locker.finish(at(1))
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o600


def test_reading_changes_nothing_even_of_an_unfinished_run(tmp_path: Path) -> None:
    path = tmp_path / "run"
    killed_while_writing(path)
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in tmp_path.iterdir()}
    assert "run-wal" in before
    with Locker.open(path, "read") as locker:
        assert locker.finished is None
        assert locker.objects_finished() == {"a"}
        assert locker.records("a") == said(look("a"))
        assert locker.verify() == []
        with pytest.raises(LockerError, match="not open for writing"):
            locker.append(Started("b", at(0)))
    after = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in tmp_path.iterdir()}
    assert after == before


def killed_while_writing(path: Path) -> None:
    """Leave behind what a writer leaves that is killed after the object ``a`` and inside the object ``b``."""
    program = (
        "import os, signal, sys\n"
        "from tests.locker.events import *; from scanner.locker import Locker\n"
        "locker = Locker.create(sys.argv[1], HEADER, KEY)\n"
        "for event in [*look('a'), *list(look('b'))[:-1]]: locker.append(event)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    assert subprocess.run(command, check=False, timeout=60, cwd=ROOT).returncode == -9


def test_a_killed_run_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "run"
    killed_while_writing(path)
    with Locker.open(path, "resume") as locker:
        assert locker.header == HEADER
        assert locker.key == KEY
        assert locker.objects_finished() == {"a"}
        for event in look("b", salt=b"again"):
            locker.append(event)
        locker.finish(at(99))
    with Locker.open(path, "read") as locker:
        assert locker.records("a") == said(look("a"))
        assert locker.records("b") == said(look("b", salt=b"again"))
        assert locker.verify() == []
    assert [file.name for file in tmp_path.iterdir()] == ["run"]


def test_resuming_a_finished_run_offers_nothing_to_do(tmp_path: Path) -> None:
    path = written(tmp_path / "run", "a")
    before = path.read_bytes()
    with Locker.open(path, "resume") as locker:
        assert locker.finished == at(60)
        with pytest.raises(LockerError, match="finished"):
            locker.append(Started("a", at(61)))
        with pytest.raises(LockerError, match="finished"):
            locker.finish(at(61))
    assert path.read_bytes() == before


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_bytes(b"precious")
    with pytest.raises(InputError, match="exists already"):
        Locker.create(path, HEADER, KEY)
    assert path.read_bytes() == b"precious"
    dangling = tmp_path / "link"
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists already"):
        Locker.create(dangling, HEADER, KEY)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", "run"]


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "run"
    program = (
        "import sys; from scanner.locker import Locker; from scanner.errors import LockerError\n"
        "for mode in ('resume', 'read'):\n"
        "    try: Locker.open(sys.argv[1], mode)\n"
        "    except LockerError as error: print(error)\n"
        "    else: print('opened')\n"
    )

    def other() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", program, str(path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            cwd=ROOT,
        )
        return done.stdout.splitlines()

    with Locker.create(path, HEADER, KEY) as locker:
        locker.append(Started("a", at(0)))
        assert other() == [
            f"{path}: another process is using this run file",
            f"{path}: another process is writing this run file",
        ]
    assert other() == ["opened", f"{path}: another process is writing this run file"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not a run file"),
        (b"objects: []\n" * 50, "not a run file"),
        (b"SQLite format 3\0", "not a run file"),
    ],
)
def test_something_else_is_no_run_file(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "run"
    path.write_bytes(content)
    with pytest.raises(LockerError, match=complaint):
        Locker.open(path, "read")


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(LockerError, match="No such file"):
        Locker.open(tmp_path / "nothing", "read")
    with pytest.raises(LockerError, match="No such file"):
        Locker.create(tmp_path / "nowhere" / "run", HEADER, KEY)
    with pytest.raises(LockerError, match="no file"):
        Locker.open(tmp_path, "read")


def test_another_programs_database_is_no_run_file(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE journal (seq INTEGER)")
    with pytest.raises(LockerError, match="not a run file"):
        Locker.open(path, "read")


@pytest.mark.parametrize("statement", ["CREATE VIEW x AS SELECT 1", "DROP TABLE meta", "CREATE TABLE y (a)"])
def test_foreign_tables_are_refused(tmp_path: Path, statement: str) -> None:
    path = written(tmp_path / "run", "a")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    with pytest.raises(LockerError, match="tables are damaged"):
        Locker.open(path, "read")


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "run", "a")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=2")
    with pytest.raises(LockerError, match="newer version"):
        Locker.open(path, "read")


def test_a_truncated_file_is_never_read(tmp_path: Path) -> None:
    whole = written(tmp_path / "run", "a").read_bytes()
    for length in range(0, len(whole), 997):
        path = tmp_path / f"cut{length}"
        path.write_bytes(whole[:length])
        with pytest.raises(LockerError, match=r"truncated|not a run file"):
            Locker.open(path, "read")


def test_events_out_of_place_are_our_own_mistake(tmp_path: Path) -> None:
    with Locker.create(tmp_path / "run", HEADER, KEY) as locker:
        misplaced: list[Event] = [
            Captured(capture("a", "s", b"x")),
            Missed("a", Gap(GapReason.BUG), at(0)),
            Finished("a", at(0)),
            Started("a", datetime(2026, 1, 1)),  # noqa: DTZ001 - without a zone, on purpose
        ]
        for event in misplaced:
            with pytest.raises(ValueError, match=r"not being looked at|without its zone"):
                locker.append(event)
        for event in look("a"):
            locker.append(event)
        assert locker.verify() == []
        assert locker.records("a") == said(look("a"))


def test_commits_at_least_every_second(tmp_path: Path) -> None:
    times = iter([0.0, 0.5, 1.2, 1.3, 1.4])
    with Locker.create(tmp_path / "run", HEADER, KEY, monotonic=lambda: next(times)) as locker:
        committed = []
        for event in list(look("a"))[:3]:
            locker.append(event)
            committed.append(not locker._held.connection.in_transaction)
    assert committed == [False, True, False]


def test_equal_contents_are_stored_once(tmp_path: Path) -> None:
    with Locker.create(tmp_path / "run", HEADER, KEY) as locker:
        for name in "abc":
            locker.append(Started(name, at(0)))
            locker.append(Captured(capture(name, "s", b"same")))
            locker.append(Finished(name, at(1)))
        (count,) = locker._held.connection.execute("SELECT count(*) FROM blobs").fetchone()
        assert count == 2  # the content and the standard error
        assert [locker.records(name) for name in "abc"] == [[capture(n, "s", b"same")] for n in "abc"]


def test_ten_thousand_captures(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with Locker.create(path, HEADER, KEY) as locker:
        for number in range(200):
            for event in look(f"host{number}", captures=49, salt=b"%d" % number):
                locker.append(event)
        locker.finish(at(60))
    with Locker.open(path, "read") as locker:
        assert len(locker.objects_finished()) == 200
        assert locker.records("host7") == said(look("host7", captures=49, salt=b"7"))
        assert locker.verify() == []

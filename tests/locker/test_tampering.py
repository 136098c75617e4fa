from __future__ import annotations

import contextlib
import hashlib
import random
import sqlite3
import zlib
from typing import TYPE_CHECKING

import pytest

from scanner.errors import LockerError
from scanner.locker import Area, Locker, Problem
from scanner.locker.chain import Row, link
from tests.locker.events import HEADER, KEY, at, look

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("web1", "web2")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run: row 1 header; web1 in rows 2 to 9; web2 in 10 to 17; row 18 the end."""
    path = tmp_path / "run"
    with Locker.create(path, HEADER, KEY) as locker:
        for name in NAMES:
            for event in look(name, salt=name.encode()):
                locker.append(event)
        locker.finish(at(60))
    return path


@contextlib.contextmanager
def hands_on(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    with contextlib.closing(connection):
        yield connection


def problems(path: Path) -> list[Problem]:
    with Locker.open(path, "read") as locker:
        return locker.verify()


def named(path: Path) -> set[tuple[Area, str]]:
    return {(problem.area, problem.name) for problem in problems(path)}


def packed_digest(path: Path, ref_step: str) -> str:
    """SHA-256 of the content of the capture of a step of web1."""
    with Locker.open(path, "read") as locker:
        (capture,) = (c for c in locker.records("web1") if getattr(c, "platform", "") and c.step == ref_step)
    digest: str = getattr(capture, "digest", "")
    return digest


def test_every_byte_of_a_capture_counts(run: Path) -> None:
    digest = packed_digest(run, "step-2")
    with hands_on(run) as connection:
        (packed,) = connection.execute("SELECT packed FROM blobs WHERE sha256=?", (digest,)).fetchone()
        for place in range(len(packed)):
            flipped = bytearray(packed)
            flipped[place] ^= 1 << (place % 8)
            connection.execute("UPDATE blobs SET packed=? WHERE sha256=?", (bytes(flipped), digest))
            assert named(run) == {(Area.CAPTURE, "web1/step-2")}, place


def test_a_damaged_capture_is_never_read(run: Path) -> None:
    digest = packed_digest(run, "file")
    with hands_on(run) as connection:
        connection.execute("UPDATE blobs SET packed=? WHERE sha256=?", (zlib.compress(b"other"), digest))
    assert named(run) == {(Area.CAPTURE, "web1/file:/etc/web1")}
    with Locker.open(run, "read") as locker:
        assert len(locker.records("web2")) == 6
        with pytest.raises(LockerError, match="bytes were changed"):
            locker.records("web1")


def test_a_missing_content_names_its_capture(run: Path) -> None:
    with hands_on(run) as connection:
        connection.execute("DELETE FROM blobs WHERE sha256=?", (packed_digest(run, "step-0"),))
    assert (Area.CAPTURE, "web1/step-0") in named(run)


def test_bytes_that_nothing_refers_to(run: Path) -> None:
    extra = hashlib.sha256(b"extra").hexdigest()
    with hands_on(run) as connection:
        connection.execute("INSERT INTO blobs VALUES (?, ?)", (extra, zlib.compress(b"extra")))
    (problem,) = problems(run)
    assert problem.area is Area.FILE
    assert extra in problem.text.en


@pytest.mark.parametrize("column", ["payload", "previous", "hash", "kind"])
@pytest.mark.parametrize("seq", [1, 5, 18])
def test_a_changed_row_is_named(run: Path, column: str, seq: int) -> None:
    with hands_on(run) as connection:
        connection.execute(f"UPDATE journal SET {column}={column}||' ' WHERE seq=?", (seq,))  # noqa: S608
    where = (Area.HEADER, "") if seq == 1 else (Area.JOURNAL, f"row {seq}")
    assert where in named(run)
    with Locker.open(run, "read") as locker, pytest.raises(LockerError, match="damaged"):
        locker.records("web1")
    with pytest.raises(LockerError, match="damaged"):
        Locker.open(run, "resume")


@pytest.mark.parametrize("seq", [1, 2, 5, 17])
def test_a_removed_row_is_named(run: Path, seq: int) -> None:
    with hands_on(run) as connection:
        connection.execute("DELETE FROM journal WHERE seq=?", (seq,))
    where = (Area.HEADER, "") if seq == 1 else (Area.JOURNAL, f"row {seq}")
    assert where in named(run)


def test_a_removed_row_with_the_rest_moved_up_is_named(run: Path) -> None:
    with hands_on(run) as connection:
        connection.execute("DELETE FROM journal WHERE seq=5")
        connection.execute("UPDATE journal SET seq=seq-1 WHERE seq>5")
    assert {(Area.JOURNAL, "row 5"), (Area.JOURNAL, "row 17")} <= named(run)


def test_two_rows_in_the_other_order_are_named(run: Path) -> None:
    with hands_on(run) as connection:
        connection.execute("UPDATE journal SET seq=100 WHERE seq=4")
        connection.execute("UPDATE journal SET seq=4 WHERE seq=5")
        connection.execute("UPDATE journal SET seq=5 WHERE seq=100")
    assert {(Area.JOURNAL, "row 4"), (Area.JOURNAL, "row 5")} <= named(run)


def test_a_row_rehashed_after_a_change_no_longer_carries_the_next(run: Path) -> None:
    with hands_on(run) as connection:
        row = Row(*connection.execute("SELECT * FROM journal WHERE seq=5").fetchone())
        payload = row.payload.replace('"status":0', '"status":1')
        assert payload != row.payload
        forged = link(5, row.kind, payload, row.previous)
        connection.execute("UPDATE journal SET payload=?, hash=? WHERE seq=5", (payload, forged))
    assert named(run) == {(Area.JOURNAL, "row 6")}


def test_a_cut_journal_of_a_finished_run_is_named(run: Path) -> None:
    with hands_on(run) as connection:
        connection.execute("DELETE FROM journal WHERE seq>9")
    assert (Area.JOURNAL, "end") in named(run)


def test_an_end_rehashed_after_a_change_does_not_fit_its_mark(run: Path) -> None:
    with hands_on(run) as connection:
        row = Row(*connection.execute("SELECT * FROM journal WHERE seq=18").fetchone())
        payload = row.payload.replace("2026", "2027")
        forged = link(18, row.kind, payload, row.previous)
        connection.execute("UPDATE journal SET payload=?, hash=? WHERE seq=18", (payload, forged))
    assert named(run) == {(Area.JOURNAL, "end")}


def test_rows_added_with_right_hashes_must_make_sense(run: Path) -> None:
    with hands_on(run) as connection:
        before = Row(*connection.execute("SELECT * FROM journal WHERE seq=18").fetchone())
        added = Row.following(before, "finished", '{"at":"2026-01-05T08:00:00+00:00","object":"web9"}')
        connection.execute(
            "INSERT INTO journal VALUES (?,?,?,?,?)",
            (added.seq, added.kind, added.payload, added.previous, added.hash),
        )
    assert {(Area.JOURNAL, "row 18"), (Area.JOURNAL, "row 19")} <= named(run)


def test_bytes_after_the_end_are_named(run: Path) -> None:
    with run.open("ab") as file:
        file.write(b"appended")
    (problem,) = problems(run)
    assert problem.area is Area.FILE
    assert "8 bytes" in problem.text.en


def test_what_verify_does_not_see_changes_nothing_that_is_read(run: Path) -> None:
    """The law behind verify: bytes may flip unseen only where no reading ever comes."""
    whole = run.read_bytes()
    with Locker.open(run, "read") as locker:
        truth = (locker.header, locker.finished, [locker.records(name) for name in NAMES])
    chance = random.Random(20260105)  # noqa: S311 - repeatable places, no secret
    seen = unseen = 0
    for _ in range(400):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        run.write_bytes(bytes(damaged))
        try:
            with Locker.open(run, "read") as locker:
                found = locker.verify()
                if found:
                    seen += 1
                    continue
                unseen += 1
                assert (locker.header, locker.finished, [locker.records(n) for n in NAMES]) == truth
        except LockerError:
            seen += 1
    assert seen > 100
    assert unseen > 0  # SQLite's unused page space: what the documentation says is not covered

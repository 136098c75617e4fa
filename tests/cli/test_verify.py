"""``verify`` names what was changed, and says clearly what is no run file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from scanner.cli import COMMANDS, EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_INPUT, EXIT_OK
from scanner.locker import Locker
from scanner.model import Capture, CaptureKind
from tests.cli.conftest import Recorded
from tests.cli.recorded import call

READERS = ("verify", "assess", "facts", "report")
"""Commands that take a run file."""


def copy(path: Path, to: Path) -> Path:
    to.write_bytes(path.read_bytes())
    return to


def test_whole(recorded: Recorded) -> None:
    done = call("verify", recorded.tree)
    assert done.code == EXIT_OK
    assert "whole" in done.out
    assert "head of the chain " in done.out
    assert call("-q", "verify", recorded.tree).out == ""


def test_a_flipped_byte_in_a_capture_is_named(recorded: Recorded, tmp_path: Path) -> None:
    path = copy(recorded.tree, tmp_path / "run")
    with Locker.open(path, "read") as locker:
        captures = [r for r in locker.records("tree") if isinstance(r, Capture)]
    digest = next(c.digest for c in captures if c.step == "login-defs" and c.kind is CaptureKind.FILE)
    with sqlite3.connect(path) as database:
        (packed,) = database.execute("SELECT packed FROM blobs WHERE sha256=?", (digest,)).fetchone()
    whole = path.read_bytes()
    place = whole.index(packed) + len(packed) // 2
    assert whole.count(packed) == 1
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])

    done = call("verify", path)
    assert done.code == EXIT_FINDINGS
    assert "capture tree/login-defs:/etc/login.defs: its bytes were changed" in done.out
    assert len(done.out.splitlines()) == 1
    for command in ("assess", "facts", "report"):
        refused = call(command, path)
        assert refused.code == EXIT_INPUT
        assert "damaged" in refused.err


@pytest.mark.parametrize("tenth", range(10))
def test_a_flipped_byte_anywhere_gives_no_traceback(recorded: Recorded, tmp_path: Path, tenth: int) -> None:
    whole = recorded.tree.read_bytes()
    place = len(whole) * (2 * tenth + 1) // 20
    path = tmp_path / "run"
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
    for command in READERS:
        assert call(command, path).code in {0, 1, 2, 3}


def test_unfinished(recorded: Recorded, tmp_path: Path) -> None:
    path = tmp_path / "run"
    with Locker.open(recorded.tree, "read") as locker:
        Locker.create(path, locker.header, b"k" * 32).close()
    done = call("verify", path)
    assert done.code == EXIT_INCOMPLETE
    assert "the run is not finished" in done.out


def newer(whole: bytes) -> bytes:
    return whole[:60] + (99).to_bytes(4, "big") + whole[64:]


WRONG: Mapping[str, tuple[Callable[[bytes], bytes], str]] = {
    "binary junk": (lambda _: bytes(range(256)) * 16, "not a run file"),
    "empty": (lambda _: b"", "not a run file"),
    "text": (lambda _: b"version: 1\n", "not a run file"),
    "another SQLite file": (lambda whole: whole[:68] + bytes(4) + whole[72:], "not a run file"),
    "truncated": (lambda whole: whole[: len(whole) // 2], "truncated"),
    "truncated inside its head": (lambda whole: whole[:50], "not a run file"),
    "newer": (newer, "newer version"),
    "damaged head": (lambda whole: whole[:100] + bytes(3000) + whole[3100:], ""),
}


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_run_file(recorded: Recorded, tmp_path: Path, name: str, command: str) -> None:
    make, words = WRONG[name]
    path = tmp_path / "run"
    path.write_bytes(make(recorded.tree.read_bytes()))
    done = call(command, path)
    assert done.code == EXIT_INPUT, done.out
    assert words in done.err
    assert str(path) in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("command", READERS)
def test_missing_file_and_directory(tmp_path: Path, command: str) -> None:
    for path in (tmp_path / "missing", tmp_path):
        done = call(command, path)
        assert done.code == EXIT_INPUT
        assert str(path) in done.err


def test_every_reader_of_runs_is_in_the_tables() -> None:
    assert set(READERS) <= {name for name, _, _ in COMMANDS}

"""A finished run is one file from the moment it is finished, and is made one again after a kill."""

from pathlib import Path

from scanner.locker import Locker
from tests.locker.events import HEADER, KEY, at, look


def test_nothing_lies_beside_a_finished_run_that_is_still_open(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with Locker.create(path, HEADER, KEY) as locker:
        for event in look("a"):
            locker.append(event)
        locker.finish(at(60))
        assert [file.name for file in tmp_path.iterdir()] == ["run"]
        assert locker.verify() == []


def test_a_dead_rollback_journal_goes_when_the_run_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with Locker.create(path, HEADER, KEY) as locker:
        for event in look("a"):
            locker.append(event)
        locker.finish(at(60))
    before = path.read_bytes()
    (tmp_path / "run-journal").write_bytes(bytes(4616))
    with Locker.open(path, "resume") as locker:
        assert locker.finished == at(60)
    assert [file.name for file in tmp_path.iterdir()] == ["run"]
    assert path.read_bytes() == before

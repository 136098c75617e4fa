"""known_hosts files as files: read again when they change, appended to by one at a time."""

from __future__ import annotations

import fcntl
import threading
import time
from typing import TYPE_CHECKING

import pytest

from collectors.transport.host_key_files import HostKeyFiles
from collectors.transport.known_hosts import Decision, HostKey, Ruling, record
from scanner.errors import ObservationError

if TYPE_CHECKING:
    from pathlib import Path


def key(seed: int) -> HostKey:
    return HostKey("ssh-ed25519", b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + bytes([seed]) * 32)


@pytest.mark.parametrize(("seed", "decision"), [(1, Decision.ACCEPT), (2, Decision.CHANGED)])
def test_who_was_first_is_seen_under_the_lock(tmp_path: Path, seed: int, decision: Decision) -> None:
    path = tmp_path / "known"
    rulings: list[Ruling] = []
    files = HostKeyFiles()

    def judge() -> None:
        rulings.append(files.judge((str(path),), "web1", key(1), accept_new=True))

    thread = threading.Thread(target=judge)
    with path.open("w") as other_program:
        fcntl.flock(other_program, fcntl.LOCK_EX)
        thread.start()
        time.sleep(0.3)  # it has found the file empty and waits for the lock
        assert not rulings
        other_program.write(record("web1", key(seed)))
    thread.join(5)
    assert rulings[0].decision is decision
    assert path.read_text() == record("web1", key(seed))


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "known"
    files = HostKeyFiles()
    paths = (str(path), str(tmp_path / "absent"))
    assert files.judge(paths, "web1", key(1), accept_new=False).decision is Decision.UNKNOWN
    path.write_text(record("web1", key(1)))
    assert files.judge(paths, "web1", key(1), accept_new=False).decision is Decision.ACCEPT
    with path.open("a") as file:
        file.write("@revoked " + record("web1", key(1)))
    assert files.judge(paths, "web1", key(1), accept_new=False).decision is Decision.REVOKED


def test_all_files_count_and_the_first_takes_new_keys(tmp_path: Path) -> None:
    first, second = tmp_path / "new" / "known", tmp_path / "system"
    second.write_text(record("web1", key(1)))
    paths = (str(first), str(second))
    files = HostKeyFiles()
    assert files.judge(paths, "web1", key(1), accept_new=True).decision is Decision.ACCEPT
    assert not first.exists()
    assert files.judge(paths, "web2", key(2), accept_new=True).decision is Decision.ACCEPT
    assert first.read_text() == record("web2", key(2))
    assert (first.stat().st_mode & 0o777, first.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_without_a_file_nothing_is_accepted() -> None:
    ruling = HostKeyFiles().judge((), "web1", key(1), accept_new=True)
    assert ruling.decision is Decision.UNKNOWN


def test_a_file_that_cannot_be_written_accepts_nothing() -> None:
    with pytest.raises(ObservationError):
        HostKeyFiles().judge(("/proc/known_hosts",), "web1", key(1), accept_new=True)


def test_a_name_that_cannot_be_recorded_accepts_nothing(tmp_path: Path) -> None:
    with pytest.raises(ObservationError):
        HostKeyFiles().judge((str(tmp_path / "k"),), "a,b", key(1), accept_new=True)

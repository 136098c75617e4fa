"""The file itself: how it comes into being, who may hold it, and how it is opened without touching it.

Two locks would be too many to reason about: SQLite's are switched off in effect (one process holds the
file as a whole), and ``flock`` on the run file decides who that is. The kernel drops it with the process,
so a killed writer leaves no lock behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import LockerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

APPLICATION = 0x4D4C5053
"""SQLite's application_id of run files: "MLPS"."""

FILE_FORMAT = 1
"""SQLite's user_version of run files: how tables and rows are laid out."""

SCHEMA = (
    "CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, packed BLOB NOT NULL)",
    (
        "CREATE TABLE journal (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL,"
        " previous TEXT NOT NULL, hash TEXT NOT NULL)"
    ),
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL)",
)

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_SIDECARS = ("-wal", "-journal")


@dataclass(frozen=True, slots=True)
class Head:
    """The first 100 bytes of a SQLite file, as far as they matter here."""

    page_size: int
    pages: int
    application: int
    version: int
    write_ahead: bool  # True while a run is not closed for good

    @classmethod
    def of(cls, raw: bytes) -> Head | None:
        """Read ``raw``; None: no SQLite file."""
        if len(raw) < _HEADER_BYTES or not raw.startswith(_MAGIC):
            return None
        size = int.from_bytes(raw[16:18], "big")
        return cls(
            page_size=65536 if size == 1 else size,
            pages=int.from_bytes(raw[28:32], "big"),
            application=int.from_bytes(raw[68:72], "big"),
            version=int.from_bytes(raw[60:64], "big"),
            write_ahead=raw[18] == 2,
        )


@dataclass(slots=True)
class Held:
    """An open run file: the connection, the lock, and the private copy that it may be read from."""

    path: Path
    connection: sqlite3.Connection
    lock: int
    scratch: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Give everything back. The lock goes last: closing it would drop SQLite's own."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()
        os.close(self.lock)
        if self.scratch is not None:
            self.scratch.cleanup()


@contextlib.contextmanager
def plain_words(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say about ``path`` into a ``LockerError``."""
    try:
        yield
    except (sqlite3.Error, OSError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else str(wrong)
        raise LockerError(f"{path}: the run file cannot be used: {reason}") from wrong


def create(path: Path, fill: Callable[[sqlite3.Connection], None]) -> Held:
    """Make a run file that exists whole (tables and what ``fill`` writes) or not at all, mode 0600, held.

    Raises:
        LockerError: the path exists, or cannot be written.
    """
    with plain_words(path):
        folder = path.parent.resolve(strict=True)
        target = folder / path.name
        if os.path.lexists(target):
            raise _exists(path)
        unborn = folder / f".{path.name}.{os.getpid()}.new"
        lock = os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _hold(lock, path, exclusive=True)
            _lay_out(unborn, fill)
            _publish(unborn, target)
            return Held(target, _connect(target, "mode=rw"), lock)
        except BaseException:
            os.close(lock)
            raise
        finally:
            unborn.unlink(missing_ok=True)


def open_to_write(path: Path) -> Held:
    """Open an existing run file to append to it.

    Raises:
        LockerError: no run file, a newer one, a truncated one, or another process holds it.
    """
    return _open(path, os.O_RDWR, lambda target, _head: (_connect(target, "mode=rw"), None))


def open_to_read(path: Path) -> Held:
    """Open a run file without changing it or anything beside it.

    A file that nobody closed (its writer was killed) is read from a private copy: recovering it in place
    would write.

    Raises:
        LockerError: no run file, a newer one, a truncated one, or another process is writing it.
    """
    return _open(path, os.O_RDONLY, _reading)


def sweep(target: Path) -> None:
    """Remove the rollback journal that a kill at the very end of closing leaves beside a finished run.

    Only for a file that is open to write, held, and has been read from: SQLite has then played back
    whatever was in the journal.
    """
    target.with_name(target.name + "-journal").unlink(missing_ok=True)


def _open(
    path: Path,
    flags: int,
    connect: Callable[[Path, Head], tuple[sqlite3.Connection, tempfile.TemporaryDirectory[str] | None]],
) -> Held:
    with plain_words(path):
        target = path.resolve(strict=True)
        if not target.is_file():
            raise LockerError(f"{path}: no file that could hold a run")
        lock = os.open(target, flags | os.O_CLOEXEC)
        try:
            _hold(lock, path, exclusive=flags == os.O_RDWR)
            head = _checked_head(lock, path)
            connection, scratch = connect(target, head)
            held = Held(target, connection, lock, scratch)
        except BaseException:
            os.close(lock)
            raise
        try:
            _require_schema(held.connection, path)
        except BaseException:
            held.close()
            raise
        return held


def _reading(target: Path, _head: Head) -> tuple[sqlite3.Connection, tempfile.TemporaryDirectory[str] | None]:
    waiting = _waiting(target)
    if not waiting:
        return _connect(target, "mode=ro&immutable=1"), None
    scratch = tempfile.TemporaryDirectory(prefix="mlps-posture-")
    try:
        copy = Path(scratch.name, "run")
        shutil.copyfile(target, copy)
        for file in waiting:
            shutil.copyfile(file, copy.with_name(copy.name + file.name.removeprefix(target.name)))
        return _connect(copy, "mode=rw"), scratch
    except BaseException:
        scratch.cleanup()
        raise


def _waiting(target: Path) -> list[Path]:
    """Logs beside the file that SQLite has yet to play into it."""
    beside = [target.with_name(target.name + ending) for ending in _SIDECARS]
    return [file for file in beside if file.exists() and file.stat().st_size]


def _hold(lock: int, path: Path, *, exclusive: bool) -> None:
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        doing = "using" if exclusive else "writing"
        raise LockerError(f"{path}: another process is {doing} this run file") from None


def _checked_head(lock: int, path: Path) -> Head:
    head = Head.of(os.pread(lock, _HEADER_BYTES, 0))
    if head is None or head.application != APPLICATION:
        raise LockerError(f"{path}: not a run file, or its beginning is damaged")
    if head.version > FILE_FORMAT:
        raise LockerError(
            f"{path}: written by a newer version (format {head.version}; this one reads up to {FILE_FORMAT})"
        )
    if head.version < 1:
        raise LockerError(f"{path}: not a run file, or its beginning is damaged")
    # A kill in the middle of a checkpoint leaves a new head on an old length: what lies beside completes it.
    if os.fstat(lock).st_size < head.page_size * head.pages and not _waiting(path.resolve()):
        raise LockerError(f"{path}: the run file is truncated")
    return head


def _connect(target: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{target.as_uri()}?{options}", uri=True, isolation_level=None)
    try:
        # Damage inside a text must show as a changed row, not as an error that hides all rows.
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # no shared-memory file beside the run file
        connection.execute("PRAGMA secure_delete=ON")  # the redaction key must not linger in free pages
        connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _require_schema(connection: sqlite3.Connection, path: Path) -> None:
    """A file with other tables, views or triggers is none of ours, whatever its first bytes say."""
    try:
        found = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        ).fetchall()
    except sqlite3.DatabaseError as wrong:
        raise LockerError(f"{path}: the run file is damaged: {wrong}") from wrong
    if tuple(row[0] for row in found) != SCHEMA:
        raise LockerError(f"{path}: not a run file, or its tables are damaged")


def _lay_out(unborn: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    connection = _connect(unborn, "mode=rw")
    try:
        connection.execute(f"PRAGMA application_id={APPLICATION}")
        connection.execute(f"PRAGMA user_version={FILE_FORMAT}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            connection.execute(statement)
        fill(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()  # moves everything from the write-ahead log into the file


def _publish(unborn: Path, target: Path) -> None:
    """Give the finished beginning its name; never over a file that came meanwhile."""
    try:
        os.link(unborn, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise _exists(target) from None
        unborn.rename(target)


def _exists(path: Path) -> LockerError:
    return LockerError(
        f"{path}: exists already; a run file is never overwritten (resume it, or name another)"
    )

"""``Locker``: a run file as the rest of the program sees it."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
import zlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from scanner.errors import LockerError
from scanner.locker import codec, runfile
from scanner.locker.canonical import canonical
from scanner.locker.chain import Row, breaks
from scanner.locker.verification import blob_of, problems_of, rows_of
from scanner.model import Captured, Finished, Gap, GapReason, Missed, Started
from scanner.model.capture import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from scanner.locker.codec import Header, Stored
    from scanner.locker.verification import Problem
    from scanner.model import Capture, Event

PATIENCE = 1.0
"""Seconds after which what was appended is committed even if no object is finished."""


@dataclass(slots=True)
class _Look:
    """The last look at one object: rows of its captures and gaps, and whether it came to its end."""

    rows: list[int] = field(default_factory=list)
    finished: bool = False


@dataclass(slots=True)
class _Journal:
    """What is known of the journal without reading it again."""

    header: Header
    last: Row
    looks: dict[str, _Look] = field(default_factory=dict)
    ended: datetime | None = None

    def refuse(self, entry: codec.Entry | Captured) -> None:
        """Raise ``ValueError`` if ``entry`` cannot come next."""
        if self.ended is not None:
            raise ValueError("nothing can follow the end of the run")
        if isinstance(entry, codec.Header):
            raise ValueError("a second header")  # noqa: TRY004 - the place is wrong, not the type
        if isinstance(entry, Started | datetime):
            return
        name = entry.capture.object if isinstance(entry, Captured) else codec.object_of(entry)
        look = self.looks.get(name)
        if look is None or look.finished:
            raise ValueError(f"{name} is not being looked at")

    def note(self, entry: codec.Entry, row: Row) -> None:
        """Take in the next row, which nothing refused."""
        self.last = row
        if isinstance(entry, datetime):
            self.ended = entry
        elif isinstance(entry, Started):
            self.looks[entry.object] = _Look()
        elif isinstance(entry, Finished):
            self.looks[entry.object].finished = True
        else:
            self.looks[codec.object_of(entry)].rows.append(row.seq)


class Locker:
    """One run's evidence file; get one from ``create`` or ``open``, and close it (or use ``with``).

    **While it is written** the file's process holds it alone; after every ``Finished`` event, and with the
    first event a second after the last commit, all is committed: killing the process at any moment leaves
    a file that opens, reads and resumes. (Against a power failure, not just a killed process, the last
    commits may be missing; the file stays consistent.) Until the run is finished SQLite's write-ahead log
    may lie beside it (``FILE-wal``) and belongs to it.

    **Finished**, it is one file, in no mode but reading, and the redaction key is gone from its bytes.

    All methods raise ``LockerError`` when the file is damaged in what they need, or cannot be written.
    """

    def __init__(self, held: runfile.Held, *, writable: bool, monotonic: Callable[[], float]) -> None:
        self._held = held
        self._writable = writable
        self._monotonic = monotonic
        self._known: _Journal | None = None
        self._committed = monotonic()

    @classmethod
    def create(
        cls, path: Path | str, header: Header, key: bytes, *, monotonic: Callable[[], float] = time.monotonic
    ) -> Locker:
        """Start a run's file with its header and the redaction ``key``, a secret of this run.

        Raises:
            LockerError: the path exists already or cannot be written.
        """
        row = Row.following(None, codec.HEADER, canonical(codec.header_fields(header)))

        def fill(connection: sqlite3.Connection) -> None:
            _insert(connection, row)
            connection.execute("INSERT INTO meta VALUES ('key', ?)", (key,))

        locker = cls(runfile.create(Path(path), fill), writable=True, monotonic=monotonic)
        locker._known = _Journal(header, row)
        return locker

    @classmethod
    def open(
        cls,
        path: Path | str,
        mode: Literal["read", "resume"],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Locker:
        """Open a run's file: to ``read`` it (which changes nothing), or to ``resume`` its run.

        A run that was killed while it was being closed is closed by resuming it; like every finished run
        it takes no more events then.

        Raises:
            LockerError: no run file, truncated, newer, held by another process, or (to resume) damaged.
        """
        if mode == "read":
            return cls(runfile.open_to_read(Path(path)), writable=False, monotonic=monotonic)
        locker = cls(runfile.open_to_write(Path(path)), writable=True, monotonic=monotonic)
        try:
            if locker._journal.ended is not None:
                locker._close_for_good()
        except BaseException:
            locker.close()
            raise
        return locker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def header(self) -> Header:
        """What the run was asked to do."""
        return self._journal.header

    @property
    def finished(self) -> datetime | None:
        """When the run ended; None: it was interrupted, or goes on."""
        return self._journal.ended

    @property
    def head(self) -> str:
        """Hash of the journal's last row: whoever noted it elsewhere can tell any later change."""
        return self._journal.last.hash

    @property
    def key(self) -> bytes:
        """The redaction key of an unfinished run.

        Raises:
            LockerError: the run is finished, and the key is gone.
        """
        with runfile.plain_words(self._held.path):
            row = self._held.connection.execute("SELECT value FROM meta WHERE key='key'").fetchone()
        if row is None or not isinstance(row[0], bytes):
            raise LockerError(f"{self._held.path}: no redaction key; a finished run has none")
        return row[0]

    def append(self, event: Event) -> None:
        """Add one event to the journal, and a capture's bytes to the file.

        Raises:
            LockerError: the run is finished, opened to read, or the file cannot be written.
            ValueError: the event cannot stand here (its object was not started, a time has no zone).
        """
        self._require_writable()
        self._journal.refuse(event)
        with self._writing():
            if isinstance(event, Captured):
                self._write(*self._store(event.capture))
            else:
                self._write(event, *codec.event_fields(event))
            if isinstance(event, Finished) or self._monotonic() - self._committed >= PATIENCE:
                self._commit()

    def finish(self, at: datetime) -> None:
        """End the run: nothing can be added any more, the redaction key is deleted, the file is one file.

        Raises:
            LockerError: it is finished already, opened to read, or cannot be written.
        """
        self._require_writable()
        with self._writing():
            self._write(at, codec.RUN_FINISHED, {"at": codec.instant(at)})
            connection = self._held.connection
            connection.execute("DELETE FROM meta")
            last = self._journal.last
            marks = (("head", last.hash.encode()), ("rows", str(last.seq).encode()))
            connection.executemany("INSERT INTO meta VALUES (?, ?)", marks)
            self._commit()
        self._close_for_good()

    def records(self, name: str) -> list[Capture | Gap]:
        """Captures and gaps of the last look at the object ``name``, in the order they came.

        A look that was interrupted ends with a gap about the whole object; so does no look at all.

        Raises:
            LockerError: the journal or one of the object's captures is damaged.
        """
        look = self._journal.looks.get(name)
        if look is None:
            return [Gap(GapReason.NOT_COLLECTED, detail="the object was not looked at in this run")]
        records = [self._record(seq) for seq in look.rows]
        if not look.finished:
            records.append(Gap(GapReason.TRUNCATED, detail="the look was interrupted and not taken up again"))
        return records

    def objects_finished(self) -> frozenset[str]:
        """Objects whose last look came to its end."""
        return frozenset(name for name, look in self._journal.looks.items() if look.finished)

    def verify(self) -> list[Problem]:
        """Name everything about the file that is not as it was written; an empty list: all is.

        Covered: every byte of every capture (by its reference), every row of the journal and their order,
        the header, the end mark, SQLite's own structure, and bytes that nothing refers to. Not covered:
        unused space inside SQLite's pages, which no reading ever reaches; and a rewrite of the whole file
        by somebody who can hash, against which only a ``head`` noted elsewhere, or a seal, helps.
        An unfinished run (``finished`` is None) is no problem.
        """
        return problems_of(self._held.connection, self._held.path)

    def close(self) -> None:
        """Commit what was appended and let go of the file. Closing twice is harmless."""
        held = self._held
        try:
            with runfile.plain_words(held.path):
                if self._is_open() and held.connection.in_transaction:
                    held.connection.execute("COMMIT")
        finally:
            if self._is_open():
                held.close()
                held.lock = -1

    def _is_open(self) -> bool:
        return self._held.lock >= 0

    @property
    def _journal(self) -> _Journal:
        if self._known is None:
            self._known = self._read_journal()
        return self._known

    def _read_journal(self) -> _Journal:
        """Read and check the whole journal once; captures are checked when they are read."""
        with runfile.plain_words(self._held.path):
            rows = list(rows_of(self._held.connection))
        for gap in breaks(rows):
            raise self._damaged(gap.text.en)
        try:
            first = codec.decode(rows[0].kind, rows[0].payload)
            if not isinstance(first, codec.Header):
                raise self._damaged("its first row is no header")
            if first.format > FORMAT_VERSION:
                raise LockerError(f"{self._held.path}: the run was written by a newer version")
            journal = _Journal(first, rows[0])
            for row in rows[1:]:
                entry = codec.decode(row.kind, row.payload)
                journal.refuse(entry)
                journal.note(entry, row)
        except ValueError as wrong:
            raise self._damaged(str(wrong)) from wrong
        return journal

    def _record(self, seq: int) -> Capture | Gap:
        path, connection = self._held.path, self._held.connection
        with runfile.plain_words(path):
            row = connection.execute("SELECT kind, payload FROM journal WHERE seq=?", (seq,)).fetchone()
        if row is None:
            raise self._damaged(f"row {seq} is missing")
        try:
            entry = codec.decode(*row)
            if isinstance(entry, Missed):
                return entry.gap
            if not isinstance(entry, codec.CaptureRow):
                raise self._damaged(f"row {seq} is neither a capture nor a gap")
            with runfile.plain_words(path):
                content, errors = (blob_of(connection, part) for part in (entry.content, entry.errors))
        except ValueError as wrong:
            raise self._damaged(f"row {seq}: {wrong}") from wrong
        return replace(entry.capture, content=content, errors=errors)

    def _damaged(self, what: str) -> LockerError:
        return LockerError(f"{self._held.path}: the run file is damaged ({what}); verify lists everything")

    def _require_writable(self) -> None:
        if not self._writable or not self._is_open():
            raise LockerError(f"{self._held.path}: the run file is not open for writing")
        if self._journal.ended is not None:
            raise LockerError(f"{self._held.path}: the run is finished; nothing can be added to it")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Be inside a transaction; after a failure nothing more is written, or the chain would break."""
        try:
            with runfile.plain_words(self._held.path):
                if not self._held.connection.in_transaction:
                    self._held.connection.execute("BEGIN IMMEDIATE")
                yield
        except LockerError:
            self._writable = False
            raise

    def _commit(self) -> None:
        self._held.connection.execute("COMMIT")
        self._committed = self._monotonic()

    def _write(self, entry: codec.Entry, kind: str, fields: codec.Fields) -> None:
        row = Row.following(self._journal.last, kind, canonical(fields))
        self._journal.note(entry, row)
        _insert(self._held.connection, row)

    def _store(self, capture: Capture) -> tuple[codec.CaptureRow, str, codec.Fields]:
        codec.instant(capture.taken)  # refused before any bytes are stored
        content, errors = (_pack(self._held.connection, part) for part in (capture.content, capture.errors))
        bare = replace(capture, content=b"", errors=b"")
        return (
            codec.CaptureRow(bare, content, errors),
            codec.CAPTURED,
            codec.capture_fields(capture, content, errors),
        )

    def _close_for_good(self) -> None:
        """Pack the file and end the write-ahead log. Killed in between, resuming does it again."""
        connection = self._held.connection
        with runfile.plain_words(self._held.path):
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
            if mode != "wal":
                runfile.sweep(self._held.path)
                return
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            # Held exclusively, SQLite would keep an emptied rollback journal until the connection closes.
            connection.execute("PRAGMA locking_mode=NORMAL")
            connection.execute("SELECT count(*) FROM meta").fetchone()
        if mode != "delete":
            raise LockerError(f"{self._held.path}: the run file could not be closed for good")


def _insert(connection: sqlite3.Connection, row: Row) -> None:
    values = (row.seq, row.kind, row.payload, row.previous, row.hash)
    connection.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", values)


def _pack(connection: sqlite3.Connection, content: bytes) -> Stored:
    """Store ``content`` unless the file has it already."""
    digest = hashlib.sha256(content).hexdigest()
    row = connection.execute("SELECT packed FROM blobs WHERE sha256=?", (digest,)).fetchone()
    packed = row[0] if row is not None else zlib.compress(content, 6)
    if row is None:
        connection.execute("INSERT INTO blobs VALUES (?, ?)", (digest, packed))
    return codec.Stored(digest, len(content), hashlib.sha256(packed).hexdigest())

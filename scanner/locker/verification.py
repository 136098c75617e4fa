"""What is wrong with a run file, named one by one."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.locker import codec
from scanner.locker.chain import Row, breaks
from scanner.model import Finished, Started, Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Area(StrEnum):
    """Part of a run file."""

    FILE = "file"
    HEADER = "header"
    JOURNAL = "journal"
    CAPTURE = "capture"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was written. ``name``: a capture's reference or a row's number."""

    area: Area
    name: str
    text: Text

    def __str__(self) -> str:
        """Render as ``capture web1/sshd: ...``."""
        return " ".join(filter(None, (self.area.value, self.name))) + f": {self.text.en}"


def problems_of(connection: sqlite3.Connection, path: Path) -> list[Problem]:
    """Look at everything that a run file holds; see ``Locker.verify`` for what that covers."""
    found: list[Problem] = []
    rows: list[Row] = []
    for part in (_structure(connection, path), _journal(connection, rows)):
        found += _drained(part)
    finished = bool(rows) and rows[-1].kind == codec.RUN_FINISHED
    found += _drained(_marks(connection, rows, finished=finished))
    found += _drained(_captures(connection, rows))
    return list(dict.fromkeys(found))


def rows_of(connection: sqlite3.Connection) -> Iterator[Row]:
    """All rows of the journal by number, as they stand."""
    query = "SELECT seq, kind, payload, previous, hash FROM journal ORDER BY seq"
    for seq, *texts in connection.execute(query):
        yield Row(seq, *map(str, texts))


def blob_of(connection: sqlite3.Connection, stored: codec.Stored) -> bytes:
    """Bytes that a capture's row refers to, checked.

    Raises:
        ValueError: they are missing, or are not the bytes that were stored.
    """
    row = connection.execute("SELECT packed FROM blobs WHERE sha256=?", (stored.sha256,)).fetchone()
    if row is None:
        raise ValueError("its bytes are missing")
    packed = row[0]
    if not isinstance(packed, bytes) or hashlib.sha256(packed).hexdigest() != stored.packed:
        raise ValueError("its bytes were changed")
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, stored.size + 1)
    except zlib.error as wrong:
        raise ValueError(f"its bytes were changed ({wrong})") from wrong
    if len(content) != stored.size or hashlib.sha256(content).hexdigest() != stored.sha256:
        raise ValueError("its bytes are not those that were captured")
    return content


def _drained(part: Iterator[Problem]) -> list[Problem]:
    """All problems of one part; where SQLite itself stumbles, that is the last of them."""
    found: list[Problem] = []
    try:
        found.extend(part)
    except sqlite3.Error as wrong:
        found.append(
            Problem(
                Area.FILE,
                "",
                Text(
                    zh=f"数据库结构损坏，无法读完：{wrong}", en=f"damaged, cannot be read to the end: {wrong}"
                ),
            )
        )
    return found


def _structure(connection: sqlite3.Connection, path: Path) -> Iterator[Problem]:
    for (line,) in connection.execute("PRAGMA integrity_check(20)"):
        if line != "ok":
            text = Text(zh=f"数据库结构损坏：{line}", en=f"the database's structure is damaged: {line}")
            yield Problem(Area.FILE, "", text)
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return  # not closed for good: what follows holds for finished files only
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    extra = path.stat().st_size - pages * size
    if extra > 0:
        text = Text(zh=f"文件末尾多出 {extra} 字节", en=f"{extra} bytes stand after the end")
        yield Problem(Area.FILE, "", text)
    if free:
        text = Text(zh=f"有 {free} 个空闲页：封存后被写过", en=f"{free} free pages: written to after its end")
        yield Problem(Area.FILE, "", text)


def _journal(connection: sqlite3.Connection, rows: list[Row]) -> Iterator[Problem]:
    """Check the chain and what the rows say; ``rows`` receives all that could be read."""
    try:
        rows.extend(rows_of(connection))  # what came before an error stays
    finally:
        broken = {gap.seq: gap.text for gap in breaks(rows)}
    for seq, text in broken.items():
        yield _at(seq, text)
    running: set[str] = set()
    for row in rows:
        try:
            entry = codec.decode(row.kind, row.payload)
        except ValueError as wrong:
            yield _at(row.seq, Text(zh=f"内容无法解读：{wrong}", en=f"cannot be understood: {wrong}"))
            continue
        if not _fits(row, entry, running, last=row is rows[-1]):
            yield _at(
                row.seq,
                Text(zh=f"第 {row.seq} 行不应出现在此处", en=f"row {row.seq} cannot stand at its place"),
            )


def _fits(row: Row, entry: codec.Entry, running: set[str], *, last: bool) -> bool:
    """Whether a row may follow those before it; ``running`` holds the objects being looked at."""
    if isinstance(entry, codec.Header):
        return row.seq == 1
    name = codec.object_of(entry)
    if not name:
        return last
    if isinstance(entry, Started):
        running.add(name)
        return True
    known = name in running
    if isinstance(entry, Finished):
        running.discard(name)
    return known


def _at(seq: int, text: Text) -> Problem:
    return Problem(Area.HEADER, "", text) if seq == 1 else Problem(Area.JOURNAL, f"row {seq}", text)


def _marks(connection: sqlite3.Connection, rows: list[Row], *, finished: bool) -> Iterator[Problem]:
    """Check what stands outside the chain: the key while the run goes on, the end mark after it."""
    marks = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    if not finished:
        if set(marks) != {"key"}:
            text = Text(zh="日志的末尾缺失", en="the end of the journal is missing")
            yield Problem(Area.JOURNAL, "end", text)
        return
    expected = {"head": rows[-1].hash.encode(), "rows": str(rows[-1].seq).encode()}
    if marks != expected:
        text = Text(zh="结束标记与日志不符", en="the end mark does not belong to this journal")
        yield Problem(Area.JOURNAL, "end", text)


def _captures(connection: sqlite3.Connection, rows: list[Row]) -> Iterator[Problem]:
    used: Counter[str] = Counter()
    for row in rows:
        if row.kind != codec.CAPTURED:
            continue
        try:
            entry = codec.decode(row.kind, row.payload)
        except ValueError:
            continue  # named by the walk over the journal
        if isinstance(entry, codec.CaptureRow):
            yield from _capture(connection, entry)
            used.update((entry.content.sha256, entry.errors.sha256))
    for (digest,) in connection.execute("SELECT sha256 FROM blobs ORDER BY sha256"):
        if str(digest) not in used:
            text = Text(
                zh=f"没有采集记录引用的内容 {digest}", en=f"bytes that no capture refers to: {digest}"
            )
            yield Problem(Area.FILE, "", text)


def _capture(connection: sqlite3.Connection, entry: codec.CaptureRow) -> Iterator[Problem]:
    for stored in (entry.content, entry.errors):
        try:
            blob_of(connection, stored)
        except ValueError as wrong:
            yield Problem(Area.CAPTURE, entry.capture.ref, Text(zh=f"采集内容损坏：{wrong}", en=str(wrong)))

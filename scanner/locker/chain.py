"""The journal's hash chain: every row's hash covers its place, its content and the hash before it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GENESIS = "0" * 64
"""What the first row follows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the journal; ``seq`` counts from 1 without holes."""

    seq: int
    kind: str
    payload: str
    previous: str
    hash: str

    @classmethod
    def following(cls, before: Row | None, kind: str, payload: str) -> Row:
        """Build the row that comes after ``before`` (None: the first)."""
        seq, previous = (1, GENESIS) if before is None else (before.seq + 1, before.hash)
        return cls(seq, kind, payload, previous, link(seq, kind, payload, previous))


def link(seq: int, kind: str, payload: str, previous: str) -> str:
    """Hash of a row: SHA-256 over its fields, one a line, under a name that no other hash has."""
    lines = ("mlps-posture/journal/1", str(seq), kind, previous, payload)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold."""

    seq: int
    text: Text


def breaks(rows: Iterable[Row]) -> Iterator[Break]:
    """Yield every place where ``rows`` (in their order) are not what was written one after the other.

    Each break is told once: the walk goes on from the row as it stands.
    """
    before: Row | None = None
    for row in rows:
        expected = 1 if before is None else before.seq + 1
        if row.seq != expected:
            yield _missing(expected, row.seq)
        elif row.previous != (GENESIS if before is None else before.hash):
            yield Break(
                row.seq,
                Text(
                    zh=f"第 {row.seq} 行与前一行不衔接：两行之一被改动",
                    en=f"row {row.seq} does not follow the row before it: one of the two was changed",
                ),
            )
        if row.hash != link(row.seq, row.kind, row.payload, row.previous):
            yield Break(
                row.seq,
                Text(zh=f"第 {row.seq} 行的内容被改动", en=f"the content of row {row.seq} was changed"),
            )
        before = row
    if before is None:
        yield _missing(1, 1)


def _missing(first: int, found: int) -> Break:
    last = max(first, found - 1)
    which = f"row {first} is" if first == last else f"rows {first} to {last} are"
    which_zh = f"第 {first} 行" if first == last else f"第 {first} 至 {last} 行"
    return Break(first, Text(zh=f"{which_zh}缺失", en=f"{which} missing"))

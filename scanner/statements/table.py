"""Attestations as a table: CSV that a spreadsheet wrote, read into the same shape as the YAML file.

One row is one answer on one object. Columns are named by the first row, in any order; those that a
questionnaire adds to read are accepted and ignored. A row without an answer, a statement and evidence is
not answered yet. A cell is data, whatever a spreadsheet would take it for: nothing is computed, and the
apostrophe that keeps a cell from being a formula is taken off again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scanner.spreadsheet import Table, unguarded
from scanner.statements.file import VERSION
from scanner.yamlmarks import MAX_BYTES, Document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.yamlmarks import Place, Where

COLUMNS = (
    "item",
    "step",
    "object",
    "answer",
    "method",
    "statement",
    "evidence",
    "digest",
    "author",
    "date",
    "expires",
)
TO_READ = ("role", "clause", "question_zh", "question_en", "hint_zh", "hint_en")
"""Columns that a questionnaire adds for the reader."""

NEEDED = ("item", "object", "answer", "method", "statement", "author", "date")
MAX_ROWS = 200_000
SEPARATOR = ";"
"""Between several files of evidence in one cell, and their digests in the same order."""

_UNANSWERED = ("answer", "statement", "evidence", "digest")


def parse(content: bytes, file: str) -> Document:
    """Read a table from bytes: UTF-8 with or without its mark, or GB18030.

    Never raises for what the bytes say: mistakes are listed in the document, whose columns count cells.
    """
    reading = _Reading(Table(file, content))
    if len(content) > MAX_BYTES:
        reading.table.wrong(0, 0, f"larger than {MAX_BYTES // 1024 // 1024} MiB")
    else:
        reading.rows()
    data = {"version": str(VERSION), "attestations": reading.entries} if reading.readable else None
    digest = hashlib.sha256(content).hexdigest()
    return Document(file, data, reading.places, tuple(reading.table.mistakes), digest)


@dataclass(slots=True)
class _Reading:
    """A table being read into the shape of the YAML file; what is in its rows was named by its header."""

    table: Table
    entries: list[dict[str, Any]] = field(default_factory=list)
    places: dict[Where, Place] = field(default_factory=dict)
    readable: bool = False

    def rows(self) -> None:
        """Read the header and every row."""
        rows = self.table.rows()
        line, header = next(rows, (1, []))
        names = [name.strip().casefold() for name in header]
        if not self._known(line, names):
            return
        self.readable = True
        self.places[("attestations",)] = (line, 1)
        for number, (at, cells) in enumerate(rows):
            if number == MAX_ROWS:
                self.table.wrong(at, 0, f"more than {MAX_ROWS} rows")
                return
            self._row(at, names, cells)

    def _known(self, line: int, names: Sequence[str]) -> bool:
        """Whether the header is one, noting what is wrong with it."""
        before = len(self.table.mistakes)
        for number, name in enumerate(names, start=1):
            if name and name not in {*COLUMNS, *TO_READ}:
                self.table.wrong(
                    line, number, f"no column is called {name!r}; there are: {', '.join(COLUMNS)}"
                )
            elif name and name in names[: number - 1]:
                self.table.wrong(line, number, f"the column {name!r} is there twice")
        for name in NEEDED:
            if name not in names:
                self.table.wrong(line, 0, f"the first row must name the column {name!r}")
        return len(self.table.mistakes) == before

    def _row(self, line: int, names: Sequence[str], cells: Sequence[str]) -> None:
        """Take one row in, unless nobody answered it yet."""
        if any(cell.strip() for cell in cells[len(names) :]):
            self.table.wrong(line, len(names) + 1, "more cells than the first row names")
        written = {
            name: (number, unguarded(cell.strip()))
            for number, (name, cell) in enumerate(zip(names, cells, strict=False), start=1)
            if name in COLUMNS and cell.strip()
        }
        if not any(name in written for name in _UNANSWERED):
            return
        where: Where = ("attestations", len(self.entries))
        self.places[where] = (line, 1)
        self.entries.append(self._entry(where, line, written))

    def _entry(self, where: Where, line: int, written: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
        """Return the row in the shape of the YAML file, noting the place of every value."""
        entry: dict[str, Any] = {}
        for name, (number, cell) in written.items():
            if name == "object":
                entry["objects"] = [cell]
                self.places[*where, "objects", 0] = (line, number)
                self.places[*where, "objects"] = (line, number)
            elif name not in {"evidence", "digest"}:
                entry[name] = cell
                self.places[*where, name] = (line, number)
        files = _parts(written.get("evidence"))
        digests = _parts(written.get("digest"))
        if len(digests) > len(files):
            self.table.wrong(line, written["digest"][0], "more digests than files of evidence")
        for number, name in enumerate(files):
            here = (*where, "evidence", number)
            self.places[here] = (line, written["evidence"][0])
            shown = {"file": name}
            if number < len(digests):
                shown["sha256"] = digests[number]
            self.places[*here, "file"] = self.places[here]
            entry.setdefault("evidence", []).append(shown)
        if files:
            self.places[*where, "evidence"] = (line, written["evidence"][0])
        return entry


def _parts(written: tuple[int, str] | None) -> list[str]:
    """Split a cell that may hold several values."""
    cell = written[1] if written is not None else ""
    return [part.strip() for part in cell.split(SEPARATOR) if part.strip()]

"""CSV as spreadsheets write and read it: encodings, rows with the lines they stand on, cells that stay data.

Nothing is computed. A cell that a spreadsheet would take for a formula is written with an apostrophe before
it, which is taken off again in reading: what is written is read back as it was.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.errors import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff"
"""Byte order mark, by which a spreadsheet knows that a file is UTF-8."""

_FORMULA = tuple("=+-@\t\r")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class Table:
    """A table being read; mistakes gather in ``mistakes`` while its rows are taken."""

    file: str
    content: bytes
    mistakes: list[Mistake] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield rows that hold anything, each with the line that it begins on, counted from 1.

        Reading ends where the bytes are no text or the text is no CSV; a mistake says so then.
        """
        text = self._text()
        if text is None:
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.wrong(line, 0, f"not CSV: {error}")
                return
            if any(map(str.strip, cells)):
                yield line, cells

    def wrong(self, line: int, column: int, text: str) -> None:
        """Note a mistake; columns count cells, 0: the whole row."""
        self.mistakes.append(Mistake(self.file, line, column, text))

    def _text(self) -> str | None:
        """The content as text: UTF-8 with or without its mark, or GB18030; None where it is none."""
        if self.content.startswith(_UTF_16):
            self.wrong(1, 0, "UTF-16: save the table as CSV UTF-8")
            return None
        zero = self.content.find(b"\0")
        if zero >= 0:
            self.wrong(self._line(zero), 0, "a NUL byte: not a text file")
            return None
        marked = self.content.startswith(codecs.BOM_UTF8)
        for encoding in ("utf-8-sig",) if marked else ("utf-8", "gb18030"):
            try:
                return self.content.decode(encoding)
            except UnicodeDecodeError as error:
                line = self._line(error.start)
        self.wrong(line, 0, "not UTF-8, as its mark says" if marked else "neither UTF-8 nor GB18030")
        return None

    def _line(self, offset: int) -> int:
        return self.content.count(b"\n", 0, offset) + 1


def written(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV that a spreadsheet opens as UTF-8 and computes nothing of."""
    text = io.StringIO(newline="")
    text.write(MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return text.getvalue()


def guarded(cell: str) -> str:
    """Return a cell as it is written, so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def unguarded(cell: str) -> str:
    """Take off the apostrophe of ``guarded``."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell

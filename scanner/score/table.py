"""A file of results as CSV: one row an item on an object, columns named by the first row, in any order."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from scanner.score.cells import shown
from scanner.score.results import NEEDED, Results, Row
from scanner.spreadsheet import Table, unguarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.score.results import Find

TO_READ = ("clause", "control_point_zh", "control_point_en")
"""Columns that an export adds for the reader."""


def read_table(content: bytes, file: str, find: Find) -> Results:
    """Read results from CSV. Never raises for what the bytes say: mistakes are listed in the results."""
    results, table = Results(file, find), Table(file, content)
    rows = table.rows()
    line, header = next(rows, (1, []))
    names = [name.strip().casefold() for name in header]
    if not table.mistakes and _is_header(table, line, names):
        width = len(names)
        pick = itemgetter(*(names.index(name) if name in names else width for name in Row._fields))
        for at, cells in rows:
            if len(cells) > width and any(map(str.strip, cells[width:])):
                table.wrong(at, width + 1, "more cells than the first row names")
                continue
            padded = [cell.strip() for cell in cells[:width]] + [""] * (width + 1 - len(cells))
            row = Row._make(pick(padded))
            if "'" in "".join(row[:3]):
                row = Row(*map(unguarded, row))
            results.add((at, 0), row)
    results.mistakes += table.mistakes
    return results


def _is_header(table: Table, line: int, names: Sequence[str]) -> bool:
    """Whether the first row names columns, noting what is wrong with it."""
    for number, name in enumerate(names, start=1):
        if name and name not in {*Row._fields, *TO_READ}:
            table.wrong(
                line, number, f"no column is called {shown(name)}; there are: {', '.join(Row._fields)}"
            )
        elif name and name in names[: number - 1]:
            table.wrong(line, number, f"the column {name!r} is there twice")
    for name in NEEDED:
        if name not in names:
            table.wrong(line, 0, f"the first row must name the column {name!r}")
    return not table.mistakes

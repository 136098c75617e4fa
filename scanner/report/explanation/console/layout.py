"""Parts of an explanation at the terminal: titles, sections, rows that stand under each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.report.console.words import heading, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model import Text
    from scanner.model.text import Language

Cell = str | Line


def title(name: str, *rest: str) -> Line:
    """The name of what is explained, and what it is called."""
    return Line.assemble(shown(name, "bold cyan"), "  ", shown("  ".join(filter(None, rest)), "bold"))


def remarks(parts: Iterable[str]) -> Line:
    """What is said of it in short, on one quiet line."""
    return shown(" · ".join(filter(None, parts)), "dim")


def section(name: Text, language: Language, parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    """Parts under a heading; nothing where there are none."""
    own = list(parts)
    if own:
        yield Line("")
        yield heading(name.say(language))
        yield from (Padding(part, (0, 0, 0, 2)) for part in own)


def rows(cells: Iterable[Sequence[Cell]], *, fixed: int = 1) -> Iterator[Table]:
    """A grid whose last cells are folded; the first ``fixed`` columns stay whole. Nothing without rows."""
    own = [list(row) for row in cells]
    if not own:
        return
    table = Table.grid(padding=(0, 2))
    for n in range(max(map(len, own))):
        table.add_column(no_wrap=n < fixed, overflow="fold")
    for row in own:
        table.add_row(*(cell if isinstance(cell, Line) else shown(cell) for cell in row))
    yield table


def said(text: str, style: str = "") -> Line:
    """A sentence that wraps."""
    return shown(text, style)

"""What passes between zones: a grid, and what is beside the policy with the lines that let it through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.facts import Crossing
from scanner.model import Text
from scanner.report.console.words import heading, shown
from scanner.report.zones import MARK, STATE, matrix_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.facts import PacketSeen, ZoneCell, ZoneMatrix
    from scanner.model.text import Language
    from scanner.report.content import Content

GRID = 12
"""Zones of a grid; of more, only what is told below."""

TOLD = 8
"""Packets told."""

_STYLE = {
    Crossing.AS_DECLARED: "green",
    Crossing.VIOLATED: "bold red",
    Crossing.UNKNOWN: "magenta",
    Crossing.UNDECLARED: "dim",
}
_TITLE = Text(zh="区域之间通行什么", en="What passes between zones")
_TO = Text(zh="从 \\ 到", en="from \\ to")
_BEYOND = Text(zh="{pair}：{packet} 通过，策略不允许", en="{pair}: {packet} passes, and is not allowed")
_BLOCKED = Text(zh="{pair}：{packet} 策略允许，但被拦截", en="{pair}: {packet} is allowed, and blocked")
_DOUBT = Text(zh="{pair}：{packet} 是否通过未能证明", en="{pair}: whether {packet} passes is not proved")
_UNSEEN = Text(
    zh="{name}（{why}）未看到：它两侧的区域不算隔离",
    en="{name} ({why}) was not seen: it may let everything pass",
)


def between_zones(content: Content, language: Language) -> Iterator[RenderableType]:
    """One block for the run; nothing where there are no zones to tell apart."""
    matrix = matrix_of(content)
    if matrix is None:
        return
    yield Line("")
    yield heading(_TITLE.say(language))
    legend = "  ".join(f"{MARK[state]} {STATE[state].say(language)}" for state in Crossing)
    yield Padding(Line(legend, style="dim"), (0, 0, 0, 2))
    if len(matrix.zones) <= GRID:
        yield Padding(_grid(matrix, language), (0, 0, 0, 2))
    for name, gap, _ in matrix.unseen:
        why = gap.detail or gap.reason.value
        yield Padding(shown(_UNSEEN.format(name=name, why=why).say(language), "magenta"), (0, 0, 0, 2))
    left = TOLD
    for words, kind, style in (
        (_BEYOND, "beyond", "red"),
        (_DOUBT, "doubts", "magenta"),
        (_BLOCKED, "blocked", ""),
    ):
        for cell in matrix.cells:
            some: tuple[PacketSeen, ...] = getattr(cell, kind)
            for one in some[: max(0, left)]:
                left -= 1
                yield from _packet(words, cell, one, style, language)


def _grid(matrix: ZoneMatrix, language: Language) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row(Line(_TO.say(language), style="dim"), *(shown(name, "bold", 16) for name in matrix.zones))
    for source in matrix.zones:
        marks = [_mark(matrix.cell(source, to)) for to in matrix.zones]
        table.add_row(shown(source, "bold", 24), *marks)
    return table


def _mark(cell: ZoneCell | None) -> Line:
    if cell is None:
        return Line("")
    return Line(MARK[cell.state] + ("" if cell.possible else " ∅"), style=_STYLE[cell.state])


def _packet(
    words: Text, cell: ZoneCell, one: PacketSeen, style: str, language: Language
) -> Iterator[RenderableType]:
    pair = f"{cell.source} → {cell.destination}"
    yield Padding(shown(words.format(pair=pair, packet=one.packet).say(language), style), (0, 0, 0, 2))
    for citation in one.at[-4:]:
        place = f"{citation.capture}:{citation.line}  {citation.excerpt}"
        yield Padding(shown(place, "dim", 160), (0, 0, 0, 6))

"""Coverage, scores and themes, with the part of the level's catalogue that they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.words import THEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Interval, Profile
    from scanner.model.text import Language
    from scanner.score import Scores

_COVERAGE = Text(zh="核查覆盖", en="coverage")
_DECIDED = Text(zh="项已定", en="items decided")
_RATE = Text(zh="符合率 2025 *", en="rate 2025 *")
_HALF = Text(zh="  部分符合按半计 *", en="  partial counted half *")
_POINTS = Text(zh="得分 2021 *", en="score 2021 *")
_POSSIBLE = Text(zh="可能结论：{names}", en="possible: {names}")
_CATALOGUE = Text(
    zh="本版本判定该级别 {official} 项通用要求中的 {carried} 项。",
    en="This version judges {carried} of the level's {official} general items.",
)
_OURS = Text(
    zh="* 权重与符合率口径为本工具自定，非官方。", en="* weights and rate formula are ours, not official."
)


def numbers(scores: Scores, profile: Profile, language: Language) -> Iterator[RenderableType]:
    """The table of numbers, and what they do not cover."""
    yield Padding(_table(scores, language), (0, 0, 0, 1))
    if profile.general_items:
        carried = _CATALOGUE.format(carried=len(profile.items), official=profile.general_items)
        yield Padding(Line(carried.say(language)), (0, 0, 0, 1))
    yield Padding(Line(_OURS.say(language), style="dim"), (0, 0, 0, 1))


def _table(scores: Scores, language: Language) -> Table:
    """Three columns; the last holds the longest list of conclusions at 80 characters without a break."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    decided = f"{scores.coverage.decided}/{scores.coverage.applicable}"
    table.add_row(_COVERAGE.say(language), Line(decided, style="bold"), _DECIDED.say(language))
    strict, points = _possible(scores.conclusions, language), _possible(scores.grades, language)
    table.add_row(_RATE.say(language), _span(scores.strict, "%"), strict)
    table.add_row(_HALF.say(language), _span(scores.half, "%"))
    table.add_row(_POINTS.say(language), _span(scores.deduction, ""), points)
    for theme, interval in scores.themes.items():
        if interval is not None:
            table.add_row(f"  {THEMES[theme].say(language)}", _span(interval, "%", 100), _bar(interval))
    return table


def _possible(names: tuple[str, ...], language: Language) -> str:
    return _POSSIBLE.format(names=" / ".join(names)).say(language) if names else ""


def _span(interval: Interval | None, unit: str, factor: float = 1) -> Line:
    if interval is None:
        return Line("-")
    low, high = interval.low * factor, interval.high * factor
    text = f"{low:.1f}{unit}" if low == high else f"{low:.1f} - {high:.1f}{unit}"
    return Line(text, style="bold")


def _bar(interval: Interval, width: int = 20) -> Line:
    """What is sure (full), still open (shaded), lost (dots)."""
    low, high = round(interval.low * width), round(interval.high * width)
    return Line.assemble(("█" * low, "green"), ("▒" * (high - low), "magenta"), ("·" * (width - high), "red"))

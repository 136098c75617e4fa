"""Levels side by side at the terminal: numbers, what changes by control point, the way to each next level."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Text, Verdict
from scanner.report.console.numbers import span
from scanner.report.console.way import way_lines
from scanner.report.console.words import VERDICT_STYLE, heading, shown
from scanner.report.words import OF_SAMPLE, THEMES, VERDICT, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from scanner.compare import Column, Comparison, Row
    from scanner.model.text import Language
    from scanner.report.content import Content

_INDICATIVE = Text(
    zh="参考结果：结论只能由有资质的测评机构出具。",
    en="Indicative: only a qualified agency issues a conclusion.",
)
_LEVEL = Text(zh="第 {level} 级", en="level {level}")
_APPLY = Text(zh="适用的项", en="items that apply")
_FAILING = Text(zh="已知不能符合", en="known to fail")
_COVERAGE = Text(zh="核查覆盖", en="coverage")
_RATE = Text(zh="符合率 2025 *", en="rate 2025 *")
_POINTS = Text(zh="得分 2021 *", en="score 2021 *")
_OVERLAYS = Text(zh="叠加", en="overlays")
_LOOSENED = Text(zh="{name}（放宽 {count} 处）", en="{name} ({count} loosened)")
_OURS = Text(
    zh="* 权重、y 与符合率口径为本工具自定，非官方。",
    en="* weights, y and rate formula are ours, not official.",
)
_POINTS_TITLE = Text(zh="按控制点看变化", en="What changes, by control point")
_LEGEND = Text(
    zh="符合/适用，✗ 已知不能符合，+ 本级新增，- 本级不再有。另有 {count} 个控制点没有变化。",
    en="conform/applicable, ✗ known to fail, + new here, - gone here. {count} more do not change.",
)


def side_by_side(comparisons: Sequence[Comparison], content: Content, language: Language) -> RenderableType:
    """Return the comparison of each system; ``content`` is that of the highest level."""
    return Group(*(part for c in comparisons for part in _system(c, content, language)))


def _system(comparison: Comparison, content: Content, language: Language) -> Iterator[RenderableType]:
    highest = comparison.columns[-1].assessment
    yield Line.assemble(
        shown(highest.system.title, "bold"), "  ", (highest.at.isoformat(timespec="seconds"), "dim")
    )
    yield Line(_INDICATIVE.say(language), style="dim")
    yield Line("")
    yield Padding(_numbers(comparison.columns, language), (0, 0, 0, 1))
    if any(c.scores.posture is not None for c in comparison.columns):
        yield Padding(Line(OF_SAMPLE.say(language), style="yellow"), (0, 0, 0, 1))
    yield Padding(Line(_OURS.say(language), style="dim"), (0, 0, 0, 1))
    yield Line("")
    yield from _control_points(comparison, language)
    for found, column in zip(comparison.ways, comparison.columns[1:], strict=True):
        yield Line("")
        yield from way_lines(found, column, content, language)
    yield Line("")


def _table(columns: Sequence[Column], language: Language) -> Table:
    """A table with a column a level."""
    table = Table.grid(padding=(0, 3))
    table.add_column()
    for _ in columns:
        table.add_column(justify="right", no_wrap=True)
    levels = (_LEVEL.format(level=c.assessment.system.grade.level).say(language) for c in columns)
    table.add_row("", *(Line(level, style="bold") for level in levels))
    return table


def _numbers(columns: Sequence[Column], language: Language) -> Table:
    table = _table(columns, language)
    table.add_row(_APPLY.say(language), *(str(c.applicable) for c in columns))
    for verdict in (*VERDICT_ORDER, Verdict.UNDETERMINED):
        counts = [c.counts[verdict] for c in columns]
        style = VERDICT_STYLE[verdict]
        table.add_row(f"  {VERDICT[verdict].say(language)}", *(_count(n, style) for n in counts))
    table.add_row(_FAILING.say(language), *(_count(c.failing, "red") for c in columns))
    table.add_row(
        _COVERAGE.say(language),
        *(f"{c.scores.coverage.decided}/{c.scores.coverage.applicable}" for c in columns),
    )
    table.add_row(_RATE.say(language), *(span(c.scores.strict, "%") for c in columns))
    table.add_row(_POINTS.say(language), *(span(c.scores.deduction, "") for c in columns))
    for theme, words in THEMES.items():
        table.add_row(
            f"  {words.say(language)}", *(span(c.scores.themes.get(theme), "%", 100) for c in columns)
        )
    if any(c.assessment.profile.overlays for c in columns):
        table.add_row(_OVERLAYS.say(language), *(_overlays(c, language) for c in columns))
    return table


def _count(n: int, style: str) -> Line:
    return Line(str(n), style=style if n else "dim")


def _overlays(column: Column, language: Language) -> Line:
    """Names of overlays, with how much they loosen."""
    laid = column.assessment.profile.overlays
    names = (
        _LOOSENED.format(name=o.name, count=len(o.loosened)).say(language) if o.loosened else o.name
        for o in laid
    )
    return Line("\n").join(shown(name) for name in names) if laid else Line("-", style="dim")


def _control_points(comparison: Comparison, language: Language) -> Iterator[RenderableType]:
    """A row a control point in which something changes."""
    points: dict[tuple[str, str], list[Row]] = {}
    for row in comparison.rows:
        item = next(r.item for r in reversed(row.results) if r is not None)
        points.setdefault((item.klass, item.control_point.say(language)), []).append(row)
    changing = {name: rows for name, rows in points.items() if any(row.changed for row in rows)}
    yield heading(_POINTS_TITLE.say(language))
    legend = _LEGEND.format(count=len(points) - len(changing)).say(language)
    yield Padding(Line(legend, style="dim"), (0, 0, 0, 1))
    table = _table(comparison.columns, language)
    for (klass, point), rows in changing.items():
        cells = (_cell(rows, n) for n, _ in enumerate(comparison.columns))
        table.add_row(Line.assemble((f"{klass} ", "dim"), shown(point)), *cells)
    yield Padding(table, (0, 0, 0, 1))


def _cell(rows: Sequence[Row], n: int) -> Line:
    """One control point at the n-th level."""
    results = [row.results[n] for row in rows]
    there = [r for r in results if r is not None and r.verdict is not Verdict.NOT_APPLICABLE]
    if not there:
        return Line("-", style="dim")
    verdicts = Counter(r.verdict for r in there)
    failing = sum(r.known_to_fail for r in there)
    cell = Line(f"{verdicts[Verdict.CONFORM]}/{len(there)}")
    if failing:
        cell.append(f" ✗{failing}", style="red")
    before = [row.results[n - 1] for row in rows] if n else results
    pairs = list(zip(before, results, strict=True))
    if new := sum(old is None and now is not None for old, now in pairs):
        cell.append(f" +{new}", style="cyan")
    if gone := sum(old is not None and now is None for old, now in pairs):
        cell.append(f" -{gone}", style="cyan")
    return cell

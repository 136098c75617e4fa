"""Scores of a file of results at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Scope, Text
from scanner.report.console.classes import SHORT_VERDICT, VERDICT_COLUMNS
from scanner.report.console.numbers import bar, possible, span
from scanner.report.console.words import VERDICT_STYLE, heading, shown
from scanner.report.words import CLASSES, OF_SAMPLE, SCOPE, THEMES
from scanner.score import Formula, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model.text import Language
    from scanner.report.scored import ScoredFile, ScoredSystem
    from scanner.score import Scores
    from scanner.score.units import ClassSummary

_INDICATIVE = Text(
    zh="参考结果：结论只能由有资质的测评机构出具。",
    en="Indicative: only a qualified agency issues a conclusion.",
)
_SYSTEM = Text(zh="系统", en="system")
_ITEMS = Text(zh="{items} 项", en="{items} items")
_SILENT = Text(zh="，其中 {silent} 项文件未提及", en=", {silent} of them not in the file")
_COVERAGE = Text(zh="核查覆盖", en="coverage")
_DECIDED = Text(zh="项已定", en="items decided")
_STRICT = Text(zh="符合率（严格）*", en="rate, strict *")
_HALF = Text(zh="符合率（部分按半）*", en="rate, partial half *")
_POINTS = Text(zh="得分 *", en="score *")
_SAMPLE = Text(zh="抽样对象", en="over the sample")
_POSTURE = Text(zh="全部对象（态势）", en="over all objects (posture)")
_BEFORE = Text(zh="不计补偿", en="without compensations")
_THEMES = Text(zh="主题 *", en="themes *")
_CLASSES = Text(zh="各安全类", en="by class")
_OURS = Text(zh="* 本工具自定，非官方：", en="* ours, not official: ")
_YOURS = Text(zh="* 由您设定：", en="* set by you: ")


def render_scored(scored: ScoredFile, language: Language) -> RenderableType:
    """Return the scores of every system, and what they rest on."""
    return Group(*_parts(scored, language))


def _parts(scored: ScoredFile, language: Language) -> Iterator[RenderableType]:
    grade = "" if scored.grade is None else f"  {scored.grade}"
    yield Line.assemble(shown(scored.file, "bold"), f"{grade}  ", scored.template.title.say(language))
    yield Line(_INDICATIVE.say(language), style="dim")
    for system in scored.systems:
        yield from _system(scored, system, language)
    yield Line("")
    for ours, said in ((True, _OURS), (False, _YOURS)):
        chosen = [s for s in scored.settings() if s.ours is ours]
        if chosen:
            listed = (f"{s.name.say(language)} {s.value.say(language)}" for s in chosen)
            yield Line(said.say(language) + ("；" if language == "zh" else "; ").join(listed), style="dim")


def _system(scored: ScoredFile, system: ScoredSystem, language: Language) -> Iterator[RenderableType]:
    yield Line("")
    silent = _SILENT.format(silent=system.silent).say(language) if system.silent else ""
    items = f"{_ITEMS.format(items=system.items).say(language)}{silent}"
    named = f"{_SYSTEM.say(language)} " if system.name else ""
    yield Line.assemble(named, shown(system.name, "bold"), "  " if system.name else "", items)
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for title, scores in _views(system.scores):
        if title is not None:
            table.add_row(Line(title.say(language), style="underline"))
        _numbers(table, scored, scores, language)
    yield Padding(table, (0, 0, 0, 1))
    if system.scores.posture is not None:
        yield Padding(Line(OF_SAMPLE.say(language), style="yellow"), (0, 0, 0, 1))
    if any(interval is not None for interval in system.scores.themes.values()):
        yield Line(_THEMES.say(language))
        yield Padding(_themes(system.scores, language), (0, 0, 0, 1))
    if system.classes:
        yield heading(_CLASSES.say(language))
        yield Padding(_by_class(system.classes, language), (0, 0, 0, 1))


def _views(scores: Scores) -> Iterator[tuple[Text | None, Scores]]:
    """The numbers, then those without compensations and those over all objects, where they differ."""
    yield (_SAMPLE if scores.posture is not None else None), scores
    if scores.before is not None:
        yield _BEFORE, scores.before
    if scores.posture is not None:
        yield _POSTURE, scores.posture


def _numbers(table: Table, scored: ScoredFile, scores: Scores, language: Language) -> None:
    """Rows of the numbers, those of the chosen template first."""
    decided = f"{scores.coverage.decided}/{scores.coverage.applicable}"
    table.add_row(_COVERAGE.say(language), Line(decided, style="bold"), _DECIDED.say(language))
    decides = scored.templates.rate.reading
    rates = ((Reading.STRICT, _STRICT, scores.strict), (Reading.HALF, _HALF, scores.half))
    rows = [
        (name, span(interval, "%"), scores.conclusions if reading is decides else ())
        for reading, name, interval in rates
    ]
    points = (_POINTS, span(scores.deduction, ""), scores.grades)
    rate_first = scored.template.formula is Formula.RATE
    for name, interval, names in (*rows, points) if rate_first else (points, *rows):
        table.add_row(name.say(language), interval, possible(names, language))


def _themes(scores: Scores, language: Language) -> Table:
    table = Table.grid(padding=(0, 2))
    for theme, interval in scores.themes.items():
        if interval is not None:
            table.add_row(THEMES[theme].say(language), span(interval, "%", 100), bar(interval))
    return table


def _by_class(classes: Sequence[ClassSummary], language: Language) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 1), pad_edge=False, header_style="dim")
    table.add_column(no_wrap=True)
    for verdict in VERDICT_COLUMNS:
        table.add_column(SHORT_VERDICT[verdict].say(language), justify="right", no_wrap=True)
    for summary in classes:
        name = Text(summary.class_zh, CLASSES.get(summary.klass, summary.klass)).say(language)
        counts = [
            Line(str(count), style=VERDICT_STYLE[verdict]) if count else Line("·", style="dim")
            for verdict in VERDICT_COLUMNS
            for count in (summary.unit.counts[verdict],)
        ]
        scope = "" if summary.scope is Scope.GENERAL else f"{SCOPE[summary.scope].say(language)} "
        table.add_row(f"{scope}{name}", *counts)
    return table

"""The report at the terminal: numbers first, then worst first, why, where, and the remedy.

Everything that came from a host passes through ``shown`` before it is printed: no terminal escape survives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Answer, Text, Verdict
from scanner.report.console.numbers import numbers
from scanner.report.console.problems import problems
from scanner.report.console.unseen import unseen
from scanner.report.console.wire import on_the_wire
from scanner.report.console.words import VERDICT_STYLE, heading, shown
from scanner.report.words import VERDICT, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Assessment, ItemResult
    from scanner.model.text import Language
    from scanner.report.content import Content

_INDICATIVE = Text(
    zh="参考结果：结论只能由有资质的测评机构出具。",
    en="Indicative: only a qualified agency issues a conclusion.",
)
_LEVEL = Text(zh="第 {level} 级（{grade}）", en="level {level} ({grade})")
_FAILING = Text(zh="已知不能符合的项", en="Items that can no longer conform")
_PERSON = Text(
    zh="另有 {count} 项等待人工核查（无自动检查或检查只能否定）。",
    en="{count} more item(s) wait for a person (no check, or one that can only condemn).",
)


def render(content: Content, language: Language) -> RenderableType:
    """Return the whole report."""
    return Group(*(part for a in content.assessments for part in _assessment(a, content, language)))


def _assessment(a: Assessment, content: Content, language: Language) -> Iterator[RenderableType]:
    level = _LEVEL.format(level=a.system.grade.level, grade=a.system.grade).say(language)
    title = shown(a.system.title, "bold")
    yield Line.assemble(title, f"  {level}  ", (a.at.isoformat(timespec="seconds"), "dim"))
    yield Line(_INDICATIVE.say(language), style="dim")
    yield Line("")
    yield from numbers(content.scores[a.system.name], a.profile, language)
    yield from problems(a, content, language)
    yield from _failing(a, language)
    yield from on_the_wire(a, content, language)
    yield from unseen(a.gaps, language)
    waiting = sum(_waits(item) for item in a.items)
    yield Line("")
    yield Line(_PERSON.format(count=waiting).say(language), style="dim")


def _failing(a: Assessment, language: Language) -> Iterator[RenderableType]:
    failing = [item for item in a.items if item.known_to_fail]
    if not failing:
        return
    yield Line("")
    yield heading(_FAILING.say(language))
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(no_wrap=True)
    for item in failing:
        objects = ", ".join(o.object for o in item.objects if Verdict.CONFORM not in o.possible)
        table.add_row(
            item.item.id,
            item.item.clause,
            item.item.control_point.say(language),
            _verdict(item, language),
            shown(objects, "dim"),
        )
    yield Padding(table, (0, 0, 0, 2))


def _verdict(item: ItemResult, language: Language) -> Line:
    words = [VERDICT[v].say(language) for v in VERDICT_ORDER if v in item.possible]
    return Line(" / ".join(words), style=VERDICT_STYLE[item.verdict])


def _waits(item: ItemResult) -> bool:
    """Whether nothing was found against the item and somebody has to look at a step that no check answers."""
    if item.verdict is not Verdict.UNDETERMINED or item.known_to_fail:
        return False
    return any(s.answer is Answer.UNSEEN and not s.findings for o in item.objects for s in o.steps)

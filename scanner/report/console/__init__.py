"""The report at the terminal: numbers first, then worst first, why, where, and the remedy.

Everything that came from a host passes through ``shown`` before it is printed: no terminal escape survives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.console.classes import by_class
from scanner.report.console.failing import failing
from scanner.report.console.numbers import numbers
from scanner.report.console.overlays import overlays
from scanner.report.console.problems import problems
from scanner.report.console.risks import candidates
from scanner.report.console.sample import sample
from scanner.report.console.statements import remarks, statements
from scanner.report.console.unseen import unseen
from scanner.report.console.waiting import waits
from scanner.report.console.wire import on_the_wire
from scanner.report.console.words import shown
from scanner.report.console.zones import between_zones
from scanner.report.words import SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Assessment
    from scanner.model.text import Language
    from scanner.report.content import Content

_INDICATIVE = Text(
    zh="参考结果：结论只能由有资质的测评机构出具。",
    en="Indicative: only a qualified agency issues a conclusion.",
)
_LEVEL = Text(zh="第 {level} 级（{grade}）", en="level {level} ({grade})")


def render(content: Content, language: Language) -> RenderableType:
    """Return the whole report."""
    parts = (part for a in content.assessments for part in _assessment(a, content, language))
    return Group(*parts, *between_zones(content, language))


def _assessment(a: Assessment, content: Content, language: Language) -> Iterator[RenderableType]:
    level = _LEVEL.format(level=a.system.grade.level, grade=a.system.grade).say(language)
    title = shown(a.system.title, "bold")
    uses = "".join(f" + {SCOPE[scope].say(language)}" for scope in a.system.uses)
    yield Line.assemble(title, f"  {level}{uses}  ", (a.at.isoformat(timespec="seconds"), "dim"))
    yield Line(_INDICATIVE.say(language), style="dim")
    yield Line("")
    yield from overlays(a, language)
    yield from numbers(a, content.scores[a.system.name], language)
    yield from sample(a, language)
    yield from by_class(a, language)
    yield from waits(a, content.roles, language)
    yield from statements(a, language)
    yield from candidates(a, content, language)
    yield from problems(a, content, language)
    yield from failing(a, language)
    yield from remarks(a, language)
    yield from on_the_wire(a, content, language)
    yield from unseen(a.gaps, language)

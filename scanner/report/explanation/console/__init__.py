"""Explanations at the terminal: one thing in full, several as a list."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from rich.console import Group
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.explanation.console.check import check_parts
from scanner.report.explanation.console.in_run import check_in_run, item_in_run, judgement_in_run
from scanner.report.explanation.console.item import item_parts
from scanner.report.explanation.console.judgement import judgement_parts, trigger_parts
from scanner.report.explanation.console.layout import rows, section
from scanner.report.explanation.console.others import capability_parts, items_by_level, kind_parts, more

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model.text import Language
    from scanner.report.explanation.find import Found
    from scanner.report.explanation.in_run import Judgings
    from scanner.report.explanation.knowledge import Knowledge

T = TypeVar("T")

_CHECKS = Text("检查", "Checks")
_JUDGEMENTS = Text("高风险判例", "Judgements on high risk")
_TRIGGERS = Text("重大风险隐患触发项", "Triggers of major dangers")
_KINDS = Text("测评对象类型", "Kinds of assessment objects")
_CAPABILITIES = Text("待增能力", "Capabilities to come")


def render(found: Found, known: Knowledge, judged: Judgings | None, language: Language) -> RenderableType:
    """Return what was found.

    What is alone of its sort stands in full where it was named, or where nothing else was found; the rest by
    name.
    """
    full = found.literal or found.count == 1
    blocks = list(_in_full(found, known, judged, language)) if full else []
    listed = list(_lists(found, known, language, at_least=2 if full else 1))
    if listed:
        blocks.append(iter([*listed[1:], Line(""), more(language)]))  # each list begins with a blank line
    parts: list[RenderableType] = []
    for block in blocks:
        parts += [Line(""), *block] if parts else block
    return Group(*parts)


def _in_full(
    found: Found, known: Knowledge, judged: Judgings | None, language: Language
) -> Iterator[Iterator[RenderableType]]:
    """Yield the parts of everything that is alone of its sort, with what a run shows of it."""
    shown: Iterable[RenderableType]
    for item in _alone(found.items):
        shown = () if judged is None else item_in_run(item, judged, known, language)
        yield chain(item_parts(item, known, language), shown)
    for check in _alone(found.checks):
        shown = () if judged is None else check_in_run(check, judged, language)
        yield chain(check_parts(check, known, language), shown)
    for judgement in _alone(found.judgements):
        shown = () if judged is None else judgement_in_run(judgement, judged, language)
        yield chain(judgement_parts(judgement, known, language), shown)
    for trigger in _alone(found.triggers):
        yield trigger_parts(trigger, known, language)
    for kind in _alone(found.kinds):
        yield kind_parts(kind, known, language)
    for name in _alone(found.capabilities):
        yield capability_parts(name, known, language)


def _alone(things: Sequence[T]) -> Sequence[T]:
    return things if len(things) == 1 else ()


def _lists(found: Found, known: Knowledge, language: Language, at_least: int) -> Iterator[RenderableType]:
    """Lists of the sorts of which there are so many."""
    if len(found.items) >= at_least:
        yield from items_by_level(found.items, language)
    tables = (
        (_CHECKS, [(check.id, check.question) for check in found.checks]),
        (_JUDGEMENTS, [(judgement.id, judgement.title) for judgement in found.judgements]),
        (_TRIGGERS, [(trigger.code, trigger.title) for trigger in found.triggers]),
        (_KINDS, [(kind.id, kind.text) for kind in found.kinds]),
        (_CAPABILITIES, [(name, known.capabilities[name]) for name in found.capabilities]),
    )
    for title, cells in tables:
        if len(cells) >= at_least:
            yield from section(title, language, rows((name, text.say(language)) for name, text in cells))

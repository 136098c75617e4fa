"""Classes of the standard in figures: a line each, and what all of them come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Text, Verdict
from scanner.report.answering import Awaited
from scanner.report.classes import figures
from scanner.report.console.words import VERDICT_STYLE, heading
from scanner.report.words import VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model import Assessment
    from scanner.model.text import Language
    from scanner.report.classes import Figures

_TITLE = Text(zh="各安全类的测评单元", en="Items by class, and steps that wait for people")
_ITEMS = Text(zh="项", en="items")
SHORT_VERDICT = {
    Verdict.CONFORM: Text(zh="符合", en="conform"),
    Verdict.PARTIAL: Text(zh="部分", en="partial"),
    Verdict.NONCONFORM: Text(zh="不符合", en="nonconf"),
    Verdict.UNDETERMINED: Text(zh="未定", en="open"),
    Verdict.NOT_APPLICABLE: Text(zh="不适用", en="n/a"),
}
VERDICT_COLUMNS = (*VERDICT_ORDER[:3], Verdict.UNDETERMINED, Verdict.NOT_APPLICABLE)
_PERSONS = Text(zh="待人工步骤", en="people")
_ALL = Text(zh="合计", en="all")


def by_class(a: Assessment, language: Language) -> Iterator[RenderableType]:
    """The table; nothing where the system has no items."""
    found = figures(a)
    if not found:
        return
    yield Line("")
    yield heading(_TITLE.say(language))
    table = Table(box=None, padding=(0, 1, 0, 1), pad_edge=False, header_style="dim")
    table.add_column(no_wrap=True)
    for name in (_ITEMS, *(SHORT_VERDICT[v] for v in VERDICT_COLUMNS), _PERSONS):
        table.add_column(name.say(language), justify="right", no_wrap=True)
    for row in found:
        table.add_row(row.name.say(language), *_cells([row]))
    table.add_row(Line(_ALL.say(language), style="bold"), *_cells(found), style="bold")
    yield Padding(table, (0, 0, 0, 1))


def _cells(rows: Sequence[Figures]) -> list[Line]:
    """Figures of one class, or of several together; a nought stays quiet."""
    verdicts = [
        _cell(sum(row.verdicts.get(verdict, 0) for row in rows), VERDICT_STYLE[verdict])
        for verdict in VERDICT_COLUMNS
    ]
    persons = sum(row.waits[Awaited.PERSON] for row in rows)
    return [_cell(sum(row.items for row in rows), ""), *verdicts, _cell(persons, "magenta")]


def _cell(count: int, style: str) -> Line:
    return Line(str(count), style=style) if count else Line("·", style="dim")

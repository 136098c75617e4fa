"""Results as CSV: one row an item on an object, and what scores rest on, so that ``score`` computes the same.

A spreadsheet opens it as UTF-8 and takes no cell for a formula. Same evidence, same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.report.words import VERDICT_ORDER
from scanner.score.assessed import given_risks, sampled_objects, standings, stated_majors
from scanner.score.cells import SEPARATOR
from scanner.score.results import NO_THEME
from scanner.spreadsheet import written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from scanner.model import Assessment, Item, Risk, Verdict
    from scanner.report.content import Content
    from scanner.score import Majors

COLUMNS = (
    "system",
    "item",
    "clause",
    "control_point_zh",
    "control_point_en",
    "object",
    "verdict",
    "possible",
    "before",
    "side",
    "weight",
    "themes",
    "optional",
    "risk",
    "sampled",
    "majors",
    "counted",
)


def render(content: Content) -> str:
    """Return the table with its first row, which names the columns."""
    return written([COLUMNS, *(row for a in content.assessments for row in _rows(a))])


def _rows(a: Assessment) -> Iterator[tuple[str, ...]]:
    """Rows of one system, in the order of the standard's items and their objects."""
    risks, sample = given_risks(a), sampled_objects(a)
    majors = _majors(stated_majors(a, risks))
    for result in a.items:
        for on, standing in zip(result.objects, standings(result, risks, sample), strict=True):
            yield (
                a.system.name,
                *_item(result.item),
                on.object,
                on.verdict.value,
                _verdicts(standing.possible),
                _verdicts(standing.before or ()),
                *_counted(result.item),
                _risk(standing.risk),
                _truth(standing.sampled),
                majors,
                _truth(not result.item.overlay),
            )


def _item(item: Item) -> tuple[str, ...]:
    """What tells a reader which item it is."""
    return item.id, item.clause, item.control_point.zh, item.control_point.en


def _counted(item: Item) -> tuple[str, ...]:
    """How an item counts."""
    return item.side, item.weight, SEPARATOR.join(item.themes) or NO_THEME, _truth(item.optional)


def _verdicts(possible: Collection[Verdict]) -> str:
    return SEPARATOR.join(verdict.value for verdict in VERDICT_ORDER if verdict in possible)


def _risk(risk: Risk | None) -> str:
    return "" if risk is None else risk.value


def _truth(value: bool) -> str:
    return "yes" if value else "no"


def _majors(majors: Majors) -> str:
    return f"{majors.confirmed}{'+' if majors.more else ''}"

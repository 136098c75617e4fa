"""Items as CSV: a row an item, for a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.report.catalogue.judged_by import awaited_by, judged_by
from scanner.report.catalogue.listing import class_name
from scanner.spreadsheet import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.model import Item
    from scanner.report.catalogue.listing import Listing

HEAD = (
    "id level scope clause class class_zh class_en control_point_zh control_point_en mark weight_ours "
    "summary_zh summary_en object_kinds themes decision partial optional judged_by settled_by awaits "
    "high_risk changed_from overlay steps_zh steps_en"
).split()


def as_csv(listing: Listing) -> str:
    """Return the items as CSV; the steps stand in one cell a language, a line each."""
    return written([HEAD, *(list(_cells(item)) for item in listing.items)])


def _cells(item: Item) -> Iterator[str]:
    checks = dict.fromkeys(binding.check for step in item.steps for binding in step.bindings)
    yield from (item.id, str(item.level), item.scope.value, item.clause)
    yield from (item.klass, item.class_zh, class_name(item).en)
    yield from (item.control_point.zh, item.control_point.en, item.mark, item.weight)
    yield from (item.summary.zh, item.summary.en, " ".join(item.kinds), " ".join(item.themes))
    yield from (item.decision, _flag(value=item.partial), _flag(value=item.optional), judged_by(item).value)
    yield from (" ".join(checks), " ".join(awaited_by(item)), " ".join(item.high_risk))
    yield from (item.changed_from, item.overlay)
    yield "\n".join(f"{step.n}. {step.text.zh}" for step in item.steps)
    yield "\n".join(f"{step.n}. {step.text.en}" for step in item.steps)


def _flag(*, value: bool) -> str:
    return "true" if value else "false"

"""Which noes are to raise no alarm. Pure: a waiver changes no result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Answer

if TYPE_CHECKING:
    from collections.abc import Collection

    from scanner.model import Assessment, Waiver


def silenced(assessment: Assessment, waiver: Waiver) -> tuple[str, ...]:
    """Ids of the findings that a waiver speaks of: noes of its check, on its object, of its item."""
    of_item = _findings_of(assessment, waiver.item) if waiver.item else frozenset()
    return tuple(
        finding.id
        for finding in assessment.findings
        if finding.answer is Answer.NO
        and waiver.check in {"", finding.check}
        and waiver.object in {"", finding.object}
        and (not waiver.item or finding.id in of_item)
    )


def _findings_of(assessment: Assessment, item: str) -> Collection[str]:
    """Ids of the findings that the steps of an item rest on."""
    return {
        finding.id
        for result in assessment.items
        if result.item.id == item
        for o in result.objects
        for step in o.steps
        for finding in step.findings
    }

"""What a run shows of an item, a check or a judgement on high risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scanner.checks.check import Check
    from scanner.model import (
        Assessment,
        Candidate,
        Finding,
        Item,
        ItemResult,
        Judgement,
        ObjectResult,
        System,
    )
    from scanner.report.explanation.knowledge import Knowledge

_WORST_FIRST = (Answer.NO, Answer.UNSEEN, Answer.YES, Answer.NA)


@dataclass(frozen=True, slots=True)
class Judgings:
    """A run, judged: the assessments of its systems."""

    name: str  # of the run's file
    at: datetime
    assessments: tuple[Assessment, ...]


@dataclass(frozen=True, slots=True)
class ItemShown:
    """What became of an item in one system.

    ``result`` None: the system is not judged by it. Its ``item`` may be another one: the same requirement at
    the level that the system is judged at.
    """

    system: System
    result: ItemResult | None


def of_item(item: Item, judged: Judgings, known: Knowledge) -> tuple[ItemShown, ...]:
    """Return the results of an item, or of the same requirement at another level, by system."""
    kin = {other.id for other in known.kin[item.id]}
    shown = []
    for assessment in judged.assessments:
        results = {result.item.id: result for result in assessment.items if result.item.id in kin}
        other = next(iter(results.values()), None)
        shown.append(ItemShown(assessment.system, results.get(item.id, other)))
    return tuple(shown)


def of_check(check: Check, judged: Judgings) -> Mapping[str, tuple[Finding, ...]]:
    """Return the findings of a check by name of the system, the worst first."""
    return {
        assessment.system.name: tuple(
            sorted(
                (finding for finding in assessment.findings if finding.check == check.id),
                key=lambda finding: (_WORST_FIRST.index(finding.answer), finding.object, finding.subject),
            )
        )
        for assessment in judged.assessments
    }


def of_judgement(judgement: Judgement, judged: Judgings) -> Mapping[str, tuple[Candidate, ...]]:
    """Return how far a judgement has come on the objects of each system, by its name."""
    return {
        assessment.system.name: tuple(c for c in assessment.candidates if c.judgement == judgement.id)
        for assessment in judged.assessments
    }


def alike(result: ItemResult) -> tuple[tuple[ObjectResult, ...], ...]:
    """Return the objects of an item in groups that a reader need not tell apart: same answers, same words."""
    groups: dict[object, list[ObjectResult]] = {}
    for on in result.objects:
        said = tuple(
            (step.answer, tuple((f.check, f.answer, f.message) for f in step.findings)) for step in on.steps
        )
        groups.setdefault((on.possible, on.reason, said), []).append(on)
    return tuple(tuple(group) for group in groups.values())

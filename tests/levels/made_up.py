"""Small items and results, put together by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from scanner import decision
from scanner.model import (
    Answer,
    Assessment,
    Attestation,
    Binding,
    Citation,
    Finding,
    Gap,
    Grade,
    Item,
    ItemResult,
    ItemStep,
    Method,
    ObjectResult,
    Place,
    Profile,
    Risk,
    Settles,
    StepResult,
    System,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORDS = Text("甲", "a")
AT = datetime(2026, 1, 2, tzinfo=UTC)
YES, NO, UNSEEN, NA = Answer.YES, Answer.NO, Answer.UNSEEN, Answer.NA


def item(
    id_: str, *steps: ItemStep, decision_: str = "all", changed_from: str = "", point: str = "Point"
) -> Item:
    level = int(id_[1])
    return Item(
        id_, level, "8.1.4.1 a)", "CES", "", Text("点", point), "G", WORDS, ("operating_system",), ("audit",),
        steps or (step(1),), decision_, partial=True, optional=False, side="technical", weight="important",
        changed_from=changed_from,
    )  # fmt: skip


def step(n: int, *checks: str, no: Sequence[str] = (), awaits: str = "") -> ItemStep:
    """A step that ``checks`` answer and ``no`` can condemn."""
    bindings = tuple(Binding(c, Settles.BOTH) for c in checks) + tuple(Binding(c, Settles.NO) for c in no)
    return ItemStep(n, WORDS, Method.EXAMINE, bindings, awaits=awaits)


def finding(check: str, answer: Answer, object_: str = "web1", gap: Gap | None = None) -> Finding:
    cited = (Citation(f"{object_}/x", 1, "x"),) if answer in {YES, NO} else ()
    return Finding(check, object_, "", answer, WORDS, cited, gap, Risk.LOW)


def attested(answer: Answer, object_: str = "web1") -> Attestation:
    return Attestation(
        "", None, object_, answer, Method.EXAMINE, "seen", "Ann", date(2026, 1, 1), Place("a.yaml", 1)
    )


def answered(n: int, answer: Answer, *findings: Finding, stated: Sequence[Answer] = ()) -> StepResult:
    return StepResult(n, answer, findings, tuple(map(attested, stated)))


def result(item_: Item, objects: Mapping[str, Sequence[StepResult]]) -> ItemResult:
    """The item on each object, with the verdicts that follow from its steps."""
    verdicts = decision.Verdicts(item_)
    results = tuple(
        ObjectResult(name, verdicts.of(s.answer for s in steps), tuple(steps))
        for name, steps in objects.items()
    )
    return ItemResult(item_, decision.over_objects(r.possible for r in results), results)


def simple(item_: Item, *answers: Answer, object_: str = "web1") -> ItemResult:
    """The item on one object, its steps answered without checks."""
    return result(item_, {object_: [answered(n, a) for n, a in enumerate(answers, start=1)]})


def assessment(level: int, *items: ItemResult) -> Assessment:
    profile = Profile(level, WORDS, tuple(r.item for r in items), {}, "")
    system = System("shop", "Shop", Grade(level, level))
    return Assessment(system, profile, (), items, (), {}, AT)


def raised(item_: Item, id_: str) -> Item:
    """The same requirement one level up."""
    return replace(item_, id=id_, level=item_.level + 1, changed_from=item_.id)

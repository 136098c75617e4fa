"""Items with their steps, answers and evidence; and what of them waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Answer, Risk, Text, Verdict
from scanner.report.html.anchors import anchor
from scanner.report.html.questions import finding_anchor
from scanner.report.words import RISK_ORDER, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.model import Assessment, Citation, Finding, Item, ItemResult, Method, ObjectResult

QUOTED = 3
"""Citations quoted under a step; its finding shows all of them in their lines."""

CLASS = {
    "PES": "Physical environment",
    "CNS": "Communication network",
    "ABS": "Area boundary",
    "CES": "Computing environment",
    "SMC": "Security management centre",
    "PSS": "Security policies and systems",
    "ORS": "Security organisation",
    "HRS": "Security of staff",
    "CMS": "Construction management",
    "MMS": "Operation and maintenance management",
}
"""English names of the classes of GB/T 28448-2019; the catalogue carries the Chinese ones."""


@dataclass(frozen=True, slots=True)
class Because:
    """A finding under a step."""

    anchor: str
    check: str
    answer: Answer
    message: Text
    citations: tuple[Citation, ...]
    more: int


@dataclass(frozen=True, slots=True)
class On:
    """A step's answer on one object; ``waits``: somebody has to look, no check settles it."""

    object: str
    answer: Answer
    waits: bool
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step with its answers, object by object."""

    n: int
    text: Text
    method: Method
    on: tuple[On, ...]

    @property
    def waiting(self) -> tuple[str, ...]:
        """Objects on which somebody has to look."""
        return tuple(on.object for on in self.on if on.waits)


@dataclass(frozen=True, slots=True)
class OnObject:
    """An item's verdict on one object."""

    object: str
    verdict: Verdict
    possible: tuple[Verdict, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One item as it is shown."""

    anchor: str
    item: Item
    verdict: Verdict
    possible: tuple[Verdict, ...]
    fails: bool
    objects: tuple[OnObject, ...]
    steps: tuple[Step, ...]
    risks: tuple[Risk, ...]  # of the noes it rests on

    @property
    def waiting(self) -> tuple[Step, ...]:
        """Steps that somebody has to answer on some object."""
        return tuple(step for step in self.steps if step.waiting)


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one class of the standard."""

    name: Text
    rows: tuple[Row, ...]


def item_anchor(result: ItemResult, system: str) -> str:
    """Place of an item in the page; ``system`` is "" where the run has only one."""
    return anchor("item", f"{system}/{result.item.id}" if system else result.item.id)


def groups(a: Assessment, system: str) -> tuple[Group, ...]:
    """All items by class, in the order of the standard."""
    found: dict[str, list[Row]] = {}
    names: dict[str, Text] = {}
    for result in a.items:
        klass = result.item.klass
        names[klass] = Text(result.item.class_zh, CLASS.get(klass, klass))
        found.setdefault(klass, []).append(_row(result, item_anchor(result, system)))
    return tuple(Group(names[klass], tuple(rows)) for klass, rows in found.items())


def ordered(possible: frozenset[Verdict]) -> tuple[Verdict, ...]:
    """Verdicts from best to worst."""
    return tuple(v for v in VERDICT_ORDER if v in possible)


def _row(result: ItemResult, place: str) -> Row:
    noes = {f.risk for o in result.objects for s in o.steps for f in s.findings if f.answer is Answer.NO}
    return Row(
        anchor=place,
        item=result.item,
        verdict=result.verdict,
        possible=ordered(result.possible),
        fails=result.known_to_fail,
        objects=tuple(OnObject(o.object, o.verdict, ordered(o.possible), o.reason) for o in result.objects),
        steps=tuple(
            Step(step.n, step.text, step.method, tuple(_on(step.n, result.objects)))
            for step in result.item.steps
        ),
        risks=tuple(risk for risk in RISK_ORDER if risk in noes),
    )


def _on(n: int, objects: tuple[ObjectResult, ...]) -> Iterator[On]:
    for result in objects:
        for step in result.steps:
            if step.n == n:
                because = tuple(_because(f) for f in step.findings)
                blind = any(f.answer is Answer.UNSEEN for f in step.findings)
                waits = step.answer is Answer.UNSEEN and not blind
                yield On(result.object, step.answer, waits, because)


def _because(finding: Finding) -> Because:
    return Because(
        anchor=finding_anchor(finding),
        check=finding.check,
        answer=finding.answer,
        message=finding.message,
        citations=finding.citations[:QUOTED],
        more=max(0, len(finding.citations) - QUOTED),
    )

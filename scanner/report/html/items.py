"""Items as they are shown: results by object with what changed them, steps, risks of what remains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.model import Scope, Text, Verdict
from scanner.report.answering import Awaited
from scanner.report.classes import class_name
from scanner.report.html.anchors import anchor
from scanner.report.html.steps import Step, steps
from scanner.report.words import RISK_ORDER, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.model import (
        Assessment,
        Compensation,
        Item,
        ItemResult,
        ObjectResult,
        Problem,
        Risk,
        RiskSetting,
    )

ATTESTED, DISPUTED, COMPENSATED, CAPABILITY = "attested", "disputed", "compensated", "capability"
"""States of an item beside what it waits for, as the filter names them."""


@dataclass(frozen=True, slots=True)
class Held:
    """A verdict with the objects that it holds for. ``before``: without the compensation."""

    objects: tuple[str, ...]
    verdict: Verdict
    possible: tuple[Verdict, ...]
    before: tuple[Verdict, ...]
    compensation: Compensation | None  # about any of the objects, which stand in ``objects``
    reason: str


@dataclass(frozen=True, slots=True)
class Remaining:
    """The problem that an item leaves, with the objects of the same risk. ``setting``: a person's word."""

    objects: tuple[str, ...]
    proposed: Risk | None
    setting: RiskSetting | None

    @property
    def risk(self) -> Risk | None:
        """What a person set, else what is proposed."""
        return self.setting.risk if self.setting is not None else self.proposed


@dataclass(frozen=True, slots=True)
class Row:
    """One item as it is shown."""

    anchor: str
    item: Item
    verdict: Verdict
    possible: tuple[Verdict, ...]
    before: tuple[Verdict, ...]  # without compensations; empty where there is none
    fails: bool
    objects: tuple[str, ...]
    held: tuple[Held, ...]
    steps: tuple[Step, ...]
    problems: tuple[Remaining, ...]

    @property
    def risks(self) -> tuple[Risk, ...]:
        """Risks of what remains, the worst first."""
        found = {problem.risk for problem in self.problems}
        return tuple(risk for risk in RISK_ORDER if risk in found)

    @property
    def states(self) -> tuple[str, ...]:
        """What it waits for, and what people did to it."""
        answered = [(step, some) for step in self.steps for some in step.answered]
        states = {some.waits.value for _, some in answered if some.waits is not None}
        if any(step.awaits is not None and some.waits is Awaited.PERSON for step, some in answered):
            states.add(CAPABILITY)
        if any(some.attested for _, some in answered):
            states.add(ATTESTED)
        if any(some.disputed for _, some in answered):
            states.add(DISPUTED)
        if any(held.compensation is not None for held in self.held):
            states.add(COMPENSATED)
        return tuple(sorted(states))


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one class of the general requirements, or of one extension."""

    name: Text
    scope: Scope
    rows: tuple[Row, ...]


def item_anchor(result: ItemResult, system: str) -> str:
    """Place of an item in the page; ``system`` is "" where the run has only one."""
    return anchor("item", f"{system}/{result.item.id}" if system else result.item.id)


def groups(a: Assessment, system: str) -> tuple[Group, ...]:
    """All items by scope and class, in the order of the standard, the general ones first."""
    problems: dict[str, list[Problem]] = {}
    for problem in a.problems:
        problems.setdefault(problem.item, []).append(problem)
    found: dict[tuple[Scope, str], list[ItemResult]] = {}
    for result in a.items:
        found.setdefault((result.item.scope, result.item.klass), []).append(result)
    scopes = list(Scope)
    return tuple(
        Group(
            class_name(found[key][0].item),
            key[0],
            tuple(_row(r, a, problems.get(r.item.id, []), item_anchor(r, system)) for r in found[key]),
        )
        for key in sorted(found, key=lambda key: scopes.index(key[0]))
    )


def ordered(possible: frozenset[Verdict]) -> tuple[Verdict, ...]:
    """Verdicts from best to worst."""
    return tuple(v for v in VERDICT_ORDER if v in possible)


def _row(result: ItemResult, a: Assessment, problems: Sequence[Problem], place: str) -> Row:
    return Row(
        anchor=place,
        item=result.item,
        verdict=result.verdict,
        possible=ordered(result.possible),
        before=ordered(result.before),
        fails=result.known_to_fail,
        objects=tuple(o.object for o in result.objects),
        held=tuple(_held(result.objects)),
        steps=steps(result, a.profile.capabilities),
        problems=tuple(_remaining(problems)),
    )


def _held(results: Sequence[ObjectResult]) -> Iterator[Held]:
    alike: dict[object, list[ObjectResult]] = {}
    for result in results:
        made_up = result.compensation and replace(result.compensation, object="")
        alike.setdefault((result.possible, result.before, made_up, result.reason), []).append(result)
    for some in alike.values():
        first = some[0]
        yield Held(
            tuple(result.object for result in some),
            first.verdict,
            ordered(first.possible),
            ordered(first.before),
            first.compensation,
            first.reason,
        )


def _remaining(problems: Sequence[Problem]) -> Iterator[Remaining]:
    alike: dict[object, list[Problem]] = {}
    for problem in problems:
        given = problem.setting and replace(problem.setting, object="")
        alike.setdefault((problem.proposed, given), []).append(problem)
    for some in alike.values():
        yield Remaining(tuple(p.object for p in some), some[0].proposed, some[0].setting)

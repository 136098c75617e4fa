"""The way to a level: what stands between a system and every item conforming, cheapest first.

The order is an estimate of effort, and OURS: a look that was refused costs a right; a setting costs a change
on each object; a statement costs somebody's time; what no look of this product shows yet costs a person or
waiting; a measure that people found missing may cost anything. Nothing here promises: a look may show a no.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from scanner import decision
from scanner.model import Answer, GapReason, Settles, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from scanner.model import Gap, Item, ItemResult, ItemStep, StepResult

_MET = frozenset({Verdict.CONFORM, Verdict.NOT_APPLICABLE})

_PEOPLE_SETTLE = frozenset({GapReason.UNPARSABLE, GapReason.BUG})
"""Gaps that another look does not close: this program did not understand what it saw."""


class Effort(IntEnum):
    """What would clear a hurdle, cheapest first; the order is ours."""

    LOOK = 1  # a right, or another look: something was asked and could not be seen
    SETTING = 2  # a setting on some objects: a check said no and has a remedy
    STATEMENT = 3  # somebody's statement: no look answers it
    CAPABILITY = 4  # a look that this product does not have yet; until then a statement
    MEASURE = 5  # a measure that people, not checks, found missing


@dataclass(frozen=True, slots=True, order=True)
class Hurdle:
    """What one act clears.

    ``key``: of a look the right or act that it needs (else the gap's reason), of a setting the check, of a
    statement the class and control point, of a capability its id, of a measure the item.
    """

    effort: Effort
    key: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One hurdle on the way, after all cheaper ones."""

    hurdle: Hurdle
    objects: tuple[str, ...]  # where it has to be cleared
    items: tuple[str, ...]  # that still need it
    below: int  # how many of them are open at the level below too
    met: int  # items that conform at best once this and all before it is cleared


@dataclass(frozen=True, slots=True)
class Way:
    """All stages to a level, and how far it is: once the last stage is cleared every open item is met."""

    stages: tuple[Stage, ...]
    open: tuple[str, ...]  # applicable items that do not conform for sure yet
    applicable: int


def way(results: Sequence[ItemResult], open_below: Collection[str], origins: Mapping[str, str]) -> Way:
    """Return the way to conforming in every item.

    Args:
        results: all items of the level that is the aim.
        open_below: ids of the items of the level below that do not conform for sure.
        origins: see ``lineage``, over the items of both levels and those between.
    """
    applicable = [r for r in results if r.possible != {Verdict.NOT_APPLICABLE}]
    left = {r.item.id: _Open.of(r) for r in applicable if not r.possible <= _MET}
    named = tuple(left)
    known_below = {origins[name] for name in open_below}
    cleared: set[Hurdle] = set()
    stages = []
    for hurdle in _in_order(left.values()):
        items = tuple(name for name, item in left.items() if hurdle in item.hurdles)
        if not items:
            continue
        objects = sorted({place for name in items for place in left[name].places(hurdle)})
        cleared.add(hurdle)
        met = [name for name in items if left[name].met(cleared)]
        for name in met:
            del left[name]
        below = sum(origins[name] in known_below for name in items)
        stages.append(Stage(hurdle, tuple(objects), items, below, len(applicable) - len(left)))
    return Way(tuple(stages), named, len(applicable))


def still_open(results: Iterable[ItemResult]) -> tuple[str, ...]:
    """Return the ids of the items that do not conform for sure yet."""
    return tuple(r.item.id for r in results if not r.possible <= _MET)


def _in_order(items: Collection[_Open]) -> list[Hurdle]:
    """All hurdles: by effort, then fewest objects, then most items."""
    objects: dict[Hurdle, set[str]] = {}
    weight: Counter[Hurdle] = Counter()
    for item in items:
        for hurdle in item.hurdles:
            weight[hurdle] += 1
            objects.setdefault(hurdle, set()).update(item.places(hurdle))
    return sorted(weight, key=lambda h: (h.effort, len(objects[h]), -weight[h], h.key))


@dataclass(frozen=True, slots=True)
class _Open:
    """An item that is not met yet: what stands before each of its steps, on each object that lacks it."""

    verdicts: decision.Verdicts
    objects: Mapping[str, tuple[tuple[Answer, frozenset[Hurdle]], ...]]
    hurdles: frozenset[Hurdle]

    @classmethod
    def of(cls, result: ItemResult) -> _Open:
        """Gather the hurdles of an item."""
        steps = {step.n: step for step in result.item.steps}
        objects = {
            o.object: tuple((s.answer, _hurdles(result.item, steps[s.n], s)) for s in o.steps)
            for o in result.objects
            if not o.possible <= _MET
        }
        found = frozenset(h for answers in objects.values() for _, hurdles in answers for h in hurdles)
        return cls(decision.Verdicts(result.item), objects, found)

    def places(self, hurdle: Hurdle) -> Iterator[str]:
        """Objects on which the hurdle stands before this item."""
        return (name for name, steps in self.objects.items() if any(hurdle in found for _, found in steps))

    def met(self, cleared: AbstractSet[Hurdle]) -> bool:
        """Whether the item conforms everywhere if each step whose hurdles are all cleared turns out a yes."""
        return all(
            self.verdicts.of(Answer.YES if found and found <= cleared else answer for answer, found in steps)
            <= _MET
            for steps in self.objects.values()
        )


def _hurdles(item: Item, step: ItemStep, result: StepResult) -> frozenset[Hurdle]:
    """Return all that has to be cleared before a step can be a yes; nothing where it is one or drops out."""
    if result.answer in {Answer.YES, Answer.NA}:
        return frozenset()
    stated = {attestation.answer for attestation in result.attestations}
    found = {Hurdle(Effort.SETTING, f.check) for f in result.findings if f.answer is Answer.NO}
    if Answer.NO in stated:
        found.add(Hurdle(Effort.MEASURE, item.id))
    if stated != {Answer.YES} and Answer.NO not in stated:
        found |= set(_unanswered(item, step, result))
    return frozenset(found or {_statement(item)})


def _unanswered(item: Item, step: ItemStep, result: StepResult) -> Iterator[Hurdle]:
    """Yield what a step lacks beside the noes to become a yes: a yes needs every check that may acquit."""
    findings = {finding.check: finding for finding in result.findings}
    acquitting = [b.check for b in step.bindings if b.settles is Settles.BOTH]
    if not acquitting or any(check not in findings for check in acquitting):
        yield Hurdle(Effort.CAPABILITY, step.awaits) if step.awaits else _statement(item)
        return
    for check in acquitting:
        gap = findings[check].gap
        if findings[check].answer is Answer.UNSEEN and gap is not None:
            yield _look(gap) or _statement(item)


def _look(gap: Gap) -> Hurdle | None:
    """The look that would close a gap; None where only a person can."""
    if not gap.needs and gap.reason in _PEOPLE_SETTLE:
        return None
    return Hurdle(Effort.LOOK, gap.needs or gap.reason.value)


def _statement(item: Item) -> Hurdle:
    """Statements are asked for by control point."""
    return Hurdle(Effort.STATEMENT, f"{item.klass} {item.control_point.en}")

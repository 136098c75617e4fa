"""Conditions of a rule as sets of packets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from scanner.facts.rules import Either, Field, Flagged, InState, Opaque, Side, Stage, Through, Within
from scanner.packetspace.cube import (
    ALL,
    CAME,
    FLAGS,
    GOES,
    STATE,
    STATES,
    Cube,
    TooMany,
    all_meet,
    fielded,
    masked,
)

if TYPE_CHECKING:
    from scanner.facts.rules import Condition, FilterRule
    from scanner.packetspace.interfaces import Interfaces

MOST_CUBES = 20_000
"""Of one rule: a set of that many elements is still read."""

_PLACE = {field: place for place, field in enumerate(Field)}


@dataclass(frozen=True, slots=True)
class Matched:
    """Packets that a rule may match; ``exact``: it does match all of them."""

    cubes: tuple[Cube, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Meaning:
    """How conditions become sets.

    ``first``: only the first packet of a first connection is asked about, at ``stage``; ``marked``: rules on
    the way set marks, so that what asks for marks cannot be told; ``translated``: the packet's destination is
    not the one that it was sent to (None: perhaps); ``from_others``: nor may its source be the one that sent
    it.
    """

    interfaces: Interfaces
    first: bool = False
    stage: Stage = Stage.INPUT
    marked: bool = False
    translated: bool | None = False
    from_others: bool = False

    def of(self, rule: FilterRule) -> Matched:
        """Return the packets of a rule.

        Raises:
            TooMany: more cubes than are worth the time.
        """
        matched = self._all(rule.conditions)
        return Matched(matched.cubes, matched.exact and not rule.unread)

    def _all(self, conditions: tuple[Condition, ...]) -> Matched:
        cubes, exact = [ALL], True
        for condition in conditions:
            one = self._one(condition)
            cubes = all_meet(cubes, one.cubes)
            exact = exact and one.exact
            if len(cubes) > MOST_CUBES:
                raise TooMany
        return Matched(tuple(cubes), exact)

    def _one(self, condition: Condition) -> Matched:
        match condition:
            case Within():
                cube = fielded(ALL, _PLACE[condition.field], condition.spans)
                return _exactly(cube if condition.spans else None)
            case Through():
                mask = self.interfaces.of(condition)
                place = CAME if condition.side is Side.IN else GOES
                return _exactly(masked(ALL, place, mask) if mask else None)
            case InState():
                mask = sum(1 << i for i, state in enumerate(STATES) if state in condition.states)
                return _exactly(masked(ALL, STATE, mask) if mask else None)
            case Flagged():
                return _exactly(masked(ALL, FLAGS, condition.values) if condition.values else None)
            case Opaque():
                return self._opaque(condition)
            case Either():
                options = [self._all(option) for option in condition.options]
                return Matched(tuple(c for o in options for c in o.cubes), all(o.exact for o in options))
            case _:
                assert_never(condition)

    def _opaque(self, condition: Opaque) -> Matched:
        if self.first and condition.stands and self.translated is False:
            return self._all(condition.stands)
        if self.first:
            answer = self._first(condition)
            if answer is None:
                return Matched((ALL,), exact=False)
            return _exactly(ALL if answer is not condition.negated else None)
        if condition.steady:
            return _exactly(ALL._replace(others=frozenset({(condition.text, not condition.negated)})))
        return Matched((ALL,), exact=False)

    def _first(self, condition: Opaque) -> bool | None:
        """The answer for the first packet; at the host itself its destination is the host's own address."""
        if condition.kind == "mark" and self.marked:
            return None
        if condition.kind == "translated" and self.translated is not False:
            return True if self.translated and "dnat" in condition.text else None
        if condition.kind == "translated" and self.from_others and "snat" in condition.text:
            return None
        if condition.kind in {"to-local", "to-other"} and self.stage in {Stage.INPUT, Stage.FORWARD}:
            return (condition.kind == "to-local") is (self.stage is Stage.INPUT)
        return condition.first


def _exactly(cube: Cube | None) -> Matched:
    return Matched(() if cube is None else (cube,), exact=True)

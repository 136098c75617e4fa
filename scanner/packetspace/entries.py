"""A base chain with all that it calls, as one list in which the first entry that matches decides.

A jump becomes the called rules under the caller's conditions; a return or a goto takes its packets from what
follows. Where a condition is not exact, an entry knows the packets that it surely gets (``sure``) and those
that it may get (``may``): an uncertain return takes away neither certainty of what follows nor possibility.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.facts.rules import Action, FilterRule, Stage
from scanner.packetspace.cube import (
    ALL,
    EVERY_FLAG,
    EVERY_PORT,
    EVERY_PROTOCOL,
    EVERY_STATE,
    NO_OTHER,
    Cube,
    TooMany,
    all_meet,
    all_minus,
)
from scanner.packetspace.interfaces import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts.rules import Base, Chain, FilterTable
    from scanner.packetspace.matching import Matched, Meaning

MOST_ENTRIES = 400_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule on one way to it. ``action`` is never a jump that was followed, a goto or a return."""

    rule: FilterRule
    sure: tuple[Cube, ...]
    may: tuple[Cube, ...]
    action: Action


@dataclass(slots=True)
class Guard:
    """Packets that surely and that possibly come here."""

    sure: list[Cube]
    may: list[Cube]

    def meet(self, matched: Matched) -> Guard:
        """What of them a rule matches."""
        if len(self.may) == 1 and self.may[0] is ALL:
            may = list(matched.cubes)
        else:
            may = all_meet(self.may, matched.cubes)
        if not matched.exact:
            return Guard([], may)
        return Guard(may if self.sure is self.may else all_meet(self.sure, matched.cubes), may)

    def without(self, taken: Guard) -> Guard:
        """What of them is left when some went elsewhere."""
        if self.sure is self.may and taken.sure is taken.may:
            left = all_minus(self.may, taken.sure)
            return Guard(left, left)
        return Guard(all_minus(self.sure, taken.may), all_minus(self.may, taken.sure))


@dataclass(slots=True)
class _Walk:
    meaning: Meaning
    chains: Mapping[str, Chain]
    told: list[Entry] = field(default_factory=list)
    read: dict[int, Matched] = field(default_factory=dict)

    def chain(self, name: str, guard: Guard, above: tuple[str, ...]) -> None:
        """Follow one chain; ``above`` are those that are being followed."""
        for rule in self.chains[name].rules:
            if not guard.may:
                return
            hit = guard.meet(self._matched(rule))
            if rule.action in {Action.JUMP, Action.GOTO}:
                self._tell(rule, hit, Action.CONTINUE)
                self._call(rule, hit, (*above, name))
            elif rule.action is not Action.RETURN:
                self._tell(rule, hit, rule.action)
            else:
                self._tell(rule, hit, Action.CONTINUE)
            if rule.action in {Action.GOTO, Action.RETURN} and hit.may:
                guard = guard.without(hit)

    def _call(self, rule: FilterRule, hit: Guard, above: tuple[str, ...]) -> None:
        if not hit.may:
            return
        if rule.target in above or rule.target not in self.chains:
            self._tell(rule, hit, Action.ANYTHING)
        else:
            self.chain(rule.target, hit, above)

    def _matched(self, rule: FilterRule) -> Matched:
        key = id(rule)
        if key not in self.read:
            self.read[key] = self.meaning.of(rule)
        return self.read[key]

    def _tell(self, rule: FilterRule, hit: Guard, action: Action) -> None:
        self.told.append(Entry(rule, tuple(hit.sure), tuple(hit.may), action))
        if len(self.told) > MOST_ENTRIES:
            raise TooMany


def entrance(table: FilterTable, base: Base, meaning: Meaning) -> list[Cube]:
    """Packets that the base chain sees: of its table's families, with the interfaces that its stage has."""
    every = meaning.interfaces.every
    none = meaning.interfaces.mask(NONE)
    some = every & ~none
    own = sum(meaning.interfaces.mask(name) for name in set(base.devices)) or some
    came, goes = {
        Stage.INPUT: (some, none),
        Stage.PREROUTING: (some, every),  # not routed yet: rules there name no way out
        Stage.FORWARD: (some, some),
        Stage.OUTPUT: (none, some),
        Stage.POSTROUTING: (every, some),
        Stage.INGRESS: (own, every),
        Stage.INBOUND: (own, every),
        Stage.OUTBOUND: (some, own),
    }[base.stage]
    return [
        Cube(
            (came, goes, EVERY_STATE, EVERY_FLAG),
            (EVERY_PROTOCOL, family, family, EVERY_PORT, EVERY_PORT),
            NO_OTHER,
        )
        for family in table.families
    ]


def entries(table: FilterTable, base: Base, meaning: Meaning, guard: Guard | None = None) -> list[Entry]:
    """Return the entries of a base chain for the packets of ``guard`` (default: all that it sees).

    Raises:
        TooMany: chains call each other in more ways, or split packets into more pieces, than are followed.
    """
    seen = entrance(table, base, meaning)
    if guard is None:
        guard = Guard(seen, seen)
    else:
        may = all_meet(guard.may, seen)
        guard = Guard(may if guard.sure is guard.may else all_meet(guard.sure, seen), may)
    walk = _Walk(meaning, {chain.name: chain for chain in table.chains})
    walk.chain(base.chain, guard, ())
    return walk.told

"""A first-match list that can be asked which packets of a set it decides how."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.facts.rules import DECIDING, Action
from scanner.packetspace.cover import hole
from scanner.packetspace.cube import FLAGS, STATE, Cube, fielded, masked, meet, within
from scanner.packetspace.first import SYN
from scanner.packetspace.ordinary import ordinary
from scanner.packetspace.overlap import Overlaps, ones
from scanner.packetspace.spans import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.facts.rules import FilterRule
    from scanner.packetspace.entries import Entry

MOST_STEPS = 10_000
"""Comparisons for one rule before it is given up."""

STEPS_OF_ALL, STEPS_A_RULE = 100_000, 100
"""Comparisons for all rules together: so many, and so many more for each."""

STEPS_OF_SOME, RULES_WITH_MORE = 200, 1000
"""So many more for each of so many rules: lists of ordinary length are worth the time."""


@dataclass(frozen=True, slots=True)
class Item:
    """A cube of an entry that decides. ``exact``: all of its packets surely are decided by it."""

    cube: Cube
    entry: int
    exact: bool
    action: Action
    rule: FilterRule


@dataclass(slots=True)
class Budget:
    """Comparisons that are left: for one rule, and for all of them (``total``)."""

    total: int
    left: int = MOST_STEPS

    @classmethod
    def of(cls, rules: int) -> Budget:
        """The budget of a whole rule set."""
        more = STEPS_OF_SOME * min(rules, RULES_WITH_MORE)
        return cls(STEPS_OF_ALL + STEPS_A_RULE * rules + more)

    def next(self) -> Budget:
        """Begin with another rule."""
        self.left = min(MOST_STEPS, self.total)
        return self

    def spend(self, comparisons: int = 1) -> None:
        """Count comparisons.

        Raises:
            GaveUp: there is none left.
        """
        self.left -= comparisons
        self.total -= comparisons
        if self.left < 0:
            raise GaveUp


class GaveUp(Exception):  # noqa: N818 - a bound that was reached, and is told
    """A rule's packets fall into too many pieces to be sure in time."""


@dataclass
class Listed:
    """Entries of one base chain, with an index of the cubes that decide."""

    entries: list[Entry]
    policy: Action
    items: list[Item] = field(init=False)
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.items, self.starts = [], []
        for i, entry in enumerate(self.entries):
            self.starts.append(len(self.items))
            if entry.action is Action.CONTINUE:
                continue
            exact = entry.sure == entry.may and entry.action in DECIDING
            cubes = [(cube, exact) for cube in entry.may]
            if not exact and entry.action in DECIDING:
                cubes += [(cube, True) for cube in entry.sure]
            self.items += [Item(cube, i, sure, entry.action, entry.rule) for cube, sure in cubes]
        self.starts.append(len(self.items))
        self.overlaps = Overlaps([item.cube for item in self.items])
        self.exact = int("".join("01"[item.exact] for item in reversed(self.items)) or "0", 2)

    def before(self, entry: int) -> int:
        """Bits of exact items of earlier entries."""
        return self.exact & ((1 << self.starts[entry]) - 1)

    def samples(self, cube: Cube) -> Iterator[Cube]:
        """An ordinary packet of a cube, those that earlier rules least likely claimed, then its corners."""
        rare = [self._rare_value(cube, d) for d in range(5)]
        low = [spans[0][0] for spans in cube.fields]
        high = [spans[-1][1] for spans in cube.fields]
        mixed = ([*low[:3], *rare[3:]], [low[0], *rare[1:]], [*rare[:3], *low[3:]])
        for values in (ordinary(cube), rare, low, high, *mixed):
            yield _packet(cube, values, lowest=True)
        yield _packet(cube, rare, lowest=False)

    def _rare_value(self, cube: Cube, d: int) -> int:
        spans = cube.fields[d]
        lowest, highest = spans[0][0], spans[-1][1]
        values = self.overlaps.rare[d]
        some = bisect_left(values.in_order, lowest)
        if lowest == highest or some == len(values.in_order) or values.in_order[some] > highest:
            return lowest
        return next((value for value in values.rarest_first if holds(spans, value)), lowest)

    def claims(self, packet: Cube, among: int) -> int | None:
        """Return the first item among some that may hold a packet: what no field answers is open."""
        for i in ones(self.overlaps.meeting(packet, among)):
            if meet(packet, self.items[i].cube) is not None:
                return i
        return None

    def escaping(self, cube: Cube, entry: int, used: dict[int, None], budget: Budget) -> Cube | None:
        """Return a packet of ``cube`` that no earlier entry surely decides; None: there is none.

        ``used`` collects the rules that do.

        Raises:
            GaveUp: the budget is spent.
        """
        earlier = self.before(entry)
        for packet in self.samples(cube):
            if self.claims(packet, earlier) is None:
                return packet
        return self._beyond(cube, earlier, used, budget)

    def _beyond(self, cube: Cube, among: int, used: dict[int, None], budget: Budget) -> Cube | None:
        """Return packets of ``cube`` that no item among some holds; ``used`` collects those that hold all."""
        meeting = []
        for i in ones(self.overlaps.meeting(cube, among)):
            budget.spend()
            both = meet(cube, self.items[i].cube)
            if both == cube:
                used[i] = None
                return None
            if both is not None:
                meeting.append(i)
        if not meeting:
            return cube
        found = hole(cube, [self.items[i].cube for i in meeting], budget.spend)
        used.update((meeting[i], None) for i in sorted(found.first))
        return found.cube

    def without(self, cube: Cube, entry: int, own: int, budget: Budget) -> Cube | None:
        """Return a packet of ``cube`` that would fare otherwise if the rule were not there; None: no packet.

        ``own``: bits of all items of the rule.

        Raises:
            GaveUp: the budget is spent.
        """
        action = self.entries[entry].action
        others = ((1 << len(self.items)) - 1) & ~own
        for packet in self.samples(cube):
            if self._otherwise(packet, entry, action, others):
                return packet
        alike = 0
        for i in ones(self.overlaps.meeting(cube, others)):
            budget.spend()
            item = self.items[i]
            if not item.exact and (item.entry < entry or item.action is action):
                continue
            both = meet(cube, item.cube)
            if both is None:
                continue
            if item.entry < entry or (item.action is action and item.exact):
                alike |= 1 << i
            elif (left := self._beyond(both, alike, {}, budget)) is not None:
                return left
        return None if self.policy is action else self._beyond(cube, alike, {}, budget)

    def decided_otherwise(self, cube: Cube, entry: int, budget: Budget) -> int | None:
        """Return the first item of an earlier entry that surely does otherwise to a packet of ``cube``.

        Raises:
            GaveUp: the budget is spent.
        """
        action, before = self.entries[entry].action, self.before(entry)
        for i in ones(self.overlaps.meeting(cube, before)):
            item = self.items[i]
            both = meet(cube, item.cube) if item.action is not action else None
            budget.spend()
            if both is not None and self._beyond(both, before & ((1 << i) - 1), {}, budget) is not None:
                return i
        return None

    def _otherwise(self, packet: Cube, entry: int, action: Action, others: int) -> bool:
        """Whether one packet surely would fare otherwise."""
        i = self.claims(packet, others & self.exact)
        if i is None:
            return self.policy is not action
        item = self.items[i]
        sure = within(packet, item.cube)
        return sure and item.entry > entry and item.action is not action


def _packet(cube: Cube, values: Sequence[int], *, lowest: bool) -> Cube:
    """One packet of a cube: a SYN and a new connection where it can be, any interface that rules do not name.

    ``lowest`` False: named interfaces and the last state instead.
    """
    made = cube
    for place, mask in enumerate(cube.masks):
        lowest_bit, highest_bit = mask & -mask, 1 << (mask.bit_length() - 1)
        if place == FLAGS:
            made = masked(made, place, SYN if mask & SYN else lowest_bit)
        elif mask > 0:
            made = masked(made, place, lowest_bit if lowest is (place == STATE) else highest_bit)
    for place, value in enumerate(values):
        made = fielded(made, place, ((value, value),))
    return made

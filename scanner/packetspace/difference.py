"""Packets that two rule sets treat differently."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6_SPANS, Stage
from scanner.packetspace.cube import Cube, TooMany, meet, minus
from scanner.packetspace.decide import filters_on_the_way
from scanner.packetspace.entries import entrance, entries
from scanner.packetspace.interfaces import Interfaces, interfaces_of
from scanner.packetspace.listed import Budget, GaveUp, Listed
from scanner.packetspace.matching import Meaning
from scanner.packetspace.overlap import ones

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import Base, FilterTable, RuleFile, Spans
    from scanner.packetspace.listed import Item


@dataclass(frozen=True, slots=True)
class Side:
    """What one rule set does with the packet, and the line of the rule or chain that decides."""

    action: str
    line: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One packet that fares otherwise; ``before`` and ``after`` are the two rule sets in the order given."""

    stage: Stage
    before: Side
    after: Side
    example: Cube


@dataclass(frozen=True, slots=True)
class Compared:
    """Differences found. ``unproved``: hooks of which it is not certain that these are all."""

    differences: tuple[Difference, ...]
    unproved: tuple[Stage, ...]
    interfaces: Interfaces

    @property
    def equal(self) -> bool:
        """Whether it is proved that every packet fares the same."""
        return not self.differences and not self.unproved


@dataclass(frozen=True, slots=True)
class _Hook:
    """The one list of a hook, the packets it sees, and the line of its chain."""

    listed: Listed
    door: list[Cube]
    line: int


def compare(before: RuleFile, after: RuleFile) -> Compared:
    """Compare two rule sets hook by hook.

    A hook with several filters in a row, or with rules that were not understood or ask for more than the
    packet tells, is compared as far as it goes and counts as unproved.
    """
    meanings = _meanings(before, after)
    found: list[Difference] = []
    # What a file without its end does not show may be anything.
    unproved = [Stage.INPUT, Stage.FORWARD] if before.cut or after.cut else []
    for asked in _by_family(before, after):
        stage = asked.stage
        one, two = (
            _hook(file, asked, meaning) for file, meaning in zip((before, after), meanings, strict=True)
        )
        if one is None or two is None:
            unproved.append(stage)
            continue
        some, whole = _differences(stage, one, two)
        found += some
        if not whole:
            unproved.append(stage)
    return Compared(tuple(found), tuple(dict.fromkeys(unproved)), meanings[0].interfaces)


def _meanings(before: RuleFile, after: RuleFile) -> tuple[Meaning, Meaning]:
    """The same bits for both; what a zone stands for is each file's own."""
    named = {name for file in (before, after) for name in interfaces_of(file).names}
    zones = {zone.name for file in (before, after) for zone in file.zones}
    one, two = (
        Meaning(
            Interfaces(named, dict.fromkeys(sorted(zones), ()) | {z.name: z.interfaces for z in file.zones})
        )
        for file in (before, after)
    )
    return one, two


@dataclass(frozen=True, slots=True)
class _Asked:
    """A hook that is compared. ``device``: of an interface's list; ``family``: of its packets; None: all."""

    stage: Stage
    device: str | None
    family: Spans | None = None


def _by_family(before: RuleFile, after: RuleFile) -> Iterator[_Asked]:
    """Hooks; family by family where a file has several filters at one, such as a table a family."""
    for asked in _hooks(before, after):
        if all(len(_bases(file, asked)) < 2 for file in (before, after)):
            yield asked
            continue
        for family in (V4_SPANS, V6_SPANS):
            one = replace(asked, family=family)
            if any(_bases(file, one) for file in (before, after)):
                yield one


_SIDES = (Stage.INBOUND, Stage.OUTBOUND)


def _hooks(before: RuleFile, after: RuleFile) -> list[_Asked]:
    """Hooks at which at least one of them filters; those of interfaces one by one."""
    bases = [base for file in (before, after) for table in file.tables for base in table.bases]
    sides = {(base.stage, name) for base in bases if base.stage in _SIDES for name in base.devices or ("*",)}
    hooks = [_Asked(stage, None) for stage in (Stage.INPUT, Stage.FORWARD, Stage.OUTPUT)]
    return [
        *(hook for hook in hooks if any(_bases(file, hook) for file in (before, after))),
        *(_Asked(stage, name) for stage, name in sorted(sides)),
    ]


def _bases(file: RuleFile, asked: _Asked) -> list[tuple[FilterTable, Base]]:
    family = asked.family
    return [
        (table if family is None else replace(table, families=(family,)), base)
        for table, base in filters_on_the_way(file, asked.stage)
        if (family is None or family in table.families)
        and (
            (base.stage not in _SIDES and asked.device is None)
            or (asked.device is not None and asked.device in (base.devices or ("*",)))
        )
    ]


def _hook(file: RuleFile, asked: _Asked, meaning: Meaning) -> _Hook | None:
    """The list of the hook's only filter; None where it has none, several, or too intricate a one."""
    bases = _bases(file, asked)
    if len(bases) != 1 or file.cut:
        return None
    table, base = bases[0]
    try:
        listed = Listed(entries(table, base, meaning), base.policy)
    except TooMany:
        return None
    return _Hook(listed, entrance(table, base, meaning), base.line)


MOST_TOLD = 200
"""Differences of one hook that are told."""


def _differences(stage: Stage, one: _Hook, two: _Hook) -> tuple[list[Difference], bool]:
    """Differences, at most one for each pair of lines; False: there may be more.

    What both lists begin with decides the same in both, and so does what both end with for packets that
    came so far: a packet that fares otherwise is decided by a rule between, in one of them at least.
    """
    found: dict[tuple[int, int], Difference] = {}
    whole = one.door == two.door and all(item.exact for hook in (one, two) for item in hook.listed.items)
    start, ends = _middle(one.listed, two.listed)
    if one.listed.policy is not two.listed.policy:
        ends = (len(one.listed.items), len(two.listed.items))
        whole = _of_policies(stage, one, two, found) and whole
    budget = Budget.of(len(one.listed.items) + len(two.listed.items))
    for (first, second), end, turned in (((one, two), ends[0], False), ((two, one), ends[1], True)):
        for i in range(start, end):
            if len(found) >= MOST_TOLD:
                return list(found.values()), False
            try:
                for told in _of_item(stage, (first, i), second, budget, turned=turned):
                    found.setdefault((told.before.line, told.after.line), told)
            except GaveUp:
                whole = False
    return list(found.values()), whole


def _middle(one: Listed, two: Listed) -> tuple[int, tuple[int, int]]:
    """Where the lists begin to differ, and from where on, in each, they no longer do."""

    def same(a: Item, b: Item) -> bool:
        return a.cube == b.cube and a.action is b.action and a.exact is b.exact

    most = min(len(one.items), len(two.items))
    start = next((i for i in range(most) if not same(one.items[i], two.items[i])), most)
    tail = 0
    while tail < most - start and same(one.items[-1 - tail], two.items[-1 - tail]):
        tail += 1
    return start, (len(one.items) - tail, len(two.items) - tail)


def _of_policies(stage: Stage, one: _Hook, two: _Hook, found: dict[tuple[int, int], Difference]) -> bool:
    """Look for a packet that no rule of either decides, where the policies differ; False: cannot tell."""
    try:
        packet = _undecided(one, two)
    except GaveUp:
        return False
    if packet is not None:
        sides = (Side(one.listed.policy, one.line), Side(two.listed.policy, two.line))
        found.setdefault((one.line, two.line), Difference(stage, *sides, packet))
    return True


def _undecided(one: _Hook, two: _Hook) -> Cube | None:
    """A packet that comes to the policies of both; None: there is none."""
    lists = (one.listed, two.listed)
    for listed in lists:
        for door in one.door:
            for packet in listed.samples(door):
                if all(other.claims(packet, (1 << len(other.items)) - 1) is None for other in lists):
                    return packet
    budget = Budget.of(len(one.listed.items) + len(two.listed.items)).next()
    waiting = list(one.door)
    while waiting:
        piece = waiting.pop()
        claimed = next((c for at in lists if (c := _first(at, piece, at.exact, budget)) is not None), None)
        if claimed is None:
            return piece
        waiting += minus(piece, claimed.cube)
    return None


def _of_item(
    stage: Stage, told: tuple[_Hook, int], second: _Hook, budget: Budget, *, turned: bool
) -> Iterator[Difference]:
    """Packets that one rule decides and for which the other rule set has another answer."""
    hook, at = told
    item = hook.listed.items[at]
    if not item.exact:
        return
    budget.next()
    earlier = hook.listed.exact & ((1 << at) - 1)
    waiting = [item.cube]
    while waiting:
        piece = waiting.pop()
        claimed = _first(hook.listed, piece, earlier, budget)
        if claimed is not None:
            waiting += minus(piece, claimed.cube)
            continue
        other = _first(second.listed, piece, second.listed.exact, budget)
        action = second.listed.policy if other is None else other.action
        line = second.line if other is None else other.rule.line
        both = piece if other is None else meet(piece, other.cube)
        if action is not item.action and both is not None:
            sides = Side(item.action, item.rule.line), Side(action, line)
            yield Difference(stage, sides[turned], sides[not turned], both)
        if other is not None:
            waiting += minus(piece, other.cube)


def _first(listed: Listed, piece: Cube, among: int, budget: Budget) -> Item | None:
    """The first item that decides for some packets of the piece."""
    for i in ones(listed.overlaps.meeting(piece, among)):
        budget.spend()
        if meet(piece, listed.items[i].cube) is not None:
            return listed.items[i]
    return None

"""What becomes of a set of packets: which may be accepted, rejected, dropped, and which surely are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.facts.rules import DECIDING, FILTERING, V4_SPANS, V6_SPANS, Action, Stage
from scanner.packetspace.cube import MOST_PIECES, Cube, TooMany, all_meet, all_minus
from scanner.packetspace.entries import Entry, Guard, entrance, entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.facts.rules import Base, FilterRule, FilterTable, RuleFile, Spans
    from scanner.packetspace.matching import Meaning


@dataclass(slots=True)
class Fate:
    """Packets by what becomes of them, and the rules (or base chains) that decide so."""

    sure: list[Cube] = field(default_factory=list)
    may: list[Cube] = field(default_factory=list)
    by: list[FilterRule | Base] = field(default_factory=list)

    def add(self, sure: list[Cube], may: list[Cube], by: FilterRule | Base) -> None:
        """Some more packets."""
        if may:
            self.sure += sure
            self.may += may
            self.by.append(by)

    def gain(self, more: Fate) -> None:
        """All packets of another."""
        self.sure += more.sure
        self.may += more.may
        self.by += more.by


Fates = dict[Action, Fate]
"""Of ACCEPT, DROP, REJECT, and ANYTHING where a rule was not understood."""


def decide(told: Iterable[Entry], base: Base, guard: Guard) -> Fates:
    """Return what a base chain makes of the packets.

    Raises:
        TooMany: the packets fall into too many pieces.
    """
    fates = {action: Fate() for action in (*sorted(DECIDING), Action.ANYTHING)}
    sure_left, may_left = guard.sure, guard.may
    for entry in told:
        if not may_left:
            break
        if entry.action is Action.CONTINUE or not entry.may:
            continue
        may = all_meet(may_left, entry.may)
        if not may:
            continue
        sure = all_meet(sure_left, entry.sure)
        known = entry.action in DECIDING
        if known:
            fates[entry.action].add(sure, may, entry.rule)
        else:
            # Such packets go on: each is kept once, or they would double with every rule of doubt.
            doubted = fates[Action.ANYTHING]
            doubted.may += all_minus(may, doubted.may)
            doubted.by.append(entry.rule)
        may_left = all_minus(may_left, entry.sure) if known else may_left
        sure_left = all_minus(sure_left, entry.may)
    fates[base.policy].add(sure_left, may_left, base)
    return fates


WAY = {
    Stage.INBOUND: (Stage.INBOUND,),
    Stage.OUTBOUND: (Stage.OUTBOUND,),
    Stage.INPUT: (Stage.INGRESS, Stage.INBOUND, Stage.PREROUTING, Stage.INPUT),
    Stage.FORWARD: (
        Stage.INGRESS,
        Stage.INBOUND,
        Stage.PREROUTING,
        Stage.FORWARD,
        Stage.POSTROUTING,
        Stage.OUTBOUND,
    ),
    Stage.OUTPUT: (Stage.OUTPUT, Stage.POSTROUTING),
}
"""Stages on the way to each, in order."""


def filters_on_the_way(file: RuleFile, stage: Stage) -> list[tuple[FilterTable, Base]]:
    """Base chains of filters that a packet to ``stage`` meets, in order.

    Of chains with the same priority the kernel asks the one that was registered last first.
    """
    found = [
        (table, base)
        for table in file.tables
        for base in table.bases
        if base.kind in FILTERING and base.stage in WAY[stage]
    ]
    found.reverse()
    return sorted(found, key=lambda one: (WAY[stage].index(one[1].stage), one[1].priority))


def families_at(file: RuleFile, stage: Stage) -> list[Spans]:
    """Families that some filter on the way to ``stage`` sees; both where there is no filter at all."""
    seen = {family for table, _ in filters_on_the_way(file, stage) for family in table.families}
    return sorted(seen) or [V4_SPANS, V6_SPANS]


def fate_of(file: RuleFile, stage: Stage, asked: list[Cube], meaning: Meaning) -> Fates:
    """Return what all filters on the way to ``stage`` together make of the packets.

    Raises:
        TooMany: the packets fall into too many pieces.
    """
    return fate_over(filters_on_the_way(file, stage), asked, meaning)


def fate_over(bases: list[tuple[FilterTable, Base]], asked: list[Cube], meaning: Meaning) -> Fates:
    """Return what base chains in a row make of the packets.

    An accept of one only leads to the next; a drop is final. Without a filter everything is accepted.

    Raises:
        TooMany: the packets fall into too many pieces.
    """
    total = {action: Fate() for action in (*sorted(DECIDING), Action.ANYTHING)}
    sure = may = asked
    for table, base in bases:
        door = entrance(table, base, meaning)
        here = Guard(all_meet(sure, door), all_meet(may, door))
        fates = decide(entries(table, base, meaning, here), base, here)
        for action in (Action.DROP, Action.REJECT, Action.ANYTHING):
            total[action].gain(fates[action])
        total[Action.ACCEPT].by += fates[Action.ACCEPT].by
        sure = fates[Action.ACCEPT].sure + all_minus(sure, door)
        passed = fates[Action.ACCEPT].may
        may = passed + all_minus(fates[Action.ANYTHING].may, passed) + all_minus(may, door)
        if len(may) > MOST_PIECES:
            raise TooMany
    total[Action.ACCEPT].sure += sure
    total[Action.ACCEPT].may += may
    return total

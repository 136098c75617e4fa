"""What the chains of a gate make of packets: let through, taken, translated.

A chain lets through what it accepts, less what it denied before: accepts are never taken from one another, so
the work grows with the rules, not with the pieces that they cut the rest into.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.facts.rules import DECIDING, V4_SPANS, V6, V6_SPANS, Action, Field, Kind, Stage, united
from scanner.packetspace.cube import (
    ALL,
    DESTINATION,
    EVERY_PORT,
    PORT,
    SOURCE,
    SOURCE_PORT,
    TooMany,
    all_meet,
    all_minus,
    fielded,
    meet,
    minus,
    within,
)
from scanner.packetspace.entries import Guard, entrance, entries
from scanner.packetspace.gate import Decision, join, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.facts import Leg
    from scanner.facts.rules import Base, FilterRule, Spans, Translation
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.entries import Entry
    from scanner.packetspace.gate import Called, Gate, Loads
    from scanner.packetspace.matching import Meaning

MOST_WORK = 3_000_000
"""Pieces times rules of one chain."""


def meet_chains(
    gate: Gate,
    stages: Sequence[Stage],
    meaning: Meaning,
    loads: Loads,
    decisions: list[Decision],
    leg: Leg | None,
) -> Loads:
    """Send loads through all chains of some stages; ``leg``: whose addresses are the host's own there.

    Who is translated once is not asked again by such chains. ``decisions`` grows by who let on or took
    packets.

    Raises:
        TooMany: they fall into more pieces than are worth the time.
    """
    done: Loads = {}
    for table, base in gate.bases(stages):
        door = entrance(table, base, meaning)
        if base.kind is Kind.NAT:
            if base.stage in {Stage.PREROUTING, Stage.POSTROUTING}:
                following: Loads = {}
                for called, guard in loads.items():
                    here = _entering(gate, guard, door, following, called)
                    known = _known(meaning, called, base)
                    listed = entries(table, base, known, here) if here.may else []
                    _translate(listed, base, here, (called, leg), following, done)
                loads = {called: tidy(guard) for called, guard in following.items()}
            continue
        for some in (loads, done):
            following = {}
            for called, guard in some.items():
                here = _entering(gate, guard, door, following, called)
                if here.may:
                    told = entries(table, base, _known(meaning, called, base), here)
                    passed, by = let_through(told, base, here)
                    decisions += (Decision(gate.name, base.stage, action, rule) for action, rule in by)
                    join(following, called, passed)
            some.clear()
            some.update(following)
    found: Loads = {}
    for some in (loads, done):
        for called, guard in some.items():
            join(found, called, tidy(guard))
    return found


def _known(meaning: Meaning, called: Called, base: Base) -> Meaning:
    """How a chain's conditions are understood for a load; whose a new destination is, is not known yet."""
    if called.here is False:
        return meaning
    stage = base.stage if base.stage is Stage.PREROUTING else meaning.stage
    return replace(meaning, translated=called.here, stage=stage)


def _entering(gate: Gate, guard: Guard, door: list[Cube], beside: Loads, called: Called) -> Guard:
    """What of the packets a base chain sees; the others go on ``beside`` it."""
    join(beside, called, Guard(all_minus(guard.sure, door), all_minus(guard.may, door)))
    here = Guard(all_meet(guard.sure, door), all_meet(guard.may, door))
    if len(here.may) * gate.rules > MOST_WORK:
        raise TooMany
    return here


Deciders = list[tuple[Action, "FilterRule | Base"]]


def let_through(told: Iterable[Entry], base: Base, guard: Guard) -> tuple[Guard, Deciders]:
    """Return what a chain lets on of the packets, and who may have decided (of one packet: who did).

    Raises:
        TooMany: they fall into more pieces than are worth the time.
    """
    passed, taken = Guard([], []), Guard([], [])
    by: Deciders = []
    for entry in told:
        if entry.action is Action.CONTINUE or not entry.may:
            continue
        left = all_minus(list(entry.may), taken.sure)
        if not left:
            continue
        by.append((entry.action, entry.rule))
        if entry.action in {Action.DROP, Action.REJECT}:
            taken.sure += entry.sure
            taken.may += entry.may
        else:
            passed.may += left
            if entry.action is Action.ACCEPT:
                passed.sure += all_minus(list(entry.sure), taken.may)
            else:
                taken.may += entry.may
        decides = entry.action in DECIDING
        if decides and all(any(within(cube, one) for one in entry.sure) for cube in guard.may):
            return tidy(passed), by
    if base.policy is Action.ACCEPT:
        passed.may += all_minus(guard.may, taken.sure)
        passed.sure += all_minus(guard.sure, taken.may)
    by.append((base.policy, base))
    return tidy(passed), by


def _translate(
    told: Iterable[Entry],
    base: Base,
    guard: Guard,
    about: tuple[Called, Leg | None],
    following: Loads,
    done: Loads,
) -> None:
    """Sort packets of a chain of translations: what is translated is ``done`` here, the rest goes on."""
    called, leg = about
    taken = Guard([], [])
    kept = Guard([], [])
    for entry in told:
        if entry.action is Action.CONTINUE or not entry.may:
            continue
        may = all_minus(list(entry.may), taken.sure)
        sure = all_minus(list(entry.sure), taken.may)
        if not may:
            continue
        if entry.action is Action.ACCEPT:
            kept.may += may
            kept.sure += sure
        elif entry.action not in {Action.DROP, Action.REJECT}:
            translation = entry.rule.translation if entry.action is Action.TRANSLATE else None
            side = Field.DESTINATION if base.stage is Stage.PREROUTING else Field.SOURCE
            for cube, here in _parts(may, translation, side, leg, called):
                key, new, exact = translated(cube, translation, side, leg, called)
                key = replace(key, here=here)
                certain = exact and any(within(cube, one) for one in sure)
                join(done, key, Guard([new] if certain else [], [new]))
        if entry.action is not Action.ANYTHING:
            taken.sure += entry.sure
        taken.may += entry.may
    if base.policy is Action.ACCEPT:
        kept.may += all_minus(guard.may, taken.sure)
        kept.sure += all_minus(guard.sure, taken.may)
    join(following, called, kept)


def _parts(
    cubes: list[Cube], to: Translation | None, side: Field, leg: Leg | None, called: Called
) -> Iterable[tuple[Cube, bool | None]]:
    """Packets of a translation, and whether their destination is another then.

    The kernel does not call a packet translated that stays as it was.
    """
    for cube in cubes:
        _, new, exact = translated(cube, to, side, leg, called)
        if side is Field.SOURCE or not exact:
            yield cube, called.here if side is Field.SOURCE else None
            continue
        target = fielded(fielded(ALL, DESTINATION, new.fields[DESTINATION]), PORT, new.fields[PORT])
        yield from ((piece, True) for piece in minus(cube, target))
        same = meet(cube, target)
        if same is not None:
            yield same, called.here


def translated(
    cube: Cube, to: Translation | None, side: Field, leg: Leg | None, called: Called
) -> tuple[Called, Cube, bool]:
    """Return what a translation makes of packets, and whether each of them surely becomes one of it.

    What is not understood may become anything on its side.
    """
    family = V4_SPANS if cube.fields[DESTINATION][0][0] < V6 else V6_SPANS
    home = united([(at, at) for at, _ in leg.places if (at < V6) is (family is V4_SPANS)]) if leg else ()
    if to is None or to.side is not side:
        addresses, ports, exact = family, EVERY_PORT, False
    else:
        addresses, ports = to.addresses, to.ports
        if to.own:
            addresses = home or family
        exact = all(spans in ((), _single(spans)) for spans in (addresses, ports))
    if side is Field.SOURCE:
        key = replace(called, sources=called.sources or cube.fields[SOURCE])
        new = fielded(cube, SOURCE, addresses) if addresses else cube
        return key, fielded(new, SOURCE_PORT, EVERY_PORT), exact
    key = replace(
        called,
        destinations=called.destinations or cube.fields[DESTINATION],
        ports=called.ports or cube.fields[PORT],
    )
    new = fielded(cube, DESTINATION, addresses) if addresses else cube
    return key, fielded(new, PORT, ports) if ports else new, exact


def _single(spans: Spans) -> Spans:
    return spans if len(spans) == 1 and spans[0][0] == spans[0][1] else ()

"""What becomes of new connections that come in by one of a gate's legs.

Before routing, forwarded, after routing: base chains by priority, translations where the kernel has them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.facts.rules import Stage, outside
from scanner.packetspace.chains import meet_chains
from scanner.packetspace.cube import CAME, DESTINATION, FLAGS, GOES, SOURCE, STATE, Cube, fielded, masked
from scanner.packetspace.gate import NEW, SYN, Through, join, mapped
from scanner.packetspace.interfaces import NONE
from scanner.packetspace.routes import routed, taken_up
from scanner.packetspace.spans import common

if TYPE_CHECKING:
    from scanner.facts import Leg
    from scanner.packetspace.entries import Guard
    from scanner.packetspace.gate import Gate, Loads


_BEFORE = (Stage.INGRESS, Stage.INBOUND, Stage.PREROUTING)
_AHEAD = (Stage.FORWARD, Stage.POSTROUTING, Stage.OUTBOUND)


def passing(gate: Gate, came: Leg, loads: Loads) -> Through:
    """Follow new connections that come in by a leg.

    Raises:
        TooMany: they fall into more pieces than are worth the time.
    """
    told = Through()
    arrived: Loads = {}
    for sent, guard in loads.items():
        called = replace(sent, here=False)
        for local in (True, False):
            part = _sorted_by_home(gate, _entered(gate, came, guard), local=local)
            if part.may:
                meaning = gate.meaning(Stage.INPUT if local else Stage.FORWARD)
                met = meet_chains(gate, _BEFORE, meaning, {called: part}, told.decisions, came)
                for key, rest in met.items():
                    join(arrived, key, rest)
    ahead: Loads = {}
    none = gate.interfaces.mask(NONE)
    for called, guard in arrived.items():
        home = _sorted_by_home(gate, guard, local=True)
        join(told.own, called, mapped(home, lambda cube: masked(cube, GOES, none)))
        join(ahead, called, _sorted_by_home(gate, guard, local=False))
    told.own = meet_chains(gate, (Stage.INPUT,), gate.meaning(Stage.INPUT), told.own, told.decisions, None)
    for out in routed(gate, taken_up(gate, came, ahead)):
        leg = gate.routing.leg(out.device)
        meaning = gate.meaning(Stage.FORWARD)
        out.loads = meet_chains(gate, _AHEAD, meaning, out.loads, told.decisions, leg)
        if out.loads:
            told.out.append(out)
    return told


def _entered(gate: Gate, came: Leg, guard: Guard) -> Guard:
    """Give packets the leg, the state and the flags that they come with. Own addresses are nobody's."""
    mask, every = gate.interfaces.mask(came.name), gate.interfaces.every

    def ready(cube: Cube) -> Cube | None:
        cube = masked(masked(cube, CAME, mask), GOES, every)
        cube = masked(masked(cube, STATE, NEW), FLAGS, SYN)
        rest = outside(gate.addresses, cube.fields[SOURCE])
        return fielded(cube, SOURCE, rest) if rest else None

    return mapped(guard, ready)


def _sorted_by_home(gate: Gate, guard: Guard, *, local: bool) -> Guard:
    """Those for the host itself, or all others."""

    def part(cube: Cube) -> Cube | None:
        to = cube.fields[DESTINATION]
        kept = common(to, gate.own) if local else outside(gate.own, to)
        return fielded(cube, DESTINATION, kept) if kept else None

    return mapped(guard, part)

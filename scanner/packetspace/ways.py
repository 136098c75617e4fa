"""The ways of new connections from one zone through gates in a row, and where they come out.

Somebody in a zone can hand packets to every gate that has a leg there, so all of these ways count. A packet
has arrived where it is on the network of its destination, or where the next router is inside the zone of its
destination; other routers must be gates, else it may go anywhere from there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6_SPANS, outside, united
from scanner.packetspace.crossing import passing
from scanner.packetspace.cube import (
    ALL,
    DESTINATION,
    EVERY_PORT,
    FLAGS,
    PORT,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    STATE,
    Cube,
    TooMany,
    fielded,
    masked,
)
from scanner.packetspace.entries import Guard
from scanner.packetspace.gate import NEW, SENT, SYN, Called, Decision, Gate, Loads, join, narrowed, tidy
from scanner.packetspace.spans import common, holds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.facts import Leg
    from scanner.facts.rules import Span, Spans
    from scanner.packetspace.gate import Out

MOST_HOPS = 8
"""Gates in a row; packets that are still on their way then may arrive anywhere."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Zones with the addresses that are theirs: where networks lie in one another, the narrower one's."""

    zones: Mapping[str, Spans]

    @classmethod
    def of(cls, networks: Sequence[tuple[str, Span]]) -> Ground:
        """Sort out networks, each with the name of its zone."""
        taken: Spans = ()
        found: dict[str, list[Span]] = {name: [] for name, _ in networks}
        for name, span in sorted(networks, key=lambda one: one[1][1] - one[1][0]):
            found[name] += outside(taken, (span,))
            taken = united([*taken, span])
        return cls({name: united(spans) for name, spans in found.items()})

    def zone(self, address: int) -> str:
        """The zone that an address belongs to; "" for none."""
        return next((name for name, spans in self.zones.items() if holds(spans, address)), "")


@dataclass(frozen=True, slots=True)
class Lay:
    """Gates and the zones that their legs stand in, by gate and leg; others stand nowhere."""

    gates: tuple[Gate, ...]
    stands: Mapping[tuple[str, str], str]
    ground: Ground

    def doors(self, zone: str) -> list[tuple[Gate, Leg]]:
        """Legs that stand in a zone."""
        return [
            (gate, leg)
            for gate in self.gates
            for leg in gate.routing.legs
            if leg.up and self.stands.get((gate.name, leg.name)) == zone
        ]


@dataclass(slots=True)
class Arrived:
    """Where packets of one zone come out.

    ``gates``: all that they came to, in order; ``gave_up``: those of them whose rules are too many pieces.
    """

    at: dict[str, Loads] = field(default_factory=dict)
    own: dict[str, Loads] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    gates: list[str] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as it is sent: protocol, addresses on the axis, ports (of ICMP: type * 256 + code)."""

    protocol: int
    source: int
    destination: int
    source_port: int
    port: int

    def cube(self) -> Cube:
        """The set of just this packet."""
        made = ALL
        told = (self.protocol, self.source, self.destination, self.source_port, self.port)
        for place, value in zip((PROTOCOL, SOURCE, DESTINATION, SOURCE_PORT, PORT), told, strict=True):
            made = fielded(made, place, ((value, value),))
        return made


def asked_of(lay: Lay, zone: str) -> list[Cube]:
    """All new connections that somebody in a zone can begin to somewhere else, or to a gate."""
    own = lay.ground.zones[zone]
    gates = united([span for gate in lay.gates for span in gate.addresses])
    found = []
    for family in (V4_SPANS, V6_SPANS):
        sources = common(own, family)
        others = united([*outside(own, family), *common(gates, family)])
        if sources:
            found.append(fielded(fielded(ALL, SOURCE, sources), DESTINATION, others))
    return found


def follow(lay: Lay, doors: Sequence[tuple[Gate, Leg]], asked: list[Cube]) -> Arrived:
    """Follow packets that are handed to gates by some of their legs."""
    found = Arrived()
    waiting = deque((gate, leg, {SENT: Guard(asked, asked)}, 0) for gate, leg in doors)
    while waiting:
        gate, leg, loads, hops = waiting.popleft()
        found.gates.append(gate.name)
        try:
            told = passing(gate, leg, loads)
        except TooMany:
            found.gave_up.append(gate.name)
            _anywhere(lay, loads, found)
            continue
        found.decisions += told.decisions
        for called, guard in told.own.items():
            join(found.own.setdefault(gate.name, {}), called, guard)
        for out in told.out:
            for other, door, rest in _onward(lay, gate, out, found):
                if hops + 1 < MOST_HOPS:
                    waiting.append((other, door, rest, hops + 1))
                else:
                    _anywhere(lay, rest, found)
    return found


def _onward(lay: Lay, gate: Gate, out: Out, found: Arrived) -> list[tuple[Gate, Leg, Loads]]:
    """Let arrive what is there, and return what comes to the next gate."""
    if out.lost:
        _anywhere(lay, out.loads, found)
        return _called_on(lay, gate, _unsure(out.loads))
    here = lay.stands.get((gate.name, out.device), "")
    rest = out.loads
    if out.hop is None:
        _arrive(lay, rest, lay.ground.zones, found)
        return _called_on(lay, gate, rest if here else _unsure(rest), here)
    onward: list[tuple[Gate, Leg, Loads]] = []
    if here:
        _arrive(lay, rest, (here,), found)
        onward = _called_on(lay, gate, _part(rest, lay.ground.zones[here]), here)
        rest = _part(rest, outside(lay.ground.zones[here], (*V4_SPANS, *V6_SPANS)))
    doors = [
        (other, leg)
        for other, leg in (lay.doors(here) if here else ())
        if other.name != gate.name and any(at == out.hop for at, _ in leg.places)
    ]
    if rest and not doors:
        _anywhere(lay, rest, found)
    onward += ((other, leg, rest) for other, leg in doors if rest)
    return onward


def _called_on(lay: Lay, gate: Gate, loads: Loads, here: str | None = None) -> list[tuple[Gate, Leg, Loads]]:
    """What is addressed to other gates comes to them, and they may translate it; ``here``: by legs there."""
    found = []
    for other in lay.gates:
        for leg in other.routing.legs if other.name != gate.name else ():
            if leg.up and here in {None, lay.stands.get((other.name, leg.name), "")}:
                part = _part(loads, united([(at, at) for at, _ in leg.places]))
                if part:
                    found.append((other, leg, part))
    return found


def _part(loads: Loads, destinations: Spans) -> Loads:
    parts = {called: narrowed(guard, DESTINATION, destinations) for called, guard in loads.items()}
    return {called: guard for called, guard in parts.items() if guard.may}


def _unsure(loads: Loads) -> Loads:
    return {called: Guard([], guard.may) for called, guard in loads.items()}


def _arrive(lay: Lay, loads: Loads, zones: Sequence[str] | Mapping[str, Spans], found: Arrived) -> None:
    """Let arrive what hosts of some zones get; gates are not in anybody's name."""
    gates = united([span for gate in lay.gates for span in gate.addresses])
    for called, guard in loads.items():
        for zone in zones:
            hosts = outside(gates, lay.ground.zones[zone])
            join(found.at.setdefault(zone, {}), called, narrowed(guard, DESTINATION, hosts))


def _anywhere(lay: Lay, loads: Loads, found: Arrived) -> None:
    """They may arrive where they are sent to, or not."""
    _arrive(lay, _unsure(loads), lay.ground.zones, found)


def as_sent(loads: Loads) -> Guard:
    """Packets with the source that sent them and the destination that they arrived at.

    Which source port a translated packet had is not known: what is told apart by it is not sure.
    """
    sure: list[Cube] = []
    may: list[Cube] = []
    for called, guard in loads.items():
        for cubes, into in ((guard.sure, sure), (guard.may, may)):
            for cube in cubes:
                if called.sources is not None and cube.fields[SOURCE_PORT] != EVERY_PORT and into is sure:
                    continue
                plain = cube if called.sources is None else fielded(cube, SOURCE, called.sources)
                into.append(bare(plain))
    return tidy(Guard(sure, may))


def bare(cube: Cube) -> Cube:
    """The same packets, whatever the legs of gates that they passed."""
    return masked(masked(cube._replace(masks=ALL.masks), STATE, NEW), FLAGS, SYN)


def addressed(loads: Loads, arrived: Cube) -> Called:
    """What was translated of packets that arrived so, the sure ones first."""
    for sure in (True, False):
        for called, guard in loads.items():
            if any(_overlaps(cube, arrived) for cube in (guard.sure if sure else guard.may)):
                return called
    return SENT


def _overlaps(one: Cube, two: Cube) -> bool:
    places = (PROTOCOL, DESTINATION, PORT)
    return all(common(one.fields[place], two.fields[place]) for place in places)


def sent(arrived: Packet, called: Called) -> Packet:
    """The packet as it was sent, of one that arrived."""
    if called.destinations is None or called.ports is None:
        return arrived
    port = arrived.port if holds(called.ports, arrived.port) else called.ports[0][0]
    return replace(arrived, destination=called.destinations[0][0], port=port)

"""What passes between two zones beside what is allowed to: more, less, or not certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6, V6_SPANS, Stage, from_axis, outside, united
from scanner.packetspace.cube import (
    ALL,
    DESTINATION,
    EVERY_PORT,
    EVERY_PROTOCOL,
    PORT,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    Cube,
    TooMany,
    all_meet,
    all_minus,
    fielded,
)
from scanner.packetspace.entries import Guard
from scanner.packetspace.spans import common, holds
from scanner.packetspace.ways import (
    Arrived,
    Packet,
    addressed,
    as_sent,
    asked_of,
    bare,
    follow,
    sent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import Spans
    from scanner.packetspace.gate import Decision, Loads
    from scanner.packetspace.ways import Lay

EXAMPLES = 5
"""Witnesses of one kind for one pair of zones."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Packets that may pass: protocols, ports (of ICMP: none), networks; empty: all."""

    protocols: tuple[int, ...] = ()
    ports: Spans = ()
    sources: Spans = ()
    destinations: Spans = ()


@dataclass(frozen=True, slots=True)
class Witness:
    """A packet as it is sent, the gates that it comes to in order, and the rules that decide there."""

    packet: Packet
    gates: tuple[str, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """What passes from one zone to another.

    ``sure`` and ``may``: sets as sent and arrived. ``whole``: everything surely passes. With an allowance:
    ``beyond`` surely passes and is not allowed, ``blocked`` is allowed and surely does not pass, ``doubts``
    may pass and are not allowed. ``gave_up``: the pieces were too many to compare.
    """

    sure: tuple[Cube, ...]
    may: tuple[Cube, ...]
    whole: bool
    beyond: tuple[Witness, ...] = ()
    blocked: tuple[Witness, ...] = ()
    doubts: tuple[Witness, ...] = ()
    gave_up: bool = False


def space(lay: Lay, source: str, destination: str) -> list[Cube]:
    """All new connections from hosts of one zone to hosts of another: gates are in nobody's name."""
    gates = united([span for gate in lay.gates for span in gate.own])
    found = []
    for family in (V4_SPANS, V6_SPANS):
        here, there = (
            outside(gates, common(lay.ground.zones[zone], family)) for zone in (source, destination)
        )
        if here and there:
            found.append(bare(fielded(fielded(ALL, SOURCE, here), DESTINATION, there)))
    return found


def allowed(passes: tuple[Pass, ...], whole: list[Cube]) -> list[Cube]:
    """What of all packets the passes name."""
    found: list[Cube] = []
    for one in passes:
        cube = ALL
        if one.protocols:
            cube = fielded(cube, PROTOCOL, tuple((number, number) for number in sorted(one.protocols)))
        for place, spans in ((PORT, one.ports), (SOURCE, one.sources), (DESTINATION, one.destinations)):
            cube = fielded(cube, place, spans) if spans else cube
        found += all_meet(whole, [cube])
    return found


def arrivals(lay: Lay, zone: str) -> Arrived:
    """Where all that somebody in a zone can send comes out."""
    return follow(lay, lay.doors(zone), asked_of(lay, zone))


def between(
    lay: Lay, source: str, destination: str, found: Arrived, passes: tuple[Pass, ...] | None
) -> Between:
    """Compare what passes with what is allowed (None: nobody said)."""
    whole = space(lay, source, destination)
    loads = found.at.get(destination, {})
    try:
        guard = as_sent(loads)
        sure, may = all_meet(guard.sure, whole), all_meet(guard.may, whole)
        unhindered = bool(whole) and not all_minus(whole, sure)
    except TooMany:
        return Between((), tuple(whole), whole=False, gave_up=True)
    if passes is None:
        return Between(tuple(sure), tuple(may), unhindered)
    named = allowed(passes, whole)
    try:
        beyond = all_minus(sure, named)
        doubts = all_minus(all_minus(may, named), sure)
        blocked = all_minus(named, may)
    except TooMany:
        return Between(tuple(sure), tuple(may), unhindered, gave_up=True)
    trace = Trace(lay, source, destination, loads)
    return Between(
        tuple(sure),
        tuple(may),
        unhindered,
        tuple(trace.some(beyond)),
        tuple(trace.some(blocked)),
        tuple(trace.some(doubts)),
    )


@dataclass(frozen=True, slots=True)
class Trace:
    """Sends single packets along, to see who decides."""

    lay: Lay
    source: str
    destination: str
    loads: Loads

    def some(self, cubes: list[Cube]) -> Iterator[Witness]:
        """Witnesses of the first few pieces that other rules decide."""
        told: set[object] = set()
        for cube in cubes:
            if len(told) >= EXAMPLES:
                return
            witness = self.one(cube)
            key = tuple((one.gate, one.rule.line) for one in witness.decisions) or witness.packet
            if key not in told:
                told.add(key)
                yield witness

    def one(self, cube: Cube) -> Witness:
        """Follow one packet of a set by each door of its zone; the way that gets furthest tells."""
        packet = sent(packet_of(cube), addressed(self.loads, cube))
        best: tuple[int, Arrived] = (-1, Arrived())
        for door in self.lay.doors(self.source):
            found = follow(self.lay, [door], [packet.cube()])
            loads = found.at.get(self.destination, {})
            sure = any(guard.sure for guard in loads.values())
            may = any(guard.may for guard in loads.values())
            reached = 2 if sure else 1 if may else 0
            if reached > best[0] or (reached == best[0] and len(found.decisions) > len(best[1].decisions)):
                best = (reached, found)
        told = tuple(d for d in best[1].decisions if d.stage is not Stage.INPUT)
        return Witness(packet, tuple(dict.fromkeys(best[1].gates)), told)


_TELLING = {6: (22, 3389, 443), 17: (53, 161, 123), 1: (2048,), 58: (32768,)}
"""Ports and types that people know."""


def packet_of(cube: Cube) -> Packet:
    """Return one packet of a set, an ordinary one if there is."""
    protocols = cube.fields[PROTOCOL]
    six = cube.fields[DESTINATION][0][0] >= V6
    liked = (6, 17, 58 if six else 1)
    protocol = next((p for p in liked if holds(protocols, p)), protocols[0][0])
    ports, sources = cube.fields[PORT], cube.fields[SOURCE]
    port = next((p for p in _TELLING.get(protocol, ()) if holds(ports, p)), ports[0][0])
    source_port = 40000 if holds(cube.fields[SOURCE_PORT], 40000) else cube.fields[SOURCE_PORT][0][0]
    return Packet(protocol, _inner(sources), _inner(cube.fields[DESTINATION]), source_port, port)


def _inner(spans: Spans) -> int:
    """An address that is not the first of its network, if there is another."""
    low, high = max(spans, key=lambda span: span[1] - span[0])
    return low + min(9, (high - low) // 2)


NAMES = {1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 51: "ah", 58: "icmpv6", 132: "sctp"}


def spelled(packet: Packet) -> str:
    """A packet as people write it."""
    name = NAMES.get(packet.protocol, f"protocol {packet.protocol}")
    source, destination = from_axis(packet.source), from_axis(packet.destination)
    if packet.protocol in {1, 58}:
        return f"{name} type {packet.port >> 8} {source} -> {destination}"
    port = f" port {packet.port}" if packet.protocol in {6, 17, 132} else ""
    return f"{name} {source} -> {destination}{port}"


def summary(cube: Cube) -> str:
    """A set of packets in a few words: protocols, ports, and the addresses that it reaches."""
    protocols = cube.fields[PROTOCOL]
    if protocols == EVERY_PROTOCOL:
        said = "any"
    else:
        said = "/".join(
            NAMES.get(number, str(number))
            for low, high in protocols
            for number in range(low, min(high, low + 3) + 1)
        )
    ports = cube.fields[PORT]
    if ports != EVERY_PORT:
        shown = [str(low) if low == high else f"{low}-{high}" for low, high in ports]
        said += f" {', '.join(shown[:6])}{' …' if len(shown) > 6 else ''}"
    return f"{said}: {_places(cube.fields[SOURCE])} -> {_places(cube.fields[DESTINATION])}"


def _places(spans: Spans) -> str:
    shown = []
    for low, high in spans[:3]:
        first, last = from_axis(low), from_axis(high)
        shown.append(str(first) if low == high else f"{first}-{last}")
    return ", ".join(shown) + (" …" if len(spans) > 3 else "")


def open_ports(
    loads: Loads, protocol: int, ports: tuple[int, ...], *, possible: bool = False
) -> tuple[int, ...]:
    """Ports of a gate itself that let packets in, surely or possibly."""
    if possible:
        loads = {key: Guard([], load.may) for key, load in loads.items()}
    guard = as_sent(loads)
    cubes = guard.may if possible else guard.sure
    return tuple(
        port
        for port in ports
        if any(holds(c.fields[PROTOCOL], protocol) and holds(c.fields[PORT], port) for c in cubes)
    )

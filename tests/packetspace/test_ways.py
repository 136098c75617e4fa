"""Packets through two firewalls in a row: the sets that are proved against one packet after the other."""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from scanner.facts.rules import (
    V4_SPANS,
    Action,
    Base,
    Chain,
    Field,
    FilterRule,
    FilterTable,
    Kind,
    Opaque,
    RuleFile,
    Stage,
    Translation,
    Within,
)
from scanner.packetspace.cube import Cube, within
from scanner.packetspace.policy import arrivals
from scanner.packetspace.ways import Packet, as_sent, bare
from tests.packetspace.chained import (
    HOSTS,
    PORTS,
    PROTOCOLS,
    TARGETS,
    Doubt,
    Fate,
    Rules,
    Simulator,
    at,
    lay,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.packetspace.gate import Loads
    from scanner.packetspace.ways import Arrived, Lay

SETS = int(os.environ.get("CHAINED_RULE_SETS", "120"))


def packets(place: Lay, zone: str) -> Iterator[Packet]:
    for source in HOSTS:
        if place.ground.zone(at(source)) == zone:
            for target in TARGETS:
                to = place.ground.zone(at(target))
                gate = any(at(target) == one for g in place.gates for one, _ in g.addresses)
                if to != zone or gate:
                    for port in PORTS:
                        for protocol in PROTOCOLS:
                            yield Packet(protocol, at(source), at(target), 40000, port)


def made(loads: Loads) -> tuple[list[Cube], list[Cube]]:
    guard = as_sent(loads)
    return guard.sure, guard.may


def told(found: Arrived, place: str, packet: Packet, arrived: Packet) -> tuple[bool, bool]:
    """Whether the packet is among those that surely, and possibly, come out at a place."""
    loads = found.own.get(place[4:], {}) if place.startswith("own ") else found.at.get(place, {})
    sure, may = made(loads)
    one = bare(Packet(arrived.protocol, packet.source, arrived.destination, 40000, arrived.port).cube())
    return any(within(one, bare(cube)) for cube in sure), any(within(one, bare(cube)) for cube in may)


def came_out(place: Lay, zone: str, packet: Packet, *, known: bool) -> Iterator[Fate | None]:
    """What becomes of a packet by each door of its zone; None: the rules do not tell."""
    simulator = Simulator(place, known=known)
    for gate, door in place.doors(zone):
        try:
            fate = simulator.follow(gate, door, packet)
        except Doubt:
            yield None
        else:
            if fate.packet is not None and fate.place not in {"", zone}:
                yield fate


def wrong(place: Lay, zone: str, *, known: bool) -> Iterator[str]:
    """Every packet that comes out elsewhere than the sets say."""
    found = arrivals(place, zone)
    assert not found.gave_up
    out: set[tuple[str, Packet]] = set()
    doubts = False
    for packet in packets(place, zone):
        for fate in came_out(place, zone, packet, known=known):
            if fate is None or fate.packet is None:
                doubts = True
                continue
            _, may = told(found, fate.place, packet, fate.packet)
            if not may:
                yield f"{packet} arrives at {fate.place}, said impossible"
            there = fate.packet
            out.add(
                (fate.place, Packet(packet.protocol, packet.source, there.destination, 40000, there.port))
            )
    for name in place.ground.zones if not doubts else ():
        sure, _ = made(found.at.get(name, {}))
        for packet in packets(place, zone):
            one = bare(packet.cube())
            here = name != zone and place.ground.zone(packet.destination) == name
            if here and any(within(one, cube) for cube in sure) and (name, packet) not in out:
                yield f"{packet} surely arrives at {name}, but does not"


@pytest.mark.parametrize("doubtful", [False, True])
def test_sets_are_what_single_packets_do(doubtful: bool) -> None:
    exact = unsure = 0
    for seed in range(SETS):
        random = Random(seed)  # noqa: S311 - repeatable cases, no secret
        place = lay(
            Rules(random, ("a0", "a1"), doubtful=doubtful).file(),
            Rules(random, ("b0", "b1"), doubtful=doubtful).file(),
        )
        for zone in place.ground.zones:
            mistakes = list(wrong(place, zone, known=bool(seed % 2)))
            assert not mistakes, (seed, zone, mistakes[:3], place.gates[0].file, place.gates[1].file)
            for loads in arrivals(place, zone).at.values():
                for guard in loads.values():
                    exact += bool(guard.sure)
                    unsure += len(guard.may) > len(guard.sure)
    assert exact
    assert unsure or not doubtful


def table(
    stage: Stage, kind: Kind, policy: Action, *rules: FilterRule, devices: tuple[str, ...] = ()
) -> FilterTable:
    base = Base("base", stage, policy, 0, -100 if kind is Kind.NAT else 0, kind, devices)
    return FilterTable(f"{stage} {kind}", (V4_SPANS,), (Chain("base", 0, rules),), (base,))


TO_NINE = Translation(Field.DESTINATION, ((at("10.0.3.9"), at("10.0.3.9")),))
SENT_ELSEWHERE = FilterRule(1, "", (Within(Field.PORT, ((80, 80),)),), Action.TRANSLATE, translation=TO_NINE)


def asked(text: str) -> FilterRule:
    return FilterRule(2, "", (Opaque("translated", text, steady=True, first=False),), Action.ACCEPT)


@pytest.mark.parametrize(
    ("text", "outer", "expected"),
    [
        ("ctstate dnat", False, (True, True)),
        ("ctstate snat", False, (False, True)),
        ("ctstate dnat", True, (False, False)),
    ],
)
def test_a_gate_knows_what_it_translated_itself(text: str, outer: bool, expected: tuple[bool, bool]) -> None:
    nat = table(Stage.PREROUTING, Kind.NAT, Action.ACCEPT, SENT_ELSEWHERE)
    closed = table(Stage.FORWARD, Kind.FILTER, Action.DROP, asked(text))
    first, second = ((nat,), (closed,)) if outer else ((), (nat, closed))
    place = lay(RuleFile("test", 1, first, ()), RuleFile("test", 1, second, ()))
    zone = "left" if outer else "middle"
    packet = Packet(6, at("10.0.1.5" if outer else "10.0.2.5"), at("10.0.3.5"), 40000, 80)
    there = replace(packet, destination=at("10.0.3.9"))
    assert told(arrivals(place, zone), "right", packet, there) == expected


@pytest.mark.parametrize(("port", "expected"), [(80, (False, False)), (81, (True, True))])
def test_what_a_translation_leaves_as_it_was_is_not_translated(
    port: int, expected: tuple[bool, bool]
) -> None:
    same = Translation(Field.DESTINATION, ((at("10.0.3.9"), at("10.0.3.9")),), ((80, 80),))
    rule = FilterRule(1, "", (), Action.TRANSLATE, translation=same)
    nat = table(Stage.PREROUTING, Kind.NAT, Action.ACCEPT, rule)
    closed = table(Stage.FORWARD, Kind.FILTER, Action.DROP, asked("ctstate dnat"))
    lone = Chain("base", 0, (replace(rule, conditions=(Within(Field.DESTINATION, TO_NINE.addresses),)),))
    place = lay(RuleFile("test", 1, (), ()), RuleFile("test", 1, (replace(nat, chains=(lone,)), closed), ()))
    packet = Packet(6, at("10.0.2.5"), at("10.0.3.9"), 40000, port)
    found = arrivals(place, "middle")
    loads = {called: guard for called, guard in found.at.get("right", {}).items() if called.ports is not None}
    begun = any(low <= port <= high for called in loads for low, high in called.ports or ())
    assert (begun, begun) == expected, packet


@pytest.mark.parametrize(("stage", "device"), [(Stage.INBOUND, "b0"), (Stage.OUTBOUND, "b1")])
def test_lists_of_a_device_stand_on_the_way_by_their_interface(stage: Stage, device: str) -> None:
    packet = Packet(6, at("10.0.2.5"), at("10.0.3.5"), 40000, 80)
    for name, passes in ((device, False), ({"b0": "b1", "b1": "b0"}[device], True)):
        closed = table(stage, Kind.FILTER, Action.DROP, devices=(name,))
        place = lay(RuleFile("test", 1, (), ()), RuleFile("test", 1, (closed,), ()))
        assert told(arrivals(place, "middle"), "right", packet, packet) == (passes, passes)

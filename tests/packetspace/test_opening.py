"""Whether some packets pass between zones: held to a simulator that follows single ones."""

from __future__ import annotations

from itertools import permutations, product
from random import Random
from typing import TYPE_CHECKING

from scanner.packetspace.opening import opening
from scanner.packetspace.policy import Pass, arrivals, between
from tests.packetspace.chained import HOSTS, PORTS, PROTOCOLS, Rules, at, lay
from tests.packetspace.test_ways import came_out, packets

if TYPE_CHECKING:
    from scanner.packetspace.opening import Opening
    from scanner.packetspace.ways import Lay

SETS = 25


def arrived(place: Lay, zone: str, *, known: bool) -> set[tuple[str, int, int, int, int]] | None:
    """Zone, protocol, source, destination and port of what comes out; None where the rules do not tell."""
    out = set()
    for packet in packets(place, zone):
        for fate in came_out(place, zone, packet, known=known):
            if fate is None or fate.packet is None:
                return None
            there = fate.packet
            out.add((fate.place, packet.protocol, packet.source, there.destination, there.port))
    return out


def asked(place: Lay, pair: tuple[str, str], source: int, to: int, allowance: tuple[Pass, ...]) -> Opening:
    one = (Pass(PROTOCOLS, tuple((p, p) for p in PORTS), ((source, source),), ((to, to),)),)
    found = arrivals(place, pair[0])
    return opening(place, pair, found, between(place, *pair, found, None), one, allowance)


def test_what_is_asked_passes_as_single_packets_do() -> None:
    told = {True: 0, False: 0, None: 0}
    for seed in range(SETS):
        random = Random(seed)  # noqa: S311 - repeatable cases, no secret
        files = [Rules(random, legs, doubtful=False).file() for legs in (("a0", "a1"), ("b0", "b1"))]
        place = lay(*files)
        for pair in permutations(place.ground.zones, 2):
            out = arrived(place, pair[0], known=True)
            if out is None:
                continue
            ends = [[at(h) for h in HOSTS if place.ground.zone(at(h)) == zone] for zone in pair]
            for source, to in product(*ends):
                every = {(pair[1], p, source, to, port) for p in PROTOCOLS for port in PORTS}
                found = asked(place, pair, source, to, ())
                told[found.passes] += 1
                assert found.passes is None or found.passes is bool(every & out), (seed, pair)
                assert not found.all_pass or every <= out, (seed, pair)
                assert found.beyond is found.passes, "nothing is allowed"
                assert asked(place, pair, source, to, (Pass(),)).beyond in {False, None}
    assert told[True]
    assert told[False]

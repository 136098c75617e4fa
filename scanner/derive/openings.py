"""What one gate answers for beside the matrix: ways out, services at the edge of a plant, important zones."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.facts import Opened, Unguarded
from scanner.facts.rules import on_axis
from scanner.packetspace.cube import TooMany, all_minus
from scanner.packetspace.policy import NAMES, Pass, Trace, between, space
from scanner.packetspace.ways import Lay, asked_of, follow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scanner.derive.zones import Telling
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.gate import Gate
    from scanner.packetspace.policy import Between

TCP, UDP = 6, 17


def tcp(port: int, address: str) -> Pass:
    """New connections to one port of one address."""
    at = on_axis(ipaddress.ip_address(address))
    return Pass((TCP,), ((port, port),), (), ((at, at),))


def _ports(protocol: int, *ports: int) -> Pass:
    return Pass((protocol,), tuple((port, port) for port in sorted(ports)))


TUNNELS: Mapping[str, tuple[Pass, ...]] = {
    "openvpn": (_ports(UDP, 1194), _ports(TCP, 1194)),
    "wireguard": (_ports(UDP, 51820),),
    "ipsec": (_ports(UDP, 500, 4500), Pass((50,)), Pass((51,))),
    "gre": (Pass((47,)),),
    "ipip": (Pass((4,)),),
    "sit": (Pass((41,)),),
    "l2tp": (_ports(UDP, 1701),),
    "pptp": (_ports(TCP, 1723),),
    "ssh": (_ports(TCP, 22),),
    "tls": (_ports(TCP, 443),),
    "dns": (_ports(UDP, 53), _ports(TCP, 53)),
    "icmp": (Pass((1,), ((8 << 8, (8 << 8) + 255),)), Pass((58,), ((128 << 8, (128 << 8) + 255),))),
}
"""Packets by which tunnels leave, by family: their own protocols and usual ports, and what they hide in."""

GENERAL: Mapping[str, tuple[Pass, ...]] = {
    "e-mail": (_ports(TCP, 25, 110, 143, 465, 587, 993, 995),),
    "web": (_ports(TCP, 80, 443, 8080, 8443),),
    "telnet": (_ports(TCP, 23),),
    "rlogin": (_ports(TCP, 513),),
    "ftp": (_ports(TCP, 20, 21),),
}
"""General services that are kept from industrial zones, by name."""


def ways_out(told: Telling, gate: Gate, own: Sequence[str]) -> tuple[Opened, ...] | None:
    """By which of their usual ways tunnels leave inner zones through a gate; None where it leads nowhere out.

    Args:
        told: what passes between the zones.
        gate: that is asked.
        own: zones that it has legs in.
    """
    outside = {zone.name for zone in told.zoning.zones if zone.external and zone.networks}
    edges = [zone for zone in own if zone in outside]
    inner = [zone.name for zone in told.zoning.zones if zone.networks and zone.name not in outside]
    if not edges or not inner:
        return None
    return tuple(_blamed(one, gate) for a in inner for b in edges for one in _asked(told, (a, b), TUNNELS))


def plant(told: Telling, gate: Gate, own: Sequence[str]) -> tuple[Opened, ...] | None:
    """General services between industrial zones and others of a gate; None where it joins no two such."""
    industrial = {zone.name for zone in told.zoning.zones if zone.industrial}
    own = [zone for zone in own if zone in told.lay.ground.zones]
    pairs = [(a, b) for a in own for b in own if (a in industrial) is not (b in industrial)]
    if not pairs:
        return None
    return tuple(_blamed(one, gate) for pair in pairs for one in _asked(told, pair, GENERAL))


def _asked(
    told: Telling, pair: tuple[str, str], services: Mapping[str, tuple[Pass, ...]]
) -> Iterator[Opened]:
    for service, packets in services.items():
        yield asked(told, pair, service, packets)


def asked(told: Telling, pair: tuple[str, str], service: str, packets: tuple[Pass, ...]) -> Opened:
    """Whether some packets pass from one zone to another; who stands between unseen may let them."""
    found = told.opening(pair, packets)
    hidden = told.hidden(pair)
    return Opened(
        *pair,
        f"{service} ({_spelled(packets)})",
        found.passes or (None if hidden else found.passes),
        found.beyond or (None if hidden else found.beyond),
        told.allowance(pair) is not None,
        None if found.example is None else told.seen(found.example),
    )


def _blamed(one: Opened, gate: Gate) -> Opened:
    """As a gate has to answer for it: what others let pass leaves its own part open."""
    if one.example is None or gate.name in one.example.gates:
        return one
    return replace(one, passes=one.passes and None, beyond=one.beyond and None)


def guarded(told: Telling, gate: Gate, own: Sequence[str]) -> tuple[Unguarded, ...] | None:
    """What a gate alone does with packets to important zones beside it; None where it joins none to another.

    A pair of which the policy lets anything pass is left out: there is nothing to filter.
    """
    important = {zone.name for zone in told.zoning.zones if zone.important}
    own = [zone for zone in own if zone in told.lay.ground.zones]
    alone = Lay((gate,), {at: z for at, z in told.lay.stands.items() if at[0] == gate.name}, told.lay.ground)
    pairs = [(a, b) for a in own for b in own if a != b and b in important]
    if not pairs:
        return None
    return tuple(_alone(told, alone, pair) for pair in pairs if Pass() not in (told.allowance(pair) or ()))


def _alone(told: Telling, lay: Lay, pair: tuple[str, str]) -> Unguarded:
    """What a gate by itself does; followed only where all ways together keep nothing back for certain."""
    kept = _kept(told.lay, pair, told.between(pair))
    if kept:
        trace = Trace(told.lay, *pair, told.arrived(pair[0]).at.get(pair[1], {}))
        return Unguarded(*pair, False, told.seen(trace.one(kept[0])))
    arrived = follow(lay, lay.doors(pair[0]), asked_of(lay, pair[0]))
    found = between(lay, *pair, arrived, None)
    kept = _kept(lay, pair, found)
    example = (found.sure if found.whole else kept)[:1]
    trace = Trace(lay, *pair, arrived.at.get(pair[1], {}))
    return Unguarded(
        *pair,
        True if found.whole else False if kept else None,
        told.seen(trace.one(example[0])) if example else None,
    )


def _kept(lay: Lay, pair: tuple[str, str], found: Between) -> list[Cube]:
    """Packets that surely do not pass; none where that is not known."""
    try:
        return all_minus(space(lay, *pair), found.may)
    except TooMany:
        return []


def _spelled(packets: Sequence[Pass]) -> str:
    """``udp/500 udp/4500 esp``: what the packets of a service are known by."""
    told = []
    for one in packets:
        name = NAMES.get(one.protocols[0], f"protocol {one.protocols[0]}")
        told += [f"{name}/{low}" for low, high in one.ports if low == high] or [name]
    return " ".join(told)

"""Whether a tunnel's usual packets get out: past the host's own filter, then gates, to its far end."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.derive.openings import TUNNELS
from scanner.derive.way import MOST_CITED, spoken
from scanner.facts import PacketFilter, TunnelWay, TunnelWays
from scanner.facts.rules import V4_SPANS, V6, V6_SPANS, Action, Stage, on_axis
from scanner.model import Gap
from scanner.packetspace.cube import TooMany
from scanner.packetspace.decide import fate_of
from scanner.packetspace.first import first_packets
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.matching import Meaning
from scanner.packetspace.policy import allowed

if TYPE_CHECKING:
    from scanner.derive.zones import Telling
    from scanner.facts import FactSheet, Rules, Tunnel, Tunnels
    from scanner.model import AssessmentObject, Citation
    from scanner.packetspace.policy import Pass


def tunnel_ways(o: AssessmentObject, found: Tunnels, sheet: FactSheet, told: Telling) -> TunnelWays | None:
    """Follow the packets of each tunnel whose family has usual ones; None where nothing can be followed.

    A far end that is known narrows where they go to, and its port takes the place of the usual ones; without
    one they may go to any external zone.

    Args:
        o: the machine, with the address that its packets come from.
        found: its tunnels.
        sheet: its own sheet, for its filter of outgoing packets.
        told: what passes between zones.
    """
    at = _address(o.address)
    zone = told.lay.ground.zone(at) if at is not None else ""
    if at is None or not zone:
        return None
    ways = [way for tunnel in found.tunnels for way in _of(tunnel, at, zone, sheet, told)]
    return TunnelWays(found.seen, tuple(ways)) if ways else None


def _of(tunnel: Tunnel, at: int, zone: str, sheet: FactSheet, told: Telling) -> list[TunnelWay]:
    packets = TUNNELS.get(tunnel.family)
    if packets is None:
        return []
    host, port = _end(tunnel.remote)
    remote = _address(host)
    external = [z.name for z in told.zoning.zones if z.external and z.networks]
    targets = [told.lay.ground.zone(remote)] if remote is not None else external
    packets = tuple(_narrowed(one, at, remote, port) for one in packets)
    return [_way(tunnel, (zone, to), packets, sheet, told) for to in targets if to and to != zone]


def _narrowed(one: Pass, at: int, remote: int | None, port: int) -> Pass:
    family = V4_SPANS if at < V6 else V6_SPANS
    ends = family if remote is None else ((remote, remote),)
    ports = ((port, port),) if port and one.ports else one.ports
    return replace(one, ports=ports, sources=((at, at),), destinations=ends)


def _end(remote: str) -> tuple[str, int]:
    """``198.51.100.7:51820``, ``[2001:db8::1]:51820``, ``198.51.100.7``: the address, and the port or 0."""
    host, _, port = remote.rpartition(":")
    if port.isdecimal() and host and (host.endswith("]") or ":" not in host):
        return host.strip("[]"), int(port)
    return remote.strip("[]"), 0


def _address(text: str) -> int | None:
    try:
        return on_axis(ipaddress.ip_address(text))
    except ValueError:
        return None


def _way(
    tunnel: Tunnel, pair: tuple[str, str], packets: tuple[Pass, ...], sheet: FactSheet, told: Telling
) -> TunnelWay:
    filtering = sheet.get(PacketFilter)
    loaded = None if isinstance(filtering, Gap) else filtering.loaded
    leaves, own = (None, ()) if loaded is None else _outgoing(loaded, packets)
    if leaves is False:
        return TunnelWay(tunnel, pair[1], False, "", own)
    found = told.opening(pair, packets, closed=True)
    passes = None if found.passes is None or (told.hidden(pair) and not found.passes) else found.passes
    example = None if found.example is None else told.seen(found.example)
    lines = () if example is None else example.at
    return TunnelWay(
        tunnel,
        pair[1],
        False if passes is False else (passes and leaves) or None,
        "" if example is None else example.packet,
        lines or own,
    )


def _outgoing(loaded: Rules, packets: tuple[Pass, ...]) -> tuple[bool | None, tuple[Citation, ...]]:
    """Whether the host's own filter lets some of the packets out, and the lines that decide."""
    interfaces = interfaces_of(loaded.file)
    whole = [first_packets(interfaces, Stage.OUTPUT)]
    marked = any(r.marks for t in loaded.file.tables for c in t.chains for r in c.rules)
    meaning = Meaning(interfaces, first=True, stage=Stage.OUTPUT, marked=marked)
    try:
        fates = fate_of(loaded.file, Stage.OUTPUT, allowed(packets, whole), meaning)
    except TooMany:
        return None, ()
    accept, doubt = fates[Action.ACCEPT], fates[Action.ANYTHING]
    told = accept.by if accept.may else [*fates[Action.DROP].by, *fates[Action.REJECT].by]
    lines = tuple(dict.fromkeys(loaded.cite(r.line, spoken(r)) for r in told))[:MOST_CITED]
    if accept.sure:
        return True, lines
    return (None if accept.may or doubt.may else False), lines

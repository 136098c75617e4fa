"""Which ports that a gate is managed by are reached from which zones."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from scanner.facts import Management
from scanner.facts.rules import V4_SPANS, on_axis
from scanner.packetspace.cube import DESTINATION
from scanner.packetspace.gate import narrowed
from scanner.packetspace.policy import open_ports
from scanner.packetspace.spans import common

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanner.facts import Listener, Listeners
    from scanner.facts.rules import Spans
    from scanner.packetspace.gate import Gate
    from scanner.packetspace.ways import Arrived

_PORTS = {"tcp": (22, 23, 512, 513, 514, 3389, 5900, 5985, 5986, 8443, 9090, 10000), "udp": (161,)}
"""Ports that hosts and devices are managed by, whoever listens there."""

_PROGRAMS = frozenset(
    (
        *("sshd", "dropbear", "telnetd", "in.telnetd", "snmpd", "xrdp", "Xvnc", "x11vnc"),
        *("cockpit-tls", "cockpit-ws", "webmin", "miniserv.pl"),
    )
)
"""Programs that hosts are managed by, wherever they listen."""

_NUMBERS = {"tcp": 6, "udp": 17}


def management(
    gate: Gate, listeners: Listeners, arrived: Iterable[tuple[str, Arrived, bool]]
) -> tuple[Management, ...]:
    """Ports of a gate as they are reached from zones that are not for management; none: surely from none.

    ``arrived``: each such zone, where its packets come out, and whether others that were not seen may bring
    them here too. A socket whose owner was not seen may be one to manage by, so it is never cleared.
    """
    sockets = [socket for socket in listeners.listeners if socket.off_host]
    asked = [
        (socket, known)
        for socket in sockets
        if (known := _managed(socket)) or not (socket.processes or listeners.owners_visible)
    ]
    found = [
        one for zone in arrived for socket, known in asked for one in _reached(gate, *zone, socket, known)
    ]
    surest = {(m.zone, m.protocol, m.port): m for m in sorted(found, key=lambda m: bool(m.reached))}
    return tuple(m for m in found if surest[m.zone, m.protocol, m.port] is m)


def _managed(socket: Listener) -> bool:
    return socket.port in _PORTS.get(socket.protocol, ()) or not _PROGRAMS.isdisjoint(socket.processes)


def _reached(
    gate: Gate, zone: str, arrived: Arrived, hidden: bool, socket: Listener, known: bool
) -> Iterator[Management]:
    at = _addresses(gate, socket.address)
    loads = {
        called: narrowed(guard, DESTINATION, at) for called, guard in arrived.own.get(gate.name, {}).items()
    }
    number, port = _NUMBERS[socket.protocol], (socket.port,)
    sure = known and bool(open_ports(loads, number, port))
    if sure or hidden or gate.name in arrived.gave_up or open_ports(loads, number, port, possible=True):
        yield Management(zone, socket.protocol, socket.port, sure or None, (socket.at,))


def _addresses(gate: Gate, bound: str) -> Spans:
    """Addresses of the gate that lead to a socket."""
    if bound in {"*", "", "::"}:
        return gate.addresses
    if bound == "0.0.0.0":  # noqa: S104 - as a socket is listed
        return common(gate.addresses, V4_SPANS)
    place = on_axis(ipaddress.ip_address(bound))
    return ((place, place),)

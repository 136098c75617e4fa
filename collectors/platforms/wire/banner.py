"""Services on the open ports: what the exchanges prove, and which ports stay unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Need, Reader
from collectors.evidence import EXCERPT
from collectors.platforms.wire.exchange import printable
from collectors.platforms.wire.openvpn import answered
from collectors.platforms.wire.ports import read_open_ports
from collectors.platforms.wire.reading import (
    exchanges,
    gently,
    not_asked,
    something_seen,
    unseen_port,
    unswept,
    wholes,
)
from collectors.platforms.wire.services import identify
from collectors.platforms.wire.snmp import agent
from collectors.platforms.wire.steps import BANNER, OPENVPN_TCP, PORTS_TCP, SNMP, TLS
from collectors.platforms.wire.tls_records import read_flight
from scanner.facts import Strength, WireService, WireServices
from scanner.model import Gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Evidence
    from collectors.platforms.wire.exchange import Conversation, Exchange
    from collectors.platforms.wire.services import Identified


def read_services(evidence: Evidence) -> WireServices:
    """Explain every open TCP port, and add the SNMP agent that says what it is."""
    ports = read_open_ports(evidence)
    banners, tls, tunnels = (
        exchanges(evidence, BANNER),
        gently(evidence, TLS),
        gently(evidence, OPENVPN_TCP),
    )
    services: list[WireService] = []
    unseen = unswept(ports)
    for port in ports.open():
        subject = f"tcp/{port.number}"
        service = explain(port.number, banners.get(subject), tls.get(subject), tunnels.get(subject))
        if service is not None:
            services.append(service)
        else:
            unseen.append(unseen_port(subject, _why(evidence, subject, banners)))
    something_seen(services, unseen)
    services.extend(_agents(gently(evidence, SNMP)))
    return WireServices(wholes(ports.seen, banners, tls), tuple(services), tuple(unseen))


def explain(
    port: int, banner: Exchange | Gap | None, tls: Exchange | Gap | None, tunnel: Exchange | Gap | None
) -> WireService | None:
    """Say what speaks on a port; None: nothing that came explains it."""
    named = None
    if banner is not None and not isinstance(banner, Gap):
        named = identify(banner.conversations)
        if named is not None and named[0].strength is Strength.PROOF:
            return _told(port, banner, *named)
    if tls is not None and not isinstance(tls, Gap):
        for conversation in tls.conversations:
            flight = read_flight(conversation.got)
            if flight.tls:
                at = tls.cite(conversation, flight.words)
                return WireService("tcp", port, "tls", Strength.PROOF, cleartext=False, banner="", at=at)
    if tunnel is not None and not isinstance(tunnel, Gap) and answered(tunnel):
        at = tunnel.cite(tunnel.conversations[0], "a server's reset for our session")
        return WireService("tcp", port, "openvpn", Strength.PROOF, cleartext=False, banner="", at=at)
    if named is None or banner is None or isinstance(banner, Gap):
        return None
    return _told(port, banner, *named)


def _told(port: int, banner: Exchange, identified: Identified, conversation: Conversation) -> WireService:
    """Build the service from what it said of itself."""
    return WireService(
        "tcp",
        port,
        identified.family,
        identified.strength,
        identified.cleartext,
        printable(conversation.got)[:EXCERPT],
        banner.cite(conversation),
        identified.login,
        conversation.elsewhere,
    )


def _why(evidence: Evidence, subject: str, banners: Mapping[str, Exchange | Gap]) -> Gap:
    """Why a port stays unexplained."""
    told = banners.get(subject)
    if told is None:
        return not_asked(evidence, BANNER, subject)
    if isinstance(told, Gap):
        return told
    return told.gap(told.conversations[-1])


def _agents(asked: Mapping[str, Exchange | Gap]) -> list[WireService]:
    found = []
    for subject, exchange in asked.items():
        if isinstance(exchange, Gap):
            continue
        engine = agent(exchange)
        if engine is not None:
            at = exchange.cite(exchange.conversations[0], f"report of engine {engine.hex()}")
            number = int(subject.partition("/")[2])
            # Whether it also answers to versions 1 and 2c, in clear, would need a community name.
            found.append(
                WireService("udp", number, "snmp", Strength.PROOF, None, f"engine {engine.hex()}", at)
            )
    return found


READERS = (
    Reader(
        WireServices,
        (Need((PORTS_TCP,)), Need((BANNER, TLS, OPENVPN_TCP))),
        read_services,
        also=(SNMP,),
    ),
)

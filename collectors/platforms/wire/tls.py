"""TLS endpoints: which versions a server takes, and the certificate it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Need, Reader
from collectors.platforms.wire.banner import explain
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
from collectors.platforms.wire.steps import BANNER, OPENVPN_TCP, PORTS_TCP, TLS
from collectors.platforms.wire.tls_records import PROTOCOL_VERSION, VERSIONS, read_flight
from scanner.facts import (
    Offer,
    Strength,
    TlsEndpoint,
    TlsEndpoints,
    TlsVersion,
    WireCertificate,
)
from scanner.model import Citation, Gap, GapReason

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from collectors.platforms.wire.exchange import Conversation, Exchange
    from collectors.platforms.wire.tls_records import Flight

_REFUSALS = {40, 71, 80}
"""Alerts that refuse a version where another one was taken and a second hello with other suites met the same.

80 is what OpenSSL 3 says to versions whose signatures its security level forbids.
"""


def read_tls(evidence: Evidence) -> TlsEndpoints:
    """Read every open port that may speak TLS; ports that are proved to speak something else do not."""
    ports = read_open_ports(evidence)
    asked = exchanges(evidence, TLS)
    banners, tunnels = gently(evidence, BANNER), gently(evidence, OPENVPN_TCP)
    endpoints: list[TlsEndpoint] = []
    unseen = unswept(ports)
    for port in ports.open():
        subject = f"tcp/{port.number}"
        exchange = asked.get(subject)
        endpoint = None if exchange is None or isinstance(exchange, Gap) else _endpoint(port.number, exchange)
        if endpoint is not None:
            endpoints.append(endpoint)
            continue
        if _something_else(port.number, banners.get(subject), tunnels.get(subject)):
            continue
        if exchange is None:
            exchange = not_asked(evidence, TLS, subject)
        gap = exchange if isinstance(exchange, Gap) else exchange.gap(exchange.conversations[-1])
        unseen.append(unseen_port(subject, gap))
    something_seen(endpoints, unseen)
    return TlsEndpoints(wholes(ports.seen, asked, banners), tuple(endpoints), tuple(unseen))


def _something_else(port: int, banner: Exchange | Gap | None, tunnel: Exchange | Gap | None) -> bool:
    """Whether the port is proved to speak something that is not TLS from its first byte on."""
    service = explain(port, banner, None, tunnel)
    return service is not None and service.strength is Strength.PROOF


def _endpoint(port: int, exchange: Exchange) -> TlsEndpoint | None:
    """Read one port; None: nothing of TLS came."""
    flights = {c.label: (read_flight(c.got), c) for c in exchange.conversations}
    if not any(flight.tls for flight, _ in flights.values()):
        return None
    taken = any(
        flight.version is not None and flight.version == VERSIONS.get(_spelled(label), -1)
        for label, (flight, _) in flights.items()
    )
    versions = tuple(_version(name, exchange, control=taken) for name in VERSIONS)
    flight, first = next((flight, c) for flight, c in flights.values() if flight.tls)
    return TlsEndpoint(port, versions, _certificate(exchange), exchange.cite(first, flight.words))


def _spelled(label: str) -> str:
    return next((name for name in VERSIONS if name.lower() == label.removesuffix("-again")), "")


def _version(name: str, exchange: Exchange, *, control: bool) -> TlsVersion:
    """Judge one version. ``control``: some version was taken, so that refusing says something."""
    tries = [(read_flight(c.got), c) for c in exchange.conversations if _spelled(c.label) == name]
    if not tries:
        return TlsVersion(name, Offer.UNKNOWN, "not asked", exchange.first_line)
    for flight, conversation in tries:
        at = exchange.cite(conversation, flight.words)
        if flight.version == VERSIONS[name]:
            return TlsVersion(name, Offer.OFFERED, flight.words, at)
        if flight.alert == PROTOCOL_VERSION or (flight.version or VERSIONS[name]) < VERSIONS[name]:
            return TlsVersion(name, Offer.REFUSED, flight.words, at)
    flight, last = tries[-1]
    why, at = flight.words or last.end, exchange.cite(last, flight.words)
    refused = control and len(tries) == 2 and all(_turned_away(f, c) for f, c in tries)
    return TlsVersion(name, Offer.REFUSED if refused else Offer.UNKNOWN, why, at)


def _turned_away(flight: Flight, conversation: Conversation) -> bool:
    """Whether a hello was refused by an alert of the kind, or by hanging up without a word."""
    if flight.version is not None:
        return False
    return flight.alert in _REFUSALS or (not conversation.got and conversation.end in {"closed", "reset"})


def _certificate(exchange: Exchange) -> WireCertificate | Gap:
    from collectors.platforms.wire.certificate import read_certificate  # a heavy library

    for conversation in exchange.conversations:
        taken_out = conversation.certificate
        der = taken_out.data if taken_out is not None else read_flight(conversation.got).certificate
        if not der:
            continue
        line = taken_out.line if taken_out is not None else conversation.datagrams[0].line
        found = read_certificate(der, Citation(exchange.ref, line, f"{conversation.label}: certificate"))
        if found is not None:
            return found
        detail = "a certificate that cannot be read"
        return Gap(GapReason.UNPARSABLE, exchange.step, exchange.subject, detail)
    return Gap(GapReason.EMPTY, exchange.step, exchange.subject, "no certificate was shown")


READERS = (Reader(TlsEndpoints, (Need((PORTS_TCP,)), Need((TLS,))), read_tls, also=(BANNER, OPENVPN_TCP)),)

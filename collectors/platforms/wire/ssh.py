"""SSH servers' offers."""

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
from collectors.platforms.wire.ssh_offer import read_offer
from collectors.platforms.wire.steps import BANNER, OPENVPN_TCP, PORTS_TCP, SSH, TLS
from scanner.facts import SshEndpoint, SshWire, Strength
from scanner.model import Gap

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from collectors.platforms.wire.exchange import Exchange


def read_ssh(evidence: Evidence) -> SshWire:
    """Read every offer; ports that are proved to speak something else are none of SSH."""
    ports = read_open_ports(evidence)
    offers = exchanges(evidence, SSH)
    banners, tls, tunnels = (
        gently(evidence, BANNER),
        gently(evidence, TLS),
        gently(evidence, OPENVPN_TCP),
    )
    endpoints: list[SshEndpoint] = []
    unseen = unswept(ports)
    for port in ports.open():
        subject = f"tcp/{port.number}"
        exchange = offers.get(subject)
        if exchange is None:
            service = explain(port.number, banners.get(subject), tls.get(subject), tunnels.get(subject))
            if service is not None and service.family != "ssh" and service.strength is Strength.PROOF:
                continue
            exchange = not_asked(evidence, SSH, subject)
        endpoint = exchange if isinstance(exchange, Gap) else _endpoint(port.number, exchange)
        if isinstance(endpoint, Gap):
            unseen.append(unseen_port(subject, endpoint))
        else:
            endpoints.append(endpoint)
    something_seen(endpoints, unseen)
    return SshWire(wholes(ports.seen, offers, banners), tuple(endpoints), tuple(unseen))


def _endpoint(port: int, exchange: Exchange) -> SshEndpoint | Gap:
    for conversation in exchange.conversations:
        offer = read_offer(conversation.got)
        if offer is None or offer.lists is None:
            continue
        kex, keys, out, back, mac_out, mac_back, packed, unpacked, *_ = offer.lists
        return SshEndpoint(
            port=port,
            protocol=offer.protocol,
            software=offer.software,
            key_exchanges=kex,
            host_keys=keys,
            ciphers=tuple(dict.fromkeys((*out, *back))),
            macs=tuple(dict.fromkeys((*mac_out, *mac_back))),
            compressions=tuple(dict.fromkeys((*packed, *unpacked))),
            at=exchange.cite(conversation, f"SSH-{offer.protocol}-{offer.software}"),
        )
    return exchange.gap(exchange.conversations[-1], "no whole offer of algorithms came")


READERS = (Reader(SshWire, (Need((PORTS_TCP,)), Need((SSH,))), read_ssh, also=(BANNER, TLS, OPENVPN_TCP)),)

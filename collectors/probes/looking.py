"""One look over the wire: sweeps first, then every open port, then what needs no open port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.evidence import Document
from collectors.platforms.wire import steps as wire
from collectors.platforms.wire.exchange import read_exchange
from collectors.platforms.wire.limits import LEFT_ALONE, tcp_parts
from collectors.platforms.wire.services import identify
from collectors.platforms.wire.tls_records import read_flight
from collectors.probes import banner, ike, openvpn, ports, protocols, snmp, ssh, tls
from collectors.probes.purse import SpentError
from collectors.probes.recorder import Recorder
from collectors.probes.rights import RAW
from scanner.model import CaptureKind, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collectors.base import Step
    from collectors.platforms.wire.exchange import Exchange
    from collectors.probes.ports import Nmap
    from collectors.probes.protocols import Build
    from collectors.probes.rights import RawSockets
    from collectors.probes.target import Target


@dataclass(frozen=True, slots=True)
class Taken:
    """What one step brought for one subject."""

    step: str
    subject: str
    kind: CaptureKind
    content: bytes


Record = Taken | Gap


@dataclass(frozen=True, slots=True)
class Means:
    """What this prober can use: nmap, rights for raw packets, and the steps that were asked for."""

    nmap: Nmap | None
    raw_sweep: bool
    raw: tuple[RawSockets, Build] | None
    asked: frozenset[str]
    ports: tuple[tuple[int, int], ...] = ()  # first and last TCP ports, swept beside the usual ones

    def wants(self, step: Step) -> bool:
        """Whether the step was asked for."""
        return step.id in self.asked


_SHARE = 0.4
"""Part of the remaining time that one sweep may use."""


def sweeps(target: Target, means: Means) -> Iterator[Record]:
    """Sweep the ports. Nothing of what comes back is read here: that is for whoever has no rights left."""
    if means.wants(wire.PORTS_TCP):
        for subject, listed in tcp_parts(means.ports):
            seconds = target.purse.remaining(float(wire.PORTS_TCP.seconds)) * _SHARE

            def sweep(nmap: Nmap, listed: str = listed, seconds: float = seconds) -> bytes | Gap:
                return ports.sweep_tcp(target, nmap, listed, raw=means.raw_sweep, seconds=seconds)

            yield _sweep(wire.PORTS_TCP, subject, means, sweep)
    if means.wants(wire.PORTS_UDP):
        if not means.raw_sweep:
            yield _lacking(wire.PORTS_UDP)
            return
        seconds = target.purse.remaining(float(wire.PORTS_UDP.seconds)) * _SHARE
        yield _sweep(
            wire.PORTS_UDP, "udp", means, lambda nmap: ports.sweep_udp(target, nmap, seconds=seconds)
        )


def _sweep(step: Step, subject: str, means: Means, run: Callable[[Nmap], bytes | Gap]) -> Record:
    if means.nmap is None:
        return Gap(GapReason.COMMAND_MISSING, step.id, "", "nmap: not found here", "nmap")
    try:
        said = run(means.nmap)
    except SpentError as spent:
        return _spent(step, subject, spent)
    if isinstance(said, Gap):
        return Gap(said.reason, step.id, subject, said.detail, said.needs)
    return Taken(step.id, subject, CaptureKind.PORTS, said)


def probes(target: Target, means: Means, swept: tuple[Record, ...]) -> Iterator[Record]:
    """Ask every open port, then the datagram services and the IP protocols."""
    found: set[int] = set()
    for record in swept:
        if isinstance(record, Taken) and record.step == wire.PORTS_TCP.id and means.nmap is not None:
            found.update(means.nmap.open_ports(record.content, str(target.address)))
    for port in sorted(found):
        yield from _port(target, means, port)
    yield from _datagrams(target, means)
    if means.wants(wire.IP_PROTOCOLS):
        yield _protocols(target, means)


def _port(target: Target, means: Means, port: int) -> Iterator[Record]:
    """Ask one open TCP port no more than its own words leave open."""
    subject = f"tcp/{port}"
    if port in LEFT_ALONE:
        detail = "left alone: controllers, printers and log collectors are not spoken to"
        for step in (wire.BANNER, wire.TLS):
            if means.wants(step):
                yield Gap(GapReason.NOT_COLLECTED, step.id, subject, detail)
        return
    banners = Recorder(target.clock.now)
    done: set[str] = set()
    try:
        for step, exchange in _talk(target, means, port, banners):
            done.add(step.id)
            yield Taken(step.id, subject, CaptureKind.EXCHANGE, exchange)
    except SpentError as spent:
        for step in (wire.BANNER, wire.TLS, wire.SSH):
            if means.wants(step) and step.id not in done and not (step is wire.BANNER and banners.content):
                yield _spent(step, subject, spent)
    if banners.content:
        yield Taken(wire.BANNER.id, subject, CaptureKind.EXCHANGE, banners.content)


def _talk(target: Target, means: Means, port: int, banners: Recorder) -> Iterator[tuple[Step, bytes]]:
    """Ask what the port speaks, until it is known; then what only such a service tells."""
    listening = means.wants(wire.BANNER)
    if listening:
        banner.greet(target, port, banners)
        if not _family(banners):
            banner.request(target, port, banners)
    told = _family(banners)
    if not told and means.wants(wire.TLS):
        exchange = tls.send(target, port)
        told = "tls" if _speaks_tls(exchange) else ""
        yield wire.TLS, exchange
    if not told and listening:
        banner.head(target, port, banners)
        told = _family(banners)
    if (told == "ssh" or not listening) and means.wants(wire.SSH):
        yield wire.SSH, ssh.send(target, port)
    if not told and means.wants(wire.OPENVPN_TCP):
        yield wire.OPENVPN_TCP, openvpn.send_tcp(target, port)


def _family(banners: Recorder) -> str:
    """What the reading half makes of the exchange so far."""
    if not banners.content:
        return ""
    exchange = _read(wire.BANNER, banners.content)
    named = identify(exchange.conversations)
    return named[0].family if named is not None else ""


def _speaks_tls(content: bytes) -> bool:
    return any(read_flight(c.got).tls for c in _read(wire.TLS, content).conversations)


def _read(step: Step, content: bytes) -> Exchange:
    return read_exchange(step, "", Document("", tuple(content.decode().split("\n"))))


def _datagrams(target: Target, means: Means) -> Iterator[Record]:
    asked = (
        *((wire.IKE, port, ike.send) for port in ike.PORTS),
        (wire.OPENVPN, 1194, openvpn.send),
        (wire.SNMP, snmp.PORT, snmp.send),
    )
    for step, port, send in asked:
        if not means.wants(step):
            continue
        subject = f"udp/{port}"
        try:
            yield Taken(step.id, subject, CaptureKind.EXCHANGE, send(target, port))
        except SpentError as spent:
            yield _spent(step, subject, spent)


def _protocols(target: Target, means: Means) -> Record:
    step = wire.IP_PROTOCOLS
    if target.address.version == 6:
        return Gap(GapReason.NOT_COLLECTED, step.id, "", "IP protocols are asked over IPv4 only")
    if means.raw is None:
        return _lacking(step)
    sockets, build = means.raw
    try:
        return Taken(step.id, "ip", CaptureKind.EXCHANGE, protocols.send(target, sockets, build))
    except SpentError as spent:
        return _spent(step, "ip", spent)


def _lacking(step: Step) -> Gap:
    return Gap(GapReason.PERMISSION, step.id, "", "raw packets may not be sent by this user", RAW)


def _spent(step: Step, subject: str, spent: SpentError) -> Gap:
    return Gap(
        GapReason.NOT_COLLECTED,
        step.id,
        subject,
        f"the budget is used up: {spent}",
        f"a larger budget of {spent}",
    )

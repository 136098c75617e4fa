"""Small builders of what one vantage sees: what a test does not say is plain and quiet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scanner.facts import (
    FactSheet,
    Offer,
    OpenPorts,
    Port,
    PortState,
    Presence,
    SshEndpoint,
    SshWire,
    Strength,
    TlsEndpoint,
    TlsEndpoints,
    TlsVersion,
    UnseenPort,
    VpnAnswer,
    VpnEndpoints,
    WireCertificate,
    WireService,
    WireServices,
)
from scanner.model import Citation, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts import Fact

AT = datetime(2026, 6, 1, tzinfo=UTC)
QUIET = Gap(GapReason.EMPTY, "ports-tcp", detail="nothing answered")
BROKEN = Gap(GapReason.COMMAND_MISSING, "ports-tcp", detail="nmap: not found")
VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def cited(step: str, look: str = "web@inside", line: int = 1) -> Citation:
    return Citation(f"{look}/{step}", line, step)


def port(
    number: int, state: PortState = PortState.OPEN, protocol: str = "tcp", look: str = "web@inside"
) -> Port:
    return Port(protocol, number, state, "syn-ack", cited("ports-tcp", look, number))


def ports(*found: Port, unseen: tuple[Gap, ...] = (), look: str = "web@inside") -> OpenPorts:
    return OpenPorts((cited("ports-tcp", look, 0),), found, (), ("tcp/1-1024",), unseen)


def service(
    number: int,
    family: str,
    *,
    cleartext: bool | None = None,
    strength: Strength = Strength.PROOF,
    look: str = "web@inside",
    protocol: str = "tcp",
    login: bool = False,
    elsewhere: bool | None = None,
) -> WireService:
    at = cited(f"banner:{protocol}/{number}", look)
    return WireService(protocol, number, family, strength, cleartext, family, at, login, elsewhere)


def blind(number: int, protocol: str = "tcp", reason: GapReason = GapReason.TIMED_OUT) -> UnseenPort:
    return UnseenPort(protocol, number, Gap(reason, "banner", f"{protocol}/{number}", "nothing came"))


def services(
    *found: WireService, unseen: tuple[UnseenPort, ...] = (), look: str = "web@inside"
) -> WireServices:
    return WireServices((cited("ports-tcp", look, 0),), found, unseen)


def certificate(
    *,
    not_before: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    not_after: datetime = datetime(2027, 1, 1, tzinfo=UTC),
    key: tuple[str, int] = ("EC", 256),
    signature_hash: str = "sha256",
    self_signed: bool | None = False,
) -> WireCertificate:
    return WireCertificate(
        "CN=web", "CN=ca", not_before, not_after, *key, signature_hash, self_signed, ("web",), "ab" * 32,
        cited("tls:tcp/443"),
    )  # fmt: skip


def tls(
    number: int = 443,
    offered: str = "TLSv1.2 TLSv1.3",
    unknown: str = "",
    shown: WireCertificate | Gap | None = None,
    look: str = "web@inside",
) -> TlsEndpoint:
    def offer(version: str) -> Offer:
        if version in offered.split():
            return Offer.OFFERED
        return Offer.UNKNOWN if version in unknown.split() else Offer.REFUSED

    at = cited(f"tls:tcp/{number}", look)
    versions = tuple(TlsVersion(v, offer(v), "server hello", at) for v in VERSIONS)
    return TlsEndpoint(number, versions, shown or certificate(), at)


def endpoints(
    *found: TlsEndpoint, unseen: tuple[UnseenPort, ...] = (), look: str = "web@inside"
) -> TlsEndpoints:
    return TlsEndpoints((cited("ports-tcp", look, 0),), found, unseen)


def ssh(
    *,
    kex: str = "curve25519-sha256 kex-strict-s-v00@openssh.com",
    ciphers: str = "aes256-gcm@openssh.com",
    macs: str = "hmac-sha2-256-etm@openssh.com",
    protocol: str = "2.0",
) -> SshEndpoint:
    at = cited("ssh:tcp/22")
    k, h, c, m = (tuple(text.split()) for text in (kex, "ssh-ed25519", ciphers, macs))
    return SshEndpoint(22, protocol, "OpenSSH_9.2", k, h, c, m, ("none",), at)


def ssh_wire(*found: SshEndpoint, unseen: tuple[UnseenPort, ...] = ()) -> SshWire:
    return SshWire((cited("ports-tcp", line=0),), found, unseen)


def answer(family: str, presence: Presence, number: int = 500, protocol: str = "udp") -> VpnAnswer:
    return VpnAnswer(family, protocol, number, presence, "", cited(f"vpn:{protocol}/{number}"))


def vpn(*found: VpnAnswer, unseen: tuple[UnseenPort, ...] = ()) -> VpnEndpoints:
    return VpnEndpoints((cited("ports-udp", line=0),), found, unseen)


def sheet(name: str, *facts: Fact, gaps: Mapping[type[Fact], Gap] | None = None) -> FactSheet:
    return FactSheet(name, {**{type(f): f for f in facts}, **(gaps or {})})


def dark(name: str, gap: Gap = QUIET) -> FactSheet:
    """A look at which nothing was seen."""
    return sheet(
        name, gaps=dict.fromkeys((OpenPorts, WireServices, TlsEndpoints, SshWire, VpnEndpoints), gap)
    )

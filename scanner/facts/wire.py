"""Facts about what an object shows on the wire, seen from one vantage; and what follows from several.

Everything here was answered by the object to bounded probes. Silence is never an answer: what did not
answer stands in ``unseen`` with its reason, or makes the whole fact a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from datetime import datetime

    from scanner.model import Citation, Gap, Text


class PortState(StrEnum):
    """What a port did when asked."""

    OPEN = "open"
    CLOSED = "closed"  # said so: a reset, or an ICMP port unreachable of the object itself
    FILTERED = "filtered"  # nothing came, or somebody on the way refused
    OPEN_OR_FILTERED = "open|filtered"  # UDP without an answer


@dataclass(frozen=True, slots=True)
class Port:
    """One port of which the sweep speaks by name. ``reason`` is what came, e.g. ``syn-ack``, ``reset``."""

    protocol: str  # tcp or udp
    number: int
    state: PortState
    reason: str
    at: Citation


@dataclass(frozen=True, slots=True)
class PortGroup:
    """Ports that the sweep only counts: ``count`` ports of one state."""

    protocol: str
    state: PortState
    count: int
    at: Citation


@dataclass(frozen=True, slots=True)
class OpenPorts(Fact):
    """Ports of an object, seen from one vantage. The object itself answered at least once.

    ``asked``: port ranges that were swept, e.g. ``tcp/1-1024``. ``unseen``: parts of the sweep that gave no
    answer (a time-out; UDP without the right to send raw packets); what is asked of them stays unseen.
    """

    ports: tuple[Port, ...]
    groups: tuple[PortGroup, ...]
    asked: tuple[str, ...]
    unseen: tuple[Gap, ...]

    def open(self, protocol: str = "tcp") -> tuple[Port, ...]:
        """Ports of ``protocol`` that are open for certain."""
        return tuple(p for p in self.ports if p.protocol == protocol and p.state is PortState.OPEN)


class Strength(StrEnum):
    """How well an identification holds."""

    PROOF = "proof"  # the protocol's own answer
    HINT = "hint"  # words or behaviour that others show too


@dataclass(frozen=True, slots=True)
class WireService:
    """What speaks on an open port.

    ``family``: ssh, telnet, ftp, smtp, pop3, imap, http, tls, rdp, vnc, mysql, postgresql, redis, rsync,
    snmp, ike, openvpn, ... ``cleartext``: whether it serves without encryption; None where that is not
    known (a service that can switch to TLS, an SNMP agent of unknown versions). ``banner``: its own words,
    printable ASCII, everything else escaped. ``login``: it asked in clear for a user's name or password.
    ``elsewhere``: whether the vantage was another host than the object; None: that was not noted.
    """

    protocol: str
    port: int
    family: str
    strength: Strength
    cleartext: bool | None
    banner: str
    at: Citation
    login: bool = False
    elsewhere: bool | None = None


@dataclass(frozen=True, slots=True)
class UnseenPort:
    """An open port (or one that may be) of which the question of the fact was not answered, and why.

    Port 0: not one port but a part of the sweep (or an IP protocol) that gave no answer.
    """

    protocol: str
    port: int
    gap: Gap


@dataclass(frozen=True, slots=True)
class WireServices(Fact):
    """Services on the open TCP ports, and SNMP agents on UDP.

    ``unseen``: open TCP ports on which nothing was identified. Only with none of them may somebody say
    that nothing of a kind is there.
    """

    services: tuple[WireService, ...]
    unseen: tuple[UnseenPort, ...]

    def of(self, *families: str) -> tuple[WireService, ...]:
        """Services of the families."""
        return tuple(s for s in self.services if s.family in families)


class Offer(StrEnum):
    """Whether a server takes what a client offers it."""

    OFFERED = "offered"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TlsVersion:
    """One protocol version of a TLS server; ``why`` names the answer (an alert, a server hello)."""

    version: str  # SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3: as OpenSSL and web servers spell them
    offer: Offer
    why: str
    at: Citation


@dataclass(frozen=True, slots=True)
class WireCertificate:
    """The certificate that a TLS server presents to a client that names no host.

    ``key_type``: RSA, EC, Ed25519, Ed448, DSA, SM2, or "" where unknown; ``key_bits``: 0 where unknown.
    ``signature_hash``: sha256, sha1, md5, sm3, ..., "" where it is built in (Ed25519) or unknown.
    ``self_signed``: issuer is subject and the key fits its signature; None: that could not be tried.
    ``names``: DNS names and addresses of subjectAltName.
    """

    subject: str
    issuer: str
    not_before: datetime  # UTC
    not_after: datetime  # UTC
    key_type: str
    key_bits: int
    signature_hash: str
    self_signed: bool | None
    names: tuple[str, ...]
    fingerprint: str  # SHA-256 of the DER bytes, hexadecimal
    at: Citation


@dataclass(frozen=True, slots=True)
class TlsEndpoint:
    """A TCP port that speaks TLS at once (no STARTTLS).

    ``certificate`` is a gap where none was seen. ``versions`` holds each of the five versions once.
    """

    port: int
    versions: tuple[TlsVersion, ...]
    certificate: WireCertificate | Gap
    at: Citation

    def offers(self, *versions: str) -> tuple[TlsVersion, ...]:
        """Those of ``versions`` that are offered for certain."""
        return tuple(v for v in self.versions if v.version in versions and v.offer is Offer.OFFERED)


@dataclass(frozen=True, slots=True)
class TlsEndpoints(Fact):
    """TLS on the open TCP ports. ``unseen``: open ports of which it is not known whether they speak TLS.

    No endpoint and no unseen port: every open port is known to speak something else.
    """

    endpoints: tuple[TlsEndpoint, ...]
    unseen: tuple[UnseenPort, ...]


@dataclass(frozen=True, slots=True)
class SshEndpoint:
    """An SSH server's offer (RFC 4253, 7.1), in its order of preference.

    ``ciphers`` and ``macs`` join both directions, each name once.
    """

    port: int
    protocol: str  # 2.0, 1.99 (version 1 as well)
    software: str
    key_exchanges: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]
    compressions: tuple[str, ...]
    at: Citation


@dataclass(frozen=True, slots=True)
class SshWire(Fact):
    """SSH servers on the open TCP ports. ``unseen``: ports of unknown nature, servers without an offer."""

    endpoints: tuple[SshEndpoint, ...]
    unseen: tuple[UnseenPort, ...]


class Presence(StrEnum):
    """Whether something is there."""

    PRESENT = "present"  # it answered with what only it can say
    ABSENT = "absent"  # the object said that nothing listens there
    UNKNOWN = "unknown"  # silence: keyed tunnels are silent too


@dataclass(frozen=True, slots=True)
class VpnAnswer:
    """What one port, or one IP protocol (``port`` 0), said to a tunnel's question."""

    family: str  # ipsec, openvpn, gre, ipip: as the register names them
    protocol: str  # udp, tcp or ip
    port: int
    presence: Presence
    detail: str
    at: Citation


@dataclass(frozen=True, slots=True)
class VpnEndpoints(Fact):
    """Tunnel endpoints that answer strangers. Silence stands as ``Presence.UNKNOWN``, never as absence."""

    answers: tuple[VpnAnswer, ...]
    unseen: tuple[UnseenPort, ...]

    @property
    def present(self) -> tuple[VpnAnswer, ...]:
        """Endpoints that are there for certain."""
        return tuple(a for a in self.answers if a.presence is Presence.PRESENT)


@dataclass(frozen=True, slots=True)
class Exposed:
    """An open port of an object, as one vantage sees it; ``service`` is None where it was not identified.

    ``external``: whether the vantage stands in a zone of others.
    """

    vantage: str
    zone: str  # of the vantage
    access_point: str
    port: Port
    service: WireService | None
    external: bool = False


@dataclass(frozen=True, slots=True)
class Exposure(Fact):
    """Derived: what all vantages together see of an object. ``unseen``: by vantage, why it saw nothing."""

    exposed: tuple[Exposed, ...]
    vantages: tuple[str, ...]  # that saw the object
    unseen: tuple[tuple[str, Gap], ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Where the wire (or the running host) and the host's own words differ, with both pieces of evidence."""

    kind: str
    text: Text
    said: Citation  # what the host says of itself
    shown: Citation  # what shows otherwise


@dataclass(frozen=True, slots=True)
class Contradictions(Fact):
    """Derived: every contradiction found; ``unseen`` names the comparisons that could not be made."""

    found: tuple[Contradiction, ...]
    unseen: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class SilentPort:
    """A TCP port that listens and that all rules seen open to a vantage, and that kept silent to it.

    ``rules``: the lines that open it, of the host and of every gate on the way; none where nothing filters.
    """

    vantage: str
    port: int
    socket: Citation
    rules: tuple[Citation, ...]
    shown: Citation


@dataclass(frozen=True, slots=True)
class SilentPorts(Fact):
    """Derived: silence where rules say open. ``answered``: vantages and ports that answered as the rules say.

    ``open``: how many listening TCP ports the host's own filter opens to everybody.
    """

    silent: tuple[SilentPort, ...]
    answered: tuple[tuple[str, int], ...]
    open: int


@dataclass(frozen=True, slots=True)
class WireTunnels(Fact):
    """Derived: tunnel endpoints that answered, against the inventory's register.

    ``silent``: those of which it is not known whether they are there. ``unseen``: what could not be asked.
    """

    declared: tuple[tuple[VpnAnswer, str], ...]  # with the register's approval
    undeclared: tuple[VpnAnswer, ...]
    absent: tuple[VpnAnswer, ...]
    silent: tuple[VpnAnswer, ...]
    unseen: tuple[UnseenPort, ...]

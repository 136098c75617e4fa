"""Cases of the topic wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scanner.facts import (
    Contradiction,
    Contradictions,
    Exposure,
    Fact,
    JudgedAt,
    Presence,
    Strength,
    VpnAnswer,
    WireTunnels,
)
from scanner.model import Gap, GapReason, Text
from tests.checks.build import SEEN, Case, at
from tests.derive.wire_facts import (
    AT,
    QUIET,
    answer,
    blind,
    certificate,
    endpoints,
    port,
    ports,
    service,
    services,
    ssh,
    ssh_wire,
    tls,
)

SSH_AND_WEB = (service(22, "ssh", cleartext=False), service(80, "http", cleartext=True))
SWEPT = ports(port(22), port(80))
UDP = ports(port(22), unseen=(Gap(GapReason.PERMISSION, "ports-udp", detail="not root", needs="root"),))
TELNET = service(23, "telnet", cleartext=True)

MANAGEMENT: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "SSH, and a web page", (services(*SSH_AND_WEB), SWEPT)),
    ("yes", "nothing open", (services(), ports())),
    ("yes", "SNMP that encrypts", (services(service(161, "snmp", cleartext=False, protocol="udp")), SWEPT)),
    (
        "yes",
        "one vantage saw it, the other nothing",
        (services(*SSH_AND_WEB), SWEPT, Exposure(SEEN, (), ("inside",), (("outside", QUIET),))),
    ),
    ("no", "telnet", (services(*SSH_AND_WEB, TELNET), SWEPT)),
    ("no", "telnet beside an unknown port", (services(TELNET, unseen=(blind(9999),)), SWEPT)),
    ("no", "telnet, the sweep unfinished", (services(TELNET), UDP)),
    ("no", "VNC", (services(service(5900, "vnc", cleartext=True)), SWEPT)),
    (
        "unseen",
        "a hint of telnet",
        (services(service(23, "telnet", cleartext=True, strength=Strength.HINT)), SWEPT),
    ),
    ("unseen", "FTP that may ask for TLS", (services(service(21, "ftp")), SWEPT)),
    ("no", "FTP that logs users in", (services(service(21, "ftp", cleartext=True, login=True)), SWEPT)),
    ("unseen", "FTP that may serve everybody", (services(service(21, "ftp", cleartext=True)), SWEPT)),
    ("unseen", "telnet that may encrypt", (services(service(23, "telnet")), SWEPT)),
    ("unseen", "SNMP of unknown versions", (services(service(161, "snmp", protocol="udp")), SWEPT)),
    ("unseen", "an open port that nothing told of", (services(*SSH_AND_WEB, unseen=(blind(9999),)), SWEPT)),
    ("unseen", "a vantage that could not look", (services(*SSH_AND_WEB, unseen=(blind(0, ""),)), SWEPT)),
    ("unseen", "UDP not asked", (services(*SSH_AND_WEB), UDP)),
    ("unseen", "the sweep was not seen", (services(*SSH_AND_WEB),)),
    ("unseen", "nothing was seen", ()),
)

ASKS = service(23, "telnet", cleartext=True, login=True, elsewhere=True)

LOGINS: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "SSH, and a web page for everybody", (services(*SSH_AND_WEB), SWEPT)),
    ("yes", "nothing open", (services(), ports())),
    ("no", "telnet that asks who we are", (services(*SSH_AND_WEB, ASKS), SWEPT)),
    ("no", "FTP", (services(service(21, "ftp", cleartext=True, login=True, elsewhere=True)), SWEPT)),
    ("no", "beside an unknown port", (services(ASKS, unseen=(blind(9999),)), UDP)),
    ("no", "seen from here and from elsewhere", (services(replace(ASKS, elsewhere=False), ASKS), SWEPT)),
    ("unseen", "seen by the object itself only", (services(replace(ASKS, elsewhere=False)), SWEPT)),
    ("unseen", "from where was not noted", (services(replace(ASKS, elsewhere=None)), SWEPT)),
    (
        "unseen",
        "a web page that asks who we are",
        (services(service(80, "http", cleartext=True, login=True, elsewhere=True)), SWEPT),
    ),
    ("unseen", "a hint of a prompt", (services(replace(ASKS, strength=Strength.HINT)), SWEPT)),
    ("unseen", "telnet that was not seen to ask", (services(TELNET), SWEPT)),
    ("unseen", "an open port that nothing told of", (services(*SSH_AND_WEB, unseen=(blind(9999),)), SWEPT)),
    ("unseen", "a vantage that could not look", (services(*SSH_AND_WEB, unseen=(blind(0, ""),)), SWEPT)),
    ("unseen", "UDP not asked", (services(*SSH_AND_WEB), UDP)),
    ("unseen", "the sweep was not seen", (services(*SSH_AND_WEB),)),
    ("unseen", "nothing was seen", ()),
)

NOW = JudgedAt(SEEN, AT)
NO_CERTIFICATE = Gap(GapReason.TRUNCATED, "tls", "tcp/443", "cut off")

VERSIONS: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "TLS 1.2 and 1.3", (endpoints(tls()),)),
    ("yes", "TLS 1.3 alone", (endpoints(tls(offered="TLSv1.3")),)),
    ("yes", "whether 1.3 is offered is not known", (endpoints(tls(offered="TLSv1.2", unknown="TLSv1.3")),)),
    ("no", "TLS 1.0", (endpoints(tls(), tls(8443, offered="TLSv1 TLSv1.2")),)),
    ("no", "TLS 1.1 beside an unknown port", (endpoints(tls(offered="TLSv1.1"), unseen=(blind(8443),)),)),
    ("no", "SSL 3, the rest unknown", (endpoints(tls(offered="SSLv3", unknown="TLSv1 TLSv1.1")),)),
    ("unseen", "TLS 1.0 unknown", (endpoints(tls(unknown="TLSv1")),)),
    ("unseen", "a port of unknown nature", (endpoints(tls(), unseen=(blind(8443),)),)),
    ("unseen", "no version was taken at all", (endpoints(tls(offered="")),)),
    ("unseen", "no TLS seen, but a port unknown", (endpoints(unseen=(blind(8443),)),)),
    ("unseen", "nothing was seen", ()),
    ("n/a", "no open port speaks TLS", (endpoints(),)),
)


def shown(**about: object) -> tuple[Fact, ...]:
    return endpoints(tls(shown=certificate(**about))), NOW  # type: ignore[arg-type]


END = datetime(2027, 1, 1, tzinfo=UTC)

CERTIFICATES: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "EC and SHA-256", shown()),
    ("yes", "RSA of just 2048 bits", shown(key=("RSA", 2048))),
    ("yes", "SM2 and SM3", shown(key=("SM2", 256), signature_hash="sm3")),
    ("yes", "Ed25519, whose hash is built in", shown(key=("Ed25519", 256), signature_hash="")),
    ("yes", "in its last moment", (endpoints(tls()), JudgedAt(SEEN, END))),
    ("no", "expired a second ago", (endpoints(tls()), JudgedAt(SEEN, END + timedelta(seconds=1)))),
    ("no", "not valid yet", shown(not_before=AT + timedelta(seconds=1))),
    ("no", "signed by itself", shown(self_signed=True)),
    ("no", "RSA of 2047 bits", shown(key=("RSA", 2047))),
    ("no", "EC of 192 bits", shown(key=("EC", 192))),
    ("no", "DSA", shown(key=("DSA", 3072))),
    ("no", "SHA-1", shown(signature_hash="sha1")),
    ("no", "expired, and of unknown key", shown(not_after=AT - timedelta(days=1), key=("", 0))),
    ("no", "bad on the second port", (endpoints(tls(), tls(8443, shown=certificate(self_signed=True))), NOW)),
    ("no", "bad beside an unknown port",
     (endpoints(tls(shown=certificate(self_signed=True)), unseen=(blind(1),)), NOW)),
    ("unseen", "issuer not tried", shown(self_signed=None)),
    ("unseen", "key unknown", shown(key=("", 0))),
    ("unseen", "bits unknown", shown(key=("RSA", 0))),
    ("unseen", "hash unknown", shown(signature_hash="")),
    ("unseen", "hash of no known strength", shown(signature_hash="whirlpool")),
    ("unseen", "certificate not seen", (endpoints(tls(shown=NO_CERTIFICATE)), NOW)),
    ("unseen", "a port of unknown nature", (endpoints(tls(), unseen=(blind(8443),)), NOW)),
    ("unseen", "the time is not known", (endpoints(tls()),)),
    ("n/a", "no open port speaks TLS", (endpoints(), NOW)),
)  # fmt: skip

ALGORITHMS: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "strong ones", (ssh_wire(ssh()),)),
    ("no", "CBC", (ssh_wire(ssh(ciphers="aes256-ctr aes128-cbc")),)),
    ("no", "SHA-1 MAC on the second server", (ssh_wire(ssh(), ssh(macs="hmac-sha1")),)),
    ("no", "group 1", (ssh_wire(ssh(kex="diffie-hellman-group1-sha1")),)),
    ("no", "SSH 1 as well", (ssh_wire(ssh(protocol="1.99")),)),
    ("no", "weak beside an unknown port", (ssh_wire(ssh(macs="hmac-md5"), unseen=(blind(2222),)),)),
    ("unseen", "an algorithm that nobody knows", (ssh_wire(ssh(ciphers="rot13@example.com")),)),
    ("unseen", "no ciphers named", (ssh_wire(ssh(ciphers="")),)),
    ("unseen", "an unknown port", (ssh_wire(ssh(), unseen=(blind(2222),)),)),
    ("unseen", "nothing was seen", ()),
    ("n/a", "no open port speaks SSH", (ssh_wire(),)),
)

IKE, SILENT = answer("ipsec", Presence.PRESENT), answer("ipsec", Presence.UNKNOWN, 4500)
NONE = answer("openvpn", Presence.ABSENT, 1194)


def tunnels(
    *undeclared: VpnAnswer,
    declared: tuple[tuple[VpnAnswer, str], ...] = (),
    silent: tuple[VpnAnswer, ...] = (),
    unseen: tuple[int, ...] = (),
) -> WireTunnels:
    return WireTunnels(SEEN, declared, undeclared, (NONE,), silent, tuple(blind(n, "udp") for n in unseen))


DECLARED: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "approved", (tunnels(declared=((IKE, "NET-7"),)),)),
    ("yes", "each said that nothing listens", (tunnels(),)),
    ("no", "an endpoint that nobody approved", (tunnels(IKE, silent=(SILENT,), unseen=(1194,)),)),
    ("unseen", "silence", (tunnels(silent=(SILENT,)),)),
    ("unseen", "not asked", (tunnels(unseen=(500,)),)),
    ("unseen", "nothing was seen", ()),
)

DIFFERENT = Contradiction("kind", Text("说法不同", "differs"), at("inetd"), at("banner"))
LEFT = Gap(GapReason.PERMISSION, "step", detail="files against the wire")

AGREES: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
    ("yes", "all compared", (Contradictions(SEEN, (), ()),)),
    ("no", "a contradiction", (Contradictions(SEEN, (DIFFERENT,), ()),)),
    ("no", "a contradiction, others not compared", (Contradictions(SEEN, (DIFFERENT,), (LEFT,)),)),
    ("unseen", "not all compared", (Contradictions(SEEN, (), (LEFT,)),)),
    ("unseen", "nothing was seen", ()),
)

TABLES = {
    "wire.management-encrypted": MANAGEMENT,
    "wire.logins-encrypted": LOGINS,
    "wire.tls-versions-strong": VERSIONS,
    "wire.certificates-valid": CERTIFICATES,
    "wire.ssh-algorithms-strong": ALGORITHMS,
    "wire.vpn-declared": DECLARED,
    "wire.agrees-with-host": AGREES,
}

CASES = tuple(
    Case(check, name, answer_, facts) for check, table in TABLES.items() for answer_, name, facts in table
)

"""Numbers behind the names that rules use: protocols, services, ICMP messages, addresses, TCP flags."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6_SPANS, on_axis, united

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.facts.rules import Span, Spans

PROTOCOLS = {
    "ip": 0, "hopopt": 0, "icmp": 1, "igmp": 2, "ggp": 3, "ipencap": 4, "ipip": 4, "st": 5, "tcp": 6,
    "egp": 8, "igp": 9, "pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29,
    "dccp": 33, "xtp": 36, "ddp": 37, "idpr-cmtp": 38, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44,
    "idrp": 45, "rsvp": 46, "gre": 47, "esp": 50, "ipv6-crypt": 50, "ah": 51, "ipv6-auth": 51, "skip": 57,
    "ipv6-icmp": 58, "icmpv6": 58, "icmp6": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "mh": 135,
    "ipv6-mh": 135, "mobility-header": 135, "rspf": 73, "vmtp": 81, "eigrp": 88, "ospf": 89, "ospfigp": 89,
    "ax.25": 93, "etherip": 97, "encap": 98, "pim": 103, "ipcomp": 108, "comp": 108, "vrrp": 112,
    "carp": 112, "l2tp": 115, "isis": 124, "sctp": 132, "fc": 133, "udplite": 136, "mpls-in-ip": 137,
    "manet": 138, "hip": 139, "shim6": 140, "wesp": 141, "rohc": 142, "ethernet": 143, "mptcp": 262,
}  # fmt: skip
"""From the registry of protocol numbers, by the names that Linux tools print."""

SERVICES = {
    "tcpmux": 1, "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21,
    "ssh": 22, "telnet": 23, "smtp": 25, "time": 37, "whois": 43, "tacacs": 49, "domain": 53, "bootps": 67,
    "bootpc": 68, "tftp": 69, "gopher": 70, "finger": 79, "http": 80, "www": 80, "kerberos": 88,
    "pop3": 110, "sunrpc": 111, "auth": 113, "ident": 113, "nntp": 119, "ntp": 123, "epmap": 135,
    "loc-srv": 135, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap2": 143, "imap": 143,
    "snmp": 161, "snmp-trap": 162, "snmptrap": 162, "bgp": 179, "ldap": 389, "https": 443,
    "microsoft-ds": 445, "isakmp": 500, "exec": 512, "biff": 512, "login": 513, "who": 513, "shell": 514,
    "syslog": 514, "printer": 515, "route": 520, "router": 520, "submission": 587, "ipp": 631, "ldaps": 636,
    "rsync": 873, "ftps-data": 989, "ftps": 990, "telnets": 992, "imaps": 993, "pop3s": 995, "socks": 1080,
    "openvpn": 1194, "ms-sql-s": 1433, "ms-sql-m": 1434, "l2f": 1701, "radius": 1812, "radius-acct": 1813,
    "nfs": 2049, "mysql": 3306, "svn": 3690, "epmd": 4369, "sip": 5060, "sip-tls": 5061, "mdns": 5353,
    "postgresql": 5432, "amqp": 5672, "x11": 6000, "redis": 6379, "bacula-dir": 9101, "git": 9418,
    "dhcpv6-client": 546, "dhcpv6-server": 547, "ms-wbt-server": 3389, "rdp": 3389, "squid": 3128,
    "http-alt": 8080, "webcache": 8080,
}  # fmt: skip
"""Well-known names that tools print in place of ports; a name that is not here is not understood."""

ICMP = {
    "echo-reply": (0, None), "pong": (0, None), "destination-unreachable": (3, None),
    "network-unreachable": (3, 0), "host-unreachable": (3, 1), "protocol-unreachable": (3, 2),
    "port-unreachable": (3, 3), "fragmentation-needed": (3, 4), "source-route-failed": (3, 5),
    "network-unknown": (3, 6), "host-unknown": (3, 7), "network-prohibited": (3, 9),
    "host-prohibited": (3, 10), "TOS-network-unreachable": (3, 11), "TOS-host-unreachable": (3, 12),
    "communication-prohibited": (3, 13), "host-precedence-violation": (3, 14), "precedence-cutoff": (3, 15),
    "source-quench": (4, None), "redirect": (5, None), "network-redirect": (5, 0), "host-redirect": (5, 1),
    "echo-request": (8, None), "ping": (8, None), "router-advertisement": (9, None),
    "router-solicitation": (10, None), "time-exceeded": (11, None), "ttl-exceeded": (11, None),
    "ttl-zero-during-transit": (11, 0), "ttl-zero-during-reassembly": (11, 1),
    "parameter-problem": (12, None), "ip-header-bad": (12, 0), "required-option-missing": (12, 1),
    "timestamp-request": (13, None), "timestamp-reply": (14, None), "info-request": (15, None),
    "info-reply": (16, None), "address-mask-request": (17, None), "address-mask-reply": (18, None),
}  # fmt: skip
"""Type and code of ICMP messages; no code: all of the type."""

ICMP6 = {
    "destination-unreachable": (1, None), "no-route": (1, 0), "communication-prohibited": (1, 1),
    "beyond-scope": (1, 2), "address-unreachable": (1, 3), "port-unreachable": (1, 4),
    "packet-too-big": (2, None), "time-exceeded": (3, None), "ttl-exceeded": (3, None),
    "ttl-zero-during-transit": (3, 0), "ttl-zero-during-reassembly": (3, 1), "parameter-problem": (4, None),
    "bad-header": (4, 0), "unknown-header-type": (4, 1), "unknown-option": (4, 2),
    "echo-request": (128, None), "ping": (128, None), "echo-reply": (129, None), "pong": (129, None),
    "mld-listener-query": (130, None), "mld-listener-report": (131, None), "mld-listener-done": (132, None),
    "mld-listener-reduction": (132, None), "router-solicitation": (133, None),
    "nd-router-solicit": (133, None), "router-advertisement": (134, None), "nd-router-advert": (134, None),
    "neighbour-solicitation": (135, None), "neighbor-solicitation": (135, None),
    "nd-neighbor-solicit": (135, None), "neighbour-advertisement": (136, None),
    "neighbor-advertisement": (136, None), "nd-neighbor-advert": (136, None), "redirect": (137, None),
    "nd-redirect": (137, None), "router-renumbering": (138, None), "ind-neighbor-solicit": (141, None),
    "ind-neighbor-advert": (142, None), "mld2-listener-report": (143, None),
}  # fmt: skip
"""The same of ICMPv6."""

FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "ecn": 64, "ece": 64, "cwr": 128}
"""Bits of the TCP flag byte."""


def number(word: str, most: int) -> int | None:
    """Return a decimal or hexadecimal number up to ``most``, None where the word is none."""
    if not re.fullmatch(r"[0-9]{1,20}|0[xX][0-9a-fA-F]{1,16}", word):
        return None
    value = int(word, 16) if word[:2].lower() == "0x" else int(word)
    return value if value <= most else None


def protocol(word: str) -> int | None:
    """Return the number of a protocol."""
    known = PROTOCOLS.get(word.lower())
    return known if known is not None and known < 256 else number(word, 255)


def port(word: str) -> int | None:
    """Return the number of a port or well-known service."""
    return SERVICES.get(word.lower()) if word.lower() in SERVICES else number(word, 65535)


def ports(word: str, between: str) -> Span | None:
    """Return a port or a range of ports; a missing end is the lowest or highest port."""
    first, dash, last = word.partition(between)
    if not dash or port(word) is not None:
        one = port(word)
        return None if one is None else (one, one)
    low = port(first) if first else 0
    high = port(last) if last else 65535
    return (low, high) if low is not None and high is not None and low <= high else None


def first_segment(span: Span | None) -> bool | None:
    """Whether an ordinary client's largest segment is in the span; None: of some it is."""
    if span is None:
        return None
    return True if span[0] <= 1200 and span[1] >= 1460 else False if span[1] <= 536 else None


def first_length(span: Span | None) -> bool | None:
    """Whether the length of a first packet of TCP, two headers with their options, is in the span."""
    if span is None:
        return None
    return True if span[0] <= 40 and span[1] >= 120 else False if span[1] < 40 or span[0] > 120 else None


_OF_CLIENTS = frozenset([0, 1, 3, 4, 5, 8, 28, 30, 34])
"""Options of TCP that the first packet of some client carries: scaling, times, and what came later."""


def first_option(kind: int | None) -> bool | None:
    """Whether an ordinary client's first packet carries an option of TCP; None: some client's does."""
    return None if kind is None or kind in _OF_CLIENTS else kind == 2


def icmp_span(names: dict[str, tuple[int, int | None]], word: str) -> Span | None:
    """Return the type and code of ICMP messages, as the field holds them."""
    if word in names:
        kind, code = names[word]
        return kind * 256 + (code or 0), kind * 256 + (255 if code is None else code)
    first, slash, last = word.partition("/")
    told, said = number(first, 255), number(last, 255) if slash else None
    if told is None or (slash and said is None):
        return None
    return told * 256 + (said or 0), told * 256 + (255 if said is None else said)


def address_span(word: str) -> Span | None:
    """Return an address, a prefix, an address with a netmask, or a range, on the axis of both families."""
    try:
        first, dash, last = word.partition("-")
        if dash:
            low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
            return (
                (on_axis(low), on_axis(high))
                if low.version == high.version and int(low) <= int(high)
                else None
            )
        network = ipaddress.ip_network(_plain_mask(word), strict=False)
    except ValueError:
        return None
    return on_axis(network.network_address), on_axis(network.broadcast_address)


def _plain_mask(word: str) -> str:
    """Refuse a mask that is no prefix: the library would take an inverted one for a prefix."""
    _, slash, mask = word.partition("/")
    if slash and not mask.isdecimal():
        address = ipaddress.ip_address(mask)
        bits = address.max_prefixlen
        inverted = int(address) ^ ((1 << bits) - 1)
        if inverted & (inverted + 1):
            raise ValueError(word)
        return f"{word.partition('/')[0]}/{bits - inverted.bit_length()}"
    return word


def address_spans(words: Iterable[str]) -> Spans | None:
    """Return all of them; None where one is not understood."""
    found = [address_span(word) for word in words]
    return None if None in found else united([span for span in found if span is not None])


def family_of(spans: Spans) -> Spans | None:
    """Return the addresses of the family that the spans belong to; None where they are of both or of none."""
    families = {V4_SPANS if span[1] <= V4_SPANS[0][1] else V6_SPANS for span in spans}
    return families.pop() if len(families) == 1 else None


def flag_values(mask: int, wanted: int, *, negated: bool = False) -> int:
    """Return the flag bytes of which the bits of ``mask`` are those ``wanted``, as bits of one number."""
    return sum(1 << byte for byte in range(256) if ((byte & mask) == wanted) is not negated)


def flag_byte(words: Iterable[str]) -> int | None:
    """Return the byte of TCP flags by name; None where one is not known."""
    byte = 0
    for word in words:
        name = word.lower()
        if name == "all":
            byte |= 63
        elif name in FLAGS:
            byte |= FLAGS[name]
        elif name != "none":
            return None
    return byte

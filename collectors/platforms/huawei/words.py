"""Numbers behind the words of VRP: protocols, ports, ICMP messages, TCP flags, predefined services."""

from __future__ import annotations

PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ipinip": 4, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "icmpv6": 58,
    "ospf": 89, "pim": 103, "vrrp": 112, "sctp": 132,
}  # fmt: skip

TCP_PORTS = {
    "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23,
    "smtp": 25, "time": 37, "whois": 43, "tacacs": 49, "domain": 53, "gopher": 70, "finger": 79, "www": 80,
    "http": 80, "hostname": 101, "pop2": 109, "pop3": 110, "sunrpc": 111, "nntp": 119, "bgp": 179, "irc": 194,
    "https": 443, "exec": 512, "login": 513, "cmd": 514, "lpd": 515, "talk": 517, "uucp": 540, "klogin": 543,
    "kshell": 544,
}  # fmt: skip

UDP_PORTS = {
    "echo": 7, "discard": 9, "time": 37, "nameserver": 42, "tacacs-ds": 65, "dns": 53, "domain": 53,
    "bootps": 67, "bootpc": 68, "tftp": 69, "dnsix": 90, "sunrpc": 111, "ntp": 123, "netbios-ns": 137,
    "netbios-dgm": 138, "netbios-ssn": 139, "snmp": 161, "snmptrap": 162, "xdmcp": 177, "mobilip-ag": 434,
    "mobilip-mn": 435, "biff": 512, "who": 513, "syslog": 514, "talk": 517, "rip": 520,
}  # fmt: skip

ICMP = {
    "echo-reply": (0, 0), "net-unreachable": (3, 0), "host-unreachable": (3, 1),
    "protocol-unreachable": (3, 2), "port-unreachable": (3, 3), "fragmentneed-DFset": (3, 4),
    "source-route-failed": (3, 5), "source-quench": (4, 0), "net-redirect": (5, 0), "host-redirect": (5, 1),
    "net-tos-redirect": (5, 2), "host-tos-redirect": (5, 3), "echo": (8, 0), "ttl-exceeded": (11, 0),
    "reassembly-timeout": (11, 1), "parameter-problem": (12, 0), "timestamp-request": (13, 0),
    "timestamp-reply": (14, 0), "information-request": (15, 0), "information-reply": (16, 0),
}  # fmt: skip
"""Type and code, as the command reference of the ``rule`` command has them."""

ICMP6 = {
    "network-unreachable": (1, 0), "host-unreachable": (1, 3), "port-unreachable": (1, 4),
    "packet-too-big": (2, 0), "hop-limit-exceeded": (3, 0), "fragment-time-exceeded": (3, 1),
    "err-header-field": (4, 0), "unknown-next-hdr": (4, 1), "unknown-ipv6-opt": (4, 2),
    "echo-request": (128, 0), "echo": (128, 0), "echo-reply": (129, 0), "router-solicitation": (133, 0),
    "router-advertisement": (134, 0), "neighbor-solicitation": (135, 0), "neighbor-advertisement": (136, 0),
    "redirect": (137, 0),
}  # fmt: skip

FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32}

SERVICES: dict[str, tuple[tuple[int, tuple[tuple[int, int], ...]], ...]] = {
    **{
        name: ((6, ((port, port),)),)
        for name, port in {
            "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "tacacs": 49, "http": 80, "pop3": 110,
            "netbios-session": 139, "imap": 143, "bgp": 179, "ldap": 389, "https": 443, "smb": 445,
            "rtsp": 554, "ldaps": 636, "smtps": 465, "imaps": 993, "pop3s": 995, "oracle": 1521,
            "sqlserver": 1433, "pptp": 1723, "mysql": 3306, "rdp-tcp": 3389, "whois": 43, "finger": 79,
        }.items()
    },
    **{
        name: ((17, ((port, port),)),)
        for name, port in {
            "dns": 53, "tftp": 69, "ntp": 123, "netbios-name": 137, "netbios-datagram": 138, "snmp": 161,
            "snmptrap": 162, "ike": 500, "syslog": 514, "rip": 520, "l2tp": 1701,
        }.items()
    },
    **{
        name: ((number, ()),)
        for name, number in {
            "icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "icmpv6": 58, "ospf": 89,
            "vrrp": 112, "sctp": 132,
        }.items()
    },
    "ping": ((1, ((8 * 256, 8 * 256),)),),
}  # fmt: skip
"""Predefined services as (protocol, ports); no ports: all of the protocol. ICMP has type and code instead.

From memory of the product's lists and not held against a device: USG has more names than these, and some
releases give ``dns``, ``radius``, ``sip`` and others a second protocol. A name that is not here is not
understood, which makes its rule uncertain.
"""

UNVERIFIED_SERVICES = frozenset({"dns", "rip", "snmptrap", "tacacs", "smb", "sqlserver", "oracle", "rdp-tcp"})
"""Names whose ports differ between releases, or were not found in a manual: their rules are uncertain."""


def number(word: str, most: int) -> int | None:
    """Return a decimal number up to ``most``; None where the word is none."""
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 12 and int(word) <= most else None


def protocol(word: str) -> int | None:
    """Return the number of a protocol."""
    return PROTOCOLS.get(word.lower(), number(word, 255))


def port(word: str, of_protocol: int | None) -> int | None:
    """Return the number of a port, which a name gives for TCP or UDP."""
    names = UDP_PORTS if of_protocol == 17 else TCP_PORTS if of_protocol == 6 else {}
    return names.get(word.lower(), number(word, 65535))

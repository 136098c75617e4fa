"""Random translations in front of random filters, in the words of nft and iptables, of both families."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.packetspace.generated import NETS4, NETS6, PORTS, SOURCES4, SOURCES6, Iptables, Nft
from tests.packetspace.wires import BEYOND, CABLES, LOCAL, TCP, UDP, Packet

if TYPE_CHECKING:
    from random import Random

TO4 = ("172.16.0.5", "10.0.0.2", "192.0.2.9", "127.0.0.1")
TO6 = ("fd00:16::5", "fd00::2", "2001:db8:9::9")
PLACES4 = ("10.0.0.1", "10.0.0.0/24", "192.168.7.1", "172.16.0.5")
PLACES6 = ("fd00::1", "fd00::/64", "fd00:7::1", "fd00:16::5")


@dataclass
class FirstPackets:
    """First packets of connections of TCP and UDP, each of its own."""

    last: int = 0

    def packet(self, random: Random) -> Packet:
        self.last = self.last % 28000 + 1
        six = random.random() < 0.4
        there = [a for a in (*LOCAL, *BEYOND) if (":" in a) is six]
        source = random.choice(SOURCES6 if six else SOURCES4)
        protocol, port = random.choice((TCP, TCP, UDP)), random.choice(PORTS)
        cable, to = random.choice(CABLES), random.choice(there)
        return Packet(self.last, cable, source, to, protocol, 32768 + self.last, port)


def to_where(random: Random, *, six: bool) -> tuple[str, str]:
    """An address to translate to and a port of it; either may be none, not both."""
    place = random.choice(TO6 if six else TO4)
    port = random.choice(("", "", str(random.choice(PORTS))))
    return ("", port) if port and random.random() < 0.2 else (place, port)


def nat_of_iptables(random: Random, *, six: bool) -> str:
    """A table of translations for ``iptables-restore``."""
    lines = ["*nat", ":PREROUTING ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]", ":N - [0:0]"]
    for chain in ("PREROUTING", "N"):
        lines += [_rule(random, chain, six=six) for _ in range(random.randrange(1, 5))]
    lines.append(f"-A POSTROUTING {random.choice(('-j MASQUERADE', '-o out0 -j MASQUERADE'))}")
    return "\n".join([*lines, "COMMIT", ""])


def _rule(random: Random, chain: str, *, six: bool) -> str:
    return " ".join([f"-A {chain}", *_asked(random, six=six), _target(random, chain, six=six)])


def _no(random: Random) -> str:
    return "! " if random.random() < 0.15 else ""


def _asked(random: Random, *, six: bool) -> list[str]:
    found = []
    if random.random() < 0.3:
        found.append(f"{_no(random)}-s {random.choice(NETS6 if six else NETS4)}")
    if random.random() < 0.5:
        found.append(f"{_no(random)}-d {random.choice(PLACES6 if six else PLACES4)}")
    if random.random() < 0.2:
        found.append(f"{_no(random)}-i {random.choice(CABLES)}")
    if random.random() < 0.2:
        found.append(f"-m addrtype {_no(random)}--dst-type LOCAL")
    low, high = sorted(random.sample(PORTS, 2))
    ports = random.choice((f"--dport {low}", f"--dport {low}:{high}", f"-m multiport --dports {low},{high}"))
    return [*found, f"-p {random.choice(('tcp', 'tcp', 'udp'))} {ports}"]


def _target(random: Random, chain: str, *, six: bool) -> str:
    others = ["-j ACCEPT", "-j RETURN", "-j LOG"] + (["-j N", "-g N"] if chain == "PREROUTING" else [])
    if random.random() < 0.3:
        return random.choice(others)
    if random.random() < 0.35:
        return random.choice((f"-j REDIRECT --to-ports {random.choice(PORTS)}", "-j REDIRECT"))
    place, port = to_where(random, six=six)
    place = f"[{place}]" if six and port and place else place
    return f"-j DNAT --to-destination {place}{':' * bool(port)}{port}"


def any_client(text: str) -> str:
    """The rules but for those that tell clients apart by their port: questions are about all of them."""
    return "\n".join(line for line in text.splitlines() if "sport" not in line) + "\n"


def filters_of_iptables(random: Random, *, six: bool) -> str:
    """Filters as in the other comparison, some of them asking whether a packet was translated."""
    text = any_client(Iptables(random, six).text())
    if random.random() < 0.5:
        rule = f"-A {random.choice(('INPUT', 'FORWARD'))} -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT"
        text = text.replace("COMMIT", rule)
    return text


def of_nft(random: Random) -> str:
    """Tables of translations and of filters."""
    return (
        any_client(Nft(random).text())
        + "\n"
        + "\n".join(_nat_of_nft(random, n) for n in range(random.randrange(1, 3)))
    )


def _nat_of_nft(random: Random, n: int) -> str:
    family = random.choice(("ip", "ip6", "inet"))
    parts = [f"table {family} nat{n} {{"]
    for name in ("n", "prerouting"):
        parts.append(f"  chain {name} {{")
        if name == "prerouting":
            parts.append(f"    type nat hook prerouting priority {random.choice(('dstnat', '-100', '-90'))};")
        parts += [f"    {_nft_rule(random, family, name)}" for _ in range(random.randrange(1, 5))] + ["  }"]
    return "\n".join([*parts, "}", ""])


def _nft_rule(random: Random, family: str, chain: str) -> str:
    six = family == "ip6" or (family == "inet" and random.random() < 0.4)
    word = "ip6" if six else "ip"
    found = [f"meta nfproto ipv{6 if six else 4}"] if family == "inet" else []
    if random.random() < 0.3:
        found.append(f"{word} saddr {random.choice(NETS6 if six else NETS4)}")
    if random.random() < 0.5:
        found.append(f"{word} daddr {random.choice(PLACES6 if six else PLACES4)}")
    if random.random() < 0.2:
        found.append(f"iifname {random.choice(CABLES)}")
    if random.random() < 0.2:
        found.append("fib daddr type local")
    low, high = sorted(random.sample(PORTS, 2))
    ports = random.choice((f"{low}", f"{low}-{high}", f"{{ {low}, {high} }}"))
    found.append(f"{random.choice(('tcp', 'tcp', 'udp'))} dport {ports}")
    return " ".join([*found, _nft_target(random, family, chain, six=six)])


def _nft_target(random: Random, family: str, chain: str, *, six: bool) -> str:
    others = ["accept", "return", "counter"] + (["jump n", "goto n"] if chain == "prerouting" else [])
    if random.random() < 0.3:
        return random.choice(others)
    if random.random() < 0.35:
        return random.choice((f"redirect to :{random.choice(PORTS)}", "redirect"))
    place, port = to_where(random, six=six)
    if not place:
        return f"dnat to :{port}"
    word = f" {'ip6' if six else 'ip'}" if family == "inet" else ""
    place = f"[{place}]" if six and port else place
    return f"dnat{word} to {place}{':' * bool(port)}{port}"

"""Random lists and policies against an evaluator of their own, packet by packet."""

from __future__ import annotations

import ipaddress
import random
from dataclasses import dataclass

import pytest

from collectors.platforms.huawei.reading import read_huawei
from scanner.facts.rules import Stage
from scanner.packetspace.reach import TCP, UDP, Question
from scanner.packetspace.reached import reached

PORTS = (22, 80, 443, 8080)
HOSTS = [f"10.{a}.{b}.{c}" for a in (0, 1) for b in (0, 5) for c in (1, 2, 130)]


@dataclass(frozen=True)
class Rule:
    """A rule of a list as it was drawn, before it was written."""

    number: int
    permit: bool
    protocol: str
    source: tuple[str, str] | None
    destination: tuple[str, str] | None
    port: tuple[str, int, int] | None

    def text(self) -> str:
        words = ["rule", str(self.number), "permit" if self.permit else "deny", self.protocol]
        for name, one in (("source", self.source), ("destination", self.destination)):
            words += [name, *one] if one else []
        if self.port:
            name, low, high = self.port
            words += ["destination-port", name, str(low), *([str(high)] if name == "range" else [])]
        return " ".join(words)

    def takes(self, protocol: str, source: str, to: str, port: int) -> bool:
        if self.protocol not in {"ip", protocol}:
            return False
        if not _fits(self.source, source) or not _fits(self.destination, to):
            return False
        if self.port is None:
            return True
        name, low, high = self.port
        return {
            "eq": port == low,
            "neq": port != low,
            "gt": port > low,
            "lt": port < low,
            "range": low <= port <= high,
        }[name]

    def narrowness(self) -> tuple[float, ...]:
        ports = {"eq": 1, "neq": 65535, "gt": 65535 - (self.port or ("", 0, 0))[1]}
        if self.port:
            name, low, high = self.port
            width = {**ports, "lt": low, "range": high - low + 1}[name]
        else:
            width = 1 << 33
        return (self.protocol == "ip", _width(self.source), _width(self.destination), width, self.number)


def _width(one: tuple[str, str] | None) -> float:
    return 2 ** int(ipaddress.ip_address(one[1])).bit_count() if one else float("inf")


def _fits(one: tuple[str, str] | None, address: str) -> bool:
    if one is None:
        return True
    base, free, told = (int(ipaddress.ip_address(word)) for word in (*one, address))
    return (base ^ told) & ~free & 0xFFFFFFFF == 0


def drawn_rules(draw: random.Random) -> list[Rule]:
    def end() -> tuple[str, str] | None:
        if draw.random() < 0.35:
            return None
        return draw.choice(HOSTS), draw.choice(
            ["0.0.0.1", "0.0.0.255", "0.0.255.255", "0.255.255.255", "0.1.0.3", "0.0.5.128", "0.1.255.0"]
        )

    found = []
    for number in draw.sample(range(100), draw.randint(1, 9)):
        protocol = draw.choice(["ip", "tcp", "udp"])
        port = None
        if protocol != "ip" and draw.random() < 0.7:
            low = draw.choice(PORTS)
            port = (draw.choice(["eq", "neq", "gt", "lt", "range"]), low, low + draw.choice([0, 1, 400]))
        found.append(Rule(number, draw.random() < 0.5, protocol, end(), end(), port))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_a_list_on_an_interface(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    rules = drawn_rules(draw)
    auto = draw.random() < 0.4
    ordered = sorted(rules, key=Rule.narrowness if auto else lambda one: (one.number,))
    lines = [
        "#",
        f"acl number 3000{' match-order auto' if auto else ''}",
        *(f" {rule.text()}" for rule in rules),
        "#",
        "interface GigabitEthernet0/0/1",
        " ip address 10.0.0.1 255.0.0.0",
        " traffic-filter inbound acl 3000",
        "#",
        "return",
    ]
    file = read_huawei(lines)
    assert not file.unread
    for _ in range(12):
        protocol, source, to = draw.choice(["tcp", "udp"]), draw.choice(HOSTS), draw.choice(HOSTS)
        ends = (ipaddress.ip_address(source), ipaddress.ip_address(to))
        question = Question(TCP if protocol == "tcp" else UDP, Stage.FORWARD, "GigabitEthernet0/0/1", *ends)
        for port, one in reached(file, PORTS, question).answers.items():
            first = next((rule for rule in ordered if rule.takes(protocol, source, to, port)), None)
            expected = "open" if first is None or first.permit else "dropped"
            assert one.answer.value == expected, (seed, protocol, source, to, port)


ZONES = ("trust", "dmz", "untrust")
SETS = {"one": {HOSTS[0], HOSTS[3]}, "two": {HOSTS[5]}, "both": {HOSTS[0], HOSTS[3], HOSTS[5]}}
SERVICES = {"web": {("tcp", 80), ("tcp", 443)}, "http": {("tcp", 80)}, "odd": {("udp", 8080), ("tcp", 22)}}
OBJECTS = [
    "ip address-set one type object",
    f" address 0 {HOSTS[0]} mask 32",
    f" address 1 {HOSTS[3]} 0",
    "#",
    "ip address-set two type object",
    f" address range {HOSTS[5]} {HOSTS[5]}",
    "#",
    "ip address-set both type group",
    " address 0 address-set one",
    " address 1 address-set two",
    "#",
    "ip service-set web type group",
    " service 0 service-set http",
    " service 1 service-set secure",
    "#",
    "ip service-set secure type object",
    " service 0 protocol tcp source-port 0 to 65535 destination-port 443",
    "#",
    "ip service-set odd type object",
    " service 0 protocol udp destination-port 8080",
    " service 1 protocol tcp destination-port 22",
    "#",
]


@dataclass(frozen=True)
class Policy:
    """A rule of a security policy as it was drawn."""

    name: str
    permit: bool
    disabled: bool
    came: tuple[str, ...]
    goes: tuple[str, ...]
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]

    def lines(self) -> list[str]:
        found = [f" rule name {self.name}"]
        found += [f"  source-zone {' '.join(self.came)}"] if self.came else []
        found += [f"  destination-zone {zone}" for zone in self.goes]
        found += [f"  source-address address-set {name}" for name in self.sources]
        found += [f"  destination-address address-set {name}" for name in self.destinations]
        found += [f"  service {name}" for name in self.services]
        found += ["  disable"] if self.disabled else []
        return [*found, f"  action {'permit' if self.permit else 'deny'}"]

    def takes(self, zones: tuple[str, str], source: str, to: str, service: tuple[str, int]) -> bool:
        return (
            not self.disabled
            and (not self.came or zones[0] in self.came)
            and (not self.goes or zones[1] in self.goes)
            and (not self.sources or any(source in SETS[name] for name in self.sources))
            and (not self.destinations or any(to in SETS[name] for name in self.destinations))
            and (not self.services or any(service in SERVICES[name] for name in self.services))
        )


@pytest.mark.parametrize("seed", range(40))
def test_a_security_policy(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311

    def some(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(draw.sample(values, draw.choice([0, 0, 1, 2])))

    rules = [
        Policy(
            f"r{i}",
            draw.random() < 0.5,
            draw.random() < 0.15,
            some(ZONES),
            some((*ZONES, "local")),
            some(tuple(SETS)),
            some(tuple(SETS)),
            some(tuple(SERVICES)),
        )
        for i in range(draw.randint(1, 7))
    ]
    permits = draw.random() < 0.2
    lines = [
        "#",
        *OBJECTS,
        *(
            line
            for i, zone in enumerate(ZONES)
            for line in (f"firewall zone {zone}", f" add interface GigabitEthernet1/0/{i}", "#")
        ),
        "security-policy",
        *([" default action permit"] if permits else []),
        *(line for rule in rules for line in rule.lines()),
        "#",
        "return",
    ]
    file = read_huawei(lines)
    assert not file.unread
    for _ in range(12):
        zones = tuple(draw.sample(ZONES, 2))
        protocol, source, to = draw.choice(["tcp", "udp"]), draw.choice(HOSTS), draw.choice(HOSTS)
        question = Question(
            TCP if protocol == "tcp" else UDP,
            Stage.FORWARD,
            f"GigabitEthernet1/0/{ZONES.index(zones[0])}",
            ipaddress.ip_address(source),
            ipaddress.ip_address(to),
            zones[1],
        )
        for port, one in reached(file, PORTS, question).answers.items():
            asked = (zones[0], zones[1]), source, to, (protocol, port)
            first = next((rule for rule in rules if rule.takes(*asked)), None)
            passes = permits if first is None else first.permit
            assert one.answer.value == ("open" if passes else "dropped"), (seed, asked)

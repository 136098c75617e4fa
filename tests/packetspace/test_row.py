"""What is proved of packets through two firewalls in a row is what two real ones do with real packets."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.nft_text import read_nft
from scanner.facts.rules import from_axis
from scanner.packetspace.cube import within
from scanner.packetspace.policy import arrivals
from scanner.packetspace.ways import Packet, bare
from tests.packetspace.chained import HOSTS, PORTS, PROTOCOLS, TARGETS, at, lay
from tests.packetspace.row import LEGS, Row, Seen, Sent, row
from tests.packetspace.test_ways import made, packets, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import RuleFile
    from scanner.packetspace.ways import Arrived, Lay

pytestmark = pytest.mark.wire

DEEP = settings.get_profile("default").max_examples < settings().max_examples
SETS = int(os.environ.get("ROW_RULE_SETS", "1000" if DEEP else "32"))

NETS = ("10.0.1.0/24", "10.0.1.5", "10.0.2.1", "10.0.2.0/24", "10.0.3.9", "10.0.0.0/16")


class Written:
    """Random rules of one gate as iptables or nft are told them."""

    def __init__(self, random: Random, legs: tuple[str, ...]) -> None:
        self.random = random
        self.legs = legs

    def some(self, *words: str) -> str:
        return self.random.choice(words)

    def no(self) -> str:
        return self.some("", "", "", "! ")

    def iptables(self) -> str:
        tables = [self.table("filter", ("FORWARD",), self.some("ACCEPT", "DROP"))]
        tables += [self.table("nat", ("PREROUTING", "POSTROUTING"), "ACCEPT")] * self.random.randint(0, 1)
        if self.random.random() < 0.4:
            tables.append(self.table(self.some("raw", "mangle"), ("PREROUTING",), "ACCEPT"))
        if self.random.random() < 0.3 and not tables[-1].startswith("*mangle"):
            tables.append(self.table("mangle", ("POSTROUTING",), "ACCEPT"))
        return "\n".join(tables) + "\n"

    def table(self, name: str, chains: tuple[str, ...], policy: str) -> str:
        lines = [f"*{name}", *(f":{chain} {policy} [0:0]" for chain in chains), ":C - [0:0]"]
        for chain in chains:
            lines += [self.rule(name, chain) for _ in range(self.random.randint(0, 5))]
        lines += [self.rule(name, chains[0], called=True) for _ in range(self.random.randint(0, 3))]
        return "\n".join([*lines, "COMMIT"])

    def rule(self, table: str, chain: str, *, called: bool = False) -> str:
        words = [self.asked(chain) for _ in range(self.random.randint(0, 2))]
        asked = list({word.removeprefix("! ")[:6].split(" ")[0]: word for word in words}.values())
        return " ".join([f"-A {'C' if called else chain}", *asked, self.target(table, chain, asked, called)])

    def asked(self, chain: str) -> str:
        words = [f"{self.no()}-s {self.some(*NETS)}", f"{self.no()}-d {self.some(*TARGETS, '10.0.3.0/24')}"]
        words.append(f"-p {self.some('tcp', 'udp')} --dport {self.some('22', '80', '0:79', '8080')}")
        if chain != "POSTROUTING":
            words.append(f"{self.no()}-i {self.some(*self.legs)}")
        if chain != "PREROUTING":
            words.append(f"{self.no()}-o {self.some(*self.legs)}")
        if chain == "FORWARD":
            words.append(
                f"-m conntrack {self.some('--ctstate DNAT', '--ctstate NEW', '! --ctstate NEW,DNAT')}"
            )
        if chain == "PREROUTING":
            words.append(f"-m addrtype {self.no()}--dst-type LOCAL")
        return self.some(*words)

    def target(self, table: str, chain: str, asked: list[str], called: bool) -> str:
        calls = not called and (table != "nat" or chain == "PREROUTING")
        others = ["-j ACCEPT", "-j RETURN", "-j LOG", *(["-j C", "-g C"] if calls else [])]
        if table == "nat" and self.random.random() < 0.7:
            return self.translation(chain, any("-p " in word for word in asked))
        others += ["-j DROP", "-j DROP"] if table != "nat" else []
        return self.some(*others, *(["-j REJECT"] if table == "filter" else []))

    def translation(self, chain: str, ported: bool) -> str:
        if chain == "POSTROUTING":
            return self.some("-j MASQUERADE", "-j SNAT --to-source 10.0.2.77")
        port = self.some("", ":80") if ported else ""
        where = f"-j DNAT --to-destination {self.some(*HOSTS, '10.0.2.2')}{port}"
        return self.some(where, where, f"-j REDIRECT{' --to-ports 22' if ported else ''}")

    def nft(self) -> str:
        """The same words as nft has them."""
        chains = [self.chain("forward", "filter", "0", self.some("accept", "drop"))]
        if self.random.random() < 0.4:
            chains.append(self.chain("prerouting", "filter", self.some("-300", "-50"), "accept"))
        if self.random.random() < 0.3:
            chains.append(self.chain("postrouting", "filter", self.some("0", "200"), "accept"))
        if self.random.random() < 0.6:
            chains.append(self.chain("prerouting", "nat", "-100", "accept"))
            chains.append(self.chain("postrouting", "nat", "100", "accept"))
        self.random.shuffle(chains)
        return "\n".join(
            f"table {self.some('ip', 'inet')} t{n} {{\n{one}\n}}" for n, one in enumerate(chains)
        )

    def chain(self, hook: str, kind: str, priority: str, policy: str) -> str:
        called = [self.nft_rule(hook, kind, called=True) for _ in range(self.random.randint(0, 3))]
        rules = [self.nft_rule(hook, kind) for _ in range(self.random.randint(0, 5))]
        head = f"type {kind} hook {hook} priority {priority}; policy {policy};"
        inner = "\n".join(rules)
        return "chain c {\n" + "\n".join(called) + f"\n}}\nchain base {{\n{head}\n{inner}\n}}"

    def nft_rule(self, hook: str, kind: str, *, called: bool = False) -> str:
        sign = self.some("", "", "", "!= ")
        words = [f"ip saddr {sign}{self.some(*NETS)}", f"ip daddr {sign}{self.some(*TARGETS, '10.0.3.0/24')}"]
        words.append(f"{self.some('tcp', 'udp')} dport {self.some('22', '80', '0-79', '{ 22, 8080 }')}")
        words += [f"iifname {sign}{self.some(*self.legs)}"] if hook != "postrouting" else []
        words += [f"oifname {sign}{self.some(*self.legs)}"] if hook != "prerouting" else []
        words += ["ct status dnat", "ct state new"] if hook == "forward" else []
        words += [f"fib daddr type {sign}local"] if hook == "prerouting" else []
        asked = self.random.sample(words, self.random.randint(0, 2))
        others = ["accept", "return", "counter", *(["jump c", "goto c"] if not called else [])]
        if kind == "nat" and self.random.random() < 0.7:
            if not any(" dport " in word for word in asked):
                asked.append(f"{self.some('tcp', 'udp')} dport {self.some('22', '80')}")
            return " ".join([*asked, self.nft_translation(hook)])
        others += ["drop", "drop"] if kind == "filter" else []
        return " ".join([*asked, self.some(*others, *(["reject"] if hook == "forward" else []))])

    def nft_translation(self, hook: str) -> str:
        if hook == "postrouting":
            return self.some("masquerade", "snat ip to 10.0.2.77")
        where = f"dnat ip to {self.some(*HOSTS, '10.0.2.2')}{self.some('', ':80')}"
        return self.some(where, where, "redirect", "redirect to :22")


def loaded(wired: Row, gate: str, random: Random) -> tuple[RuleFile, str]:
    """Load random rules; return them as read, and as written."""
    written = Written(random, tuple(LEGS[gate]))
    wired.clear(gate)
    six = random.random() < 0.5
    text = written.nft() if six else written.iptables()
    program = ("nft", "-f", "-") if six else ("iptables-restore",)
    done = wired.run(gate, *program, text=text)
    assert not done.returncode, (text, done.stderr)
    file = read_nft(text.splitlines()) if six else read_iptables(text.splitlines(), complete=True)
    assert not file.unread, (text, file.unread)
    return file, text


def sent(place: Lay, zone: str, source: str, first: int) -> Iterator[tuple[Packet, Sent]]:
    """Each packet by each door of its zone."""
    number = first
    for packet in packets(place, zone):
        if packet.source == at(source):
            for _, door in place.doors(zone):
                to = str(from_axis(packet.destination))
                yield packet, Sent(number % 60000 + 1, door.name, source, to, packet.protocol, packet.port)
                number += 1


def wrong(place: Lay, zone: str, came_out: list[tuple[Packet, set[Seen]]]) -> Iterator[str]:
    """Every packet that came out elsewhere than the sets say."""
    found = arrivals(place, zone)
    assert not found.gave_up
    out = set()
    for packet, seen in came_out:
        for one in seen:
            there = Packet(packet.protocol, packet.source, one.destination, 40000, one.port)
            out.add((one.place, there))
            # What one gate sends to another's own address has arrived on its network.
            near = place.ground.zone(one.destination) if one.place.startswith("own ") else one.place
            if one.place != zone and not any(told(found, at_, packet, there)[1] for at_ in (one.place, near)):
                yield f"{packet} arrives at {one}, said impossible"
    yield from _missing(place, zone, found, [packet for packet, _ in came_out], out)


def _missing(
    place: Lay, zone: str, found: Arrived, asked: list[Packet], out: set[tuple[str, Packet]]
) -> Iterator[str]:
    gates = {address for gate in place.gates for address, _ in gate.addresses}
    for name in place.ground.zones:
        sure, _ = made(found.at.get(name, {}))
        for packet in asked:
            there = packet.destination
            here = name != zone and there not in gates and place.ground.zone(there) == name
            if here and any(within(bare(packet.cube()), cube) for cube in sure) and (name, packet) not in out:
                yield f"{packet} surely arrives at {name}, but does not"


def test_two_real_firewalls_do_what_is_proved() -> None:
    number = exact = passed = 0
    with row() as wired:
        for seed in range(SETS):
            random = Random(seed)  # noqa: S311 - repeatable cases, no secret
            (outer, one), (inner, two) = (loaded(wired, gate, random) for gate in LEGS)
            place = lay(outer, inner)
            for zone, source in (("left", "10.0.1.5"), ("middle", "10.0.2.5"), ("right", "10.0.3.9")):
                pairs = list(sent(place, zone, source, number))
                number += len(pairs)
                seen = wired.send([packet for _, packet in pairs])
                mistakes = list(wrong(place, zone, [(packet, seen[p.number]) for packet, p in pairs]))
                assert not mistakes, (seed, zone, mistakes[:3], one, two)
                passed += sum(map(bool, seen.values()))
                exact += any(
                    guard.sure for loads in arrivals(place, zone).at.values() for guard in loads.values()
                )
    assert passed > SETS
    assert exact > SETS // 2
    assert len(PROTOCOLS) * len(PORTS)

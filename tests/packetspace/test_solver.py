"""Rules that never matter and rules that are too wide, against a solver that knows nothing of our sets."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from collectors.platforms.linux.filter_rules.iptables import read_iptables
from scanner.packetspace.analysis import analyse
from scanner.packetspace.finding import Trouble

if TYPE_CHECKING:
    from scanner.packetspace.finding import Packet

z3 = pytest.importorskip("z3")

DEEP = settings.get_profile("default").max_examples < settings().max_examples
SETS = int(os.environ.get("SOLVED_RULE_SETS", "500" if DEEP else "40"))
RULES = 50
NAMES = ("eth0", "eth1", "eth2", "other")
STATES = ("new", "established", "related", "invalid", "untracked")
NEVER = frozenset([Trouble.SHADOWED, Trouble.REDUNDANT, Trouble.IMPOSSIBLE])
WIDE = frozenset([Trouble.ANY_ANY, Trouble.OVER_WIDE])
Term = Any
"""What the solver works on."""


@dataclass(frozen=True)
class Rule:
    """A rule as it was drawn; the text that we read and the term that the solver gets are made of it."""

    chain: str
    source: str = ""
    destination: str = ""
    protocol: str = ""
    ports: tuple[int, int] | None = None
    name: str = ""
    negated: bool = False  # the interface
    states: tuple[str, ...] = ()
    target: str = "ACCEPT"

    def text(self) -> str:
        words = [f"-A {self.chain}"]
        words += [f"-s {self.source}"] if self.source else []
        words += [f"-d {self.destination}"] if self.destination else []
        words += [f"{'! ' if self.negated else ''}-i {self.name}"] if self.name else []
        words += [f"-p {self.protocol}"] if self.protocol else []
        words += [f"--dport {self.ports[0]}:{self.ports[1]}"] if self.ports else []
        words += [f"-m conntrack --ctstate {','.join(self.states).upper()}"] if self.states else []
        return " ".join([*words, f"-j {self.target}"])

    def wide(self) -> bool:
        """Whether it takes all ports from an /8 or more."""
        broad = not self.source or int(self.source.partition("/")[2]) <= 8
        new = not self.states or "new" in self.states
        every = self.ports in {None, (0, 65535)}
        return self.target == "ACCEPT" and every and broad and self.protocol != "47" and new

    def holds(self, packet: Packet) -> bool:
        """The same once more, for one packet."""
        inside = all(
            ip_address(place) in ip_network(net)
            for net, place in ((self.source, packet.source), (self.destination, packet.destination))
            if net
        )
        kind = self.protocol in {"", {"47": "47"}.get(packet.protocol, packet.protocol)}
        port = self.ports is None or (
            packet.port is not None and self.ports[0] <= packet.port <= self.ports[1]
        )
        came = not self.name or (packet.came == self.name) is not self.negated
        return inside and kind and port and came and (not self.states or packet.state in self.states)


class Drawn:
    """A rule set, drawn at random: nets within nets, ranges across ranges, chains that are called."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.policy = random.choice(("ACCEPT", "DROP"))
        self.rules = [self.rule("INPUT") for _ in range(RULES - 16)]
        self.rules += [self.rule(f"C{n}") for n in (0, 1) for _ in range(8)]
        head = ["*filter", f":INPUT {self.policy} [0:0]", ":C0 - [0:0]", ":C1 - [0:0]"]
        self.first = len(head) + 1
        self.lines = [*head, *(rule.text() for rule in self.rules), "COMMIT"]

    def net(self, first: str) -> str:
        size = self.random.choice((8, 9, 16, 17, 24))
        second = self.random.randrange(4) * 64 if size > 8 else 0
        third = self.random.randrange(2) * 128 if size > 16 else 0
        network = ip_network(f"{first}.{second}.{third}.0/{size}", strict=False)
        return str(network) if self.random.random() < 0.7 else ""

    def rule(self, chain: str) -> Rule:
        random = self.random
        protocol = random.choice(("tcp", "tcp", "udp", "47", ""))
        low = random.choice((0, 22, 80, 1024, 3306))
        ports = (low, random.choice((low, 1023 if low < 1023 else 65535, 65535)))
        below = {"INPUT": ["C0", "C1"], "C0": ["C1", "RETURN"], "C1": ["RETURN"]}[chain]
        targets = ["ACCEPT", "ACCEPT", "ACCEPT", "DROP", "DROP", "REJECT"]
        return Rule(
            chain,
            self.net("10"),
            self.net("172") if random.random() < 0.4 else "",
            protocol,
            ports if protocol in {"tcp", "udp"} and random.random() < 0.7 else None,
            random.choice(NAMES[:3]) if random.random() < 0.3 else "",
            random.random() < 0.3,
            random.choice((("new",), ("new", "invalid"), ("established", "related")))
            if random.random() < 0.2
            else (),
            random.choice(below) if random.random() < 0.15 else random.choice(targets),
        )


@dataclass
class Solved:
    """A rule set as terms. ``on``: whether a rule is there; ``hits``: packets that it decides."""

    drawn: Drawn
    hits: dict[int, Term] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.source, self.destination = z3.BitVecs("source destination", 32)
        self.port, self.protocol = z3.BitVec("port", 16), z3.BitVec("protocol", 8)
        self.name, self.state = z3.BitVecs("name state", 3)
        self.on = [z3.Bool(f"on{i}") for i in range(len(self.drawn.rules))]
        self.solver = z3.Solver()
        self.solver.add(z3.ULT(self.name, len(NAMES)), z3.ULT(self.state, len(STATES)))
        self.whole = self.fate([z3.BoolVal(True)] * len(self.on), self.hits)
        less = self.fate(self.on, {})
        self.differ = z3.Bool("differ")
        changed = z3.Or(*(a != b for a, b in zip(self.whole, less, strict=True)))
        self.solver.add(z3.Implies(self.differ, changed))

    def match(self, rule: Rule) -> Term:
        asked = []
        for net, place in ((rule.source, self.source), (rule.destination, self.destination)):
            if net:
                told = ip_network(net)
                asked += [z3.UGE(place, int(told[0])), z3.ULE(place, int(told[-1]))]
        if rule.protocol:
            asked.append(self.protocol == {"tcp": 6, "udp": 17, "47": 47}[rule.protocol])
        if rule.ports:
            asked += [z3.UGE(self.port, rule.ports[0]), z3.ULE(self.port, rule.ports[1])]
        if rule.name:
            asked.append((self.name == NAMES.index(rule.name)) != rule.negated)
        if rule.states:
            asked.append(z3.Or(*(self.state == STATES.index(one) for one in rule.states)))
        return z3.And(*asked)

    def fate(self, on: list[Term], hits: dict[int, Term]) -> tuple[Term, Term]:
        """Terms of what is accepted and of what is rejected; the rest is dropped."""
        rest = self.follow("INPUT", z3.BoolVal(True), on, hits)
        told = {target: [rest] if self.drawn.policy == target else [] for target in ("ACCEPT", "REJECT")}
        for i, hit in hits.items():
            told.get(self.drawn.rules[i].target, []).append(hit)
        return z3.Or(*told["ACCEPT"]), z3.Or(*told["REJECT"])

    def follow(self, chain: str, here: Term, on: list[Term], hits: dict[int, Term]) -> Term:
        """Walk a chain; return the packets that come out of it undecided."""
        back = z3.BoolVal(False)
        for i, rule in enumerate(self.drawn.rules):
            if rule.chain != chain:
                continue
            match = z3.And(on[i], self.match(rule))
            hit, here = z3.And(here, match), z3.And(here, z3.Not(match))
            if rule.target == "RETURN":
                back = z3.Or(back, hit)
            elif rule.target in {"C0", "C1"}:
                here = z3.Or(here, self.follow(rule.target, hit, on, hits))
            else:
                hits[i] = z3.Or(hits.get(i, z3.BoolVal(False)), hit)
        return z3.Or(here, back)

    def decides(self, i: int, *more: Term) -> bool:
        """Whether some packet is decided by the rule."""
        return bool(self.solver.check(self.hits.get(i, z3.BoolVal(False)), *more) == z3.sat)

    def matters(self, i: int) -> bool:
        """Whether some packet fares otherwise without the rule."""
        others = [z3.Not(one) if at == i else one for at, one in enumerate(self.on)]
        return bool(self.solver.check(self.differ, *others) == z3.sat)


@pytest.mark.parametrize("share", range(4))
def test_useless_and_wide_rules_are_those_of_the_solver(share: int) -> None:
    for seed in range(share, SETS, 4):
        drawn = Drawn(Random(seed))  # noqa: S311 - repeatable cases, no secret
        file = read_iptables(drawn.lines)
        assert not file.unread
        every = analyse(file).findings
        findings = {one.line: one for one in every if one.kind in NEVER}
        dead = {one.text for one in every if one.kind is Trouble.UNCALLED}
        wide = {one.line for one in every if one.kind in WIDE}
        solved = Solved(drawn)
        for i, rule in enumerate(drawn.rules):
            if rule.target not in {"ACCEPT", "DROP", "REJECT"}:
                continue
            if rule.chain in dead:
                assert not solved.decides(i), (seed, rule.text())
                continue
            line = drawn.first + i
            told = findings.get(line)
            assert (told is not None) is not solved.matters(i), (seed, line, rule.text(), told)
            if told is not None and told.kind in {Trouble.SHADOWED, Trouble.IMPOSSIBLE}:
                assert not solved.decides(i), (seed, line, told)
            if told is not None and told.witness is not None:
                assert rule.holds(told.witness), (seed, line, told.witness)
            new = solved.state == STATES.index("new")
            ported = z3.Or(solved.protocol == 6, solved.protocol == 17)
            if rule.chain == "INPUT":  # elsewhere it is as wide as the way to it
                assert (line in wide) is (rule.wide() and solved.decides(i, new, ported)), (
                    seed,
                    line,
                    rule.text(),
                )

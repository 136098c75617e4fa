"""Random rule sets in the words of nft and iptables, and random packets that they may tell apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.facts.rules import State
from tests.packetspace.wires import BEYOND, CABLES, ICMP, ICMP6, LOCAL, OUT, TCP, UDP, Packet

if TYPE_CHECKING:
    from random import Random

SOURCES4 = ("10.1.0.7", "10.1.200.7", "10.2.3.4", "192.168.1.9", "203.0.113.5", "198.51.100.77")
SOURCES6 = ("fd00:1::7", "fd00:1:200::7", "fd00:2::4", "2001:db8::5")
NETS4 = (
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.128.0/17",
    "10.2.3.4",
    "192.168.0.0/16",
    "203.0.113.0/24",
    "10.0.0.1",
)
NETS6 = ("fd00::/8", "fd00:1::/32", "fd00:1:200::/48", "fd00:2::4", "2001:db8::/32", "fd00::1")
TO4 = ("10.0.0.0/24", "10.0.0.1", "192.168.7.1", "172.16.0.0/16", "172.16.0.5")
TO6 = ("fd00::/64", "fd00::1", "fd00:7::1", "fd00:16::/32", "fd00:16::5")
PORTS = (22, 23, 53, 80, 443, 1023, 1024, 3306, 8080, 65535)
TCP_FLAGS = {
    2: State.NEW,
    16: State.NEW,
    3: State.INVALID,
    0: State.INVALID,
    41: State.INVALID,
    4: State.INVALID,
}
"""Flag bytes without a connection, and the state the kernel gives them (a bare ACK may be in the middle)."""

STATES = ("new", "invalid", "{ new, invalid }", "{ established, related }")
ICMP_KINDS = {8 * 256: State.NEW, 13 * 256: State.NEW, 0: State.INVALID}
ICMP6_KINDS = {128 * 256: State.NEW, 129 * 256: State.INVALID}


def state(packet: Packet) -> State:
    if packet.protocol == TCP:
        return TCP_FLAGS[packet.flags]
    if packet.protocol == ICMP:
        return ICMP_KINDS[packet.port]
    return ICMP6_KINDS[packet.port] if packet.protocol == ICMP6 else State.NEW


@dataclass
class Numbers:
    """Names of packets and source ports, each used once: no packet belongs to another's connection."""

    last: int = 0
    low: int = 1024
    high: int = 40000

    def packet(self, random: Random) -> Packet:
        self.last = self.last % 65000 + 1
        six = random.random() < 0.4
        source = random.choice(SOURCES6 if six else SOURCES4)
        there = [a for a in (*LOCAL, *BEYOND) if (":" in a) is six]
        protocol = random.choice((TCP, TCP, TCP, UDP, UDP, ICMP6 if six else ICMP, 47))
        if random.random() < 0.5:
            self.low = 1024 + (self.low - 1023) % 30000
            sport = self.low
        else:
            self.high = 40000 + (self.high - 39999) % 25000
            sport = self.high
        port = random.choice((*PORTS, random.randrange(1, 65536)))
        if protocol in {ICMP, ICMP6}:
            port = random.choice(sorted(ICMP6_KINDS if six else ICMP_KINDS))
        flags = random.choice((2, 2, 2, *TCP_FLAGS))
        return Packet(
            self.last, random.choice(CABLES), source, random.choice(there), protocol, sport, port, flags
        )


def _ports(random: Random) -> tuple[int, int]:
    low = random.choice(PORTS)
    high = random.choice(PORTS) if random.random() < 0.4 else low
    return min(low, high), max(low, high)


@dataclass
class Iptables:
    """A filter table of one family for ``iptables-restore``."""

    random: Random
    six: bool
    chains: list[str] = field(default_factory=list)

    def text(self) -> str:
        self.chains = [f"C{n}" for n in range(self.random.randrange(4))]
        lines = ["*filter"]
        lines += [f":{hook} {self.random.choice(('ACCEPT', 'DROP'))} [0:0]" for hook in ("INPUT", "FORWARD")]
        lines += [":OUTPUT ACCEPT [0:0]", *(f":{name} - [0:0]" for name in self.chains)]
        for hook in ("INPUT", "FORWARD"):
            lines += [self.rule(hook, -1) for _ in range(self.random.randrange(1, 9))]
        for level, name in enumerate(self.chains):
            lines += [self.rule(name, level) for _ in range(self.random.randrange(6))]
        return "\n".join([*lines, "COMMIT", ""])

    def rule(self, chain: str, level: int) -> str:
        words = [f"-A {chain}", *self.conditions(chain)]
        return " ".join([*words, self.target(level, " ".join(words))])

    def target(self, level: int, said: str) -> str:
        below = self.chains[level + 1 :]
        choices = [
            "-j ACCEPT",
            "-j ACCEPT",
            "-j DROP",
            "-j REJECT",
            "-j RETURN",
            '-j LOG --log-prefix "a -j b "',
            "",
        ]
        if "-p tcp" in said and "! -p tcp" not in said:
            choices.append("-j REJECT --reject-with tcp-reset")
        choices += [f"-j {name}" for name in below] * 2 + [f"-g {name}" for name in below]
        return self.random.choice(choices)

    def no(self) -> str:
        return "! " if self.random.random() < 0.2 else ""

    def conditions(self, chain: str) -> list[str]:
        random, found = self.random, []
        if random.random() < 0.4:
            found.append(f"{self.no()}-s {random.choice(NETS6 if self.six else NETS4)}")
        if random.random() < 0.25:
            found.append(f"{self.no()}-d {random.choice(TO6 if self.six else TO4)}")
        if random.random() < 0.2:
            found.append(f"{self.no()}-i {random.choice((*CABLES, 'in+'))}")
        if chain == "FORWARD" and random.random() < 0.15:
            found.append(f"{self.no()}-o {random.choice((OUT, 'in0', 'ou+'))}")
        if random.random() < 0.75:
            found.append(random.choice((self.tcp, self.tcp, self.udp, self.icmp, self.other))())
        if random.random() < 0.25:
            some = random.choice(("NEW", "INVALID", "RELATED,ESTABLISHED", "NEW,RELATED", "NEW,INVALID"))
            module = random.choice(("-m conntrack {}--ctstate", "-m state {}--state"))
            found.append(f"{module.format(self.no())} {some}")
        if random.random() < 0.1:
            low, high = ("fd00:1::", "fd00:1:ffff::") if self.six else ("10.1.0.0", "10.2.3.3")
            found.append(f"-m iprange {self.no()}--src-range {low}-{high}")
        return found

    def tcp(self) -> str:
        extra = self.random.choice(
            ("", "--syn", "! --syn", "--tcp-flags FIN,SYN,RST,ACK SYN", "--tcp-flags ALL NONE")
        )
        return f"-p tcp -m tcp {extra} {self.ports()}"

    def udp(self) -> str:
        return f"-p udp -m udp {self.ports()}"

    def ports(self) -> str:
        low, high = _ports(self.random)
        listed = ",".join(map(str, sorted(self.random.sample(PORTS, 3))))
        return self.random.choice((
            "",
            f"{self.no()}--dport {low}:{high}",
            f"{self.no()}--dport {low}",
            f"{self.no()}--sport 1024:39999",
            f"-m multiport {self.no()}--dports {listed}",
            f"-m multiport {self.no()}--dports {low},{high}:65535" if low < high < 65535 else "",
            f"-m multiport {self.no()}--ports {listed}",
        ))  # fmt: skip

    def icmp(self) -> str:
        if self.six:
            kind = self.random.choice(("128", "echo-reply", "129/0"))
            return f"-p ipv6-icmp -m icmp6 {self.no()}--icmpv6-type {kind}"
        return (
            f"-p icmp -m icmp {self.no()}--icmp-type {self.random.choice(('8', '8/0', 'echo-reply', 'any'))}"
        )

    def other(self) -> str:
        return f"{self.no()}-p {self.random.choice(('tcp', 'udp', '47', 'gre'))}"


@dataclass
class Nft:
    """Tables of nft with chains, sets and maps."""

    random: Random
    chains: list[str] = field(default_factory=list)
    family: str = "inet"

    def text(self) -> str:
        return "\n".join(self.table(n) for n in range(self.random.randrange(1, 3)))

    def table(self, n: int) -> str:
        random = self.random
        self.family = random.choice(("inet", "inet", "ip", "ip6"))
        self.chains = [f"c{n}" for n in range(random.randrange(4))]
        parts = [f"table {self.family} t{n} {{", *self.sets()]
        for level, name in reversed(list(enumerate(self.chains))):
            rules = [self.rule(level) for _ in range(random.randrange(6))]
            parts += [f"  chain {name} {{", *rules, "  }"]
        for hook in random.choice((("input", "forward"), ("input", "forward"), ("prerouting",))):
            head = f"type filter hook {hook} priority {random.choice(('filter', '-10', 'filter + 5'))};"
            parts += [f"  chain {hook} {{", f"    {head} policy {random.choice(('accept', 'drop'))};"]
            parts += [self.rule(-1, hook) for _ in range(random.randrange(1, 9))] + ["  }"]
        return "\n".join([*parts, "}", ""])

    def sets(self) -> list[str]:
        random = self.random
        four = ", ".join(sorted(random.sample([n for n in NETS4 if not n.startswith("10.1.")], 2)))
        verdicts = ", ".join(
            f"{p} : {random.choice(('accept', 'drop', 'return'))}" for p in random.sample(PORTS, 3)
        )
        pair = f"{random.choice(SOURCES4)} . {random.choice(PORTS)}"
        return [
            f"  set four {{ type ipv4_addr; flags interval; auto-merge; elements = {{ {four} }} }}",
            f"  set six {{ type ipv6_addr; flags interval; elements = {{ {random.choice(NETS6)} }} }}",
            f"  set pairs {{ type ipv4_addr . inet_service; elements = {{ {pair}, 10.1.0.7 . 22 }} }}",
            f"  map byport {{ type inet_service : verdict; elements = {{ {verdicts} }} }}",
        ]

    def rule(self, level: int, hook: str = "") -> str:
        said = self.conditions(hook)
        if self.random.random() < 0.12:
            said = [
                part for part in said if not part.startswith(("udp", "tcp", "meta l4", "icmp", "ip prot"))
            ]
            return "    " + " ".join([*said, self.mapped(level)])
        return "    " + " ".join(
            [*said, self.random.choice(("", "counter", 'log prefix "x drop"')), self.verdict(level, said)]
        )

    def verdict(self, level: int, said: list[str]) -> str:
        below = self.chains[level + 1 :]
        choices = ["accept", "accept", "drop", "reject", "return", "continue"]
        if self.family == "inet":
            choices.append("reject with icmpx type admin-prohibited")
        if any(part.startswith("tcp ") for part in said):
            choices.append("reject with tcp reset")
        choices += [f"jump {name}" for name in below] * 2 + [f"goto {name}" for name in below]
        return self.random.choice(choices)

    def mapped(self, level: int) -> str:
        below = self.chains[level + 1 :]
        jump = f"jump {below[0]}" if below else "accept"
        return self.random.choice((
            "tcp dport vmap @byport",
            f"ct state vmap {{ invalid : drop, established : accept, new : {jump} }}",
            f"iifname vmap {{ \"in0\" : {jump}, \"in1\" : continue }}",
            f"meta l4proto vmap {{ tcp : {jump}, udp : drop }}",
            f"tcp dport vmap {{ 1-1023 : {jump}, 8080 : drop }}",
        ))  # fmt: skip

    def sign(self) -> str:
        return "!= " if self.random.random() < 0.2 else ""

    def conditions(self, hook: str) -> list[str]:
        random, found = self.random, []
        if random.random() < 0.45:
            found.append(self.address())
        if random.random() < 0.2:
            found.append(f"{random.choice(('iifname', 'iifname', 'meta iif'))} {self.sign()}in0")
            found[-1] = (
                found[-1].replace("iifname in0", 'iifname "in*"') if random.random() < 0.2 else found[-1]
            )
        if hook == "forward" and random.random() < 0.15:
            found.append(f"oifname {self.sign()}{random.choice((OUT, 'in0'))}")
        if random.random() < 0.7:
            pairs = any("@pairs" in part for part in found)
            found.append(
                (
                    self.tcp
                    if pairs
                    else random.choice((self.tcp, self.tcp, self.udp, self.icmp, self.other))
                )()
            )
        if random.random() < 0.25:
            found.append(f"ct state {self.sign()}{random.choice(STATES)}")
        return found

    def address(self) -> str:
        random = self.random
        four = self.family == "ip" or (self.family == "inet" and random.random() < 0.6)
        way, net = (
            ("saddr", NETS4 if four else NETS6) if random.random() < 0.6 else ("daddr", TO4 if four else TO6)
        )
        name = f"{'ip' if four else 'ip6'} {way}"
        if random.random() < 0.2:
            return f"{name} {self.sign()}@{'four' if four else 'six'}"
        if random.random() < 0.15 and four:
            return random.choice(("ip saddr . tcp dport @pairs", f"{name} {self.sign()}10.1.0.0-10.2.3.3"))
        return f"{name} {self.sign()}{random.choice(net)}"

    def tcp(self) -> str:
        return self.random.choice((
            f"tcp {self.port()}",
            f"tcp {self.port()}",
            "tcp flags & (fin|syn|rst|ack) == syn",
            "tcp flags & (fin|syn|rst|ack) != syn",
            "tcp flags syn",
            "tcp flags == 0x0",
        ))  # fmt: skip

    def udp(self) -> str:
        return f"{self.random.choice(('udp', 'meta l4proto { tcp, udp } th'))} {self.port()}"

    def port(self) -> str:
        low, high = _ports(self.random)
        listed = ", ".join(map(str, sorted(self.random.sample(PORTS, 3))))
        return self.random.choice((
            f"dport {self.sign()}{low}",
            f"dport {self.sign()}{low}-{high}" if low < high else f"dport {low}",
            f"dport {self.sign()}{{ {listed} }}",
            f"dport {{ {low}-{high} }}" if low < high else "dport > 1023",
            f"sport {self.sign()}1024-39999",
            f"dport <= {low}",
        ))  # fmt: skip

    def icmp(self) -> str:
        six = self.family == "ip6" or (self.family == "inet" and self.random.random() < 0.5)
        kind = self.random.choice(("echo-request", "echo-reply"))
        return f"{'icmpv6' if six else 'icmp'} type {self.sign()}{kind}"

    def other(self) -> str:
        choices = [f"meta l4proto {self.sign()}{self.random.choice(('tcp', 'udp', '{ tcp, 47 }'))}"]
        if self.family == "ip":
            choices.append("ip protocol gre")
        if self.family == "inet":
            choices.append(f"meta nfproto {self.random.choice(('ipv4', 'ipv6'))}")
        return self.random.choice(choices)

"""Two firewalls in a row as random rule sets, and a plain simulator that follows one packet at a time."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from random import Random

from scanner.facts import Leg, Route, Routing
from scanner.facts.rules import (
    V4_SPANS,
    Action,
    Base,
    Chain,
    Condition,
    Field,
    FilterRule,
    FilterTable,
    Kind,
    Opaque,
    RuleFile,
    Side,
    Stage,
    Through,
    Translation,
    Within,
    on_axis,
)
from scanner.model import Citation
from scanner.packetspace.gate import Gate
from scanner.packetspace.ways import Ground, Lay, Packet

SEEN = (Citation("host/routing", 0, ""),)


def at(text: str) -> int:
    return on_axis(ipaddress.ip_address(text))


def span(text: str) -> tuple[int, int]:
    network = ipaddress.ip_network(text)
    return on_axis(network.network_address), on_axis(network.broadcast_address)


def leg(name: str, address: str, *, reverse: int | None = 0, forwards: bool | None = True) -> Leg:
    inside = ipaddress.ip_interface(address)
    return Leg(name, True, ((on_axis(inside.ip), span(str(inside.network))),), forwards, reverse)


def route(to: str, device: str, hop: str = "", *, clear: bool = True) -> Route:
    return Route(span(to), device, at(hop) if hop else None, 0, clear, to)


def routing(legs: tuple[Leg, ...], routes: tuple[Route, ...]) -> Routing:
    return Routing(SEEN, legs, routes, ((4, True),), False)


ZONES = {"left": "10.0.1.0/24", "middle": "10.0.2.0/24", "right": "10.0.3.0/24"}
OUTER = routing(
    (leg("a0", "10.0.1.1/24"), leg("a1", "10.0.2.1/24")),
    (route("10.0.1.0/24", "a0"), route("10.0.2.0/24", "a1"), route("10.0.3.0/24", "a1", "10.0.2.2")),
)
INNER = routing(
    (leg("b0", "10.0.2.2/24"), leg("b1", "10.0.3.1/24")),
    (route("10.0.2.0/24", "b0"), route("10.0.3.0/24", "b1"), route("0.0.0.0/0", "b0", "10.0.2.1")),
)
STANDS = {
    ("outer", "a0"): "left",
    ("outer", "a1"): "middle",
    ("inner", "b0"): "middle",
    ("inner", "b1"): "right",
}
HOSTS = ("10.0.1.5", "10.0.1.9", "10.0.2.5", "10.0.3.5", "10.0.3.9")
TARGETS = (*HOSTS, "10.0.1.1", "10.0.2.1", "10.0.2.2")
SOURCES = ("10.0.1.0/24", "10.0.1.5/32", "10.0.2.1/32", "10.0.0.0/16")
PORTS = (22, 80, 8080)
PROTOCOLS = (6, 17)


def lay(outer: RuleFile, inner: RuleFile) -> Lay:
    ground = Ground.of([(name, span(network)) for name, network in ZONES.items()])
    return Lay((Gate("outer", outer, OUTER), Gate("inner", inner, INNER)), STANDS, ground)


class Rules:
    """Random rules of one gate: filters before, in and after forwarding, and translations."""

    def __init__(self, random: Random, legs: tuple[str, ...], *, doubtful: bool) -> None:
        self.random = random
        self.legs = legs
        self.doubtful = doubtful
        self.line = 0

    def file(self) -> RuleFile:
        tables = [self.table(Stage.FORWARD, Kind.FILTER, 0)]
        if self.random.random() < 0.3:
            tables.append(self.table(Stage.PREROUTING, Kind.BESIDE, self.random.choice([-300, 0])))
        if self.random.random() < 0.3:
            tables.append(self.table(Stage.POSTROUTING, Kind.FILTER, self.random.choice([0, 200])))
        if self.random.random() < 0.6:
            tables.append(self.table(Stage.PREROUTING, Kind.NAT, -100))
        if self.random.random() < 0.4:
            tables.append(self.table(Stage.POSTROUTING, Kind.NAT, 100))
        self.random.shuffle(tables)
        return RuleFile("test", self.line, tuple(tables), ())

    def table(self, stage: Stage, kind: Kind, priority: int) -> FilterTable:
        other = Chain("called", 0, tuple(self.rule(stage, kind) for _ in range(self.random.randint(0, 3))))
        rules = tuple(self.rule(stage, kind, "called") for _ in range(self.random.randint(0, 5)))
        closed = kind is Kind.FILTER and self.random.random() < 0.5
        policy = Action.DROP if closed else Action.ACCEPT
        base = Base("base", stage, policy, 0, priority, kind)
        return FilterTable(f"{stage} {kind}", (V4_SPANS,), (Chain("base", 0, rules), other), (base,))

    def rule(self, stage: Stage, kind: Kind, calls: str = "") -> FilterRule:
        self.line += 1
        conditions = tuple(self.condition(stage) for _ in range(self.random.randint(0, 3)))
        if kind is Kind.NAT and self.random.random() < 0.7:
            return FilterRule(
                self.line, "", conditions, Action.TRANSLATE, translation=self.translation(stage)
            )
        actions = [Action.ACCEPT, Action.RETURN, Action.CONTINUE]
        actions += [Action.DROP, Action.REJECT] if kind is not Kind.NAT else []
        if calls and self.random.random() < 0.3:
            return FilterRule(
                self.line, "", conditions, self.random.choice([Action.JUMP, Action.GOTO]), calls
            )
        return FilterRule(self.line, "", conditions, self.random.choice(actions))

    def condition(self, stage: Stage) -> Condition:
        pick = self.random.randint(0, 5)
        some = self.random.choice
        if pick == 0:
            return Within(Field.SOURCE, (span(some(SOURCES)),))
        if pick == 1:
            return Within(
                Field.DESTINATION, (span(some([*(f"{one}/32" for one in TARGETS), "10.0.3.0/24"])),)
            )
        if pick == 2:
            return Within(Field.PORT, ((p := some(PORTS), p),))
        if pick == 3:
            return Within(Field.PROTOCOL, ((p := some(PROTOCOLS), p),))
        if pick == 4:
            sides = {Stage.PREROUTING: [Side.IN], Stage.POSTROUTING: [Side.OUT]}.get(stage, list(Side))
            return Through(some(sides), (some(self.legs),), negated=self.random.random() < 0.3)
        if self.doubtful and self.random.random() < 0.5:
            return Opaque("list", "who knows")
        if stage is Stage.PREROUTING:
            return Opaque("to-local", "local", first=None)
        return Within(Field.PORT, ((0, 79),))

    def translation(self, stage: Stage) -> Translation | None:
        if self.doubtful and self.random.random() < 0.3:
            return None
        if stage is Stage.POSTROUTING:
            own = self.random.random() < 0.5
            there = "" if own else "10.0.2.77"
            return Translation(Field.SOURCE, ((at(there), at(there)),) if there else (), own=own)
        to = at(self.random.choice(HOSTS))
        port = self.random.choice([None, 80])
        return Translation(Field.DESTINATION, ((to, to),), () if port is None else ((port, port),))


@dataclass(frozen=True)
class Fate:
    """Where one packet comes out: a zone, ``own GATE``, or "" where it is taken."""

    place: str
    packet: Packet | None = None


class Doubt(Exception):  # noqa: N818 - the simulator cannot say
    """Something that the rules do not tell decided."""


class Simulator:
    """Follows one packet as the kernel would; nothing is shared with what is proved."""

    def __init__(self, lay_: Lay, *, known: bool) -> None:
        self.lay = lay_
        self.known = known  # what every list that the rules do not tell answers

    def follow(self, gate: Gate, came: Leg, packet: Packet, hops: int = 0) -> Fate:
        if packet.source in {place for leg_ in gate.routing.legs for place, _ in leg_.places}:
            return Fate("")
        met = self.stage(gate, Stage.PREROUTING, packet, came.name, "")
        if met is None:
            return Fate("")
        packet = met
        if any(packet.destination == place for leg_ in gate.routing.legs for place, _ in leg_.places):
            return Fate(f"own {gate.name}", packet)
        ways = [r for r in gate.routing.routes if r.span[0] <= packet.destination <= r.span[1]]
        if not ways:
            return Fate("")
        way = min(ways, key=lambda r: r.span[1] - r.span[0])
        for stage in (Stage.FORWARD, Stage.POSTROUTING):
            met = self.stage(gate, stage, packet, came.name, way.device)
            if met is None:
                return Fate("")
            packet = met
        return self.onward(gate, way, packet, hops)

    def onward(self, gate: Gate, way: Route, packet: Packet, hops: int) -> Fate:
        zone = self.lay.ground.zone(packet.destination)
        here = self.lay.stands[gate.name, way.device]
        there = way.gateway is None or zone == here
        hop = packet.destination if there else way.gateway
        for other, door in self.lay.doors(here):
            if door.places[0][0] == hop and other.name != gate.name:
                return self.follow(other, door, packet, hops + 1) if hops < 7 else Fate("")
        if there:
            return Fate(zone, packet)
        raise Doubt

    def stage(self, gate: Gate, stage: Stage, packet: Packet, came: str, goes: str) -> Packet | None:
        bases = [(t, b) for t in gate.file.tables for b in t.bases if b.stage is stage]
        translated = False
        for table, base in sorted(bases, key=lambda one: one[1].priority):
            if base.kind is Kind.NAT and translated:
                continue
            told = self.chain(gate, table, base.chain, packet, (came, goes, stage))
            action, rule = told if told is not None else (base.policy, None)
            if action in {Action.DROP, Action.REJECT}:
                return None
            if action is Action.TRANSLATE:
                assert rule is not None
                if rule.translation is None:
                    raise Doubt
                translated = True
                packet = self.translated(gate, rule.translation, packet, goes)
        return packet

    def translated(self, gate: Gate, to: Translation, packet: Packet, goes: str) -> Packet:
        if to.side is Field.SOURCE:
            leg_ = gate.routing.leg(goes)
            assert leg_ is not None
            return replace(packet, source=leg_.places[0][0] if to.own else to.addresses[0][0])
        port = to.ports[0][0] if to.ports else packet.port
        return replace(packet, destination=to.addresses[0][0], port=port)

    def chain(
        self, gate: Gate, table: FilterTable, name: str, packet: Packet, about: tuple[str, str, Stage]
    ) -> tuple[Action, FilterRule] | None:
        rules = next(c for c in table.chains if c.name == name).rules
        for rule in rules:
            if not all(self.holds(gate, condition, packet, about) for condition in rule.conditions):
                continue
            if rule.action is Action.RETURN:
                return None
            if rule.action in {Action.JUMP, Action.GOTO}:
                told = self.chain(gate, table, rule.target, packet, about)
                if told is not None or rule.action is Action.GOTO:
                    return told
            elif rule.action is not Action.CONTINUE:
                return rule.action, rule
        return None

    def holds(self, gate: Gate, condition: Condition, packet: Packet, about: tuple[str, str, Stage]) -> bool:
        came, goes, _ = about
        if isinstance(condition, Within):
            value = {
                Field.SOURCE: packet.source,
                Field.DESTINATION: packet.destination,
                Field.PORT: packet.port,
                Field.PROTOCOL: packet.protocol,
                Field.SOURCE_PORT: packet.source_port,
            }[condition.field]
            return any(low <= value <= high for low, high in condition.spans)
        if isinstance(condition, Through):
            name = came if condition.side is Side.IN else goes
            return (name in condition.names) is not condition.negated
        if isinstance(condition, Opaque) and condition.kind == "to-local":
            own = {place for leg_ in gate.routing.legs for place, _ in leg_.places}
            return (packet.destination in own) is not condition.negated
        return self.known

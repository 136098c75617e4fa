"""What passes between zones through all that stands between them, held against the declared policy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.derive.management import management
from scanner.derive.openings import guarded, plant, ways_out
from scanner.derive.origin import INVENTORY
from scanner.facts import (
    Crossing,
    FactSheet,
    Listeners,
    PacketFilter,
    PacketSeen,
    Routing,
    ZoneCell,
    ZoneCrossings,
    ZoneMatrix,
)
from scanner.facts.rules import Base, on_axis, united
from scanner.model import Citation, Gap, GapReason
from scanner.packetspace.gate import Gate
from scanner.packetspace.opening import opening
from scanner.packetspace.policy import (
    Pass,
    Trace,
    arrivals,
    between,
    spelled,
    summary,
)
from scanner.packetspace.ways import Ground, Lay, asked_of, follow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.facts import Management, Rules
    from scanner.facts.rules import Span
    from scanner.model import AssessmentObject, Boundary, Passage, Zoning
    from scanner.packetspace.gate import Decision
    from scanner.packetspace.opening import Opening
    from scanner.packetspace.policy import Between, Witness
    from scanner.packetspace.ways import Arrived

BOUNDARY = "boundary_device"
MOST_PASSES = 8
"""Sets told of one cell."""


@dataclass(frozen=True, slots=True)
class Zones:
    """The matrix of an inventory, who tells more of it, and what of it each boundary decides, by machine."""

    matrix: ZoneMatrix
    telling: Telling
    crossings: Mapping[str, ZoneCrossings | Gap]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands between zones: gates in their places, machines as seen, boundaries that were not seen."""

    lay: Lay
    seen: tuple[tuple[Gate, Rules, Routing, PacketFilter], ...]
    unseen: Mapping[str, Gap]


def standing(
    zoning: Zoning, objects: Sequence[AssessmentObject], sheets: Mapping[str, FactSheet]
) -> Standing:
    """Find the gates: every machine that was looked at, sends on packets of others and joins two zones."""
    ground = Ground.of([(zone.name, _span(text)) for zone in zoning.zones for text in zone.networks])
    machines = {o.id: o for o in objects if not o.parent}
    declared = {b.object: b for b in zoning.boundaries}
    boundaries = {o.parent or o.id for o in objects if o.kind == BOUNDARY} | declared.keys()
    seen: list[tuple[Gate, Rules, Routing, PacketFilter]] = []
    unseen: dict[str, Gap] = {}
    for name in machines:
        found = _gate(name, sheets.get(name) or FactSheet(name, {}))
        if isinstance(found, Gap):
            if name in boundaries:
                unseen[name] = found
        elif found is not None:
            seen.append(found)
    stands = _stands([(gate, declared.get(gate.name)) for gate, *_ in seen], ground)
    gates = tuple(gate for gate, *_ in seen if len({z for (g, _), z in stands.items() if g == gate.name}) > 1)
    return Standing(Lay(gates, stands, ground), tuple(seen), unseen)


def zones(
    zoning: Zoning, objects: Sequence[AssessmentObject], sheets: Mapping[str, FactSheet]
) -> Zones | None:
    """Work out what passes between the zones; None where fewer than two have networks.

    Every machine that was looked at and sends on packets of others is a gate, whatever its role: a server
    with legs in two zones joins them. A boundary that was not seen may let everything pass.
    """
    named = tuple(zone.name for zone in zoning.zones if zone.networks)
    if len(named) < 2:
        return None
    between_them = standing(zoning, objects, sheets)
    lay, seen, unseen = between_them.lay, between_them.seen, between_them.unseen
    declared = {b.object: b for b in zoning.boundaries}
    blind = tuple(
        (name, gap, declared[name].zones if name in declared else ()) for name, gap in sorted(unseen.items())
    )
    told = Telling(lay, zoning, {gate.name: rules for gate, rules, *_ in seen}, blind)
    cells = {(a, b): told.cell(a, b) for a in named for b in named if a != b}
    at = [c for _, _, routing, filters in seen for c in (*routing.seen, *filters.seen)]
    matrix = ZoneMatrix(
        tuple(dict.fromkeys([Citation(INVENTORY, 0, "zones, boundaries, policy"), *at])),
        named,
        tuple(z.name for z in zoning.zones if z.important and z.networks),
        tuple(z.name for z in zoning.zones if z.external and z.networks),
        tuple(gate.name for gate in lay.gates),
        tuple(cells.values()),
        blind,
    )
    own = {
        gate.name: told.crossings(gate, (*routing.seen, *filters.seen), cells, sheets[gate.name])
        for gate, _, routing, filters in seen
        if gate in lay.gates
    }
    return Zones(matrix, told, {**unseen, **own})


def _span(text: str) -> Span:
    network = ipaddress.ip_network(text)
    return on_axis(network.network_address), on_axis(network.broadcast_address)


def _gate(name: str, sheet: FactSheet) -> tuple[Gate, Rules, Routing, PacketFilter] | Gap | None:
    """A machine as a gate; None where it surely sends on nothing of others."""
    routing, filters = sheet.get(Routing), sheet.get(PacketFilter)
    if isinstance(routing, Gap):
        return routing
    if not routing.routes_packets:
        return None
    if isinstance(filters, Gap):
        return filters
    if filters.loaded is None:
        return Gap(GapReason.UNPARSABLE, detail=f"the rules of {name} are too many to be proved")
    return Gate(name, filters.loaded.file, routing), filters.loaded, routing, filters


def _stands(gates: Sequence[tuple[Gate, Boundary | None]], ground: Ground) -> dict[tuple[str, str], str]:
    """The zone of each leg: as declared, else by its first address that lies in one."""
    found: dict[tuple[str, str], str] = {}
    for gate, declared in gates:
        for leg in gate.routing.legs:
            said = declared.legs.get(leg.name) if declared is not None else None
            zone = said or next((z for at, _ in leg.places if (z := ground.zone(at))), "")
            if zone:
                found[gate.name, leg.name] = zone
    return found


class Telling:
    """Tells what passes between zones; what somebody in a zone can send is followed once."""

    def __init__(
        self,
        lay: Lay,
        zoning: Zoning,
        rules: Mapping[str, Rules],
        blind: Sequence[tuple[str, Gap, tuple[str, ...]]],
    ) -> None:
        self.lay = lay
        self.zoning = zoning
        self._rules = rules
        self._blind = blind
        self._arrived: dict[str, Arrived] = {}
        self._handed: dict[tuple[str, str], Arrived] = {}
        self._between: dict[tuple[str, str], Between] = {}

    def arrived(self, zone: str) -> Arrived:
        """Where packets of a zone come out."""
        if zone not in self._arrived:
            self._arrived[zone] = arrivals(self.lay, zone)
        return self._arrived[zone]

    def _through(self, gate: Gate, zone: str) -> Arrived:
        """Where packets of a zone come out that are handed to one gate."""
        if (gate.name, zone) not in self._handed:
            doors = [door for door in self.lay.doors(zone) if door[0] is gate]
            self._handed[gate.name, zone] = follow(self.lay, doors, asked_of(self.lay, zone))
        return self._handed[gate.name, zone]

    def allowance(self, pair: tuple[str, str]) -> tuple[Pass, ...] | None:
        """What may pass from one zone to another; None: nobody said."""
        return _passes(self.zoning.passage(*pair))

    def between(self, pair: tuple[str, str]) -> Between:
        """What passes from one zone to another, beside what is allowed."""
        if pair not in self._between:
            self._between[pair] = between(self.lay, *pair, self.arrived(pair[0]), self.allowance(pair))
        return self._between[pair]

    def opening(self, pair: tuple[str, str], packets: tuple[Pass, ...], *, closed: bool = False) -> Opening:
        """What becomes of some packets from one zone to another."""
        source, allowance = self.arrived(pair[0]), self.allowance(pair) or ()
        return opening(self.lay, pair, source, self.between(pair), packets, allowance, closed=closed)

    def hidden(self, pair: tuple[str, str]) -> bool:
        """Whether somebody stands between them unseen, or nobody was seen at all."""
        unseen = any(not joined or set(pair) <= set(joined) for _, _, joined in self._blind)
        return unseen or not all(map(self.lay.doors, pair))

    def cell(self, source: str, destination: str) -> ZoneCell:
        """What passes from one zone to another."""
        passage = self.zoning.passage(source, destination)
        found = self.between((source, destination))
        # Whoever stands between them unseen may let anything pass; nobody seen at all says nothing.
        open_ = self.hidden((source, destination)) or found.gave_up
        return ZoneCell(
            source,
            destination,
            _state(passage, found, open_=open_),
            tuple(_words(passage)),
            passage.reason if passage is not None else "",
            tuple(dict.fromkeys(summary(cube) for cube in found.sure))[:MOST_PASSES],
            found.whole,
            bool(found.may) or open_,
            tuple(map(self.seen, found.beyond)),
            tuple(map(self.seen, found.blocked)),
            tuple(map(self.seen, found.doubts)),
            self._one(source, destination, found) if found.whole else None,
        )

    def _one(self, source: str, destination: str, found: Between) -> PacketSeen:
        """One of the packets that surely pass."""
        trace = Trace(self.lay, source, destination, self.arrived(source).at.get(destination, {}))
        return self.seen(trace.one(found.sure[0]))

    def seen(self, witness: Witness) -> PacketSeen:
        """A packet as it is told, with the lines of every gate that decide about it."""
        return PacketSeen(
            spelled(witness.packet),
            witness.gates,
            tuple(dict.fromkeys(self._cite(decision) for decision in witness.decisions)),
        )

    def _cite(self, decision: Decision) -> Citation:
        rule = decision.rule
        text = f"{rule.chain} policy {rule.policy.value}" if isinstance(rule, Base) else rule.text
        return self._rules[decision.gate].cite(rule.line, text)

    def crossings(
        self,
        gate: Gate,
        seen: tuple[Citation, ...],
        cells: Mapping[tuple[str, str], ZoneCell],
        sheet: FactSheet,
    ) -> ZoneCrossings:
        """What of the matrix a gate decides."""
        own = self._own(gate)
        joined = {(a, b) for other in self.lay.gates for a in self._own(other) for b in self._own(other)}
        mine = tuple(
            self._blamed(cell, gate)
            for pair, cell in cells.items()
            if set(pair) <= set(own)
            or any(gate.name in one.gates for one in cell.beyond)
            or (pair not in joined and not set(pair).isdisjoint(own) and self._may_pass(gate, cell))
        )
        return ZoneCrossings(
            tuple(dict.fromkeys(seen)),
            own,
            mine,
            self._management(gate, own, sheet),
            ways_out(self, gate, own),
            plant(self, gate, own),
            guarded(self, gate, own),
        )

    def _own(self, gate: Gate) -> tuple[str, ...]:
        """The zones that it has legs in."""
        return tuple(dict.fromkeys(z for (g, _), z in self.lay.stands.items() if g == gate.name))

    def _blamed(self, cell: ZoneCell, gate: Gate) -> ZoneCell:
        """The cell as a gate has to answer for it: what others let through leaves its own part unproved."""
        own = tuple(one for one in cell.beyond if gate.name in one.gates)
        if cell.state is not Crossing.VIOLATED or own:
            return replace(cell, beyond=own)
        state = Crossing.UNKNOWN if self._may_pass(gate, cell) else Crossing.AS_DECLARED
        return replace(cell, beyond=(), state=state)

    def _may_pass(self, gate: Gate, cell: ZoneCell) -> bool:
        """Whether a gate may have a part in what comes from one zone to the other."""
        if not cell.possible:
            return False
        if cell.source not in self._own(gate):
            return True
        found = self._through(gate, cell.source)
        return bool(found.gave_up or any(guard.may for guard in found.at.get(cell.destination, {}).values()))

    def _management(self, gate: Gate, own: Sequence[str], sheet: FactSheet) -> tuple[Management, ...] | None:
        listeners = sheet.get(Listeners)
        managing = {zone.name for zone in self.zoning.zones if zone.management}
        # A list without any socket lacks its positive control.
        if not managing or isinstance(listeners, Gap) or not listeners.listeners:
            return None
        others = [zone.name for zone in self.zoning.zones if zone.networks and zone.name not in managing]
        return management(
            gate,
            listeners,
            ((zone, self.arrived(zone), bool(self._blind) and zone not in own) for zone in others),
        )


def _state(passage: Passage | None, found: Between, *, open_: bool) -> Crossing:
    if passage is None:
        return Crossing.UNDECLARED
    if found.beyond:
        return Crossing.VIOLATED
    if passage.anything:
        return Crossing.AS_DECLARED
    return Crossing.UNKNOWN if open_ or found.doubts else Crossing.AS_DECLARED


def _passes(passage: Passage | None) -> tuple[Pass, ...] | None:
    if passage is None:
        return None
    if passage.anything:
        return (Pass(),)
    return tuple(
        Pass(
            flow.protocols,
            united(flow.ports),
            united([_span(text) for text in flow.sources]),
            united([_span(text) for text in flow.destinations]),
        )
        for flow in passage.flows
    )


_NAMES = {1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 51: "ah", 58: "icmpv6", 132: "sctp"}


def _words(passage: Passage | None) -> list[str]:
    """What is allowed, in words."""
    if passage is None:
        return []
    if passage.anything:
        return ["anything"]
    found = []
    for flow in passage.flows:
        said = "/".join(_NAMES.get(n, str(n)) for n in flow.protocols) or "any"
        ports = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in flow.ports)
        ends = [", ".join(some) or "*" for some in (flow.sources, flow.destinations)]
        narrowed = f": {ends[0]} -> {ends[1]}" if flow.sources or flow.destinations else ""
        found.append(f"{said}{' ' if ports else ''}{ports}{narrowed}")
    return found or ["nothing"]

"""What passes between zones, really sent and as proved: by every gate, from every zone, they agree.

Places of our own stand in every zone beside the hosts, and hand connections to each gate with a leg there.
What arrives is counted where the network hands it to the other end, so a host that refuses what firewalls let
through is told apart from a firewall. The same packets are followed through the rules and routes that a scan
saw. What shall pass stands in ``OPEN``, by hand, from the files of the firewalls.

Nothing is unknown here: no rule of these firewalls that decides about a connection has a rate or asks for
anything that its first packet does not show. Nobody routes IPv6, so none of it arrives in another zone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from scanner.cli.judging import Understood, understand
from scanner.derive.zones import standing, zones
from scanner.facts import Crossing
from scanner.facts.rules import Action
from scanner.locker import Locker
from scanner.packetspace.cube import meet, within
from scanner.packetspace.policy import arrivals, between
from scanner.packetspace.ways import Packet, bare, follow
from tests.lab.zone_traffic import EVERY, OURS, Cell, Sent, cells, send, standing_there

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.packetspace.policy import Between
    from scanner.packetspace.ways import Arrived, Lay
    from tests.lab.conftest import Lab, Scanned

ALL = " ".join(f"{protocol}/{port}" for protocol, port in EVERY)
LOGS = {"log1": "tcp/6514 udp/123"}
OF_DMZ = {"vault1": "udp/5514", "published": "tcp/8080", **LOGS}
OF_CORE = {"vault1": "udp/5514", "status": "tcp/80", "keys": "tcp/81", "published": "tcp/8080 tcp/8081"}
RECORDS = {"vault1": "udp/5514"}
MANAGED = "tcp/22"

OPEN: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("internet", "fw"): {"web1": "tcp/443", "vpn1": "udp/1194"},
    ("mgmt", "fw"): {"fw": MANAGED},
    ("mgmt", "bastion"): {"bastion": MANAGED},
    ("scan", "fw"): {
        **dict.fromkeys(("dmz", "web1", "app1", "vpn1", "core", "log1", "db1", "ot"), ALL),
        **RECORDS,
        "published": "tcp/8080",
        **dict.fromkeys(("fw", "fw2", "bastion"), MANAGED),
    },
    ("scan", "bastion"): {"bastion": MANAGED},
    ("dmz", "fw"): OF_DMZ,
    ("app1", "fw"): {**OF_DMZ, "vault1": "udp/5514 tcp/8200", "db1": "tcp/5432"},
    ("vpn1", "fw"): OF_DMZ,
    ("web1", "fw"): RECORDS,
    ("web1", "bastion"): LOGS,
    ("core", "fw"): {"internet": "tcp/443"},
    ("core", "fw2"): OF_CORE,
    ("log1", "fw"): {"internet": "tcp/443"},
    ("log1", "fw2"): OF_CORE,
    ("db1", "fw"): {"internet": "tcp/443"},
    ("db1", "fw2"): {**OF_CORE, "vault1": "udp/5514 tcp/8200"},
    ("vault", "fw2"): {"log1": "tcp/6514"},
    ("vault1", "fw2"): {"log1": "tcp/6514"},
    ("status", "fw2"): {"log1": "tcp/6514"},
}
"""Who gets where by which gate first; "published" is what fw2 sends on. All else is closed."""


def opened(cell: Cell) -> bool:
    """Whether the table says that it passes."""
    services = OPEN.get((cell.sender.name, cell.gate.name), {}).get(cell.to, "")
    return ":" not in cell.destination and cell.service in services.split()


@dataclass(frozen=True)
class Proof:
    """What was read of the scan, and each connection followed."""

    run: Understood
    lay: Lay
    followed: Mapping[Cell, Arrived]

    def passes(self, cell: Cell) -> bool | None:
        """Whether the connection surely comes out where it is to, surely not, or nobody knows (None)."""
        found = self.followed[cell]
        loads = found.own.get(cell.to, {}) if cell.receiver is None else found.at.get(cell.receiver.zone, {})
        if any(load.sure for load in loads.values()):
            return True
        return None if any(load.may for load in loads.values()) else False


@pytest.fixture(scope="module")
def seen(audited: Scanned) -> Understood:
    with Locker.open(audited.run, "read") as locker:
        return understand(locker)


@pytest.fixture(scope="module")
def lay(seen: Understood) -> Lay:
    return standing(seen.inventory.zoning, seen.inventory.objects, seen.sheets).lay


@pytest.fixture(scope="module")
def sent(lab: Lab, lay: Lay) -> Sent:
    with standing_there():
        return send(lab, cells(lab, lay))


@pytest.fixture(scope="module")
def proof(seen: Understood, lay: Lay, sent: Sent) -> Proof:
    return Proof(
        seen, lay, {cell: follow(lay, [(cell.gate, cell.leg)], [cell.packet.cube()]) for cell in sent.met}
    )


def test_the_table_is_large_and_shows_both_sides_of_every_gate(sent: Sent, proof: Proof) -> None:
    assert {gate.name for gate in proof.lay.gates} == {"fw", "fw2", "bastion"}
    pairs = {(c.sender.zone, c.receiver.zone) for c in sent.met if c.receiver is not None}
    assert pairs == {(one, two) for one in OURS for two in OURS if one != two}
    assert len(sent.met) > 1000
    assert sum(map(opened, sent.met)) > 100
    decided = {(d.gate, d.action) for found in proof.followed.values() for d in found.decisions}
    assert {
        (gate.name, action) for gate in proof.lay.gates for action in (Action.ACCEPT, Action.DROP)
    } <= decided


def test_the_wire_does_as_the_files_of_the_firewalls_say(sent: Sent) -> None:
    assert not [f"{c}: {sent.met[c]}" for c in sent.met if sent.passed(c) is not opened(c)]


def test_the_proof_of_every_connection_agrees_with_the_wire(sent: Sent, proof: Proof) -> None:
    differing = {c: proof.passes(c) for c in sent.met if proof.passes(c) is not sent.passed(c)}
    assert not [f"{cell}: proved {told}, {sent.met[cell]}" for cell, told in differing.items()]


def test_what_answers_has_arrived(sent: Sent) -> None:
    """Positive control of the counting: no answer without a packet, and both kinds of answers were there."""
    assert not [
        str(c) for c, met in sent.met.items() if met in {"answered", "refused"} and not sent.passed(c)
    ]
    answered = {(c.to, c.service) for c, met in sent.met.items() if met == "answered"}
    assert {
        ("vault1", "tcp/8200"),
        ("vault1", "udp/5514"),
        ("published", "tcp/8080"),
        ("web1", "tcp/443"),
    } <= (answered)
    assert "refused" in {met for c, met in sent.met.items() if c.receiver is not None}


def test_the_matrix_agrees_with_the_wire(sent: Sent, proof: Proof) -> None:
    """What the matrix tells of a pair holds for every connection between them, by whichever gate."""
    arrived = {zone: arrivals(proof.lay, zone) for zone in OURS}
    told: dict[tuple[str, str], Between] = {
        (one, two): between(proof.lay, one, two, arrived[one], None)
        for one in OURS
        for two in OURS
        if one != two
    }
    passed: dict[tuple[str, Packet], list[Cell]] = {}
    for cell in sent.met:
        if cell.receiver is not None:
            arriving = replace(cell.arrived, source_port=0)
            passed.setdefault((cell.sender.name, arriving), []).append(cell)
    wrong = []
    for some in passed.values():
        first = some[0]
        assert first.receiver is not None
        cube = bare(first.arrived.cube())
        found = told[first.sender.zone, first.receiver.zone]
        surely = any(within(cube, one) for one in found.sure)
        maybe = any(meet(cube, one) is not None for one in found.may)
        on_wire = any(map(sent.passed, some))
        tried_all = OURS.get(first.sender.name) is first.sender
        if (on_wire and not surely) or (surely and tried_all and not on_wire) or (maybe and not surely):
            wrong.append(f"{first}: sure {surely}, possible {maybe}, on the wire {on_wire}")
    assert not wrong


def test_the_matrix_holds_the_two_flaws_and_nothing_unproved(seen: Understood) -> None:
    told = zones(seen.inventory.zoning, seen.inventory.objects, seen.sheets)
    assert told is not None
    states = {(cell.source, cell.destination): cell.state for cell in told.matrix.cells}
    flaws = {("core", "internet"), ("dmz", "vault")}
    assert {pair for pair, state in states.items() if state is Crossing.VIOLATED} == flaws
    assert {state for pair, state in states.items() if pair not in flaws} == {Crossing.AS_DECLARED}


def test_a_flaw_of_two_gates_is_shown_with_the_lines_of_both(audited: Scanned) -> None:
    for gate in ("fw", "fw2"):
        finding = audited.findings[f"{gate}/boundary_device", "boundary.crossings-declared", ""]
        assert finding["answer"] == "no"
        assert "dmz -> vault: tcp" in finding["message"]["en"]
        assert "10.60.3.40 port 8080" in finding["message"]["en"]
        cited = [(c["capture"].partition("/")[0], c["excerpt"]) for c in finding["citations"]]
        assert any(host == "fw" and "10.60.3.40" in said and "8080" in said for host, said in cited), cited
        assert any(host == "fw2" and "172.17.0.2" in said for host, said in cited), cited

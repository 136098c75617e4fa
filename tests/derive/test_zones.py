"""What passes between zones: the matrix of an inventory from rules and routes of what stands between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.dialects import read_rules
from scanner.derive.boundary_rules import boundary_rules
from scanner.derive.zones import zones
from scanner.facts import (
    BoundaryRules,
    Crossing,
    FactSheet,
    Listener,
    Listeners,
    PacketFilter,
    Part,
    Routing,
    Rules,
    ZoneCrossings,
)
from scanner.model import AssessmentObject, Boundary, Citation, Flow, Gap, GapReason, Passage, Zone, Zoning
from tests.packetspace.chained import leg, route, routing

if TYPE_CHECKING:
    from scanner.derive.zones import Zones
    from scanner.facts import Fact

SEEN = (Citation("fw/nft-ruleset", 0, ""),)
ZONES = (
    Zone("out", ("198.51.100.0/24",), external=True),
    Zone("dmz", ("10.0.2.0/24",)),
    Zone("core", ("10.0.3.0/24",), important=True),
    Zone("mgmt", ("10.0.4.0/24",), management=True),
)
OUTER = routing(
    (leg("eth0", "198.51.100.1/24"), leg("eth1", "10.0.2.1/24")),
    (route("198.51.100.0/24", "eth0"), route("10.0.2.0/24", "eth1"), route("10.0.0.0/8", "eth1", "10.0.2.2")),
)
INNER = routing(
    (leg("ens1", "10.0.2.2/24"), leg("ens2", "10.0.3.1/24"), leg("ens3", "10.0.4.1/24")),
    (
        route("10.0.2.0/24", "ens1"),
        route("10.0.3.0/24", "ens2"),
        route("10.0.4.0/24", "ens3"),
        route("0.0.0.0/0", "ens1", "10.0.2.1"),
    ),
)
NFT = """\
table inet f {
  chain nat { type nat hook prerouting priority dstnat; policy accept;
    iifname "eth0" tcp dport 443 ip daddr 198.51.100.1 dnat ip to 10.0.2.11:8443
  }
  chain input { type filter hook input priority 0; policy drop;
    iifname "eth1" tcp dport 22 accept
  }
  chain forward { type filter hook forward priority 0; policy drop;
    ct state established,related accept
    ip daddr 10.0.2.11 tcp dport 8443 accept
    ip daddr 10.0.3.0/24 tcp dport 5432 accept
    ip saddr 10.0.3.0/24 oifname "eth0" tcp dport 443 accept
  }
}
"""
IPTABLES = """\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
-A INPUT -s 10.0.4.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -s 10.0.2.0/24 -d 10.0.3.31/32 -p tcp -m tcp --dport 5432 -j ACCEPT
-A FORWARD -s 10.0.3.0/24 -o ens1 -p tcp -m tcp --dport 443 -j ACCEPT
-A FORWARD -s 10.0.4.0/24 -j ACCEPT
-A DOCKER-USER -s 198.51.100.0/24 -d 10.0.3.0/24 -j DROP
-A DOCKER-USER -j RETURN
COMMIT
"""
OPEN = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n"


def machine(name: str, text: str, place: Routing) -> FactSheet:
    file = read_rules(text, "rules", {})
    assert file is not None
    loaded = Rules(file, (Part(f"{name}/rules", 0),))
    socket = Listener("tcp", "0.0.0.0", 22, (), SEEN[0])  # noqa: S104 - a fact
    entries: dict[type[Fact], Fact | Gap] = {
        PacketFilter: PacketFilter(SEEN, (), (), (), (), loaded),
        Routing: place,
        Listeners: Listeners(SEEN, (socket,), owners_visible=True),
    }
    return FactSheet(name, entries)


def host(name: str) -> tuple[AssessmentObject, ...]:
    asset = AssessmentObject(name, "operating_system", "linux", "", "", ("shop",))
    return asset, AssessmentObject(f"{name}/b", "boundary_device", "", "", "", ("shop",), name)


OBJECTS = (*host("fw"), *host("fw2"))
SHEETS = {"fw": machine("fw", NFT, OUTER), "fw2": machine("fw2", IPTABLES, INNER)}


def told(*passages: Passage, sheets: dict[str, FactSheet] | None = None, **more: object) -> Zones:
    boundaries = more.get("boundaries", ())
    assert isinstance(boundaries, tuple)
    found = zones(Zoning(ZONES, boundaries, passages), OBJECTS, SHEETS if sheets is None else sheets)
    assert found is not None
    return found


def passage(source: str, to: str, *flows: Flow, anything: bool = False) -> Passage:
    return Passage(source, to, flows, anything, "")


def tcp(port: int, to: str = "") -> Flow:
    return Flow((6,), ((port, port),), (), (to,) if to else ())


def test_two_firewalls_in_a_row_with_a_translation() -> None:
    matrix = told(
        passage("out", "dmz", tcp(8443, "10.0.2.11/32")),
        passage("dmz", "core", tcp(5432)),
        passage("out", "core"),
    ).matrix
    published = matrix.cell("out", "dmz")
    assert published is not None
    assert published.state is Crossing.AS_DECLARED, published
    assert any("tcp 8443" in said for said in published.passes)
    inner = matrix.cell("dmz", "core")
    assert inner is not None
    assert inner.state is Crossing.AS_DECLARED
    assert [one.gates[-1] for one in inner.blocked] == ["fw2"], "allowed, and blocked: others than 31"
    outer = matrix.cell("out", "core")
    assert outer is not None
    assert outer.state is Crossing.AS_DECLARED, "what fw lets on, fw2 takes"
    assert not outer.possible


def test_a_violation_names_every_line_on_the_way() -> None:
    found = told(passage("core", "out"))
    cell = found.matrix.cell("core", "out")
    assert cell is not None
    assert cell.state is Crossing.VIOLATED
    (one,) = cell.beyond
    assert one.packet.startswith("tcp 10.0.3."), one
    assert one.packet.endswith("port 443")
    assert one.gates == ("fw2", "fw")
    assert [c.capture for c in one.at if "443" in c.excerpt] == ["fw2/rules", "fw/rules"]
    inner, outer = found.crossings["fw2"], found.crossings["fw"]
    assert isinstance(inner, ZoneCrossings)
    assert isinstance(outer, ZoneCrossings)
    assert inner.zones == ("dmz", "core", "mgmt")
    assert outer.zones == ("out", "dmz")


def test_what_passes_two_gates_is_held_against_both() -> None:
    lets_in = machine("fw", NFT.replace("ip daddr 10.0.3.0/24 tcp dport 5432", "tcp dport 5432"), OUTER)
    takes_in = machine("fw2", OPEN, INNER)
    found = told(passage("out", "core"), sheets={"fw": lets_in, "fw2": takes_in})
    for gate in ("fw", "fw2"):
        own = found.crossings[gate]
        assert isinstance(own, ZoneCrossings)
        (cell,) = [c for c in own.cells if (c.source, c.destination) == ("out", "core")]
        assert cell.state is Crossing.VIOLATED, f"{gate} joins the two as much as the other"
        assert cell.beyond[0].gates == ("fw", "fw2")


def test_a_gate_beside_the_way_does_not_answer_for_it() -> None:
    beside = routing(
        (leg("a", "198.51.100.9/24"), leg("b", "10.0.3.9/24")),
        (route("198.51.100.0/24", "a"), route("10.0.3.0/24", "b")),
    )
    closed = OPEN.replace("FORWARD ACCEPT", "FORWARD DROP")
    web = AssessmentObject("web", "operating_system", "linux", "", "", ("shop",))
    sheets = {
        "fw": machine("fw", OPEN, OUTER),
        "fw2": machine("fw2", OPEN, INNER),
        "web": machine("web", closed, beside),
    }
    found = zones(Zoning(ZONES, (), (passage("out", "core"),)), (*OBJECTS, web), sheets)
    assert found is not None
    cell = found.matrix.cell("out", "core")
    assert cell is not None
    assert cell.state is Crossing.VIOLATED
    own = found.crossings["web"]
    assert isinstance(own, ZoneCrossings)
    assert [c.state for c in own.cells if c.source == "out"] == [Crossing.AS_DECLARED]


PUBLISHING = """\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.3.40:80
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
-A FORWARD -j DOCKER
-A DOCKER -d 10.0.3.40/32 -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
"""


def test_what_a_gate_publishes_is_reached_through_the_gate_before_it() -> None:
    """Neither file says so by itself, and no gate joins both zones: both have let it on."""
    lets_on = NFT.replace("ip daddr 10.0.3.0/24 tcp dport 5432", "ip daddr 10.0.2.2 tcp dport 8080")
    found = told(
        passage("out", "core"),
        sheets={"fw": machine("fw", lets_on, OUTER), "fw2": machine("fw2", PUBLISHING, INNER)},
    )
    cell = found.matrix.cell("out", "core")
    assert cell is not None
    assert cell.state is Crossing.VIOLATED
    (one,) = cell.beyond
    assert "-> 10.0.2.2 port 8080" in one.packet
    assert one.gates == ("fw", "fw2")
    for gate in ("fw", "fw2"):
        own = found.crossings[gate]
        assert isinstance(own, ZoneCrossings)
        told_of = {(c.source, c.destination): c.state for c in own.cells}
        assert told_of["out", "core"] is Crossing.VIOLATED, gate
    closed = {"fw": SHEETS["fw"], "fw2": machine("fw2", PUBLISHING, INNER)}
    shut = told(passage("out", "core"), sheets=closed)
    behind = shut.matrix.cell("out", "core")
    assert behind is not None
    assert (behind.state, behind.possible) == (Crossing.AS_DECLARED, False)


def test_what_nobody_declares_is_not_allowed_and_not_condemned() -> None:
    cell = told().matrix.cell("mgmt", "core")
    assert cell is not None
    assert cell.state is Crossing.UNDECLARED
    assert cell.whole, "everything passes from mgmt to core"
    assert not cell.beyond


def test_a_boundary_that_was_not_seen_proves_nothing() -> None:
    blind = {"fw": SHEETS["fw"], "fw2": FactSheet("fw2", {Routing: Gap(GapReason.UNREACHABLE)})}
    every = told(passage("out", "core"), passage("out", "dmz", tcp(8443)), sheets=blind).matrix
    assert every.unseen == (("fw2", Gap(GapReason.UNREACHABLE), ()),)
    assert {c.state for c in every.cells} == {Crossing.UNKNOWN, Crossing.UNDECLARED}
    joined = (Boundary("fw2", ("dmz", "core", "mgmt")),)
    some = told(
        passage("out", "dmz", tcp(8443, "10.0.2.11/32")),
        passage("out", "core"),
        sheets=blind,
        boundaries=joined,
    ).matrix
    states = {(c.source, c.destination): c.state for c in some.cells}
    assert states["out", "dmz"] is Crossing.AS_DECLARED, "fw2 is said to have no leg outside"
    assert states["out", "core"] is Crossing.UNKNOWN, "nobody seen stands at core"


def test_any_host_that_sends_on_packets_joins_its_zones() -> None:
    both = routing(
        (leg("a", "198.51.100.9/24"), leg("b", "10.0.3.9/24")),
        (route("198.51.100.0/24", "a"), route("10.0.3.0/24", "b")),
    )
    web = AssessmentObject("web", "operating_system", "linux", "", "", ("shop",))
    sheets = {**SHEETS, "web": machine("web", OPEN, both)}
    found = zones(Zoning(ZONES, (), (passage("out", "core"),)), (*OBJECTS, web), sheets)
    assert found is not None
    cell = found.matrix.cell("out", "core")
    assert cell is not None
    assert cell.state is Crossing.VIOLATED
    assert cell.beyond[0].gates == ("web",)
    own = found.crossings["fw2"]
    assert isinstance(own, ZoneCrossings)
    assert all(c.state is not Crossing.VIOLATED for c in own.cells), "another's fault is not fw2's"


def test_management_ports_and_who_reaches_them() -> None:
    outer, inner = told().crossings["fw"], told().crossings["fw2"]
    assert isinstance(outer, ZoneCrossings)
    assert isinstance(inner, ZoneCrossings)
    assert outer.management is not None
    assert [(m.zone, m.port, m.reached) for m in outer.management] == [("dmz", 22, True)]
    assert inner.management == ()


def test_whoever_comes_through_other_gates_reaches_management_ports_too() -> None:
    open_inner = machine("fw2", OPEN, INNER)
    lets_in = machine("fw", NFT.replace("ip daddr 10.0.3.0/24 tcp dport 5432", "tcp dport 22"), OUTER)
    found = told(sheets={"fw": lets_in, "fw2": open_inner}).crossings["fw2"]
    assert isinstance(found, ZoneCrossings)
    assert found.management is not None
    assert ("out", 22, True) in [(m.zone, m.port, m.reached) for m in found.management], (
        "fw2 has no leg there"
    )


def listening(
    address: str, port: int, *processes: str, visible: bool = True
) -> list[tuple[str, int, bool | None]]:
    socket = Listener("tcp", address, port, processes, SEEN[0])
    sheet = machine("fw", OPEN, OUTER)
    entries = {**sheet.entries, Listeners: Listeners(SEEN, (socket,), owners_visible=visible)}
    found = told(sheets={**SHEETS, "fw": FactSheet("fw", entries)}).crossings["fw"]
    assert isinstance(found, ZoneCrossings)
    assert found.management is not None
    return [(m.zone, m.port, m.reached) for m in found.management if m.zone == "out"]


def test_what_a_boundary_is_managed_by() -> None:
    everywhere = "0.0.0.0"  # noqa: S104 - as a socket is listed
    assert listening(everywhere, 2222, "sshd") == [("out", 2222, True)], "wherever it listens"
    assert listening(everywhere, 2222, "nginx") == []
    assert listening(everywhere, 2222, visible=False) == [("out", 2222, None)], "it may be anybody's"
    assert listening(everywhere, 2222) == [], "the kernel's own"
    assert listening("127.0.0.1", 22, "sshd") == []
    assert listening("::", 22, "sshd") == [("out", 22, True)], "takes IPv4 too"
    assert listening("198.51.100.1", 22, "sshd") == [("out", 22, True)]


def test_a_port_bound_to_an_address_is_reached_there_alone() -> None:
    narrow = OPEN.replace("COMMIT", "-A INPUT -d 10.0.2.1/32 -p tcp -m tcp --dport 22 -j DROP\nCOMMIT")
    sheet = machine("fw", narrow, OUTER)
    for address, expected in (("10.0.2.1", []), ("198.51.100.1", [True])):
        socket = Listener("tcp", address, 22, ("sshd",), SEEN[0])
        entries = {**sheet.entries, Listeners: Listeners(SEEN, (socket,), owners_visible=True)}
        found = told(sheets={**SHEETS, "fw": FactSheet("fw", entries)}).crossings["fw"]
        assert isinstance(found, ZoneCrossings)
        assert [m.reached for m in found.management or () if m.zone == "out"] == expected, address


def test_an_unseen_boundary_may_bring_anybody_to_management_ports() -> None:
    third = AssessmentObject("fw3/b", "boundary_device", "", "", "", ("shop",), "fw3")
    objects = (*OBJECTS, AssessmentObject("fw3", "network_device", "", "", "", ("shop",)), third)
    found = zones(Zoning(ZONES, (), ()), objects, SHEETS)
    assert found is not None
    own = found.crossings["fw2"]
    assert isinstance(own, ZoneCrossings)
    assert [(m.zone, m.reached) for m in own.management or ()] == [("out", None)]


def test_rules_by_themselves() -> None:
    found = boundary_rules(SHEETS["fw2"])
    assert isinstance(found, BoundaryRules)
    assert not found.useless
    assert found.named == 2
    assert [note.at[0].line for note in found.vague] == [10], "everything from mgmt, to wherever"
    shadowed = IPTABLES.replace("-A FORWARD -j DOCKER-USER", "-A FORWARD -j DROP\n-A FORWARD -j DOCKER-USER")
    worse = boundary_rules(machine("fw2", shadowed, INNER))
    assert isinstance(worse, BoundaryRules)
    assert worse.useless
    gap = Gap(GapReason.PERMISSION)
    assert boundary_rules(FactSheet("fw", {PacketFilter: gap})) is gap


def test_without_networks_there_is_no_matrix() -> None:
    assert zones(Zoning((Zone("a", ()), Zone("b", ("10.0.0.0/8",)))), OBJECTS, SHEETS) is None

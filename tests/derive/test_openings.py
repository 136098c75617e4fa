"""What one gate answers for beside the matrix: ways out, services at the edge of a plant, important zones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.derive.zones import zones
from scanner.facts import Opened, ZoneCrossings
from scanner.model import AssessmentObject, Boundary, Gap, GapReason, Passage, Zone, Zoning
from tests.derive.test_zones import INNER as BEHIND
from tests.derive.test_zones import IPTABLES, NFT, OBJECTS, OUTER, SHEETS, ZONES, machine, passage, tcp
from tests.packetspace.chained import leg, route, routing

PLANT = (*ZONES[:3], replace(ZONES[3], industrial=True))


def crossings(
    *passages: Passage,
    fw: str = NFT,
    fw2: str = IPTABLES,
    declared: tuple[Zone, ...] = ZONES,
    of: str = "fw",
) -> ZoneCrossings:
    sheets = {"fw": machine("fw", fw, OUTER), "fw2": machine("fw2", fw2, BEHIND)}
    found = zones(Zoning(declared, (), passages), OBJECTS, sheets)
    assert found is not None
    own = found.crossings[of]
    assert isinstance(own, ZoneCrossings)
    return own


def states(found: tuple[Opened, ...] | None, source: str) -> dict[str, tuple[bool | None, bool | None]]:
    assert found is not None
    return {named(one): (one.passes, one.beyond) for one in found if one.source == source}


def named(one: Opened) -> str:
    """A service without what its packets are known by."""
    return one.service.partition(" (")[0]


def test_a_way_out_through_two_firewalls_and_the_lines_that_open_it() -> None:
    found = crossings().ways_out
    core = states(found, "core")
    assert core.pop("tls") == (True, True)
    assert set(core.values()) == {(False, False)}
    assert found is not None
    (tls,) = [one for one in found if (one.source, one.service) == ("core", "tls (tcp/443)")]
    assert tls.example is not None
    assert tls.example.gates == ("fw2", "fw")
    assert [c.line for c in tls.example.at] == [9, 12], "the rule of the inner one, then of the outer"
    assert not tls.declared


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ((), (True, True)),
        ((passage("core", "out"),), (True, True)),
        ((passage("core", "out", tcp(443)),), (True, False)),
        ((passage("core", "out", tcp(443, "198.51.100.7/32")),), (True, True)),
        ((passage("core", "out", anything=True),), (True, False)),
    ],
)
def test_what_the_policy_allows_is_not_beyond_it(
    allowed: tuple[Passage, ...], expected: tuple[bool, bool]
) -> None:
    assert states(crossings(*allowed).ways_out, "core")["tls"] == expected


def test_every_way_is_known_by_its_packets() -> None:
    wide = NFT.replace("ip saddr 10.0.3.0/24 oifname", "oifname").replace("tcp dport 443 accept", "accept")
    found = states(crossings(fw=wide).ways_out, "dmz")
    assert set(found.values()) == {(True, True)}
    for rule, service in {
        "udp dport 1194": "openvpn",
        "udp dport 51820": "wireguard",
        "udp dport 4500": "ipsec",
        "meta l4proto esp": "ipsec",
        "meta l4proto gre": "gre",
        "udp dport 53": "dns",
        "tcp dport 22": "ssh",
        "icmp type echo-request": "icmp",
    }.items():
        narrow = NFT.replace("ip saddr 10.0.3.0/24 oifname", "oifname").replace("tcp dport 443", rule)
        open_ = {name for name, (passes, _) in states(crossings(fw=narrow).ways_out, "dmz").items() if passes}
        assert open_ == {service}, rule


def test_a_rule_that_depends_on_more_leaves_a_way_unproved() -> None:
    limited = NFT.replace("tcp dport 443 accept", 'tcp dport 443 meta hour "08:00"-"18:00" accept')
    assert states(crossings(fw=limited).ways_out, "core")["tls"] == (None, None)


def test_who_stands_between_them_unseen_may_open_every_way() -> None:
    gap = Gap(GapReason.UNREACHABLE)
    sheets = {**SHEETS, "fw2": replace(SHEETS["fw2"], entries=dict.fromkeys(SHEETS["fw2"].entries, gap))}
    found = zones(Zoning(ZONES, (Boundary("fw2", ()),), ()), OBJECTS, sheets)
    assert found is not None
    own = found.crossings["fw"]
    assert isinstance(own, ZoneCrossings)
    assert set(states(own.ways_out, "dmz").values()) == {(None, None)}


def test_a_way_through_another_machine_is_not_held_against_a_gate() -> None:
    both = routing(
        (leg("a", "198.51.100.9/24"), leg("b", "10.0.3.9/24")),
        (route("198.51.100.0/24", "a"), route("10.0.3.0/24", "b")),
    )
    web = AssessmentObject("web", "operating_system", "linux", "", "", ("shop",))
    sheets = {**SHEETS, "web": machine("web", "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n", both)}
    found = zones(Zoning(ZONES), (*OBJECTS, web), sheets)
    assert found is not None
    own, others = found.crossings["fw"], found.crossings["web"]
    assert isinstance(own, ZoneCrossings)
    assert isinstance(others, ZoneCrossings)
    assert states(own.ways_out, "core")["gre"] == (None, None)
    assert states(others.ways_out, "core")["gre"] == (True, True)


def test_a_gate_that_leads_nowhere_out_is_not_asked() -> None:
    assert crossings(of="fw2").ways_out is None


def test_general_services_at_the_edge_of_a_plant() -> None:
    closed = crossings(
        of="fw2", declared=PLANT, fw2=IPTABLES.replace("-A FORWARD -s 10.0.4.0/24 -j ACCEPT\n", "")
    )
    assert closed.plant
    assert {one.passes for one in closed.plant} == {False}
    found = crossings(of="fw2", declared=PLANT).plant
    assert found is not None
    assert {one.source for one in found if one.passes} == {"mgmt"}, "everything from there is let through"
    assert {named(one) for one in found if one.passes} == {"e-mail", "web", "telnet", "rlogin", "ftp"}
    assert crossings(of="fw2").plant is None


OPEN = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n"


def guarded(fw2: str, *passages: Passage, of: str = "fw2") -> dict[str, bool | None]:
    found = crossings(*passages, fw2=fw2, of=of).guarded
    assert found is not None
    return {one.source: one.whole for one in found}


def test_a_gate_that_filters_nothing_on_the_way_to_an_important_zone() -> None:
    assert guarded(OPEN) == {"dmz": True, "mgmt": True}
    assert guarded(IPTABLES) == {"dmz": False, "mgmt": True}
    assert guarded(IPTABLES, passage("mgmt", "core", anything=True)) == {"dmz": False}
    assert crossings(of="fw").guarded is None, "it has no leg in the core"
    limited = OPEN.replace("COMMIT", "-A FORWARD -m time --timestart 08:00 --timestop 18:00 -j DROP\nCOMMIT")
    assert guarded(limited) == {"dmz": None, "mgmt": None}


def test_a_gate_without_any_rule_is_named_by_what_passes_it() -> None:
    found = crossings(passage("dmz", "core"), of="fw2", fw2="*filter\nCOMMIT\n")
    (cell,) = [c for c in found.cells if (c.source, c.destination) == ("dmz", "core")]
    assert cell.beyond[0].gates == ("fw2",)
    assert cell.through is not None

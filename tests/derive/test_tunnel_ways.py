"""Whether a tunnel's packets get out, past the host's own filter and the gates."""

from __future__ import annotations

import pytest

from scanner.derive.tunnel_ways import tunnel_ways
from scanner.facts import FactSheet, PacketFilter, TunnelWay
from scanner.model import AssessmentObject, Gap, GapReason
from tests.checks.build import tunnel, tunnels
from tests.derive.test_zones import NFT, OUTER, SHEETS, machine, told

DB = AssessmentObject("db", "operating_system", "linux", "core", "10.0.3.31", ("shop",))
FREE = "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
SHUT = (
    "*filter\n:INPUT DROP [0:0]\n:OUTPUT DROP [0:0]\n-A OUTPUT -p udp -m udp --dport 53 -j ACCEPT\nCOMMIT\n"
)


def ways(family: str, remote: str = "", own: str | None = FREE, fw: str = NFT) -> list[TunnelWay]:
    sheet = FactSheet("db", {PacketFilter: Gap(GapReason.PERMISSION)})
    if own is not None:
        sheet = machine("db", own, OUTER)
    sheets = {**SHEETS, "fw": machine("fw", fw, OUTER)}
    found = tunnel_ways(DB, tunnels(tunnel(family, "t0", remote=remote)), sheet, told(sheets=sheets).telling)
    return [] if found is None else list(found.ways)


OPEN = NFT.replace("tcp dport 443 accept", "accept")


@pytest.mark.parametrize(
    ("family", "remote", "own", "fw", "expected"),
    [
        ("wireguard", "", FREE, NFT, [("out", False)]),
        ("tls", "", FREE, NFT, [("out", True)]),
        ("tls", "", SHUT, NFT, [("out", False)]),
        ("tls", "", None, NFT, [("out", None)]),
        ("wireguard", "198.51.100.7:443", FREE, NFT, [("out", False)]),  # UDP, whatever its port
        ("openvpn", "198.51.100.7:443", FREE, NFT, [("out", True)]),  # TCP to 443 as well
        ("wireguard", "10.0.2.9:51820", FREE, NFT, [("dmz", False)]),
        ("wireguard", "10.0.3.9:51820", FREE, NFT, []),  # at home
        ("wireguard", "203.0.113.9:51820", FREE, NFT, []),  # in no zone
        ("tun", "", FREE, NFT, []),  # its packets are any daemon's
    ],
)
def test_a_way_is_open_where_every_rule_leaves_it_so(
    family: str, remote: str, own: str | None, fw: str, expected: list[tuple[str, bool | None]]
) -> None:
    assert [(way.to, way.open) for way in ways(family, remote, own, fw)] == expected


def test_an_open_way_names_the_lines_of_the_gates_and_a_closed_one_who_closes_it() -> None:
    (open_,) = ways("tls")
    assert open_.packet.startswith("tcp 10.0.3.31 -> 198.51.100.")
    assert open_.packet.endswith("port 443")
    assert [c.capture for c in open_.at] == ["fw2/rules", "fw/rules"]
    (closed,) = ways("wireguard")
    assert [c.capture for c in closed.at] == ["fw2/rules"]
    (own,) = ways("tls", own=SHUT)
    assert [c.capture for c in own.at] == ["db/rules"]


def test_a_host_whose_place_is_not_known_has_no_ways() -> None:
    stray = AssessmentObject("db", "operating_system", "linux", "", "192.0.2.1", ("shop",))
    assert (
        tunnel_ways(stray, tunnels(tunnel("tls", "t0")), machine("db", FREE, OUTER), told().telling) is None
    )

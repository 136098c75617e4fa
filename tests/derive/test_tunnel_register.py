"""Tunnels against the register of approvals; roles of objects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scanner.derive import derive
from scanner.facts import FactSheet, ObjectRole, SshServer, TunnelRegister, Tunnels
from scanner.model import ApprovedTunnel, AssessmentObject, Gap, GapReason, Grade, System
from tests.checks.build import ask, sshd, tunnel, tunnels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.facts import Fact, Tunnel

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHOP = System("shop", "shop", Grade(3, 3))
GW = AssessmentObject("gw", "operating_system", "linux", "dmz", "10.0.0.1", ("shop",))
EDGE = AssessmentObject("gw/boundary_device", "boundary_device", "", "dmz", "", ("shop",), "gw")
WEB = AssessmentObject("web", "operating_system", "linux", "dmz", "10.0.0.2", ("shop",))
ROOM = AssessmentObject("room", "machine_room", "", "", "", ("shop",))

TUN0 = tunnel("tun", "tun0")
OPENVPN = tunnel("openvpn", "openvpn", "process")
WG0 = tunnel("wireguard", "wg0")
GRE = tunnel("gre", "gre1", remote="192.0.2.1")


def approve(
    family: str, name: str = "", remote: str = "", *, of: str = "gw", expires: datetime | None = None
) -> ApprovedTunnel:
    return ApprovedTunnel(of, family, name, remote, "OA-7", expires)


def sheet(name: str, *facts: Fact) -> FactSheet:
    return FactSheet(name, {type(fact): fact for fact in facts})


def derived(
    entries: Iterable[ApprovedTunnel],
    sheets: dict[str, FactSheet],
    *objects: AssessmentObject,
    at: datetime = NOW,
) -> dict[str, FactSheet]:
    return derive(sheets, objects or (GW, EDGE), (SHOP,), entries, at)


def judged(found: tuple[Tunnel, ...], *entries: ApprovedTunnel, at: datetime = NOW) -> TunnelRegister:
    sheets = derived(entries, {"gw": sheet("gw", tunnels(*found))}, at=at)
    fact = sheets["gw"].get(TunnelRegister)
    assert isinstance(fact, TunnelRegister)
    assert fact.seen
    return fact


@pytest.mark.parametrize(
    ("found", "entry"),
    [
        (WG0, approve("wireguard", "wg0")),
        (WG0, approve("WireGuard")),
        (WG0, approve("wireguard", "wg0", "192.0.2.9")),
        (WG0, approve("wireguard", "wg0", of="gw/boundary_device")),
        (OPENVPN, approve("openvpn", "openvpn")),
        (OPENVPN, approve("openvpn")),
        (OPENVPN, approve("openvpn", "tun0")),
        (TUN0, approve("openvpn", "tun0")),
        (GRE, approve("gre", "gre1", "192.0.2.1")),
        (WG0, approve("wireguard", expires=NOW + timedelta(seconds=1))),
    ],
)
def test_approved(found: Tunnel, entry: ApprovedTunnel) -> None:
    fact = judged((found,), entry)
    assert fact.declared == ((found, "OA-7"),)
    assert not fact.undeclared
    assert ask("tunnel.none-undeclared", fact).answer == "yes"


@pytest.mark.parametrize(
    ("found", "entry"),
    [
        (WG0, approve("wireguard", "wg1")),
        (WG0, approve("openvpn", "wg0")),
        (WG0, approve("wireguard", "wg0", of="web")),
        (WG0, approve("wireguard", expires=NOW)),
        (WG0, ApprovedTunnel("gw", "wireguard", "", "", "")),
        (TUN0, approve("openvpn")),
        (TUN0, approve("openvpn", "tun1")),
        (OPENVPN, approve("wireguard")),
        (OPENVPN, approve("wireguard", "wg0")),
        (GRE, approve("gre", "gre1", "192.0.2.2")),
    ],
)
def test_undeclared(found: Tunnel, entry: ApprovedTunnel) -> None:
    fact = judged((found,), entry)
    assert fact.undeclared == (found,)
    assert ask("tunnel.none-undeclared", fact).answer == "no"


def test_a_second_daemon_beside_one_approved_interface_is_undeclared() -> None:
    entry = approve("openvpn", "tun0")
    fact = judged((TUN0, OPENVPN, OPENVPN), entry)
    assert fact.undeclared == (OPENVPN,)
    assert len(judged((OPENVPN, OPENVPN), entry, approve("openvpn", "tun1")).declared) == 2


def test_no_tunnels_and_an_empty_register() -> None:
    assert ask("tunnel.none-undeclared", judged(())).answer == "yes"


def test_hidden_processes_leave_the_question_open() -> None:
    sheets = derived((), {"gw": sheet("gw", tunnels(hidden=True))})
    fact = sheets["gw"].get(TunnelRegister)
    assert isinstance(fact, TunnelRegister)
    assert ask("tunnel.none-undeclared", fact).answer == "unseen"


def test_a_boundary_is_looked_at_with_its_machine() -> None:
    sheets = derived((), {"gw": sheet("gw", tunnels(WG0))})
    fact = sheets["gw/boundary_device"].get(TunnelRegister)
    assert isinstance(fact, TunnelRegister)
    assert fact.undeclared == (WG0,)


def test_a_gap_stays_a_gap() -> None:
    gap = Gap(GapReason.TIMED_OUT, "links")
    sheets = derived((), {"gw": FactSheet("gw", {Tunnels: gap})})
    assert sheets["gw"].get(TunnelRegister) == gap
    assert sheets["gw/boundary_device"].get(TunnelRegister) == gap


def test_a_tunnel_of_a_host_says_nothing_of_a_boundary_that_was_not_seen() -> None:
    sheets = derived((), {"web": sheet("web", tunnels(WG0))}, WEB)
    assert "shop" not in sheets, "the system stands in for boundaries that nobody declared"
    fact = sheets["web"].get(TunnelRegister)
    assert isinstance(fact, TunnelRegister)
    assert fact.undeclared == (WG0,), "it stays a finding of the host"


def test_every_object_knows_its_role_and_keeps_what_was_read() -> None:
    server = sshd()
    sheets = derived((), {"gw": sheet("gw", server)}, GW, EDGE, ROOM)
    roles = {name: s.get(ObjectRole) for name, s in sheets.items()}
    assert {n: r.kind for n, r in roles.items() if isinstance(r, ObjectRole)} == {
        "gw": "operating_system",
        "gw/boundary_device": "boundary_device",
        "room": "machine_room",
    }
    assert sheets["gw"].get(SshServer) is server
    assert TunnelRegister not in sheets["room"].entries


def test_nothing_at_all() -> None:
    assert derive({}, (), (), (), NOW) == {}

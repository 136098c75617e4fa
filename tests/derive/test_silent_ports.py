"""Ports that rules leave open to a vantage, and that keep silent to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.derive.silent_ports import silent_ports
from scanner.derive.zones import zones
from scanner.facts import (
    FactSheet,
    Listeners,
    OpenPorts,
    PortGroup,
    PortState,
    ProvenFilter,
    SilentPorts,
    Sources,
)
from scanner.model import AssessmentObject, Gap, GapReason, Vantage, Zoning
from tests.checks.build import filtering, listeners, proof, socket
from tests.derive.test_zones import NFT, OBJECTS, OUTER, SHEETS, ZONES, machine, told
from tests.derive.wire_facts import cited, port, ports, sheet

WEB = AssessmentObject("web", "operating_system", "linux", "dmz", "10.0.2.11", ("shop",))
SOCKETS = listeners(socket("tcp 0.0.0.0 8443", "nginx"), ssh=False)
SILENT = port(8443, PortState.FILTERED)
BESIDE = Vantage("beside", "dmz")
OUTSIDE = Vantage("outside", "out")


def host(sources: Sources = Sources.ANYWHERE, sockets: Listeners = SOCKETS) -> FactSheet:
    told_ = proof(filtering(), sockets)
    shown = replace(told_, ports=tuple(replace(p, sources=sources) for p in told_.ports or ()))
    return sheet("web", sockets, shown)


def compared(
    seen: OpenPorts, vantage: Vantage = BESIDE, own: FactSheet | None = None, *, zoned: bool = True
) -> SilentPorts:
    telling = told().telling if zoned else None
    found = silent_ports(WEB, own or host(), [(vantage, sheet("web@beside", seen))], telling)
    assert isinstance(found, SilentPorts)
    return found


def test_a_socket_that_is_open_by_rule_and_silent_beside_it() -> None:
    found = compared(ports(port(22), SILENT))
    (one,) = found.silent
    assert (one.vantage, one.port) == ("beside", 8443)
    assert one.socket == SOCKETS.listeners[0].at
    assert one.shown == SILENT.at


def test_one_that_answers_is_as_the_rules_say() -> None:
    found = compared(ports(port(8443)))
    assert (found.silent, found.answered) == ((), (("beside", 8443),))


@pytest.mark.parametrize("sources", [Sources.NAMED, Sources.NOBODY, Sources.UNKNOWN])
def test_silence_that_the_host_s_own_rules_may_explain_is_none(sources: Sources) -> None:
    found = compared(ports(port(22), SILENT), own=host(sources))
    assert (found.silent, found.open) == ((), 0)


def test_the_gates_on_the_way_have_to_let_all_of_the_vantage_s_zone_in() -> None:
    """The outer firewall opens 8443 of this host to everybody by its published port, and nothing else."""
    (one,) = compared(ports(port(22), SILENT), OUTSIDE).silent
    assert [c.capture for c in one.rules if c.capture.startswith("fw/")], "with the gate's line"
    other = replace(WEB, address="10.0.2.12")
    found = silent_ports(
        other, host(), [(OUTSIDE, sheet("web@outside", ports(port(22), SILENT)))], told().telling
    )
    assert isinstance(found, SilentPorts)
    assert found.silent == ()


def test_a_gate_that_lets_in_some_of_the_vantage_s_zone_may_have_kept_this_one_out() -> None:
    some = NFT.replace("ip daddr 10.0.2.11 tcp", "ip saddr 198.51.100.0/25 ip daddr 10.0.2.11 tcp")
    telling = told(sheets={**SHEETS, "fw": machine("fw", some, OUTER)}).telling
    look = sheet("web@outside", ports(port(22), SILENT))
    found = silent_ports(WEB, host(), [(OUTSIDE, look)], telling)
    assert isinstance(found, SilentPorts)
    assert found.silent == ()


def test_a_vantage_of_which_nobody_knows_the_way_shows_nothing() -> None:
    assert compared(ports(port(22), SILENT), Vantage("somewhere")).silent == ()
    assert compared(ports(port(22), SILENT), OUTSIDE, zoned=False).silent == ()


def counted(state: PortState) -> PortGroup:
    return PortGroup("tcp", state, 1000, cited("ports-tcp"))


def test_ports_that_the_sweep_only_counts() -> None:
    asked = replace(ports(port(22)), asked=("tcp/1-1024,8443",))
    assert len(compared(replace(asked, groups=(counted(PortState.FILTERED),))).silent) == 1
    closed = (counted(PortState.FILTERED), counted(PortState.CLOSED))
    assert compared(replace(asked, groups=closed)).silent == (), "which of them it is in is not known"
    never = replace(asked, asked=("tcp/1-1024",), groups=(counted(PortState.FILTERED),))
    assert compared(never).silent == ()


@pytest.mark.parametrize("kind", [Listeners, ProvenFilter])
def test_what_the_host_did_not_show_is_a_gap(kind: type[Listeners | ProvenFilter]) -> None:
    gap = Gap(GapReason.PERMISSION)
    dark = FactSheet("web", {**host().entries, kind: gap})
    assert silent_ports(WEB, dark, [], None) is gap


def test_a_port_of_udp_may_listen_and_say_nothing() -> None:
    own = host(sockets=listeners(socket("udp 0.0.0.0 8443", "x"), ssh=False))
    assert compared(ports(port(22), port(8443, PortState.OPEN_OR_FILTERED, "udp")), own=own).open == 0


def test_the_lay_of_the_tests_is_whole() -> None:
    assert zones(Zoning(ZONES), OBJECTS, SHEETS) is not None

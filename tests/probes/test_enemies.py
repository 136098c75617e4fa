"""Servers that do what no server should: every probe ends in time, within its packets, with an exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collectors.evidence import Document
from collectors.platforms.wire import PLATFORM
from collectors.platforms.wire.exchange import read_exchange
from scanner.facts import OpenPorts, SshWire, TlsEndpoints, VpnEndpoints, WireServices
from scanner.model import Budget, Gap, GapReason
from tests.probes.conftest import NOBODY, SILENT, announced
from tests.probes.enemies import BEHAVIOURS, PROBES, port_of

if TYPE_CHECKING:
    from tests.probes.conftest import Pair

pytestmark = pytest.mark.wire

SECONDS = {"banner": 13.0, "tls": 21.0, "ssh": 5.0, "openvpn-tcp": 4.0}
STEPS = {step.id: step for step in PLATFORM.steps}


@pytest.mark.parametrize("behaviour", [b.__name__ for b in BEHAVIOURS])
def test_every_probe_survives_and_stays_within_what_it_announces(pair: Pair, behaviour: str) -> None:
    asked = [f"{probe}:{port_of(behaviour, probe)}" for probe in PROBES]
    with pair.enemies(), pair.counting() as counted:
        told = pair.drive(*asked)
    assert [one["probe"] for one in told] == list(PROBES)
    for one in told:
        probe, subject = one["probe"], f"tcp/{one['port']}"
        lines = tuple(one["content"].split("\n"))
        exchange = read_exchange(STEPS[probe], subject, Document("", lines))
        assert exchange.conversations
        assert one["seconds"] <= SECONDS[probe], (probe, one["seconds"])
        assert counted["packets_to"][subject] <= announced(probe).packets, (probe, counted)
        assert counted["connections_to"].get(subject, 0) <= announced(probe).connections, (probe, counted)


def test_datagrams_that_bring_a_thousand_back(pair: Pair) -> None:
    with pair.enemies(), pair.counting() as counted:
        told = pair.drive("ike:500", "ike:4500", "openvpn:1194", "snmp:161")
    most = sum(announced(probe).packets for probe in ("ike", "openvpn", "snmp"))
    assert counted["packets"] <= most, counted
    for one in told:
        with_nothing_of_theirs = read_exchange(
            STEPS[one["probe"]], f"udp/{one['port']}", Document("", tuple(one["content"].split("\n")))
        )
        assert with_nothing_of_theirs.conversations[-1].end == "timeout", "an echo of ours is no answer"


def test_a_target_that_never_answers(pair: Pair) -> None:
    with pair.counting(SILENT) as counted:
        told = pair.drive(
            "banner:80", "tls:443", "ssh:22", "openvpn-tcp:1194", "openvpn:1194", "ike:500", "snmp:161",
            "ip-protocols:0", address=SILENT,
        )  # fmt: skip
    for one in told:
        assert '"got"' not in one["content"]
    for subject, probe in (("tcp/80", "banner"), ("tcp/443", "tls"), ("tcp/22", "ssh"), ("udp/161", "snmp")):
        assert counted["packets_to"][subject] <= announced(probe).packets
    assert counted["connections"] == 0
    protocols = sum(counted["packets_to"].get(f"ip/{n}", 0) for n in (4, 47, 50))
    assert protocols == announced("ip-protocols").packets


def test_a_look_at_enemies_ends_with_gaps_and_leaves_their_neighbours_unharmed(pair: Pair) -> None:
    ports = "drip=901,flood=902,forges=903,renegotiates=904,half_ssh=905,closes=906,silent=907"
    with pair.enemies(ports):
        seen = pair.look(budget=Budget(2000, 40_000, 400, 90.0))
    assert seen.seconds <= 90 + 15
    ports_seen = seen.sheet.get(OpenPorts)
    assert isinstance(ports_seen, OpenPorts)
    assert {p.number for p in ports_seen.open()} == set(range(901, 908))
    for kind in (WireServices, TlsEndpoints, SshWire, VpnEndpoints):
        fact = seen.sheet.get(kind)
        assert not (isinstance(fact, Gap) and fact.reason is GapReason.BUG), fact
    tls = seen.sheet.get(TlsEndpoints)
    if not isinstance(tls, Gap):
        assert {e.port for e in tls.endpoints} <= {904}, "nothing else spoke TLS"
    ssh = seen.sheet.get(SshWire)
    assert isinstance(ssh, Gap), "half an offer is none"


def test_a_budget_is_never_passed(pair: Pair) -> None:
    """Many open ports and little money: the rest is a gap that says so."""
    ports = ",".join(f"closes={n}" for n in range(901, 917))
    budget = Budget(packets_per_second=1000, packets=5200, connections=12, seconds=40)
    with pair.enemies(ports):
        seen = pair.look(budget=budget)
    assert seen.counted["packets"] <= budget.packets
    by_talking = {k: v for k, v in seen.counted["connections_to"].items() if 901 <= int(k[4:]) <= 916}
    assert sum(by_talking.values()) <= budget.connections
    spent = [r for r in seen.records if isinstance(r, Gap) and "budget is used up" in r.detail]
    assert spent
    assert {r.reason for r in spent} == {GapReason.NOT_COLLECTED}
    assert all(r.needs for r in spent)


def test_the_rate_holds(pair: Pair) -> None:
    """No more packets than the rate allows for the time, but for one connection's worth at once."""
    rate = 200
    budget = Budget(packets_per_second=rate, packets=20_000, connections=200, seconds=12)
    with pair.enemies("closes=901"):
        seen = pair.look(budget=budget)
    assert seen.counted["packets"] <= rate * (seen.seconds + 1) + 40


@pytest.mark.parametrize(("address", "reason"), [(SILENT, GapReason.EMPTY), (NOBODY, GapReason.UNREACHABLE)])
def test_unseen_is_told_apart(pair: Pair, address: str, reason: GapReason) -> None:
    """A filter that drops everything, or nobody at the address: no fact says that nothing is there."""
    seen = pair.look(address, Budget(4000, 40_000, 400, 60.0))
    ports = seen.sheet.get(OpenPorts)
    assert isinstance(ports, Gap)
    assert ports.reason is reason
    for kind in (WireServices, TlsEndpoints, SshWire):
        assert isinstance(seen.sheet.get(kind), Gap), kind
    vpn = seen.sheet.get(VpnEndpoints)
    assert not isinstance(vpn, Gap)
    assert {a.presence.value for a in vpn.answers} == {"unknown"}

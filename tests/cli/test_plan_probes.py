"""What a plan says of probes: every target, every vantage, every probe, and the sums."""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Platform, Probe, Step
from collectors.platforms.wire.limits import TCP_BATCHES
from collectors.transport.probe import ProbeTransport
from scanner.cli.judging import PLATFORM_BY_NAME
from scanner.cli.plan_probes import Most, most
from scanner.cli.plan_text import impact_notice, plan
from scanner.cli.ways import Ways
from scanner.inventory import Inventory, load_inventory
from scanner.model import Budget, Reach, Text, TransportKind
from scanner.model.text import Language
from scanner.profile import load_items

if TYPE_CHECKING:
    from pathlib import Path

WORDS = Text("问", "ask")
SWEEP = Step("ports-tcp", Probe("ports", 4000, 1000, per_port=False), WORDS)
BANNER = Step("banner", Probe("banner", 120, 3), WORDS)
RAW = Step("ports-udp", Probe("ports", 20, 0, per_port=False, raw=True), WORDS)
WIRE = Platform("wire", (SWEEP, BANNER, RAW), (), ())
PLATFORMS = {**PLATFORM_BY_NAME, "wire": WIRE}
REACH = Reach(
    "web@in", "wire", TransportKind.PROBE, "in", address="10.0.0.1", budget=Budget(50, 9000, 90, 60)
)

INVENTORY = """\
version: 1
systems: [{name: shop, grade: S3A3}]
zones: [{name: ot, networks: [10.9.0.0/16], industrial: true}]
vantages:
  - {name: inside, access_point: P2}
  - {name: outside, access_point: P1, prefix: [ip, netns, exec, far away]}
probes: {budget: {packets_per_second: 50, packets: 9000, connections: 90, seconds: 60}}
objects:
  - {id: web, kind: operating_system, systems: [shop], address: 10.0.0.1, via: {transport: local}}
  - {id: db, kind: operating_system, systems: [shop], address: 10.0.0.2}
  - {id: plc, kind: operating_system, systems: [shop], address: 10.9.0.2}
"""


USUAL_PORTS = wrap(", ".join(",".join(listed for _, listed in TCP_BATCHES).split(",")), 92)


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    path = tmp_path / "inventory.yaml"
    path.write_text(INVENTORY, encoding="utf-8")
    return load_inventory(path, ("operating_system",), str, load_items)


def test_a_plan_names_every_target_vantage_and_probe_with_its_most(inventory: Inventory) -> None:
    lines = list(plan(inventory, PLATFORMS, 8, "en"))
    start = lines.index("Probes")
    assert [line.strip() for line in lines[start + 1 : lines.index("", start)]] == [
        "from inside (P2; here):",
        "web@inside -> 10.0.0.1",
        "db@inside -> 10.0.0.2",
        "from outside (P1; ip netns exec 'far away'):",
        "web@outside -> 10.0.0.1",
        "db@outside -> 10.0.0.2",
        "from each vantage to each address, at most:",
        "ports-tcp     <= 4000 packets, 1000 connections",
        *USUAL_PORTS,
        "banner        <= 120 packets, 3 connections (each open port)",
        "ports-udp     <= 20 packets, 0 connections",
        "53, 69, 123, 161, 500, 1194, 1701, 4500, 4789, 51820",
        "sum <= 9000 packets, 1090 connections, 50 packets/s, 60 s",
        "not probed: plc (industrial zone)",
    ]
    text = "\n".join(lines)
    assert "plc@" not in text
    assert "ports-udp [root or CAP_NET_RAW]" in text
    assert "  not looked at: plc" in lines


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_notice_counts_logins_and_probes_apart(inventory: Inventory, language: Language) -> None:
    both = impact_notice(inventory.reaches, PLATFORMS, 3, language)
    assert {"zh": "合计最多 36000 个包", "en": "in all at most 36000 packets"}[language] in both
    assert {"zh": "登录：对象 1 个", "en": "  Logins: 1 object(s)"}[language] in both
    assert {"zh": "同时最多 3 处", "en": "at most 3 at a time"}[language] in both


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("probed", [True, False])
def test_the_notice_speaks_of_nothing_that_is_not_done(
    inventory: Inventory, language: Language, probed: bool
) -> None:
    reaches = tuple(r for r in inventory.reaches if (r.transport is TransportKind.PROBE) is probed)
    notice = impact_notice(reaches, PLATFORMS, 8, language)
    assert ({"zh": "探测：", "en": "Probes:"}[language] in notice) is probed
    assert ({"zh": "登录：", "en": "Logins:"}[language] in notice) is not probed
    lines = plan(replace(inventory, reaches=reaches), PLATFORMS, 8, language)
    assert ({"zh": "到达方式", "en": "Ways"}[language] in lines) is True  # plc is looked at by nobody


def test_a_scan_of_nothing_says_so(inventory: Inventory) -> None:
    assert impact_notice((), PLATFORMS, 8, "en").splitlines()[1:] == ["  Nothing is looked at."]
    probed = replace(inventory, objects=tuple(o for o in inventory.objects if o.id == "db"))
    assert "Ways" not in plan(replace(probed, reaches=probed.reaches[-1:]), PLATFORMS, 8, "en")


def test_without_vantages_a_plan_does_not_speak_of_probes(inventory: Inventory) -> None:
    bare = replace(
        inventory, reaches=tuple(r for r in inventory.reaches if r.platform != "wire"), spared=(), vantages=()
    )
    assert not any("rob" in line for line in plan(bare, PLATFORMS, 8, "en"))


def test_probes_of_open_ports_may_use_up_the_budget_and_no_more() -> None:
    assert most(REACH, WIRE.steps) == Most(9000, 1090)
    assert most(REACH, (SWEEP, RAW)) == Most(4020, 1000)
    assert most(replace(REACH, budget=Budget(packets=100)), (SWEEP,)) == Most(100, 1000)


def test_further_ports_are_announced_and_cost_no_more_than_the_budget(inventory: Inventory) -> None:
    ports = ((80, 81), (8443, 8443), (20000, 20009))  # all but the last are asked anyway
    wider = replace(REACH, ports=ports)
    assert most(wider, (SWEEP, RAW)) == Most(4020 + 10 * 4, 1010)
    assert most(wider, WIRE.steps) == Most(9000, 1100)
    assert most(replace(wider, budget=Budget(packets=4030)), (SWEEP, RAW)).packets == 4030
    lines = list(plan(replace(inventory, reaches=(wider,)), PLATFORMS, 8, "en"))
    assert "      ports-tcp     <= 4040 packets, 1010 connections" in lines
    assert [line.strip() for line in lines if line.endswith(" 20000-20009")]


@given(packets=st.integers(1, 50_000), ports=st.integers(0, 50))
def test_no_sum_passes_the_budget(packets: int, ports: int) -> None:
    reach = replace(REACH, budget=Budget(packets=packets))
    said = most(reach, WIRE.steps).packets
    assert said <= packets
    assert said >= min(packets, 4020 + 120 * ports)


def test_the_way_of_a_probe_is_taken_by_the_prober() -> None:
    with Ways() as ways:
        assert isinstance(ways.transport(REACH), ProbeTransport)
        ways.prepare((REACH,))  # asks for no secret

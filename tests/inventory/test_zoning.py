"""What shall pass between zones: read as values, and every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.errors import InventoryError
from scanner.inventory import Inventory, load_inventory, read_normalised
from scanner.model import Boundary, Flow, Passage

HEAD = """\
version: 1
systems: [{name: shop, grade: S3A3}]
zones:
  - {name: out, networks: [198.51.100.0/24], external: true}
  - {name: dmz, networks: [10.0.2.0/24, "fd00:2::/64"]}
  - {name: core, networks: [10.0.3.0/24], important: true}
objects:
  - {id: fw, kind: operating_system, systems: [shop]}
"""


def load(tmp_path: Path, text: str) -> Inventory:
    path = tmp_path / "inventory.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load_inventory(path, {"operating_system"}, lambda _: None, lambda _: ())


GOOD = """\
boundaries:
  - {object: fw, zones: [core], legs: {eth0: out, eth1: dmz}}
policy:
  - {from: out, to: dmz, allow: [{protocol: tcp, ports: [443, 8000-8010], destinations: [10.0.2.11/32]}]}
  - {from: dmz, to: core, allow: nothing, reason: not yet}
  - {from: core, to: out, allow: anything, reason: updates}
  - {from: out, to: core, allow: [{protocol: 47}, {protocol: icmp, sources: [198.51.100.7]}]}
"""


def test_a_policy_is_read_as_values_and_kept_in_the_run(tmp_path: Path) -> None:
    inventory = load(tmp_path, GOOD)
    for zoning in (inventory.zoning, read_normalised(inventory.normalised).zoning):
        assert zoning.boundaries == (Boundary("fw", ("core", "out", "dmz"), {"eth0": "out", "eth1": "dmz"}),)
        assert zoning.passages == (
            Passage(
                "out", "dmz", (Flow((6,), ((443, 443), (8000, 8010)), (), ("10.0.2.11/32",)),), False, ""
            ),
            Passage("dmz", "core", (), False, "not yet"),
            Passage("core", "out", (), True, "updates"),
            Passage("out", "core", (Flow((47,)), Flow((1,), (), ("198.51.100.7/32",))), False, ""),
        )
        assert zoning.passage("dmz", "out") is None, "what nobody declares is not allowed by silence"
        assert [(z.external, z.important, z.management) for z in zoning.zones][::2] == [
            (True, False, False),
            (False, True, False),
        ]


WRONG = {
    "policy: [{from: out, to: nowhere, allow: nothing}]": (9, "no zone is called 'nowhere'"),
    "policy: [{from: out, to: out, allow: nothing}]": (9, "the same zone"),
    "policy:\n  - {from: out, to: dmz, allow: nothing}\n  - {from: out, to: dmz, allow: nothing}": (
        11,
        "one entry a pair",
    ),
    "policy: [{from: out, to: dmz, allow: anything}]": (9, "anything needs a reason"),
    "policy: [{from: out, to: dmz}]": (9, "missing"),
    "policy: [{from: out, to: dmz, allow: some}]": (9, "must be 'nothing' or 'anything'"),
    "policy: [{from: out, to: dmz, allow: [{ports: [22]}]}]": (9, "ports go with a protocol"),
    "policy: [{from: out, to: dmz, allow: [{protocol: icmp, ports: [8]}]}]": (9, "ports go with a protocol"),
    "policy: [{from: out, to: dmz, allow: [{protocol: tpc}]}]": (9, "one of icmp"),
    "policy: [{from: out, to: dmz, allow: [{protocol: tcp, ports: [90-80]}]}]": (9, "a port, or a range"),
    "policy: [{from: out, to: dmz, allow: [{destinations: [10.0.3.0/24]}]}]": (9, "lies in no network"),
    "policy: [{from: out, to: dmz, allow: [{sources: [10.0.2.300]}]}]": (9, "10.0.2.300"),
    "boundaries: [{object: gw, legs: {eth0: out}}]": (9, "no other object is called 'gw'"),
    "boundaries: [{object: fw, legs: {eth0: inner}}]": (9, "no zone is called 'inner'"),
    "boundaries: [{object: fw}, {object: fw}]": (9, "named twice"),
    "boundaries: [{object: fw, interface: eth0}]": (9, "interface"),
}


@pytest.mark.parametrize("text", WRONG)
def test_every_mistake_stands_at_its_line(tmp_path: Path, text: str) -> None:
    line, said = WRONG[text]
    with pytest.raises(InventoryError) as found:
        load(tmp_path, text)
    assert any(m.line == line and said in m.text for m in found.value.mistakes), found.value.mistakes


def test_one_network_has_one_zone(tmp_path: Path) -> None:
    text = HEAD.replace('"fd00:2::/64"', "10.0.3.0/24")
    path = tmp_path / "inventory.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InventoryError) as found:
        load_inventory(path, {"operating_system"}, lambda _: None, lambda _: ())
    assert "is a network of dmz already" in found.value.mistakes[0].text

"""Who is probed, from where, and who is left alone."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import InventoryError
from scanner.inventory import WIRE, Inventory, Spared, load_inventory, read_normalised
from scanner.inventory.probing import target
from scanner.model import Budget, Look, TransportKind, Vantage
from scanner.profile import load_items

WHOLE = """\
version: 1
systems: [{name: shop, grade: S3A3}]
zones:
  - {name: dmz, networks: [10.0.1.0/24]}
  - {name: ot, networks: [10.0.9.0/24], industrial: true}
vantages:
  - {name: inside, zone: dmz, access_point: P2}
  - {name: outside, access_point: P1, prefix: [ip, netns, exec, out]}
probes: {budget: {packets_per_second: 50, packets: 9000, connections: 90, seconds: 60}}
objects:
  - {id: web, kind: operating_system, systems: [shop], zone: dmz, address: 10.0.1.2}
  - {id: db, kind: operating_system, systems: [shop], zone: dmz, address: "fd00::5"}
  - {id: plc, kind: operating_system, systems: [shop], zone: ot, address: 10.0.9.2}
  - {id: hmi, kind: operating_system, systems: [shop], zone: ot, address: 10.0.9.3, probe: true}
  - {id: stray, kind: operating_system, systems: [shop], zone: dmz, address: 10.0.9.4}
  - {id: shy, kind: operating_system, systems: [shop], address: 10.0.1.9, probe: false}
  - {id: named, kind: operating_system, systems: [shop], address: shop.example}
  - {id: paper, kind: operating_system, systems: [shop]}
  - {id: app, kind: operating_system, systems: [shop], address: 10.0.1.2, parent: web}
  - {id: guest, kind: operating_system, systems: [shop], address: 10.0.1.7, parent: web}
"""


def read(folder: Path, text: str = WHOLE) -> Inventory:
    path = folder / "inventory.yaml"
    path.write_text(text, encoding="utf-8")
    return load_inventory(path, ("operating_system",), str, load_items)


def test_every_object_is_looked_at_once_from_every_vantage(tmp_path: Path) -> None:
    inventory = read(tmp_path)
    probed = ["web", "db", "hmi", "guest"]
    assert [r.object for r in inventory.reaches] == [
        f"{o}@{v}" for v in ("inside", "outside") for o in probed
    ]
    assert inventory.looks[0] == Look("web@inside", "web", "inside")
    assert inventory.vantages == (
        Vantage("inside", "dmz", "P2"),
        Vantage("outside", "", "P1", ("ip", "netns", "exec", "out")),
    )
    for reach in inventory.reaches:
        assert (reach.platform, reach.transport) == (WIRE, TransportKind.PROBE)
        assert reach.budget == Budget(50, 9000, 90, 60.0)
        assert reach.limits.seconds == 60.0
    assert {r.address for r in inventory.reaches} == {"10.0.1.2", "fd00::5", "10.0.9.3", "10.0.1.7"}
    assert {r.prefix for r in inventory.reaches if r.vantage == "outside"} == {("ip", "netns", "exec", "out")}


def test_who_is_left_alone_and_why(tmp_path: Path) -> None:
    assert dict(read(tmp_path).spared) == {
        "plc": Spared.INDUSTRIAL,
        "stray": Spared.INDUSTRIAL,  # in an industrial network, whatever zone is written
        "shy": Spared.DECLARED,
        "named": Spared.NO_ADDRESS,
    }


def test_without_vantages_nothing_is_probed(tmp_path: Path) -> None:
    start, end = WHOLE.index("vantages:"), WHOLE.index("probes:")
    inventory = read(tmp_path, WHOLE[:start] + WHOLE[end:])
    assert (inventory.reaches, inventory.spared, inventory.looks) == ((), (), ())


def test_some_of_the_vantages_can_be_chosen(tmp_path: Path) -> None:
    inventory = read(tmp_path, WHOLE.replace("probes: {", "probes: {vantages: [outside], "))
    assert {r.vantage for r in inventory.reaches} == {"outside"}
    none = read(tmp_path, WHOLE.replace("probes: {", "probes: {vantages: [], "))
    assert none.reaches == ()


def test_further_ports_go_with_every_look(tmp_path: Path) -> None:
    assert {r.ports for r in read(tmp_path).reaches} == {()}
    asked = read(tmp_path, WHOLE.replace("probes: {", "probes: {ports: [8500, 20000-20010], "))
    assert {r.ports for r in asked.reaches} == {((8500, 8500), (20000, 20010))}
    assert read_normalised(asked.normalised) == asked


def test_the_run_file_keeps_it(tmp_path: Path) -> None:
    inventory = read(tmp_path)
    assert read_normalised(inventory.normalised) == inventory


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("zone: dmz, access_point", "zone: dmx, access_point", 7, "no zone is called 'dmx'"),
        ("access_point: P1", "access_point: P4", 8, "access_point"),
        ("name: outside", "name: inside", 8, "already used"),
        ("name: outside", "name: out@side", 8, "name"),
        ("probes: {", "probes: {vantages: [moon], ", 9, "no vantage is called 'moon'"),
        ("packets: 9000", "packets: 0", 9, "packets"),
        ("packets_per_second: 50", "packets_per_second: 10001", 9, "packets_per_second"),
        ("seconds: 60", "seconds: 0", 9, "seconds"),
        *(
            ("probes: {", f"probes: {{ports: ['{wrong}'], ", 9, "a port, or a range")
            for wrong in (
                "0",
                "65536",
                "20-10",
                "1-65536",
                "-5",
                "5-",
                "1,2",
                " 7",
                "0x50",
                "--script=x",
                "http",
                "１",
            )
        ),
        ("address: shop.example", "address: shop.example, probe: true", 17, "numeric"),
        ("address: shop.example", "address: shop.example, probe: sometimes", 17, "probe"),
    ],
)
def test_each_mistake_is_named_at_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in WHOLE
    with pytest.raises(InventoryError) as caught:
        read(tmp_path, WHOLE.replace(old, new, 1))
    found = [(m.line, m.text) for m in caught.value.mistakes]
    assert any(at == line and said in text for at, text in found), found


@pytest.mark.parametrize("bare", ["probe: true", "probe: yes", "probe: 1", "probe: on"])
def test_every_way_to_say_yes_needs_a_numeric_address(tmp_path: Path, bare: str) -> None:
    with pytest.raises(InventoryError, match="numeric"):
        read(tmp_path, WHOLE.replace("address: shop.example", f"address: shop.example, {bare}"))


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("FD00::0001", "fd00::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("fe80::1%eth0", ""),
        ("fe80::1%--script=x", ""),
        ("10.0.0.1 -oN /tmp/x", ""),
        ("10.0.0.0/24", ""),
        ("10.0.0.1-9", ""),
        ("--script=x", ""),
        ("host.example", ""),
        ("0.0.0.0", ""),  # noqa: S104 - no socket is bound
        ("::", ""),
        ("224.0.0.1", ""),
        ("255.255.255.255", ""),
        ("", ""),
    ],
)
def test_only_one_numeric_address_is_a_target(address: str, asked: str) -> None:
    assert target(address) == asked


@given(st.text(max_size=40))
def test_a_target_is_always_plain(text: str) -> None:
    if found := target(text):
        assert str(ipaddress.ip_address(found)) == found

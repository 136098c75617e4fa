"""The inventory file: every mistake at its place, all at once; defaults, roles and ways as values."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import InputError, InventoryError
from scanner.inventory import Inventory, load_inventory, read_normalised, schema
from scanner.model import Grade, Scope, TransportKind
from scanner.profile import LEVELS, load_items

KINDS = ("operating_system", "boundary_device", "log_system")
ITEMS = {level: load_items(level) for level in LEVELS}

WHOLE = """\
version: 1
systems:
  - {name: shop, title: 网上商城, grade: S3A2, absent: {log_system: outsourced}}
  - {name: crm, grade: S2A2, uses: [ics, cloud], not_applicable: {L2-ABS1-06: no line, L2-CES2-01: no host}}
zones:
  - {name: dmz, networks: [10.0.1.0/24]}
defaults: {user: audit, credential: "key:keys/audit", known_hosts: hosts}
objects:
  - {id: gw, kind: operating_system, roles: [boundary_device], systems: [shop, crm], zone: dmz,
     address: 10.0.1.1, via: {}, sample: true}
  - id: web
    kind: operating_system
    systems: [shop]
    address: 10.0.1.2
    via: {jump: [gw], port: 2222, credential: ["agent:", "file:secret"]}
    limits: {seconds: 30}
  - {id: paper, kind: log_system, systems: [shop]}
tunnels:
  - {object: gw, family: openvpn, approval: NET-2026-7, expires: 2027-01-31T00:00:00+08:00}
"""


def reference(text: str) -> None:
    if ":" not in text:
        raise ValueError("no reference")


def read(folder: Path, text: str) -> Inventory:
    path = folder / "inventory.yaml"
    path.write_text(text, encoding="utf-8")
    return load_inventory(path, KINDS, reference, ITEMS.__getitem__)


def mistakes(folder: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(InventoryError) as caught:
        read(folder, text)
    return [(m.line, m.text) for m in caught.value.mistakes]


def test_a_whole_inventory_becomes_values(tmp_path: Path) -> None:
    inventory = read(tmp_path, WHOLE)
    assert [s.grade for s in inventory.systems] == [Grade(3, 2), Grade(2, 2)]
    assert [o.id for o in inventory.objects] == ["gw", "gw/boundary_device", "web", "paper"]
    assert [s.uses for s in inventory.systems] == [(), (Scope.CLOUD, Scope.ICS)]
    assert dict(inventory.systems[1].not_applicable) == {"L2-ABS1-06": "no line", "L2-CES2-01": "no host"}
    assert [o.sampled for o in inventory.objects] == [True, True, False, False]
    assert inventory.objects[1].parent == "gw"
    assert inventory.objects[1].platform == ""
    gw, web = inventory.reaches
    assert web.transport is TransportKind.SSH
    assert [(h.address, h.port, h.user) for h in web.hops] == [
        ("10.0.1.1", 22, "audit"),
        ("10.0.1.2", 2222, "audit"),
    ]
    assert web.hops[1].credentials == ("agent:", f"file:{tmp_path}/secret")
    assert gw.hops[0].credentials == (f"key:{tmp_path}/keys/audit",)
    assert gw.known_hosts == (f"{tmp_path}/hosts",)
    assert (gw.limits.seconds, web.limits.seconds) == (120.0, 30.0)
    assert inventory.register[0].expires is not None


def test_an_object_without_a_way_is_not_looked_at(tmp_path: Path) -> None:
    assert "paper" not in {r.object for r in read(tmp_path, WHOLE).reaches}


def test_the_run_file_keeps_what_rebuilds_the_inventory(tmp_path: Path) -> None:
    inventory = read(tmp_path, WHOLE)
    again = read_normalised(inventory.normalised)
    assert again == inventory


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("grade: S3A2", "grade: S5A2", 3, "must be a grade"),
        ("version: 1", "version: 2", 1, "version"),
        ("name: crm", "name: shop", 4, "already used"),
        ("10.0.1.0/24", "10.0.1.7/24", 6, "host bits"),
        ("kind: operating_system, roles", "kind: operating, roles", 9, "no kind of assessment object"),
        ("roles: [boundary_device]", "roles: [boundary]", 9, "no kind of assessment object"),
        ("systems: [shop, crm]", "systems: [shop, cmr]", 9, "no system is called 'cmr'"),
        ("zone: dmz", "zone: dmx", 9, "no zone is called"),
        ("id: web\n", "id: gw\n", 11, "already used"),
        ("id: paper", "id: crm", 17, "is the name of a system"),
        ("jump: [gw]", "jump: [gv]", 15, "no other object"),
        ("jump: [gw]", "jump: [web]", 15, "no other object"),
        ("port: 2222", "port: 0", 15, "port"),
        ('"file:secret"', '"hunter2"', 15, "credential: no reference"),
        ("seconds: 30", "seconds: never", 16, "seconds"),
        ("object: gw,", "object: gx,", 19, "no other object"),
        ("+08:00", "", 19, "zone"),
        ("absent: {log_system", "absent: {log_sistem", 3, "no kind"),
        ("uses: [ics, cloud]", "uses: [clouds]", 4, "'cloud', 'mobile', 'iot' or 'ics', not 'clouds'"),
        ("uses: [ics, cloud]", "uses: [general]", 4, "'cloud', 'mobile', 'iot' or 'ics', not 'general'"),
        ("uses: [ics, cloud]", "uses: [ics]", 4, "L2-CES2-01 is of the extension cloud, which the system"),
        (
            "L2-ABS1-06: no line",
            "L2-ABS1-66: no line",
            4,
            "has no item 'L2-ABS1-66'; did you mean 'L2-ABS1-06'",
        ),
        ("L2-ABS1-06: no line", "L3-ABS1-06: no line", 4, "a system graded S2A2 has no item 'L3-ABS1-06'"),
        ("S2A2", "S2A3", 4, "L2-ABS1-06 is marked G: a system graded S2A3 takes those items from level 3"),
        ("L2-ABS1-06: no line", "L2-ABS1-06: ' '", 4, "must match"),
        ("L2-ABS1-06: no line", "L2-ABS1-06: ", 4, "nothing is written"),
        ("sample: true", "sample: perhaps", 10, "must be true or false"),
        ("address: 10.0.1.2", "adress: 10.0.1.2", 14, "unknown key 'adress'"),
        ("user: audit, ", "", 10, "ssh needs a user"),
    ],
)
def test_each_mistake_is_named_at_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in WHOLE
    found = mistakes(tmp_path, WHOLE.replace(old, new, 1))
    assert any(at == line and said in text for at, text in found), found


def test_all_mistakes_come_at_once_in_order(tmp_path: Path) -> None:
    wrong = WHOLE.replace("S3A2", "S9A9").replace("zone: dmz", "zone: dmx").replace("port: 2222", "port: x")
    assert [line for line, _ in mistakes(tmp_path, wrong)] == [3, 9, 15]


def test_a_secret_in_place_of_a_reference_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        read(tmp_path, WHOLE.replace('"file:secret"', "hunter2"))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("via", "said"),
    [
        ("{transport: command}", "prefix"),
        ("{transport: tree}", "path"),
        ("{transport: replay}", "path"),
        ("{transport: telnet}", "transport"),
        ("{transport: probe}", "vantages"),
    ],
)
def test_a_way_must_be_complete(tmp_path: Path, via: str, said: str) -> None:
    text = WHOLE.replace("address: 10.0.1.1, via: {}", f"address: 10.0.1.1, via: {via}")
    assert any(said in found for _, found in mistakes(tmp_path, text))


@pytest.mark.parametrize("text", ["", "[]", "version: 1", "a: [", "\x00", "objects: {}", "systems: [1, 2]"])
def test_what_is_no_inventory_is_an_input_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        read(tmp_path, text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 40), junk=st.text(max_size=12))
def test_any_damage_is_an_input_error_or_an_inventory(
    tmp_path: Path, start: int, length: int, junk: str
) -> None:
    text = WHOLE[:start] + junk + WHOLE[start + length :]
    path = tmp_path / "inventory.yaml"
    path.write_bytes(text.encode("utf-8", "replace"))
    with suppress(InputError):
        load_inventory(path, KINDS, reference, ITEMS.__getitem__)


def test_the_schema_names_every_section() -> None:
    assert {"version", "systems", "zones", "vantages", "probes", "objects"} <= set(schema()["properties"])

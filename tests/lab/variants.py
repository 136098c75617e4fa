"""The lab's inventory, changed on purpose: other accounts, other ways, broken ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.lab.conftest import Lab

# The same limits as the lab's own way in: root of a host is not root of the machine.
LIMITS = ("setpriv", "--bounding-set", "-sys_time,-sys_module,-sys_rawio,-syslog", "--")


def read(lab: Lab) -> dict[str, Any]:
    """The lab's own inventory, without its vantages: what a login shows, nothing is probed."""
    found: dict[str, Any] = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    del found["vantages"], found["probes"]
    return found


def write(inventory: Mapping[str, Any], path: Path) -> Path:
    """Write a changed inventory to ``path`` and return it."""
    path.write_text(yaml.safe_dump(dict(inventory), allow_unicode=True), encoding="utf-8")
    return path


def by_id(inventory: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The entry of one object, to be changed."""
    return next(entry for entry in inventory["objects"] if entry["id"] == name)


def as_login(lab: Lab, user: str) -> dict[str, Any]:
    """Every host over SSH as another account of the lab."""
    inventory = read(lab)
    inventory["defaults"] |= {"user": user, "credential": f"key:{lab.state}/keys/{user}"}
    return inventory


def as_root_inside(lab: Lab) -> dict[str, Any]:
    """Every host as its root, through its namespaces, without any login."""
    inventory = read(lab)
    for entry in _logged_in_to(inventory):
        enter = ["nsenter", "-t", str(lab.init_pid(entry["id"])), "-m", "-u", "-i", "-n", "-p", "-C", "-r"]
        entry["via"] = {"transport": "command", "prefix": [*enter, "-w", "--", *LIMITS]}
    return inventory


def only(inventory: dict[str, Any], *names: str) -> dict[str, Any]:
    """Only some of the objects."""
    return inventory | {
        "objects": [by_id(inventory, name) for name in names],
        **{
            part: [entry for entry in inventory[part] if entry["object"] in names]
            for part in ("tunnels", "boundaries")
        },
    }


def _logged_in_to(inventory: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in inventory["objects"] if "via" in entry]

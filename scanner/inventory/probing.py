"""Which objects probes are sent to, and from where."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.model import Budget, Limits, Reach, TransportKind, Vantage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.inventory.file import InventoryFile, ObjectEntry
    from scanner.inventory.zoning import ZoneEntry

WIRE = "wire"
"""Platform of everything that is seen by probes."""


class Spared(StrEnum):
    """Why no probe is sent to an object though there are vantages."""

    DECLARED = "declared"  # probe: false
    INDUSTRIAL = "industrial"  # an industrial zone, and nobody asked for probes
    NO_ADDRESS = "no-address"  # it is on the network, but under no numeric address that stands here


@dataclass(frozen=True, slots=True)
class Probing:
    """Ways of all wire looks, and the objects that are left alone."""

    vantages: tuple[Vantage, ...]  # that probes are sent from
    reaches: tuple[Reach, ...]
    spared: tuple[tuple[str, Spared], ...]  # object ids; none where there is no vantage


def target(address: str) -> str:
    """The address as probes may be sent to it; "" where they may not.

    Only one host's numeric address will do: a name may mean another host tomorrow, a scope names an
    interface of ours.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.is_unspecified or parsed.is_multicast or "%" in address or address == "255.255.255.255":
        return ""
    return str(parsed)


def probing(file: InventoryFile) -> Probing:
    """Ways of the wire looks: every object once from every chosen vantage."""
    chosen = file.probes.vantages
    vantages = tuple(
        Vantage(v.name, v.zone or "", v.access_point, tuple(v.prefix))
        for v in file.vantages
        if chosen is None or v.name in chosen
    )
    if not vantages:
        return Probing((), (), ())
    spared: list[tuple[str, Spared]] = []
    probed: list[tuple[str, str]] = []
    addresses = {entry.id: entry.address for entry in file.objects}
    for entry in file.objects:
        if entry.parent and entry.address in {"", addresses.get(entry.parent)}:
            continue  # it is looked at with its parent
        if not entry.address and entry.via is None:
            continue  # a paper, or a place
        why = _spared(entry, file.zones)
        if why is None:
            probed.append((entry.id, target(entry.address)))
        else:
            spared.append((entry.id, why))
    b = file.probes.budget
    budget = Budget(b.packets_per_second, b.packets, b.connections, b.seconds)
    limits = Limits(seconds=budget.seconds)
    ports = tuple(_first_and_last(text) for text in file.probes.ports)
    reaches = tuple(
        Reach(
            object=f"{name}@{vantage.name}",
            platform=WIRE,
            transport=TransportKind.PROBE,
            vantage=vantage.name,
            prefix=vantage.prefix,
            address=address,
            budget=budget,
            ports=ports,
            limits=limits,
        )
        for vantage in vantages
        for name, address in probed
    )
    return Probing(vantages, reaches, tuple(spared))


def _first_and_last(ports: str) -> tuple[int, int]:
    first, _, last = ports.partition("-")
    return int(first), int(last or first)


def _spared(entry: ObjectEntry, zones: Iterable[ZoneEntry]) -> Spared | None:
    if entry.probe is False:
        return Spared.DECLARED
    address = target(entry.address)
    if not address:
        return Spared.NO_ADDRESS
    if entry.probe is None and any(_in_zone(entry, address, z) for z in zones if z.industrial):
        return Spared.INDUSTRIAL
    return None


def _in_zone(entry: ObjectEntry, address: str, zone: ZoneEntry) -> bool:
    """By name or by address: a network that is called industrial is left alone whatever else is written."""
    own = ipaddress.ip_address(address)
    return entry.zone == zone.name or any(own in ipaddress.ip_network(text) for text in zone.networks)

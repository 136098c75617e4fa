"""The inventory as values: systems, zones, objects, ways to them, register of tunnels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scanner.inventory.file import (
    VERSION,
    Defaults,
    InventoryFile,
    ObjectEntry,
    ScanEntry,
    SystemEntry,
    Way,
)
from scanner.inventory.probing import Spared, probing
from scanner.inventory.zoning import zoning_of
from scanner.model import (
    ApprovedTunnel,
    AssessmentObject,
    GivenScan,
    Grade,
    Hop,
    Limits,
    Look,
    Reach,
    Scope,
    System,
    TransportKind,
    Vantage,
    Zone,
    Zoning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


SCANS = "vulnscan"
"""Platform of results of vulnerability scanners."""

LARGEST_SCAN = 32 * 1024 * 1024
"""Bytes of one file of results; a larger one is split by who made it."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The inventory as values.

    ``reaches`` holds one way for every look of this run: at objects themselves, then at what each object
    shows on the wire from each vantage (``web1@inside``). ``spared`` names objects that no probe goes to.
    """

    systems: tuple[System, ...]
    zoning: Zoning
    objects: tuple[AssessmentObject, ...]
    reaches: tuple[Reach, ...]
    register: tuple[ApprovedTunnel, ...]
    normalised: dict[str, Any]
    """The file's content with defaults filled in: what the run file keeps."""
    vantages: tuple[Vantage, ...] = ()
    spared: tuple[tuple[str, Spared], ...] = ()
    scans: tuple[GivenScan, ...] = ()

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Zones in the order of the file."""
        return self.zoning.zones

    @property
    def looks(self) -> tuple[Look, ...]:
        """Looks at the wire."""
        return tuple(
            Look(r.object, r.object.removesuffix(f"@{r.vantage}"), r.vantage)
            for r in self.reaches
            if r.transport is TransportKind.PROBE
        )


def read_normalised(data: object) -> Inventory:
    """Rebuild the inventory that a run file keeps."""
    return inventory_of(InventoryFile.model_validate(data))


def inventory_of(file: InventoryFile) -> Inventory:
    """Turn a checked file into values."""
    objects = tuple(o for entry in file.objects for o in _objects(entry, file.defaults))
    entries = {entry.id: entry for entry in file.objects}
    wire = probing(file)
    own = tuple(_reach(e, entries, file.defaults) for e in file.objects if e.via is not None)
    return Inventory(
        systems=tuple(_system(entry) for entry in file.systems),
        zoning=zoning_of(file.zones, file.boundaries, file.policy),
        objects=objects,
        reaches=(*own, *wire.reaches, *map(_given, file.scans)),
        register=tuple(
            ApprovedTunnel(t.object, t.family, t.name, t.remote, t.approval, t.expires) for t in file.tunnels
        ),
        normalised=file.model_dump(mode="json", exclude_none=True, by_alias=True),
        vantages=wire.vantages,
        spared=wire.spared,
        scans=tuple(GivenScan(s.name, _look(s), s.object or "") for s in file.scans),
    )


def single_object(via: Way, address: str, grade: str, name: str) -> Inventory:
    """Inventory of one operating system without a file: ``scan localhost``, ``scan ssh://user@host``."""
    return inventory_of(
        InventoryFile(
            version=VERSION,
            systems=[SystemEntry(name="unnamed", grade=grade)],
            objects=[
                ObjectEntry(id=name, kind="operating_system", systems=["unnamed"], address=address, via=via)
            ],
        )
    )


def operating_systems(ways: Mapping[str, Way], grade: str) -> Inventory:
    """Inventory of several operating systems by name, without a file: ``import``."""
    objects = [
        ObjectEntry(id=name, kind="operating_system", systems=["unnamed"], via=way)
        for name, way in ways.items()
    ]
    system = SystemEntry(name="unnamed", grade=grade)
    return inventory_of(InventoryFile(version=VERSION, systems=[system], objects=objects))


def schema() -> dict[str, Any]:
    """JSON Schema of the inventory file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **InventoryFile.model_json_schema()}


def _system(entry: SystemEntry) -> System:
    return System(
        entry.name,
        entry.title or entry.name,
        Grade.parse(entry.grade),
        entry.absent,
        tuple(scope for scope in Scope if scope in entry.uses),
        entry.not_applicable,
    )


def _objects(entry: ObjectEntry, defaults: Defaults) -> Iterator[AssessmentObject]:
    """An asset and one child a further role: a boundary item is judged on the boundary, not on the server."""
    systems, zone = tuple(entry.systems), entry.zone or ""
    platform = "" if entry.parent and entry.via is None else entry.platform or defaults.platform
    asset = AssessmentObject(
        entry.id, entry.kind, platform, zone, entry.address, systems, entry.parent or "", entry.sample
    )
    yield asset
    for role in entry.roles:
        yield replace(asset, id=f"{entry.id}/{role}", kind=role, platform="", parent=entry.id)


def _reach(entry: ObjectEntry, entries: dict[str, ObjectEntry], defaults: Defaults) -> Reach:
    way = _way(entry, defaults)
    jumps = [entries[name] for name in way.jump or []]
    limits = entry.limits or defaults.limits
    kind = way.transport or TransportKind.SSH
    return Reach(
        object=entry.id,
        platform=entry.platform or defaults.platform,
        transport=kind,
        vantage=way.vantage or "local",
        hops=tuple(_hop(e, defaults) for e in [*jumps, entry]) if kind is TransportKind.SSH else (),
        known_hosts=tuple(way.known_hosts or ("~/.ssh/known_hosts",)),
        accept_new=bool(way.accept_new),
        prefix=tuple(way.prefix or ()),
        path=way.path or "",
        limits=Limits(limits.seconds, limits.connect_seconds, limits.max_bytes),
    )


def _look(scan: ScanEntry) -> str:
    """Name in a run; no object can be called so."""
    return f"scan:{scan.name}"


def _given(scan: ScanEntry) -> Reach:
    return Reach(
        object=_look(scan),
        platform=SCANS,
        transport=TransportKind.GIVEN,
        path=scan.path,
        limits=Limits(max_bytes=LARGEST_SCAN),
    )


def _way(entry: ObjectEntry, defaults: Defaults) -> Way:
    own = entry.via.model_dump(exclude_none=True) if entry.via is not None else {}
    shared = {k: v for k, v in defaults.model_dump(exclude_none=True).items() if k in Way.model_fields}
    return Way.model_validate({**shared, **own})


def _hop(entry: ObjectEntry, defaults: Defaults) -> Hop:
    way = _way(entry, defaults)
    return Hop(
        address=entry.address,
        port=way.port or 22,
        user=way.user or "",
        credentials=tuple(way.credential or ("agent:",)),
        host_key_alias=way.host_key_alias or "",
    )

"""Facts that follow from several objects' facts and the inventory; what is missing makes them unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.derive import collectors, tunnels, vulnerabilities, wire
from scanner.derive.boundary_rules import boundary_rules
from scanner.derive.children import Placed, placed
from scanner.derive.contradictions import contradictions
from scanner.derive.exposure import exposure
from scanner.derive.filter_proof import filter_proof
from scanner.derive.log_copies import log_copies
from scanner.derive.origin import INVENTORY, declared
from scanner.derive.password_copies import password_copies, password_places
from scanner.derive.service_logs import service_logs
from scanner.derive.silent_ports import silent_ports
from scanner.derive.tunnel_ways import tunnel_ways
from scanner.derive.zones import zones
from scanner.facts import (
    Accounts,
    BoundaryRules,
    Contradictions,
    Exposure,
    FactSheet,
    JudgedAt,
    LogCopies,
    LogSources,
    ObjectRole,
    PacketFilter,
    PasswordCopies,
    ProvenFilter,
    ServiceAudit,
    ServiceLogs,
    ServiceOfSystem,
    ServiceUser,
    SilentPorts,
    SystemRecords,
    TunnelRegister,
    Tunnels,
    TunnelWays,
    VpnEndpoints,
    Vulnerabilities,
    WireTunnels,
    ZoneCrossings,
    ZoneMatrix,
)
from scanner.model import Gap, GapReason, Zoning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scanner.derive.zones import Zones
    from scanner.facts import Fact
    from scanner.model import ApprovedTunnel, AssessmentObject, GivenScan, Look, System, Vantage

__all__ = ["INVENTORY", "derive"]

BOUNDARY = "boundary_device"
TOPOLOGY = "network_topology"

_NO_ZONES = Zoning()


def derive(
    sheets: Mapping[str, FactSheet],
    objects: Iterable[AssessmentObject],
    systems: Iterable[System],
    register: Iterable[ApprovedTunnel],
    at: datetime,
    looks: Iterable[Look] = (),
    vantages: Iterable[Vantage] = (),
    scans: Iterable[GivenScan] = (),
    *,
    zoning: Zoning = _NO_ZONES,
) -> dict[str, FactSheet]:
    """Add what is derived to the sheets.

    Every object gets its ``ObjectRole`` and the time that it is judged for; every log system its
    ``LogSources``, every operating system its ``LogCopies``; every operating system, every other object
    that was looked at and every boundary its ``TunnelRegister``: a tunnel of some host says nothing of a
    boundary that was not seen. A boundary gets its ``BoundaryRules`` and ``ZoneCrossings``, every system,
    under its name, and every topology the ``ZoneMatrix``. A log system that several of the systems share is
    asked about all their hosts.
    A service that runs on a host and is one of the objects gets what was found of it.
    An object that was looked at on the wire gets what all vantages saw of it together, and what follows
    from that beside the host's own words.

    Args:
        sheets: what was read, by object id and by name of a look at the wire.
        objects: of the whole inventory, children too.
        systems: that are judged.
        register: approved tunnels.
        at: the time for which approvals must hold (with a time zone).
        looks: at the wire.
        vantages: of the looks.
        scans: results of vulnerability scanners.
        zoning: zones, what stands between them, and what shall pass.
    """
    everything = tuple(objects)
    hashes = password_places(sheets)
    approved = tuple(entry for entry in register if entry.holds(at))
    services = {
        instance.object.id: {**instance.entries, **_of_records(instance, everything, sheets)}
        for instance in placed(everything, sheets)
    }
    machines = {o.id: o.parent or o.id for o in everything}
    added: dict[str, dict[type[Fact], Fact | Gap]] = {o.id: services.get(o.id, {}) for o in everything}
    for o in everything:
        added[o.id][ObjectRole] = ObjectRole((declared(o),), o.kind)
        added[o.id][JudgedAt] = JudgedAt((declared(o),), at)
        added[o.id] |= _of_logs(o, everything, sheets, services)
        if o.id in sheets and Accounts in sheets[o.id].entries:
            added[o.id][PasswordCopies] = password_copies(o.id, sheets, hashes)
        if o.id in sheets and PacketFilter in sheets[o.id].entries:
            added[o.id][ProvenFilter] = filter_proof(sheets[o.id])
        looked_at = o.id in sheets or o.parent in sheets
        if (o.platform and looked_at) or o.kind in {collectors.SOURCE, BOUNDARY}:
            added[o.id][TunnelRegister] = _tunnels(
                o, sheets, (e for e in approved if machines.get(e.object, e.object) == machines[o.id])
            )
    told = zones(zoning, everything, sheets)
    for name, entries in _between_zones(everything, sheets, told, systems).items():
        added.setdefault(name, {}).update(entries)
    seen_from = {vantage.name: vantage for vantage in vantages}
    on_wire: dict[str, list[tuple[Vantage, FactSheet]]] = {}
    for look in looks:
        on_wire.setdefault(look.object, []).append((seen_from[look.vantage], sheets[look.name]))
    for o in everything:
        if o.id in on_wire:
            own = tuple(e for e in approved if machines.get(e.object, e.object) == machines[o.id])
            host = sheets.get(o.id)
            host = None if host is None else _joined(o.id, host, added[o.id])
            added[o.id] |= _on_the_wire(o, on_wire[o.id], host, own, told)
    for o, found in vulnerabilities.by_object(everything, scans, sheets):
        added[o.id][Vulnerabilities] = found
    names = dict.fromkeys([*sheets, *added])
    return {name: _joined(name, sheets.get(name), added.get(name, {})) for name in names}


def _between_zones(
    everything: tuple[AssessmentObject, ...],
    sheets: Mapping[str, FactSheet],
    told: Zones | None,
    systems: Iterable[System],
) -> dict[str, dict[type[Fact], Fact | Gap]]:
    """What passes between zones, for boundaries, topologies and systems, and for hosts with tunnels."""
    found: dict[str, dict[type[Fact], Fact | Gap]] = {}
    for o in everything:
        machine = o.parent or o.id
        if o.kind == BOUNDARY and machine in sheets:
            found[o.id] = {BoundaryRules: boundary_rules(sheets[machine])}
            if told is not None:
                found[o.id][ZoneCrossings] = told.crossings.get(machine) or _NO_GATE
        tunnels_ = sheets[o.id].get(Tunnels) if o.id in sheets else None
        if isinstance(tunnels_, Tunnels) and told is not None:
            ways = tunnel_ways(o, tunnels_, sheets[o.id], told.telling)
            if ways is not None:
                found.setdefault(o.id, {})[TunnelWays] = ways
        if o.kind == TOPOLOGY and told is not None:
            found[o.id] = {ZoneMatrix: told.matrix}
    if told is not None:
        found |= {system.name: {ZoneMatrix: told.matrix} for system in systems}
    return found


_NO_GATE = Gap(
    GapReason.NOT_COLLECTED,
    detail="it joins no two zones, or sends on nothing: name its zones under boundaries: of the inventory",
)


def _of_records(
    instance: Placed, everything: tuple[AssessmentObject, ...], sheets: Mapping[str, FactSheet]
) -> dict[type[Fact], Fact | Gap]:
    """What becomes of the records of a service that was found; nothing where nothing tells of any."""
    audit, user = instance.entries.get(ServiceAudit), instance.entries.get(ServiceUser)
    host = next(o for o in everything if o.id == instance.object.parent)
    if not isinstance(audit, ServiceAudit):
        return {} if audit is None else {ServiceLogs: audit}
    name = user.user if isinstance(user, ServiceUser) else ""
    found = service_logs(host, audit, name, everything, sheets)
    return {} if found is None else {ServiceLogs: found}


def _of_system(
    collector: AssessmentObject,
    everything: tuple[AssessmentObject, ...],
    services: Mapping[str, Mapping[type[Fact], Fact | Gap]],
) -> SystemRecords:
    """What becomes of the records of all services of the collector's systems."""
    own = [o for o in everything if set(o.systems) & set(collector.systems)]
    logs = {o.id: services[o.id].get(ServiceLogs) for o in own if o.id in services}
    told = (
        ServiceOfSystem(name, found)
        for name, found in sorted(logs.items())
        if isinstance(found, ServiceLogs | Gap)
    )
    return SystemRecords((declared(collector),), tuple(told))


def _of_logs(
    o: AssessmentObject,
    everything: tuple[AssessmentObject, ...],
    sheets: Mapping[str, FactSheet],
    services: Mapping[str, Mapping[type[Fact], Fact | Gap]],
) -> dict[type[Fact], Fact | Gap]:
    """What follows for either end of a chain of logs."""
    if o.kind == collectors.COLLECTOR:
        return {
            LogSources: collectors.log_sources(o, everything, sheets),
            SystemRecords: _of_system(o, everything, services),
        }
    return {LogCopies: log_copies(o, everything, sheets)} if o.kind == collectors.SOURCE else {}


def _tunnels(
    o: AssessmentObject, sheets: Mapping[str, FactSheet], approved: Iterable[ApprovedTunnel]
) -> TunnelRegister | Gap:
    """Compare with the machine's approvals on the object's own evidence, else its parent's."""
    sheet = sheets.get(o.id) or sheets.get(o.parent) or FactSheet(o.id, {})
    found = sheet.get(Tunnels)
    if isinstance(found, Gap):
        return found
    return tunnels.of_object(o.id, found, approved)


def _on_the_wire(
    o: AssessmentObject,
    looks: Sequence[tuple[Vantage, FactSheet]],
    host: FactSheet | None,
    approved: Iterable[ApprovedTunnel],
    told: Zones | None,
) -> dict[type[Fact], Fact | Gap]:
    """Everything that follows from the looks at one object; nothing contradicts a host that was not asked."""
    external = [] if told is None else [z.name for z in told.telling.zoning.zones if z.external]
    together = FactSheet(o.id, wire.merged([sheet for _, sheet in looks]))
    answers = together.get(VpnEndpoints)
    found: dict[type[Fact], Fact | Gap] = {
        **together.entries,
        Exposure: exposure(o.id, looks, external),
        WireTunnels: answers if isinstance(answers, Gap) else tunnels.on_the_wire(answers, approved),
    }
    if host is not None:
        found[Contradictions] = contradictions(host, together)
        found[SilentPorts] = silent_ports(o, host, looks, None if told is None else told.telling)
    return found


def _joined(name: str, sheet: FactSheet | None, added: Mapping[type[Fact], Fact | Gap]) -> FactSheet:
    return FactSheet(name, {**(sheet.entries if sheet else {}), **added})

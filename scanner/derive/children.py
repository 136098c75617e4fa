"""Services that run on a host as assessment objects of their own: one child an instance.

A child is called ``HOST/PRODUCT@PORT`` by its lowest port, ``HOST/PRODUCT`` where no port is known, and
``HOST/KEEPER:ID/PRODUCT@PORT`` in a container. An object of the inventory with that id is that instance and
takes the evidence. So does, where the look had no right to see the ports, the only one of that product with a
port; and the only one of this parent and kind where only one instance of the kind was found. Every other
instance becomes an object that nobody declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts import (
    SETTINGS,
    FactSheet,
    ServiceAudit,
    ServiceAuthentication,
    ServiceEncryption,
    ServiceProcesses,
    ServiceUser,
)
from scanner.model import AssessmentObject, Gap, GapReason, Notice, Place, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scanner.facts import Fact, ServiceProcess
    from scanner.model import System

SEPARATOR = "/"
"""Between a parent's id and what stands on it."""

PORT = "@"
"""Before the port that tells an instance from others of its product."""

OF_SETTINGS: Mapping[str, tuple[type[Fact], ...]] = {
    "database": (ServiceAuthentication, ServiceEncryption, ServiceAudit),
    "middleware": (ServiceAudit,),  # who may see a page, and how, is a matter of each page
}
"""What the settings of an instance tell, by kind; not seen where the settings were not."""

_UNDECLARED = Text(
    zh="{object} 正在运行但未列入清单；作为 {parent} 的下级测评对象一并判定",
    en="{object} runs, but the inventory does not list it: it is judged as an object on {parent}",
)
_PLACE = Place("inventory", 0)


@dataclass(frozen=True, slots=True)
class Placed:
    """One instance, the object that it is, and what was found of it."""

    object: AssessmentObject
    entries: Mapping[type[Fact], Fact | Gap]


def placed(objects: Iterable[AssessmentObject], sheets: Mapping[str, FactSheet]) -> Iterator[Placed]:
    """Every instance that runs on a host of ``objects``, as the object that it is."""
    everything = tuple(objects)
    for host in everything:
        found = sheets[host.id].get(ServiceProcesses) if host.platform and host.id in sheets else None
        if isinstance(found, ServiceProcesses):
            names = _names(host, found.processes)
            for process, name in zip(found.processes, names, strict=True):
                own = [o for o in everything if o.parent == host.id and o.kind == process.kind]
                child = _declared(process, name, found.processes, [o for o in own if not o.platform])
                child = child or _undeclared(host, process, name)
                yield Placed(child, _entries(process, sheets[host.id]))


def with_services(
    objects: Sequence[AssessmentObject], sheets: Mapping[str, FactSheet]
) -> tuple[AssessmentObject, ...]:
    """The objects, and those found on their hosts that nobody declared, at the end."""
    known = {o.id for o in objects}
    return (*objects, *(p.object for p in placed(objects, sheets) if p.object.id not in known))


def undeclared(
    system: System, declared: Iterable[AssessmentObject], all_: Iterable[AssessmentObject]
) -> tuple[Notice, ...]:
    """Say of each object of a system that was found and not declared that it was."""
    known = {o.id for o in declared}
    return tuple(
        Notice(_UNDECLARED.format(object=o.id, parent=o.parent), _PLACE)
        for o in all_
        if o.id not in known and system.name in o.systems
    )


def _names(host: AssessmentObject, processes: Sequence[ServiceProcess]) -> tuple[str, ...]:
    """Ids of instances; those of one product at one port are told apart by address, else by their order."""
    plain = [_name(p) for p in processes]
    full = [
        _name(p, p.addresses[0] if p.addresses and plain.count(name) > 1 else "")
        for p, name in zip(processes, plain, strict=True)
    ]
    told: list[str] = []
    for i, name in enumerate(full):
        before = full[:i].count(name)
        told.append(f"{host.id}{SEPARATOR}{name}" + (f"#{before + 1}" if before else ""))
    return tuple(told)


def _name(process: ServiceProcess, address: str = "") -> str:
    inside = f"{process.container}{SEPARATOR}" if process.container else ""
    if not process.ports:
        return inside + process.product
    return f"{inside}{process.product}{PORT}{address + ':' if address else ''}{process.ports[0]}"


def _declared(
    process: ServiceProcess,
    name: str,
    processes: Sequence[ServiceProcess],
    children: Sequence[AssessmentObject],
) -> AssessmentObject | None:
    """The object of the inventory that an instance is; None: none for certain."""
    named = [o for o in children if o.id == name]
    if not named and not process.ports and not process.sockets_seen:
        alike = [p for p in processes if (p.product, p.container) == (process.product, process.container)]
        ported = [o for o in children if o.id.startswith(name + PORT)]
        named = ported if len(alike) == len(ported) == 1 else []
    alone = sum(p.kind == process.kind for p in processes) == len(children) == 1
    return next(iter(named or (children if alone else ())), None)


def _undeclared(host: AssessmentObject, process: ServiceProcess, name: str) -> AssessmentObject:
    return AssessmentObject(name, process.kind, "", host.zone, "", host.systems, host.id)


def _entries(process: ServiceProcess, sheet: FactSheet) -> dict[type[Fact], Fact | Gap]:
    entries: dict[type[Fact], Fact | Gap] = {ServiceUser: process.user}
    return entries | dict.fromkeys(OF_SETTINGS[process.kind], _unread(process)) | _told(process, sheet)


def _told(process: ServiceProcess, sheet: FactSheet) -> dict[type[Fact], Fact | Gap]:
    """What the product's settings tell of the instance, or why they do not."""
    if process.container or not process.root_seen or process.product not in SETTINGS:
        return {}
    settings = sheet.get(SETTINGS[process.product])
    if isinstance(settings, Gap):
        return dict.fromkeys(OF_SETTINGS[process.kind], settings)
    instance = next((i for i in settings.instances if i.pid == process.pid), None)
    if instance is not None and instance.gap is not None:
        return dict.fromkeys(OF_SETTINGS[process.kind], instance.gap)
    return {type(aspect): aspect for aspect in instance.aspects} if instance else {}


def _unread(process: ServiceProcess) -> Gap:
    if process.container:
        detail = f"{process.product} runs in the container {process.container}, whose files were not read"
    elif not process.root_seen:
        detail = f"whether {process.product} reads this host's files, or those of a container, was not seen"
    else:
        detail = f"the settings of this instance of {process.product} are not read"
    return Gap(GapReason.NOT_COLLECTED, detail=detail)

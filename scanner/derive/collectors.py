"""Which operating systems send their records to a log collector, from both ends' facts."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from scanner.derive.origin import declared
from scanner.facts import FactSheet, HostIdentity, LogForwarding, LogSource, LogSources
from scanner.model import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model import AssessmentObject

COLLECTOR = "log_system"
SOURCE = "operating_system"


def log_sources(
    collector: AssessmentObject, objects: Iterable[AssessmentObject], sheets: Mapping[str, FactSheet]
) -> LogSources:
    """Say of every operating system of the collector's systems whether it sends to the collector.

    The machine that the collector runs on keeps its own records, which counts as sending.
    """
    everything = tuple(objects)
    machine = next((o for o in everything if o.id == collector.parent), collector)
    names = _names(collector, machine, sheets)
    of_system = [
        o
        for o in everything
        if o.kind == SOURCE and set(o.systems) & set(collector.systems) and o.parent != machine.id
    ]
    sources = tuple(
        LogSource(o.id, True, (declared(collector),)) if o.id == machine.id else _source(o, names, sheets)
        for o in sorted(of_system, key=lambda o: o.id)
    )
    return LogSources((declared(collector),), collector.id, sources)


def _names(
    collector: AssessmentObject, machine: AssessmentObject, sheets: Mapping[str, FactSheet]
) -> frozenset[str]:
    """Addresses and names by which others call the collector."""
    names = {collector.address, machine.address, collector.id, machine.id}
    identity = _sheet(machine, sheets).get(HostIdentity)
    if isinstance(identity, HostIdentity):
        names.add(identity.hostname)
    return frozenset(_plain(name) for name in names if name)


def _sheet(o: AssessmentObject, sheets: Mapping[str, FactSheet]) -> FactSheet:
    return sheets.get(o.id) or sheets.get(o.parent) or FactSheet(o.id, {})


def _plain(host: str) -> str:
    """One spelling of an address or name."""
    text = host.strip().strip("[]").lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def _source(o: AssessmentObject, collector: frozenset[str], sheets: Mapping[str, FactSheet]) -> LogSource:
    """Whether one host sends to the collector.

    It surely does not where nothing leaves it, or what goes to the collector holds no logins. A target
    that is not known as the collector may be another of its addresses, or a relay: not seen.
    """
    forwarding = _sheet(o, sheets).get(LogForwarding)
    if isinstance(forwarding, Gap):
        return LogSource(o.id, None, ())
    away = [t for t in forwarding.targets if t.off_host and t.sends_logins is not False]
    if not away or not forwarding.running:
        return LogSource(o.id, False, (*forwarding.seen, *(t.at for t in forwarding.targets)))
    here = [t for t in away if _plain(t.host) in collector and t.sends_logins]
    cited = tuple(t.at for t in here or away)
    return LogSource(o.id, bool(here) or None, cited)

"""Which operating systems send their records to a log collector, from both ends' facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.derive.log_copies import log_copy
from scanner.derive.naming import names_of, plain, sheet_of
from scanner.derive.origin import declared
from scanner.facts import LogForwarding, LogSource, LogSources
from scanner.model import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.facts import FactSheet
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
    names = names_of(collector, machine, sheets)
    of_system = [
        o
        for o in everything
        if o.kind == SOURCE and set(o.systems) & set(collector.systems) and o.parent != machine.id
    ]
    sources = tuple(
        LogSource(o.id, True, (declared(collector),))
        if o.id == machine.id
        else _source(o, names, everything, sheets)
        for o in sorted(of_system, key=lambda o: o.id)
    )
    return LogSources((declared(collector),), collector.id, sources)


def _source(
    o: AssessmentObject,
    collector: frozenset[str],
    objects: tuple[AssessmentObject, ...],
    sheets: Mapping[str, FactSheet],
) -> LogSource:
    """Whether one host sends to the collector.

    It surely does not where nothing leaves it, what goes to the collector holds no logins, or what it sends
    there surely does not come to rest. A target that is not known as the collector may be another of its
    addresses, or a relay: not seen; and so may go whatever an agent sends that was not understood.
    """
    forwarding = sheet_of(o, sheets).get(LogForwarding)
    if isinstance(forwarding, Gap):
        return LogSource(o.id, None, ())
    found = _told(o, forwarding, collector, objects, sheets)
    if found.sends is False and forwarding.unread:
        return LogSource(o.id, None, (*(agent.at for agent in forwarding.unread), *found.citations))
    return found


def _told(
    o: AssessmentObject,
    forwarding: LogForwarding,
    collector: frozenset[str],
    objects: tuple[AssessmentObject, ...],
    sheets: Mapping[str, FactSheet],
) -> LogSource:
    away = [t for t in forwarding.targets if t.off_host and t.sends_logins is not False]
    if not away or not forwarding.running:
        return LogSource(o.id, False, (*forwarding.seen, *(t.at for t in forwarding.targets)))
    here = [t for t in away if plain(t.host) in collector and t.sends_logins]
    copies = [log_copy(o, forwarding, t, objects, sheets) for t in here]
    lost = all(copy.arrives is False for copy in copies)
    if here and lost:  # another target may be the collector under a name that nobody knows
        surely = len(here) == len(away)
        return LogSource(o.id, False if surely else None, tuple(c for copy in copies for c in copy.citations))
    cited = tuple(t.at for t in here or away)
    return LogSource(o.id, bool(here) or None, cited)

"""Which objects a vulnerability scan names: by the same address or the same name, and never by a guess."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from scanner.facts import HostScan, Vulnerabilities, VulnerabilityScan
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scanner.facts import FactSheet, ScannedHost
    from scanner.model import AssessmentObject, GivenScan


def by_object(
    objects: Sequence[AssessmentObject], scans: Iterable[GivenScan], sheets: Mapping[str, FactSheet]
) -> Iterator[tuple[AssessmentObject, Vulnerabilities | Gap]]:
    """Yield the objects that scans bear on, each with what they found on it.

    Two objects that one scanned host could be get a gap instead. So does every object that was looked at
    and that no scan names, where a scan could not be read: it may name the object.
    """
    found: dict[str, list[HostScan]] = {}
    doubts: dict[str, Gap] = {}
    unread: list[Gap] = []
    machines = [o for o in objects if not o.parent]
    for given in scans:
        scan = sheets[given.look].get(VulnerabilityScan) if given.look in sheets else None
        if isinstance(scan, Gap):
            unread.append(scan)
        elif scan is not None:
            for host in scan.hosts:
                matched = [o.id for o in machines if _is(o, host, given)]
                if len(matched) == 1:
                    found.setdefault(matched[0], []).append(HostScan(given.name, scan.scanner, host))
                else:
                    doubts |= dict.fromkeys(matched, _ambiguous(given, matched))
    for o in machines:
        if o.id in doubts:
            yield o, doubts[o.id]
        elif o.id in found:
            newest = _newest(found[o.id])
            yield o, Vulnerabilities(tuple(scan.host.at for scan in newest), newest)
        elif unread and o.platform:
            yield o, unread[0]


def _is(o: AssessmentObject, host: ScannedHost, given: GivenScan) -> bool:
    """Whether the scanned host is the object."""
    if not host.names:
        return o.id == given.object
    return bool({o.id.lower(), _address(o.address)} & set(host.names))


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text.lower()


def _ambiguous(given: GivenScan, matched: Sequence[str]) -> Gap:
    detail = f"scan {given.name}: one of its hosts could be any of {', '.join(matched)}"
    return Gap(GapReason.UNPARSABLE, subject=given.name, detail=detail)


def _newest(scans: Sequence[HostScan]) -> tuple[HostScan, ...]:
    """Of every scanner the scan that ended last on the host: an earlier one is history."""
    last: dict[str, HostScan] = {}
    for scan in scans:
        known = last.get(scan.scanner)
        if known is None or known.host.ended < scan.host.ended:
            last[scan.scanner] = scan
    names = {(scan.scanner, scan.name) for scan in last.values()}
    return tuple(scan for scan in scans if (scan.scanner, scan.name) in names)

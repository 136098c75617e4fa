"""Vuls: its JSON of one host."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.platforms.vulnscan.places import lines_of
from collectors.platforms.vulnscan.refused import RefusedError, field, names_of, optional, shown
from scanner.facts.vulnerability import Hole, HoleSeverity, ScannedHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document

NAME, MARK = "Vuls", "jsonVersion"
_VERSION = 4
_HIGH, _CRITICAL = 7.0, 9.0
_NANOSECONDS = re.compile(r"(\.\d{1,6})\d*")


def hosts(results: dict[str, Any], document: Document) -> Iterator[ScannedHost]:
    """Yield the one host.

    Raises:
        RefusedError: another format, a container, no time, or what is not understood.
    """
    if field(results, MARK, int, "the file") != _VERSION:
        raise RefusedError(f"{MARK} is not {_VERSION}")
    if optional(optional(results, "container", dict, "the file"), "containerID", str, "container"):
        raise RefusedError("the results are of a container, not of a host")
    addresses = optional(results, "ipv4Addrs", list, "the file")
    named = names_of(field(results, "serverName", str, "the file"), *map(str, addresses))
    lines = lines_of(document)
    found = field(results, "scannedCves", dict, "the file")
    holes = tuple(h for name, entry in found.items() for h in _hole(name, entry, document, lines))
    yield ScannedHost(named, _moment(results), holes, document.whole)


def _moment(results: dict[str, Any]) -> datetime:
    written = field(results, "scannedAt", str, "the file")
    try:
        moment = datetime.fromisoformat(_NANOSECONDS.sub(r"\1", written))
    except ValueError as error:
        raise RefusedError("scannedAt is no time") from error
    if moment.tzinfo is None:
        raise RefusedError("scannedAt has no time zone")
    return moment


def _hole(name: str, entry: Any, document: Document, lines: dict[str, int]) -> Iterator[Hole]:
    """Yield a hole whose highest score, version 3 of CVSS, is high; one without a score is passed over."""
    contents = optional(entry, "cveContents", dict, name[:40])
    score = max((s for source in contents.values() for s in _scores(source, name)), default=0.0)
    if score < _HIGH:
        return
    packages = optional(entry, "affectedPackages", list, name[:40])
    component = ", ".join(field(package, "name", str, name[:40]) for package in packages) or "-"
    level = HoleSeverity.CRITICAL if score >= _CRITICAL else HoleSeverity.HIGH
    yield Hole(shown(name), level, shown(component), document.cite(lines.get(name, 0)))


def _scores(source: Any, name: str) -> Iterator[float]:
    """Yield the scores that one source gives: newer versions list several contents, older ones have one."""
    for content in source if isinstance(source, list) else [source]:
        if not isinstance(content, dict):
            raise RefusedError(f"{shown(name)}: contents are not understood")
        score = content.get("cvss3Score", 0)
        if isinstance(score, bool) or not isinstance(score, (int, float)):
            raise RefusedError(f"{shown(name)}: a score that is no number")
        yield float(min(max(score, 0), 10))

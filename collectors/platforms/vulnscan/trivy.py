"""Trivy: its JSON of a host's file system. It names no host: the inventory says which object it is of."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.platforms.vulnscan.places import lines_of
from collectors.platforms.vulnscan.refused import RefusedError, field, optional, shown
from scanner.facts.vulnerability import Hole, HoleSeverity, ScannedHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document

NAME, MARK = "Trivy", "SchemaVersion"
_VERSION = 2
_HOST = frozenset({"filesystem", "vm"})
_SEVERITIES = {
    "UNKNOWN": None,
    "LOW": None,
    "MEDIUM": None,
    "HIGH": HoleSeverity.HIGH,
    "CRITICAL": HoleSeverity.CRITICAL,
}
_NANOSECONDS = re.compile(r"(\.\d{1,6})\d*")


def hosts(results: dict[str, Any], document: Document) -> Iterator[ScannedHost]:
    """Yield the one host, without a name.

    Raises:
        RefusedError: another format, an image and no host, no time, or what is not understood.
    """
    if field(results, MARK, int, "the file") != _VERSION:
        raise RefusedError(f"{MARK} is not {_VERSION}")
    kind = field(results, "ArtifactType", str, "the file")
    if kind not in _HOST:
        raise RefusedError(f"the results are of a {shown(kind)}, not of a host")
    lines = lines_of(document)
    holes = tuple(_holes(results, document, lines))
    yield ScannedHost((), _moment(results), holes, document.whole)


def _moment(results: dict[str, Any]) -> datetime:
    written = field(results, "CreatedAt", str, "the file")
    try:
        moment = datetime.fromisoformat(_NANOSECONDS.sub(r"\1", written))
    except ValueError as error:
        raise RefusedError("CreatedAt is no time") from error
    if moment.tzinfo is None:
        raise RefusedError("CreatedAt has no time zone")
    return moment


def _holes(results: dict[str, Any], document: Document, lines: dict[str, int]) -> Iterator[Hole]:
    for target in optional(results, "Results", list, "the file"):
        for entry in optional(target, "Vulnerabilities", list, "a target"):
            name = field(entry, "VulnerabilityID", str, "a vulnerability")
            written = field(entry, "Severity", str, name[:40])
            if written not in _SEVERITIES:
                raise RefusedError(f"{shown(name)}: no known severity: {shown(written)!r}")
            severity = _SEVERITIES[written]
            if severity is not None:
                package = field(entry, "PkgName", str, name[:40])
                component = f"{package} {optional(entry, 'InstalledVersion', str, name[:40])}"
                yield Hole(shown(name), severity, shown(component), document.cite(lines.get(name, 0)))

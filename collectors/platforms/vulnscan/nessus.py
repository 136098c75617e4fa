"""Nessus: its export, version 2 (``.nessus``)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.platforms.vulnscan.refused import RefusedError, names_of, shown
from scanner.facts.vulnerability import Hole, HoleSeverity, ScannedHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document
    from collectors.platforms.vulnscan.elements import Element

NAME, ROOT = "Nessus", "NessusClientData_v2"
WANTED = frozenset({"Report", "ReportHost", "HostProperties", "tag", "ReportItem", "cve"})
_NAMES = ("host-ip", "host-fqdn", "hostname", "netbios-name")
_SEVERITIES = {"0": None, "1": None, "2": None, "3": HoleSeverity.HIGH, "4": HoleSeverity.CRITICAL}


def hosts(root: Element, document: Document) -> Iterator[ScannedHost]:
    """Yield every host whose scan ended.

    Raises:
        RefusedError: no report, or a severity that is not understood.
    """
    if root.first("Report") is None:
        raise RefusedError("the export holds no report")
    for report in root.all("Report"):
        for host in report.all("ReportHost"):
            said = _properties(host)
            ended = _ended(said)
            if ended is not None:
                names = names_of(host.attributes.get("name", ""), *(said.get(name, "") for name in _NAMES))
                yield ScannedHost(names, ended, tuple(_holes(host, document)), document.cite(host.line))


def _properties(host: Element) -> dict[str, str]:
    return {
        tag.attributes.get("name", ""): tag.text
        for properties in host.all("HostProperties")
        for tag in properties.all("tag")
    }


def _ended(said: dict[str, str]) -> datetime | None:
    """When the scan of a host ended; newer versions tell it in seconds, older ones without a time zone."""
    seconds = said.get("HOST_END_TIMESTAMP", "")
    if re.fullmatch("[0-9]{1,11}", seconds):
        return datetime.fromtimestamp(int(seconds), UTC)
    try:
        return datetime.strptime(said.get("HOST_END", ""), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None


def _holes(host: Element, document: Document) -> Iterator[Hole]:
    for item in host.all("ReportItem"):
        own = item.attributes
        written = own.get("severity", "")
        if written not in _SEVERITIES:
            raise RefusedError(f"line {item.line}: no known severity: {shown(written)!r}")
        severity = _SEVERITIES[written]
        if severity is not None:
            plugin = f"plugin {own.get('pluginID', '')}"
            where = f"{own.get('pluginName', '')} ({own.get('protocol', '')}/{own.get('port', '')})"
            yield Hole(shown(item.say("cve") or plugin), severity, shown(where), document.cite(item.line))

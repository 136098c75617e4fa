"""GVM (OpenVAS): its report as XML. A hole counts from its usual quality of detection of 70 percent on."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

from collectors.platforms.vulnscan.refused import RefusedError, names_of, shown
from scanner.facts.vulnerability import Hole, HoleSeverity, ScannedHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document
    from collectors.platforms.vulnscan.elements import Element

NAME, ROOT = "GVM", "report"
WANTED = frozenset(
    "report results result host hostname nvt name refs ref severity qod value scan_end end ip port".split()
)
_HIGH, _CRITICAL, _SURE = 7.0, 9.0, 70.0


def hosts(root: Element, document: Document) -> Iterator[ScannedHost]:
    """Yield every host whose scan ended.

    Raises:
        RefusedError: no inner report, or a result without a number for severity or quality of detection.
    """
    report = root.first("report")
    if report is None:
        raise RefusedError("the report holds no results")
    found: dict[str, list[Element]] = {}
    for results in report.all("results"):
        for result in results.all("result"):
            found.setdefault(result.say("host"), []).append(result)
    for host in report.all("host"):
        ended = _moment(host.say("end") or report.say("scan_end"))
        own = found.get(host.say("ip"), [])
        if ended is not None:
            called = (place.say("hostname") for result in own for place in result.all("host"))
            holes = tuple(hole for result in own for hole in _hole(result, document))
            yield ScannedHost(names_of(host.say("ip"), *called), ended, holes, document.cite(host.line))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def _hole(result: Element, document: Document) -> Iterator[Hole]:
    """Yield the hole of a result, if it is high and sure enough."""
    severity = _number(result.say("severity"), result)
    quality = result.first("qod")
    sure = _SURE if quality is None else _number(quality.say("value"), result)
    if severity < _HIGH or sure < _SURE:
        return
    nvt = result.first("nvt")
    level = HoleSeverity.CRITICAL if severity >= _CRITICAL else HoleSeverity.HIGH
    where = f"{result.say('name') or (nvt.say('name') if nvt else '')} ({result.say('port')})"
    yield Hole(shown(_id(nvt)), level, shown(where), document.cite(result.line))


def _id(nvt: Element | None) -> str:
    """The first CVE of a test, else the test's own number."""
    if nvt is None:
        return "no test named"
    cves = (r.attributes.get("id", "") for refs in nvt.all("refs") for r in refs.all("ref") if _is_cve(r))
    return next(cves, "") or f"NVT {nvt.attributes.get('oid', '')}"


def _is_cve(reference: Element) -> bool:
    return reference.attributes.get("type", "").lower() == "cve"


def _number(text: str, result: Element) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RefusedError(f"line {result.line}: no number: {shown(text)!r}")
    return number

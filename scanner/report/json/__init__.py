"""The JSON report: the contract that programs rely on (``schema_version`` 1). Same evidence, same bytes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from scanner.report.answering import answerers
from scanner.report.json.items import item
from scanner.report.json.numbers import class_summary, coverage, overlay, scores
from scanner.report.json.plain_data import gap, place, text, time
from scanner.report.json.risks import candidates, high_by_finding, major_candidates, majors, problems
from scanner.report.json.statements import attestation, compensations, waivers
from scanner.report.json.zones import zones
from scanner.report.stated import attested
from scanner.sample import holes
from scanner.score.units import classes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scanner.model import Assessment, Citation, Finding, Gap
    from scanner.report.content import Content

SCHEMA_VERSION = 1

_NO_TEXT = re.compile("[\ud800-\udfff]")
"""Stand-ins for bytes that were no text: no UTF-8, and no JSON that every reader takes."""


def render(content: Content) -> str:
    """Return the report as JSON text with a final newline."""
    return dumped(document(content))


def dumped(data: object) -> str:
    """Return plain data as JSON text with a final newline: valid UTF-8, the same for the same data."""
    text_ = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text_) + "\n"


def document(content: Content) -> dict[str, Any]:
    """Return the report as plain data.

    ``systems[]`` and ``items[]`` tell systems apart. ``coverage`` and ``scores`` at the top are those of the
    only system; a run of several systems has no number for all of them, so they are null there.
    ``steps[].attestations[]`` count into ``attestations[]`` from 0.
    """
    systems = [_system(a, content) for a in content.assessments]
    system = systems[0] if len(systems) == 1 else None
    said = attested(content.assessments)
    places = {stated.attestation: n for n, stated in enumerate(said)}
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "mlps-posture", "version": content.tool},
        "indicative": True,
        "run": _run(content),
        "systems": systems,
        "objects": _objects(content),
        "coverage": system["coverage"] if system is not None else None,
        "scores": system["scores"] if system is not None else None,
        "items": [item(r, a.system.name, places) for a in content.assessments for r in a.items],
        "findings": _findings(content),
        "gaps": list(_gaps(content)),
        "problems": problems(content),
        "candidates": candidates(content),
        "attestations": [attestation(stated) for stated in said],
        "compensations": compensations(content.assessments),
        "waivers": waivers(content.assessments),
        "majors": majors(content),
        "zones": zones(content),
        "notices": _notices(content),
        "statement_files": _statement_files(content),
    }


def _run(content: Content) -> dict[str, Any]:
    return {
        "id": content.run,
        "started": time(content.started),
        "finished": time(content.finished),
        "judged_at": time(content.assessments[0].at) if content.assessments else None,
        "vantages": [
            {"name": v.name, "zone": v.zone or None, "access_point": v.access_point} for v in content.vantages
        ],
    }


def _system(a: Assessment, content: Content) -> dict[str, Any]:
    steps = answerers(result.item for result in a.items)
    return {
        "name": a.system.name,
        "title": a.system.title,
        "level": a.system.grade.level,
        "s": a.system.grade.s,
        "a": a.system.grade.a,
        "uses": [scope.value for scope in a.system.uses],
        "profile": a.profile.digest,
        "overlays": [overlay(laid) for laid in a.profile.overlays],
        "sample": {"marked": content.scores[a.system.name].posture is not None, "holes": _holes(a)},
        "steps": {who.value: count for who, count in steps.items()},
        "classes": [class_summary(summary) for summary in classes(a.items)],
        "coverage": coverage(content.scores[a.system.name]),
        "scores": scores(content.scores[a.system.name], major_candidates(a)),
    }


def _holes(a: Assessment) -> list[dict[str, str]]:
    """What the marked sample leaves open."""
    return [text(hole) for hole in holes(a)]


def _objects(content: Content) -> list[dict[str, Any]]:
    seen = {o.id: o for a in content.assessments for o in a.objects}
    return [
        {
            "id": o.id,
            "kind": o.kind,
            "parent": o.parent or None,
            "platform": o.platform or None,
            "zone": o.zone or None,
            "address": o.address or None,
            "systems": list(o.systems),
            "sampled": o.sampled,
        }
        for _, o in sorted(seen.items())
    ]


def _findings(content: Content) -> list[dict[str, Any]]:
    """Findings of all systems; what two systems share and judge alike appears once."""
    found = dict.fromkeys(f for a in content.assessments for f in a.findings)
    high = high_by_finding(content)
    silenced = {finding for a in content.assessments for finding in a.waived}
    ordered = sorted(found, key=lambda f: (f.object, f.check, f.subject, f.answer))
    return [_finding(f, high.get(f.id, []), waived=f.id in silenced) for f in ordered]


def _finding(finding: Finding, high: list[str], *, waived: bool) -> dict[str, Any]:
    return {
        "id": finding.id,
        "check": finding.check,
        "object": finding.object,
        "subject": finding.subject,
        "answer": finding.answer.value,
        "message": text(finding.message),
        "citations": [_citation(c) for c in finding.citations],
        "gap": gap(finding.gap) if finding.gap is not None else None,
        "risk": finding.risk.value,
        "high_risk_candidates": high,
        "waived": waived,
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {"capture": citation.capture, "line": citation.line, "excerpt": citation.excerpt}


def _gaps(content: Content) -> Iterator[dict[str, Any]]:
    merged: dict[str, dict[Gap, None]] = {}
    for assessment in content.assessments:
        for name, gaps in assessment.gaps.items():
            merged.setdefault(name, {}).update(dict.fromkeys(gaps))
    for name in sorted(merged):
        for missing in merged[name]:
            yield {"object": name, **gap(missing)}


def _notices(content: Content) -> list[dict[str, Any]]:
    return [
        {"system": a.system.name, "text": text(notice.text), "place": place(notice.place)}
        for a in content.assessments
        for notice in a.notices
    ]


def _statement_files(content: Content) -> list[Mapping[str, str]]:
    given = [a.statements for a in content.assessments if a.statements is not None]
    files = dict.fromkeys(file for statements in given for file in statements.files)
    return [{"path": file.path, "sha256": file.digest} for file in files]

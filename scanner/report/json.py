"""The JSON report: the contract that programs rely on (``schema_version`` 1). Same evidence, same bytes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scanner.model import Assessment, Citation, Finding, Gap, Interval, ItemResult, ObjectResult, Text
    from scanner.report.content import Content
    from scanner.score import Scores

SCHEMA_VERSION = 1

_NO_TEXT = re.compile("[\ud800-\udfff]")
"""Stand-ins for bytes that were no text: no UTF-8, and no JSON that every reader takes."""


def render(content: Content) -> str:
    """Return the report as JSON text with a final newline."""
    return dumped(document(content))


def dumped(data: object) -> str:
    """Return plain data as JSON text with a final newline: valid UTF-8, the same for the same data."""
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text) + "\n"


def document(content: Content) -> dict[str, Any]:
    """Return the report as plain data.

    ``systems[]`` and ``items[]`` tell systems apart. ``coverage`` and ``scores`` at the top are those of the
    only system; a run of several systems has no number for all of them, so they are null there.
    """
    only = content.scores[content.assessments[0].system.name] if len(content.assessments) == 1 else None
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "mlps-posture", "version": content.tool},
        "indicative": True,
        "run": {
            "id": content.run,
            "started": _time(content.started),
            "finished": _time(content.finished),
            "judged_at": _time(content.assessments[0].at) if content.assessments else None,
            "vantages": [
                {"name": v.name, "zone": v.zone or None, "access_point": v.access_point}
                for v in content.vantages
            ],
        },
        "systems": [_system(a, content.scores[a.system.name]) for a in content.assessments],
        "objects": _objects(content),
        "coverage": _coverage(only) if only is not None else None,
        "scores": _scores(only) if only is not None else None,
        "items": [_item(item, a.system.name) for a in content.assessments for item in a.items],
        "findings": [_finding(f) for f in _findings(content)],
        "gaps": list(_gaps(content)),
    }


def _system(a: Assessment, scores: Scores) -> dict[str, Any]:
    return {
        "name": a.system.name,
        "title": a.system.title,
        "level": a.system.grade.level,
        "s": a.system.grade.s,
        "a": a.system.grade.a,
        "profile": a.profile.digest,
        "catalogue": {"carried": len(a.profile.items), "official": a.profile.general_items or None},
        "coverage": _coverage(scores),
        "scores": _scores(scores),
    }


def _coverage(scores: Scores) -> dict[str, int]:
    return {"decided": scores.coverage.decided, "applicable": scores.coverage.applicable}


def _scores(scores: Scores) -> dict[str, Any]:
    return {
        "2021": {**_interval(scores.deduction), "conclusions": list(scores.grades)},
        "2025": {
            "strict": _interval(scores.strict),
            "half": _interval(scores.half),
            "conclusions": list(scores.conclusions),
            "major_candidates": [],
        },
        "themes": {theme: _interval(interval) for theme, interval in scores.themes.items()},
        "ours": ["weights", "rate formula", "y"],
    }


def _interval(interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {"low": None, "high": None}
    return {"low": round(interval.low, 4), "high": round(interval.high, 4)}


def _item(result: ItemResult, system: str) -> dict[str, Any]:
    return {
        "system": system,
        "id": result.item.id,
        "clause": result.item.clause,
        "control_point": _text(result.item.control_point),
        "summary": _text(result.item.summary),
        "themes": list(result.item.themes),
        "weight": result.item.weight,
        "verdict": result.verdict.value,
        "possible": sorted(v.value for v in result.possible),
        "objects": [_object_result(o) for o in result.objects],
    }


def _object_result(result: ObjectResult) -> dict[str, Any]:
    return {
        "object": result.object,
        "verdict": result.verdict.value,
        "possible": sorted(v.value for v in result.possible),
        "reason": result.reason,
        "steps": [
            {
                "n": step.n,
                "answer": step.answer.value,
                "findings": [f.id for f in step.findings],
                "attested": False,
            }
            for step in result.steps
        ],
    }


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
        }
        for _, o in sorted(seen.items())
    ]


def _findings(content: Content) -> list[Finding]:
    """Findings of all systems; what two systems share and judge alike appears once."""
    found = dict.fromkeys(f for a in content.assessments for f in a.findings)
    return sorted(found, key=lambda f: (f.object, f.check, f.subject, f.answer))


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "check": finding.check,
        "object": finding.object,
        "subject": finding.subject,
        "answer": finding.answer.value,
        "message": _text(finding.message),
        "citations": [_citation(c) for c in finding.citations],
        "gap": _gap(finding.gap) if finding.gap is not None else None,
        "risk": finding.risk.value,
        "high_risk_candidates": [],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {"capture": citation.capture, "line": citation.line, "excerpt": citation.excerpt}


def _gaps(content: Content) -> Iterator[dict[str, Any]]:
    merged: dict[str, dict[Gap, None]] = {}
    for assessment in content.assessments:
        for name, gaps in assessment.gaps.items():
            merged.setdefault(name, {}).update(dict.fromkeys(gaps))
    for name in sorted(merged):
        for gap in merged[name]:
            yield {"object": name, **_gap(gap)}


def _gap(gap: Gap) -> Mapping[str, str]:
    return {
        "reason": gap.reason.value,
        "step": gap.step,
        "subject": gap.subject,
        "detail": gap.detail,
        "needs": gap.needs,
    }


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _time(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()

"""Candidates for a high risk and remaining problems, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.report.json.plain_data import text
from scanner.report.json.statements import judgement_statement, major_statement, risk_setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import (
        Assessment,
        Candidate,
        Condition,
        Judgement,
        MajorCandidate,
        MajorTrigger,
        Problem,
    )
    from scanner.report.content import Content


def candidates(content: Content) -> list[dict[str, Any]]:
    """Every judgement that something speaks for, on every object."""
    return [
        _candidate(c, a.system.name, content.judgements.get(c.judgement))
        for a in content.assessments
        for c in a.candidates
    ]


def problems(content: Content) -> list[dict[str, Any]]:
    """Items that are known to fail, object by object; ``risk`` null: no person has set it."""
    return [_problem(p, a.system.name) for a in content.assessments for p in a.problems]


def high_by_finding(content: Content) -> Mapping[str, list[str]]:
    """By finding id: the judgements for which it is evidence, where they speak for a high risk."""
    found: dict[str, set[str]] = {}
    for candidate in (c for a in content.assessments for c in a.candidates if c.stand.speaks_for_high):
        for finding in (f for state in candidate.conditions for f in state.findings):
            found.setdefault(finding.id, set()).add(candidate.judgement)
    return {finding: sorted(ids) for finding, ids in found.items()}


def major_candidates(a: Assessment) -> list[str]:
    """Codes of triggers of major dangers that a judgement on high risk speaks for: material for a person."""
    return sorted({major.code for major in a.majors if major.judgements})


def majors(content: Content) -> list[dict[str, Any]]:
    """Triggers of major dangers that something, or somebody, speaks for; ``statement`` null: undecided."""
    return [
        _major(major, a.system.name, content.triggers.get(major.code))
        for a in content.assessments
        for major in a.majors
    ]


def _major(major: MajorCandidate, system: str, trigger: MajorTrigger | None) -> dict[str, Any]:
    said = major.statement
    return {
        "system": system,
        "code": major.code,
        "title": text(trigger.title) if trigger else None,
        "provenance": text(trigger.provenance) if trigger else None,
        "object": major.object,
        "judgements": list(major.judgements),
        "statement": major_statement(said) if said is not None else None,
    }


def _candidate(c: Candidate, system: str, judgement: Judgement | None) -> dict[str, Any]:
    conditions = {condition.n: condition for condition in judgement.conditions} if judgement else {}
    return {
        "system": system,
        "judgement": c.judgement,
        "title": text(judgement.title) if judgement else None,
        "object": c.object,
        "stand": c.stand.value,
        "items": list(c.items),
        "conditions": [
            {
                "n": state.n,
                **_asked(conditions.get(state.n)),
                "evidenced": state.evidenced,
                "findings": [f.id for f in state.findings],
                "statements": [judgement_statement(s) for s in state.statements],
            }
            for state in c.conditions
        ],
        "decision": judgement_statement(c.decision) if c.decision is not None else None,
    }


def _asked(condition: Condition | None) -> dict[str, Any]:
    if condition is None:
        return {"text": None, "person": None}
    return {"text": text(condition.text), "person": condition.person}


def _problem(p: Problem, system: str) -> dict[str, Any]:
    return {
        "system": system,
        "item": p.item,
        "object": p.object,
        "proposed": p.proposed.value if p.proposed is not None else None,
        "risk": p.setting.risk.value if p.setting is not None else None,
        "set": risk_setting(p.setting) if p.setting is not None else None,
    }

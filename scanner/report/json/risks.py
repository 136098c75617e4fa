"""Candidates for a high risk and remaining problems, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.report.json.plain_data import text
from scanner.report.json.statements import judgement_statement, risk_setting
from scanner.report.words import SPEAKS_FOR_HIGH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import Assessment, Candidate, Condition, Judgement, Problem
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
    for candidate in (c for a in content.assessments for c in a.candidates if c.stand in SPEAKS_FOR_HIGH):
        for finding in (f for state in candidate.conditions for f in state.findings):
            found.setdefault(finding.id, set()).add(candidate.judgement)
    return {finding: sorted(ids) for finding, ids in found.items()}


def major_candidates(a: Assessment, judgements: Mapping[str, Judgement]) -> list[str]:
    """Codes of triggers of major dangers whose judgement speaks for a high risk: material for a person."""
    codes = {
        judgements[c.judgement].major
        for c in a.candidates
        if c.stand in SPEAKS_FOR_HIGH and c.judgement in judgements
    }
    return sorted(codes - {""})


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

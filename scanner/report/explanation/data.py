"""Explanations as plain data (``schema_version`` 1): everything in full, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.model import APPLIES
from scanner.report.answering import awaited
from scanner.report.catalogue.data import item_data
from scanner.report.explanation.in_run import of_check, of_item, of_judgement
from scanner.report.explanation.words import decision_rule, limits
from scanner.report.json import dumped
from scanner.report.json.plain_data import gap, text, verdicts

if TYPE_CHECKING:
    from scanner.checks.check import Check
    from scanner.model import Finding, Item, ItemResult, Judgement, Kind, MajorTrigger
    from scanner.report.explanation.find import Found
    from scanner.report.explanation.in_run import Judgings
    from scanner.report.explanation.knowledge import Asked, Knowledge

SCHEMA_VERSION = 1


def as_json(found: Found, known: Knowledge, judged: Judgings | None) -> str:
    """Return what was found as JSON; ``in_run`` is null where no run was given."""
    return dumped(
        {
            "schema_version": SCHEMA_VERSION,
            "run": {"file": judged.name, "judged_at": judged.at.isoformat()} if judged else None,
            "items": [_item(item, known, judged) for item in found.items],
            "checks": [_check(check, known, judged) for check in found.checks],
            "judgements": [_judgement(judgement, judged) for judgement in found.judgements],
            "triggers": [_trigger(trigger) for trigger in found.triggers],
            "kinds": [_kind(kind, known) for kind in found.kinds],
            "capabilities": [_capability(name, known) for name in found.capabilities],
        }
    )


def _item(item: Item, known: Knowledge, judged: Judgings | None) -> dict[str, Any]:
    parameters = known.profiles[item.level].parameters
    checks = known.checks_of(item)
    return item_data(item) | {
        "decision_words": text(decision_rule(item)),
        "thresholds": {name: _limits(parameters[name]) for name in checks},
        "judgements": [judgement.id for judgement in known.judgements_on(item)],
        "levels": {str(other.level): other.id for other in known.kin[item.id]},
        "remedies": {name: text(known.checks[name].remedy) for name in checks},
        "in_run": _item_in_run(item, known, judged) if judged is not None else None,
    }


def _limits(parameters: object) -> dict[str, object]:
    return {limit.name: limit.value for limit in limits(parameters)}


def _item_in_run(item: Item, known: Knowledge, judged: Judgings) -> list[dict[str, Any]]:
    return [
        {
            "system": shown.system.name,
            "grade": str(shown.system.grade),
            "result": _result(shown.result) if shown.result is not None else None,
        }
        for shown in of_item(item, judged, known)
    ]


def _result(result: ItemResult) -> dict[str, Any]:
    asked = {step.n: step for step in result.item.steps}
    return {
        "item": result.item.id,
        "verdict": result.verdict.value,
        "possible": verdicts(result.possible),
        "objects": [
            {
                "object": on.object,
                "verdict": on.verdict.value,
                "possible": verdicts(on.possible),
                "reason": on.reason,
                "steps": [
                    {
                        "n": step.n,
                        "answer": step.answer.value,
                        "waits_for": waits.value if (waits := awaited(asked[step.n], step)) else None,
                        "findings": [_finding(finding) for finding in step.findings],
                    }
                    for step in on.steps
                ],
            }
            for on in result.objects
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "check": finding.check,
        "object": finding.object,
        "subject": finding.subject,
        "answer": finding.answer.value,
        "message": text(finding.message),
        "risk": finding.risk.value,
        "citations": [
            {"capture": cited.capture, "line": cited.line, "excerpt": cited.excerpt}
            for cited in finding.citations
        ],
        "gap": gap(finding.gap) if finding.gap is not None else None,
    }


def _check(check: Check, known: Knowledge, judged: Judgings | None) -> dict[str, Any]:
    levels = sorted(known.profiles.items())
    return {
        "id": check.id,
        "question": text(check.question),
        "risk": check.risk.value,
        "needs": [fact.__name__ for fact in check.needs],
        "also": [fact.__name__ for fact in check.also],
        "observed": [fact.__name__ for fact in known.observed_for(check)],
        "asked": [_asked(asked) for asked in known.asked_for(check)],
        "thresholds": {str(level): _limits(profile.parameters[check.id]) for level, profile in levels},
        "items": [
            {"item": item.id, "clause": item.clause, "step": step.n, "settles": binding.settles.value}
            for item, step, binding in known.bound_to(check.id)
        ],
        "evidences": [
            {
                "judgement": judgement.id,
                "condition": n,
                "checks": list(proof.checks),
                "answer": proof.answer.value,
            }
            for judgement, n, proof in known.proofs_by(check.id)
        ],
        "remedy": text(check.remedy),
        "in_run": _check_in_run(check, judged) if judged is not None else None,
    }


def _check_in_run(check: Check, judged: Judgings) -> list[dict[str, Any]]:
    return [
        {"system": system, "findings": [_finding(finding) for finding in findings]}
        for system, findings in of_check(check, judged).items()
    ]


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "platform": asked.platform,
        "step": asked.step,
        "why": text(asked.why),
        "acts": [text(act) for act in asked.acts],
        "rights": text(asked.rights) if asked.rights is not None else None,
    }


def _judgement(judgement: Judgement, judged: Judgings | None) -> dict[str, Any]:
    return {
        "id": judgement.id,
        "title": text(judgement.title),
        "problem": text(judgement.problem),
        "min_level": judgement.min_level,
        "applies": {"id": judgement.applies, **text(APPLIES[judgement.applies])},
        "may": judgement.may.value,
        "lowered_by": text(judgement.lowered_by) if judgement.lowered_by is not None else None,
        "conditions": [
            {
                "n": condition.n,
                "text": text(condition.text),
                "person": condition.person,
                "proofs": [
                    {"checks": list(proof.checks), "answer": proof.answer.value} for proof in condition.proofs
                ],
            }
            for condition in judgement.conditions
        ],
        "clauses": list(judgement.clauses),
        "items": list(judgement.units),
        "trigger": judgement.major or None,
        "in_run": _judgement_in_run(judgement, judged) if judged is not None else None,
    }


def _judgement_in_run(judgement: Judgement, judged: Judgings) -> list[dict[str, Any]]:
    return [
        {
            "system": system,
            "candidates": [
                {
                    "object": candidate.object,
                    "stand": candidate.stand.value,
                    "evidenced": [state.n for state in candidate.conditions if state.evidenced],
                    "items": list(candidate.items),
                }
                for candidate in candidates
            ],
        }
        for system, candidates in of_judgement(judgement, judged).items()
    ]


def _trigger(trigger: MajorTrigger) -> dict[str, Any]:
    return {
        "code": trigger.code,
        "title": text(trigger.title),
        "combined": trigger.combined,
        "judgements": list(trigger.judgements),
        "scope": trigger.scope.value if trigger.scope is not None else None,
        "confidence": trigger.confidence.value,
        "provenance": text(trigger.provenance),
        "sources": [text(source) for source in trigger.sources],
        "situations": [text(situation) for situation in trigger.situations],
        "material": text(trigger.material) if trigger.material is not None else None,
    }


def _kind(kind: Kind, known: Knowledge) -> dict[str, Any]:
    return {
        "id": kind.id,
        "text": text(kind.text),
        "family": kind.family,
        "whole_asset": kind.whole_asset,
        "items": [item.id for item in known.items.values() if kind.id in item.kinds],
    }


def _capability(name: str, known: Knowledge) -> dict[str, Any]:
    awaiting = [i.id for i in known.items.values() if any(step.awaits == name for step in i.steps)]
    return {"id": name, "text": text(known.capabilities[name]), "items": awaiting}

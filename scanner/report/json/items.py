"""Items with their results, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.report.answering import awaited
from scanner.report.json.plain_data import text, verdicts
from scanner.report.json.statements import compensation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import Attestation, ItemResult, ItemStep, ObjectResult, StepResult


def item(result: ItemResult, system: str, places: Mapping[Attestation, int]) -> dict[str, Any]:
    """One item of one system; ``before`` null: nothing of it is compensated."""
    asked = result.item
    return {
        "system": system,
        "id": asked.id,
        "level": asked.level,
        "scope": asked.scope.value,
        "overlay": asked.overlay or None,
        "clause": asked.clause,
        "class": asked.klass,
        "control_point": text(asked.control_point),
        "summary": text(asked.summary),
        "mark": asked.mark,
        "side": asked.side,
        "optional": asked.optional,
        "themes": list(asked.themes),
        "weight": asked.weight,
        "verdict": result.verdict.value,
        "possible": verdicts(result.possible),
        "before": verdicts(result.before) or None,
        "objects": [_on_object(o, asked.steps, places) for o in result.objects],
    }


def _on_object(
    result: ObjectResult, steps: tuple[ItemStep, ...], places: Mapping[Attestation, int]
) -> dict[str, Any]:
    asked = {step.n: step for step in steps}
    compensated = result.compensation
    return {
        "object": result.object,
        "verdict": result.verdict.value,
        "possible": verdicts(result.possible),
        "before": verdicts(result.before) or None,
        "compensation": compensation(compensated) if compensated is not None else None,
        "reason": result.reason,
        "steps": [_step(step, asked[step.n], places) for step in result.steps],
    }


def _step(step: StepResult, asked: ItemStep, places: Mapping[Attestation, int]) -> dict[str, Any]:
    waits = awaited(asked, step)
    return {
        "n": step.n,
        "answer": step.answer.value,
        "findings": [f.id for f in step.findings],
        "attested": step.attested,
        "disputed": step.disputed,
        "attestations": [places[a] for a in step.attestations],
        "waits_for": waits.value if waits is not None else None,
        "capability": asked.awaits or None,
    }

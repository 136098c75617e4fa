"""What people state, as plain data: every statement with its author, its place and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.report.json.plain_data import place, time
from scanner.report.stated import compensated, waived

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model import Assessment, Compensation, JudgementStatement, MajorStatement, RiskSetting
    from scanner.report.stated import Attested


def attestation(stated: Attested) -> dict[str, Any]:
    """One attestation; ``step`` null: all steps of the item."""
    a = stated.attestation
    return {
        "item": a.item,
        "step": a.step,
        "object": a.object,
        "answer": a.answer.value,
        "method": a.method.value,
        "statement": a.statement,
        "author": a.author,
        "made": time(a.made),
        "expires": time(a.expires),
        "exhibits": [{"path": e.path, "sha256": e.digest} for e in a.exhibits],
        "place": place(a.place),
        "state": stated.stated.value,
    }


def compensations(assessments: Sequence[Assessment]) -> list[dict[str, Any]]:
    """All compensations; the results before and after stand at the items."""
    return [{**compensation(c.compensation), "state": c.stated.value} for c in compensated(assessments)]


def compensation(c: Compensation) -> dict[str, Any]:
    """One compensation."""
    return {
        "item": c.item,
        "object": c.object,
        "to": c.to.value,
        "reason": c.reason,
        "author": c.author,
        "made": time(c.made),
        "place": place(c.place),
    }


def waivers(assessments: Sequence[Assessment]) -> list[dict[str, Any]]:
    """All waivers, with the ids of the findings that each silences."""
    return [
        {
            "check": w.waiver.check or None,
            "object": w.waiver.object or None,
            "item": w.waiver.item or None,
            "reason": w.waiver.reason,
            "approver": w.waiver.approver,
            "expires": time(w.waiver.expires),
            "place": place(w.waiver.place),
            "state": w.stated.value,
            "findings": sorted({f.id for f in w.findings}),
        }
        for w in waived(assessments)
    ]


def risk_setting(setting: RiskSetting) -> dict[str, Any]:
    """The risk that a person gives to a problem; ``object`` null: wherever the item leaves one."""
    return {
        "item": setting.item,
        "object": setting.object or None,
        "risk": setting.risk.value,
        "reason": setting.reason,
        "author": setting.author,
        "made": time(setting.made),
        "place": place(setting.place),
    }


def judgement_statement(said: JudgementStatement) -> dict[str, Any]:
    """What a person says of a judgement; ``stand`` null: conditions alone are confirmed."""
    return {
        "conditions": list(said.conditions),
        "stand": said.stand.value if said.stand is not None else None,
        "reason": said.reason,
        "author": said.author,
        "made": time(said.made),
        "place": place(said.place),
    }


def major_statement(said: MajorStatement) -> dict[str, Any]:
    """What a person says of a trigger of a major danger."""
    return {
        "meets": said.meets,
        "rectified": said.rectified,
        "reason": said.reason,
        "author": said.author,
        "made": time(said.made),
        "place": place(said.place),
    }

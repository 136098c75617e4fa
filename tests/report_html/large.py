"""Forty objects and every item of level 3 with all extensions, each judged on each object."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner import decision
from scanner.checks import ALL
from scanner.evaluate import answer_step
from scanner.model import (
    Answer,
    Assessment,
    AssessmentObject,
    Citation,
    Finding,
    Gap,
    GapReason,
    Grade,
    ItemResult,
    ObjectResult,
    Scope,
    System,
    Text,
)
from scanner.profile import load_profile
from tests.report.made_up import AT, content
from tests.report_html.pages import capture

if TYPE_CHECKING:
    from scanner.model import Item
    from scanner.report.content import Content

OBJECTS = 40
CHECKS = {check.id: check for check in ALL}
ANSWERS = (Answer.NO, Answer.YES, Answer.YES, Answer.UNSEEN, Answer.YES)
REFUSED = Gap(GapReason.PERMISSION, "shadow", "/etc/shadow", "cat: permission denied", "root")
LINES = 60
"""Lines of a made-up capture."""


def large() -> Content:
    """Judge all of it: one object in five says no to a check, one in five could not be asked."""
    profile = load_profile(3, CHECKS)
    names = [f"server-{n:02}" for n in range(1, OBJECTS + 1)]
    findings = {
        name: {check: _finding(check, name, n + c) for c, check in enumerate(sorted(CHECKS))}
        for n, name in enumerate(names)
    }
    assessment = Assessment(
        system=System("shop", "网上商城", Grade(3, 3), uses=tuple(Scope)[1:]),
        profile=profile,
        objects=tuple(
            AssessmentObject(name, "operating_system", "linux", "dmz", f"10.0.0.{n}", ("shop",))
            for n, name in enumerate(names)
        ),
        items=tuple(_result(item, findings) for item in profile.items),
        findings=tuple(finding for some in findings.values() for finding in some.values()),
        gaps=dict.fromkeys(names, (REFUSED,)),
        at=AT,
    )
    text = "\n".join(f"{n} made-up line of a configuration file with some words" for n in range(LINES))
    records = {name: tuple(capture(f"{name}/{check}", text.encode()) for check in CHECKS) for name in names}
    return replace(content(assessment), checks=CHECKS, records=records, sheets={}, vantages=())


def _finding(check: str, name: str, nth: int) -> Finding:
    answer = ANSWERS[nth % len(ANSWERS)]
    cited = (Citation(f"{name}/{check}", 20, ""), Citation(f"{name}/{check}", 40, ""))
    message = Text(f"在 {name} 上看到 {nth}", f"seen on {name}: {nth}")
    unseen = answer is Answer.UNSEEN
    gap = REFUSED if unseen else None
    return Finding(check, name, "", answer, message, () if unseen else cited, gap, CHECKS[check].risk)


def _result(item: Item, findings: dict[str, dict[str, Finding]]) -> ItemResult:
    verdicts = decision.Verdicts(item)
    objects = []
    for name, known in findings.items():
        steps = tuple(answer_step(step, known) for step in item.steps)
        objects.append(ObjectResult(name, verdicts.of(step.answer for step in steps), steps))
    return ItemResult(item, decision.over_objects(o.possible for o in objects), tuple(objects))

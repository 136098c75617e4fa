"""What waits for people: every step that is unanswered on an object, with the role that is asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import GapReason, Text
from scanner.report.answering import Awaited, awaited

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanner.model import (
        Assessment,
        AssessmentObject,
        Finding,
        Item,
        ItemResult,
        ItemStep,
        ObjectResult,
        StepResult,
    )
    from scanner.questionnaire.roles import Roles

DECIDED = Text("该项在此对象上已有结论，回答不会改变它", "the item is decided there, whatever the answer")
DISPUTED = Text("已有陈述互相矛盾", "people state otherwise than each other")
EVIDENCE_ONLY = Text("扫描只能提供线索：{why}", "a scan gives evidence only: {why}")


@dataclass(frozen=True, slots=True)
class Question:
    """One step of an item on one object, and who is asked."""

    role: str
    object: AssessmentObject
    stands_in: bool
    """Whether the system itself stands in for objects that nobody named."""
    kinds: tuple[Text, ...]
    """What the object is; where the system stands in, what the item is about."""
    item: Item
    step: ItemStep
    awaited: Awaited
    """Whether only a person answers it, or a look would that could not see."""
    hints: tuple[Text, ...]


def questions(assessments: Iterable[Assessment], roles: Roles) -> tuple[Question, ...]:
    """Return all questions by role, those for people first, then by object and in the order of the standard.

    What two systems share and ask alike is asked once.
    """
    found: dict[tuple[str, str, int], Question] = {}
    for assessment in assessments:
        for question in _of_system(assessment, roles):
            found.setdefault((question.item.id, question.object.id, question.step.n), question)
    rank = {name: i for i, name in enumerate(roles.names)}
    return tuple(sorted(found.values(), key=lambda q: (rank[q.role], q.awaited is Awaited.LOOK, q.object.id)))


def _of_system(assessment: Assessment, roles: Roles) -> Iterator[Question]:
    objects = {o.id: o for o in assessment.objects}
    for result in assessment.items:
        for on in result.objects:
            asked = objects.get(on.object)
            if asked is not None:
                yield from _of_object(assessment, roles, result, on, asked)


def _of_object(
    assessment: Assessment, roles: Roles, result: ItemResult, on: ObjectResult, asked: AssessmentObject
) -> Iterator[Question]:
    known, item = assessment.profile.kinds, result.item
    stands_in = asked.kind not in known
    kinds = item.kinds if stands_in else (asked.kind,)
    families = {known[kind].family for kind in kinds if kind in known}
    role = roles.of(item.klass, kinds, families)
    steps = {step.n: step for step in item.steps}
    for answered in on.steps:
        step = steps[answered.n]
        waits = awaited(step, answered)
        if waits is not None:
            hints = tuple(dict.fromkeys(_hints(on, step, answered)))
            names = tuple(known[kind].text for kind in kinds if kind in known)
            yield Question(role, asked, stands_in, names, item, step, waits, hints)


def _unlooked(finding: Finding) -> bool:
    """Whether nobody looked at all, which is no hint."""
    gap = finding.gap
    return gap is not None and gap.reason is GapReason.NOT_COLLECTED and not gap.step


def _hints(on: ObjectResult, step: ItemStep, answered: StepResult) -> Iterator[Text]:
    """What helps to answer: why a look could not, what it found, whether the answer still matters."""
    if len(on.possible) == 1:
        yield DECIDED
    if answered.disputed:
        yield DISPUTED
    yield from (finding.message for finding in answered.findings if not _unlooked(finding))
    if step.evidence_only is not None:
        zh, en = step.evidence_only.zh, step.evidence_only.en
        yield Text(EVIDENCE_ONLY.zh.format(why=zh), EVIDENCE_ONLY.en.format(why=en))

"""Answers to the steps of an item: objects that are answered alike stand together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.model import Answer, Text
from scanner.report.answering import Answerer, Awaited, answerer, awaited
from scanner.report.html.anchors import anchor
from scanner.report.html.questions import finding_anchor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.model import Attestation, Citation, Finding, ItemResult, ItemStep, Method, StepResult

QUOTED = 3
"""Citations quoted under a step of a single object; its finding shows all of them in their lines."""


@dataclass(frozen=True, slots=True)
class Because:
    """What one check said, on one object or alike on several. ``message`` None: not the same on each."""

    anchor: str
    check: str
    answer: Answer
    message: Text | None
    citations: tuple[Citation, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to a step with the objects that it holds for."""

    answer: Answer
    objects: tuple[str, ...]
    waits: Awaited | None
    attested: bool
    disputed: bool
    before: Answer  # without people; of meaning where they state something
    because: tuple[Because, ...]
    said: tuple[Attestation, ...]  # about any of the objects, which stand in ``objects``


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who answers it, and its answers, the worst first."""

    n: int
    text: Text
    method: Method
    answerer: Answerer
    awaits: Text | None  # capability to come
    evidence_only: Text | None
    answered: tuple[Answered, ...]


_WORST_FIRST = (Answer.NO, Answer.UNSEEN, Answer.YES, Answer.NA)


def steps(result: ItemResult, capabilities: Mapping[str, Text]) -> tuple[Step, ...]:
    """Return the steps of an item with their answers."""
    by_step: dict[int, list[tuple[str, StepResult]]] = {}
    for on in result.objects:
        for step in on.steps:
            by_step.setdefault(step.n, []).append((on.object, step))
    return tuple(_step(step, by_step.get(step.n, []), capabilities) for step in result.item.steps)


def _step(
    asked: ItemStep, results: Sequence[tuple[str, StepResult]], capabilities: Mapping[str, Text]
) -> Step:
    alike: dict[object, list[tuple[str, StepResult]]] = {}
    for name, result in results:
        alike.setdefault(_likeness(result), []).append((name, result))
    answered = [_answered(asked, some) for some in alike.values()]
    return Step(
        n=asked.n,
        text=asked.text,
        method=asked.method,
        answerer=answerer(asked),
        awaits=capabilities.get(asked.awaits, Text(asked.awaits, asked.awaits)) if asked.awaits else None,
        evidence_only=asked.evidence_only,
        answered=tuple(sorted(answered, key=lambda a: _WORST_FIRST.index(a.answer))),
    )


def _likeness(result: StepResult) -> object:
    """What makes two objects' answers the same to a reader: a no by its words, anything else by its kind."""
    said = tuple((f.check, f.answer, f.message if f.answer is Answer.NO else None) for f in result.findings)
    people = tuple(replace(a, object="") for a in result.attestations)
    return result.answer, result.before if people else None, said, people


def _answered(asked: ItemStep, alike: Sequence[tuple[str, StepResult]]) -> Answered:
    _, first = alike[0]
    return Answered(
        answer=first.answer,
        objects=tuple(name for name, _ in alike),
        waits=awaited(asked, first),
        attested=first.attested,
        disputed=first.disputed,
        before=first.before,
        because=tuple(
            _because([result.findings[n] for _, result in alike]) for n in range(len(first.findings))
        ),
        said=first.attestations,
    )


def _because(findings: Sequence[Finding]) -> Because:
    """What a check said on these objects; evidence stands here only where there is but one."""
    first = findings[0]
    alone = len(findings) == 1
    same = all(finding.message == first.message for finding in findings)
    return Because(
        anchor=finding_anchor(first) if alone else anchor("check", first.check),
        check=first.check,
        answer=first.answer,
        message=first.message if same else None,
        citations=first.citations[:QUOTED] if alone else (),
        more=max(0, len(first.citations) - QUOTED) if alone else 0,
    )

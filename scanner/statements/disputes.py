"""Where people say otherwise than what was found, or than each other, and who is followed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Answer
from scanner.statements import notices
from scanner.statements.notices import notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.model import Attestation, Notice, StepResult, Text


def disputes(steps: Sequence[StepResult], said: Sequence[Attestation]) -> Iterator[Notice]:
    """Yield what is to be told of each statement on these answered steps, alike steps together."""
    for a in said:
        told: dict[tuple[Text, Answer], list[int]] = {}
        own = [step for step in steps if a in step.attestations]
        for step in own:
            words = _words(a, step)
            if words is not None:
                told.setdefault((words, step.before), []).append(step.n)
        for (words, found), numbers in told.items():
            yield notice(
                words,
                a.place,
                notices.named(a),
                author=a.author,
                said=notices.ANSWERS[a.answer],
                found=notices.ANSWERS[found],
                steps=numbers,
            )
        if not own:
            yield notice(notices.NOTHING_NEW, a.place, notices.named(a))


def _words(a: Attestation, step: StepResult) -> Text | None:
    """Say how a statement on a step differs from its outcome or from what was found; None: it does not."""
    if a.answer is not step.answer:
        if step.before is Answer.NO:
            return notices.FOUND_NO
        if step.answer is Answer.NO:
            return notices.OUTVOTED
        return notices.OPEN if step.answer is Answer.UNSEEN else notices.FOUND_OTHER
    return notices.STATED_NO if step.before not in {Answer.UNSEEN, a.answer} else None

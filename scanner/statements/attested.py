"""What becomes of the steps of one item on one object once people have stated what they saw. Pure.

- A no that was found stays no. A person's no wins over a yes, found or stated.
- A step that is not answered takes what people agree on; a yes against an n/a leaves it unseen.
- A statement on a whole item answers the steps that nothing more specific answers. A no on the whole item
  is a no, whatever its steps say: where they would still let it conform, all of them turn to no. An n/a on
  the whole item means that nothing is there: where a step has a yes or a no, it answers nothing.
- A yes or an n/a that a check found gives way to a no alone.

Only sets of answers decide: the order of statements never matters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.model import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scanner.decision import Verdicts
    from scanner.model import Attestation, StepResult

_PASSING = frozenset({Verdict.CONFORM, Verdict.NOT_APPLICABLE})


def attested(
    steps: Sequence[StepResult], said: Sequence[Attestation], verdicts: Verdicts
) -> tuple[StepResult, ...]:
    """Apply what is said of these steps, all of it in force."""
    own = {step.n: tuple(a for a in said if a.step == step.n) for step in steps}
    whole = tuple(a for a in said if a.step is None)
    specific = {step.n: _answer(step.answer, {a.answer for a in own[step.n]}) for step in steps}
    word = _whole({a.answer for a in whole}, specific.values())
    answers = {n: _filled(answer, word, bool(own[n])) for n, answer in specific.items()}
    overruled = word is Answer.NO and bool(verdicts.of(answers.values()) & _PASSING)
    if overruled:
        answers = dict.fromkeys(answers, Answer.NO)
    return tuple(
        replace(
            step,
            answer=answers[step.n],
            before=step.answer,
            attestations=(*own[step.n], *(a for a in whole if _speaks(a, step, own, answers, overruled))),
        )
        for step in steps
    )


def _answer(found: Answer, said: Collection[Answer]) -> Answer:
    """Answer of a step from what was found and what is said of this very step."""
    if Answer.NO in said:
        return Answer.NO
    if found is Answer.UNSEEN and len(said) == 1:
        return next(iter(said))
    return found


def _whole(said: Collection[Answer], specific: Collection[Answer]) -> Answer:
    """What is said of the item as a whole; unseen: nothing that could be taken over."""
    if Answer.NO in said:
        return Answer.NO
    if len(said) != 1:
        return Answer.UNSEEN
    word = next(iter(said))
    something = word is Answer.NA and not {Answer.YES, Answer.NO}.isdisjoint(specific)
    return Answer.UNSEEN if something else word


def _filled(answer: Answer, word: Answer, stated: bool) -> Answer:
    """Answer of a step after what is said of the whole item."""
    if answer is not Answer.UNSEEN or (stated and word is not Answer.NO):
        return answer
    return word


def _speaks(
    a: Attestation,
    step: StepResult,
    own: Mapping[int, Sequence[Attestation]],
    answers: Mapping[int, Answer],
    overruled: bool,
) -> bool:
    """Whether a statement on the whole item is one on this step: it answers it, agrees or contradicts."""
    if overruled and a.answer is Answer.NO:
        return True
    if own[step.n]:
        decided = step.answer is Answer.NO or any(o.answer is Answer.NO for o in own[step.n])
        return a.answer is answers[step.n] is Answer.NO and not decided
    if step.answer is Answer.UNSEEN or a.answer is step.answer:
        return True
    return (a.answer, step.answer) in _CONTRADICTIONS


_CONTRADICTIONS = frozenset(
    {(Answer.YES, Answer.NO), (Answer.NA, Answer.NO), (Answer.NA, Answer.YES)},
)
"""Word on a whole item and what was found at a step, where both cannot be true. A no on the item and a yes at
one of its steps can."""

"""From what was judged to what is judged once people have spoken. Pure.

Attestations answer steps, compensations stand beside what they make up for, waivers silence alarms. What
matches nothing, has expired or contradicts what was found becomes a notice at its place in the file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner import decision
from scanner.model import Answer, ObjectResult, StepResult, Verdict
from scanner.statements import notices
from scanner.statements.attested import attested
from scanner.statements.disputes import disputes
from scanner.statements.matching import match, untimely
from scanner.statements.notices import notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scanner.model import (
        Assessment,
        Attestation,
        Compensation,
        ItemResult,
        Notice,
        Statements,
    )
    from scanner.statements.matching import Matched, Statement

_PASSING = frozenset({Verdict.CONFORM, Verdict.NOT_APPLICABLE})
_NOTHING = frozenset({Verdict.NOT_APPLICABLE})


def apply(assessment: Assessment, statements: Statements, at: datetime) -> Assessment:
    """Apply all statements to one system; one that matches nothing in it becomes a notice."""
    return apply_to_all((assessment,), statements, at)[0]


def apply_to_all(
    assessments: Sequence[Assessment], statements: Statements, at: datetime
) -> tuple[Assessment, ...]:
    """Apply the same statements to all systems of a run.

    A file may serve several systems: it is told that a statement matches nothing only where it matches
    nothing in any of them.
    """
    matched = [match(assessment, statements, at) for assessment in assessments]
    common = (*_untimely(statements, at), *_lost(matched))
    return tuple(_applied(a, statements, m, common) for a, m in zip(assessments, matched, strict=True))


def _applied(
    assessment: Assessment, statements: Statements, matched: Matched, common: Sequence[Notice]
) -> Assessment:
    """Apply what matches in one system."""
    items = tuple(_item(result, matched) for result in assessment.items)
    told = [n for old, new in zip(assessment.items, items, strict=True) for n in _told(old, new, matched)]
    return replace(
        assessment,
        items=items,
        statements=statements,
        waived=matched.waived,
        notices=tuple(sorted({*assessment.notices, *common, *told}, key=_by_place)),
    )


def _item(result: ItemResult, matched: Matched) -> ItemResult:
    """Apply what is said of one item on its objects."""
    also = (ObjectResult(name, _NOTHING, (), "") for name in matched.heard.get(result.item.id, ()))
    asked = (*result.objects, *also)
    places = [(result.item.id, o.object) for o in asked]
    if not any(place in matched.attestations or place in matched.compensations for place in places):
        return result
    verdicts = decision.Verdicts(result.item)
    objects = []
    for place, o in zip(places, asked, strict=True):
        answered = _attested(result, o, matched.attestations.get(place, ()), verdicts)
        objects.append(_compensated(answered, matched.compensations.get(place), verdicts))
    made_up = any(o.compensation is not None for o in objects)
    return replace(
        result,
        objects=tuple(objects),
        possible=decision.over_objects(o.possible for o in objects),
        before=decision.over_objects(o.before or o.possible for o in objects) if made_up else frozenset(),
    )


def _attested(
    result: ItemResult, o: ObjectResult, said: Sequence[Attestation], verdicts: decision.Verdicts
) -> ObjectResult:
    """Answer the steps of an item on one object.

    An item that was declared not to apply has no steps to answer; somebody who states a no there is heard.
    """
    steps = o.steps
    if not steps and any(a.answer is Answer.NO for a in said):
        steps = tuple(StepResult(step.n, Answer.UNSEEN, ()) for step in result.item.steps)
    if not said or not steps:
        return o
    answered = attested(steps, said, verdicts)
    return replace(o, steps=answered, possible=verdicts.of(step.answer for step in answered))


def _compensated(o: ObjectResult, made_up: Compensation | None, verdicts: decision.Verdicts) -> ObjectResult:
    """Let another measure make up for the noes of a result that is known to fail.

    What is not answered stays open: nobody knows yet whether there is something to make up for.
    """
    if made_up is None or o.possible & _PASSING:
        return o
    left = verdicts.of(Answer.YES if step.answer is Answer.NO else step.answer for step in o.steps)
    possible = frozenset(made_up.to if verdict is Verdict.CONFORM else verdict for verdict in left)
    return replace(o, possible=possible, before=o.possible, compensation=made_up)


def _told(before: ItemResult, after: ItemResult, matched: Matched) -> Iterator[Notice]:
    """Tell where statements on one item contradict what was found, declared or stated, or have no effect."""
    asked = {o.object for o in before.objects if o.steps}
    for o in after.objects:
        place = (after.item.id, o.object)
        said = matched.attestations.get(place, ())
        if o.object not in asked:
            yield from _against_declaration(said)
        if o.steps:
            yield from disputes(o.steps, said)
        compensation = matched.compensations.get(place)
        if compensation is not None and o.compensation is None:
            yield notice(notices.NOT_FAILING, compensation.place, notices.named(compensation))


def _against_declaration(said: Sequence[Attestation]) -> Iterator[Notice]:
    """Tell of statements on an item that was declared not to apply."""
    noes = [a for a in said if a.answer is Answer.NO]
    for a in noes or said:
        words = notices.DECLARED_NO if noes else notices.DECLARED
        yield notice(words, a.place, notices.named(a), author=a.author)


def _untimely(statements: Statements, at: datetime) -> Iterator[Notice]:
    """Tell of statements that do not hold at the time of judgement."""
    limited: tuple[Statement, ...] = (
        *statements.attestations,
        *statements.compensations,
        *statements.waivers,
    )
    for s in limited:
        told = untimely(s, at)
        if told is not None:
            yield told


def _lost(matched: Sequence[Matched]) -> Iterator[Notice]:
    """Tell of what matches nothing in any system; of items of other grades once a file."""
    elsewhere: dict[str, list[Statement]] = {}
    for s in matched[0].astray if matched else ():
        reasons = [m.astray.get(s) for m in matched]
        closest = [r for r in reasons if r is not None and r.words is not None]
        if None in reasons:
            continue
        if closest and closest[0].words is not None:
            yield notice(closest[0].words, s.place, notices.named(s), **closest[0].values)
        else:
            elsewhere.setdefault(s.place.file, []).append(s)
    for statements in elsewhere.values():
        yield notices.other_grade(statements)


def _by_place(told: Notice) -> tuple[str, int, str]:
    return told.place.file, told.place.line, told.text.en

"""From steps to scores: the sets are those of all completions of the steps that nobody saw."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scanner import decision
from scanner.model import Answer, Interval, Verdict
from scanner.score import Scores, Subject, final, score, scored
from tests.score.made_up import (
    NA,
    TEMPLATES,
    counted,
    official_conclusion,
    official_grade,
    official_m,
    official_rates,
    over_objects,
    subject,
)

RULES = (
    ("all", True, 1),
    ("all", False, 1),
    ("all", True, 2),
    ("all", True, 4),
    ("any", True, 2),
    ("any", False, 2),
    ("1 or (2 and 3)", True, 3),
    ("(1 and 3) or (2 and 3)", True, 3),
)
EXHAUSTIVE = 6
"""Unseen steps of which every completion is tried; beyond, some at random."""
TRIES = 64


@dataclass(frozen=True)
class Looked:
    """An item with the answers to its steps on each object."""

    about: Subject
    rule: str
    partial: bool
    answers: tuple[tuple[Answer, ...], ...]

    def on(self, answers: tuple[Answer, ...]) -> frozenset[Verdict]:
        given = dict(enumerate(answers, start=1))
        return decision.possible(decision.parse(self.rule, given), given, partial=self.partial)


def looked(unseen: bool) -> st.SearchStrategy[Looked]:
    kinds = [Answer.YES, Answer.NO, Answer.NA, *([Answer.UNSEEN] if unseen else [])]

    def of(rule: tuple[str, bool, int]) -> st.SearchStrategy[Looked]:
        text, partial, steps = rule
        answers = st.tuples(*[st.sampled_from(kinds)] * steps)
        about = st.builds(
            subject,
            st.sampled_from(["technical", "management"]),
            st.sampled_from(["general", "important", "key"]),
        )
        objects = st.lists(answers, min_size=1, max_size=3).map(tuple)
        return st.builds(Looked, about, st.just(text), st.just(partial), objects)

    return st.sampled_from(RULES).flatmap(of)


SYSTEMS = st.lists(looked(unseen=True), min_size=1, max_size=4)


def numbers(items: Sequence[Looked]) -> Scores:
    found = counted(scored(i.about, [i.on(answers) for answers in i.answers]) for i in items)
    return score(found, TEMPLATES, final([], 0))


def unseen(items: Sequence[Looked]) -> int:
    return sum(answer is Answer.UNSEEN for i in items for object_ in i.answers for answer in object_)


def completed(items: Sequence[Looked], answers: Sequence[Answer]) -> list[Looked]:
    rest = iter(answers)
    return [
        replace(
            i,
            answers=tuple(
                tuple(next(rest) if answer is Answer.UNSEEN else answer for answer in object_)
                for object_ in i.answers
            ),
        )
        for i in items
    ]


def completions(items: Sequence[Looked], dice: random.Random) -> Iterator[list[Looked]]:
    open_ = unseen(items)
    if open_ <= EXHAUSTIVE:
        every = itertools.product((Answer.YES, Answer.NO), repeat=open_)
        yield from (completed(items, chosen) for chosen in every)
        return
    for _ in range(TRIES):
        yield completed(items, dice.choices((Answer.YES, Answer.NO), k=open_))


def official(items: Sequence[Looked]) -> tuple[Fraction, Fraction, Fraction] | None:
    """M and both rates of a completion by the formulas as they stand in the templates."""
    decided = []
    for i in items:
        verdict = over_objects([next(iter(i.on(answers))) for answers in i.answers])
        if verdict is not NA:
            decided.append((i.about, verdict))
    return (official_m(decided, Fraction(1, 2)), *official_rates(decided)) if decided else None


@settings(max_examples=80, deadline=None)
@given(SYSTEMS, st.randoms(use_true_random=False))
def test_no_completion_leaves_the_interval_and_some_reach_both_ends(
    items: list[Looked], dice: random.Random
) -> None:
    found = [official(completion) for completion in completions(items, dice)]
    values = [value for value in found if value is not None]
    assume(values)
    got = numbers(items)
    intervals = (got.deduction, got.strict, got.half)
    for interval, reached in zip(intervals, zip(*values, strict=True), strict=True):
        assert interval is not None
        assert interval.low <= float(min(reached))
        assert float(max(reached)) <= interval.high
        if unseen(items) <= EXHAUSTIVE:
            assert interval == Interval(float(min(reached)), float(max(reached)))
    grades = {official_grade(m, ()) for m, _, _ in values}
    ends = {official_conclusion(rate, 0) for _, rate, _ in values}
    assert grades <= set(got.grades)
    assert ends <= set(got.conclusions)
    if unseen(items) <= EXHAUSTIVE:
        assert (grades, ends) == (set(got.grades), set(got.conclusions))


@settings(max_examples=80, deadline=None)
@given(SYSTEMS, st.data())
def test_deciding_a_step_never_widens(items: list[Looked], data: st.DataObject) -> None:
    open_ = unseen(items)
    assume(open_)
    which = data.draw(st.integers(0, open_ - 1))
    answers = [Answer.UNSEEN] * open_
    answers[which] = data.draw(st.sampled_from([Answer.YES, Answer.NO]))
    before, after = numbers(items), numbers(completed(items, answers))
    for wide, narrow in (
        (before.deduction, after.deduction),
        (before.strict, after.strict),
        (before.half, after.half),
    ):
        if wide is None or narrow is None:
            assert wide is narrow
            continue
        assert wide.low <= narrow.low <= narrow.high <= wide.high
    assert set(after.grades) <= set(before.grades)
    assert set(after.conclusions) <= set(before.conclusions)
    assert after.coverage.applicable == before.coverage.applicable
    assert after.coverage.decided >= before.coverage.decided


@settings(max_examples=60, deadline=None)
@given(st.lists(looked(unseen=False), min_size=1, max_size=4))
def test_where_all_is_seen_both_ends_are_the_official_number(items: list[Looked]) -> None:
    found = official(items)
    got = numbers(items)
    for interval, value in zip((got.deduction, got.strict, got.half), found or (None,) * 3, strict=True):
        assert interval == (None if value is None else Interval(float(value), float(value)))
    assert len(got.grades) <= 1
    assert got.coverage.decided == got.coverage.applicable


@settings(max_examples=60, deadline=None)
@given(SYSTEMS, st.randoms(use_true_random=False))
def test_order_never_matters(items: list[Looked], dice: random.Random) -> None:
    mixed = [replace(i, answers=tuple(dice.sample(i.answers, len(i.answers)))) for i in items]
    dice.shuffle(mixed)
    assert numbers(items) == numbers(mixed)

"""Every decision rule that occurs in the catalogue, with verdict sets written by hand.

Answers are one letter a step: y met, n not met, ? unseen, - does not apply.
"""

import pytest

from scanner import decision
from scanner.model import Answer, Interval, Verdict
from scanner.profile import LEVELS, load_items
from scanner.score import Subject, final, score
from tests.score.made_up import NA, TEMPLATES, C, N, P, counted, item

LETTERS = {"y": Answer.YES, "n": Answer.NO, "?": Answer.UNSEEN, "-": Answer.NA}

Case = tuple[str, bool, str, set[Verdict]]

CASES: tuple[Case, ...] = (
    # One step, no partial: the commonest kind.
    ("all", False, "y", {C}),
    ("all", False, "n", {N}),
    ("all", False, "?", {C, N}),
    ("all", False, "-", {NA}),
    # One step where the unit speaks of partial: steps alone never give it.
    ("all", True, "y", {C}),
    ("all", True, "n", {N}),
    ("all", True, "?", {C, N}),
    # All of several steps.
    ("all", True, "yy", {C}),
    ("all", True, "yn", {P}),
    ("all", True, "nn", {N}),
    ("all", True, "y?", {C, P}),
    ("all", True, "n?", {P, N}),
    ("all", True, "??", {C, P, N}),
    ("all", True, "y-", {C}),
    ("all", True, "n-", {N}),
    ("all", True, "?-", {C, N}),
    ("all", True, "yyyyyyyyyyy", {C}),
    ("all", True, "yyyyy?nyyyy", {P}),
    ("all", True, "nnnnn?nnnnn", {P, N}),
    ("all", True, "???????????", {C, P, N}),
    # Any of two steps, with and without the word partial in the unit.
    ("any", True, "y?", {C}),
    ("any", True, "n?", {C, N}),
    ("any", True, "nn", {N}),
    ("any", True, "??", {C, N}),
    ("any", True, "n-", {N}),
    ("any", True, "--", {NA}),
    ("any", False, "yn", {C}),
    ("any", False, "??", {C, N}),
    # One step, or two others together.
    ("1 or (2 and 3)", True, "ynn", {C}),
    ("1 or (2 and 3)", True, "nyy", {C}),
    ("1 or (2 and 3)", True, "nyn", {P}),
    ("1 or (2 and 3)", True, "nnn", {N}),
    ("1 or (2 and 3)", True, "n?y", {C, P}),
    ("1 or (2 and 3)", True, "n?n", {P, N}),
    ("1 or (2 and 3)", True, "?nn", {C, N}),
    ("1 or (2 and 3)", True, "?yn", {C, P}),
    ("1 or (2 and 3)", True, "???", {C, P, N}),
    ("1 or (2 and 3)", True, "-yn", {P}),
    # The third step with either of the others.
    ("(1 and 3) or (2 and 3)", True, "yny", {C}),
    ("(1 and 3) or (2 and 3)", True, "nyy", {C}),
    ("(1 and 3) or (2 and 3)", True, "yyn", {P}),
    ("(1 and 3) or (2 and 3)", True, "nny", {P}),
    ("(1 and 3) or (2 and 3)", True, "nnn", {N}),
    ("(1 and 3) or (2 and 3)", True, "n?y", {C, P}),
    ("(1 and 3) or (2 and 3)", True, "??n", {P, N}),
    ("(1 and 3) or (2 and 3)", True, "yn?", {C, P}),
    ("(1 and 3) or (2 and 3)", True, "nn?", {P, N}),
    ("(1 and 3) or (2 and 3)", True, "???", {C, P, N}),
)


def possible(rule: str, answers: str, *, partial: bool) -> frozenset[Verdict]:
    given = {n: LETTERS[letter] for n, letter in enumerate(answers, start=1)}
    return decision.possible(decision.parse(rule, given), given, partial=partial)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]} {'' if c[1] else 'no '}partial {c[2]}")
def test_what_steps_leave_possible(case: Case) -> None:
    rule, partial, answers, expect = case
    assert possible(rule, answers, partial=partial) == expect


def test_every_rule_of_the_catalogue_is_among_the_cases() -> None:
    def kind(rule: str, partial: bool, steps: int) -> tuple[str, bool, bool]:
        return rule, partial, steps == 1

    carried = {kind(i.decision, i.partial, len(i.steps)) for level in LEVELS for i in load_items(level)}
    assert carried == {kind(rule, partial, len(answers)) for rule, partial, answers, _ in CASES}


@pytest.mark.parametrize(
    ("expect", "points"),
    [({C}, (100, 100)), ({P}, (50, 50)), ({N}, (50, 50)), ({C, N}, (50, 100)), ({C, P, N}, (50, 100))],
)
def test_what_is_possible_is_what_is_scored(expect: set[Verdict], points: tuple[float, float]) -> None:
    """One important technical item alone: half lost is the whole technical side already."""
    got = score(counted([item(Subject("technical", "important"), expect)]), TEMPLATES, final([], 0))
    assert got.deduction == Interval(*points)

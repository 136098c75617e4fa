"""Rules of decision and thresholds in words: what they say is what decides."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from scanner import decision
from scanner.model import Answer, Binding, Item, ItemStep, Method, Settles, Text, Verdict
from scanner.profile import LEVELS, load_items
from scanner.report.catalogue.judged_by import JudgedBy, judged_by
from scanner.report.explanation.words import decision_rule, limits
from scanner.threshold import at_least, at_most, naming

if TYPE_CHECKING:
    from collections.abc import Sequence


def item(rule: str, steps: int, *, partial: bool) -> Item:
    made = tuple(ItemStep(n, Text("问", "ask"), Method.EXAMINE) for n in range(1, steps + 1))
    return replace(load_items(1)[0], steps=made, decision=rule, partial=partial)


STRICT = "otherwise nonconform: this unit knows no partial."
PARTIAL = "otherwise partial if some step is met, else nonconform."
ELSE = "otherwise nonconform."


@pytest.mark.parametrize(
    ("rule", "steps", "partial", "met", "rest"),
    [
        ("all", 1, False, "the step is met", STRICT),
        ("all", 1, True, "the step is met", ELSE),
        ("all", 3, True, "all 3 steps are met", PARTIAL),
        ("all", 2, False, "all 2 steps are met", STRICT),
        ("any", 2, True, "any of the 2 steps is met", ELSE),
        ("any", 2, False, "any of the 2 steps is met", STRICT),
        ("1 or (2 and 3)", 3, True, "step 1 or (step 2 and step 3) is met", PARTIAL),
        ("(1 or 2) and 3", 3, False, "(step 1 or step 2) and step 3 is met", STRICT),
    ],
)
def test_a_rule_in_words(rule: str, steps: int, partial: bool, met: str, rest: str) -> None:
    assert decision_rule(item(rule, steps, partial=partial)).en == f"Conform where {met}; {rest}"


def test_every_rule_of_the_catalogue_says_partial_just_where_its_steps_lead_there() -> None:
    for one in (i for level in LEVELS for i in load_items(level)):
        numbers = [step.n for step in one.steps]
        rule = decision.parse(one.decision, numbers)
        open_ = dict.fromkeys(numbers, Answer.UNSEEN)
        reached = decision.possible(rule, open_, partial=one.partial)
        said = decision_rule(one)
        assert ("partial if some step" in said.en) == (Verdict.PARTIAL in reached), one.id
        assert ("为部分符合" in said.zh) == (Verdict.PARTIAL in reached), one.id


@dataclass(frozen=True)
class Made:
    """Parameters of no check."""

    most: int = field(default=9, metadata=at_most())
    least: int = field(default=3, metadata=at_least())
    ports: tuple[int, ...] = field(default=(21, 23), metadata=naming())
    other: str = "x"


def test_a_threshold_says_on_which_side_one_must_be() -> None:
    said = [str(limit) for limit in limits(Made())]
    assert said == ["most ≤ 9", "least ≥ 3", "ports = 21 23", "other = x"]


BOTH, NO = Binding("a.b", Settles.BOTH), Binding("c.d", Settles.NO)


@pytest.mark.parametrize(
    ("steps", "who"),
    [
        (((BOTH,),), JudgedBy.SCAN),
        (((BOTH, NO), (BOTH,)), JudgedBy.SCAN),
        (((BOTH,), ()), JudgedBy.PARTLY),
        (((BOTH,), (NO,)), JudgedBy.PARTLY),
        (((NO,),), JudgedBy.PARTLY),
        (((), ()), JudgedBy.PERSON),
    ],
)
def test_who_judges_an_item(steps: Sequence[Sequence[Binding]], who: JudgedBy) -> None:
    made = tuple(
        ItemStep(n, Text("问", "ask"), Method.EXAMINE, tuple(bound), awaits="hosts")
        for n, bound in enumerate(steps, 1)
    )
    assert judged_by(replace(item("all", 1, partial=True), steps=made)) is who

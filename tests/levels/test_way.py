"""What separates a system from a level: every hurdle once, cheapest first, and nothing beyond them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.compare import Effort, Hurdle, way
from scanner.compare.way import still_open
from scanner.evaluate import answer_step
from scanner.model import Answer, Finding, Gap, GapReason, Item, ItemResult, ItemStep, StepResult, Verdict
from tests.levels.made_up import NA, NO, UNSEEN, YES, answered, finding, item, result, simple, step

ROOT = Gap(GapReason.PERMISSION, "s", needs="root")
GONE = Gap(GapReason.UNREACHABLE, "s")
ODD = Gap(GapReason.UNPARSABLE, "s")
LATER = Gap(GapReason.UNPARSABLE, "s", needs="sudo: x")
SAID = Hurdle(Effort.STATEMENT, "CES Point")
HOSTS = Hurdle(Effort.CAPABILITY, "hosts")


def look(key: str) -> Hurdle:
    return Hurdle(Effort.LOOK, key)


def setting(check: str) -> Hurdle:
    return Hurdle(Effort.SETTING, check)


MEASURE = Hurdle(Effort.MEASURE, "L3-CES1-01")

STEPS: tuple[tuple[str, ItemStep, StepResult, set[Hurdle]], ...] = (
    ("yes", step(1, "a.b"), answered(1, YES, finding("a.b", YES)), set()),
    ("does not apply", step(1, "a.b"), answered(1, NA, finding("a.b", NA)), set()),
    ("waits for a person", step(1), answered(1, UNSEEN), {SAID}),
    ("awaits a capability", step(1, awaits="hosts"), answered(1, UNSEEN), {HOSTS}),
    (
        "a right is missing",
        step(1, "a.b"),
        answered(1, UNSEEN, finding("a.b", UNSEEN, gap=ROOT)),
        {look("root")},
    ),
    (
        "no way in",
        step(1, "a.b"),
        answered(1, UNSEEN, finding("a.b", UNSEEN, gap=GONE)),
        {look("unreachable")},
    ),
    ("not understood", step(1, "a.b"), answered(1, UNSEEN, finding("a.b", UNSEEN, gap=ODD)), {SAID}),
    (
        "a right may help",
        step(1, "a.b"),
        answered(1, UNSEEN, finding("a.b", UNSEEN, gap=LATER)),
        {look("sudo: x")},
    ),
    ("a check said no", step(1, "a.b"), answered(1, NO, finding("a.b", NO)), {setting("a.b")}),
    (
        "a check that never acquits said no",
        step(1, no=["a.b"]),
        answered(1, NO, finding("a.b", NO)),
        {setting("a.b"), SAID},
    ),
    (
        "the same, and a look to come",
        step(1, no=["a.b"], awaits="hosts"),
        answered(1, NO, finding("a.b", NO)),
        {setting("a.b"), HOSTS},
    ),
    (
        "one said no, the other did not see",
        step(1, "a.b", "c.d"),
        answered(1, NO, finding("a.b", NO), finding("c.d", UNSEEN, gap=ROOT)),
        {setting("a.b"), look("root")},
    ),
    (
        "one of two acquitting checks cannot be asked here",
        step(1, "a.b", "c.d", awaits="hosts"),
        answered(1, UNSEEN, finding("a.b", YES)),
        {HOSTS},
    ),
    (
        "what cannot acquit did not see",
        step(1, no=["a.b"]),
        answered(1, UNSEEN, finding("a.b", UNSEEN, gap=ROOT)),
        {SAID},
    ),
    ("a person said no", step(1), answered(1, NO, stated=[NO]), {MEASURE}),
    (
        "a check said no and a person yes",
        step(1, no=["a.b"]),
        answered(1, NO, finding("a.b", NO), stated=[YES]),
        {setting("a.b")},
    ),
    ("two persons disagree", step(1), answered(1, UNSEEN, stated=[YES, NA]), {SAID}),
)


@pytest.mark.parametrize(("asked", "answer", "expected"), [s[1:] for s in STEPS], ids=[s[0] for s in STEPS])
def test_hurdles_of_a_step(asked: ItemStep, answer: StepResult, expected: set[Hurdle]) -> None:
    made = way([result(item("L3-CES1-01", asked), {"web1": [answer]})], (), {"L3-CES1-01": "L3-CES1-01"})
    assert {stage.hurdle for stage in made.stages} == expected
    assert made.open == (("L3-CES1-01",) if expected else ())


def test_cheapest_first_then_fewest_objects_then_most_items() -> None:
    denied = [answered(1, UNSEEN, finding("a.look", UNSEEN, gap=ROOT))]
    items = [
        item(f"L3-CES1-0{n}", step(1, check)) for n, check in enumerate(("a.two", "a.one", "b.one"), start=1)
    ]
    both = {o: [answered(1, NO, finding("a.two", NO, o))] for o in ("web1", "web2")}
    results = [
        result(items[0], both),
        result(items[1], {"web1": [answered(1, NO, finding("a.one", NO))]}),
        result(items[2], {"web1": [answered(1, NO, finding("b.one", NO))]}),
        result(item("L3-CES1-04", step(1, "b.one")), {"web1": [answered(1, NO, finding("b.one", NO))]}),
        result(item("L3-CES1-05", step(1, "a.look")), dict.fromkeys(("web1", "web2", "web3"), denied)),
        simple(item("L3-CES1-06"), UNSEEN),
        *(result(item(f"L3-CES1-0{n}", step(1, "a.two")), both) for n in (7, 8)),
    ]
    made = way(results, (), {r.item.id: r.item.id for r in results})
    assert [stage.hurdle for stage in made.stages] == [
        look("root"), setting("b.one"), setting("a.one"), setting("a.two"), SAID,
    ]  # fmt: skip
    assert [stage.met for stage in made.stages] == [1, 3, 4, 7, 8]
    assert made.stages[3].objects == ("web1", "web2")


def test_an_alternative_that_cheaper_acts_meet_is_no_hurdle() -> None:
    either = item("L3-CES1-01", step(1, "a.b"), step(2, awaits="hosts"), decision_="any")
    denied = answered(1, UNSEEN, finding("a.b", UNSEEN, gap=ROOT))
    made = way([result(either, {"web1": [denied, answered(2, UNSEEN)]})], (), {either.id: either.id})
    assert [stage.hurdle for stage in made.stages] == [look("root")]


def test_what_does_not_apply_or_conforms_is_not_on_the_way() -> None:
    one, other, third = (item(f"L3-CES1-0{n}") for n in (1, 2, 3))
    made = way([simple(one, YES), simple(other, NA), simple(third, NO)], (), {third.id: third.id})
    assert (made.open, made.applicable) == ((third.id,), 2)


def test_items_open_at_the_level_below_are_told() -> None:
    items = [item(f"L3-CES1-0{n}", changed_from=f"L2-CES1-0{n}") for n in (1, 2)]
    origins = {i.id: i.changed_from for i in items} | {i.changed_from: i.changed_from for i in items}
    made = way([simple(i, UNSEEN) for i in items], ["L2-CES1-02"], origins)
    (stage,) = made.stages
    assert (stage.items, stage.below) == (("L3-CES1-01", "L3-CES1-02"), 1)


CHECKS = ("a.one", "a.two", "b.one")
DECISIONS = ("all", "any", "1 or (2 and 3)", "(1 and 3) or (2 and 3)")


@st.composite
def steps(draw: st.DrawFn, n: int) -> ItemStep:
    bound = draw(st.lists(st.sampled_from(CHECKS), max_size=3, unique=True))
    split = draw(st.integers(0, len(bound)))
    return step(n, *bound[:split], no=bound[split:], awaits=draw(st.sampled_from(["", "hosts"])))


@st.composite
def answers(draw: st.DrawFn, asked: ItemStep, object_: str) -> StepResult:
    findings: dict[str, Finding] = {}
    for binding in asked.bindings:
        answer = draw(st.sampled_from([*Answer, None]))
        gap = draw(st.sampled_from([ROOT, GONE, ODD, LATER])) if answer is UNSEEN else None
        if answer is not None:
            findings[binding.check] = finding(binding.check, answer, object_, gap)
    return answer_step(asked, findings)


@st.composite
def results(draw: st.DrawFn, number: int) -> ItemResult:
    asked = [draw(steps(n)) for n in (1, 2, 3)]
    made: Item = item(f"L3-CES1-{number:02}", *asked, decision_=draw(st.sampled_from(DECISIONS)))
    return result(
        made, {o: [draw(answers(s, o)) for s in asked] for o in draw(st.sampled_from(["a", "ab", "abc"]))}
    )


@settings(deadline=None)
@given(st.data())
def test_the_whole_way_meets_every_item_and_repeats_nothing(data: st.DataObject) -> None:
    found = [data.draw(results(number)) for number in range(1, data.draw(st.integers(1, 4)) + 1)]
    made = way(found, (), {r.item.id: r.item.id for r in found})
    assert set(made.open) == set(still_open(found))
    assert all(
        Verdict.CONFORM not in r.possible or len(r.possible) > 1 for r in found if r.item.id in made.open
    )
    hurdles = [stage.hurdle for stage in made.stages]
    assert len(set(hurdles)) == len(hurdles)
    assert [h.effort for h in hurdles] == sorted(h.effort for h in hurdles)
    reached = [made.applicable - len(made.open), *(stage.met for stage in made.stages)]
    assert all(before <= after for before, after in pairwise(reached))
    assert reached[-1] == made.applicable
    assert {name for stage in made.stages for name in stage.items} == set(made.open)

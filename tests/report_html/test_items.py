"""Objects that are answered alike stand together: none is lost, none stands with answers of another."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import (
    Answer,
    Binding,
    Compensation,
    Finding,
    Gap,
    GapReason,
    ItemResult,
    ObjectResult,
    Place,
    Problem,
    Risk,
    RiskSetting,
    Settles,
    StepResult,
    Text,
    Verdict,
)
from scanner.report.answering import Awaited, awaited
from scanner.report.html.items import Row, groups
from tests.report.made_up import ASSESSMENT, cite
from tests.report.made_up_statements import DAY, ROOM, SEEN

ASKED = replace(ROOM.steps[0], bindings=(Binding("door.closed", Settles.BOTH),))
ITEM = replace(ROOM, steps=(ASKED, replace(ROOM.steps[1], n=2)))
PLACE = Place("s.yaml", 1)
UNSEEN = Gap(GapReason.PERMISSION)


def finding(name: str, answer: Answer, words: str) -> Finding:
    gap = UNSEEN if answer is Answer.UNSEEN else None
    cited = (cite(f"{name}/doors", 1),)
    return Finding("door.closed", name, "", answer, Text(words, words), cited, gap, Risk.LOW)


@st.composite
def results(draw: st.DrawFn) -> ItemResult:
    objects = []
    for n in range(draw(st.integers(1, 8))):
        name = f"o{n}"
        answer = draw(st.sampled_from(list(Answer)))
        found = draw(st.booleans()) and finding(name, answer, draw(st.sampled_from(["ajar", "open"])))
        said = draw(st.lists(st.sampled_from([Answer.YES, Answer.NO]), max_size=2))
        steps = (
            StepResult(
                1,
                answer,
                (found,) if found else (),
                tuple(replace(SEEN, object=name, answer=a) for a in said),
                draw(st.sampled_from(list(Answer))),
            ),
            StepResult(2, draw(st.sampled_from(list(Answer))), ()),
        )
        possible = frozenset(draw(st.sets(st.sampled_from(list(Verdict)[:3]), min_size=1)))
        made_up = draw(st.booleans()) and Compensation(ITEM.id, name, Verdict.PARTIAL, "r", "a", DAY, PLACE)
        objects.append(ObjectResult(name, possible, steps, compensation=made_up or None, before=frozenset()))
    return ItemResult(ITEM, frozenset(), tuple(objects))


@st.composite
def problems(draw: st.DrawFn) -> tuple[Problem, ...]:
    names = draw(st.sets(st.integers(0, 7)))
    proposed = st.none() | st.sampled_from(list(Risk))
    setting = st.none() | st.sampled_from(
        [RiskSetting(ITEM.id, name, Risk.HIGH, "r", "a", DAY, PLACE) for name in ("", "o1")]
    )
    return tuple(Problem(ITEM.id, f"o{n}", draw(proposed), draw(setting)) for n in sorted(names))


def row_of(result: ItemResult, left: tuple[Problem, ...] = ()) -> Row:
    (group,) = groups(replace(ASSESSMENT, items=(result,), problems=left), "")
    (row,) = group.rows
    return row


@settings(max_examples=200, deadline=None)
@given(results())
def test_each_object_stands_once_with_its_own_answer(result: ItemResult) -> None:
    row = row_of(result)
    for step in row.steps:
        shown = {name: some for some in step.answered for name in some.objects}
        assert sum(len(some.objects) for some in step.answered) == len(shown) == len(result.objects)
        for on in result.objects:
            own, some = on.steps[step.n - 1], shown[on.object]
            assert (some.answer, some.attested, some.disputed) == (own.answer, own.attested, own.disputed)
            assert some.waits is awaited(ITEM.steps[step.n - 1], own)
            assert [b.answer for b in some.because] == [f.answer for f in own.findings]
            assert [a.answer for a in some.said] == [a.answer for a in own.attestations]
            if own.attestations:
                assert some.before is own.before
            for because, found in zip(some.because, own.findings, strict=True):
                assert because.message in {None, found.message}
                if found.answer is Answer.NO:
                    assert because.message == found.message, "a no is told in its own words"


@settings(max_examples=200, deadline=None)
@given(results(), problems())
def test_each_object_stands_once_with_its_own_result_and_risk(
    result: ItemResult, left: tuple[Problem, ...]
) -> None:
    row = row_of(result, left)
    held = {name: some for some in row.held for name in some.objects}
    assert sum(len(some.objects) for some in row.held) == len(held) == len(result.objects)
    for on in result.objects:
        assert frozenset(held[on.object].possible) == on.possible
        assert (held[on.object].compensation is None) == (on.compensation is None)
    risks = {name: some for some in row.problems for name in some.objects}
    assert sum(len(some.objects) for some in row.problems) == len(risks) == len(left)
    for problem in left:
        shown = risks[problem.object]
        assert shown.proposed is problem.proposed
        assert (shown.setting is None) == (problem.setting is None)
        assert shown.risk is (problem.setting.risk if problem.setting is not None else problem.proposed)


def test_states_that_filters_know() -> None:
    nothing = ObjectResult("o", frozenset({Verdict.CONFORM}), (StepResult(1, Answer.YES, ()),))
    assert row_of(ItemResult(ITEM, frozenset(), (nothing,))).states == ()
    blind = replace(nothing, steps=(StepResult(1, Answer.UNSEEN, (finding("o", Answer.UNSEEN, "w"),)),))
    assert row_of(ItemResult(ITEM, frozenset(), (blind,))).states == (Awaited.LOOK.value,)
    open_ = replace(nothing, steps=(StepResult(1, Answer.UNSEEN, ()),))
    assert row_of(ItemResult(ITEM, frozenset(), (open_,))).states == (Awaited.PERSON.value,)

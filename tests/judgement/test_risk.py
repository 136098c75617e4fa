"""Problems that remain, and their risk: high only by a judgement, set by a person."""

from dataclasses import replace
from datetime import date

import pytest

from scanner.judgement import problems, rate_all
from scanner.model import (
    Answer,
    Assessment,
    Candidate,
    Finding,
    Risk,
    RiskSetting,
    Stand,
    StepResult,
    Verdict,
)
from tests.judgement.made_up import candidate, failing, found, saying, setting, told
from tests.statements.made_up import AT, ITEM, C, N, P, finding, item, made_up, result, said

HIGH, MEDIUM, LOW = Risk
NO, YES, UNSEEN = Answer.NO, Answer.YES, Answer.UNSEEN
TOMORROW = date(2026, 3, 3)


def rated(assessment: Assessment) -> Assessment:
    return rate_all([assessment], AT)[0]


def with_risks(*risks: Risk) -> Assessment:
    """An item of as many steps, whose checks of these risks all said no."""
    own = result(item(len(risks) or 1), {"web1": [NO] * len(risks) or [None]})
    (o,) = own.objects
    steps = tuple(
        replace(step, findings=(replace(step.findings[0], risk=risk),))
        for step, risk in zip(o.steps, risks, strict=False)
    ) or (StepResult(1, NO, (), (said(NO),)),)
    failed = replace(o, steps=steps, possible=frozenset({N}))
    return found(items=[replace(own, objects=(failed,), possible=failed.possible)])


@pytest.mark.parametrize(
    ("risks", "stand", "proposed"),
    [
        ((LOW,), None, LOW),
        ((MEDIUM, LOW), None, MEDIUM),
        ((HIGH,), None, MEDIUM),
        ((HIGH, LOW), None, MEDIUM),
        ((HIGH,), Stand.OPEN, MEDIUM),
        ((HIGH,), Stand.LOWERED, MEDIUM),
        ((HIGH,), Stand.REJECTED, MEDIUM),
        ((HIGH,), Stand.PROPOSED, HIGH),
        ((LOW,), Stand.PROPOSED, HIGH),
        ((LOW,), Stand.CONFIRMED, HIGH),
        ((), None, None),
        ((), Stand.OPEN, None),
        ((), Stand.CONFIRMED, HIGH),
    ],
)
def test_proposed_risk(risks: tuple[Risk, ...], stand: Stand | None, proposed: Risk | None) -> None:
    own = replace(with_risks(*risks), candidates=(candidate(stand),) if stand else ())
    (problem,) = problems(own, AT)
    assert (problem.item, problem.object, problem.proposed, problem.setting) == (ITEM, "web1", proposed, None)


@pytest.mark.parametrize(
    "other", [candidate(Stand.PROPOSED, "L3-CES1-09"), candidate(Stand.PROPOSED, on="web2")]
)
def test_a_judgement_speaks_only_for_the_items_and_the_object_that_it_names(other: Candidate) -> None:
    own = replace(with_risks(LOW), candidates=(other,))
    assert [p.proposed for p in problems(own, AT)] == [LOW]


@pytest.mark.parametrize(
    ("answers", "known"),
    [([NO, YES], True), ([NO, UNSEEN], True), ([UNSEEN, YES], False), ([YES, YES], False), ([None], False)],
)
def test_what_is_known_to_fail_is_a_problem(answers: list[Answer | None], known: bool) -> None:
    own = found(items=[result(item(len(answers)), {"web1": answers, "web2": [YES] * len(answers)})])
    assert [(p.item, p.object) for p in problems(own, AT)] == ([(ITEM, "web1")] if known else [])


@pytest.mark.parametrize(("to", "left"), [(C, 0), (P, 1)])
def test_what_is_made_up_for_entirely_is_no_problem_any_more(to: Verdict, left: int) -> None:
    own = failing()
    (before,) = own.objects
    after = replace(before, possible=frozenset({to}), before=before.possible, compensation=made_up(to))
    assert len(problems(found(items=[replace(own, objects=(after,))]), AT)) == left


def test_a_no_beside_an_unseen_finding_and_a_yes_counts_alone() -> None:
    extra: list[Finding] = [
        replace(finding("x.1", "web1", YES), risk=HIGH),
        replace(finding("x.2", "web1", UNSEEN), risk=HIGH),
    ]
    own = with_risks(LOW)
    (o,) = own.items[0].objects
    steps = (replace(o.steps[0], findings=(*o.steps[0].findings, *extra)),)
    items = (replace(own.items[0], objects=(replace(o, steps=steps),)),)
    assert [p.proposed for p in problems(replace(own, items=items), AT)] == [LOW]


# --- risks that people set -------------------------------------------------------------------------

TWICE = found(items=[failing(NO, "web1", "web2")])


@pytest.mark.parametrize(
    ("spoken", "risks", "notices"),
    [
        ([], {"web1": None, "web2": None}, []),
        ([setting(LOW)], {"web1": LOW, "web2": None}, []),
        ([setting(LOW, on="")], {"web1": LOW, "web2": LOW}, []),
        ([setting(HIGH, on=""), setting(LOW)], {"web1": LOW, "web2": HIGH}, []),
        ([setting(LOW, made=TOMORROW)], {"web1": None, "web2": None}, ["was made on 2026-03-03, after"]),
        ([setting(LOW, on="web9")], {"web1": None, "web2": None}, ["no object is called web9"]),
        ([setting(LOW, of="L3-CES1-09")], {"web1": None, "web2": None}, ["leaves no problem there"]),
        ([setting(LOW, of="L3-CES1-09", on="")], {"web1": None, "web2": None}, ["leaves no problem there"]),
        ([setting(HIGH), setting(HIGH, by="Han")], {"web1": HIGH, "web2": None}, []),
        ([setting(LOW), setting(HIGH, by="Han")], {"web1": HIGH, "web2": None}, ["Han states high; the"]),
        ([setting(HIGH), setting(LOW, by="Han")], {"web1": HIGH, "web2": None}, ["Li Lei states high; the"]),
    ],
)
def test_a_person_sets_it(
    spoken: list[RiskSetting], risks: dict[str, Risk | None], notices: list[str]
) -> None:
    after = rated(saying(TWICE, *spoken))
    assert {p.object: p.setting.risk if p.setting else None for p in after.problems} == risks
    lines = told(after)
    assert len(lines) == len(notices)
    for line, words in zip(lines, notices, strict=True):
        assert line.startswith("50: The risk set for ")
        assert words in line


def test_of_equal_settings_the_latest_counts() -> None:
    old, new = setting(LOW, made=date(2026, 2, 1)), setting(LOW, by="Han")
    for spoken in ([old, new], [new, old]):
        assert [p.setting for p in problems(saying(found(), *spoken), AT)] == [new]


@pytest.mark.parametrize(("risk", "notices"), [(HIGH, 0), (MEDIUM, 1), (LOW, 1)])
def test_less_than_high_against_a_confirmed_judgement_is_told(risk: Risk, notices: int) -> None:
    own = saying(replace(TWICE, candidates=(candidate(Stand.CONFIRMED),)), setting(risk, on=""))
    after = rated(own)
    assert [(p.proposed, p.setting.risk if p.setting else None) for p in after.problems] == [
        (HIGH, risk),
        (MEDIUM, risk),
    ]
    assert len(told(after)) == notices
    for line in told(after):
        assert "judgements on high risk are confirmed here: 6.4.1.2" in line


@pytest.mark.parametrize("stand", [stand for stand in Stand if stand is not Stand.CONFIRMED])
def test_less_than_high_against_any_other_judgement_is_the_persons_right(stand: Stand) -> None:
    own = saying(replace(TWICE, candidates=(candidate(stand),)), setting(Risk.LOW))
    assert told(rated(own)) == []


def test_a_setting_for_one_of_two_systems_is_not_lost() -> None:
    own = saying(found(), setting(LOW), setting(LOW, of="L3-CES1-09", line=51))
    other = replace(found(items=[failing(YES, "web1")], system="bank"), statements=own.statements)
    for a in rate_all([own, other], AT):
        (line,) = told(a)
        assert line.startswith("51: ")

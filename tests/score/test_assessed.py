"""What of an assessment its scores rest on, and that the exported table rests on the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import (
    Assessment,
    AssessmentObject,
    Candidate,
    Compensation,
    Grade,
    ItemResult,
    MajorCandidate,
    MajorStatement,
    ObjectResult,
    Place,
    Problem,
    Profile,
    Risk,
    RiskSetting,
    Stand,
    System,
    Text,
    Verdict,
)
from scanner.profile import load_items
from scanner.report.content import Content
from scanner.report.csv import COLUMNS, render
from scanner.score import Majors, Scores, score_assessment
from scanner.score.assessed import given_risks, stated_majors
from scanner.score.document import Given
from scanner.score.reading import read_results, score_system
from tests.score.made_up import NA, TEMPLATES, C, N, P, over_objects

if TYPE_CHECKING:
    from collections.abc import Iterable

HIGH, MEDIUM, LOW = Risk.HIGH, Risk.MEDIUM, Risk.LOW
AT = datetime(2026, 3, 2, tzinfo=UTC)
DAY = date(2026, 3, 1)
HERE = Place("said.yaml", 3)
ITEMS = load_items(3)
FIND = {item.id: item for item in ITEMS}.get
PROFILE = Profile(3, Text("三级", "level 3"), ITEMS, {}, "")

On = dict[str, "ObjectResult"]


def on(name: str, possible: Iterable[Verdict], before: Iterable[Verdict] = ()) -> ObjectResult:
    """An item on an object; with ``before``, a compensation made the rest of it."""
    made = frozenset(possible)
    if not before:
        return ObjectResult(name, made, ())
    compensation = Compensation("", name, next(iter(made)), "why", "Li Lei", DAY, HERE)
    return ObjectResult(name, made, (), compensation=compensation, before=frozenset(before))


def assessed(*items: Iterable[ObjectResult], sample: Iterable[str] = ()) -> Assessment:
    """A system whose first items stand so."""
    results = [
        ItemResult(item, frozenset({over_objects([*o.possible]) for o in objects}), tuple(objects))
        for item, objects in zip(ITEMS, map(tuple, items), strict=False)
    ]
    names = sorted({o.object for result in results for o in result.objects})
    marked = set(sample)
    objects = tuple(
        AssessmentObject(n, "operating_system", "", "", "", ("shop",), sampled=n in marked) for n in names
    )
    system = System("shop", "网上商城", Grade(3, 3))
    return Assessment(system, PROFILE, objects, tuple(results), (), {}, AT)


def with_problems(assessment: Assessment, risks: dict[str, Risk | None]) -> Assessment:
    """Give the problems on objects the risks that people set."""
    found = [
        Problem(r.item.id, o.object, None, None if risk is None else _setting(r.item.id, o.object, risk))
        for r in assessment.items
        for o in r.objects
        if o.known_to_fail
        for risk in (risks.get(o.object),)
    ]
    return replace(assessment, problems=tuple(found))


def _setting(item: str, name: str, risk: Risk) -> RiskSetting:
    return RiskSetting(item, name, risk, "why", "Li Lei", DAY, HERE)


def candidate(stand: Stand) -> Candidate:
    return Candidate("6.1.1.1", "web1", stand, (), (ITEMS[0].id,))


def major(name: str, *, meets: bool | None, rectified: bool = False) -> MajorCandidate:
    said = None
    if meets is not None:
        said = MajorStatement("A-01", name, meets, rectified, "why", "Li Lei", DAY, HERE)
    return MajorCandidate("A-01", name, ("6.1.1.1",), said)


ONE_PROBLEM = assessed([on("web1", {N}), on("web2", {P})])


def test_a_persons_risk_counts_and_a_proposed_one_does_not() -> None:
    proposed = replace(ONE_PROBLEM, problems=(Problem(ITEMS[0].id, "web1", HIGH, None),))
    assert given_risks(proposed) == {}
    told = with_problems(ONE_PROBLEM, {"web1": LOW})
    assert given_risks(told) == {(ITEMS[0].id, "web1"): LOW}


@pytest.mark.parametrize("stand", Stand)
def test_a_confirmed_judgement_makes_a_risk_high_and_no_other_stand_does(stand: Stand) -> None:
    told = replace(with_problems(ONE_PROBLEM, {"web1": MEDIUM}), candidates=(candidate(stand),))
    expect = HIGH if stand is Stand.CONFIRMED else MEDIUM
    assert given_risks(told) == {(ITEMS[0].id, "web1"): expect}


def test_a_judgement_on_what_is_no_problem_any_more_gives_no_risk() -> None:
    fine = replace(assessed([on("web1", {C}, {N})]), candidates=(candidate(Stand.CONFIRMED),))
    assert given_risks(fine) == {}


@pytest.mark.parametrize(
    ("risks", "majors", "expect"),
    [
        ({}, [], Majors(0, more=False)),  # a problem without a risk is asked of where it is scored
        ({"web1": MEDIUM}, [], Majors(0, more=False)),
        ({"web1": HIGH}, [], Majors(0, more=True)),
        ({"web1": HIGH}, [major("web1", meets=False)], Majors(0, more=False)),
        ({"web1": HIGH}, [major("web2", meets=False)], Majors(0, more=True)),
        ({"web1": HIGH}, [major("web1", meets=True)], Majors(1, more=False)),
        ({"web1": HIGH}, [major("web1", meets=True, rectified=True)], Majors(1, more=False)),
        ({"web1": MEDIUM}, [major("web1", meets=None)], Majors(0, more=True)),
        ({"web1": HIGH}, [major("web1", meets=True), major("web2", meets=None)], Majors(1, more=True)),
    ],
)
def test_major_dangers(risks: dict[str, Risk | None], majors: list[MajorCandidate], expect: Majors) -> None:
    told = replace(with_problems(ONE_PROBLEM, risks), majors=tuple(majors))
    assert stated_majors(told, given_risks(told)) == expect


def test_what_an_overlay_adds_is_not_scored() -> None:
    plain = assessed([on("web1", {C})], [on("web1", {N})])
    own = plain.items[1]
    with_overlay = replace(
        plain, items=(plain.items[0], replace(own, item=replace(own.item, id="H-1", overlay="house")))
    )
    assert score_assessment(with_overlay, TEMPLATES).coverage.applicable == 1
    assert rescored(with_overlay) == score_assessment(with_overlay, TEMPLATES)
    setting = _setting("H-1", "web1", HIGH)
    grave = replace(with_overlay, problems=(Problem("H-1", "web1", None, setting),))
    assert stated_majors(grave, given_risks(grave)) == Majors(0, more=False)
    assert score_assessment(grave, TEMPLATES) == score_assessment(with_overlay, TEMPLATES)
    assert rescored(grave) == score_assessment(grave, TEMPLATES)
    assert "H-1" in exported(with_overlay)


def exported(*assessments: Assessment) -> str:
    scores = {a.system.name: score_assessment(a, TEMPLATES) for a in assessments}
    return render(Content("0", "run", AT, AT, assessments, scores, {}))


def rescored(assessment: Assessment) -> Scores:
    """Scores of the exported table."""
    read = read_results(exported(assessment).encode(), "exported.csv", FIND)
    (system,) = read.systems.values()
    return score_system(system, TEMPLATES, Given())


VERDICTS = st.one_of(st.just({NA}), st.sets(st.sampled_from([C, P, N]), min_size=1))


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    """Any system: unseen, compensated, sampled, judged in part."""
    names = ["web1", "web2", "web3"]
    items = []
    for _ in range(draw(st.integers(1, 4))):
        chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        objects = [on(name, draw(VERDICTS)) for name in chosen]
        for n, o in enumerate(objects):
            if o.known_to_fail and draw(st.booleans()):
                objects[n] = on(o.object, draw(st.sampled_from([{C}, {P}])), o.possible)
        items.append(objects)
    whole = assessed(*items, sample=draw(st.sets(st.sampled_from(names))))
    risks = {name: draw(st.sampled_from([None, *Risk])) for name in names}
    said = st.lists(st.builds(major, st.sampled_from(names), meets=st.sampled_from([None, True, False])))
    return replace(with_problems(whole, risks), majors=tuple(draw(said)))


@settings(max_examples=60, deadline=None)
@given(assessments())
def test_the_exported_table_scores_the_same(assessment: Assessment) -> None:
    assert rescored(assessment) == score_assessment(assessment, TEMPLATES)


def test_the_exported_table() -> None:
    told = with_problems(
        assessed([on("web1", {P, N}), on("web2", {P}, {N})], [on("web1", {NA})], sample=["web1"]),
        {"web2": MEDIUM},
    )
    lines = exported(told).split("\r\n")
    assert lines[0] == "\ufeff" + ",".join(COLUMNS)
    assert lines[1] == (
        f"shop,{ITEMS[0].id},{ITEMS[0].clause},{ITEMS[0].control_point.zh},{ITEMS[0].control_point.en},web1,"
        f"undetermined,partial|nonconform,,technical,{ITEMS[0].weight},none,no,,yes,0,yes"
    )
    assert ",web2,partial,partial,nonconform,technical," in lines[2]
    assert lines[2].endswith(",medium,no,0,yes")
    assert ",web1,not-applicable,not-applicable,," in lines[3]
    assert lines[4:] == [""]


def test_no_cell_of_the_table_is_a_formula() -> None:
    hostile = assessed([on("=cmd|' /C calc'!A0", {C}), on("@SUM(1)", {N}), on("'=1", {C})])
    text = exported(hostile)
    assert ",'=cmd|' /C calc'!A0," in text
    assert ",'@SUM(1)," in text
    assert rescored(hostile) == score_assessment(hostile, TEMPLATES)

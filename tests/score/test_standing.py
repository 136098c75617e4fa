"""Sample and posture, with compensations and without, and what people said of risks."""

import pytest

from scanner.model import Interval, Risk, Verdict
from scanner.score import Majors, Scores, Standing, Tally, score_tallies
from tests.score.made_up import NA, TEMPLATES, C, N, P, subject

HIGH, MEDIUM, LOW = Risk.HIGH, Risk.MEDIUM, Risk.LOW
GOOD = Standing(frozenset({C}))
BAD = Standing(frozenset({N}))
UNSEEN = Standing(frozenset({C, N}))


def problem(risk: Risk | None) -> Standing:
    return Standing(frozenset({N}), risk=risk)


def tally(*standings: Standing) -> Tally:
    return Tally(subject(), {standing: standings.count(standing) for standing in standings})


def scores(*tallies: Tally, majors: Majors | None = None) -> Scores:
    """Scores of these items and so many good ones that there are twenty in all."""
    return score_tallies([*tallies, *[tally(GOOD)] * (20 - len(tallies))], TEMPLATES, majors)


@pytest.mark.parametrize(
    ("tallies", "majors", "grades", "ends"),
    [
        # One problem of twenty: 95 points, 95 per cent.
        ([tally(problem(None))], None, "优 良 差", "符合 基本符合"),
        ([tally(problem(LOW))], None, "优", "符合"),
        ([tally(problem(MEDIUM))], None, "良", "符合"),
        ([tally(problem(HIGH))], None, "差", "符合 基本符合"),  # a high one may be a major danger
        ([tally(problem(HIGH))], Majors(0, more=False), "差", "符合"),
        ([tally(problem(HIGH))], Majors(0, more=True), "差", "符合 基本符合"),
        ([tally(problem(HIGH))], Majors(1, more=False), "差", "基本符合"),
        ([tally(problem(None))], Majors(0, more=False), "优 良 差", "符合 基本符合"),
        ([tally(problem(None))], Majors(2, more=True), "优 良 差", "基本符合"),
        # A risk on one object says nothing of the other object.
        ([tally(problem(LOW), problem(None))], None, "优 良 差", "符合 基本符合"),
        ([tally(problem(LOW), problem(MEDIUM))], None, "良", "符合"),
        ([tally(problem(LOW)), tally(problem(HIGH))], None, "差", "基本符合"),  # 90 per cent is not above 90
        # What is not seen may be fine (95, nothing to judge), or fail (90, anyone's guess).
        ([tally(UNSEEN)], None, "优 良 差", "符合 基本符合"),
        ([tally(GOOD)], None, "优", "符合"),
        ([tally(GOOD)], Majors(1, more=False), "优", "基本符合"),
    ],
)
def test_conclusions_by_what_people_said(
    tallies: list[Tally], majors: Majors | None, grades: str, ends: str
) -> None:
    got = scores(*tallies, majors=majors)
    assert (" ".join(got.grades), " ".join(got.conclusions)) == (grades, ends)


def test_the_numbers_are_those_of_the_sample_and_the_posture_is_over_all() -> None:
    outside = Standing(frozenset({N}), sampled=False)
    got = scores(tally(GOOD, outside))
    assert got.strict == Interval(100.0, 100.0)
    assert got.grades == ("优",)
    assert got.posture is not None
    assert got.posture.strict == Interval(95.0, 95.0)
    assert got.posture.grades == ("优", "良", "差")  # nobody judged the problem outside the sample
    assert scores(tally(GOOD, BAD)).posture is None


def test_an_item_without_an_object_in_the_sample_counts_over_all_its_objects() -> None:
    outside = Standing(frozenset({N}), sampled=False)
    got = scores(tally(outside), tally(GOOD, outside))
    assert got.strict == Interval(95.0, 95.0)
    assert got.posture is not None
    assert got.posture.strict == Interval(90.0, 90.0)
    assert scores(tally(outside)).posture is None  # nothing is left out


def test_an_object_to_which_the_item_does_not_apply_may_be_the_sample() -> None:
    got = scores(tally(Standing(frozenset({NA})), Standing(frozenset({N}), sampled=False)))
    assert got.coverage.applicable == 19
    assert got.posture is not None
    assert got.posture.coverage.applicable == 20


def test_both_results_of_a_compensation_stand() -> None:
    made_up_for = Standing(frozenset({P}), frozenset({N}), LOW)
    got = scores(tally(made_up_for))
    assert got.half == Interval(97.5, 97.5)
    assert got.grades == ("优",)
    assert got.before is not None
    assert got.before.half == Interval(95.0, 95.0)
    assert got.before.grades == ("优", "良", "差")  # low is the risk of what the compensation left
    assert got.before.before is None
    assert scores(tally(BAD)).before is None


@pytest.mark.parametrize("objects", [2, 3, 100])
def test_objects_that_stand_alike_may_end_differently(objects: int) -> None:
    got = score_tallies([Tally(subject(), {UNSEEN: objects})], TEMPLATES)
    assert got.half == Interval(0.0, 100.0)
    item = Tally(subject(), {UNSEEN: objects}).scored()
    assert item is not None
    assert item.halves == {0, 1, 2}


def test_a_compensation_outside_the_sample_shows_in_the_posture_alone() -> None:
    outside = Standing(frozenset({C}), frozenset({N}), sampled=False)
    got = scores(tally(GOOD, outside))
    assert got.before is None
    assert got.posture is not None
    assert got.posture.before is not None
    assert got.posture.before.strict == Interval(95.0, 95.0)


@pytest.mark.parametrize("possible", [{C}, {C, N}, {NA}])
def test_where_no_problem_is_known_nobody_gives_a_risk(possible: set[Verdict]) -> None:
    with pytest.raises(ValueError, match="a risk belongs to a problem"):
        Standing(frozenset(possible), risk=LOW)


def test_a_set_that_is_none_is_refused_without_the_compensation_too() -> None:
    with pytest.raises(ValueError, match="not a set of possible verdicts"):
        Standing(frozenset({C}), frozenset())

"""Scores against brute force, published formulas and vectors computed elsewhere."""

import itertools
import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import decision
from scanner.errors import ProfileError
from scanner.model import Interval, Risk, Verdict
from scanner.profile import packaged
from scanner.score import ScoredItem, Template, possible_x, score
from scanner.score.deduction import deduction_score
from scanner.score.rate import rate_score
from scanner.score.template_file import load_template
from scanner.score.value import reachable

C, P, N = Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM
ONE, HALF, ZERO = Fraction(1), Fraction(1, 2), Fraction(0)
SOURCES = packaged()
OLD = load_template("2021", SOURCES)
NEW = load_template("2025", SOURCES)


def item(
    *x: Fraction, side: str = "technical", weight: str = "general", themes: tuple[str, ...] = ()
) -> ScoredItem:
    return ScoredItem(side, weight, themes, optional=False, x=frozenset(x))


def from_vector(entry: dict[str, Any]) -> ScoredItem | None:
    objects = [frozenset(Verdict(v) for v in verdicts) for verdicts in entry["objects"]]
    x = possible_x(decision.over_objects(objects))
    return ScoredItem(entry["side"], entry["weight"], (), optional=False, x=x) if x else None


def vectors(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["vectors"]
    return found


def assert_vector(vector: dict[str, Any]) -> None:
    items = [found for found in map(from_vector, vector["items"]) if found is not None]
    old = replace(OLD, y=Fraction(vector["y"]))
    got = score(items, old, NEW, [Risk(r) for r in vector["risks"]], vector["majors"])
    expect = vector["expect"]
    assert got.deduction is not None
    assert got.strict is not None
    assert got.half is not None
    assert rounded(got.deduction) == bounds(expect["2021"])
    assert rounded(got.strict) == bounds(expect["2025"]["strict"])
    assert rounded(got.half) == bounds(expect["2025"]["half"])
    assert sorted(got.grades) == sorted(expect["2021"]["conclusions"])
    assert sorted(got.conclusions) == sorted(expect["2025"]["conclusions"])
    assert got.coverage.decided == expect["coverage"]["decided"]
    assert got.coverage.applicable == expect["coverage"]["applicable"]


def rounded(interval: Interval) -> tuple[float, float]:
    return round(interval.low, 4), round(interval.high, 4)


def bounds(expected: dict[str, float]) -> tuple[float, float]:
    return expected["low"], expected["high"]


OWN = vectors(Path(__file__).with_name("vectors.json"))


@pytest.mark.parametrize("vector", OWN, ids=lambda v: v["name"])
def test_our_vectors(vector: dict[str, Any]) -> None:
    assert_vector(vector)


def test_the_vectors_of_the_fact_sheet_to_four_decimals() -> None:
    folder = Path(os.environ.get("MLPS_FACTS", Path(__file__).parents[3] / "shared" / "facts"))
    path = folder / "scoring-vectors.json"
    if not path.exists():
        pytest.skip(
            "the fact sheet's scoring-vectors.json is not beside the project; MLPS_FACTS names its folder"
        )
    found = vectors(path)
    assert len(found) >= 10
    for vector in found:
        assert_vector(vector)


def official_m(items: list[tuple[str, str, Fraction]], y: Fraction) -> Fraction:
    """Formula of 2021, written out a second time."""
    s = Fraction(100, len(items))
    f = {"general": 1, "important": 2, "key": 3}
    lost = {"technical": ZERO, "management": ZERO}
    for side, weight, x in items:
        lost[side] += f[weight] * (1 - x) * s
    return max(ZERO, 100 * y - lost["technical"]) + max(ZERO, 100 * (1 - y) - lost["management"])


def official_grade(m: Fraction, risks: set[Risk]) -> str:
    if m >= 90 and not risks & {Risk.HIGH, Risk.MEDIUM}:
        return "优"
    if m >= 80 and Risk.HIGH not in risks:
        return "良"
    return "中" if m >= 70 and Risk.HIGH not in risks else "差"


def official_conclusion(rate: Fraction, majors: int) -> str:
    if rate > 90 and not majors:
        return "符合"
    return "基本符合" if rate >= 60 else "不符合"


SETS = st.sets(st.sampled_from([ONE, HALF, ZERO]), min_size=1)
ITEMS = st.lists(
    st.builds(
        lambda side, weight, x: item(*x, side=side, weight=weight),
        st.sampled_from(["technical", "management"]),
        st.sampled_from(["general", "important", "key"]),
        SETS,
    ),
    min_size=1,
    max_size=6,
)


def completions(items: list[ScoredItem]) -> list[list[tuple[str, str, Fraction]]]:
    chosen = itertools.product(*(sorted(i.x) for i in items))
    return [[(i.side, i.weight, x) for i, x in zip(items, xs, strict=True)] for xs in chosen]


@settings(max_examples=80, deadline=None)
@given(
    ITEMS,
    st.sampled_from([Fraction(1, 2), Fraction(7, 10), Fraction(0), Fraction(1)]),
    st.sets(st.sampled_from(Risk)),
    st.integers(0, 2),
)
def test_intervals_and_conclusions_are_those_of_all_completions(
    items: list[ScoredItem], y: Fraction, risks: set[Risk], majors: int
) -> None:
    every = completions(items)
    ms = {official_m(c, y) for c in every}
    got = deduction_score(items, replace(OLD, y=y), risks)
    assert got is not None
    assert (got.low, got.high) == (min(ms), max(ms))
    assert set(got.conclusions) == {official_grade(m, risks) for m in ms}
    strict = {Fraction(100 * sum(x == 1 for *_, x in c), len(c)) for c in every}
    half = {100 * sum((x for *_, x in c), ZERO) / len(c) for c in every}
    for reading, values in (("strict", strict), ("half", half)):
        rate = rate_score(items, replace(NEW, rate=reading), majors)
        assert rate is not None
        assert rate.strict == (min(strict), max(strict))
        assert rate.half == (min(half), max(half))
        assert set(rate.conclusions) == {official_conclusion(v, majors) for v in values}


@settings(max_examples=60, deadline=None)
@given(ITEMS)
def test_unjudged_problems_leave_every_risk_open_and_flawless_completions_none(
    items: list[ScoredItem],
) -> None:
    grades, conclusions = set(), set()
    for c in completions(items):
        problem = any(x != 1 for *_, x in c)
        m, rate = official_m(c, Fraction(1, 2)), Fraction(100 * sum(x == 1 for *_, x in c), len(c))
        for risks in [set(), {Risk.MEDIUM}, {Risk.HIGH}] if problem else [set()]:
            grades.add(official_grade(m, risks))
        for majors in [0, 1] if problem else [0]:
            conclusions.add(official_conclusion(rate, majors))
    got = score(items, OLD, NEW)
    assert (set(got.grades), set(got.conclusions)) == (grades, conclusions)


def test_one_problem_of_twenty_may_still_be_a_major_danger() -> None:
    items = [item(ONE)] * 19 + [item(ZERO)]
    assert score(items, OLD, NEW).conclusions == ("符合", "基本符合")
    assert score(items, OLD, NEW, majors=0).conclusions == ("符合",)
    assert score(items, OLD, NEW, majors=1).conclusions == ("基本符合",)
    assert score([item(ONE)] * 20, OLD, NEW).conclusions == ("符合",)


@settings(max_examples=60, deadline=None)
@given(ITEMS, st.data())
def test_seeing_more_never_widens_an_interval(items: list[ScoredItem], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(items) - 1))
    kept = data.draw(st.sets(st.sampled_from(sorted(items[which].x)), min_size=1))
    seen = [replace(i, x=frozenset(kept)) if n == which else i for n, i in enumerate(items)]
    before, after = score(items, OLD, NEW), score(seen, OLD, NEW)
    for wide, narrow in ((before.deduction, after.deduction), (before.strict, after.strict)):
        assert wide is not None
        assert narrow is not None
        assert wide.low <= narrow.low <= narrow.high <= wide.high
    assert set(after.grades) <= set(before.grades)
    assert set(after.conclusions) <= set(before.conclusions)
    assert after.coverage.decided >= before.coverage.decided


def test_themes_are_weighted_means_of_x_as_intervals() -> None:
    items = [
        item(ONE, weight="key", themes=("firewall",)),
        item(ONE, ZERO, weight="general", themes=("firewall", "audit")),
        item(ZERO, themes=()),
    ]
    themes = score(items, OLD, NEW).themes
    assert themes["firewall"] == Interval(0.75, 1.0)
    assert themes["audit"] == Interval(0.0, 1.0)
    assert themes["tunnels"] is None


def test_nothing_applicable_gives_no_number() -> None:
    got = score([], OLD, NEW)
    assert (got.deduction, got.strict, got.half, got.grades, got.conclusions) == (None, None, None, (), ())
    assert (got.coverage.decided, got.coverage.applicable) == (0, 0)


def test_optional_items_count_only_where_the_template_says_so() -> None:
    items = [item(ONE), replace(item(ZERO, ONE), optional=True)]
    assert score(items, OLD, NEW).coverage.applicable == 2
    without = score(items, replace(OLD, count_optional=False), replace(NEW, count_optional=False))
    assert without.coverage.applicable == 1
    assert without.strict == Interval(100.0, 100.0)


def test_a_whole_level_of_unseen_items_is_cheap() -> None:
    items = [item(ONE, HALF, ZERO, weight="key") for _ in range(105)]
    items += [item(ONE, HALF, ZERO, side="management", weight="important") for _ in range(123)]
    got = score(items, OLD, NEW)
    assert got.deduction == Interval(0.0, 100.0)
    assert got.grades == ("优", "良", "中", "差")
    assert got.conclusions == ("符合", "基本符合", "不符合")


@given(st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=3), max_size=5))
def test_reachable_sums(choices: list[list[int]]) -> None:
    assert reachable(choices) == sorted({sum(c) for c in itertools.product(*choices)})


@pytest.mark.parametrize(
    "verdicts",
    [set(), {Verdict.UNDETERMINED}, {Verdict.NOT_APPLICABLE, C}, {Verdict.UNDETERMINED, N}],
)
def test_what_is_no_set_of_verdicts_is_refused(verdicts: set[Verdict]) -> None:
    with pytest.raises(ValueError, match="not a set of possible verdicts"):
        possible_x(verdicts)


def test_x_of_verdicts() -> None:
    assert possible_x({C, P, N}) == {ONE, HALF, ZERO}
    assert possible_x({Verdict.NOT_APPLICABLE}) == frozenset()


@pytest.mark.parametrize("template", [OLD, NEW], ids=lambda t: t.name)
def test_templates_say_what_is_ours(template: Template) -> None:
    sources = {note.about: note.source for note in template.notes}
    assert sources["weights"] == "ours"
    assert {"sourced", "ours"} <= set(sources.values())
    assert all(note.text.zh and note.text.en for note in template.notes)
    if template.name == "2021":
        assert sources["y"] == "memory"
    else:
        assert sources["rate"] == "ours"


def test_a_wrong_template_names_every_mistake() -> None:
    text = SOURCES["templates/2025.yaml"].decode()
    text = text.replace("name: '2025'", "name: '2024'", 1).replace(
        "{name: 不符合}", "{name: 不符合, min: 10}"
    )
    with pytest.raises(ProfileError) as caught:
        load_template("2025", {"templates/2025.yaml": text.encode()})
    assert [m.line > 0 for m in caught.value.mistakes] == [True, True]
    with pytest.raises(ProfileError, match=r"'min': .*|min: must be a number"):
        load_template("2025", {"templates/2025.yaml": text.replace("min: 60", "min: many").encode()})
    with pytest.raises(ProfileError, match="no report template"):
        load_template("2019", SOURCES)

"""Scores against brute force and published formulas, and templates as data."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import yamlmarks
from scanner.errors import ProfileError
from scanner.model import Interval, Risk, Verdict
from scanner.score import Band, Reading, ScoredItem, Subject, Template, Templates, final, judged, score
from scanner.score.conclusion import conclusions
from scanner.score.deduction import deduction_score
from scanner.score.rate import rate_score
from scanner.score.sums import Choice, reachable
from scanner.score.template_file import load_template, load_templates, read_template
from scanner.score.value import require_verdicts, scored
from tests.score.made_up import (
    NA,
    NEW,
    OLD,
    SOURCES,
    TEMPLATES,
    C,
    N,
    P,
    counted,
    item,
    nobody_judged,
    official_conclusion,
    official_grade,
    official_m,
    official_rates,
    over_objects,
    subject,
)

SUBJECTS = st.builds(
    subject,
    st.sampled_from(["technical", "management"]),
    st.sampled_from(["general", "important", "key"]),
)
OBJECT = st.sets(st.sampled_from([C, P, N]), min_size=1).map(frozenset)
ITEMS = st.lists(st.tuples(SUBJECTS, st.lists(OBJECT, min_size=1, max_size=2)), min_size=1, max_size=4)

Open = Sequence[tuple[Subject, Sequence[frozenset[Verdict]]]]


def completions(items: Open) -> Iterator[tuple[list[tuple[Subject, Verdict]], bool]]:
    """Every completion: the items' verdicts, and whether a problem came that nobody knew."""
    flat = [(about, o) for about, objects in items for o in objects]
    for chosen in itertools.product(*(sorted(o) for _, o in flat)):
        further = any(C in o and v is not C for (_, o), v in zip(flat, chosen, strict=True))
        rest = iter(chosen)
        yield [(about, over_objects([next(rest) for _ in objects])) for about, objects in items], further


def as_items(items: Open) -> Counter[ScoredItem]:
    return counted(scored(about, objects) for about, objects in items)


@settings(max_examples=60, deadline=None)
@given(
    ITEMS,
    st.sampled_from([Fraction(1, 2), Fraction(7, 10), Fraction(0), Fraction(1)]),
    st.sets(st.sampled_from(Risk)),
    st.integers(0, 2),
)
def test_intervals_and_conclusions_are_those_of_all_completions(
    items: Open, y: Fraction, risks: set[Risk], majors: int
) -> None:
    every = [c for c, _ in completions(items)]
    ms = {official_m(c, y) for c in every}
    told = final(risks, majors)
    got = deduction_score(as_items(items), replace(OLD, y=y), told)
    assert got is not None
    assert (got.low, got.high) == (min(ms), max(ms))
    assert set(got.conclusions) == {official_grade(m, risks) for m in ms}
    for reading, values in zip(Reading, zip(*map(official_rates, every), strict=True), strict=True):
        rate = rate_score(as_items(items), replace(NEW, reading=reading), told)
        assert rate is not None
        assert getattr(rate, reading.value) == (min(values), max(values))
        assert set(rate.conclusions) == {official_conclusion(v, majors) for v in values}


def any_risks(given: frozenset[Risk]) -> list[frozenset[Risk]]:
    """What problems without a risk may add: at least one risk, any of them."""
    some = [set(s) for size in (1, 2, 3) for s in itertools.combinations(Risk, size)]
    return [given | s for s in some]


@settings(max_examples=60, deadline=None)
@given(ITEMS, st.sets(st.sampled_from(Risk)).map(frozenset), st.booleans(), st.integers(0, 1), st.booleans())
def test_what_is_not_judged_leaves_every_risk_open_and_nothing_else_does(
    items: Open, risks: frozenset[Risk], more: bool, majors: int, more_majors: bool
) -> None:
    grades, ends = set(), set()
    for c, further in completions(items):
        m, rate = official_m(c, Fraction(1, 2)), official_rates(c)[0]
        grades |= {official_grade(m, some) for some in (any_risks(risks) if further or more else [risks])}
        open_ = (further or more_majors) and not majors
        ends |= {official_conclusion(rate, some) for some in ((0, 1) if open_ else (majors,))}
    told = judged(risks, more=more, majors=majors, more_majors=more_majors)
    got = score(as_items(items), TEMPLATES, told)
    assert (set(got.grades), set(got.conclusions)) == (grades, ends)


def test_a_problem_without_a_risk_ends_in_some_risk() -> None:
    told = judged({Risk.LOW}, more=False, majors=0, more_majors=False)
    assert told.known.risks == {frozenset({Risk.LOW})}
    assert told.known.major == {False}
    assert told.further.risks == set(any_risks(frozenset({Risk.LOW})))
    assert told.further.major == {False, True}
    nothing = judged((), more=True, majors=1, more_majors=False)
    assert nothing.known.risks == nothing.further.risks == set(any_risks(frozenset()))
    assert frozenset() not in nothing.known.risks
    assert nothing.known.major == nothing.further.major == {True}


def test_one_problem_of_twenty_may_still_be_a_major_danger() -> None:
    items = counted([*[item(subject(), {C})] * 19, item(subject(), {N})])
    assert score(items, TEMPLATES, nobody_judged(items)).conclusions == ("符合", "基本符合")
    assert score(items, TEMPLATES, final([], 0)).conclusions == ("符合",)
    assert score(items, TEMPLATES, final([], 1)).conclusions == ("基本符合",)
    whole = counted([item(subject(), {C})] * 20)
    assert score(whole, TEMPLATES, nobody_judged(whole)).conclusions == ("符合",)


@pytest.mark.parametrize(
    ("possible", "grades"),
    [
        ({C}, ("良",)),  # nothing unseen: the medium risk of the known problem alone
        ({C, N}, ("良", "差")),  # 95 without a further problem: 良; with one (90) its risk is anyone's guess
        ({N}, ("良",)),  # known to fail like the other, and judged with it
    ],
)
def test_only_a_further_problem_may_bring_a_further_risk(
    possible: set[Verdict], grades: tuple[str, ...]
) -> None:
    items = counted([*[item(subject(), {C})] * 18, item(subject(), {N}), item(subject(), possible)])
    told = judged({Risk.MEDIUM}, more=False, majors=0, more_majors=False)
    assert score(items, TEMPLATES, told).grades == grades


@settings(max_examples=100, deadline=None)
@given(st.lists(OBJECT, min_size=1, max_size=3))
def test_values_with_a_further_problem_and_without(objects: list[frozenset[Verdict]]) -> None:
    expect: dict[bool, set[int]] = {False: set(), True: set()}
    for chosen in itertools.product(*objects):
        further = any(C in o and v is not C for o, v in zip(objects, chosen, strict=True))
        expect[further].add({C: 2, P: 1, N: 0}[over_objects(chosen)])
    got = item(subject(), *objects)
    assert (set(got.calm), set(got.further)) == (expect[False], expect[True])


def test_an_object_that_may_conform_may_not_worsen_an_item_and_still_be_a_further_problem() -> None:
    """x is 0.5 in both completions: one without a further problem, one with."""
    partial = item(subject(), {N}, {C}, {C, N})
    assert partial.calm == partial.further == {1}


@settings(max_examples=60, deadline=None)
@given(ITEMS, st.data())
def test_seeing_more_never_widens_an_interval(items: Open, data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(items) - 1))
    about, objects = items[which]
    at = data.draw(st.integers(0, len(objects) - 1))
    kept = frozenset(data.draw(st.sets(st.sampled_from(sorted(objects[at])), min_size=1)))
    seen = [*items]
    seen[which] = (about, [kept if n == at else o for n, o in enumerate(objects)])
    told = final([], 0)
    before, after = (score(as_items(some), TEMPLATES, told) for some in (items, seen))
    for wide, narrow in (
        (before.deduction, after.deduction),
        (before.strict, after.strict),
        (before.half, after.half),
    ):
        assert wide is not None
        assert narrow is not None
        assert wide.low <= narrow.low <= narrow.high <= wide.high
    assert set(after.grades) <= set(before.grades)
    assert set(after.conclusions) <= set(before.conclusions)
    assert after.coverage.decided >= before.coverage.decided


@settings(max_examples=40, deadline=None)
@given(ITEMS, st.integers(1, 3))
def test_what_does_not_apply_changes_others_through_n_alone(items: Open, more: int) -> None:
    """Objects that an item does not apply to, and items that apply to none, might as well not be there."""
    na = frozenset({NA})
    padded = [(about, [na, *objects]) for about, objects in items] + [(subject(), [na] * more)]
    told = final([], 0)
    assert score(as_items(items), TEMPLATES, told) == score(as_items(padded), TEMPLATES, told)


def test_n_is_what_items_that_do_not_apply_change() -> None:
    items = [(subject(), [frozenset({N})]), *[(subject(), [frozenset({C})])] * 3]
    told = final([], 0)
    with_four, with_three = (score(as_items(some), TEMPLATES, told) for some in (items, items[:-1]))
    assert with_four.strict == Interval(75.0, 75.0)
    assert with_three.strict == Interval(float(Fraction(200, 3)), float(Fraction(200, 3)))


def test_themes_are_weighted_means_of_x_as_intervals() -> None:
    items = counted(
        [
            item(subject(weight="key", themes=("firewall",)), {C}),
            item(subject(themes=("firewall", "audit")), {C, N}),
            item(subject(), {N}),
        ]
    )
    themes = score(items, TEMPLATES, final([], 0)).themes
    assert themes["firewall"] == Interval(0.75, 1.0)
    assert themes["audit"] == Interval(0.0, 1.0)
    assert themes["tunnels"] is None


def test_items_that_count_alike_count_as_often_as_they_are_there() -> None:
    alike = item(subject(themes=("audit",)), {C})
    items = counted([alike, alike, alike, item(subject(themes=("audit",)), {N})])
    got = score(items, TEMPLATES, final([], 0))
    assert got.themes["audit"] == Interval(0.75, 0.75)
    assert got.half == Interval(75.0, 75.0)


def test_nothing_applicable_gives_no_number() -> None:
    got = score({}, TEMPLATES, final([], 0))
    assert (got.deduction, got.strict, got.half, got.grades, got.conclusions) == (None, None, None, (), ())
    assert (got.coverage.decided, got.coverage.applicable) == (0, 0)


def test_optional_items_count_only_where_the_template_says_so() -> None:
    items = counted([item(subject(), {C}), item(subject(optional=True), {C, N})])
    told = final([], 0)
    assert score(items, TEMPLATES, told).coverage.applicable == 2
    without = Templates(replace(OLD, count_optional=False), replace(NEW, count_optional=False))
    assert score(items, without, told).coverage.applicable == 1
    assert score(items, without, told).strict == Interval(100.0, 100.0)


@pytest.mark.parametrize("many", [1, 1000])
def test_a_whole_level_of_unseen_items_is_cheap(many: int) -> None:
    """And so are a thousand levels: the work grows with the kinds of items."""
    technical, management = item(subject(weight="key"), {C, P, N}), item(subject("management"), {C, N})
    items = {technical: 105 * many, management: 123 * many}
    got = score(items, TEMPLATES, nobody_judged(items))
    assert got.deduction == Interval(0.0, 100.0)
    assert got.grades == ("优", "良", "中", "差")
    assert got.conclusions == ("符合", "基本符合", "不符合")


NUMBERS = st.tuples(
    st.sets(st.sampled_from([0, 1, 2]), min_size=1), st.sets(st.sampled_from([0, 1, 2])), st.integers(1, 3)
)


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBERS, st.integers(1, 2)), max_size=3))
def test_reachable_sums(entries: list[tuple[tuple[set[int], set[int], int], int]]) -> None:
    choices: Counter[Choice] = Counter()
    flat = []
    for (quiet, loud, weight), times in entries:
        choice = frozenset(n * weight for n in quiet), frozenset(n * weight for n in loud)
        choices[choice] += times
        flat += [[(n, False) for n in choice[0]] + [(n, True) for n in choice[1]]] * times
    got = reachable(choices)
    expect: dict[bool, set[int]] = {False: set(), True: set()}
    for chosen in itertools.product(*flat):
        expect[any(loud for _, loud in chosen)].add(sum(n for n, _ in chosen))
    assert (got.calm, got.further) == (tuple(sorted(expect[False])), tuple(sorted(expect[True])))


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Band,
            name=st.just(""),
            least=st.none() | st.integers(0, 4).map(Fraction),
            above=st.none() | st.integers(0, 4).map(Fraction),
            without=st.sets(st.sampled_from(Risk)).map(frozenset),
            without_majors=st.booleans(),
        ),
        max_size=4,
    ),
    st.sets(st.integers(0, 10), min_size=1),
    st.sets(st.integers(0, 10), min_size=1),
    st.sets(st.sampled_from(Risk)),
    st.booleans(),
)
def test_the_first_band_whose_conditions_are_met_is_concluded(
    bands: list[Band], first: set[int], second: set[int], risks: set[Risk], major: bool
) -> None:
    named = [replace(band, name=str(n)) for n, band in enumerate([*bands, Band("")])]

    def meets(band: Band, value: Fraction) -> bool:
        high = (band.least is None or value >= band.least) and (band.above is None or value > band.above)
        return high and not band.without & risks and not (band.without_majors and major)

    values = {Fraction(a + b, 3) for a in first for b in second}
    expect = {next(band.name for band in named if meets(band, value)) for value in values}
    pairs = [(sorted(first), sorted(second))]
    assert set(conclusions(named, 3, pairs, [], final(risks, int(major)))) == expect


@pytest.mark.parametrize("verdicts", [set(), {Verdict.UNDETERMINED}, {NA, C}, {Verdict.UNDETERMINED, N}])
def test_what_is_no_set_of_verdicts_is_refused(verdicts: set[Verdict]) -> None:
    with pytest.raises(ValueError, match="not a set of possible verdicts"):
        require_verdicts(verdicts)


@pytest.mark.parametrize("template", [OLD, NEW], ids=lambda t: t.name)
def test_templates_say_what_is_ours(template: Template) -> None:
    sources = {note.about: note.source for note in template.notes}
    assert sources["weights"] == "ours"
    assert {"sourced", "ours"} <= set(sources.values())
    assert all(note.text.zh and note.text.en for note in template.notes)
    if template is OLD:
        assert sources["y"] == "memory"
    else:
        assert sources["rate"] == "ours"


def test_a_template_of_ones_own_takes_the_place_of_its_formula() -> None:
    text = SOURCES["templates/2025.yaml"].decode().replace("name: '2025'", "name: house")
    own = read_template(yamlmarks.parse(text.replace("rate: strict", "rate: half").encode(), "house.yaml"))
    assert (own.name, own.reading) == ("house", Reading.HALF)
    assert TEMPLATES.using(own) == Templates(OLD, own)
    assert TEMPLATES.using(OLD) == TEMPLATES


def test_a_wrong_template_names_every_mistake() -> None:
    text = SOURCES["templates/2025.yaml"].decode()
    wrong = text.replace("{name: 不符合}", "{name: 基本符合, min: 10}")
    with pytest.raises(ProfileError) as caught:
        load_template("2025", {"templates/2025.yaml": wrong.encode()})
    assert [m.line > 0 for m in caught.value.mistakes] == [True, True]
    with pytest.raises(ProfileError, match="this is the file of template '2025'"):
        load_template(
            "2025", {"templates/2025.yaml": text.replace("name: '2025'", "name: '2024'", 1).encode()}
        )
    for number in ("many", "1e99999999", "1/0", "-1", "½"):
        with pytest.raises(ProfileError, match="must be a number such as"):
            load_template("2025", {"templates/2025.yaml": text.replace("min: 60", f"min: {number}").encode()})
    with pytest.raises(ProfileError, match="no report template"):
        load_templates({})

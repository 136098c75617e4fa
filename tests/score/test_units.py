"""Results of control points, classes and themes, against every completion of their items."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import ItemResult, Scope, Verdict
from scanner.profile import load_items
from scanner.score.units import classes, control_points, themes, unit
from tests.score.made_up import NA, C, N, P, over_objects

ITEMS = load_items(3)
SOME = st.one_of(st.just(frozenset({NA})), st.sets(st.sampled_from([C, P, N]), min_size=1).map(frozenset))


def results(*possible: set[Verdict] | frozenset[Verdict], point: str = "身份鉴别") -> list[ItemResult]:
    item = next(i for i in ITEMS if i.klass == "CES" and i.control_point.zh == point)
    return [ItemResult(item, frozenset(verdicts), ()) for verdicts in possible]


@pytest.mark.parametrize(
    ("items", "expect"),
    [
        ([{C}, {C}], {C}),
        ([{N}, {N}], {N}),
        ([{NA}, {NA}], {NA}),
        ([{P}, {P}], {P}),
        ([{C}, {N}], {P}),
        ([{C}, {NA}], {C}),
        ([{N}, {NA}], {N}),
        ([{C}, {C, N}], {C, P}),
        ([{N}, {C, N}], {P, N}),
        ([{C, N}, {C, N}], {C, P, N}),
        ([{P}, {C, P, N}], {P}),
        ([], {NA}),
    ],
)
def test_a_control_point(items: list[set[Verdict]], expect: set[Verdict]) -> None:
    assert unit(results(*items)).possible == expect


@settings(max_examples=60, deadline=None)
@given(st.lists(SOME, max_size=5))
def test_a_unit_is_possible_where_a_completion_of_its_items_ends_in_it(
    items: Sequence[frozenset[Verdict]],
) -> None:
    assert unit(results(*items)).possible == {over_objects(chosen) for chosen in itertools.product(*items)}


def test_counts_are_of_items_and_name_every_verdict() -> None:
    counts = unit(results({C}, {C}, {C, N}, {NA}, {P})).counts
    assert counts == {C: 2, P: 1, N: 0, NA: 1, Verdict.UNDETERMINED: 1}


def test_points_of_a_class_in_the_order_of_the_items() -> None:
    points = control_points([*results({C}), *results({N}, point="访问控制"), *results({C, N})])
    assert [p.title.zh for p in points] == ["身份鉴别", "访问控制"]
    assert [set(p.unit.possible) for p in points] == [{C, P}, {N}]


def test_classes_of_the_whole_level_three() -> None:
    whole = [ItemResult(item, frozenset({C}), ()) for item in ITEMS]
    general = [s for s in classes(whole) if s.scope is Scope.GENERAL]
    assert [s.klass for s in general] == "PES CNS ABS CES SMC PSS ORS HRS CMS MMS".split()
    assert sum(s.unit.counts[C] for s in general) == 211
    assert [s.side for s in general] == ["technical"] * 5 + ["management"] * 5
    assert all(s.unit.verdict is C and all(p.unit.verdict is C for p in s.points) for s in general)


def test_the_same_name_in_an_extension_is_another_control_point() -> None:
    whole = [ItemResult(item, frozenset({C}), ()) for item in ITEMS]
    named = [
        (s.scope, point.title.zh)
        for s in classes(whole)
        for point in s.points
        if s.klass == "ABS" and point.title.zh == "访问控制"
    ]
    assert {scope for scope, _ in named} >= {Scope.GENERAL, Scope.CLOUD}
    assert len(named) == len(set(named))


def test_a_theme_is_a_unit_too() -> None:
    one = results({N})[0]
    firewall = replace(one, item=replace(one.item, themes=("firewall",)))
    found = themes([firewall, *results({C})], ["firewall", "tunnels"])
    assert found["firewall"].possible == {N}
    assert found["tunnels"].verdict is NA

"""The catalogue that this product ships: all items of four levels, for every grade, in both languages."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

from scanner.catalogue import MANAGEMENT, TECHNICAL, THEMES
from scanner.errors import ProfileError
from scanner.model import Grade, Scope, System
from scanner.profile import LEVELS, load_items, object_kinds, packaged
from scanner.profile_files import HIGH_RISK_FILE, ids_in, items_file
from scanner.selection import clause_order, selected
from scanner.yamlmarks import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.model import Item, Text

ITEMS = {level: load_items(level) for level in LEVELS}
BY_ID = {item.id: item for items in ITEMS.values() for item in items}
HAN = re.compile("[一-鿿]")

COUNTS = {
    1: {"general": 55, "cloud": 11, "mobile": 5, "iot": 4, "ics": 9},
    2: {"general": 135, "cloud": 29, "mobile": 14, "iot": 7, "ics": 15},
    3: {"general": 211, "cloud": 46, "mobile": 19, "iot": 20, "ics": 21},
    4: {"general": 228, "cloud": 49, "mobile": 21, "iot": 21, "ics": 22},
}
SIDES = {1: (25, 30), 2: (57, 78), 3: (96, 115), 4: (105, 123)}
"""Technical and management items among the general ones."""

MARKS = {
    1: {"S": 9, "A": 2, "G": 44},
    2: {"S": 15, "A": 4, "G": 116},
    3: {"S": 24, "A": 6, "G": 181},
    4: {"S": 25, "A": 8, "G": 195},
}
"""General items by mark. All items of the extensions are marked G.

A: stable power (1, 2, 3, 4 items at the levels) and backup (1, 2, 3, 4). S at level 3: electromagnetic shield
2, trusted verification 3, identity 4, access control of computing 7, integrity 2, confidentiality 2, residual
information 2, personal information 2.
"""


def chosen(grade: str, *uses: Scope) -> tuple[Item, ...]:
    return selected(System("shop", "", Grade.parse(grade), uses=uses), ITEMS)


def texts(item: Item) -> Iterator[Text]:
    yield item.control_point
    yield item.summary
    yield from (step.text for step in item.steps)


def test_every_level_and_extension_has_its_official_number_of_items() -> None:
    found = {
        level: {s.value: n for s, n in Counter(i.scope for i in ITEMS[level]).items()} for level in LEVELS
    }
    assert found == COUNTS
    assert len(BY_ID) == 942


@pytest.mark.parametrize("level", LEVELS)
def test_sides_and_marks(level: int) -> None:
    general = [item for item in ITEMS[level] if item.scope is Scope.GENERAL]
    sides = Counter(item.side for item in general)
    assert (sides["technical"], sides["management"]) == SIDES[level]
    assert Counter(item.mark for item in general) == MARKS[level]
    assert {item.mark for item in ITEMS[level] if item.scope is not Scope.GENERAL} == {"G"}


@pytest.mark.parametrize(("s", "a"), list(itertools.product(LEVELS, repeat=2)))
def test_all_16_grades_take_each_mark_from_its_level(s: int, a: int) -> None:
    g = max(s, a)
    general = chosen(f"S{s}A{a}")
    assert Counter(item.mark for item in general) == {
        "S": MARKS[s]["S"],
        "A": MARKS[a]["A"],
        "G": MARKS[g]["G"],
    }
    assert {(item.mark, item.level) for item in general} == {("S", s), ("A", a), ("G", g)}
    whole = chosen(f"S{s}A{a}", *list(Scope)[1:])
    assert len(whole) == len(general) + sum(COUNTS[g].values()) - COUNTS[g]["general"]
    assert [clause_order(item) for item in whole] == sorted(clause_order(item) for item in whole)


@pytest.mark.parametrize(
    ("grade", "uses", "number"),
    [
        # By hand: 211 of level 3, its 6 items marked A go (power 3, backup 3), the 4 of level 2 come.
        ("S3A2", (), 211 - 6 + 4),
        # By hand: 211 of level 3, its 24 items marked S go, the 15 of level 2 come.
        ("S2A3", (), 211 - 24 + 15),
        ("S3A3", (), 211),
        ("S3A3", (Scope.CLOUD,), 211 + 46),
        ("S3A3", (Scope.CLOUD, Scope.MOBILE, Scope.IOT, Scope.ICS), 211 + 46 + 19 + 20 + 21),
        ("S3A2", (Scope.CLOUD,), 209 + 46),
        ("S1A4", (Scope.ICS,), 228 - 25 + 9 + 22),
    ],
)
def test_some_grades_counted_by_hand(grade: str, uses: tuple[Scope, ...], number: int) -> None:
    assert len(chosen(grade, *uses)) == number


def test_level_5_has_no_items_and_says_why() -> None:
    with pytest.raises(ProfileError, match="level 5 has no published requirements"):
        load_items(5)


@pytest.mark.parametrize("level", LEVELS)
def test_items_are_whole(level: int) -> None:
    kinds = object_kinds()
    for item in ITEMS[level]:
        assert item.level == level
        assert set(item.kinds) <= set(kinds), item.id
        assert len(set(item.kinds)) == len(item.kinds), item.id
        assert item.klass in (TECHNICAL if item.side == "technical" else MANAGEMENT), item.id
        assert set(item.themes) <= set(THEMES), item.id
        assert item.optional <= (item.control_point.zh == "可信验证"), item.id
        assert (item.weight == "key") == bool(item.high_risk), item.id


def test_themes_and_judgements_reach_items_of_every_level() -> None:
    for level in LEVELS[1:]:
        assert {theme for item in ITEMS[level] for theme in item.themes} == set(THEMES)
    assert not any(item.high_risk for item in ITEMS[1])
    known = ids_in(HIGH_RISK_FILE, packaged())
    assert {name for item in BY_ID.values() for name in item.high_risk} <= known


@pytest.mark.parametrize("level", LEVELS)
def test_every_clause_is_found_by_its_number_and_none_is_left_out(level: int) -> None:
    """Items of one clause number are lettered a), b), c) ... without a hole; a lone one has no letter."""
    letters: dict[str, list[str]] = defaultdict(list)
    for item in ITEMS[level]:
        number, _, letter = item.clause.partition(" ")
        letters[number].append(letter)
    for number, found in letters.items():
        expected = [f"{letter})" for letter in "abcdefghijklmnopqrstuvwxyz"[: len(found)]]
        assert found == (expected if len(found) > 1 else [""]), number
    for scope in Scope:
        numbers = [clause_order(item)[0] for item in ITEMS[level] if item.scope is scope]
        controls = [key for key, _ in itertools.groupby(numbers)]
        assert controls == sorted(controls), scope
        for parent, group in itertools.groupby(controls, key=lambda number: number[:2]):
            last = [number[2] for number in group if len(number) > 2]
            assert last == list(range(1, len(last) + 1)), (scope, parent)


def test_every_item_takes_the_place_of_one_of_the_same_requirement_or_is_new() -> None:
    followed = Counter(item.changed_from for item in BY_ID.values() if item.changed_from)
    assert set(followed.values()) == {1}
    for item in BY_ID.values():
        if item.changed_from:
            before = BY_ID[item.changed_from]
            assert (before.level, before.scope) == (item.level - 1, item.scope), item.id
            assert (before.klass, before.mark) == (item.klass, item.mark), item.id
    new = {level: sum(not item.changed_from for item in ITEMS[level]) for level in LEVELS}
    assert new == {1: 84, 2: 116, 3: 119, 4: 25}


def test_texts_stand_in_both_languages_and_are_not_mixed_up() -> None:
    for item in BY_ID.values():
        for text in texts(item):
            assert HAN.search(text.zh), (item.id, text.zh)
            assert not HAN.search(text.en), (item.id, text.en)
            assert text.zh == text.zh.strip(), (item.id, text.zh)
            assert text.en == text.en.strip(), (item.id, text.en)
        assert HAN.search(item.class_zh)


def test_names_of_control_points_and_classes_are_the_same_everywhere() -> None:
    for pairs in (
        {(item.control_point.zh, item.control_point.en) for item in BY_ID.values()},
        {(item.klass, item.class_zh) for item in BY_ID.values()},
    ):
        for side in (0, 1):
            names = [pair[side] for pair in pairs]
            assert len(names) == len(set(names)), sorted(pairs)


def test_no_item_says_the_same_twice() -> None:
    for item in BY_ID.values():
        for language in ("zh", "en"):
            said = [step.text.say(language) for step in item.steps]
            assert len(said) == len(set(said)), item.id


def test_two_items_of_a_level_ask_the_same_only_of_records_at_the_boundary_and_in_hosts() -> None:
    for level in LEVELS:
        said: dict[str, list[Item]] = defaultdict(list)
        for item in ITEMS[level]:
            said[item.summary.zh].append(item)
        for twins in said.values():
            if len(twins) > 1:
                assert {(i.klass, i.control_point.zh) for i in twins} == {
                    ("ABS", "安全审计"),
                    ("CES", "安全审计"),
                }


def test_names_are_found_in_the_files_without_reading_them_as_yaml() -> None:
    sources = packaged()
    for level, part in itertools.product(
        LEVELS, ("technical", "management", "cloud", "mobile", "iot", "ics")
    ):
        name = items_file(level, part)
        assert ids_in(name, sources) == {entry["id"] for entry in parse(sources[name], name).data}
    judgements = parse(sources[HIGH_RISK_FILE], "").data["judgements"]
    assert ids_in(HIGH_RISK_FILE, sources) == {entry["id"] for entry in judgements}

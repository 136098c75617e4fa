"""``items``: the whole catalogue by level, grade, scope, class and word, in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from typing import Any

import pytest

from scanner import spreadsheet
from scanner.catalogue import MANAGEMENT, TECHNICAL
from scanner.catalogue import THEMES as KNOWN_THEMES
from scanner.checks import ALL
from scanner.cli import items_command
from scanner.model import Scope
from scanner.profile import LEVELS, load_items
from scanner.report.answering import Answerer
from scanner.report.catalogue.judged_by import JudgedBy
from tests.cli.recorded import call

GENERAL = {1: 55, 2: 135, 3: 211, 4: 228}
EXTENSIONS = {
    "cloud": (11, 29, 46, 49),
    "mobile": (5, 14, 19, 21),
    "iot": (4, 7, 20, 21),
    "ics": (9, 15, 21, 22),
}
GRADES = [f"S{s}A{a}" for s in LEVELS for a in LEVELS]
CHINESE = re.compile(r"[\u3400-\u9fff]")


def listed(*arguments: str) -> dict[str, Any]:
    done = call("items", *arguments, "-f", "json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def ids(*arguments: str) -> list[str]:
    return [item["id"] for item in listed(*arguments)["items"]]


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_has_the_official_number_of_items(level: int) -> None:
    assert len(ids("--level", str(level))) == GENERAL[level]
    by_scope = Counter(item["scope"] for item in listed("--level", str(level), "--scope", "all")["items"])
    expected = {"general": GENERAL[level]} | {s: n[level - 1] for s, n in EXTENSIONS.items()}
    assert by_scope == expected


def test_without_a_level_all_four() -> None:
    assert len(ids()) == sum(GENERAL.values())
    assert len(ids("--scope", "all")) == 942
    some = listed("--scope", "cloud", "--scope", "ics")
    assert Counter(item["scope"] for item in some["items"]) == {"cloud": 135, "ics": 67}
    assert some["counts"][-1]["not_listed"] == {"general": 629, "cloud": 0, "mobile": 59, "iot": 52, "ics": 0}


def test_items_keep_the_contract() -> None:
    kinds: dict[type, str] = {
        str: "id scope clause class mark weight decision",
        int: "level",
        bool: "partial",
        list: "themes object_kinds steps",
    }
    checks = {check.id for check in ALL}
    for item in listed("--scope", "all")["items"]:
        for kind, keys in kinds.items():
            assert all(isinstance(item[key], kind) for key in keys.split()), item["id"]
        assert item["control_point"]["zh"]
        assert item["control_point"]["en"]
        assert item["weight"] in {"general", "important", "key"}
        assert item["mark"] in set("SAG")
        assert [step["n"] for step in item["steps"]] == list(range(1, len(item["steps"]) + 1))
        for step in item["steps"]:
            assert step["text"]["zh"]
            assert step["text"]["en"]
            assert set(step["settled_by"]) <= checks
            assert step["settled_by"] == [bound["check"] for bound in step["checks"]]
            assert step["answered_by"] in set(Answerer)


@pytest.mark.parametrize("grade", GRADES)
def test_a_grade_takes_each_mark_from_its_level(grade: str) -> None:
    levels = {"S": int(grade[1]), "A": int(grade[3]), "G": max(int(grade[1]), int(grade[3]))}
    expected = {item.id for level in LEVELS for item in load_items(level) if item.level == levels[item.mark]}
    found = ids("--grade", grade.lower(), "--scope", "all")
    assert len(found) == len(expected)
    assert set(found) == expected


def test_a_grade_counts_as_if_by_hand() -> None:
    """S3A2: 24 items marked S at level 3, 4 marked A at level 2, 181 marked G at level 3."""
    (count,) = listed("--grade", "S3A2")["counts"]
    assert count["marks"] == {"S": 24, "A": 4, "G": 181}
    assert count["items"] == 209


def test_level_5_and_wrong_grades_are_refused_with_the_reason() -> None:
    for arguments, reason in (
        (("--level", "5"), "level 5 has no published requirements"),
        (("--grade", "S5A1"), "level 5 has no published requirements"),
        (("--grade", "3"), "must be a grade SxAy"),
        (("--grade", "S2A2", "--level", "2"), "a level or a grade, not both"),
        (("--level", "6"), "6"),
        (("--scope", "space"), "space"),
    ):
        done = call("items", *arguments)
        assert done.code == 3
        assert reason in done.err
        assert not done.out


def test_class_theme_and_judge_pick() -> None:
    everything = {item["id"]: item for item in listed("--level", "3", "--scope", "all")["items"]}
    for option, key in (("--class", "class"), ("--judged-by", "judged_by")):
        values = {item[key] for item in everything.values()}
        parts = [ids("--level", "3", "--scope", "all", option, value) for value in sorted(values)]
        assert sorted(name for part in parts for name in part) == sorted(everything)
        assert all(
            {everything[name][key] for name in part} == {value}
            for value, part in zip(sorted(values), parts, strict=True)
        )
    assert ids("--class", "ces", "--level", "3") == ids("--class", "CES", "--level", "3")
    for theme in KNOWN_THEMES:
        found = ids("--level", "3", "--scope", "all", "--theme", theme)
        assert found == [name for name, item in everything.items() if theme in item["themes"]]
        assert found


def test_words_are_found_in_both_languages_and_in_names() -> None:
    four = [f"L3-CES1-0{n}" for n in (1, 2, 3, 4)]
    assert ids("--level", "3", "--class", "CES", "身份鉴别")[:4] == four
    assert ids("--level", "3", "--class", "CES", "IDENTITY authentication")[:4] == four
    assert ids("--level", "3", "口令", "复杂") == ["L3-CES1-01"]
    assert "L3-CES1-01" in ids("password.quality-enforced")
    assert set(ids("--scope", "all", "operating_system")) == {
        item["id"] for item in listed("--scope", "all")["items"] if "operating_system" in item["object_kinds"]
    }
    assert ids("no such word") == []


def test_choices_are_those_of_the_catalogue() -> None:
    assert (*map(str, Scope), "all") == items_command.SCOPES
    assert (*TECHNICAL, *MANAGEMENT) == items_command.CLASSES
    assert items_command.THEMES == KNOWN_THEMES
    assert tuple(map(str, JudgedBy)) == items_command.JUDGES


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_list_at_the_terminal_is_whole_and_fits(
    language: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", str(columns))
    out = call("--lang", language, "items", "--scope", "all").out
    assert re.findall(r"^  (L\d-\S+)", out, re.MULTILINE) == ids("--scope", "all")
    assert "\x1b" not in out
    if columns >= 80:
        assert max(map(cell_len, out.splitlines())) <= columns
    if language == "en":
        assert not CHINESE.search(out)
    else:
        assert not re.search(r"\b(waits|judged|partly|Level|Weights)\b", out)
    assert ("权重" if language == "zh" else "ours: no official ones") in out


def test_the_end_tells_how_many_there_are() -> None:
    rows = call("items", "--level", "3").out.splitlines()
    (row,) = [line for line in rows if line.startswith("Level 3 ")]
    assert row.split()[2:10] == ["211", "(46)", "(19)", "(20)", "(21)", "24", "6", "181"]
    assert row.split()[-1] == "211"
    assert "No item is like that." in call("items", "no such word").out


def test_a_spreadsheet_gets_every_item_and_no_formula() -> None:
    text = call("items", "--scope", "all", "-f", "csv").out
    head, *rows = csv.reader(io.StringIO(text.removeprefix(spreadsheet.MARK), newline=""))
    assert [row[0] for row in rows] == ids("--scope", "all")
    assert all(len(row) == len(head) for row in rows)
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r"))]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_markdown_holds_every_item_with_its_steps(language: str) -> None:
    out = call("--lang", language, "items", "--scope", "all", "-f", "md").out
    assert re.findall(r"^- \*\*(L\d-\S+)\*\*", out, re.MULTILINE) == ids("--scope", "all")
    steps = sum(len(item["steps"]) for item in listed("--scope", "all")["items"])
    assert len(re.findall(r"^  \d+\. ", out, re.MULTILINE)) == steps
    if language == "en":
        assert not CHINESE.search(out)


def test_the_same_catalogue_gives_the_same_bytes() -> None:
    for format_ in ("console", "json", "csv", "md"):
        first, second = (call("items", "--scope", "all", "-f", format_).out for _ in range(2))
        assert first == second

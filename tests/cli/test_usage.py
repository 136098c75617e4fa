"""How a wrong call is answered: in one language throughout, with how the command is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from scanner.cli import EXIT_INPUT
from tests.cli.recorded import call

if TYPE_CHECKING:
    from pathlib import Path

CALLS: tuple[list[str], ...] = (
    ["bogus"],
    ["asess"],
    [],
    ["assess"],
    ["assess", "nope.run"],
    ["assess", "FOLDER"],
    ["assess", "FILE", "--level", "9"],
    ["assess", "FILE", "--level", "x"],
    ["assess", "FILE", "--at", "yesterday"],
    ["assess", "FILE", "--at", "2026-01-01"],
    ["assess", "FILE", "-f", "docx"],
    ["assess", "FILE", "--bogus"],
    ["assess", "FILE", "--overly", "x"],
    ["assess", "FILE", "--attest"],
    ["assess", "FILE", "extra", "more"],
    ["scan"],
    ["scan", "localhost", "--accept-new"],
    ["scan", "localhost", "--resume"],
    ["scan", "localhost", "--resume=1"],
    ["score", "FILE", "--grade", "S5A1"],
    ["score", "FILE", "--risks", "grave"],
    ["score", "FILE", "--y", "2"],
    ["score", "FILE", "--majors", "-1"],
    ["profile", "diff", "a", "b"],
    ["questionnaire", "FILE", "--role", "king"],
)
ENGLISH = re.compile(
    r"\b(?:error|try|no|not|is|of|the|for|such|did|you|got|does|invalid|missing|requires|give|go|goes|with|needs|"
    r"must|there|are|between|neither|unexpected|arguments?)\b",
    re.IGNORECASE,
)
"""Words that stand in no name of a command, an option or a value."""


def complaint(language: str, words: list[str], folder: Path) -> str:
    """Call wrongly; return what is said."""
    (folder / "file").write_text("item,object,verdict\nL3-CES1-01,a,conform\n", encoding="utf-8")
    places = {"FILE": folder / "file", "FOLDER": folder}
    done = call("--lang", language, *(places.get(word, word) for word in words))
    assert done.code == EXIT_INPUT
    assert done.out == ""
    return done.err.replace(str(folder), "")


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_a_wrong_call_is_answered_in_chinese(words: list[str], tmp_path: Path) -> None:
    said = complaint("zh", words, tmp_path)
    assert "错误：" in said
    assert not ENGLISH.findall(said), said


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_a_wrong_call_is_answered_in_english(words: list[str], tmp_path: Path) -> None:
    said = complaint("en", words, tmp_path)
    assert "Error: " in said
    assert not re.search("[\u4e00-\u9fff]", said.replace("king; there are", "")), said


def test_what_click_says_of_other_things_stays_as_it_is() -> None:
    import click

    from scanner.cli.speaking import complaint as say

    assert say(click.UsageError("out of the blue"), "zh") == "错误：out of the blue"
    assert say(click.UsageError("out of the blue"), "en") == "Error: out of the blue"

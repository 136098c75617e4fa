"""No sentence of ours is one of the standards': their text is compared by fingerprints of its clauses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scanner.profile import packaged
from scanner.yamlmarks import parse
from tests.profile.fingerprints import LENGTH, clauses, fingerprint, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST = Path(__file__).with_name("standard-fingerprints.txt")
KNOWN = frozenset(LIST.read_text(encoding="utf-8").split())


def chinese(value: Any) -> Iterator[str]:
    """Every Chinese text of a profile file."""
    if isinstance(value, dict):
        if isinstance(value.get("zh"), str):
            yield value["zh"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from chinese(inner)


@pytest.mark.parametrize("name", sorted(packaged()))
def test_no_clause_of_ours_is_one_of_the_standards(name: str) -> None:
    texts = list(chinese(parse(packaged()[name], name).data))
    borrowed = [text for text in texts for clause in clauses(text) if fingerprint(clause) in KNOWN]
    assert borrowed == []
    assert texts or name.startswith("templates/") or "items" not in name


def test_the_list_holds_fingerprints_only() -> None:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(KNOWN)
    assert len(lines) > 900
    assert all(len(line) == LENGTH and set(line) <= set("0123456789abcdef") for line in lines)
    assert list(listed(LIST.read_text(encoding="utf-8"))) == lines


@pytest.mark.parametrize(
    ("ordered", "stated"),
    [
        ("应核查是否每台飞船都装有备用的氧气瓶；", "每台飞船都装有备用的氧气瓶"),
        ("1) 应测试验证飞船能够在无人时自行返航（含 3 号飞船）。", "飞船在无人时可以自行返航（含飞船），"),
        (
            "a) 应为每艘飞船配备一本航海日志，并由船长每日签字；",
            "清点飞船；为每艘飞船配备一本航海日志，船员轮值",
        ),
    ],
)
def test_what_is_ordered_and_what_is_stated_are_alike(ordered: str, stated: str) -> None:
    assert set(clauses(ordered)) & set(clauses(stated))


@pytest.mark.parametrize("text", ["", "安全审计", "应核查飞船。", "nothing in Chinese", "每台飞船都装有氧气"])
def test_what_is_too_short_or_foreign_has_no_clause(text: str) -> None:
    assert list(clauses(text)) == []


def test_a_borrowed_sentence_is_found() -> None:
    text = "应为飞船配备航海日志和备用氧气"
    found = set(listed(text))
    assert {fingerprint(clause) for clause in clauses("飞船配备航海日志和备用氧气")} & found == set()
    assert {fingerprint(clause) for clause in clauses("为飞船配备航海日志，和备用氧气")} & found

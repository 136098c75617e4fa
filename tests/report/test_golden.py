"""What a small made-up result looks like, and the keys that programs rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from scanner.checks import ALL
from scanner.model import Answer, Gap, GapReason, Grade, System
from scanner.profile import LEVELS, load_profile
from scanner.report.json import SCHEMA_VERSION, document
from scanner.report.json import render as render_json
from tests.report.made_up import ASSESSMENT, GOLDEN, WIDTH, console, content, golden


@pytest.mark.parametrize("name", sorted(golden()))
def test_golden(name: str) -> None:
    """After a meant change: ``python -m tests.report.made_up``, and read the difference."""
    assert golden()[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_nothing_else_is_golden() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == set(golden())


def test_the_same_twice() -> None:
    assert golden() == golden()


@pytest.mark.parametrize("width", [WIDTH, 100, 200])
def test_numbers_stand_in_one_line_each(width: int) -> None:
    """The longest lists of conclusions and the widest intervals, in both languages."""
    best = replace(
        content().scores["shop"],
        conclusions=("符合", "基本符合", "不符合"),
        grades=("优", "良", "中", "差"),
        themes={"firewall": content().scores["shop"].themes["audit"]},
    )
    wide = replace(content(), scores={"shop": best})
    for language in ("en", "zh"):
        text = console(wide, "zh" if language == "zh" else "en", width)
        assert "符合 / 基本符合 / 不符合\n" in text
        assert "优 / 良 / 中 / 差\n" in text


def test_no_line_is_wider_than_the_terminal() -> None:
    for width in (40, 60, 80):
        assert max(cell_len(line) for line in console(content(), "zh", width).splitlines()) <= width


def keys(value: Any) -> Any:
    """Shape of a document: keys down to the leaves, of lists the first entry."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [keys(value[0])] if value else []
    return None


INTERVAL = {"low": None, "high": None}
SCORES = {
    "2021": {**INTERVAL, "conclusions": [None]},
    "2025": {"strict": INTERVAL, "half": INTERVAL, "conclusions": [None], "major_candidates": []},
    "themes": {"firewall": INTERVAL, "encryption": INTERVAL, "audit": INTERVAL, "tunnels": INTERVAL},
    "ours": [None],
}
COVERAGE = {"decided": None, "applicable": None}
TEXT = {"zh": None, "en": None}
CITATION = {"capture": None, "line": None, "excerpt": None}
GAP = {"reason": None, "step": None, "subject": None, "detail": None, "needs": None}
CONTRACT = {
    "schema_version": None,
    "tool": {"name": None, "version": None},
    "indicative": None,
    "run": {
        "id": None,
        "started": None,
        "finished": None,
        "judged_at": None,
        "vantages": [{"name": None, "zone": None, "access_point": None}],
    },
    "systems": [
        {
            "name": None,
            "title": None,
            "level": None,
            "s": None,
            "a": None,
            "profile": None,
            "catalogue": {"carried": None, "official": None},
            "coverage": COVERAGE,
            "scores": SCORES,
        }
    ],
    "objects": [
        {
            "id": None,
            "kind": None,
            "parent": None,
            "platform": None,
            "zone": None,
            "address": None,
            "systems": [None],
        }
    ],
    "coverage": COVERAGE,
    "scores": SCORES,
    "items": [
        {
            "system": None,
            "id": None,
            "clause": None,
            "control_point": TEXT,
            "summary": TEXT,
            "themes": [None],
            "weight": None,
            "verdict": None,
            "possible": [None],
            "objects": [
                {
                    "object": None,
                    "verdict": None,
                    "possible": [None],
                    "reason": None,
                    "steps": [{"n": None, "answer": None, "findings": [None], "attested": None}],
                }
            ],
        }
    ],
    "findings": [
        {
            "id": None,
            "check": None,
            "object": None,
            "subject": None,
            "answer": None,
            "message": TEXT,
            "citations": [CITATION],
            "gap": None,
            "risk": None,
            "high_risk_candidates": [],
        }
    ],
    "gaps": [{"object": None, **GAP}],
}
"""Keys of schema version 1. Tunnels, attestations, compensations and waivers come when they can be given."""


def test_json_has_the_keys_of_its_schema_version() -> None:
    assert SCHEMA_VERSION == 1
    assert keys(document(content())) == CONTRACT
    unseen = [f for f in document(content())["findings"] if f["answer"] == "unseen"]
    assert keys(unseen[0]["gap"]) == GAP


def test_several_systems_have_their_own_numbers_and_none_for_all() -> None:
    other = replace(ASSESSMENT, system=System("bank", "银行", Grade(2, 3)))
    report = json.loads(render_json(content(ASSESSMENT, other)))
    assert [s["name"] for s in report["systems"]] == ["shop", "bank"]
    assert all(s["scores"]["2025"]["strict"]["high"] is not None for s in report["systems"])
    assert report["scores"] is None
    assert report["coverage"] is None
    assert {i["system"] for i in report["items"]} == {"shop", "bank"}
    assert len(report["findings"]) == len(ASSESSMENT.findings), "what both share stands there once"


def test_gaps_of_json_are_all_there() -> None:
    assert len(document(content())["gaps"]) == sum(map(len, ASSESSMENT.gaps.values()))


def test_a_profile_that_does_not_say_its_official_number() -> None:
    silent = replace(ASSESSMENT, profile=replace(ASSESSMENT.profile, general_items=0))
    assert document(content(silent))["systems"][0]["catalogue"] == {"carried": 3, "official": None}
    assert "general items" not in console(content(silent), "en")


def test_the_shipped_profiles_say_their_official_numbers() -> None:
    checks = {check.id: check for check in ALL}
    profiles = [load_profile(level, checks) for level in LEVELS]
    assert [p.general_items for p in profiles] == [55, 135, 211, 228]
    assert all(0 < len(p.items) <= p.general_items for p in profiles)


def test_nothing_found_is_said_to_pass_only_where_all_was_seen() -> None:
    seen = tuple(replace(f, answer=Answer.YES) for f in ASSESSMENT.findings)
    gap = Gap(GapReason.UNREACHABLE)
    unseen = (replace(seen[0], answer=Answer.UNSEEN, gap=gap), *seen[1:])
    assert "were answered yes" in console(content(replace(ASSESSMENT, findings=seen)), "en")
    for findings in (unseen, ()):
        said = console(content(replace(ASSESSMENT, findings=findings)), "en")
        assert "that is no pass" in said
        assert "answered yes" not in said

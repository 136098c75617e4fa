"""What a small made-up result looks like, and the keys that programs rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from scanner.model import Answer, Gap, GapReason, Grade, System, Verdict
from scanner.profile import object_kinds
from scanner.report.json import SCHEMA_VERSION, document
from scanner.report.json import render as render_json
from tests.report.made_up import ASSESSMENT, WIDTH, console, content
from tests.report.made_up_statements import DECIDED, GOLDEN, STATED, golden, stated


@pytest.mark.parametrize("name", sorted(golden()))
def test_golden(name: str) -> None:
    """After a meant change: ``python -m tests.report.made_up_statements``, and read the difference."""
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
NUMBERS = {
    "2021": {**INTERVAL, "conclusions": [None]},
    "2025": {"strict": INTERVAL, "half": INTERVAL, "conclusions": [None]},
    "themes": {"firewall": INTERVAL, "encryption": INTERVAL, "audit": INTERVAL, "tunnels": INTERVAL},
}
COVERAGE = {"decided": None, "applicable": None}
SCORES = {
    **NUMBERS,
    "2025": {"strict": INTERVAL, "half": INTERVAL, "conclusions": [None], "major_candidates": [None]},
    "posture": {"coverage": COVERAGE, **NUMBERS},
    "before": {"coverage": COVERAGE, **NUMBERS},
    "ours": [None],
}
TEXT = {"zh": None, "en": None}
UNIT = {"verdict": None, "possible": [None], "items": {verdict.value: None for verdict in Verdict}}
LOOSENING = {
    "level": None,
    "check": None,
    "parameter": None,
    "item": None,
    "step": None,
    "before": None,
    "after": None,
    "reason": TEXT,
}
CITATION = {"capture": None, "line": None, "excerpt": None}
GAP = {"reason": None, "step": None, "subject": None, "detail": None, "needs": None}
PLACE = {"file": None, "line": None}
SIGNED = {"author": None, "made": None, "place": PLACE}
COMPENSATION = {"item": None, "object": None, "to": None, "reason": None, **SIGNED}
RISK_SETTING = {"item": None, "object": None, "risk": None, "reason": None, **SIGNED}
JUDGEMENT_STATEMENT = {"conditions": [None], "stand": None, "reason": None, **SIGNED}
CONTRACT: dict[str, Any] = {
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
            "uses": [None],
            "profile": None,
            "overlays": [{"name": None, "title": TEXT, "digest": None, "loosened": [LOOSENING]}],
            "classes": [
                {
                    "scope": None,
                    "class": None,
                    "side": None,
                    **UNIT,
                    "control_points": [{"title": TEXT, **UNIT}],
                }
            ],
            "sample": {"marked": None, "holes": []},
            "steps": {"scan": None, "condemns": None, "awaits": None, "person": None},
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
            "sampled": None,
        }
    ],
    "coverage": COVERAGE,
    "scores": SCORES,
    "items": [
        {
            "system": None,
            "id": None,
            "level": None,
            "scope": None,
            "overlay": None,
            "clause": None,
            "class": None,
            "control_point": TEXT,
            "summary": TEXT,
            "mark": None,
            "side": None,
            "optional": None,
            "themes": [],
            "weight": None,
            "verdict": None,
            "possible": [None],
            "before": None,
            "objects": [
                {
                    "object": None,
                    "verdict": None,
                    "possible": [None],
                    "before": None,
                    "compensation": None,
                    "reason": None,
                    "steps": [
                        {
                            "n": None,
                            "answer": None,
                            "findings": [],
                            "attested": None,
                            "disputed": None,
                            "attestations": [None],
                            "waits_for": None,
                            "capability": None,
                        }
                    ],
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
            "high_risk_candidates": [None],
            "waived": None,
        }
    ],
    "gaps": [{"object": None, **GAP}],
    "problems": [{"system": None, "item": None, "object": None, "proposed": None, "risk": None, "set": None}],
    "candidates": [
        {
            "system": None,
            "judgement": None,
            "title": TEXT,
            "object": None,
            "stand": None,
            "items": [None],
            "conditions": [
                {
                    "n": None,
                    "text": TEXT,
                    "person": None,
                    "evidenced": None,
                    "findings": [None],
                    "statements": [],
                }
            ],
            "decision": None,
        }
    ],
    "attestations": [
        {
            "item": None,
            "step": None,
            "object": None,
            "answer": None,
            "method": None,
            "statement": None,
            "exhibits": [{"path": None, "sha256": None}],
            "expires": None,
            "state": None,
            **SIGNED,
        }
    ],
    "compensations": [{**COMPENSATION, "state": None}],
    "waivers": [
        {
            "check": None,
            "object": None,
            "item": None,
            "reason": None,
            "approver": None,
            "expires": None,
            "place": PLACE,
            "state": None,
            "findings": [None],
        }
    ],
    "majors": [
        {
            "system": None,
            "code": None,
            "title": TEXT,
            "provenance": TEXT,
            "object": None,
            "judgements": [None],
            "statement": {"meets": None, "rectified": None, "reason": None, **SIGNED},
        }
    ],
    "notices": [{"system": None, "text": TEXT, "place": PLACE}],
    "statement_files": [{"path": None, "sha256": None}],
    "zones": None,
}
"""Keys of schema version 1. Tunnels come when they can be given."""


def test_json_has_the_keys_of_its_schema_version() -> None:
    assert SCHEMA_VERSION == 1
    report = document(stated())
    assert keys(report) == CONTRACT
    unseen = [f for f in report["findings"] if f["answer"] == "unseen"]
    assert keys(unseen[0]["gap"]) == GAP
    door = next(i for i in report["items"] if i["id"] == "L3-CES1-05")
    assert keys(door["objects"][0]["compensation"]) == COMPENSATION
    assert keys(report["problems"][1]["set"]) == RISK_SETTING
    assert keys(report["candidates"][0]["conditions"][1]["statements"][0]) == JUDGEMENT_STATEMENT
    assert keys(document(stated(replace(STATED, candidates=DECIDED)))["candidates"][0]["decision"]) == (
        JUDGEMENT_STATEMENT
    )


def test_what_nobody_stated_is_empty() -> None:
    report = document(content())
    for part in ("attestations", "compensations", "waivers", "majors", "notices", "candidates", "problems"):
        assert report[part] == []


def test_a_sample_that_is_too_small_is_told() -> None:
    kinds = object_kinds()
    objects = tuple(replace(o, sampled=o.id == "web1") for o in STATED.objects)
    small = stated(replace(STATED, profile=replace(STATED.profile, kinds=kinds), objects=objects))
    (hole,) = document(small)["systems"][0]["sample"]["holes"]
    assert "1 of 3" in hole["en"]
    assert " ".join(hole["en"].split()[:9]) in " ".join(console(small, "en").split())
    assert document(content())["systems"][0]["sample"] == {"marked": False, "holes": []}


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


def test_nothing_found_is_said_to_pass_only_where_all_was_seen() -> None:
    seen = tuple(replace(f, answer=Answer.YES) for f in ASSESSMENT.findings)
    gap = Gap(GapReason.UNREACHABLE)
    unseen = (replace(seen[0], answer=Answer.UNSEEN, gap=gap), *seen[1:])
    assert "were answered yes" in console(content(replace(ASSESSMENT, findings=seen)), "en")
    for findings in (unseen, ()):
        said = console(content(replace(ASSESSMENT, findings=findings)), "en")
        assert "that is no pass" in said
        assert "answered yes" not in said

"""High risks, problems and major dangers, through the command line on a recorded run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import EXIT_INCOMPLETE, EXIT_INPUT
from tests.cli.recorded import call, tree_run

AT = "2026-03-02T09:00:00+08:00"
FAILS = "L3-CES1-05"
"""Item that the made-up host's only no condemns: sshd lets root in. No judgement belongs to it."""
FACTORS = "L3-CES1-04"
"""Item of 6.4.1.3 (no two-factor authentication), whose trigger is A-19."""
ASKED = f"""\
attestations:
  - {{item: {FACTORS}, objects: [tree], answer: no, method: interview, statement: keys,
     date: 2026-03-01}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree_run(tmp_path_factory.mktemp("run"))


def assessed(run: Path, folder: Path, text: str) -> dict[str, Any]:
    path = folder / "said.yaml"
    path.write_text(f"version: 1\nauthor: Li Lei\n{text}", encoding="utf-8")
    done = call("assess", run, "-f", "json", "--at", AT, "--attest", path)
    assert done.code == EXIT_INCOMPLETE, done.err
    got: dict[str, Any] = json.loads(done.out)
    return got


def problems(report: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """By item: the risk proposed and the one set."""
    return {p["item"]: (p["proposed"], p["risk"]) for p in report["problems"]}


def notices(report: dict[str, Any]) -> list[str]:
    return [n["text"]["en"] for n in report["notices"]]


def test_a_scan_alone_proposes_no_high_risk_but_lists_the_problem(run: Path) -> None:
    done = call("assess", run, "-f", "json", "--at", AT)
    report = json.loads(done.out)
    assert report["candidates"] == []
    assert problems(report) == {FAILS: ("medium", None)}


def test_a_person_confirms_a_judgement(run: Path, tmp_path: Path) -> None:
    said = ASKED + (
        "judgements:\n"
        "  - {judgement: 6.4.1.3, object: tree, conditions: [4], stand: confirmed, reason: r,\n"
        "     date: 2026-03-01}\n"
        "majors:\n"
        "  - {code: A-19, object: tree, meets: yes, reason: r, date: 2026-03-01}\n"
    )
    report = assessed(run, tmp_path, said)
    (candidate,) = report["candidates"]
    assert (candidate["judgement"], candidate["object"], candidate["stand"]) == (
        "6.4.1.3",
        "tree",
        "confirmed",
    )
    assert candidate["items"] == [FACTORS]
    assert [c["evidenced"] for c in candidate["conditions"]] == [False, False, False, True, False]
    assert problems(report) == {FACTORS: ("high", None), FAILS: ("medium", None)}
    (told,) = notices(report)
    assert told.startswith("The statement on judgement 6.4.1.3 on tree: Li Lei confirms the judgement, ")
    assert told.endswith("yet nothing evidences condition 1, 2, 3, 5")


def test_conditions_alone_leave_it_open(run: Path, tmp_path: Path) -> None:
    said = ASKED + (
        "judgements:\n"
        "  - {judgement: 6.4.1.3, object: tree, conditions: [1, 4], reason: r, date: 2026-03-01}\n"
        "  - {judgement: 6.4.1.1, object: tree, stand: rejected, reason: r, date: 2026-03-01}\n"
        "risks:\n"
        f"  - {{item: {FACTORS}, risk: low, reason: r, date: 2026-03-01}}\n"
        "  - {item: L3-CES1-27, risk: low, reason: r, date: 2026-03-01}\n"
    )
    report = assessed(run, tmp_path, said)
    assert [(c["judgement"], c["stand"]) for c in report["candidates"]] == [("6.4.1.3", "open")]
    assert problems(report)[FACTORS] == (None, "low")
    told = notices(report)
    assert len(told) == 3
    assert "confirms condition 1, which only findings can evidence" in told[0]
    assert "6.4.1.1 on tree is not applied: no item that the judgement belongs to is known to fail" in told[1]
    assert "the risk set for L3-CES1-27 matches nothing" in told[2].replace("The", "the")


def test_a_judgement_or_condition_that_is_not_there(run: Path, tmp_path: Path) -> None:
    said = tmp_path / "said.yaml"
    said.write_text(
        "version: 1\nauthor: a\njudgements:\n"
        "  - {judgement: 9.9.9.9, object: tree, stand: confirmed, reason: r, date: 2026-03-01}\n"
        "  - {judgement: 6.4.1.3, object: tree, conditions: [9], reason: r, date: 2026-03-01}\n"
    )
    done = call("assess", run, "--attest", said)
    assert done.code == EXIT_INPUT
    assert f"{said}:4:" in done.err
    assert f"{said}:5:" in done.err


def test_the_console_names_a_confirmed_judgement_by_its_title(run: Path, tmp_path: Path) -> None:
    said = tmp_path / "said.yaml"
    said.write_text(
        "version: 1\nauthor: Li Lei\n" + ASKED + "judgements:\n"
        "  - {judgement: 6.4.1.3, object: tree, stand: confirmed, reason: r, date: 2026-03-01}\n"
    )
    done = call("assess", run, "--at", AT, "--attest", said)
    assert "[confirmed] 6.4.1.3 No two-factor authentication: tree" in done.out

"""Exit codes, each by a run or a command line that deserves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scanner.cli import EXIT_BUG, EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_INPUT, EXIT_OK
from scanner.cli.judging import Judged, judge
from scanner.cli.outcome import exit_code
from scanner.locker import Locker
from scanner.model import Answer, Finding, Gap, GapReason, Risk, Text
from tests.cli.conftest import Recorded
from tests.cli.recorded import call, write_run

if TYPE_CHECKING:
    from pathlib import Path

WORDS = Text("甲", "a")
GAP = Gap(GapReason.PERMISSION, "passwd")


def finding(answer: Answer, risk: Risk = Risk.HIGH) -> Finding:
    return Finding("a.check", "tree", "", answer, WORDS, (), GAP if answer is Answer.UNSEEN else None, risk)


@pytest.fixture(scope="module")
def judged(recorded: Recorded) -> Judged:
    with Locker.open(recorded.tree, "read") as locker:
        return judge(locker)


def having(judged: Judged, *findings: Finding) -> Judged:
    """The same run, as if it had just these findings and no bug."""
    return replace(judged, assessments=(replace(judged.assessments[0], findings=findings),))


YES, UNSEEN = finding(Answer.YES), finding(Answer.UNSEEN)
NO_LOW, NO_MEDIUM, NO_HIGH = (finding(Answer.NO, risk) for risk in (Risk.LOW, Risk.MEDIUM, Risk.HIGH))


@pytest.mark.parametrize(
    ("findings", "fail_on", "code"),
    [
        ((YES,), "high", EXIT_OK),
        ((YES, NO_LOW), "low", EXIT_FINDINGS),
        ((YES, NO_LOW), "medium", EXIT_OK),
        ((YES, NO_MEDIUM), "medium", EXIT_FINDINGS),
        ((YES, NO_MEDIUM), "low", EXIT_FINDINGS),
        ((YES, NO_MEDIUM), "high", EXIT_OK),
        ((NO_HIGH,), "high", EXIT_FINDINGS),
        ((NO_HIGH, UNSEEN), "high", EXIT_FINDINGS),
        ((NO_MEDIUM, UNSEEN), "high", EXIT_INCOMPLETE),
        ((YES, UNSEEN), "low", EXIT_INCOMPLETE),
        ((UNSEEN,), "low", EXIT_INCOMPLETE),
        ((finding(Answer.NA),), "low", EXIT_INCOMPLETE),
        ((), "low", EXIT_INCOMPLETE),
    ],
)
def test_findings_decide(judged: Judged, findings: tuple[Finding, ...], fail_on: str, code: int) -> None:
    assert exit_code(having(judged, *findings), fail_on) == code


def test_an_unfinished_run_is_never_complete(judged: Judged) -> None:
    assert exit_code(replace(having(judged, YES), finished=None), "low") == EXIT_INCOMPLETE


def test_made_up_host_has_one_medium_no(recorded: Recorded) -> None:
    """The host lets root in, and a tree shows no running state."""
    for fail_on, code in (("high", EXIT_INCOMPLETE), ("medium", EXIT_FINDINGS), ("low", EXIT_FINDINGS)):
        assert call("assess", recorded.tree, "--fail-on", fail_on).code == code


def test_nothing_looked_at_is_incomplete(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(
        "version: 1\nsystems: [{name: shop, grade: S3A3}]\n"
        "objects: [{id: web1, kind: operating_system, systems: [shop]}]\n",
        encoding="utf-8",
    )
    assert call("-q", "scan", inventory, "-o", tmp_path / "run", "--fail-on", "low").code == EXIT_INCOMPLETE


@pytest.mark.parametrize("step", ["", "passwd"])
def test_a_bug_of_ours_comes_first(recorded: Recorded, tmp_path: Path, step: str) -> None:
    with Locker.open(recorded.tree, "read") as locker:
        header, records = locker.header, locker.records("tree")
    bug = Gap(GapReason.BUG, step, detail="Traceback (most recent call last):\nKeyError: 'x'")
    kept = [record for record in records if not step or record.step != step]
    path = write_run(tmp_path / "run", header, {"tree": [*kept, bug]})
    done = call("assess", path, "--fail-on", "low")
    assert done.code == EXIT_BUG
    if step:
        assert "KeyError" in done.out


def test_reports_and_facts_judge_nothing(recorded: Recorded) -> None:
    assert call("report", recorded.tree).code == EXIT_OK
    assert call("facts", recorded.tree).code == EXIT_OK


USAGE = {
    "no command": (),
    "unknown command": ("scam",),
    "unknown option": ("scan", "localhost", "--fast"),
    "unknown language": ("--lang", "fr", "scan", "localhost"),
    "no target": ("scan",),
    "two targets": ("scan", "localhost", "localhost"),
    "target and tree": ("scan", "localhost", "--tree", "/"),
    "tree is missing": ("scan", "--tree", "/no/such/folder"),
    "level 0": ("scan", "localhost", "--level", "0"),
    "level of words": ("scan", "localhost", "--level", "three"),
    "level 6": ("scan", "localhost", "--level", "6"),
    "no workers": ("scan", "localhost", "--workers", "0"),
    "unknown risk": ("scan", "localhost", "--fail-on", "some"),
    "unknown format": ("scan", "localhost", "-f", "html"),
    "time without zone": ("scan", "localhost", "--plan", "--at", "2026-01-01T00:00:00"),
    "no time": ("scan", "localhost", "--plan", "--at", "yesterday"),
    "resume of nothing": ("scan", "localhost", "--resume"),
    "credential for localhost": ("scan", "localhost", "--credential", "agent:"),
    "no credential": ("scan", "ssh://a@b", "--credential", "secret"),
    "no URL": ("scan", "ssh://"),
    "URL with a path": ("scan", "ssh://a@b/c"),
    "URL with a bad port": ("scan", "ssh://a@b:99999"),
    "inventory is missing": ("scan", "no-such-inventory.yaml"),
    "no user": ("sudoers",),
    "user with a blank": ("sudoers", "--user", "a b"),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_is_three_and_says_why(name: str) -> None:
    done = call(*USAGE[name])
    assert done.code == EXIT_INPUT
    assert done.out == ""
    assert done.err.strip()
    assert "Traceback" not in done.err


def test_level_5_says_why_there_is_none() -> None:
    done = call("scan", "localhost", "--level", "5")
    assert done.code == EXIT_INPUT
    assert "level 5 has no published requirements" in done.err


def test_level_5_of_a_run(recorded: Recorded) -> None:
    done = call("assess", recorded.tree, "--level", "5")
    assert done.code == EXIT_INPUT
    assert "level 5 has no published requirements" in done.err


@pytest.mark.parametrize(
    "url", ["ssh://ops:hunter2@host", "ssh://ops:hunter2@host:22", "ssh://:hunter2@host"]
)
def test_a_password_in_a_url_is_refused_and_not_repeated(url: str) -> None:
    done = call("scan", url)
    assert done.code == EXIT_INPUT
    assert "passwords never stand in a command line" in done.err
    assert "hunter2" not in done.err


def test_an_existing_run_file_is_never_overwritten(recorded: Recorded) -> None:
    before = recorded.tree.read_bytes()
    done = call("scan", recorded.inventory, "-o", recorded.tree)
    assert done.code == EXIT_INPUT
    assert "exists; go on with --resume" in done.err
    assert recorded.tree.read_bytes() == before


def test_a_run_of_another_inventory_is_not_resumed(recorded: Recorded) -> None:
    before = recorded.tree.read_bytes()
    done = call("scan", recorded.inventory, "-o", recorded.tree, "--resume")
    assert done.code == EXIT_INPUT
    assert "a run of another inventory" in done.err
    assert recorded.tree.read_bytes() == before


def test_resume_needs_a_run(recorded: Recorded, tmp_path: Path) -> None:
    done = call("scan", recorded.inventory, "-o", tmp_path / "run", "--resume")
    assert done.code == EXIT_INPUT
    assert not (tmp_path / "run").exists()


def test_an_unwritable_run_file(recorded: Recorded, tmp_path: Path) -> None:
    done = call("scan", recorded.inventory, "-o", tmp_path / "missing" / "run")
    assert done.code == EXIT_INPUT
    assert "missing" in done.err


def test_an_unwritable_report(recorded: Recorded, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "missing" / "report.json"):
        done = call("report", recorded.tree, "-o", place)
        assert done.code == EXIT_INPUT
        assert "cannot write" in done.err


def test_every_mistake_of_an_inventory_at_its_place(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(
        "version: 1\nsystems:\n  - {name: shop, grade: S9A3}\nobjects:\n"
        "  - {id: web1, kind: operating_sistem, systems: [shop, shoe]}\n",
        encoding="utf-8",
    )
    done = call("scan", inventory, "--plan")
    assert done.code == EXIT_INPUT
    for place in (":3:", ":5:"):
        assert f"{inventory}{place}" in done.err
    assert "operating_sistem" in done.err
    assert "shoe" in done.err


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00junk", b"- 1\n- 2\n", b"a: [", b"&a [*a]\n"])
def test_no_inventory_at_all(tmp_path: Path, content: bytes) -> None:
    inventory = tmp_path / "inventory.yaml"
    inventory.write_bytes(content)
    for path in (inventory, tmp_path):
        done = call("scan", path, "--plan")
        assert done.code == EXIT_INPUT
        assert str(path) in done.err


def test_unknown_object_of_facts(recorded: Recorded) -> None:
    done = call("facts", recorded.tree, "--object", "web9")
    assert done.code == EXIT_INPUT
    assert "no object 'web9'" in done.err
    assert "tree" in done.err


def test_time_of_judgement(recorded: Recorded) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    assert "2030-01-01T00:00:00+00:00" in call("assess", recorded.tree, "--at", at.isoformat()).out

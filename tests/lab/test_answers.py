"""What the product says of hosts whose configuration is known, and how it says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.compare import BOTH_SIDES, both_sides, differences, given, stated
from scanner.checks import ALL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.conftest import Lab, Scanned

PRINTABLE_CONTROLS = {"\n"}
"""What plain text needs."""


def test_every_answer_is_what_the_configuration_deserves(lab: Lab, looked: Scanned, tmp_path: Path) -> None:
    report = tmp_path / "lab.json"
    assert lab.posture("report", str(looked.run), "-f", "json", "-o", str(report)).returncode == 0
    expected, found = stated(lab.expected), given(report)
    assert not differences(expected, found)
    assert len(both_sides(found)) >= BOTH_SIDES


def test_comparison_notices_one_false_conform(lab: Lab) -> None:
    expected = stated(lab.expected)
    flattered = expected | {("web2", "log.forwarded"): "yes"}
    assert differences(expected, flattered) == [
        "FALSE CONFORM: web2 log.forwarded: deserves no, got yes",
    ]


def test_every_check_is_asked_of_the_lab(looked: Scanned) -> None:
    """But for what scans for vulnerabilities, and services with accounts as delivered, are asked."""
    elsewhere = {"vulnerabilities.high-mended", "instance.default-passwords-changed"}
    assert {check for _, check, _ in looked.answers} == {check.id for check in ALL} - elsewhere


def test_high_risk_of_the_weak_host_is_the_exit_code(looked: Scanned) -> None:
    assert looked.status == 1


def test_evidence_is_whole_and_kept_to_its_owner(lab: Lab, looked: Scanned) -> None:
    assert lab.posture("verify", str(looked.run)).returncode == 0
    assert looked.run.stat().st_mode & 0o077 == 0


def test_chinese_output_asks_in_chinese(lab: Lab, looked: Scanned) -> None:
    shown = _unwrapped(lab.posture("--lang", "zh", "assess", str(looked.run)).stdout)
    refused = {f["check"] for f in looked.report["findings"] if f["answer"] == "no"}
    for check in ALL:
        assert _unwrapped(check.question.en) not in shown
        assert _unwrapped(check.remedy.en) not in shown
        if check.id in refused:
            assert _unwrapped(check.question.zh) in shown
            assert _unwrapped(check.remedy.zh) in shown
    said: dict[str, list[str]] = {}
    for finding in looked.report["findings"]:
        if finding["answer"] == "no":
            said.setdefault(finding["check"], []).append(_unwrapped(finding["message"]["zh"]))
    for check_id, messages in said.items():  # where many objects fail alike, some are only named
        assert any(message in shown for message in messages), check_id


def test_english_output_asks_in_english(lab: Lab, looked: Scanned) -> None:
    shown = _unwrapped(lab.posture("--lang", "en", "assess", str(looked.run)).stdout)
    refused = {f["check"] for f in looked.report["findings"] if f["answer"] == "no"}
    for check in ALL:
        assert _unwrapped(check.question.zh) not in shown
        assert (_unwrapped(check.question.en) in shown) == (check.id in refused)


def test_output_to_a_file_holds_no_control_characters(lab: Lab, looked: Scanned) -> None:
    for language in ("zh", "en"):
        shown = lab.posture("--lang", language, "assess", str(looked.run)).stdout
        assert shown
        assert not [c for c in shown if not c.isprintable() and c not in PRINTABLE_CONTROLS]


def _unwrapped(text: str) -> str:
    """Text as if the terminal were endlessly wide: lines break anywhere in Chinese."""
    return "".join(text.split())

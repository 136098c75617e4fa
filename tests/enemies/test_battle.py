"""A healthy server among enemies, through the command line, from the scan to every report."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from tests.enemies.cast import ACTORS
from tests.enemies.forging import NUMBER, STEPS
from tests.enemies.world import ENEMY_SECONDS, HEALTHY, MARGIN, OF_ALL, command
from tests.report.test_hostile import ACTING as ACTING_CATEGORIES
from tests.report_html.test_browser import WATCH

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.enemies.conftest import Battle

pytestmark = pytest.mark.sshd

MEGABYTES = 300
"""Forty enemies at a time that may say 12 MB each, and a Python with its libraries."""


def answers(findings: dict[tuple[str, str], Any]) -> dict[tuple[str, str], tuple[object, ...]]:
    """Answer, words, and why it was not seen; no numbers: what else listens here comes and goes."""
    return {
        key: (
            f["answer"],
            re.sub(r"\d+", "N", f["message"]["en"]),
            f["gap"] and (f["gap"]["reason"], f["gap"]["step"]),
        )
        for key, f in findings.items()
        if key[0] != OF_ALL
    }


def test_the_scan_ends_in_time_and_memory(battle: Battle) -> None:
    """The time of a scan is the longest look's, and the judging's, which a report repeats."""
    longest = max([ENEMY_SECONDS, *(actor.seconds for actor in ACTORS.values())])
    assert battle.among.done.seconds < longest + battle.among.raw_report.seconds + MARGIN
    assert battle.among.done.megabytes < MEGABYTES
    assert battle.among.raw_report.megabytes < MEGABYTES


@pytest.mark.parametrize("name", ACTORS)
def test_no_look_outlasts_its_budget(battle: Battle, name: str) -> None:
    assert battle.among.seconds[name] < ACTORS[name].seconds + MARGIN


def test_the_healthy_server_is_unharmed(battle: Battle) -> None:
    found = answers(battle.alone.of(HEALTHY))
    assert {answer for answer, *_ in found.values()} >= {"yes", "no"}, "something could be harmed"
    assert answers(battle.among.of(HEALTHY)) == found


@pytest.mark.parametrize("name", [name for name, actor in ACTORS.items() if actor.total])
def test_who_answers_nothing_stays_unseen_with_the_reason(battle: Battle, name: str) -> None:
    found = battle.among.of(name)
    gap = battle.among.whole_gap(name)
    assert gap is not None
    assert gap.reason.value in ACTORS[name].reasons, gap
    assert len(found) > 20
    assert {f["answer"] for f in found.values()} == {"unseen"}
    assert {f["gap"]["reason"] for f in found.values()} == {gap.reason.value}


@pytest.mark.parametrize("name", [n for n, a in ACTORS.items() if a.reasons and not a.total])
def test_who_stops_midway_stays_unseen_from_there_on(battle: Battle, name: str) -> None:
    whole = battle.among.whole_gap(name)
    last = whole.reason.value if whole is not None else battle.among.broken(name)[STEPS[-1].id]
    assert last in ACTORS[name].reasons, whole or battle.among.broken(name)
    unseen = {f["gap"]["reason"] for f in battle.among.of(name).values() if f["answer"] == "unseen"}
    assert unseen & ACTORS[name].reasons


@pytest.mark.parametrize("name", [n for n, a in ACTORS.items() if a.forged])
def test_a_forged_step_is_a_gap_and_no_other_is_harmed(battle: Battle, name: str) -> None:
    """Frames that are wrong make their own step unseen (and at most its neighbour)."""
    truth = battle.among.broken("tells-the-truth")
    wrong = {step: reason for step, reason in battle.among.broken(name).items() if step not in truth}
    place = NUMBER[ACTORS[name].forged]
    assert ACTORS[name].forged in wrong
    assert set(wrong) <= {step.id for step in STEPS[place - 1 : place + 2]}
    assert set(wrong.values()) == {ACTORS[name].forged_reason}


def test_whoever_learns_the_marker_lies_about_himself_alone(battle: Battle) -> None:
    """A host that is not what it says can always say so: agentless means to take its word."""
    truth, liar = battle.among.of("tells-the-truth"), battle.among.of("lies-about-root")
    check = ("sshd.root-login-refused", "")
    assert truth[check]["answer"] == "no"
    assert liar[check]["answer"] == "yes"
    assert all(
        citation["capture"].startswith("lies-about-root")
        for finding in liar.values()
        for citation in finding["citations"]
    )


@pytest.mark.parametrize("name", [n for n in ACTORS if n != "lies-about-root"])
def test_no_enemy_gets_a_yes_that_the_truth_would_not_get(battle: Battle, name: str) -> None:
    truth = battle.among.of("tells-the-truth")
    for key, finding in battle.among.of(name).items():
        if finding["answer"] == "yes":
            assert truth[key]["answer"] == "yes", (key, finding)


@pytest.mark.parametrize(("name", "checks"), [(n, a.unseen) for n, a in ACTORS.items() if a.unseen])
def test_what_a_lie_makes_unreadable_is_unseen(battle: Battle, name: str, checks: tuple[str, ...]) -> None:
    found = battle.among.of(name)
    for check in checks:
        finding = found[check, ""]
        assert finding["answer"] == "unseen", finding
        assert finding["gap"]["reason"] in {"unparsable", "truncated", "empty"}, finding


def test_exit_codes(battle: Battle) -> None:
    """1 with a no of high risk, else 2: something was unseen; nothing of an enemy is a bug of ours (4)."""
    for scanned in (battle.alone, battle.among):
        risks = {f["risk"] for f in scanned.report["findings"] if f["answer"] == "no"}
        assert scanned.done.code == (1 if "high" in risks else 2)
    assert command("verify", battle.among.run).code == 0
    assert not [f for f in battle.among.report["findings"] if f["gap"] and f["gap"]["reason"] == "bug"]


def harmless(raw: bytes) -> None:
    text = raw.decode("utf-8")  # raises: not even the encoding is theirs
    acting = {c for c in text if unicodedata.category(c) in ACTING_CATEGORIES and c != "\n"}
    assert not acting


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_theirs_acts_in_a_terminal(battle: Battle, language: str) -> None:
    harmless(battle.among.done.out)
    harmless(battle.among.done.err)
    done = command("--lang", language, "assess" if language == "zh" else "facts", battle.among.run)
    assert done.code in {0, 1, 2}
    harmless(done.out)
    harmless(done.err)


def test_json_is_json(battle: Battle) -> None:
    for text in (battle.among.raw_report.out, command("facts", battle.among.run, "-f", "json").out):
        shown = text.decode("utf-8")
        assert json.loads(shown)
        assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_theirs_acts_in_a_browser(battle: Battle, chromium: Browser, language: str) -> None:
    path = battle.among.run.with_name(f"report-{language}.html")
    done = command("--lang", language, "report", battle.among.run, "-f", "html", "-o", path)
    assert done.code == 0, done.err
    context = chromium.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{path}")
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("window.violations") == []
    assert said == []
    assert [url for url in asked if url != f"file://{path}"] == []
    for tag in ("img", "iframe", "object", "base", "form", "set", "use"):
        assert page.evaluate(f"document.querySelectorAll('{tag}').length") == 0
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    assert page.evaluate("getComputedStyle(document.body).display") == "block"
    assert page.locator("text=lies-acts").count() > 0, "it is there, and it is only words"
    context.close()

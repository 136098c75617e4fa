"""Levels and overlays through the command line, on a recorded run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.checks.check import NoParameters
from scanner.cli.comparing import first_that_applies
from scanner.cli.judging import CHECKS, judge, profile_files, understand
from scanner.cli.overlaying import read_overlays
from scanner.locker import Locker
from scanner.model import Answer, Settles, Sight
from scanner.profile import load_profile, packaged
from scanner.threshold import Stricter, directions
from tests.cli.recorded import Done, call, made_up_tree, replaying, tree_run
from tests.levels.small_profile import overlay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scanner.model import Assessment

BANK = """\
name: bank
title: {zh: 行内基线, en: House baseline}
base: [l2, l3]
parameters:
  session.idle-timeout: {max_seconds: 300}
  accounts.password-age-limited: {max_days: 180, reason: {zh: 另有双因素, en: two factors are in use}}
items:
  - id: X-BANK-01
    clause: 内部规定 3.2
    class: CES
    class_zh: 安全计算环境
    control_point: {zh: 时钟, en: Clock}
    mark: G
    summary: {zh: 时钟与行内时间源一致, en: Clocks follow the house's source}
    kinds: [operating_system]
    decision: all
    partial: false
    steps:
      - {n: 1, zh: 时钟已同步, en: The clock is in step, method: examine, scan: 'yes'}
bindings:
  X-BANK-01:
    1:
      - {check: time.synchronised, settles: both}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree_run(tmp_path_factory.mktemp("levels"))


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return written(tmp_path / "bank.yaml", BANK)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def answered(done: Done) -> Any:
    assert done.code in {0, 1, 2}, done.err
    return json.loads(done.out)


# Levels side by side


def test_levels_stand_side_by_side_in_order_and_once(run: Path) -> None:
    found = answered(call("assess", run, "--level", "3", "--level", "2", "--level", "3", "-f", "json"))
    (system,) = found["systems"]
    assert [(level["level"], level["applicable"]) for level in system["levels"]] == [(2, 135), (3, 211)]
    for level in system["levels"]:
        assert sum(level["items"].values()) == level["applicable"] + level["items"]["not-applicable"]
        alone = answered(call("assess", run, "--level", str(level["level"]), "-f", "json"))
        assert level["scores"] == alone["scores"]
        assert level["coverage"] == alone["coverage"]
    assert len(system["items"]) == 135 + 78
    assert found["ours"]


def test_the_way_to_the_next_level_ends_where_everything_conforms(run: Path) -> None:
    (system,) = answered(call("assess", run, "--level", "2", "--level", "4", "-f", "json"))["systems"]
    (way,) = system["ways"]
    assert (way["to"], way["applicable"], len(way["open"])) == (4, 228, 228)
    assert way["stages"][-1]["met"] == 228
    root = next(stage for stage in way["stages"] if stage["key"] == "sshd.root-login-refused")
    assert (root["effort"], root["objects"], root["open_below"]) == ("setting", ["tree"], 1)
    assert root["remedy"]["zh"]
    efforts = [stage["effort"] for stage in way["stages"]]
    assert list(dict.fromkeys(efforts)) == [
        name for name in ("look", "setting", "statement", "capability", "measure") if name in efforts
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_terminal_shows_both_levels_and_the_way(run: Path, language: str) -> None:
    done = call("--lang", language, "assess", run, "--level", "2", "--level", "3", "--level", "4")
    zh = language == "zh"
    for word in ("135", "211", "228", *(("第 2 级", "本工具估计") if zh else ("level 2", "our estimate"))):
        assert word in done.out
    assert done.out.count("距第" if zh else "What level") == 2
    assert max(map(len, done.out.splitlines())) <= 80


def test_one_level_given_twice_is_one(run: Path) -> None:
    one = call("assess", run, "--level", "2", "-f", "json")
    assert call("assess", run, "--level", "2", "--level", "2", "-f", "json").out == one.out


@pytest.mark.parametrize(
    ("codes", "expected"), [((0, 0), 0), ((0, 2), 2), ((2, 1), 1), ((0, 1), 1), ((1, 4), 4), ((2, 4), 4)]
)
def test_the_exit_code_is_the_first_that_applies_at_any_level(codes: tuple[int, ...], expected: int) -> None:
    assert first_that_applies(codes) == first_that_applies(codes[::-1]) == expected


def test_level_5_says_why_there_is_none_also_beside_another(run: Path) -> None:
    done = call("assess", run, "--level", "4", "--level", "5")
    assert done.code == 3
    assert "no published requirements" in done.err


# Overlays


def test_a_run_keeps_the_overlays_it_was_scanned_with(tmp_path: Path, bank: Path) -> None:
    kept = tmp_path / "kept.run"
    tree = made_up_tree(tmp_path / "tree")
    scanned = answered(call("-q", "scan", "--tree", tree, "-o", kept, "--overlay", bank, "-f", "json"))
    bank.unlink()
    again = answered(call("assess", kept, "-f", "json"))
    assert again == scanned
    ((laid,), (loosened,)) = again["systems"][0]["overlays"], again["systems"][0]["overlays"][0]["loosened"]
    assert laid["name"] == "bank"
    assert (loosened["check"], loosened["before"], loosened["after"]) == (
        "accounts.password-age-limited", "90", "180",
    )  # fmt: skip
    assert loosened["reason"]["en"] == "two factors are in use"
    assert again["items"][-1]["id"] == "X-BANK-01"


def test_an_overlay_judges_and_changes_no_official_number_by_its_own_items(run: Path, bank: Path) -> None:
    only_items = written(bank, BANK[: BANK.index("parameters:")] + BANK[BANK.index("items:") :])
    plain, laid = (
        answered(call("assess", run, *more, "-f", "json")) for more in ((), ("--overlay", only_items))
    )
    assert laid["scores"] == plain["scores"]
    assert laid["coverage"] == plain["coverage"]
    assert [item["id"] for item in laid["items"]] == [*(item["id"] for item in plain["items"]), "X-BANK-01"]


def test_a_tighter_threshold_condemns(run: Path, bank: Path) -> None:
    def idle(*more: str | Path) -> str:
        found = answered(call("assess", run, *more, "-f", "json"))["findings"]
        return str(next(f["answer"] for f in found if f["check"] == "session.idle-timeout"))

    assert idle() == "yes"
    assert idle("--overlay", bank) == "no"


def test_one_of_the_same_name_takes_the_place_of_the_one_kept(tmp_path: Path, bank: Path) -> None:
    kept = tmp_path / "kept.run"
    call("-q", "scan", "--tree", made_up_tree(tmp_path / "tree"), "-o", kept, "--overlay", bank)
    mild = written(tmp_path / "mild.yaml", BANK.replace("max_seconds: 300", "max_seconds: 600"))
    (found,) = answered(call("assess", kept, "--overlay", mild, "-f", "json"))["systems"]
    assert [o["name"] for o in found["overlays"]] == ["bank"]
    other = BANK[: BANK.index("items:")].replace("name: bank", "name: branch").replace("300", "200")
    more = written(tmp_path / "more.yaml", other)
    (found,) = answered(call("assess", kept, "--overlay", more, "-f", "json"))["systems"]
    assert [o["name"] for o in found["overlays"]] == ["bank", "branch"]


def test_what_is_loosened_at_either_level_of_a_grade_is_told(run: Path, tmp_path: Path) -> None:
    """S3A2 takes items of levels 3 and 2, so both profiles count."""
    inventory = replaying(tmp_path / "inventory.yaml", run, ["tree"])
    written(inventory, inventory.read_text("utf-8").replace("S3A3", "S3A2"))
    for level in ("l2", "l3"):
        laid = written(tmp_path / f"{level}.yaml", _loosening(level))
        kept = tmp_path / f"{level}.run"
        scanned = call("-q", "scan", inventory, "-o", kept, "--overlay", laid, "-f", "json")
        (overlay_,) = answered(scanned)["systems"][0]["overlays"]
        assert [loosened["level"] for loosened in overlay_["loosened"]] == [int(level[1])]


def _loosening(base: str) -> str:
    text = BANK[: BANK.index("items:")].replace("[l2, l3]", base)
    return text.replace("  session.idle-timeout: {max_seconds: 300}\n", "")


def test_reports_take_overlays(run: Path, bank: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert call("report", run, "--overlay", bank, "-f", "html", "-o", page).code == 0
    assert "two factors are in use" in page.read_text("utf-8")
    said = call("report", run, "--overlay", bank, "-f", "console").out
    assert "two factors are in use" in said


def test_people_may_state_what_an_overlay_asks(run: Path, bank: Path, tmp_path: Path) -> None:
    stated = written(
        tmp_path / "said.yaml",
        "version: 1\nauthor: Ann\nattestations:\n"
        "  - {item: X-BANK-01, step: 1, objects: [tree], answer: yes, method: examine, statement: seen,"
        " date: 2020-01-01}\n",
    )
    found = answered(call("assess", run, "--overlay", bank, "--attest", stated, "-f", "json"))
    assert found["items"][-1]["verdict"] == "conform"
    alone = call("assess", run, "--attest", stated)
    assert alone.code == 3
    assert "X-BANK-01" in alone.err


@pytest.mark.parametrize("command", ["scan", "assess", "report"])
def test_every_mistake_is_told_before_anything_else_happens(command: str, run: Path, tmp_path: Path) -> None:
    wrong = written(tmp_path / "wrong.yaml", BANK.replace("max_days: 180, reason", "max_days: 180, why"))
    made = tmp_path / "new.run"
    target = ("--tree", made_up_tree(tmp_path / "tree"), "-o", made) if command == "scan" else (run,)
    done = call(command, *target, "--overlay", wrong)
    assert done.code == 3
    assert f"{wrong}:6:50: accounts.password-age-limited has no parameter 'why'" in done.err
    assert f"{wrong}:6:35: accounts.password-age-limited asks for less than level" in done.err
    assert not made.exists()


@pytest.mark.parametrize("command", ["scan", "assess", "report"])
def test_an_overlay_of_other_levels_is_given_in_vain(
    command: str, run: Path, bank: Path, tmp_path: Path
) -> None:
    made = tmp_path / "new.run"
    target = ("--tree", made_up_tree(tmp_path / "tree"), "-o", made) if command == "scan" else (run,)
    done = call(command, *target, "--level", "4", "--overlay", bank)
    assert done.code == 3
    assert f"{bank}:3:1: the overlay is laid over none of the levels that are judged: l4" in done.err
    assert not made.exists()


# profile lint, profile diff


def test_lint_proves_what_is_shipped() -> None:
    done = call("profile", "lint")
    assert (done.code, done.out) == (0, f"no mistakes: 4 levels, 942 items, {len(CHECKS)} checks\n")


def test_lint_lists_all_mistakes_of_all_files(tmp_path: Path, bank: Path) -> None:
    assert call("profile", "lint", bank).out == f"{bank}: no mistakes, based on l2, l3, 2 loosened\n"
    one = written(tmp_path / "one.yaml", BANK.replace("session.idle", "session.idel"))
    other = written(tmp_path / "other.yaml", BANK.replace("class: CES", 'class: "\\e[31m"'))
    done = call("profile", "lint", bank, one, other)
    assert done.code == 3
    assert f"{one}:5:3: no check is called 'session.idel-timeout'" in done.err
    assert f"{other}:10:5: class: must be" in done.err
    assert "\x1b" not in done.err
    assert done.out == ""


def test_lint_lays_overlays_one_over_the_other_where_asked(tmp_path: Path, bank: Path) -> None:
    text = BANK[: BANK.index("items:")].replace("name: bank", "name: branch").replace("300", "400")
    branch = written(tmp_path / "branch.yaml", text)
    assert call("profile", "lint", bank, branch).code == 0
    done = call("profile", "lint", bank, branch, "--together")
    assert done.code == 3
    assert f"{branch}:5:26: session.idle-timeout asks for less than level 2 does: max_seconds 400" in done.err


def test_diff_of_levels_as_data() -> None:
    found = answered(call("profile", "diff", "l2", "l3", "-f", "json"))
    assert found["counts"]["new"] + found["counts"]["changed"] + found["counts"]["unchanged"] == 317
    assert {"check": "session.idle-timeout", "parameter": "max_seconds", "before": 900, "after": 600,
            "looser": False} in found["parameters"]  # fmt: skip
    back = answered(call("profile", "diff", "l3", "l2", "-f", "json"))
    assert back["counts"]["gone"] == found["counts"]["new"]
    assert all(parameter["looser"] for parameter in back["parameters"])


def test_diff_over_two_levels_follows_requirements_through_the_one_between() -> None:
    counts = answered(call("profile", "diff", "l1", "l3", "-f", "json"))["counts"]
    assert counts["changed"] + counts["unchanged"] > 60, "L1 has 84 items, and most grow"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_diff_at_the_terminal(language: str, bank: Path) -> None:
    levels = call("--lang", language, "profile", "diff", "l2", "l3").out
    assert ("新增 (119)" if language == "zh" else "new (119)") in levels
    laid = call("--lang", language, "profile", "diff", "l3", bank).out
    assert "X-BANK-01" in laid
    assert ("放宽" if language == "zh" else "looser") in laid


def test_nothing_of_an_overlay_acts_on_a_terminal(run: Path, tmp_path: Path) -> None:
    text = (
        BANK.replace("id: X-BANK-01", "id: X-BANK-01\n    min_level: 3")
        .replace("en: Clock}", 'en: "Clock\\e[31m"}')
        .replace("en: House baseline", 'en: "House\\e[2J"')
    )
    hostile = written(
        tmp_path / "hostile.yaml",
        text.replace("source}", 'source"}').replace("en: Clocks", 'en: "\\e]0;Clocks'),
    )
    for command in (
        ("profile", "diff", "l3", hostile),
        ("assess", run, "--level", "2", "--level", "3", "--overlay", hostile),
        ("assess", run, "--overlay", hostile),
    ):
        done = call(*command)
        assert done.code in {0, 1, 2}, done.err
        assert "Clock" in done.out or "House" in done.out
        assert "\x1b" not in done.out + done.err


def test_diff_says_what_it_cannot_compare(bank: Path) -> None:
    for sides, said in (
        (("l3", "l9"), "neither a level"),
        ((bank, bank), "based on l2, l3"),
        (("l4", bank), "based on l2, l3"),
        (("l4", "l5"), "no published requirements"),
    ):
        done = call("profile", "diff", *sides)
        assert done.code == 3
        assert said in done.err


# The law, on recorded facts and the shipped profile

PROFILE = load_profile(3, CHECKS)
LIMITED = {
    check: PROFILE.parameters[check] for check in CHECKS if CHECKS[check].parameters is not NoParameters
}
OPEN_STEPS = sorted(
    (item.id, step.n, check)
    for item in PROFILE.items
    for step in item.steps
    if step.sight is not Sight.NO
    for check in CHECKS
    if check not in {b.check for b in step.bindings}
    and (
        step.sight is Sight.PART
        or step.evidence_only
        or not any(b.settles is Settles.BOTH for b in step.bindings)
    )
)


@pytest.fixture(scope="module")
def judged(run: Path) -> Callable[[str], Assessment]:
    """Judge the run at level 3 with an overlay, "" for none."""
    with Locker.open(run, "read") as locker:
        understood = understand(locker)

    def at_level_3(text: str) -> Assessment:
        laid = [overlay(text)] if text else []
        return judge(understood, 3, sources=profile_files(understood.header, laid)).assessments[0]

    return at_level_3


@pytest.fixture(scope="module")
def before(judged: Callable[[str], Assessment]) -> Callable[[], Assessment]:
    found = judged("")
    return lambda: found


def asking_more(name: str, now: Any, stricter: Stricter) -> st.SearchStrategy[int | list[int]]:
    """Values of a threshold that ask for as much as ``now`` or for more."""
    if stricter is Stricter.MORE:
        return st.lists(st.integers(1, 65535), max_size=5).map(lambda more: sorted({*now, *more}))
    if stricter is Stricter.LOWER:
        return st.integers(1, now)
    return st.integers(now, 4 if name == "min_classes" else now * 3)


@st.composite
def tighter(draw: st.DrawFn) -> str:
    """An overlay of level 3 that asks for more and for nothing less."""
    lines = ["name: tight", "title: {zh: 甲, en: a}", "base: l3", "parameters:"]
    for check, base in LIMITED.items():
        values = {}
        for name, stricter in directions(type(base)).items():
            values[name] = draw(asking_more(name, getattr(base, name), stricter), label=name)
        lines.append(f"  {check}: {json.dumps(values)}".replace('"', ""))
    added: dict[str, dict[int, list[str]]] = {}
    for item, n, check in draw(st.lists(st.sampled_from(OPEN_STEPS), max_size=30, unique=True)):
        added.setdefault(item, {}).setdefault(n, []).append(f"{{check: {check}, settles: no}}")
    if added:
        lines.append("bindings:")
    for item, steps in added.items():
        lines += [f"  {item}:", *(f"    {n}: [{', '.join(entries)}]" for n, entries in steps.items())]
    return "\n".join(lines) + "\n"


@settings(max_examples=10, deadline=None)
@given(text=tighter())
def test_an_overlay_that_only_tightens_never_turns_a_no_into_a_yes(
    text: str, judged: Callable[[str], Assessment], before: Callable[[], Assessment]
) -> None:
    after = judged(text)
    assert not after.profile.overlays[0].loosened
    for old, new in zip(before().items, after.items, strict=True):
        assert new.known_to_fail or not old.known_to_fail
        for was, now in zip(old.objects, new.objects, strict=True):
            for step, other in zip(was.steps, now.steps, strict=True):
                assert step.answer is not Answer.NO or other.answer is Answer.NO
                assert step.answer is Answer.YES or other.answer is not Answer.YES


def test_overlays_are_read_from_files_alone(bank: Path) -> None:
    (read,) = read_overlays([bank])
    assert read.content == BANK.encode()
    assert "overlays/" not in "".join(packaged())

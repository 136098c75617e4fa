"""``explain``: whatever has a name is found and told in full, in both languages, with a run and without."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest
from rich.cells import cell_len
from rich.console import Console

from scanner.cli.explaining import knowledge
from scanner.locker import Locker
from scanner.model import Capture, Gap
from scanner.model.text import Language
from scanner.profile import LEVELS, packaged
from scanner.report.explanation.console import render
from scanner.report.explanation.find import Found, find
from tests.cli.recorded import call, write_run

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.report.explanation.knowledge import Knowledge
    from tests.cli.conftest import Recorded

CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return knowledge(packaged())


def explained(*arguments: object) -> str:
    done = call("explain", *map(str, arguments))
    assert done.code == 0, done.err
    return done.out


def data(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(explained(*arguments, "-f", "json"))
    return found


def shown(found: Found, known: Knowledge, language: Language, width: int = 80) -> str:
    """What a terminal shows."""
    text = io.StringIO()
    Console(file=text, width=width, color_system=None).print(render(found, known, None, language))
    return text.getvalue()


def flat(text: str) -> str:
    """Text without the breaks of lines and what stands before them."""
    return re.sub(r"\s+", " ", text)


# --- finding -------------------------------------------------------------------------------------------


def test_every_name_is_found_in_any_case(known: Knowledge) -> None:
    for name, item in known.items.items():
        for query in (name, name.lower()):
            assert find(query, known) == Found(items=(item,), literal=True)
    for name, check in known.checks.items():
        assert find(name.upper(), known) == Found(checks=(check,), literal=True)
    for name, judgement in known.judgements.items():
        assert judgement in find(name, known).judgements
        assert len(find(name, known).judgements) == 1
    for name, trigger in known.triggers.items():
        assert find(name.lower(), known) == Found(triggers=(trigger,), literal=True)
    for name, kind in known.kinds.items():
        assert find(name, known).kinds == (kind,)
    for name in known.capabilities:
        assert find(name, known).capabilities == (name,)


def test_every_clause_is_found_however_it_is_written(known: Knowledge) -> None:
    assert len(known.items) == 942
    for item in known.items.values():
        number, _, letter = item.clause.partition(" ")
        assert item in find(number, known).items
        assert item in find(number.rpartition(".")[0], known).items
        spellings = [item.clause]
        if letter:
            bare = letter.removesuffix(")")
            spellings += [
                f"{number}{letter}",
                f"{number} {bare}",
                f"{number}({bare})",
                f"{number} {bare.upper()}）",
            ]
        for spelled in spellings:
            assert item in find(spelled, known).items, spelled
        if letter:
            assert find(item.clause, known).items == (item,)


def test_a_number_means_clauses_and_judgements_alike(known: Knowledge) -> None:
    found = find("6.1.1.1", known)
    assert [item.id for item in found.items] == ["L1-PES1-01"]
    assert [judgement.id for judgement in found.judgements] == ["6.1.1.1"]
    out = explained("6.1.1.1")
    assert "L1-PES1-01  6.1.1.1" in out
    assert "6.1.1.1  Machine-room entrance not controlled" in out
    assert len(find("8.1.4.1", known).items) == 4
    section = find("6.4.1", known)
    assert {judgement.id for judgement in section.judgements} == {"6.4.1.1", "6.4.1.2", "6.4.1.3"}
    assert all(item.clause.startswith("6.4.1.") for item in section.items)


def test_words_find_control_points_checks_judgements_and_kinds(known: Knowledge) -> None:
    points = {item.control_point.zh for item in find("身份鉴别", known).items}
    assert points == {"身份鉴别"}
    assert find("身份鉴别", known).items == find("  Identity   AUTHENTICATION ", known).items
    assert [check.id for check in find("sshd.root-login", known).checks] == ["sshd.root-login-refused"]
    assert "database" in [kind.id for kind in find("数据库", known).kinds]
    assert [item.id for item in find("l3-pss1", known).items] == [
        name for name in known.items if name.startswith("L3-PSS1-")
    ]


def test_words_of_summaries_and_steps_are_a_last_resort(known: Knowledge) -> None:
    found = find("complexity rules", known)
    assert found.items
    assert all("omplexity" in "".join(step.text.en for step in item.steps) for item in found.items)


def test_nothing_is_guessed_for_a_name_that_is_wrong() -> None:
    for wrong, right in (
        ("L3-CES1-99", "L3-CES1-29"),
        ("sshd.root-login-refsed", "sshd.root-login-refused"),
        ("8.1.4.5 z)", "8.1.4.5"),
        ("6.4.1.9", "6.4.1.1"),
        ("operating_sistem", "operating_system"),
    ):
        done = call("explain", wrong)
        assert done.code == 3
        assert repr(wrong) in done.err
        assert right in done.err
        assert not done.out
    nothing = call("explain", "\x1b[31mqqqqqq")
    assert nothing.code == 3
    assert "\x1b" not in nothing.err
    assert "mlps-posture items WORDS" in nothing.err
    assert call("explain", " ").code == 3


# --- what is told --------------------------------------------------------------------------------------


def test_an_item_in_full(known: Knowledge) -> None:
    item = known.items["L3-CES1-01"]
    out = flat(explained("L3-CES1-01"))
    for said in (
        "L3-CES1-01 8.1.4.1 a) Identity authentication",
        "level 3 · general · CES Computing environment · marked S · weight key (ours)",
        item.summary.en,
        *(step.text.en for step in item.steps),
        "sshd.empty-passwords-refused only a no",
        "accounts.identifiers-unique yes and no",
        "a person says the yes",
        "Conform where all 4 steps are met; otherwise partial if some step is met, else nonconform.",
        "password.quality-enforced min_length ≥ 8, min_classes ≥ 3",
        "accounts.password-age-limited max_days ≤ 90",
        "6.4.1.1 Empty, weak or shared passwords",
        "level 1 L1-CES1-01 6.1.4.1 a)",
        "accounts.password-age-limited: max_days ≤ 180",  # of level 1
        known.kinds["database"].text.en,
        *(known.checks[check].remedy.en for check in known.checks_of(item)),
    ):
        assert said in out, said


def test_an_item_that_is_new_or_alone_says_so(known: Knowledge) -> None:
    new = next(item for item in known.items.values() if item.level == 3 and len(known.kin[item.id]) == 2)
    out = flat(explained(new.id))
    assert "level 1 not asked" in out
    assert f"level 3 {new.id} {new.clause} this one" in out
    assert f"level 4 {known.kin[new.id][1].id}" in out


def test_a_check_in_full(known: Knowledge) -> None:
    check = known.checks["lockout.enforced"]
    out = flat(explained(check.id))
    for said in (
        check.question.en,
        "Lockout needed",
        "read /etc/security/faillock.conf",
        "level 4 max_failures ≤",
        "L3-CES1-02 8.1.4.1 b) Identity authentication · step 1 · yes and no",
        check.remedy.en,
    ):
        assert said in out, said
    wire = flat(explained("wire.tls-versions-strong"))
    assert "probe tls: at most" in wire
    derived = flat(explained("log.all-sources-forward"))
    assert "LogSources needed: unseen without it; follows from the inventory and" in derived
    assert "/etc/rsyslog.conf" in derived


def test_every_check_names_what_it_asks_of_objects(known: Knowledge) -> None:
    for check in known.checks.values():
        asked = known.asked_for(check)
        assert asked, check.id
        assert all(step.acts and all(act.zh and act.en for act in step.acts) for step in asked)


def test_a_judgement_in_full(known: Knowledge) -> None:
    judgement = known.judgements["6.4.1.2"]
    out = flat(explained("6.4.1.2"))
    for said in (
        "6.4.1.2 Credentials sent in clear",
        "from level 2 up",
        judgement.problem.en,
        *(condition.text.en for condition in judgement.conditions),
        *(unit for unit in judgement.units),
    ):
        assert said in out, said
    assert judgement.lowered_by is None or judgement.lowered_by.en in out
    trigger = flat(explained("6.1.1.1"))
    assert "A-01" in trigger
    assert "by a community transcription" in trigger


def test_a_judgement_says_what_evidences_each_condition(known: Knowledge) -> None:
    for judgement in known.judgements.values():
        out = flat(shown(Found(judgements=(judgement,), literal=True), known, "en"))
        for condition in judgement.conditions:
            for proof in condition.proofs:
                assert f"evidence: {', '.join(proof.checks)} " in out
        persons = sum(condition.person for condition in judgement.conditions)
        assert out.count("evidence: a person's confirmation") == persons
        nobody = [c for c in judgement.conditions if not c.person and not c.proofs]
        assert out.count("nothing can evidence it yet") == len(nobody)


def test_everything_is_told_in_one_language(known: Knowledge) -> None:
    """English quotes official words where no other will do; nothing else of it is Chinese."""
    official = {word for j in known.judgements.values() for word in CHINESE.findall(j.problem.en)}
    items = [item for item in known.items.values() if item.id.endswith("-03") or item.decision != "all"]
    found = [Found(items=(item,), literal=True) for item in items]
    found += [Found(checks=(check,), literal=True) for check in known.checks.values()]
    found += [Found(judgements=(judgement,), literal=True) for judgement in known.judgements.values()]
    found += [Found(triggers=(trigger,), literal=True) for trigger in known.triggers.values()]
    found += [Found(kinds=(known.kinds[name],), literal=True) for name in ("database", "facility", "record")]
    found += [Found(capabilities=(name,), literal=True) for name in known.capabilities]
    found += [find(words, known) for words in ("8.1.4", "password", "6.4")]
    for one in found:
        told = shown(one, known, "en")
        assert set(CHINESE.findall(told)) <= official, told
        assert CHINESE.search(shown(one, known, "zh"))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_the_terminal(width: int, known: Knowledge) -> None:
    for language in get_args(Language):
        for name in ("L3-CES1-01", "log.all-sources-forward", "6.4.3.1", "a-30", "8.1.4", "database"):
            lines = shown(find(name, known), known, language, width).splitlines()
            assert max(map(cell_len, lines)) <= width


def test_the_terminal_says_how_wide_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (60, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = call("--lang", "zh", "explain", "L3-CES1-01").out.splitlines()
        assert columns - 20 < max(map(cell_len, lines)) <= columns
        assert all(line == line.rstrip() for line in lines)


def test_programs_get_everything_in_full() -> None:
    found = data("8.1.4.1")
    assert [item["id"] for item in found["items"]] == [f"L3-CES1-0{n}" for n in (1, 2, 3, 4)]
    first = found["items"][0]
    assert first["thresholds"]["accounts.password-age-limited"] == {"max_days": 90}
    assert first["levels"] == {str(level): f"L{level}-CES1-01" for level in LEVELS}
    assert first["judgements"] == ["6.4.1.1"]
    assert set(first["remedies"]) == {c for step in first["steps"] for c in step["settled_by"]}
    assert first["in_run"] is None
    (check,) = data("lockout.enforced")["checks"]
    assert set(check["thresholds"]) == {"1", "2", "3", "4"}
    assert {"item": "L3-CES1-02", "clause": "8.1.4.1 b)", "step": 1, "settles": "both"} in check["items"]
    (judgement,) = data("6.4.3.1")["judgements"]
    assert judgement["trigger"] == "A-21"
    assert [condition["n"] for condition in judgement["conditions"]] == [1, 2, 3, 4, 5]
    assert data("database")["kinds"][0]["whole_asset"] is False


# --- with a run ----------------------------------------------------------------------------------------


def test_a_run_shows_what_became_of_an_item(recorded: Recorded) -> None:
    out = flat(explained("L3-CES1-05", "--run", recorded.tree))
    assert f"What {recorded.tree.name} shows, judged at" in out
    assert "sshd.root-login-refused no permitrootlogin can be yes" in out
    assert "tree/sshd-files:/etc/ssh/sshd_config:2 PermitRootLogin yes" in out
    (item,) = data("L3-CES1-05", "--run", recorded.tree)["items"]
    (system,) = item["in_run"]
    (on,) = system["result"]["objects"]
    answers = {f["check"]: f["answer"] for step in on["steps"] for f in step["findings"]}
    assert answers["sshd.root-login-refused"] == "no"
    assert "conform" not in on["possible"]


def test_a_run_that_is_judged_at_another_level_shows_the_same_requirement(recorded: Recorded) -> None:
    (of_level_1,) = data("L1-CES1-03", "--run", recorded.tree)["items"]
    (of_level_3,) = data("L3-CES1-05", "--run", recorded.tree)["items"]
    assert of_level_1["in_run"] == of_level_3["in_run"]
    assert of_level_1["in_run"][0]["result"]["item"] == "L3-CES1-05"
    assert "judged by the same requirement at its level, L3-CES1-05" in flat(
        explained("L1-CES1-03", "--run", recorded.tree)
    )
    assert "is not judged by it" in flat(explained("L3-CES2-01", "--run", recorded.tree))


def test_a_run_shows_what_a_check_found_and_could_not_see(recorded: Recorded) -> None:
    out = flat(explained("sshd.root-login-refused", "--run", recorded.tree))
    assert "tree no permitrootlogin can be yes" in out
    (check,) = data("filter.in-force", "--run", recorded.tree)["checks"]
    (finding,) = check["in_run"][0]["findings"]
    assert finding["answer"] == "unseen"
    assert finding["gap"]["reason"] == "not-collected"
    assert "It was asked of no object." in explained("wire.tls-versions-strong", "--run", recorded.tree)
    assert "No object has evidence" in explained("6.4.3.1", "--run", recorded.tree)


HOSTILE = {
    "escapes": "yes\x1b]0;title\x07\x1b[31m\r\x9b2J",  # taken for no text at all
    "marks that reorder and hide": "yes\u202eTERCES\u2066x\u200b\u00ad",
}


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
def test_what_a_host_said_acts_on_no_terminal(said: str, recorded: Recorded, tmp_path: Path) -> None:
    with Locker.open(recorded.tree, "read") as locker:
        header = locker.header
        records = [_saying(record, said) for record in locker.records("tree")]
    path = write_run(tmp_path / "evil\x1b[31m.run", header, {"tree": records})
    for arguments in (["L3-CES1-05"], ["sshd.root-login-refused"], ["L3-CES1-05", "-f", "json"]):
        out = call("explain", *arguments, "--run", path).out
        assert "evil" in out
        if "json" not in arguments:  # whose reader is a program
            assert not {c for c in out if unicodedata.category(c) in ACTING and c != "\n"}
        assert "\x1b" not in out
    assert ("TERCES" in explained("sshd.root-login-refused", "--run", path)) == ("TERCES" in said)


ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what acts instead of showing."""


def _saying(record: Capture | Gap, said: str) -> Capture | Gap:
    """A capture in which the server's file says something else."""
    if not isinstance(record, Capture):
        return record
    content = record.content.replace(b"PermitRootLogin yes", f"PermitRootLogin {said}".encode())
    return replace(record, content=content)

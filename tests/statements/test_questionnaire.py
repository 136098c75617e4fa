"""What waits for people: every open step once, with its role; filled in, nothing waits any more."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.cli import EXIT_INPUT, EXIT_OK
from scanner.errors import ProfileError
from scanner.model import Answer, Assessment, Text, Verdict
from scanner.profile import load_items, object_kinds
from scanner.profile_files import packaged
from scanner.questionnaire import load_roles, markdown, questions, table
from scanner.questionnaire.roles import packaged as roles_file
from scanner.report.answering import Awaited
from scanner.statements import Known, apply, load_statements
from scanner.statements.table import COLUMNS
from tests.cli.recorded import call, tree_run
from tests.statements.made_up import (
    AT,
    NA,
    NO,
    UNSEEN,
    YES,
    assessed,
    attesting,
    item,
    made_up,
    result,
    said,
)

KINDS = object_kinds()
ROLES = load_roles(KINDS)


def known(of: Assessment) -> Assessment:
    """The same with the kinds of the product, so that objects have families."""
    return replace(of, profile=replace(of.profile, kinds=KINDS))


def one(answers: tuple[Answer | None, ...], rule: str = "all") -> Assessment:
    return known(assessed(result(item(len(answers), rule), {"web1": answers}), names=("web1",)))


@pytest.mark.parametrize(
    ("klass", "kinds", "role"),
    [
        ("PES", ("machine_room",), "machine-room"),
        ("PES", ("record", "machine_room"), "machine-room"),
        ("PES", ("control_device",), "control-engineer"),
        ("PSS", ("policy_document",), "security-officer"),
        ("ORS", ("person", "record"), "security-officer"),
        ("MMS", ("record", "site"), "security-officer"),
        ("HRS", ("person",), "personnel-officer"),
        ("CMS", ("contract",), "construction-manager"),
        ("CES", ("operating_system",), "administrator"),
        ("CES", ("operating_system", "network_device", "database"), "administrator"),
        ("CES", ("database",), "database-administrator"),
        ("CES", ("application", "database"), "application-owner"),
        ("CES", ("network_device",), "network-administrator"),
        ("CNS", ("network_topology",), "network-administrator"),
        ("ABS", ("boundary_device", "isolation_device"), "network-administrator"),
        ("ABS", ("audit_system",), "administrator"),
        ("SMC", ("log_system",), "administrator"),
        ("CNS", ("person", "network_topology"), "network-administrator"),
        ("CES", ("record",), "security-officer"),
    ],
)
def test_who_is_asked(klass: str, kinds: tuple[str, ...], role: str) -> None:
    assert ROLES.of(klass, kinds, {KINDS[kind].family for kind in kinds}) == role


def test_every_item_of_every_level_finds_a_role() -> None:
    sources = packaged()
    found = Counter(
        ROLES.of(i.klass, i.kinds, {KINDS[kind].family for kind in i.kinds})
        for level in (1, 2, 3, 4)
        for i in load_items(level, sources)
    )
    assert sum(found.values()) == 942
    assert set(found) <= set(ROLES.names)
    assert {"administrator", "security-officer", "machine-room"} <= set(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("role: machine-room, classes", "role: machine-rom, classes", "no role is called 'machine-rom'"),
        ("classes: [PES]", "classes: [PEZ]", "no class is called 'PEZ'"),
        ("kinds: [database]", "kinds: [databse]", "no kind of assessment object is called 'databse'"),
        ("families: [physical]", "families: [fysical]", "no family of kinds is called 'fysical'"),
        ("  - {role: administrator}\n", "", "the last rule must fit everything"),
        ("en: Machine-room staff", "fr: x", "unknown key 'fr'"),
    ],
)
def test_mistakes_in_the_file_of_roles(old: str, new: str, said: str) -> None:
    text = roles_file().decode()
    assert old in text
    with pytest.raises(ProfileError) as caught:
        load_roles(KINDS, text.replace(old, new, 1).encode())
    assert any(said in m.text and m.line > 0 for m in caught.value.mistakes), str(caught.value)


def test_only_what_is_open_is_asked_and_the_blind_look_apart() -> None:
    asked = questions((one((YES, NO, UNSEEN, None, NA)),), ROLES)
    assert [(q.step.n, q.awaited) for q in asked] == [(3, Awaited.PERSON), (4, Awaited.PERSON)]


def test_what_people_answered_is_asked_no_more_and_what_they_dispute_is() -> None:
    before = one((None, None, None))
    stated = attesting(said(YES, 1), said(YES, 2), said(NA, 2, by="Han"))
    asked = questions((apply(before, stated, AT),), ROLES)
    assert [q.step.n for q in asked] == [2, 3]
    assert "otherwise than each other" in asked[0].hints[0].en


def test_an_item_that_is_decided_says_so() -> None:
    (asked,) = questions((one((YES, None), "any"),), ROLES)
    assert "decided" in asked.hints[0].en
    for to, decided in ((Verdict.PARTIAL, True), (Verdict.CONFORM, False)):
        compensated = apply(one((NO, None)), replace(attesting(), compensations=(made_up(to),)), AT)
        (asked,) = questions((compensated,), ROLES)
        assert any("decided" in hint.en for hint in asked.hints) is decided


def test_what_two_systems_share_is_asked_once() -> None:
    shop = one((None,))
    crm = replace(shop, system=replace(shop.system, name="crm"))
    assert len(questions((shop, crm), ROLES)) == 1


@settings(deadline=None)
@given(
    st.lists(st.tuples(*[st.sampled_from((YES, NO, UNSEEN, NA, None))] * 3), min_size=1, max_size=3),
    st.sampled_from(("符合", "yes", "no", "不适用")),
    st.sampled_from(("utf-8", "gb18030")),
)
def test_a_filled_questionnaire_is_a_file_of_attestations(
    tmp_path_factory: pytest.TempPathFactory,
    found: list[tuple[Answer | None, ...]],
    answer: str,
    encoding: str,
) -> None:
    names = tuple(f"web{n}" for n in range(len(found)))
    before = known(assessed(result(item(3), dict(zip(names, found, strict=True))), names=names))
    asked = questions((before,), ROLES)
    rows = list(csv.DictReader(io.StringIO(table.render(asked, "zh").removeprefix("\ufeff"))))
    assert len(rows) == len(asked)
    for row in rows:
        row |= {"answer": answer, "statement": "看过", "author": "李雷", "date": "2026/3/1"}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0] if rows else ["item", "object", *COLUMNS[3:]])
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path_factory.getbasetemp() / "filled.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    if rows:
        stated = load_statements([path], Known({i.item.id for i in before.items}))
        assert len(stated.attestations) == len(asked)
        after = apply(before, stated, AT)
        assert not after.notices
        assert questions((after,), ROLES) == ()


def test_an_unfilled_questionnaire_states_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(table.render(questions((one((None, UNSEEN)),), ROLES), "en"), encoding="utf-8")
    assert load_statements([path], Known({"L3-CES1-01"})).attestations == ()


def test_cells_are_never_formulas_and_lines_never_commands() -> None:
    nasty = "=cmd|'/c calc'!A1"
    before = one((None,))
    steps = tuple(replace(s, text=Text(nasty, "\x1b[2J<b>*x*</b>")) for s in before.items[0].item.steps)
    hostile = replace(before.items[0].item, steps=steps, control_point=Text("", "\x1b]0;x\x07"))
    asked = [replace(q, item=hostile, step=steps[0]) for q in questions((before,), ROLES)]
    asked = [replace(q, object=replace(q.object, id="=1+1", address="[x](javascript:y)")) for q in asked]
    for row in csv.reader(io.StringIO(table.render(asked, "zh").removeprefix("\ufeff"))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert "\x1b" not in table.render(asked, "en")
    text = markdown.render(asked, ROLES.names, "en")
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\\<b\\>\\*x\\*" in text
    assert "\\[x\\](javascript:y)" in text


def test_nothing_waits() -> None:
    assert "Nothing waits" in markdown.render((), ROLES.names, "en")
    assert table.render((), "en").count("\r\n") == 1


# Through the command line


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree_run(tmp_path_factory.mktemp("run"))


INVENTORY = """\
version: 1
systems: [{name: shop, grade: S2A2}]
defaults: {user: audit}
objects:
  - {id: web1, kind: operating_system, systems: [shop], address: 10.0.2.1, via: {}}
  - {id: db, kind: database, systems: [shop]}
"""


def filled(text: str) -> str:
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, "answer": "yes", "statement": "seen", "author": "Li", "date": "2026-03-01"})
    return out.getvalue()


def test_all_that_waits_filled_in_leaves_nothing_undecided(run: Path, tmp_path: Path) -> None:
    empty, full = tmp_path / "empty.csv", tmp_path / "full.csv"
    assert call("questionnaire", run, "-f", "csv", "-o", empty).code == EXIT_OK
    text = empty.read_text("utf-8")
    assert text.startswith(
        "\ufeffitem,step,object,answer,method,statement,evidence,digest,author,date,expires,"
    )
    full.write_text(filled(text), encoding="utf-8")
    done = call("questionnaire", run, "--attest", full)
    assert done.code == EXIT_OK, done.err
    assert "Nothing waits for people" in done.out
    # a yes of a person leaves the no that was found
    report = json.loads(call("report", run, "--attest", full, "-f", "json").out)
    verdicts = Counter(i["verdict"] for i in report["items"])
    assert report["coverage"] == {"decided": 211, "applicable": 211}
    assert (verdicts["conform"], verdicts["undetermined"]) == (210, 0)
    strict = report["scores"]["2025"]["strict"]
    assert strict["low"] == strict["high"] < 100


def test_an_inventory_without_a_run(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(INVENTORY, encoding="utf-8")
    done = call("questionnaire", inventory)
    assert done.code == EXIT_OK, done.err
    assert "### db · Database management system" in done.out
    assert "### web1 · Operating system" in done.out
    assert "a scan answers these, and has not seen enough" in done.out
    at_four = call("questionnaire", inventory, "--level", "4", "-f", "csv").out
    assert "L4-CES1-01" in at_four
    assert "L2-CES1-01" not in at_four


def test_one_role(run: Path) -> None:
    done = call("questionnaire", run, "--role", "machine-room", "--role", "personnel-officer", "-f", "csv")
    rows = csv.DictReader(io.StringIO(done.out.removeprefix("\ufeff")))
    assert {row["role"] for row in rows} == {"machine-room", "personnel-officer"}
    wrong = call("questionnaire", run, "--role", "boss")
    assert wrong.code == EXIT_INPUT
    assert "no role is called boss; there are: administrator" in wrong.err


@pytest.mark.parametrize("content", [b"", b"no: inventory", b"SQLite format 3\0 and no more"])
def test_what_is_neither_run_nor_inventory(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert call("questionnaire", path).code == EXIT_INPUT

"""Files of statements: every mistake at its place, all at once; values with authors, places and exhibits."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.cli.stating import known_by
from scanner.errors import InputError
from scanner.model import Answer, Exhibit, Method, Place, Risk, Stand, Statements, Verdict
from scanner.profile_files import packaged
from scanner.statements import Known, load_statements

KNOWN = Known(
    items=("L2-CES1-01", "L3-CES1-01", "L3-CES1-02", "L3-PES1-01"),
    checks=("sshd.root-refused",),
    judgements={"6.4.1.1": (1, 2)},
    triggers=("A-01",),
)
PHOTO = b"a photo of the door"
DIGEST = hashlib.sha256(PHOTO).hexdigest()

WHOLE = f"""\
version: 1
author: Li Lei
attestations:
  - {{item: L3-PES1-01, objects: [room1, room2], answer: 符合, method: 访谈, statement: it is locked,
     date: 2026-02-27, evidence: [{{file: photos/door.jpg, sha256: {DIGEST}}}]}}
  - item: L3-CES1-01
    step: 2
    objects: [web1]
    answer: no
    method: examine
    statement: two people share an account
    author: Han Meimei
    date: 2026/2/28
    expires: 2026-12-31
compensations:
  - {{item: L3-CES1-02, objects: [web1], to: conform, reason: a bastion locks, date: 2026-02-28}}
waivers:
  - {{check: sshd.root-refused, object: web1, reason: until May, approver: Wei,
     expires: 2026-05-31T00:00:00+08:00}}
risks:
  - {{item: L3-CES1-01, objects: [web1], risk: 中, reason: alone in its zone, date: 2026-02-28}}
  - {{item: L3-CES1-02, risk: low, reason: everywhere, date: 2026-02-28}}
judgements:
  - {{judgement: 6.4.1.1, object: web1, conditions: [2], stand: confirmed, reason: seen, date: 2026-02-28}}
majors:
  - {{code: A-01, object: shop, meets: no, reason: none of the principles, date: 2026-02-28}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "door.jpg").write_bytes(PHOTO)
    return tmp_path


def read(folder: Path, text: str | bytes, name: str = "said.yaml") -> Statements:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_statements([path], KNOWN)


def mistakes(folder: Path, text: str | bytes, name: str = "said.yaml") -> list[tuple[int, str]]:
    with pytest.raises(InputError) as caught:
        read(folder, text, name)
    assert all(m.file == str(folder / name) for m in caught.value.mistakes)
    return [(m.line, m.text) for m in caught.value.mistakes]


def test_a_whole_file_becomes_values(folder: Path) -> None:
    got = read(folder, WHOLE)
    file = str(folder / "said.yaml")
    room1, room2, web1 = got.attestations
    assert (room1.object, room2.object, web1.object) == ("room1", "room2", "web1")
    assert (room1.answer, room1.method, room1.step) == (Answer.YES, Method.INTERVIEW, None)
    assert room1.exhibits == (Exhibit("photos/door.jpg", DIGEST),)
    assert (room1.author, web1.author) == ("Li Lei", "Han Meimei")
    assert (web1.step, web1.made, web1.answer) == (2, date(2026, 2, 28), Answer.NO)
    assert web1.expires == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # the end of that day in China
    assert (room1.place, web1.place) == (Place(file, 4), Place(file, 8))
    assert (got.compensations[0].to, got.compensations[0].author) == (Verdict.CONFORM, "Li Lei")
    assert got.waivers[0].expires == datetime(2026, 5, 30, 16, 0, tzinfo=UTC)
    assert [(r.object, r.risk) for r in got.risks] == [("web1", Risk.MEDIUM), ("", Risk.LOW)]
    assert (got.judgements[0].conditions, got.judgements[0].stand) == ((2,), Stand.CONFIRMED)
    assert (got.majors[0].meets, got.majors[0].rectified) == (False, False)
    assert got.files == (Exhibit(file, hashlib.sha256(WHOLE.encode()).hexdigest()),)


def test_the_documented_file_is_one(folder: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "statements.md").read_text("utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    text = re.sub("[0-9a-f]{64}", DIGEST, example[1])
    (folder / "said.yaml").write_text(text, encoding="utf-8")
    got = load_statements([folder / "said.yaml"], known_by(packaged()))
    assert all((got.attestations, got.compensations, got.waivers, got.risks, got.judgements, got.majors))


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("version: 1", "version: 2", 1, "version"),
        ("answer: 符合", "answer: 部分符合", 4, "a step is met or not"),
        ("answer: 符合", "answer: maybe", 4, "must be yes, no or n/a"),
        ("answer: 符合, ", "", 4, "'answer' is missing"),
        ("method: 访谈", "method: guess", 4, "must be interview, examine or test"),
        ("statement: it is locked", "statement: ''", 4, "statement"),
        ("date: 2026-02-27", "date: yesterday", 5, "must be a date such as"),
        ("date: 2026-02-27", "date: 2026-02-30", 5, "there is no such day"),
        ("date: 2026-02-27", "date: 1772150400", 5, "must be a date such as"),
        ("objects: [room1, room2]", "objects: []", 4, "at least 1"),
        ("objects: [room1, room2]", "objects: '*'", 4, "must be a list"),
        ("L3-PES1-01", "L3-PES1-1", 4, "no item is called 'L3-PES1-1'; did you mean 'L3-PES1-01'?"),
        (DIGEST, "a" * 64, 5, "not the one whose digest is stated"),
        (DIGEST, "abc", 5, "sha256"),
        (f", sha256: {DIGEST}", "", 5, "digest is missing; see `sha256sum`"),
        ("photos/door.jpg", "photos/window.jpg", 5, "no such file"),
        ("photos/door.jpg", "photos", 5, "no regular file"),
        ("photos/door.jpg", "/etc/hostname", 5, "in the folder of the statements"),
        ("photos/door.jpg", "../said.yaml", 5, "in the folder of the statements"),
        ("step: 2", "step: 0", 7, "step"),
        ("step: 2", "stap: 2", 7, "unknown key 'stap'"),
        ("expires: 2026-12-31\n", "expires: 2026-12-31T00:00:00\n", 14, "needs its zone"),
        ("to: conform", "to: nonconform", 16, "must be conform or partial"),
        ("sshd.root-refused", "sshd.root-refuse", 18, "no check is called 'sshd.root-refuse'; did you mean"),
        ("check: sshd.root-refused, object: web1, ", "", 18, "would silence everything"),
        ("2026-05-31T00:00:00+08:00", "2026-05-31", 19, "needs its zone"),
        ("2026-05-31T00:00:00+08:00", "2026-05-31T00:00:00", 19, "needs its zone"),
        ("approver: Wei,\n", "\n", 18, "'approver' is missing"),
        ("risk: 中", "risk: serious", 21, "must be high, medium or low"),
        ("judgement: 6.4.1.1", "judgement: 6.4.1.9", 24, "no judgement on high risk is called"),
        ("conditions: [2]", "conditions: [3]", 24, "no condition '3'"),
        ("conditions: [2], stand: confirmed, ", "", 24, "name conditions that are confirmed, or a stand"),
        ("stand: confirmed", "stand: proposed", 24, "must be confirmed, lowered or rejected"),
        ("code: A-01", "code: A-99", 26, "no trigger of a major danger is called"),
        ("meets: no", "meets: perhaps", 26, "must be yes or no"),
        ("author: Li Lei\n", "", 3, "nobody signs it"),
    ],
)
def test_each_mistake_is_named_at_its_line(folder: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in WHOLE
    found = mistakes(folder, WHOLE.replace(old, new, 1))
    assert any(at == line and said in text for at, text in found), found


def test_the_right_digest_is_never_said(folder: Path) -> None:
    for wrong in (f", sha256: {DIGEST}", DIGEST):
        found = mistakes(folder, WHOLE.replace(wrong, "" if wrong.startswith(",") else "b" * 64))
        assert not any(DIGEST in text for _, text in found)


def test_all_mistakes_of_all_files_come_at_once(folder: Path) -> None:
    (folder / "other.yaml").write_text("version: 1\nwaivers: [{item: L9}]\n")
    (folder / "table.csv").write_text("item,object,answer\n")
    (folder / "said.yaml").write_text(WHOLE.replace("符合", "maybe").replace("risk: 中", "risk: x"))
    with pytest.raises(InputError) as caught:
        load_statements([folder / n for n in ("other.yaml", "table.csv", "said.yaml")], KNOWN)
    places = {(Path(m.file).name, m.line) for m in caught.value.mistakes}
    assert places == {("said.yaml", 4), ("said.yaml", 21), ("other.yaml", 2), ("table.csv", 1)}


@pytest.mark.parametrize("section", ["compensations", "risks"])
def test_where_one_counts_a_second_is_a_mistake_also_in_another_file(folder: Path, section: str) -> None:
    more = {
        "compensations": "{item: L3-CES1-02, objects: [web2, web1], to: partial, reason: r, date: 2026-2-28}",
        "risks": "{item: L3-CES1-02, risk: high, reason: r, date: 2026-02-28}",
    }
    (folder / "said.yaml").write_text(WHOLE)
    (folder / "z.yaml").write_text(f"version: 1\nauthor: Wei\n{section}:\n  - {more[section]}\n")
    with pytest.raises(InputError) as caught:
        load_statements([folder / "said.yaml", folder / "z.yaml"], KNOWN)
    (mistake,) = caught.value.mistakes
    assert (Path(mistake.file).name, mistake.line) == ("z.yaml", 4)
    assert "stated twice; first at" in mistake.text


def test_the_same_file_named_twice_is_read_once(folder: Path) -> None:
    path = folder / "said.yaml"
    path.write_text(WHOLE)
    assert load_statements([path, path], KNOWN) == load_statements([path], KNOWN)


def test_evidence_may_be_a_link_but_not_a_pipe(folder: Path) -> None:
    (folder / "photos" / "link.jpg").symlink_to(folder / "photos" / "door.jpg")
    os.mkfifo(folder / "photos" / "pipe.jpg")
    text = WHOLE.replace("photos/door.jpg", "photos/link.jpg")
    assert read(folder, text).attestations[0].exhibits[0].path == "photos/link.jpg"
    ((line, said),) = mistakes(folder, WHOLE.replace("photos/door.jpg", "photos/pipe.jpg"))
    assert (line, "no regular file" in said) == (5, True)


@pytest.mark.parametrize("name", ["a" * 300, "photos/\x01", "photos/door.jpg/x", "\ud800"])
def test_odd_names_of_evidence_are_mistakes(folder: Path, name: str) -> None:
    written = WHOLE.replace("photos/door.jpg", f'"{name.encode("unicode_escape").decode()}"')
    assert mistakes(folder, written)


@pytest.mark.parametrize("name", ["said.xlsx", "said", "said.json"])
def test_other_kinds_of_files_are_refused(folder: Path, name: str) -> None:
    (folder / name).write_text(WHOLE)
    with pytest.raises(InputError, match=r"\*\.yaml, \*\.yml or \*\.csv"):
        load_statements([folder / name], KNOWN)


def test_a_missing_file_is_an_input_error(folder: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load_statements([folder / "nothing.yaml"], KNOWN)
    (folder / "folder.yaml").mkdir()
    with pytest.raises(InputError, match="cannot read"):
        load_statements([folder / "folder.yaml"], KNOWN)


@pytest.mark.parametrize("text", ["", "[]", "version: 1\nattestations: {}", "attestations: [1, [2]]", "a: ["])
def test_what_is_no_file_of_statements_is_an_input_error(folder: Path, text: str) -> None:
    with pytest.raises(InputError):
        read(folder, text)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 40), junk=st.text(max_size=12))
def test_any_damage_is_an_input_error_or_statements(folder: Path, start: int, length: int, junk: str) -> None:
    text = WHOLE[:start] + junk + WHOLE[start + length :]
    with suppress(InputError):
        read(folder, text.encode("utf-8", "replace"))

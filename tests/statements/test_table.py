"""Tables of attestations as spreadsheets write them."""

from __future__ import annotations

import csv
import hashlib
import io
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.model import Answer, Exhibit, Place, Statements
from scanner.spreadsheet import guarded
from scanner.statements import Known, load_statements, table

KNOWN = Known(items=("L3-CES1-01", "L3-PES1-01"))
HEADER = ",".join(table.COLUMNS)
ROW = "L3-PES1-01,1,room1,符合,访谈,门已上锁,door.jpg,{digest},李雷,2026/3/1,"
PHOTO = b"a photo"
DIGEST = hashlib.sha256(PHOTO).hexdigest()
WHOLE = (
    f"{HEADER}\n{ROW.format(digest=DIGEST)}\nL3-CES1-01,,web1,no,examine,shared,,,Han,2026-03-01,2026-12-31\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("door.jpg", "lock.jpg"):
        (tmp_path / name).write_bytes(PHOTO)
    return tmp_path


def read(folder: Path, content: bytes) -> Statements:
    path = folder / "said.csv"
    path.write_bytes(content)
    return load_statements([path], KNOWN)


def mistakes(folder: Path, text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(InputError) as caught:
        read(folder, text.encode())
    return [(m.line, m.column, m.text) for m in caught.value.mistakes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_table_as_excel_in_china_writes_it(folder: Path, encoding: str, ends: str) -> None:
    got = read(folder, WHOLE.replace("\n", ends).encode(encoding))
    room, web = got.attestations
    assert (room.item, room.step, room.object, room.answer) == ("L3-PES1-01", 1, "room1", Answer.YES)
    assert (room.statement, room.author, room.made) == ("门已上锁", "李雷", date(2026, 3, 1))
    assert room.exhibits == (Exhibit("door.jpg", DIGEST),)
    assert room.place == Place(str(folder / "said.csv"), 2)
    assert (web.step, web.answer, web.exhibits) == (None, Answer.NO, ())
    assert web.expires is not None


def test_columns_in_any_order_with_those_of_a_questionnaire(folder: Path) -> None:
    text = (
        "clause,Question_zh,question_en,role,date,author,statement,method,answer,object,item\n"
        "8.1.1.1 a),问,ask,machine-room,2026-03-01,Li,seen,examine,yes,room1,L3-PES1-01\n"
    )
    (got,) = read(folder, text.encode()).attestations
    assert (got.object, got.step, got.author) == ("room1", None, "Li")


@pytest.mark.parametrize(
    "row",
    [
        "L3-PES1-01,1,room1,,,,,,,,",
        "L3-PES1-01,1,room1,,examine,,,,Li,2026-03-01,",
        ",,,,,,,,,,",
        "",
        "  , ",
    ],
)
def test_a_row_that_nobody_answered_states_nothing(folder: Path, row: str) -> None:
    assert read(folder, f"{HEADER}\n{row}\n".encode()).attestations == ()


def test_several_files_of_evidence_in_one_cell(folder: Path) -> None:
    text = WHOLE.replace("door.jpg", "door.jpg; lock.jpg").replace(DIGEST, f"{DIGEST};{DIGEST.upper()}")
    exhibits = read(folder, text.encode()).attestations[0].exhibits
    assert exhibits == (Exhibit("door.jpg", DIGEST), Exhibit("lock.jpg", DIGEST))


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "said"),
    [
        (HEADER, HEADER.replace("step", "stap"), 1, 2, "no column is called 'stap'"),
        (HEADER, HEADER.replace("step", "item"), 1, 2, "the column 'item' is there twice"),
        (HEADER, HEADER.replace("author,", ""), 1, 0, "must name the column 'author'"),
        (HEADER, HEADER.replace(",", ";"), 1, 0, "must name the column 'item'"),
        ("符合", "部分符合", 2, 4, "a step is met or not"),
        ("符合", "", 2, 1, "'answer' is missing"),
        ("李雷", "", 2, 1, "nobody signs it"),
        ("2026/3/1", "3/1/2026", 2, 10, "must be a date such as"),
        ("2026/3/1", "46082", 2, 10, "must be a date such as"),
        (DIGEST, "", 2, 7, "digest is missing"),
        (DIGEST, "a" * 64, 2, 7, "not the one whose digest is stated"),
        (DIGEST, f"{DIGEST};{DIGEST}", 2, 8, "more digests than files of evidence"),
        ("door.jpg", "gate.jpg", 2, 7, "no such file"),
        ("L3-PES1-01,1,", "L3-PES1-01,first,", 2, 2, "must be a whole number"),
        ("L3-CES1-01", "L3-CES1-1", 3, 1, "no item is called 'L3-CES1-1'; did you mean 'L3-CES1-01'?"),
        ("2026-12-31", "2026-12-31,oh", 3, 12, "more cells than the first row names"),
        ("2026-12-31", "soon", 3, 11, "must be a time"),
    ],
)
def test_each_mistake_is_named_at_its_cell(
    folder: Path, old: str, new: str, line: int, column: int, said: str
) -> None:
    assert old in WHOLE
    found = mistakes(folder, WHOLE.replace(old, new, 1))
    assert any((at, cell) == (line, column) and said in text for at, cell, text in found), found


def test_lines_are_those_of_the_file_where_cells_hold_line_ends(folder: Path) -> None:
    text = WHOLE.replace("门已上锁", '"门\n已上锁"').replace("examine", "guess")
    ((line, column, _),) = mistakes(folder, text)
    assert (line, column) == (4, 5)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"\x81", b"\x00", b'"', b"item;object\n", "item\n\x80".encode("utf-16")]
)
def test_what_is_no_table_is_an_input_error(folder: Path, content: bytes) -> None:
    with pytest.raises(InputError):
        read(folder, content)


def test_a_marked_file_that_is_damaged_is_not_read_as_something_else(folder: Path) -> None:
    damaged = WHOLE.encode("utf-8-sig").replace("已".encode(), b"\xb7\xb2")
    with pytest.raises(InputError, match="not UTF-8"):
        read(folder, damaged)


def test_a_formula_is_data(folder: Path) -> None:
    for cell in ("=1+1", "@SUM(A1)", "-2+3", "+1", "'=1", "''=1"):
        text = WHOLE.replace("shared", guarded(cell))
        assert read(folder, text.encode()).attestations[1].statement == cell
    assert read(folder, WHOLE.replace("shared", "=1+1").encode()).attestations[1].statement == "=1+1"


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
        lambda s: s == s.strip()
    )
)
def test_a_guarded_cell_is_no_formula_and_comes_back(cell: str) -> None:
    written = guarded(cell)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    row = dict.fromkeys(table.NEEDED, "x") | {"statement": written}
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(row), list(row.values())])
    document = table.parse(text.getvalue().encode(), "t.csv")
    assert not document.mistakes
    assert document.data["attestations"][0]["statement"] == cell


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda b: f"{HEADER}\n".encode() + b)))
def test_any_bytes_are_rows_or_mistakes(folder: Path, content: bytes) -> None:
    document = table.parse(content, "said.csv")
    assert document.data is not None or document.mistakes
    with suppress(InputError):
        read(folder, content)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 20), junk=st.text(max_size=8))
def test_any_damage_is_statements_or_mistakes(folder: Path, start: int, length: int, junk: str) -> None:
    with suppress(InputError):
        read(folder, (WHOLE[:start] + junk + WHOLE[start + length :]).encode("utf-8", "replace"))


def test_bounds() -> None:
    large = table.parse(b"x" * (16 * 1024 * 1024 + 1), "t.csv")
    assert "larger than" in large.mistakes[0].text
    long = table.parse(f"{HEADER}\n".encode() + b"L3-PES1-01,1,r,,,,,,,,\n" * (table.MAX_ROWS + 1), "t.csv")
    assert "more than" in long.mistakes[0].text
    wide = table.parse(f"{HEADER}\n{'x' * 200_000},\n".encode(), "t.csv")
    assert "not CSV" in wide.mistakes[0].text

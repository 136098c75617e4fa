"""Files of results: what rows mean, every mistake at its line, and never a crash."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import InputError, Mistake
from scanner.model import Grade, Risk, Verdict
from scanner.profile import LEVELS, load_items
from scanner.score import Majors, Standing, Subject, Tally
from scanner.score.document import Given, read_document
from scanner.score.reading import of_grade, read_results
from scanner.score.results import Results, Row, SystemResults
from scanner.score.table import read_table
from scanner.spreadsheet import guarded, unguarded, written
from tests.score.made_up import NA, C, N, P

CATALOGUE = {level: load_items(level) for level in LEVELS}
FIND = {item.id: item for items in CATALOGUE.values() for item in items}.get


def table(text: str) -> Results:
    return read_table(text.encode(), "results.csv", FIND)


def document(value: object) -> tuple[Results, Given]:
    return read_document(json.dumps(value).encode(), "results.json", FIND)


def told(results: Results) -> list[str]:
    results.systems()
    return [str(mistake) for mistake in results.mistakes]


def only(results: Results, item: str) -> Tally:
    systems = results.systems()
    assert results.mistakes == []
    (system,) = systems.values()
    return system.items[item]


def standing(cells: str, header: str = "verdict") -> Standing:
    """How L3-CES1-01 stands by a row with these cells."""
    tally = only(table(f"item,object,{header}\nL3-CES1-01,web1,{cells}\n"), "L3-CES1-01")
    ((found, count),) = tally.standings.items()
    assert count == 1
    return found


@pytest.mark.parametrize(
    ("cell", "expect"),
    [
        ("conform", {C}),
        ("符合", {C}),
        ("Partial", {P}),
        ("部分符合", {P}),
        ("不符合", {N}),
        ("不适用", {NA}),
        ("not-applicable", {NA}),
        ("partial|nonconform", {P, N}),
        (" 符合 | 部分符合 ", {C, P}),
        ("undetermined", {C, P, N}),  # four steps, partial possible
        ("未能核查", {C, P, N}),
    ],
)
def test_verdicts(cell: str, expect: set[Verdict]) -> None:
    assert standing(cell).possible == expect


@pytest.mark.parametrize(
    ("item", "expect"),
    [
        ("L3-CES1-01", {C, P, N}),  # all of several steps
        ("L3-PES1-02", {C, N}),  # one step, no partial
        ("L3-CES1-04", {C, P, N}),
        ("H-1", {C, P, N}),  # nothing is known of it
    ],
)
def test_undetermined_leaves_what_the_item_allows(item: str, expect: set[Verdict]) -> None:
    text = f"item,object,verdict,side,weight\n{item},web1,undetermined,technical,key\n"
    (found,) = only(table(text), item).standings
    assert found.possible == expect


def test_every_field_of_a_row() -> None:
    found = standing(
        "undetermined,partial|nonconform,nonconform,low,yes", "verdict,possible,before,risk,sampled"
    )
    assert found == Standing(frozenset({P, N}), frozenset({N}), Risk.LOW, sampled=True)
    assert standing("conform") == Standing(frozenset({C}), sampled=False)
    assert standing("不符合,高,是", "verdict,risk,sampled") == Standing(
        frozenset({N}), risk=Risk.HIGH, sampled=True
    )


def test_the_catalogue_knows_an_item_and_a_row_goes_before_it() -> None:
    item = FIND("L3-CES1-01")
    assert item is not None
    known = only(table("item,object,verdict\nL3-CES1-01,web1,conform\n"), "L3-CES1-01").subject
    assert known == Subject.of(item)
    header = "item,object,verdict,side,weight,themes,optional"
    row = "L3-CES1-01,web1,conform,管理,一般,audit|tunnels,是"
    stated = only(table(f"{header}\n{row}\n"), "L3-CES1-01").subject
    assert stated == Subject("management", "general", ("audit", "tunnels"), optional=True)
    may = next(i for i in CATALOGUE[3] if i.optional)
    counted = only(table(f"item,object,verdict,optional\n{may.id},web1,conform,no\n"), may.id).subject
    assert not counted.optional
    none = only(table("item,object,verdict,themes\nL3-CES1-01,web1,conform,none\n"), "L3-CES1-01").subject
    assert none.themes == ()


def test_systems_are_kept_apart() -> None:
    text = (
        "system,item,object,verdict,majors\n"
        "shop,L3-CES1-01,web1,conform,1+\n"
        "bank,L3-CES1-01,web1,nonconform,0\n"
        "shop,L3-CES1-01,web2,conform,1+\n"
    )
    results = table(text)
    systems = results.systems()
    assert results.mistakes == []
    assert systems["shop"].majors == Majors(1, more=True)
    assert systems["bank"].majors == Majors(0, more=False)
    assert list(systems["shop"].items["L3-CES1-01"].standings.values()) == [2]


def test_rows_that_do_not_count_are_read_and_left_out() -> None:
    text = (
        "item,object,verdict,side,weight,counted\n"
        "L3-CES1-01,web1,conform,,,yes\n"
        "X-BANK-01,web1,nonconform,technical,general,no\n"
    )
    results = table(text)
    (system,) = results.systems().values()
    assert list(system.items) == ["L3-CES1-01"]
    assert results.mistakes == []


@pytest.mark.parametrize(
    ("row", "expect"),
    [
        ("L3-CES1-01,web1,", "the verdict is missing"),
        (",web1,conform", "the item is missing"),
        ("L3-CES1-01,,conform", "the object is missing"),
        ("L3-CES1-01,web1,good", "verdict must be one of conform,"),
        ("L3-CES1-01,web1,conform|not-applicable", "not a set of possible verdicts: conform, not-applicable"),
        ("L3-CES1-01,web1,conform|undetermined", "not a set of possible verdicts"),
        ("L3-CES1-01,web1,|", "not a set of possible verdicts: nothing"),
        ("L3-CES1-99,web1,conform", "no item of the catalogue is called 'L3-CES1-99'; state its side"),
        ("=cmd|' /C calc'!A0,web1,conform", "no item of the catalogue is called"),
        ("L3-CES1-01,web1,conform,,,,,,low", "a risk belongs to a problem"),
        ("L3-CES1-01,web1,conform|nonconform,,,,,,low", "a risk belongs to a problem"),
        ("L3-CES1-01,web1,nonconform,,,,,,grave", "risk must be one of high,"),
        ("L3-CES1-01,web1,conform,partial", "does not fit possible 'partial'"),
        ("L3-CES1-01,web1,undetermined,partial", "does not fit"),
        ("L3-CES1-01,web1,conform,,conform|not-applicable", "not a set of possible verdicts"),
        ("L3-CES1-01,web1,conform,,,front", "side must be one of technical,"),
        ("L3-CES1-01,web1,conform,,,,heavy", "weight must be one of general,"),
        ("L3-CES1-01,web1,conform,,,,,sports", "no theme is called 'sports'"),
        ("L3-CES1-01,web1,conform,,,,,,,maybe", "sampled must be one of yes,"),
        ("L3-CES1-01,web1,conform,,,,,,,,many", "majors must be a number"),
        ("L3-CES1-01,web1,conform,,,,,,,,,x", "counted must be one of"),
        ("L3-CES1-01,web1,nonconform,,,,,,,,,no", "L3-CES1-01 is an item of the standard: it counts"),
        ("L3-CES1-01,web1,conform,,,,,,,,,,x", "more cells than the first row names"),
        ('L3-CES1-01,"web1" x,conform', "not CSV"),
        ('L3-CES1-01,"web1,conform', "not CSV"),
        ("L3-CES1-01,we\0b1,conform", "a NUL byte"),
        (f"L3-CES1-01,{'x' * 200_000},conform", "not CSV: field larger than"),
    ],
)
def test_mistakes_name_their_line(row: str, expect: str) -> None:
    header = "item,object,verdict,possible,before,side,weight,themes,risk,sampled,majors,counted"
    found = told(table(f"{header}\nL3-CES1-02,web1,conform\n\n{row}\n"))
    assert len(found) == 1
    assert found[0].startswith("results.csv:4:")
    assert expect in found[0]
    assert len(found[0]) < 400


@pytest.mark.parametrize(
    ("header", "expect"),
    [
        ("item,object", "must name the column 'verdict'"),
        ("item,object,verdict,wieght", "no column is called 'wieght'"),
        ("item,object,verdict,item", "the column 'item' is there twice"),
        ("", "must name the column 'item'"),
    ],
)
def test_mistakes_in_the_first_row(header: str, expect: str) -> None:
    assert any(expect in text for text in told(table(f"{header}\nL3-CES1-01,web1,conform\n")))


@pytest.mark.parametrize(
    ("rows", "line", "expect"),
    [
        ("a,L3-CES1-01,web1,conform\na,L3-CES1-01,web1,conform", 3, "already stated in line 2"),
        ("a,L3-CES1-01,web1,conform,key\na,L3-CES1-01,web2,conform,general", 3, "not those of line 2"),
        (
            "a,L3-CES1-01,web1,conform,,0\na,L3-CES1-02,web1,conform,,1",
            3,
            "majors is not what other rows say",
        ),
    ],
)
def test_rows_that_contradict_each_other(rows: str, line: int, expect: str) -> None:
    (found,) = told(table(f"system,item,object,verdict,weight,majors\n{rows}\n"))
    assert found.startswith(f"results.csv:{line}:")
    assert expect in found


def test_all_mistakes_at_once_and_very_many_of_them_counted() -> None:
    rows = "".join(f"L3-CES1-01,web{n},bad\n" for n in range(300))
    with pytest.raises(InputError) as caught:
        read_results(f"item,object,verdict\n{rows}".encode(), "results.csv", FIND)
    assert "300 mistakes, the first 50 of them" in str(caught.value)
    assert [m.line for m in caught.value.mistakes] == list(range(2, 52))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"item,object,verdict\n", b"[]", b'{"items": []}'])
def test_a_file_without_results_is_none(content: bytes) -> None:
    for name in ("results.csv", "results.json"):
        with pytest.raises(InputError):
            read_results(content, name, FIND)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(encoding: str) -> None:
    results = read_table("item,object,verdict\nL3-CES1-01,主机一,符合\n".encode(encoding), "r.csv", FIND)
    assert only(results, "L3-CES1-01").standings == {Standing(frozenset({C}), sampled=False): 1}


def test_what_is_neither_encoding_names_its_line() -> None:
    found = told(read_table(b"item,object,verdict\nL3-CES1-01,\xff\xff,conform\n", "r.csv", FIND))
    assert found == ["r.csv:2:0: neither UTF-8 nor GB18030"]
    found = told(read_table("item,object,verdict\n".encode("utf-16"), "r.csv", FIND))
    assert found == ["r.csv:1:0: UTF-16: save the table as CSV UTF-8"]


ROW = {"item": "L3-CES1-01", "object": "web1", "verdict": "conform"}


def test_json_says_the_same_as_a_table() -> None:
    row = {
        **ROW,
        "verdict": "undetermined",
        "possible": ["partial", "nonconform"],
        "before": "nonconform",
        "risk": "low",
        "sampled": True,
        "themes": ["audit"],
        "optional": False,
        "majors": 2,
        "counted": None,
    }
    for value in ([row], {"items": [row]}):
        results, given_ = document(value)
        tally = only(results, "L3-CES1-01")
        assert tally.standings == {Standing(frozenset({P, N}), frozenset({N}), Risk.LOW): 1}
        assert tally.subject.themes == ("audit",)
        assert given_ == Given()


def test_json_gives_risks_majors_and_y_as_whole() -> None:
    _, given_ = document({"risks": ["high", "低"], "items": [ROW], "majors": 1, "y": "7/10"})
    assert given_ == Given(frozenset({Risk.HIGH, Risk.LOW}), 1, Fraction(7, 10))
    assert document({"items": [ROW], "y": 0.5})[1] == Given(y=Fraction(1, 2))


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("", "1:1: not JSON: '{' is expected"),
        ("{", "1:2: not JSON"),
        ("nonsense", "1:1: not JSON: '{' is expected"),
        ('{"rows": []}', "1:2: no key is called 'rows'"),
        ('{"y": "1/2"}', "there are no items"),
        ('{"items": []} x', "1:15: not JSON: something follows the end"),
        ('{"items": [],\n "items": []}', "2:2: the key 'items' is there twice"),
        ('{"items": [1]}', "1:12: an item must be an object"),
        ('{"items": [\n\n  {"item": "a"}]}', "3:3: the object is missing"),
        ('{"items": [{"item": "a", "item": "b"}]}', "1:12: the key 'item' is there twice"),
        ('[{"object": "web1", "itme": "b"}]', "1:2: no field is called 'itme'"),
        ('[{"object": {}}]', "1:2: object cannot be '{}'"),
        ('[{"object": 5}]', "1:2: object cannot be '5'"),
        ('[{"possible": [1]}]', "1:2: possible must be a list of words"),
        ('[{"object": NaN}]', "1:2: NaN is no number"),
        ('{"items": [], "risks": "high"}', "1:15: risks must be a list of words"),
        ('{"items": [], "risks": ["grave"]}', "1:15: risks must be one of"),
        ('{"items": [], "majors": true}', "1:15: majors must be a number"),
        ('{"items": [], "majors": -1}', "1:15: majors must be a number"),
        ('{"items": [], "y": 2}', "1:15: y must be a number from 0 to 1"),
        ('{"items": [], "y": "1e9"}', "1:15: must be a number such as"),
        ('[{"object": %s]' % ("9" * 5000), "1:2: Exceeds the limit"),
        ("[" * 100_000, "1:2: nested too deeply"),
        ('{"items": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_mistakes_in_json_name_their_place(text: str, expect: str) -> None:
    results, _ = read_document(text.encode(), "results.json", FIND)
    found = told(results)
    assert any(expect in line for line in found), found
    assert all(len(line) < 400 for line in found)


def test_json_in_another_encoding_is_refused() -> None:
    results, _ = read_document(b"[\n]" + "符".encode("gb18030"), "r.json", FIND)
    assert told(results) == ["r.json:2:0: not UTF-8"]


def assert_read_or_refused(content: bytes, name: str) -> None:
    systems: Mapping[str, SystemResults] = {}
    mistakes: tuple[Mistake, ...] = ()
    try:
        systems = read_results(content, name, FIND).systems
    except InputError as error:
        mistakes = error.mistakes
    assert bool(systems) != bool(mistakes)
    assert all(m.line > 0 for m in mistakes)


@settings(max_examples=200, deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_results_or_mistakes(content: bytes) -> None:
    for name in ("r.csv", "r.json"):
        for begin in (b"", b"item,object,verdict\nL3-CES1-01,", b'{"items": [{"item": '):
            assert_read_or_refused(begin + content, name)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Row._fields, "y"]), inner),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json_is_results_or_mistakes(value: object) -> None:
    for whole in (value, {"items": value}, {"items": [value]}, {"items": [{**ROW, "object": value}]}):
        assert_read_or_refused(json.dumps(whole).encode(), "r.json")


@settings(deadline=None)
@given(st.lists(st.lists(st.text(), min_size=1, max_size=3), min_size=1, max_size=3))
def test_cells_are_read_back_as_they_were_and_none_is_a_formula(rows: Sequence[Sequence[str]]) -> None:
    text = written(rows)
    again = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    assert [[unguarded(cell) for cell in row] for row in again] == [list(row) for row in rows]
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in again for cell in row)
    assert unguarded(guarded("'=1")) == "'=1"


def test_with_a_grade_what_the_file_is_silent_about_counts_as_unseen() -> None:
    read = read_results(b"item,object,verdict\nL3-CES1-01,web1,conform\n", "r.csv", FIND)
    graded = of_grade(read, "r.csv", Grade(3, 3), CATALOGUE, FIND)
    (system,) = graded.systems.values()
    assert len(system.items) == 211
    assert system.items["L3-PES1-02"].possible() == {C, N}
    cloud = read_results(b"item,object,verdict\nL3-PES2-01,room,conform\n", "r.csv", FIND)
    (system,) = of_grade(cloud, "r.csv", Grade(3, 3), CATALOGUE, FIND).systems.values()
    assert len(system.items) == 211 + 46


@pytest.mark.parametrize(
    ("grade", "item", "said"),
    [
        (Grade(2, 2), "L3-CES1-01", "L3-CES1-01 is no item of S2A2: items marked S are those of level 2"),
        (Grade(3, 2), "L3-PES1-18", "items marked A are those of level 2"),
        (Grade(1, 3), "L3-CES1-01", "items marked S are those of level 1"),
    ],
)
def test_with_a_grade_items_of_another_are_mistakes(grade: Grade, item: str, said: str) -> None:
    read = read_results(f"item,object,verdict\n{item},web1,conform\n".encode(), "r.csv", FIND)
    with pytest.raises(InputError) as caught:
        of_grade(read, "r.csv", grade, CATALOGUE, FIND)
    assert said in str(caught.value)
    assert caught.value.mistakes[0].line == 2

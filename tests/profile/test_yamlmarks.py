from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from scanner.errors import InputError, InventoryError
from scanner.yamlmarks import MAX_BYTES, MAX_DEPTH, MAX_VALUES, check, load, parse, validate
from scanner.yamlnodes import read_closely
from scanner.yamlplain import UnusualError, read_plain


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    address: str
    port: int = Field(ge=1, le=65535)


class Things(BaseModel):
    model_config = ConfigDict(extra="forbid")
    objects: list[Thing]
    title: str = ""


def test_scalars_stay_what_was_written() -> None:
    text = b"a: 8.10\nb: on\nc: 0777\nd: 1:30\ne: ~\nf: null\ng: ''\nh:\n"
    assert parse(text, "f").data == {
        "a": "8.10",
        "b": "on",
        "c": "0777",
        "d": "1:30",
        "e": "~",
        "f": "null",
        "g": "",
        "h": None,
    }


def test_every_value_has_its_place() -> None:
    document = parse("标题: x\nobjects:\n- id: a\n  address: b\n-   id: c\n".encode(), "f")
    assert document.place(("objects", 0, "address")) == (4, 3)
    assert document.place(("objects", 1, "id")) == (5, 5)
    assert document.place(("objects", 1, "no such", "deeper")) == (5, 5)
    assert document.place(("nothing",)) == (1, 1)
    assert document.mistakes == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1:1: the file is empty"),
        (b"# only words\n", "1:1: the file is empty"),
        (b"---\n", "1:1: the file is empty"),
        (b"[", "2:1: not YAML"),
        (b"a: b\n  c: d\n", "2:4: not YAML"),
        (b"a: b\n---\nb: c\n", "2:1: a second document"),
        (b"a: *x\n", "1:4: *x refers to nothing"),
        (b"a: &x [*x]\n", "1:8: *x contains itself"),
        (b"a: b\nc: \xff\n", "2:4: not UTF-8: byte 0xff"),
        (b"a: \x00\n", "0:0: not YAML"),
        (b"[" * 200_000, f"nested more than {MAX_DEPTH} deep"),
        (b"? [a]\n: b\n", "1:3: a key must be a word"),
        (b"a: 1\nb: 2\na: 3\n", "3:1: 'a' is written twice; first on line 1"),
        (b"a: !!python/object:os.system x\n", "1:4: tags are not used here"),
        (b"#" * (MAX_BYTES + 1), "larger than 16 MiB"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_is_wrong_in_the_yaml_itself_is_a_mistake_with_its_place(content: bytes, said: str) -> None:
    (mistake,) = parse(content, "f").mistakes
    assert said in str(mistake)
    with pytest.raises(InputError, match="1 mistake"):
        validate(dict, parse(content, "f"))


def test_aliases_are_written_out() -> None:
    document = parse(b"a: &a {x: 1}\nb: [*a, *a]\n", "f")
    assert document.data == {"a": {"x": "1"}, "b": [{"x": "1"}, {"x": "1"}]}
    assert document.place(("b", 1, "x")) == (1, 8)


def test_a_billion_laughs_is_one_mistake() -> None:
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    document = parse("\n".join(lines).encode(), "f")
    assert document.data is None
    assert ["more than" in m.text for m in document.mistakes] == [True]


def test_nested_aliases_are_bounded_in_depth() -> None:
    lines = ["a0: &a0 [ha]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 2 * MAX_DEPTH))]
    (mistake,) = parse("\n".join(lines).encode(), "f").mistakes
    assert "nested more than" in mistake.text


BROKEN = b"""\
objects:
- id: a
  adress: 10.0.0.1
  port: 1o
- id: b
  id: c
  port:
  address: 8.10
- [x]
title: {a: b}
extra: 1
"""


def test_all_mistakes_come_at_once_in_line_order_and_in_plain_words() -> None:
    instance, mistakes = check(Things, parse(BROKEN, "inv.yaml"))
    assert instance is None
    assert [str(m) for m in mistakes] == [
        "inv.yaml:2:3: 'address' is missing",
        "inv.yaml:3:3: unknown key 'adress'; did you mean 'address'?",
        "inv.yaml:4:3: port: must be a whole number, not '1o'",
        "inv.yaml:6:3: 'id' is written twice; first on line 5",
        "inv.yaml:7:3: port: must be a whole number; nothing is written",
        "inv.yaml:9:3: objects: must be a mapping",
        "inv.yaml:10:1: title: must be text",
        "inv.yaml:11:1: unknown key 'extra'",
    ]


def test_validate_raises_the_error_asked_for() -> None:
    with pytest.raises(InventoryError) as caught:
        validate(Things, parse(BROKEN, "inv.yaml"), InventoryError)
    assert len(caught.value.mistakes) == 8
    assert "inv.yaml:3:3: unknown key" in str(caught.value)


def test_validate_gives_the_model() -> None:
    document = parse(b"objects: [{id: a, address: 10.0.0.1, port: 22}]", "f")
    assert validate(Things, document).objects == [Thing(id="a", address="10.0.0.1", port=22)]


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load(tmp_path / "missing.yaml")
    with pytest.raises(InputError, match="cannot read"):
        load(tmp_path)
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert load(tmp_path / "a.yaml").data == {"a": "1", "b": "2"}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80) | st.text(alphabet="ab:-[]{}&*!?,'\"#|> \n\t", max_size=60).map(str.encode))
def test_no_bytes_raise(content: bytes) -> None:
    document = parse(content, "f")
    assert document.data is not None or document.mistakes
    check(Things, document)


def _places(data: Any, where: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [where, *(place for key, value in pairs for place in _places(value, (*where, key)))]


_DATA = st.recursive(
    st.text(alphabet="ab8.on", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(_DATA)
def test_what_is_written_comes_back_with_a_place_for_each_value(data: Any) -> None:
    document = parse(yaml.safe_dump({"top": data}, default_style='"').encode(), "f")
    assert document.data == {"top": data}
    assert sorted(map(str, document.places)) == sorted(map(str, _places(document.data)))


_YAMLISH = st.lists(
    st.sampled_from(
        [*"ab:-[]{},&*!|>#?\"'~", " ", "\n", ": ", "- ", "\n  ", "\n- ", "&x ", "*x", "!!str ", "--- ", "''"]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(_YAMLISH | _DATA.map(yaml.safe_dump))
def test_the_quick_reading_gives_what_the_close_one_gives_or_leaves_it_to_that(text: str) -> None:
    closely = read_closely(text, "f")
    try:
        data = read_plain(text, MAX_DEPTH, MAX_VALUES)
    except UnusualError:
        return
    assert (closely.data, closely.mistakes) == (data, ())
    document = parse(text.encode(), "f")
    assert (document.data, dict(document.places)) == (closely.data, closely.places)


@pytest.mark.parametrize(
    "text",
    ["", "# only words", "a: 1\na: 2", "a: &x 1", "a: &x 1\nb: *x", "a: !!str 1", "a: 1\n---\nb: 1",
     "[a", "? [a]\n: 1", "[[[[a]]]]", "[a, b, c, d, e, f, g]", "~: 1\n: 2"],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_close_reading(text: str) -> None:
    with pytest.raises(UnusualError):
        read_plain(text, 3, 12)


def test_the_quick_reading_reads_the_usual() -> None:
    assert read_plain("a: [b, '', {c: }]\nd:", 3, 30) == {"a": ["b", "", {"c": None}], "d": None}


def test_importing_the_module_loads_neither_pydantic_nor_yaml() -> None:
    import subprocess
    import sys

    code = "import sys, scanner.yamlmarks; sys.exit(bool({'pydantic', 'yaml'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

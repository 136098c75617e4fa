"""Lines for a terminal: nothing is lost, nothing is too wide, nothing acts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from scanner.report.catalogue.typeset import Span, aligned, columns, padded, painted, wrapped

WORDS = st.lists(
    st.text(st.sampled_from("abcXYZ0123-身份鉴别（）。，“”"), min_size=1, max_size=12), max_size=20
).map(" ".join)


@given(WORDS, st.integers(8, 60))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line == line.strip() and line for line in lines)


@given(WORDS, st.integers(30, 60))
def test_no_line_is_too_wide_but_for_what_cannot_be_broken(text: str, width: int) -> None:
    for line in wrapped(text, width):
        assert columns(line) <= width or " " not in line


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Po", "Zs"])))
def test_columns_are_those_of_a_terminal_for_the_texts_of_the_catalogue(text: str) -> None:
    known = "".join(c for c in text if c.isascii() or "\u3000" <= c <= "\u9fff" or "\uff01" <= c <= "\uff60")
    assert columns(known) == cell_len(known)


@pytest.mark.parametrize("text", ["", "abc", "鉴别", "a鉴"])
def test_padding_is_in_columns(text: str) -> None:
    assert cell_len(padded(text, 6)) == cell_len(aligned(text, 6)) == 6
    assert padded(text, 0) == aligned(text, 0) == text


def test_stops_and_brackets_stay_with_their_words() -> None:
    text = "操作系统（服务器、终端），数据库。"
    for width in range(8, 34):
        for line in wrapped(text, width):
            assert line[0] not in "，。、）"
            assert line[-1] != "（"


@given(st.text(), st.booleans())
def test_nothing_in_a_text_acts_on_the_terminal(text: str, colour: bool) -> None:
    out = painted([[Span(text, "bold red"), Span("end")]], colour=colour)
    assert out.count("\n") == 1
    rest = (
        out.replace("\x1b[1;31m", "").replace("\x1b[0m", "").removesuffix("\n")
        if colour
        else out.removesuffix("\n")
    )
    assert rest.isprintable()
    assert "end" in rest

"""Cited lines inside the lines around them: what is marked is what was cited, or nothing is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Citation
from scanner.report.html.evidence import AROUND, CAPTURES, LINES, WIDTH, Captures, left_out
from tests.report_html.pages import capture

REF = "h/step"


def of(text: bytes) -> Captures:
    return Captures({"h": (capture(REF, text),)})


def cite(line: int, excerpt: str = "") -> Citation:
    return Citation(REF, line, excerpt)


TEXT = b"".join(f"l{n}\n".encode() for n in range(1, 101))


def test_lines_around() -> None:
    (found,) = of(TEXT).excerpts([cite(10, "l10"), cite(50, "l50")])
    assert [line.number for line in found.lines] == [8, 9, 10, 11, 12, 48, 49, 50, 51, 52]
    assert [line.number for line in found.lines if line.cited] == [10, 50]
    assert [line.number for line in found.lines if line.after_gap] == [48]
    assert (found.total, found.cited, found.more) == (100, (10, 50), 0)


def test_a_capture_that_says_something_else_is_not_marked() -> None:
    """The quote stands for itself then; a mark on a wrong line would be false evidence."""
    for wrong in (cite(10, "other"), cite(101, "l101"), Citation("h/else", 1, "l1")):
        (found,) = of(TEXT).excerpts([wrong])
        assert found.lines == ()
        assert found.total is None
        assert found.quotes == (wrong.excerpt,)


def test_a_capture_as_a_whole_shows_its_beginning() -> None:
    (found,) = of(TEXT).excerpts([cite(0, "mode=0644")])
    assert [line.text for line in found.lines] == ["l1", "l2", "l3", "l4", "l5", "l6"]
    assert not any(line.cited for line in found.lines)
    assert found.quotes == ("mode=0644",)
    (empty,) = of(b"").excerpts([cite(0)])
    assert (empty.total, empty.lines) == (0, ())


def test_encodings_and_line_ends() -> None:
    (found,) = of("口令\r\n第二行\r\n".encode("gb18030")).excerpts([cite(2, "第二行")])
    assert [line.text for line in found.lines] == ["口令", "第二行"]
    (broken,) = of(b"\xff\xff\nok\n").excerpts([cite(2, "ok")])
    assert broken.lines[1].cited


def test_limits() -> None:
    (wide,) = of(b"x" * 10_000).excerpts([cite(1, "x" * 200)])
    assert len(wide.lines[0].text) == WIDTH
    (many,) = of(TEXT).excerpts([cite(n, f"l{n}") for n in range(1, 101)])
    assert len(many.lines) == LINES
    assert many.more == 100 - LINES
    several = [Citation(f"h/s{n}", 1, "") for n in range(CAPTURES + 3)]
    assert len(of(TEXT).excerpts(several)) == CAPTURES
    assert left_out(several) == 3


@given(
    st.lists(st.text(st.characters(exclude_characters="\n"), max_size=8), min_size=1, max_size=60), st.data()
)
def test_marked_is_what_was_cited(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines).encode("utf-8", "replace")
    said = text.decode().split("\n")
    numbers = data.draw(st.sets(st.integers(1, len(said)), min_size=1, max_size=6))
    (found,) = of(text).excerpts([cite(n, said[n - 1].strip()[:200]) for n in sorted(numbers)])
    shown = {line.number for line in found.lines}
    assert {line.number for line in found.lines if line.cited} == numbers & shown
    assert numbers - shown <= {len(said)}, "only an empty last line may be missing"
    assert all(min(abs(n - m) for m in numbers) <= AROUND for n in shown)

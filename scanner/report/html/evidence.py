"""Evidence as a person checks it: the cited lines inside the lines around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Capture
from scanner.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scanner.model import Citation, Gap

AROUND = 2
"""Lines shown before and after a cited one."""

OPENING = 6
"""Lines shown of a capture that is cited as a whole."""

LINES, CAPTURES, WIDTH = 40, 12, 320
"""Lines shown of one capture, captures shown of one finding, characters shown of one line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a capture; ``after_gap``: lines before it are left out."""

    number: int
    text: str
    cited: bool
    after_gap: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of one capture. ``total`` lines are in it; ``more`` cited lines are not shown."""

    capture: str
    cited: tuple[int, ...]  # 0: as a whole
    lines: tuple[Line, ...]
    quotes: tuple[str, ...]  # what citations say whose lines are not shown
    total: int | None  # None: the capture is not at hand
    more: int


class Captures:
    """A run's captures as lines, by their names."""

    def __init__(self, records: Mapping[str, Sequence[Capture | Gap]]) -> None:
        self._lines = {
            record.ref: _lines(record.content)
            for some in records.values()
            for record in some
            if isinstance(record, Capture)
        }

    def excerpts(self, citations: Sequence[Citation]) -> tuple[Excerpt, ...]:
        """The evidence of one finding, each capture once, in the order of citation."""
        named: dict[str, list[Citation]] = {}
        for citation in citations:
            named.setdefault(citation.capture, []).append(citation)
        return tuple(self._excerpt(name, cited) for name, cited in list(named.items())[:CAPTURES])

    def _excerpt(self, name: str, citations: list[Citation]) -> Excerpt:
        lines = self._lines.get(name)
        numbers = tuple(sorted({c.line for c in citations}))
        quotes = tuple(dict.fromkeys(c.excerpt for c in citations if c.excerpt))
        if lines is None or not all(_says(lines, c) for c in citations):
            return Excerpt(name, numbers, (), quotes, None, 0)
        cited = [n for n in numbers if n]
        shown = list(_window(lines, cited))[:LINES] if cited else list(_opening(lines))
        hidden = set(cited) - {line.number for line in shown}
        left = tuple(dict.fromkeys(c.excerpt for c in citations if c.excerpt and not c.line))
        return Excerpt(name, numbers, tuple(shown), left, _count(lines), len(hidden))


def left_out(citations: Sequence[Citation]) -> int:
    """Captures that are cited and not shown."""
    return max(0, len({c.capture for c in citations}) - CAPTURES)


def _lines(content: bytes) -> tuple[str, ...]:
    """Lines as readers count them: bytes as UTF-8, else GB18030, divided by line feeds alone."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return tuple(content.decode(encoding).split("\n"))
        except UnicodeDecodeError:
            continue
    return tuple(content.decode("utf-8", "replace").split("\n"))


def _says(lines: Sequence[str], citation: Citation) -> bool:
    """Whether the capture at hand says at the cited line what the citation quotes."""
    if not citation.line:
        return True
    if citation.line > len(lines):
        return False
    return lines[citation.line - 1].strip().startswith(citation.excerpt)


def _window(lines: Sequence[str], cited: Iterable[int]) -> Iterator[Line]:
    marked = set(cited)
    around = {n + shift for n in marked for shift in range(-AROUND, AROUND + 1)}
    before = 0
    for number in sorted(n for n in around if 1 <= n <= _count(lines)):
        text = plain(lines[number - 1].rstrip("\r"), WIDTH)
        yield Line(number, text, number in marked, number != before + 1 and before > 0)
        before = number


def _opening(lines: Sequence[str]) -> Iterator[Line]:
    for number in range(1, min(OPENING, _count(lines)) + 1):
        yield Line(number, plain(lines[number - 1].rstrip("\r"), WIDTH), cited=False, after_gap=False)


def _count(lines: Sequence[str]) -> int:
    """Lines without the empty one that a final line feed leaves."""
    return len(lines) - 1 if lines and not lines[-1] else len(lines)

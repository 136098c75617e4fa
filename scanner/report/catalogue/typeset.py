"""Lines for a terminal, set in a hundredth of a second for a thousand items.

``rich`` does the same and more for reports; setting the whole catalogue takes it longer than reading it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from scanner.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PIECE = re.compile(
    r"\s+|[（《“‘「【]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])[，。、；：！？）》”’」】]*"  # noqa: RUF100
)
"""Blanks, or what a line must not break: a word, or a wide character, with its brackets and stops."""

_SGR = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "magenta": "35", "cyan": "36"}
"""Select Graphic Rendition, by the name of the style (ECMA-48)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one style: names of styles, apart by blanks."""

    text: str
    style: str = ""


def columns(text: str) -> int:
    """How many columns a text takes at the terminal: wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in {"W", "F"} else 1 for character in text)


def padded(text: str, width: int) -> str:
    """A text with blanks after it up to ``width`` columns."""
    return text + " " * (width - columns(text))


def aligned(text: str, width: int) -> str:
    """A text with blanks before it up to ``width`` columns."""
    return " " * (width - columns(text)) + text


def wrapped(text: str, width: int) -> Iterator[str]:
    """Break a text into lines of at most ``width`` columns; a longer word stands alone."""
    line, taken = "", 0
    for piece in _PIECE.findall(text):
        wide = columns(piece)
        if line and taken + wide > width and not piece.isspace():
            yield line.rstrip()
            line, taken = "", 0
        if line or not piece.isspace():
            line, taken = line + piece, taken + wide
    if line.strip():
        yield line.rstrip()


def painted(lines: Iterable[Iterable[Span]], *, colour: bool) -> str:
    """Return lines as text, in colours where somebody sees them; nothing in a text acts on the terminal."""
    rows = ("".join(_painted(span, colour=colour) for span in line).rstrip() for line in lines)
    return "".join(f"{row}\n" for row in rows)


def _painted(span: Span, *, colour: bool) -> str:
    shown = plain(span.text)
    if not colour or not span.style or not shown.strip():
        return shown
    return f"\x1b[{';'.join(_SGR[name] for name in span.style.split())}m{shown}\x1b[0m"

"""What the sample that the inventory marks leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.console.words import shown
from scanner.sample import holes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Assessment
    from scanner.model.text import Language

SHOWN = 3
"""Holes of a sample that are named; the JSON and the HTML report have all."""

_WORDS = 240
"""Characters shown of one hole: it names objects."""

_MORE = Text(zh="抽样另有 {count} 处不足", en="and {count} more about the sample")


def sample(a: Assessment, language: Language) -> Iterator[RenderableType]:
    """A line each; nothing where no sample is marked, or nothing is wrong with it."""
    found = holes(a)
    for hole in found[:SHOWN]:
        line = Line.assemble(("! ", "yellow"), shown(hole.say(language), "yellow", _WORDS))
        yield Padding(line, (0, 0, 0, 1))
    if len(found) > SHOWN:
        more = _MORE.format(count=len(found) - SHOWN)
        yield Padding(Line(more.say(language), style="dim"), (0, 0, 0, 1))

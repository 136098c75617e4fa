"""What readers of sections tell beside the rules: lines read, words not understood, flaws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.facts.rules import Flaw, Flawed, UnreadLine

if TYPE_CHECKING:
    from collectors.platforms.huawei.sections import Section


@dataclass(slots=True)
class Notes:
    """Collected while reading. ``within``: numbers of the lines that stand inside filters."""

    within: set[int] = field(default_factory=set)
    unread: list[UnreadLine] = field(default_factory=list)
    flaws: list[Flawed] = field(default_factory=list)

    def read(self, section: Section) -> None:
        """Count a line as one of a filter."""
        self.within.add(section.line)

    def missed(self, section: Section, words: str = "") -> None:
        """Count it, and tell that it, or words of it, was not understood."""
        self.within.add(section.line)
        self.unread.append(UnreadLine(section.line, words or section.text))

    def flaw(self, flaw: Flaw, section: Section, *names: str, text: str = "") -> None:
        """Tell of a flaw at a line; ``text``: what to show of it instead of the whole."""
        self.flaws.append(Flawed(flaw, section.line, text or section.text, names))

"""Texts that together make one rule set, as lines that count on from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.facts.rules import FilePart, UnreadLine


@dataclass(slots=True)
class Lines:
    """Lines as they are gathered. ``implied``: the parts that no file holds, by their first and last line."""

    lines: list[str] = field(default_factory=list)
    parts: list[FilePart] = field(default_factory=list)
    implied: list[tuple[int, int]] = field(default_factory=list)

    def file(self, name: str, lines: list[str], *, shown: bool = True) -> int:
        """Take a file; ``shown``: its lines are rules. Return how many lines were there before."""
        before = len(self.lines)
        self.parts.append(FilePart(name, before))
        self.lines += lines if shown else [""] * len(lines)
        return before

    def made(self, name: str, lines: list[str]) -> None:
        """Take rules that a program makes by itself, whatever the files say."""
        self.implied.append((len(self.lines) + 1, len(self.lines) + len(lines)))
        self.file(name, lines)

    def is_implied(self, line: int) -> bool:
        """Whether the line is in no file."""
        return any(first <= line <= last for first, last in self.implied)


def split(text: str) -> list[str]:
    """Return the lines of a text: only a line feed ends one."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def missing(name: str) -> UnreadLine:
    """What stands for a file that is not there and decides all the same."""
    return UnreadLine(1, f"{name} is missing")

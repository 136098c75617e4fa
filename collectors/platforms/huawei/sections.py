"""Lines as sections: what is indented below a line belongs to it; ``#`` ends what stands at its column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collectors.platforms.huawei.capture import Line


@dataclass(slots=True)
class Section:
    """A line and the lines below it."""

    line: int
    text: str
    inner: list[Section] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """Words of the line itself."""
        return self.text.split()

    def starts(self, *words: str) -> bool:
        """Whether the line begins with these words."""
        return self.words[: len(words)] == list(words)

    def all(self) -> Iterator[Section]:
        """The section and all below it, in order."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting += reversed(one.inner)


def sections(lines: Iterable[Line]) -> list[Section]:
    """Return the sections at the outermost level."""
    outer: list[Section] = []
    above: list[tuple[int, Section]] = []
    for line in lines:
        while above and above[-1][0] >= line.indent:
            above.pop()
        if line.text.startswith("#"):
            continue
        section = Section(line.number, line.text)
        (above[-1][1].inner if above else outer).append(section)
        above.append((line.indent, section))
    return outer

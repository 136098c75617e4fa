"""Files that include files: which ones are meant, and that a walk through them ends, whatever they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.platforms.linux.host import unparsable

if TYPE_CHECKING:
    from collectors.base import Step
    from collectors.evidence import Document

MOST_LINES = 100_000
"""Lines that one walk reads, a file included twice counted twice. Real configurations have some thousands.

A bound of the depth is not enough: fifteen files that each include the next one thirty times are no circle,
and would be read until the end of the world.
"""


WILDCARD = re.compile(r"[*?\[]")
"""What makes a path a pattern."""


@dataclass(slots=True)
class Walk:
    """What one walk has read so far."""

    step: Step
    lines: int = 0

    def enter(self, document: Document) -> None:
        """Count a file that is about to be read.

        Raises:
            Unseen: the walk has read too much.
        """
        self.lines += 1 + len(document.lines)
        if self.lines > MOST_LINES:
            raise unparsable(
                self.step, document, 0, f"files include files again and again: over {MOST_LINES} lines"
            )


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def matches(path: str, pattern: str) -> bool:
    """As glob(3) matches: within one folder, hidden files only where they are named."""
    (folder, name), (asked_folder, asked) = _split(path), _split(pattern)
    if name.startswith(".") and not asked.startswith("."):
        return False
    return folder == asked_folder and fnmatchcase(name, asked)


def within(asked: str, pattern: str) -> bool:
    """Whether whatever ``asked`` names is among what ``pattern`` asked for."""
    (folder, name), (known_folder, known) = _split(asked), _split(pattern)
    if folder != known_folder or ".." in asked.split("/") or name.startswith("."):
        return False
    if not WILDCARD.search(name):
        return fnmatchcase(name, known)
    return known in {"*", name} or (known.startswith("*.") and name.endswith(known[1:]))

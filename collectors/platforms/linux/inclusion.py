"""Files that include files: a walk through them has to end, whatever they say."""

from __future__ import annotations

from dataclasses import dataclass
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

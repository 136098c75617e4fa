"""Items as the scores see them: a side, a weight, themes, and the values of x that are still possible.

x is the official value of an item: 1 conform, 0.5 partial, 0 nonconform. It is counted in halves here, so
that all sums are of whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from scanner.model import Item

HALVES = {Verdict.CONFORM: 2, Verdict.PARTIAL: 1, Verdict.NONCONFORM: 0}
"""Official value of a verdict, in halves."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the scores need to know of an item beside its verdict."""

    side: str  # technical or management
    weight: str  # general, important, key
    themes: tuple[str, ...] = ()
    optional: bool = False

    @classmethod
    def of(cls, item: Item) -> Subject:
        """Take it from an item of the catalogue."""
        return cls(item.side, item.weight, item.themes, item.optional)


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One applicable item with its x, in halves, in every completion of what was not seen.

    ``calm`` holds the values that need no problem beyond those known, ``further`` those that come with a
    problem on an object which could still conform. The same value may be in both.
    """

    subject: Subject
    calm: frozenset[int]
    further: frozenset[int]

    @property
    def halves(self) -> frozenset[int]:
        """Every value that is still possible."""
        return self.calm | self.further


def require_verdicts(possible: Collection[Verdict]) -> None:
    """Refuse what is no set of possible verdicts.

    Raises:
        ValueError: undetermined (it is no verdict but a set of them), nothing, or not-applicable as one of
            several possibilities: that is declared, never guessed.
    """
    verdicts = set(possible)
    if verdicts == {Verdict.NOT_APPLICABLE}:
        return
    if not verdicts or not verdicts <= HALVES.keys():
        names = ", ".join(sorted(verdicts)) or "nothing"
        raise ValueError(f"not a set of possible verdicts: {names}")


def scored(subject: Subject, objects: Iterable[Collection[Verdict]]) -> ScoredItem | None:
    """Combine the possible verdicts of an item on each object; None where it applies to none of them.

    All objects conform: 1; all nonconform: 0; anything else: 0.5. Objects to which it does not apply are
    left out.

    Raises:
        ValueError: see ``require_verdicts``.
    """
    states: set[tuple[int | None, bool]] = {(None, False)}
    for possible in objects:
        require_verdicts(possible)
        if Verdict.NOT_APPLICABLE in possible:
            continue
        may_conform = Verdict.CONFORM in possible
        states = {
            (_joined(value, HALVES[verdict]), further or (may_conform and verdict is not Verdict.CONFORM))
            for value, further in states
            for verdict in possible
        }
    calm = frozenset(value for value, further in states if value is not None and not further)
    further = frozenset(value for value, further in states if value is not None and further)
    return ScoredItem(subject, calm, further) if calm or further else None


def _joined(value: int | None, other: int) -> int:
    """Add one more object's value."""
    return other if value is None or value == other else HALVES[Verdict.PARTIAL]

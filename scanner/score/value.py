"""Items as the scores see them: a side, a weight, themes, and the values of x that are still possible."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scanner.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from scanner.model import ItemResult

X = {Verdict.CONFORM: Fraction(1), Verdict.PARTIAL: Fraction(1, 2), Verdict.NONCONFORM: Fraction(0)}
"""Official value of a verdict."""


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One applicable item: ``x`` holds its value in every completion of what was not seen."""

    side: str  # technical or management
    weight: str  # general, important, key
    themes: tuple[str, ...]
    optional: bool
    x: frozenset[Fraction]

    @property
    def halves(self) -> frozenset[int]:
        """``x`` counted in halves: 0, 1, 2."""
        return frozenset(int(2 * x) for x in self.x)


def possible_x(possible: Collection[Verdict]) -> frozenset[Fraction]:
    """Return the possible values of x of an item; empty where the item does not apply.

    Raises:
        ValueError: undetermined (it is no verdict but a set of them), nothing, or not-applicable as one of
            several possibilities: that is declared, never guessed.
    """
    verdicts = set(possible)
    if verdicts == {Verdict.NOT_APPLICABLE}:
        return frozenset()
    if not verdicts or not verdicts <= X.keys():
        names = ", ".join(sorted(verdicts)) or "nothing"
        raise ValueError(f"not a set of possible verdicts: {names}")
    return frozenset(X[verdict] for verdict in verdicts)


def scored(results: Iterable[ItemResult]) -> tuple[ScoredItem, ...]:
    """Return the applicable items as the scores see them."""
    return tuple(
        ScoredItem(r.item.side, r.item.weight, r.item.themes, r.item.optional, x)
        for r in results
        if (x := possible_x(r.possible))
    )


def reachable(choices: Iterable[Iterable[int]]) -> list[int]:
    """Return, in order, every sum that picks one number of each set (all numbers at least 0).

    The sums are kept as the bits of one integer, so that a whole level costs microseconds where its
    completions are beyond counting.
    """
    sums = 1
    for numbers in choices:
        taken = 0
        for number in set(numbers):
            taken |= sums << number
        sums = taken
    return [n for n in range(sums.bit_length()) if sums >> n & 1]

"""All sums that completions can reach, as the bits of whole numbers: bit n is set where the sum n is reached.

A level has hundreds of open items, whose completions are beyond counting; their sums are not. Items that
count alike are taken together, so that the work grows with the kinds of items and not with their number.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Choice = tuple[frozenset[int], frozenset[int]]
"""Numbers >= 0 that one item may add: without a further problem, and with one."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sorted sums of the completions without a further problem, and of those with one."""

    calm: tuple[int, ...]
    further: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Sorted sums of all completions."""
        return tuple(sorted({*self.calm, *self.further}))


def reachable(choices: Mapping[Choice, int]) -> Sums:
    """Return every sum that takes one number of each item.

    Args:
        choices: how many items have a choice. The numbers of a choice lie at equal distances, as
            0, w, 2w, some of them left out, always do.
    """
    calm, further = 1, 0
    for (quiet, loud), times in choices.items():
        both = quiet | loud
        after = _picked(further, both, times)
        if loud:
            rest = _picked(calm, both, times - 1)
            for number in loud:
                after |= rest << number
        calm, further = (_picked(calm, quiet, times) if quiet else 0), after
    return Sums(_places(calm), _places(further))


def meets(pairs: Iterable[tuple[Sequence[int], Sequence[int]]], low: int, high: int | None) -> bool:
    """Whether a number of the first and one of the second list of a pair add up to low <= sum < high.

    Lists are sorted; ``high`` None: no bound.
    """
    for first, second in pairs:
        for number in first:
            at = bisect_left(second, low - number)
            if at < len(second) and (high is None or number + second[at] < high):
                return True
    return False


def _picked(sums: int, numbers: frozenset[int], times: int) -> int:
    """Add ``times`` numbers, each any of ``numbers``, in every way."""
    low, *others = sorted(numbers)
    sums <<= low * times
    if not others:
        return sums
    step = others[0] - low
    steps, done = (others[-1] - low) // step * times, 0
    while done < steps:
        more = min(done + 1, steps - done)
        sums |= sums << step * more
        done += more
    return sums


def _places(bits: int) -> tuple[int, ...]:
    """Places of the set bits, in order."""
    return tuple(place for place, bit in enumerate(f"{bits:b}"[::-1]) if bit == "1")

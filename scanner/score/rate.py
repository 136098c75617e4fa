"""The conclusion of 2025: the rate of conformity (符合率), strict and half, exact over all completions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scanner.score.conclusion import conclusions
from scanner.score.sums import Sums, reachable
from scanner.score.template import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.score.judged import Judged
    from scanner.score.template import Template
    from scanner.score.value import ScoredItem

Range = tuple[Fraction, Fraction]
"""Lowest and highest value, in per cent."""


@dataclass(frozen=True, slots=True)
class RateScore:
    """Both readings of the rate, and every conclusion that a completion may end in, best first."""

    strict: Range
    half: Range
    conclusions: tuple[str, ...]


def rate_score(items: Mapping[ScoredItem, int], template: Template, judged: Judged) -> RateScore | None:
    """Score by the rate of conformity.

    Args:
        items: the applicable items, and how many there are of each.
        template: bands, and which reading of the rate decides.
        judged: what risks and major hidden dangers problems have or may get.

    Returns:
        None where nothing is applicable.
    """
    if not items:
        return None
    scale = 2 * sum(items.values())
    sums = {reading: _percents(items, reading) for reading in Reading}
    decides = sums[template.reading]
    none = (0,)
    names = conclusions(template.bands, scale, ((decides.calm, none),), ((decides.further, none),), judged)
    strict, half = (_range(sums[reading], scale) for reading in (Reading.STRICT, Reading.HALF))
    return RateScore(strict, half, names)


def _percents(items: Mapping[ScoredItem, int], reading: Reading) -> Sums:
    """Rates of all completions in per cent, times twice the number of items."""
    counts: Counter[tuple[frozenset[int], frozenset[int]]] = Counter()
    for item, count in items.items():
        counts[_counted(item.calm, reading), _counted(item.further, reading)] += count
    sums = reachable(counts)
    return Sums(tuple(100 * n for n in sums.calm), tuple(100 * n for n in sums.further))


def _counted(halves: frozenset[int], reading: Reading) -> frozenset[int]:
    return halves if reading is Reading.HALF else frozenset(2 * (half == 2) for half in halves)


def _range(sums: Sums, scale: int) -> Range:
    return Fraction(sums.all[0], scale), Fraction(sums.all[-1], scale)

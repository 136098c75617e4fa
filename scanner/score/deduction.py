"""The score of 2021: 100 less weighted deductions, floored on each side; exact over all completions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scanner.score.conclusion import conclusions
from scanner.score.sums import Sums, reachable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.score.judged import Judged
    from scanner.score.template import Template
    from scanner.score.value import ScoredItem


@dataclass(frozen=True, slots=True)
class DeductionScore:
    """M from 0 to 100: lowest, highest, and every conclusion that a completion may end in, best first."""

    low: Fraction
    high: Fraction
    conclusions: tuple[str, ...]


def deduction_score(
    items: Mapping[ScoredItem, int], template: Template, judged: Judged
) -> DeductionScore | None:
    """Score by deductions.

    Args:
        items: the applicable items, and how many there are of each.
        template: weights, y and bands.
        judged: what risks problems have or may get.

    Returns:
        None where nothing is applicable.
    """
    if not items:
        return None
    scale = items_in(items) * template.y.denominator
    technical = _side(items, template, "technical", template.y)
    management = _side(items, template, "management", 1 - template.y)
    calm = ((technical.calm, management.calm),)
    further = ((technical.further, management.all), (technical.calm, management.further))
    return DeductionScore(
        Fraction(technical.all[0] + management.all[0], scale),
        Fraction(technical.all[-1] + management.all[-1], scale),
        conclusions(template.bands, scale, calm, further, judged),
    )


def items_in(items: Mapping[ScoredItem, int]) -> int:
    """Number of items."""
    return sum(items.values())


def _side(items: Mapping[ScoredItem, int], template: Template, side: str, share: Fraction) -> Sums:
    """Points of one side in all completions, times the number of items and y's denominator.

    An item loses half of S = 100 / n for each half that its x is below 1, times its weight.
    """
    lost: Counter[tuple[frozenset[int], frozenset[int]]] = Counter()
    for item, count in items.items():
        if item.subject.side == side:
            weight = template.weights[item.subject.weight]
            lost[_losses(item.calm, weight), _losses(item.further, weight)] += count
    losses = reachable(lost)
    y = template.y.denominator
    whole = int(100 * share * y) * items_in(items)
    return Sums(_points(losses.calm, whole, 50 * y), _points(losses.further, whole, 50 * y))


def _losses(halves: frozenset[int], weight: int) -> frozenset[int]:
    return frozenset(weight * (2 - half) for half in halves)


def _points(losses: tuple[int, ...], whole: int, unit: int) -> tuple[int, ...]:
    """What is left of a side, floored at 0, sorted."""
    return tuple(sorted({max(0, whole - unit * loss) for loss in losses}))

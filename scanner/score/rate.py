"""The conclusion of 2025: the rate of conformity (符合率), strict and half, exact over all completions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scanner.score.template import conclude, ordered
from scanner.score.value import reachable

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def rate_score(items: Sequence[ScoredItem], template: Template, majors: int | None) -> RateScore | None:
    """Score by the rate of conformity.

    Args:
        items: the applicable items.
        template: bands, and which reading of the rate decides.
        majors: confirmed major hidden dangers; None where nobody has judged them: then every completion
            with a problem may still have some or none.

    Returns:
        None where nothing is applicable.
    """
    if not items:
        return None
    strict = [{2 if half == 2 else 0 for half in item.halves} for item in items]
    halves = [item.halves for item in items]
    full = 2 * len(items)
    rates = [Fraction(100 * n, full) for n in reachable(strict if template.rate == "strict" else halves)]
    flawed = [rate for rate in rates if rate < 100]
    flawless = [rate for rate in rates if rate == 100]
    names = conclude(template.bands, flawless, (), majors or 0)
    for some in (0, 1) if majors is None else (majors,):
        names |= conclude(template.bands, flawed, (), some)
    return RateScore(_range(strict, full), _range(halves, full), ordered(template.bands, names))


def _range(choices: Sequence[set[int] | frozenset[int]], full: int) -> Range:
    """Lowest and highest sum of one number of each set, in per cent of ``full``."""
    low = Fraction(100 * sum(min(numbers) for numbers in choices), full)
    high = Fraction(100 * sum(max(numbers) for numbers in choices), full)
    return low, high

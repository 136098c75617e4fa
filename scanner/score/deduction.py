"""The score of 2021: 100 less weighted deductions, floored on each side; exact over all completions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scanner.model import Risk
from scanner.score.template import conclude, ordered
from scanner.score.value import reachable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from scanner.score.template import Template
    from scanner.score.value import ScoredItem

UNJUDGED: tuple[frozenset[Risk], ...] = (
    frozenset(),
    frozenset({Risk.MEDIUM}),
    frozenset({Risk.HIGH}),
)
"""What a person may still conclude of problems whose risk nobody has judged yet."""


@dataclass(frozen=True, slots=True)
class DeductionScore:
    """M from 0 to 100: lowest, highest, and every conclusion that a completion may end in, best first."""

    low: Fraction
    high: Fraction
    conclusions: tuple[str, ...]


def deduction_score(
    items: Sequence[ScoredItem], template: Template, risks: Collection[Risk] | None
) -> DeductionScore | None:
    """Score by deductions.

    Args:
        items: the applicable items.
        template: weights, y and bands.
        risks: confirmed risks of the problems; None where nobody has judged them: then every completion
            with a problem may still end with no more than low risk, with medium, or with high.

    Returns:
        None where nothing is applicable.
    """
    if not items:
        return None
    technical = _side(items, template, "technical", template.y)
    management = _side(items, template, "management", 1 - template.y)
    flawless = {a + b for a in technical.whole for b in management.whole}
    flawed = {a + b for a in technical.reduced for b in management.whole | management.reduced}
    flawed |= {a + b for a in technical.whole for b in management.reduced}
    judged = UNJUDGED if risks is None else (frozenset(risks),)
    names = conclude(template.bands, flawless, frozenset() if risks is None else risks, 0)
    for possible in judged:
        names |= conclude(template.bands, flawed, possible, 0)
    values = flawless | flawed
    return DeductionScore(min(values), max(values), ordered(template.bands, names))


@dataclass(frozen=True, slots=True)
class _Side:
    """Possible points of one side: with nothing lost (if that is possible), and with something lost."""

    whole: frozenset[Fraction]
    reduced: frozenset[Fraction]


def _side(items: Sequence[ScoredItem], template: Template, side: str, share: Fraction) -> _Side:
    """Points of one side in all completions; losses are counted in halves of a general item."""
    losses = reachable(
        (template.weights[item.weight] * (2 - half) for half in item.halves)
        for item in items
        if item.side == side
    )
    unit = Fraction(50, len(items))
    points = {lost: max(Fraction(0), 100 * share - unit * lost) for lost in losses}
    return _Side(
        frozenset(points[lost] for lost in losses if lost == 0),
        frozenset(points[lost] for lost in losses if lost > 0),
    )

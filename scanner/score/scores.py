"""All numbers of one assessment, as a report shows them. Indicative: only a qualified agency concludes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Interval
from scanner.score.deduction import deduction_score
from scanner.score.rate import rate_score
from scanner.score.value import scored

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from fractions import Fraction

    from scanner.model import Assessment, Risk
    from scanner.score.template import Template
    from scanner.score.value import ScoredItem

THEMES = ("firewall", "encryption", "audit", "tunnels")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Items whose result is decided, out of the applicable ones."""

    decided: int
    applicable: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Coverage, both templates and the themes. An interval is None where no item is applicable."""

    coverage: Coverage
    deduction: Interval | None  # M of 2021, 0 to 100
    grades: tuple[str, ...]  # possible conclusions of 2021, best first
    strict: Interval | None  # rate of 2025, per cent
    half: Interval | None
    conclusions: tuple[str, ...]  # possible conclusions of 2025, best first
    themes: Mapping[str, Interval | None]  # weighted mean of x, 0 to 1


def score(
    items: Sequence[ScoredItem],
    template_2021: Template,
    template_2025: Template,
    risks: Collection[Risk] | None = None,
    majors: int | None = None,
) -> Scores:
    """Compute all numbers.

    Args:
        items: the applicable items.
        template_2021: settings of the score by deductions.
        template_2025: settings of the rate; its weights serve the themes.
        risks: confirmed risks of problems, None while nobody has judged them.
        majors: confirmed major hidden dangers, None while nobody has judged them.
    """
    deduction = deduction_score(_counted(items, template_2021), template_2021, risks)
    counted = _counted(items, template_2025)
    rate = rate_score(counted, template_2025, majors)
    decided = sum(len(item.x) == 1 for item in counted)
    return Scores(
        Coverage(decided, len(counted)),
        _interval(deduction.low, deduction.high) if deduction else None,
        deduction.conclusions if deduction else (),
        _interval(*rate.strict) if rate else None,
        _interval(*rate.half) if rate else None,
        rate.conclusions if rate else (),
        {theme: theme_mean(counted, theme, template_2025) for theme in THEMES},
    )


def score_assessment(
    assessment: Assessment,
    template_2021: Template,
    template_2025: Template,
    risks: Collection[Risk] | None = None,
    majors: int | None = None,
) -> Scores:
    """Compute all numbers of an assessment; see ``score``."""
    return score(scored(assessment.items), template_2021, template_2025, risks, majors)


def theme_mean(items: Sequence[ScoredItem], theme: str, template: Template) -> Interval | None:
    """Weighted mean of x over the items of a theme, 0 to 1; None where it has none."""
    inside = [item for item in items if theme in item.themes]
    if not inside:
        return None
    total = sum(template.weights[item.weight] for item in inside)
    low = sum(template.weights[item.weight] * min(item.x) for item in inside)
    high = sum(template.weights[item.weight] * max(item.x) for item in inside)
    return _interval(low / total, high / total)


def _counted(items: Sequence[ScoredItem], template: Template) -> list[ScoredItem]:
    """Items that the template counts."""
    return [item for item in items if template.count_optional or not item.optional]


def _interval(low: Fraction | float, high: Fraction | float) -> Interval:
    """Round exact numbers to floats at the very end."""
    return Interval(float(low), float(high))

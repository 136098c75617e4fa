"""All numbers of one system, as a report shows them. Indicative: only a qualified agency concludes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from scanner.model import Interval
from scanner.score.deduction import deduction_score
from scanner.score.rate import rate_score
from scanner.score.standing import judged_of, scored_items

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scanner.score.judged import Judged
    from scanner.score.standing import Majors, Tally
    from scanner.score.template import Template, Templates
    from scanner.score.value import ScoredItem

    Items = Mapping[ScoredItem, int]
    """The applicable items, and how many there are of each."""

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
    templates: Templates  # what they were computed by
    posture: Scores | None = None
    """Over all objects, where the sample leaves some out: the numbers themselves are those of the sample."""
    before: Scores | None = None
    """Without compensations, where there is one: the numbers themselves are with them then."""


def score(items: Items, templates: Templates, judged: Judged) -> Scores:
    """Compute all numbers.

    Args:
        items: the applicable items, and how many there are of each.
        templates: settings of both formulas; the weights of the rate's template serve the themes.
        judged: what risks and major hidden dangers there are or may be.
    """
    deduction = deduction_score(_counted(items, templates.deductions), templates.deductions, judged)
    counted = _counted(items, templates.rate)
    rate = rate_score(counted, templates.rate, judged)
    decided = sum(count for item, count in counted.items() if len(item.halves) == 1)
    return Scores(
        Coverage(decided, sum(counted.values())),
        _interval(deduction.low, deduction.high) if deduction else None,
        deduction.conclusions if deduction else (),
        _interval(*rate.strict) if rate else None,
        _interval(*rate.half) if rate else None,
        rate.conclusions if rate else (),
        {theme: theme_mean(counted, theme, templates.rate) for theme in THEMES},
        templates,
    )


def score_tallies(
    tallies: Sequence[Tally],
    templates: Templates,
    majors: Majors | None = None,
    settled: Callable[[Judged], Judged] = lambda judged: judged,
) -> Scores:
    """Compute all numbers of a system: over its sample and over all, with compensations and without.

    Args:
        tallies: all items of the system.
        templates: settings of both formulas.
        majors: what people said of major hidden dangers; None: nothing.
        settled: takes risks or majors as whole that somebody gave from outside.
    """

    def numbers(some: Sequence[Tally]) -> Scores:
        with_them = score(scored_items(some), templates, settled(judged_of(some, majors)))
        if not any(standing.before is not None for tally in some for standing in tally.standings):
            return with_them
        bare = [tally.uncompensated() for tally in some]
        before = score(scored_items(bare), templates, settled(judged_of(bare, majors)))
        return replace(with_them, before=before)

    sample = [tally.of_sample() for tally in tallies]
    if all(chosen is tally for chosen, tally in zip(sample, tallies, strict=True)):
        return numbers(tallies)
    return replace(numbers(sample), posture=numbers(tallies))


def theme_mean(items: Items, theme: str, template: Template) -> Interval | None:
    """Weighted mean of x over the items of a theme, 0 to 1; None where it has none."""
    inside = {item: count for item, count in items.items() if theme in item.subject.themes}
    if not inside:
        return None
    weights = {item: template.weights[item.subject.weight] * count for item, count in inside.items()}
    total = 2 * sum(weights.values())
    low = sum(weight * min(item.halves) for item, weight in weights.items())
    high = sum(weight * max(item.halves) for item, weight in weights.items())
    return _interval(Fraction(low, total), Fraction(high, total))


def _counted(items: Items, template: Template) -> Items:
    """Items that the template counts."""
    return {i: count for i, count in items.items() if template.count_optional or not i.subject.optional}


def _interval(low: Fraction, high: Fraction) -> Interval:
    """Round exact numbers to floats at the very end."""
    return Interval(float(low), float(high))

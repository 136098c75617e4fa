"""Report templates as data: formulas' settings, bands, and how sure each of them is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scanner.model import Risk, Text


class Formula(StrEnum):
    """How a template comes from verdicts to its number."""

    DEDUCTIONS = "deductions"  # 2021: 100 less weighted deductions, floored on each side
    RATE = "rate"  # 2025: rate of conformity (符合率)


class Reading(StrEnum):
    """How a partial item counts in the rate of conformity."""

    STRICT = "strict"  # as not conforming
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Band:
    """A conclusion and the conditions that it needs; the first band whose conditions are met is concluded."""

    name: str
    least: Fraction | None = None  # the value is at least this
    above: Fraction | None = None  # the value is more than this
    without: frozenset[Risk] = frozenset()  # no confirmed risk of these
    without_majors: bool = False  # no confirmed major hidden danger (重大风险隐患)

    def permits(self, risks: Collection[Risk], *, major: bool) -> bool:
        """Whether confirmed risks and major hidden dangers leave the band open."""
        return not self.without & set(risks) and not (self.without_majors and major)

    def floor(self, scale: int) -> int:
        """Smallest integer v >= 0 whose ``v / scale`` is high enough for the band."""
        least = 0 if self.least is None else math.ceil(self.least * scale)
        above = 0 if self.above is None else math.floor(self.above * scale) + 1
        return max(0, least, above)


@dataclass(frozen=True, slots=True)
class Note:
    """How sure a part of a template is: sourced, memory (believed, not seen) or ours."""

    about: str
    source: str
    text: Text


@dataclass(frozen=True, slots=True)
class Template:
    """One report template. ``y`` matters to deductions, ``reading`` to the rate."""

    name: str
    title: Text
    formula: Formula
    weights: Mapping[str, int]
    count_optional: bool
    bands: tuple[Band, ...]
    notes: tuple[Note, ...]
    y: Fraction = Fraction(1, 2)
    reading: Reading = Reading.STRICT


@dataclass(frozen=True, slots=True)
class Templates:
    """The two templates that numbers are computed by: one of each formula."""

    deductions: Template
    rate: Template

    def using(self, template: Template) -> Templates:
        """Put ``template`` in the place of the one with its formula."""
        if template.formula is Formula.DEDUCTIONS:
            return Templates(template, self.rate)
        return Templates(self.deductions, template)

"""Report templates as data: formulas' settings, bands, and how sure each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scanner.model import Risk, Text


@dataclass(frozen=True, slots=True)
class Band:
    """A conclusion and the conditions that it needs; the first band whose conditions are met is concluded."""

    name: str
    least: Fraction | None = None  # the value is at least this
    above: Fraction | None = None  # the value is more than this
    without: frozenset[Risk] = frozenset()  # no confirmed risk of these
    without_majors: bool = False  # no confirmed major hidden danger (重大风险隐患)

    def takes(self, value: Fraction, risks: Collection[Risk], majors: int) -> bool:
        """Whether the band's conditions are met."""
        enough = (self.least is None or value >= self.least) and (self.above is None or value > self.above)
        return enough and not self.without & set(risks) and not (self.without_majors and majors)


@dataclass(frozen=True, slots=True)
class Note:
    """How sure a part of a template is: sourced, memory (believed, not seen) or ours."""

    about: str
    source: str
    text: Text


@dataclass(frozen=True, slots=True)
class Template:
    """One report template. ``y`` is used by the score of 2021, ``rate`` by the conclusion of 2025."""

    name: str
    title: Text
    weights: Mapping[str, int]
    count_optional: bool
    bands: tuple[Band, ...]
    notes: tuple[Note, ...]
    y: Fraction = Fraction(1, 2)
    rate: str = "strict"  # or half


def conclude(
    bands: tuple[Band, ...], values: Collection[Fraction], risks: Collection[Risk], majors: int
) -> frozenset[str]:
    """Return the conclusions of all ``values``."""
    return frozenset(
        next(band.name for band in bands if band.takes(value, risks, majors)) for value in values
    )


def ordered(bands: tuple[Band, ...], names: Collection[str]) -> tuple[str, ...]:
    """Return the names in the order of the bands, best first."""
    return tuple(band.name for band in bands if band.name in names)

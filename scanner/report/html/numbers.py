"""Numbers as they are shown: an interval as text and as the three parts of a bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.report.ends import ends

if TYPE_CHECKING:
    from scanner.model import Interval


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval from 0 to 100: ``text`` as read; what is sure, still open and lost, together 100."""

    text: str
    sure: float
    open: float
    lost: float


def bar(interval: Interval | None, factor: float = 1) -> Bar | None:
    """Show an interval; ``factor`` brings its ends to 0 to 100. None where nothing is applicable."""
    if interval is None:
        return None
    low, high = interval.low * factor, interval.high * factor
    return Bar(" – ".join(ends(interval, factor)), round(low, 2), round(high - low, 2), round(100 - high, 2))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stacked bar, in per cent of the whole."""

    name: str
    count: int
    start: float
    width: float


def stacked(counts: dict[str, int]) -> tuple[Part, ...]:
    """Parts side by side in the order given; empty ones keep their place with no width."""
    total = sum(counts.values())
    parts, start = [], 0.0
    for name, count in counts.items():
        width = round(100 * count / total, 3) if total else 0.0
        parts.append(Part(name, count, round(start, 3), width))
        start += width
    return tuple(parts)

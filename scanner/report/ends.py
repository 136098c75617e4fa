"""Numbers with one decimal that never look better than they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.model import Interval

_SLACK = 1e-6
"""Of a tenth: what floats that stand for exact numbers may be off."""


def ends(interval: Interval, factor: float = 1) -> tuple[str, ...]:
    """Return both ends of an interval, or the one number that it is, times ``factor``.

    The lower end is rounded down and the upper one up, a single number down: 99.97 is no 100, and the number
    itself always lies between the ends that are shown.
    """
    low = f"{math.floor(interval.low * factor * 10 + _SLACK) / 10:.1f}"
    if interval.low == interval.high:
        return (low,)
    return low, f"{math.ceil(interval.high * factor * 10 - _SLACK) / 10:.1f}"

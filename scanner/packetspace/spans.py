"""Sets of whole numbers as sorted, disjoint spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.facts.rules import Span, Spans


def common(a: Spans, b: Spans) -> Spans:
    """Return what is in both."""
    if a is b:
        return a
    if len(a) == 1 and len(b) == 1:
        low, high = max(a[0][0], b[0][0]), min(a[0][1], b[0][1])
        return ((low, high),) if low <= high else ()
    found: list[Span] = []
    i = j = 0
    while i < len(a) and j < len(b):
        low, high = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if low <= high:
            found.append((low, high))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def inside(a: Spans, b: Spans) -> bool:
    """Whether all of ``a`` is in ``b``."""
    if a is b:
        return True
    if len(b) == 1:
        return not a or (a[0][0] >= b[0][0] and a[-1][1] <= b[0][1])
    return common(a, b) == a


def holds(spans: Spans, value: int) -> bool:
    """Whether the value is in one of the spans."""
    return any(low <= value <= high for low, high in spans)


def size(spans: Spans) -> int:
    """Return how many values there are."""
    return sum(high - low + 1 for low, high in spans)

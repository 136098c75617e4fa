"""Lines of the drawing: each runs on tracks of its own, through the gutters beside the columns of cards.

A line between neighbours needs one gutter. A longer one goes down into the lane below all cards, along it,
and up the gutter before its end, so that no line runs through a card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.report.html.objects import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model import Text

TRACK, GUTTER = 9, 26
"""Room of one more line in a gutter, and of the gutter itself."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class End:
    """Where a line starts or ends: the column, and the height."""

    column: int
    y: float


@dataclass(frozen=True, slots=True)
class Link:
    """A line that is wanted: ``kind`` log or tunnel."""

    kind: str
    state: State
    text: Text
    start: End
    end: End


@dataclass(frozen=True, slots=True)
class Track:
    """Where a line runs: gutter and place in it when it leaves, when it arrives, and its lane below."""

    first: int
    one: int
    second: int
    two: int
    lane: int | None


@dataclass(frozen=True, slots=True)
class Tracks:
    """Tracks of all lines; ``gutters`` counts the lines in each gutter, gutter n being left of column n."""

    of: tuple[Track, ...]
    gutters: tuple[int, ...]
    lanes: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A line as it is drawn, and what it says when read."""

    kind: str
    state: State
    path: str
    text: Text


def tracks(links: Sequence[Link], columns: int) -> Tracks:
    """Give every line its own tracks; what is outside stands in column ``columns``."""
    gutters = [0] * (columns + 1)
    lanes = 0
    found = []
    for link in links:
        first, second = _gutters(link)
        one = two = gutters[first]
        gutters[first] += 1
        lane = None
        if second != first:
            two, lane = gutters[second], lanes
            gutters[second] += 1
            lanes += 1
        found.append(Track(first, one, second, two, lane))
    return Tracks(tuple(found), tuple(gutters), lanes)


def path(points: Sequence[Point], radius: float = 7) -> str:
    """A line through the points, its corners rounded."""
    out = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        (ax, ay), (bx, by) = _toward(here, before, radius), _toward(here, after, radius)
        out.append(f"L{ax:.1f} {ay:.1f}Q{here[0]:.1f} {here[1]:.1f} {bx:.1f} {by:.1f}")
    out.append(f"L{points[-1][0]:.1f} {points[-1][1]:.1f}")
    return "".join(out)


def _gutters(link: Link) -> tuple[int, int]:
    """Gutter that a line leaves its card into, and the one that it enters its end from."""
    if link.end.column > link.start.column:
        return link.start.column + 1, link.end.column
    if link.end.column < link.start.column:
        return link.start.column, link.end.column + 1
    return link.start.column + 1, link.start.column + 1


def _toward(here: Point, other: Point, radius: float) -> Point:
    """The point ``radius`` away from ``here`` on the way to ``other``, at most half of it."""
    dx, dy = other[0] - here[0], other[1] - here[1]
    length = (dx * dx + dy * dy) ** 0.5
    if not length:
        return here
    share = min(radius, length / 2) / length
    return here[0] + dx * share, here[1] + dy * share

"""What passes between zones, drawn: zones on an oval, an arrow for each pair where something may pass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts import Crossing
from scanner.model import Text
from scanner.report.html.anchors import anchor
from scanner.report.html.measure import fitted
from scanner.report.plain import plain
from scanner.report.zones import MARK, STATE, telling

if TYPE_CHECKING:
    from scanner.facts import ZoneCell, ZoneMatrix

MOST_ZONES = 12
"""Zones of a drawing; of more, the table tells all."""

WIDE, HIGH, BOX_WIDE, BOX_HIGH = 760.0, 420.0, 138.0, 46.0

_CLASS = {
    Crossing.AS_DECLARED: "good",
    Crossing.VIOLATED: "bad",
    Crossing.UNKNOWN: "unseen",
    Crossing.UNDECLARED: "mixed",
}


@dataclass(frozen=True, slots=True)
class ZoneBox:
    """A zone's box by its upper left corner."""

    x: float
    y: float
    name: str
    important: bool
    external: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line from one zone to another; ``path`` in the words of SVG."""

    path: str
    state: str
    target: str
    text: Text


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of zones in the table. ``told``: there is more to read at ``anchor``."""

    cell: ZoneCell
    state: str
    mark: str
    words: Text
    anchor: str
    told: bool


@dataclass(frozen=True, slots=True)
class ZonePicture:
    """All that the page shows of the matrix. ``arrows`` are none where zones are too many to draw."""

    matrix: ZoneMatrix
    boxes: tuple[ZoneBox, ...]
    arrows: tuple[Arrow, ...]
    rows: tuple[tuple[str, tuple[Pair | None, ...]], ...]
    pairs: tuple[Pair, ...]
    wide: float = WIDE
    high: float = HIGH


def zone_picture(matrix: ZoneMatrix | None) -> ZonePicture | None:
    """Lay out the matrix; None where there is none."""
    if matrix is None:
        return None
    pairs = {(c.source, c.destination): _pair(c) for c in matrix.cells}
    rows = tuple((source, tuple(pairs.get((source, to)) for to in matrix.zones)) for source in matrix.zones)
    boxes: tuple[ZoneBox, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    if len(matrix.zones) <= MOST_ZONES:
        centres = _centres(matrix.zones)
        boxes = tuple(
            ZoneBox(
                round(centres[name][0] - BOX_WIDE / 2, 1),
                round(centres[name][1] - BOX_HIGH / 2, 1),
                fitted(plain(name), BOX_WIDE - 20, 14),
                name in matrix.important,
                name in matrix.external,
            )
            for name in matrix.zones
        )
        drawn = sorted(pairs.values(), key=lambda pair: pair.state == "bad")  # what is wrong on top
        arrows = tuple(_arrow(pair, centres) for pair in drawn if pair.cell.possible)
    worst = sorted(pairs.values(), key=lambda pair: _ORDER[pair.cell.state])
    return ZonePicture(matrix, boxes, arrows, rows, tuple(pair for pair in worst if pair.told))


_ORDER = {Crossing.VIOLATED: 0, Crossing.UNKNOWN: 1, Crossing.UNDECLARED: 2, Crossing.AS_DECLARED: 3}


def _pair(cell: ZoneCell) -> Pair:
    told = telling(cell)
    name = anchor("crossing", f"{cell.source}/{cell.destination}")
    return Pair(cell, _CLASS[cell.state], MARK[cell.state], STATE[cell.state], name, told)


Centres = dict[str, tuple[float, float]]


def _centres(names: tuple[str, ...]) -> Centres:
    """Places on an oval, the first on top."""
    rx, ry = (WIDE - BOX_WIDE) / 2 - 12, (HIGH - BOX_HIGH) / 2 - 12
    found: Centres = {}
    for i, name in enumerate(names):
        turn = 2 * math.pi * i / len(names) - math.pi / 2
        found[name] = (WIDE / 2 + rx * math.cos(turn), HIGH / 2 + ry * math.sin(turn))
    return found


def _arrow(pair: Pair, centres: Centres) -> Arrow:
    """A bow to the left of its direction, so that there and back are two lines."""
    (ax, ay), (bx, by) = centres[pair.cell.source], centres[pair.cell.destination]
    long = math.hypot(bx - ax, by - ay) or 1.0
    nx, ny = (by - ay) / long, (ax - bx) / long
    bow = 0.12 * long
    mx, my = (ax + bx) / 2 + nx * bow, (ay + by) / 2 + ny * bow
    sx, sy = _edge(ax, ay, mx, my)
    ex, ey = _edge(bx, by, mx, my)
    path = f"M{sx:.1f} {sy:.1f}Q{mx:.1f} {my:.1f} {ex:.1f} {ey:.1f}"
    ways = f"{plain(pair.cell.source)} → {plain(pair.cell.destination)}"
    passes = "; ".join(pair.cell.passes[:3])
    text = Text(
        f"{ways}：{pair.words.zh}{'；通过：' + passes if passes else ''}",
        f"{ways}: {pair.words.en}{'; passes: ' + passes if passes else ''}",
    )
    return Arrow(path, pair.state, pair.anchor, text)


def _edge(x: float, y: float, tx: float, ty: float) -> tuple[float, float]:
    """Where the line from a box's middle towards a point leaves the box."""
    dx, dy = tx - x, ty - y
    scale = min(
        (BOX_WIDE / 2 + 4) / abs(dx) if dx else math.inf,
        (BOX_HIGH / 2 + 4) / abs(dy) if dy else math.inf,
        1.0,
    )
    return x + dx * scale, y + dy * scale

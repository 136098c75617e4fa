"""Which of many cubes meet a given one: bits of an integer, found by their edges.

A cube can only meet another whose hull meets its hull in every dimension. For each dimension of spans the
cubes that begin up to a place and those that end before it are kept as bit sets at every 16th edge: a
question is then a few operations on integers with a bit a cube, whatever the cubes are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.packetspace.cube import ALL, CAME, DESTINATION, GOES, PORT, PROTOCOL, SOURCE, SOURCE_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.packetspace.cube import Cube

STEP = 16
FEW = 4
"""Cubes that are sooner compared than sifted further."""

INDEXED = (SOURCE, DESTINATION, PORT, SOURCE_PORT, PROTOCOL)


@dataclass(slots=True)
class _Edges:
    """Cubes by one of their edges in one dimension."""

    places: list[int]
    items: list[int]
    marks: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        bits = 0
        for i, item in enumerate(self.items):
            if i % STEP == 0:
                self.marks.append(bits)
            bits |= 1 << item
        self.marks.append(bits)

    def first(self, count: int) -> int:
        """Bits of the first ``count`` cubes by their edge."""
        if count == len(self.items):
            return self.marks[-1]
        bits = self.marks[count // STEP]
        for item in self.items[count - count % STEP : count]:
            bits |= 1 << item
        return bits


def _edges(pairs: list[tuple[int, int]]) -> _Edges:
    pairs.sort()
    return _Edges([place for place, _ in pairs], [item for _, item in pairs])


@dataclass(frozen=True, slots=True)
class Rare:
    """Some values of a dimension, those first that the fewest cubes hold, and the same by size."""

    rarest_first: list[int]
    in_order: list[int]


class Overlaps:
    """Answers which cubes may meet another, and names values that few of them name."""

    def __init__(self, cubes: Sequence[Cube]) -> None:
        self.cubes = cubes
        self._starts = {d: _edges([(c.fields[d][0][0], i) for i, c in enumerate(cubes)]) for d in INDEXED}
        self._ends = {d: _edges([(c.fields[d][-1][1], i) for i, c in enumerate(cubes)]) for d in INDEXED}
        self._masked = {place: self._by_bit(place) for place in (CAME, GOES)}
        self.rare = {d: self._rare(d) for d in INDEXED}

    def _by_bit(self, place: int) -> dict[int, int]:
        """Bits of cubes by each bit of a mask."""
        found: dict[int, int] = {}
        by_mask: dict[int, int] = {}
        for i, cube in enumerate(self.cubes):
            by_mask[cube.masks[place]] = by_mask.get(cube.masks[place], 0) | 1 << i
        for mask, items in by_mask.items():
            for bit in ones(mask) if mask > 0 else ():
                found[bit] = found.get(bit, 0) | items
        return found

    def meeting(self, cube: Cube, among: int) -> int:
        """Bits of cubes among ``among`` whose hulls meet that of ``cube``."""
        for place in (CAME, GOES):
            mask = cube.masks[place]
            if mask > 0 and not mask & (mask - 1):
                among &= self._masked[place].get(mask.bit_length() - 1, 0)
        for d in INDEXED:
            spans = cube.fields[d]
            if spans is ALL.fields[d]:
                continue
            if among.bit_count() <= FEW:
                return among
            starts, ends = self._starts[d], self._ends[d]
            among &= starts.first(bisect_right(starts.places, spans[-1][1]))
            among &= ~ends.first(bisect_left(ends.places, spans[0][0]))
        return among

    def _rare(self, d: int) -> Rare:
        """Values that the fewest cubes hold, a few of them, from all over the dimension."""
        changes: dict[int, int] = {}
        for cube in self.cubes:
            for low, high in cube.fields[d]:
                changes[low] = changes.get(low, 0) + 1
                changes[high + 1] = changes.get(high + 1, 0) - 1
        depth, counted = 0, []
        limit = ALL.fields[d][-1][1]
        for place in sorted(changes):
            depth += changes[place]
            if place <= limit:
                counted.append((depth, place))
        least = sorted(counted)
        some = [place for _, place in least[:: max(1, len(least) // 64)][:64]]
        return Rare(some, sorted(some))


def ones(bits: int) -> Iterator[int]:
    """Places of the bits that are set, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low

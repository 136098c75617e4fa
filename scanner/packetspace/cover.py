"""What of a cube is in none of many others, found without cutting anything into pieces.

In each dimension the others' edges cut the cube into parts in which the same of them stand, kept as the bits
of these. A packet that none holds is a choice of one part a dimension whose bits have nothing in common. Only
parts with the fewest bits matter: what is held with these is held with more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.packetspace.cube import Cube, fielded, masked
from scanner.packetspace.spans import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.facts.rules import Span, Spans

A_COMPARISON = 16
"""Operations on bits that take as long as comparing two cubes."""


@dataclass(frozen=True, slots=True)
class Part:
    """Values of one dimension in which the same cubes stand (``bits``): a span, a mask, or an answer."""

    bits: int
    dimension: int
    span: Span = (0, 0)
    mask: int = 0
    answer: tuple[str, bool] = ("", False)


@dataclass(frozen=True, slots=True)
class Hole:
    """What none holds: ``None`` where all is held. ``first``: the lowest cubes of those that hold parts."""

    cube: Cube | None
    first: frozenset[int]


_FIELDS, _MASKS = 5, 4
_OTHERS = _FIELDS + _MASKS


def hole(cube: Cube, others: Sequence[Cube], spend: Callable[[int], None]) -> Hole:
    """Return some packets of a cube that none of the others holds; each of these has some of it.

    ``spend`` is called with the work that is done, in comparisons of two cubes; it raises where that is too
    much.
    """
    whole = (1 << len(others)) - 1
    dimensions = [_field(cube, place, others, spend) for place in range(_FIELDS)]
    dimensions += [_mask(cube, place, others) for place in range(_MASKS)]
    dimensions += [_answers(text, others) for text in _asked(cube, others)]
    narrow = sorted((parts for parts in dimensions if [part.bits for part in parts] != [whole]), key=len)
    search = _Search(narrow, spend)
    chosen = search.empty(0, whole)
    if chosen is None:
        return Hole(None, frozenset(search.first))
    for part in chosen:
        cube = _within(cube, part)
    return Hole(cube, frozenset())


class _Search:
    """The choice of parts. ``all_over``: bits of those that stand everywhere from a level on."""

    def __init__(self, dimensions: list[list[Part]], spend: Callable[[int], None]) -> None:
        self.dimensions = dimensions
        self.spend = spend
        self.first: set[int] = set()
        self.all_over = [-1]
        for parts in reversed(dimensions):
            bits = self.all_over[-1]
            for part in parts:
                bits &= part.bits
            self.all_over.append(bits)
        self.all_over.reverse()

    def empty(self, level: int, alive: int) -> list[Part] | None:
        """Return parts from a level on that ``alive`` has nothing in common with; None: there are none."""
        if not alive:
            return []
        certain = alive & self.all_over[level]
        if certain:
            self.first.add(_lowest(certain))
            return None
        parts = self.dimensions[level]
        self.spend(1 + len(parts) // A_COMPARISON)
        for part in parts:
            rest = self.empty(level + 1, alive & part.bits)
            if rest is not None:
                return [part, *rest]
        return None


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _field(cube: Cube, place: int, others: Sequence[Cube], spend: Callable[[int], None]) -> list[Part]:
    mine = cube.fields[place]
    if all(other.fields[place] is mine or inside(mine, other.fields[place]) for other in others):
        return [Part((1 << len(others)) - 1, place, mine[0])]
    always = 0
    turns: dict[int, int] = {}
    for i, other in enumerate(others):
        if inside(mine, other.fields[place]):
            always |= 1 << i
        else:
            _turning(turns, mine, other.fields[place], 1 << i)
    places = sorted({*turns, *(low for low, _ in mine)})
    found: dict[int, Part] = {}
    bits, spans = always, iter(mine)
    low, high = next(spans)
    for at, start in enumerate(places):
        bits ^= turns.get(start, 0)
        while start > high and (following := next(spans, None)) is not None:
            low, high = following
        if low <= start <= high and bits not in found:
            end = places[at + 1] - 1 if at + 1 < len(places) else high
            found[bits] = Part(bits, place, (start, min(end, high)))
    return _fewest(list(found.values()), spend)


def _turning(turns: dict[int, int], mine: Spans, theirs: Spans, bit: int) -> None:
    """Note where a cube begins to stand in the spans of another, and where it ends."""
    for low, high in theirs:
        if high < mine[0][0] or low > mine[-1][1]:
            continue
        start = max(low, mine[0][0])
        turns[start] = turns.get(start, 0) ^ bit
        turns[high + 1] = turns.get(high + 1, 0) ^ bit


def _mask(cube: Cube, place: int, others: Sequence[Cube]) -> list[Part]:
    mine = cube.masks[place]
    if not any(mine & ~other.masks[place] for other in others):
        return [Part((1 << len(others)) - 1, _FIELDS + place, mask=mine)]
    parts = {mine: 0}
    for i, other in enumerate(others):
        theirs = other.masks[place]
        cut: dict[int, int] = {}
        for mask, bits in parts.items():
            if mask & theirs:
                cut[mask & theirs] = bits | 1 << i
            if mask & ~theirs:
                cut[mask & ~theirs] = bits
        parts = cut
    return [Part(bits, _FIELDS + place, mask=mask) for mask, bits in parts.items()]


def _asked(cube: Cube, others: Sequence[Cube]) -> list[str]:
    known = {text for text, _ in cube.others}
    return sorted({text for other in others for text, _ in other.others} - known)


def _answers(text: str, others: Sequence[Cube]) -> list[Part]:
    found = []
    for answer in (True, False):
        bits = sum(1 << i for i, other in enumerate(others) if (text, not answer) not in other.others)
        found.append(Part(bits, _OTHERS, answer=(text, answer)))
    return found


def _fewest(parts: list[Part], spend: Callable[[int], None]) -> list[Part]:
    """Leave out parts in which all stand that stand in another, and more."""
    kept: list[Part] = []
    for part in sorted(parts, key=lambda one: one.bits.bit_count()):
        if not any(one.bits & part.bits == one.bits for one in kept):
            kept.append(part)
    spend(len(parts) * len(kept) // (2 * A_COMPARISON))
    return kept


def _within(cube: Cube, part: Part) -> Cube:
    if part.dimension < _FIELDS:
        return fielded(cube, part.dimension, (part.span,))
    if part.dimension < _OTHERS:
        return masked(cube, part.dimension - _FIELDS, part.mask)
    return cube._replace(others=cube.others | {part.answer})

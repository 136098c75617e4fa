"""Sets of packets as products of one set a dimension, and what is common to two of them or left over."""

from __future__ import annotations

from typing import NamedTuple

from scanner.facts.rules import V4_SPANS, V6_SPANS, Spans, State, outside
from scanner.packetspace.spans import common, inside

STATES = tuple(State)
"""Bit n of a cube's ``states`` stands for the n-th."""

EVERY_STATE = (1 << len(STATES)) - 1
EVERY_FLAG = (1 << 256) - 1
EVERY_PROTOCOL: Spans = ((0, 255),)
EVERY_PORT: Spans = ((0, 65535),)
EVERY_ADDRESS: Spans = ((V4_SPANS[0][0], V6_SPANS[0][1]),)
NO_OTHER: frozenset[tuple[str, bool]] = frozenset()


class Cube(NamedTuple):
    """All packets whose every dimension lies in its set.

    ``masks``: bits of the interface that a packet came in by, of the one it goes out by
    (:class:`~scanner.packetspace.interfaces.Interfaces`), of its state, of its TCP flags.
    ``fields``: spans in the order of ``Field``.
    ``others``: answers to steady questions beyond these; a question that is not among them is open.
    """

    masks: tuple[int, int, int, int]
    fields: tuple[Spans, Spans, Spans, Spans, Spans]
    others: frozenset[tuple[str, bool]]


CAME, GOES, STATE, FLAGS = range(4)
"""Places of a cube's masks."""

PROTOCOL, SOURCE, DESTINATION, SOURCE_PORT, PORT = range(5)
"""Places of a cube's fields."""

ALL = Cube(
    (-1, -1, EVERY_STATE, EVERY_FLAG),
    (EVERY_PROTOCOL, EVERY_ADDRESS, EVERY_ADDRESS, EVERY_PORT, EVERY_PORT),
    NO_OTHER,
)
"""Every packet; all bits of interfaces are set, however many there are."""


def masked(cube: Cube, place: int, mask: int) -> Cube:
    """Return the cube with another mask at ``place``."""
    a, b, c, d = (mask if i == place else old for i, old in enumerate(cube.masks))
    return Cube((a, b, c, d), cube.fields, cube.others)


def fielded(cube: Cube, place: int, spans: Spans) -> Cube:
    """Return the cube with other spans at ``place``."""
    a, b, c, d, e = (spans if i == place else old for i, old in enumerate(cube.fields))
    return Cube(cube.masks, (a, b, c, d, e), cube.others)


def meet(one: Cube, two: Cube) -> Cube | None:
    """Return the packets in both, None where there are none."""
    (a, b, c, d), (p, q, r, s) = one.masks, two.masks
    masks = (a & p, b & q, c & r, d & s)
    if not all(masks):
        return None
    (v, w, x, y, z), (k, l, m, n, o) = one.fields, two.fields  # noqa: E741 - five beside five
    # Addresses and ports first: they tell rules apart soonest.
    if not (w := w if w is l else common(w, l)) or not (x := x if x is m else common(x, m)):
        return None
    if not (z := z if z is o else common(z, o)) or not (v := v if v is k else common(v, k)):
        return None
    if not (y := y if y is n else common(y, n)):
        return None
    others = one.others
    if two.others and two.others != others:
        if any((text, not answer) in others for text, answer in two.others):
            return None
        others = others | two.others
    return Cube(masks, (v, w, x, y, z), others)


def within(one: Cube, two: Cube) -> bool:
    """Whether every packet of ``one`` is in ``two``."""
    (a, b, c, d), (p, q, r, s) = one.masks, two.masks
    if a & ~p or b & ~q or c & ~r or d & ~s:
        return False
    for mine, theirs in zip(one.fields, two.fields, strict=True):
        if mine is not theirs and not inside(mine, theirs):
            return False
    return not two.others or two.others <= one.others


def minus(one: Cube, two: Cube) -> list[Cube]:
    """Return the packets of ``one`` that are not in ``two``, as disjoint cubes."""
    if meet(one, two) is None:
        return [one]
    pieces: list[Cube] = []
    rest = one
    for place, taken in enumerate(two.masks):
        if left := rest.masks[place] & ~taken:
            pieces.append(masked(rest, place, left))
            rest = masked(rest, place, rest.masks[place] & taken)
    for place, spans in enumerate(two.fields):
        if not inside(rest.fields[place], spans):
            pieces.append(fielded(rest, place, outside(spans, rest.fields[place])))
            rest = fielded(rest, place, common(rest.fields[place], spans))
    for text, answer in sorted(two.others - one.others):
        pieces.append(rest._replace(others=rest.others | {(text, not answer)}))
        rest = rest._replace(others=rest.others | {(text, answer)})
    return pieces


class TooMany(Exception):  # noqa: N818 - no error: a bound that was reached, and is told
    """The set of packets falls into more pieces than are worth the time."""


MOST_PIECES = 4000


def all_minus(cubes: list[Cube], taken: list[Cube] | tuple[Cube, ...]) -> list[Cube]:
    """Return the packets of ``cubes`` that are in none of ``taken``.

    Raises:
        TooMany: more than ``MOST_PIECES`` pieces.
    """
    for one in taken:
        if not cubes:
            break
        cubes = [piece for cube in cubes for piece in minus(cube, one)]
        if len(cubes) > MOST_PIECES:
            raise TooMany
    return cubes


def all_meet(cubes: list[Cube] | tuple[Cube, ...], others: list[Cube] | tuple[Cube, ...]) -> list[Cube]:
    """Return what is common to one of each."""
    return [both for a in cubes for b in others if (both := meet(a, b)) is not None]

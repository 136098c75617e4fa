"""Whether cubes together hold another, against every single packet of a small space."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.facts.rules import united
from scanner.packetspace.cover import hole
from scanner.packetspace.cube import Cube, meet, within

SIDE = 4
VALUES = range(SIDE)
spans = st.sets(st.sampled_from(VALUES), min_size=1).map(lambda some: united([(one, one) for one in some]))
masks = st.integers(1, 3)
answers = st.sampled_from([(), (("mac", True),), (("mac", False),), (("mac", True), ("mark", False))])
ONE = ((0, 0),)


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    fields = (ONE, draw(spans), draw(spans), ONE, draw(spans))
    return Cube((draw(masks), 1, 1, 1), fields, frozenset(draw(answers)))


POINTS = [
    Cube(
        (1 << bit, 1, 1, 1),
        (ONE, ((a, a),), ((b, b),), ONE, ((c, c),)),
        frozenset([("mac", mac), ("mark", mark)]),
    )
    for bit, a, b, c, mac, mark in product(range(2), VALUES, VALUES, VALUES, (True, False), (True, False))
]


def free(_: int) -> None:
    """Work costs nothing here."""


@settings(deadline=None, max_examples=120)
@given(cubes(), st.lists(cubes(), min_size=1, max_size=9))
def test_a_hole_is_found_exactly_where_a_packet_is_held_by_none(cube: Cube, others: list[Cube]) -> None:
    meeting = [other for other in others if meet(cube, other) is not None]
    left = [
        point
        for point in POINTS
        if within(point, cube) and not any(within(point, other) for other in meeting)
    ]
    if not meeting:
        return
    found = hole(cube, meeting, free)
    assert (found.cube is None) == (not left)
    if found.cube is not None:
        assert within(found.cube, cube)
        assert all(meet(found.cube, other) is None for other in meeting)
    else:
        assert found.first <= set(range(len(meeting)))
        assert found.first

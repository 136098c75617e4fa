"""The drawing: everything inside its frame, nothing over anything else, no line through a card."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.facts import Default, FactSheet, PacketFilter, ProvenFilter
from scanner.model import Gap, GapReason, Zone
from scanner.report.html.cards import WIDE
from scanner.report.html.drawing import Drawing, drawing
from scanner.report.html.measure import fitted, width
from scanner.report.html.objects import State, shown_objects
from tests.report.made_up import ASSESSMENT, content
from tests.report_html.pages import full, host, sheet

Box = tuple[float, float, float, float]


def drawn(hosts: list[tuple[str, str]], zones: list[str]) -> Drawing:
    """Draw hosts, each in its zone and sending its logs somewhere."""
    objects = tuple(host(f"h{n}", zone, f"10.0.0.{n}") for n, (zone, _) in enumerate(hosts))
    sheets = {o.id: sheet(o.id, "word", far) for o, (_, far) in zip(objects, hosts, strict=True)}
    shown = replace(content(replace(ASSESSMENT, objects=objects)), sheets=sheets)
    made = drawing(shown_objects(shown), tuple(Zone(name, ("10.0.0.0/24",)) for name in zones))
    assert made is not None
    return made


def boxes(made: Drawing) -> list[Box]:
    cards = [(p.x, p.y, p.x + WIDE, p.y + p.card.high) for area in made.areas for p in area.cards]
    return cards + [(a.x, a.y, a.x + 178, a.y + 46) for a in made.outside]


def corners(path: str) -> list[tuple[float, float]]:
    """Start, corners and end of a path."""
    moves = re.findall(r"([MLQ])([-0-9. ]+)", path)
    points = [tuple(map(float, numbers.split()))[:2] for kind, numbers in moves if kind in "MQ"]
    points.append(tuple(map(float, moves[-1][1].split())))
    return [(x, y) for x, y in points]


def crosses(a: tuple[float, float], b: tuple[float, float], box: Box) -> bool:
    """Whether an upright or level line runs through a box; along its edge does not count."""
    left, right = sorted((a[0], b[0]))
    top, bottom = sorted((a[1], b[1]))
    return left < box[2] - 1 and right > box[0] + 1 and top < box[3] - 1 and bottom > box[1] + 1


WHERE = st.sampled_from(["", "a", "b", "c", "undeclared"])
FAR = st.sampled_from(["10.0.0.0", "10.0.0.1", "10.0.0.2", "192.0.2.9", "h1", "logs.example"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WHERE, FAR), min_size=1, max_size=9))
def test_nothing_lies_over_anything(hosts: list[tuple[str, str]]) -> None:
    made = drawn(hosts, ["a", "b", "c"])
    every = boxes(made)
    for one, other in combinations(every, 2):
        assert not (one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])
    for box in every:
        assert 0 <= box[0] < box[2] <= made.wide
        assert 0 <= box[1] < box[3] <= made.high
    for edge in made.edges:
        points = corners(edge.path)
        assert all(0 <= x <= made.wide and 0 <= y <= made.high for x, y in points)
        for a, b in pairwise(points):
            assert a[0] == b[0] or a[1] == b[1], "lines run upright or level"
            assert not any(crosses(a, b, box) for box in every), (edge, points)
    uprights = [(a[0], e) for e in made.edges for a, b in pairwise(corners(e.path)) if a[0] == b[0] != a[1]]
    owners: dict[float, set[str]] = {}
    for x, edge in uprights:
        owners.setdefault(x, set()).add(edge.path)
    assert all(len(paths) == 1 for paths in owners.values()), "each line has a track of its own"


def test_every_host_is_drawn_once() -> None:
    made = drawn([("a", "h1"), ("b", "h1"), ("", "h1"), ("elsewhere", "h1")], ["a", "b"])
    assert sorted(p.card.object for area in made.areas for p in area.cards) == ["h0", "h1", "h2", "h3"]
    assert [area.name for area in made.areas] == ["a", "b", "", "elsewhere"]


def test_lines_say_what_was_seen() -> None:
    made = drawing(shown_objects(full()), full().zones)
    assert made is not None
    texts = {(e.kind, e.state): e.text.en for e in made.edges}
    assert texts["log", State.GOOD] == "logs of web1 go to 10.0.0.12"
    assert texts["tunnel", State.BAD].startswith("tunnel word-web")
    assert texts["tunnel", State.GOOD].endswith("far end not seen")
    cards = {p.card.object: p.card for area in made.areas for p in area.cards}
    assert cards["web3"].tone == "blind"
    assert [s.kind for s in cards["web3"].strips] == ["blind"]
    assert cards["web1"].tone == "high"


def test_many_hosts_of_a_zone_are_counted() -> None:
    made = drawn([("a", "h0")] * 30, ["a"])
    assert (len(made.areas[0].cards), made.areas[0].more) == (24, 6)


@given(st.text(), st.floats(20, 400))
def test_fitted_fits(text: str, room: float) -> None:
    assert width(fitted(text, room, 12), 12) <= room


def test_a_filter_that_is_not_plain_is_not_called_good_or_bad() -> None:
    def state(filtering: PacketFilter) -> State:
        shown = full()
        entries = {
            **shown.sheets["web1"].entries,
            PacketFilter: filtering,
            ProvenFilter: Gap(GapReason.EMPTY),
        }
        found = shown_objects(replace(shown, sheets={"web1": FactSheet("web1", entries)}))
        of_web1 = next(o for o in found if o.id == "web1").filtering
        assert of_web1 is not None
        return of_web1.state

    loaded = full().sheets["web1"].entries[PacketFilter]
    assert isinstance(loaded, PacketFilter)
    four, six = loaded.chains
    assert state(loaded) is State.GOOD
    assert state(replace(loaded, chains=(four,))) is State.MIXED
    assert state(replace(loaded, chains=(four, replace(six, default=Default.UNKNOWN)))) is State.UNSEEN
    assert state(replace(loaded, chains=(replace(four, default=Default.ACCEPT),))) is State.BAD
    assert state(replace(loaded, chains=())) is State.BAD
    assert state(replace(loaded, chains=(), frontends=("ufw",))) is State.UNSEEN

"""Which ports a sweep asks, in which parts, and what a part that is missing does to the fact."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from collectors.base import Probe
from collectors.evidence import Evidence
from collectors.platforms.wire import PLATFORM
from collectors.platforms.wire.limits import PART, SWEEP_PACKETS, TCP_BATCHES, count, tcp_parts
from collectors.platforms.wire.ports import read_open_ports
from collectors.platforms.wire.steps import PORTS_TCP, PORTS_UDP, asked_for
from scanner.facts import OpenPorts
from scanner.model import Gap, GapReason
from tests.platforms.fixture import OBJECT, case_of

PORT = st.integers(1, 65535)
RANGES = st.lists(
    st.tuples(PORT, st.integers(0, 3000)).map(lambda r: (r[0], min(r[0] + r[1], 65535))), max_size=4
)


def numbers(listed: str) -> list[int]:
    """The same by other means: every port that nmap would make of a list."""
    found: list[int] = []
    for part in listed.split(","):
        ends = [int(end) for end in part.split("-")]
        found += range(ends[0], ends[-1] + 1)
    return found


@given(RANGES)
@example([(1, 65535)])
@example([(2000, 2000), (2000, 2001), (2002, 2002)])
def test_every_port_is_asked_once_and_no_other(further: list[tuple[int, int]]) -> None:
    parts = tcp_parts(further)
    assert parts[: len(TCP_BATCHES)] == TCP_BATCHES
    asked = [port for _, listed in parts for port in numbers(listed)]
    wanted = {port for _, listed in TCP_BATCHES for port in numbers(listed)}
    wanted |= {port for first, last in further for port in range(first, last + 1)}
    assert len(asked) == len(set(asked))
    assert set(asked) == wanted
    assert len({subject for subject, _ in parts}) == len(parts)
    for _, listed in parts[len(TCP_BATCHES) :]:
        assert 0 < count(listed) == len(numbers(listed)) <= PART


@given(RANGES)
def test_what_is_announced_grows_with_the_ports(further: list[tuple[int, int]]) -> None:
    usual, wider = PORTS_TCP.form, asked_for(PORTS_TCP, further).form
    assert isinstance(usual, Probe)
    assert isinstance(wider, Probe)
    swept = sum(count(listed) for _, listed in tcp_parts(further))
    assert (wider.packets, wider.connections) == (swept * SWEEP_PACKETS, swept)
    assert asked_for(PORTS_TCP, ()) == PORTS_TCP
    assert asked_for(PORTS_UDP, further) == PORTS_UDP


def test_a_part_beside_the_usual_is_read_or_named_as_missing() -> None:
    (reader,) = (r for r in PLATFORM.readers if r.fact is OpenPorts)
    records = case_of(PLATFORM, reader, "usual").records()
    missing = Gap(GapReason.NOT_COLLECTED, PORTS_TCP.id, "tcp/20000-20010", "the budget is used up")
    usual = read_open_ports(Evidence.of(OBJECT, PLATFORM, records))
    less = read_open_ports(Evidence.of(OBJECT, PLATFORM, (*records, missing)))
    assert not usual.unseen
    assert less.unseen == (missing,)
    assert (less.ports, less.asked) == (usual.ports, usual.asked)

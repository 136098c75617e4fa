"""The record of an exchange, and what may be sent: both are strict."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import Unseen
from collectors.evidence import Document
from collectors.platforms.wire.exchange import ENDS, printable, read_exchange
from collectors.platforms.wire.steps import STEPS, TLS
from collectors.probes.purse import Clock, Purse, SpentError
from collectors.probes.recorder import Recorder
from collectors.redact import redact_bytes
from scanner.model import Budget, GapReason

Talk = tuple[str, list[tuple[str, bytes]], str]

talks = st.lists(
    st.tuples(
        st.from_regex(r"[a-z0-9.-]{1,12}", fullmatch=True),
        st.lists(
            st.tuples(st.sampled_from(["sent", "got", "certificate"]), st.binary(max_size=60)), max_size=5
        ),
        st.sampled_from(sorted(ENDS)),
    ),
    min_size=1,
    max_size=4,
)


def record(told: list[Talk]) -> bytes:
    recorder = Recorder(lambda: 1.5)
    for label, parts, end in told:
        recorder.open(label)
        for kind, data in parts:
            getattr(recorder, kind)(data)
        recorder.end(end)
        recorder.end("timeout")  # ending twice is no harm
    return recorder.content


def document(content: bytes) -> Document:
    return Document("x/tls:tcp/1", tuple(content.decode().split("\n")))


@settings(max_examples=100, deadline=None)
@given(told=talks)
def test_what_is_recorded_is_what_is_read(told: list[Talk]) -> None:
    content = record(told)
    exchange = read_exchange(TLS, "tcp/1", document(content))
    read = [(c.label, [(p.kind, p.data) for p in c.parts], c.end) for c in exchange.conversations]
    assert read == told
    assert redact_bytes(content, "", b"key") == content, "masking must not touch what is only hexadecimal"


@pytest.mark.parametrize(("whom", "elsewhere"), [("another", True), ("itself", False), ("", None)])
def test_whom_a_connection_reached(whom: str, elsewhere: bool | None) -> None:
    recorder = Recorder(lambda: 1.5)
    for noted in (whom, ""):
        recorder.open("greeting")
        if noted:
            recorder.reached(noted)
        recorder.got(b"x")
        recorder.end("done")
    exchange = read_exchange(TLS, "tcp/1", document(recorder.content))
    assert [c.elsewhere for c in exchange.conversations] == [elsewhere, None], "noted for each by itself"
    assert [c.got for c in exchange.conversations] == [b"x", b"x"]


def test_whom_a_connection_reached_is_one_of_two() -> None:
    recorder = Recorder(lambda: 1.5)
    recorder.open("greeting")
    recorder.reached("somebody")
    recorder.end("done")
    with pytest.raises(Unseen):
        read_exchange(TLS, "tcp/1", document(recorder.content))


@settings(max_examples=100, deadline=None)
@given(told=talks, cut=st.integers(1, 400))
def test_an_exchange_cut_off_is_never_a_whole_one(told: list[Talk], cut: int) -> None:
    content = record(told)
    half = content[: max(0, len(content) - cut)]
    try:
        exchange = read_exchange(TLS, "tcp/1", document(half))
    except Unseen as unseen:
        reason = unseen.gap.reason
        assert reason in {GapReason.TRUNCATED, GapReason.UNPARSABLE}
    else:
        assert (
            exchange.conversations
            == read_exchange(TLS, "tcp/1", document(content)).conversations[: len(exchange.conversations)]
        )


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_an_exchange_or_unseen(text: str) -> None:
    with pytest.raises(Unseen):
        read_exchange(TLS, "tcp/1", Document("r", (text, "}")))


@pytest.mark.parametrize(
    "lines",
    [
        ('{"t": 0, "open": "a"}',),
        ('{"t": 0, "end": "done"}',),
        ('{"t": 0, "open": "a"}', '{"t": 0, "open": "b"}', '{"t": 0, "end": "done"}'),
        ('{"t": 0, "open": "a"}', '{"t": 0, "end": "perhaps"}'),
        ('{"t": 0, "open": "a"}', '{"t": 0, "got": "0"}', '{"t": 0, "end": "done"}'),
        ('{"t": 0, "open": "a"}', '{"t": 0, "got": "zz"}', '{"t": 0, "end": "done"}'),
        ('{"t": 0, "open": "a"}', '{"t": 0, "got": 5}', '{"t": 0, "end": "done"}'),
        ('{"t": 0, "open": "a", "got": "00"}', '{"t": 0, "end": "done"}'),
        ('{"t": "x", "open": "a"}', '{"t": 0, "end": "done"}'),
        ('{"t": 0, "open": "<b>"}', '{"t": 0, "end": "done"}'),
        ("",),
    ],
)
def test_lines_that_we_do_not_write(lines: tuple[str, ...]) -> None:
    with pytest.raises(Unseen):
        read_exchange(TLS, "tcp/1", Document("r", lines))


@given(data=st.binary(max_size=300))
def test_what_is_quoted_acts_nowhere(data: bytes) -> None:
    quoted = printable(data)
    assert len(quoted) <= 200
    assert all(" " <= c <= "~" for c in quoted)


class Hands:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.at += seconds


@settings(max_examples=200, deadline=None)
@given(
    rate=st.integers(1, 300),
    acts=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40), st.floats(0, 2)), max_size=60),
)
def test_the_bucket_never_lets_more_out_than_rate_and_burst(
    rate: int, acts: list[tuple[int, int, float]]
) -> None:
    hands = Hands()
    budget = Budget(packets_per_second=rate, packets=10_000, connections=10_000, seconds=100_000)
    purse = Purse(budget, Clock(hands.now, hands.sleep), 40)
    sent: list[tuple[float, int]] = []
    for most, unused, pause in acts:
        purse.take(most, 1)
        used = max(0, most - unused)
        sent.append((hands.at, used))
        purse.give_back(most - used)
        hands.at += pause
    for i, (began, _) in enumerate(sent):
        for j in range(i, len(sent)):
            total = sum(n for _, n in sent[i : j + 1])
            assert total <= max(rate, 40) + rate * (sent[j][0] - began) + 1e-6


@settings(max_examples=100, deadline=None)
@given(acts=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 2)), max_size=200))
def test_sums_are_never_passed(acts: list[tuple[int, int]]) -> None:
    hands = Hands()
    budget = Budget(packets_per_second=50, packets=300, connections=20, seconds=30)
    purse = Purse(budget, Clock(hands.now, hands.sleep), 40)
    packets = connections = 0
    for most, wanted in acts:
        try:
            purse.take(most, wanted)
        except SpentError as spent:
            assert str(spent) in {"packets", "connections", "seconds"}  # noqa: PT017 - either may be
            continue
        packets, connections = packets + most, connections + wanted
    assert packets <= 300
    assert connections <= 20
    assert hands.at <= 130 + 1


def test_every_step_states_what_it_sends() -> None:
    for step in STEPS:
        packets = getattr(step.form, "packets", 0)
        assert packets > 0, step.id

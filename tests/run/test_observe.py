from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collectors.base import Command, Step
from collectors.redact import redact
from collectors.run import observe
from collectors.transport.replay import ReplayTransport
from scanner.errors import CredentialError, ObservationError
from scanner.model import (
    Capture,
    Captured,
    CaptureKind,
    Finished,
    Gap,
    GapReason,
    Missed,
    Reach,
    Started,
    Text,
    TransportKind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from collectors.base import Transport
    from scanner.model import Event

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
STEPS = tuple(Step(f"step-{n}", Command(("true",)), Text(zh="因", en="why")) for n in range(5))


def reaches(count: int) -> list[Reach]:
    return [Reach(f"host{n}", "linux", TransportKind.REPLAY) for n in range(count)]


def capture(name: str, step: str = "step-0", content: bytes = b"x") -> Capture:
    return Capture(name, "linux", step, "", CaptureKind.COMMAND, "local", 0, content, b"", NOW)


def records(name: str) -> list[Capture | Gap]:
    return [*(capture(name, step.id) for step in STEPS[:4]), Gap(GapReason.PERMISSION, STEPS[4].id)]


def events(
    transport_of: Callable[[Reach], Transport], count: int = 1, workers: int = 3, grace: float = 2.0
) -> Generator[Event, None, None]:
    return observe(
        reaches(count),
        lambda _: STEPS,
        transport_of,
        workers,
        lambda: NOW,
        lambda record: redact(record, b"key"),
        grace=grace,
    )


def name_of(event: Event) -> str:
    return event.capture.object if isinstance(event, Captured) else event.object


def looks() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("look-")]


@dataclass
class Failing:
    """A transport that yields one capture, then raises."""

    error: Exception

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        yield capture("host0", steps[0].id)
        raise self.error


@dataclass
class Waiting:
    """A transport that yields one capture, then waits for its object until it is stopped or released."""

    released: threading.Event = field(default_factory=threading.Event)
    stops: int = 0

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        yield capture("host0", steps[0].id)
        self.released.wait(30)
        yield capture("host0", steps[1].id)


@dataclass
class Stopping(Waiting):
    """One that can be stopped."""

    def stop(self) -> None:
        self.stops += 1
        self.released.set()


@pytest.mark.parametrize("workers", [1, 2, 16])
@pytest.mark.parametrize("count", [0, 1, 9])
def test_every_object_is_told_whole_and_in_order(count: int, workers: int) -> None:
    told: dict[str, list[Event]] = {}
    for event in events(lambda reach: ReplayTransport(records(reach.object)), count, workers):
        told.setdefault(name_of(event), []).append(event)
    assert sorted(told) == [f"host{n}" for n in range(count)]
    for name, one in told.items():
        said = [Captured(r) if isinstance(r, Capture) else Missed(name, r, NOW) for r in records(name)]
        assert one == [Started(name, NOW), *said, Finished(name, NOW)]
    assert looks() == []


def test_objects_are_looked_at_together_but_never_more_than_workers() -> None:
    lock, now, most = threading.Lock(), 0, 0
    meet = threading.Barrier(3)

    @dataclass
    class Counting:
        def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            meet.wait(20)
            yield Gap(GapReason.EMPTY, steps[0].id)
            with lock:
                now -= 1

    assert len(list(events(lambda _: Counting(), count=9, workers=3))) == 27
    assert most == 3


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ObservationError(Gap(GapReason.UNREACHABLE, "step-3", "x", "no route")), GapReason.UNREACHABLE),
        (CredentialError("env:NOTHING is not set"), GapReason.AUTHENTICATION),
        (ZeroDivisionError("division by zero"), GapReason.BUG),
    ],
)
def test_what_ends_a_look_is_a_gap_of_the_whole_object(error: Exception, reason: GapReason) -> None:
    started, captured, missed, finished = events(lambda _: Failing(error))
    assert isinstance(started, Started)
    assert isinstance(captured, Captured)
    assert isinstance(missed, Missed)
    assert isinstance(finished, Finished)
    assert (missed.gap.reason, missed.gap.step, missed.gap.subject) == (reason, "", "")
    assert str(error).rsplit(": ", maxsplit=1)[-1] in missed.gap.detail


def test_a_transport_that_cannot_even_be_made() -> None:
    def broken(reach: Reach) -> Transport:
        raise KeyError(reach.object)

    kinds = [type(event) for event in events(broken, count=2)]
    assert sorted(kind.__name__ for kind in kinds) == [
        "Finished",
        "Finished",
        "Missed",
        "Missed",
        "Started",
        "Started",
    ]


def test_secrets_are_masked_before_anybody_sees_them() -> None:
    secret = "Tr0ub4dor_Horse77"
    gap = Gap(GapReason.COMMAND_FAILED, "step-1", detail=f"--password={secret}")
    said = list(events(lambda _: ReplayTransport([capture("host0", content=f"psk={secret}".encode()), gap])))
    assert len(said) == 7
    assert secret not in repr(said)
    crashed = list(events(lambda _: Failing(ValueError(f"password={secret}"))))
    assert secret not in repr(crashed)


def test_masking_that_fails_lets_nothing_through() -> None:
    secret = "Tr0ub4dor_Horse77"

    def broken(record: Capture | Gap) -> Capture | Gap:
        raise ValueError(repr(record))

    said = list(
        observe(
            reaches(1),
            lambda _: STEPS,
            lambda _: ReplayTransport([capture("host0", content=secret.encode())]),
            1,
            lambda: NOW,
            broken,
        )
    )
    assert secret not in repr(said)
    assert [type(event) for event in said] == [Started, Missed, Finished]
    missed = said[1]
    assert isinstance(missed, Missed)
    assert missed.gap.reason is GapReason.BUG
    assert "test_observe.py" in missed.gap.detail


def test_a_consumer_that_stops_leaves_no_thread() -> None:
    endless = ReplayTransport([capture("host0")] * 100_000)
    stream = events(lambda _: endless, count=20, workers=4)
    taken = [next(stream) for _ in range(10)]
    assert len(taken) == 10
    assert len(looks()) == 4
    close(stream)
    assert looks() == []


def close(stream: Generator[Event, None, None]) -> None:
    with contextlib.closing(stream):
        pass


def test_waiting_transports_are_stopped_from_outside() -> None:
    transport = Stopping()
    stream = events(lambda _: transport, grace=20.0)
    assert [type(next(stream)) for _ in range(2)] == [Started, Captured]
    begun = time.monotonic()
    close(stream)
    assert time.monotonic() - begun < 10
    assert transport.stops == 1
    assert looks() == []


def test_a_transport_that_cannot_be_stopped_holds_nobody() -> None:
    transport = Waiting()
    stream = events(lambda _: transport, grace=0.05)
    assert [type(next(stream)) for _ in range(2)] == [Started, Captured]
    begun = time.monotonic()
    close(stream)
    assert time.monotonic() - begun < 10
    (left,) = looks()
    assert left.daemon  # the process can end without it
    transport.released.set()
    left.join(20)
    assert not left.is_alive()


def test_an_interrupt_in_the_consumer_passes_through() -> None:
    def consume(stream: Generator[Event, None, None]) -> None:
        with contextlib.closing(stream):
            for _ in stream:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consume(events(lambda reach: ReplayTransport(records(reach.object)), count=50))
    assert looks() == []


def test_a_slow_consumer_holds_the_workers_back() -> None:
    said: list[int] = []

    @dataclass
    class Eager:
        def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
            for number in range(1000):
                said.append(number)
                yield Gap(GapReason.EMPTY, steps[0].id)

    stream = events(lambda _: Eager(), workers=1)
    next(stream)
    time.sleep(0.1)
    assert len(said) < 10
    close(stream)


def test_nonsense_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        events(lambda _: ReplayTransport([]), workers=0)
    with pytest.raises(ValueError, match="only once"):
        observe(
            [*reaches(1), *reaches(1)],
            lambda _: STEPS,
            lambda _: ReplayTransport([]),
            1,
            lambda: NOW,
            lambda r: r,
        )


def test_replay_says_the_same_again() -> None:
    pauses: list[int] = []
    transport = ReplayTransport(records("web1"), lambda: pauses.append(1))
    assert list(transport.run(STEPS)) == records("web1")
    assert len(pauses) == 5


def test_replay_answers_only_what_is_asked_and_says_what_it_lacks() -> None:
    transport = ReplayTransport([capture("web1", "step-1"), capture("web1", "other")])
    assert list(transport.run(STEPS[:2])) == [
        capture("web1", "step-1"),
        Gap(GapReason.NOT_COLLECTED, "step-0", detail="the replayed run did not collect this step"),
    ]


def test_replay_fails_as_the_object_did() -> None:
    gap = Gap(GapReason.TIMED_OUT, detail="after 120 s")
    run = ReplayTransport([capture("web1", "step-0"), gap]).run(STEPS)
    assert next(run) == capture("web1", "step-0")
    with pytest.raises(ObservationError) as caught:
        next(run)
    assert caught.value.gap == gap

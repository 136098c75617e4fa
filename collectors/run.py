"""Many objects at once: bounded workers look, one consumer gets the events, in order for each object."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from collectors.guard import guarded
from scanner.errors import CredentialError, ObservationError
from scanner.model import Capture, Captured, Finished, Gap, GapReason, Missed, Started

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from datetime import datetime

    from collectors.base import Step, Transport
    from scanner.model import Event, Reach

    Record = Capture | Gap

WAITING = 2
"""Events a worker may be ahead of the consumer; captures can be large, so it is few."""

GRACE = 2.0
"""Seconds that workers get to end when the consumer stops early."""


@runtime_checkable
class Stoppable(Protocol):
    """A transport whose look can be broken off from another thread, e.g. by closing its socket."""

    def stop(self) -> None:
        """Make a ``run`` that waits for its object end soon, by whatever error."""
        ...


class _Outbox:
    """Bounded way from the workers to the consumer; knows when no worker is left and when nobody listens."""

    def __init__(self, size: int, workers: int) -> None:
        self._events: deque[Event] = deque()
        self._size = size
        self._workers = workers
        self._changed = threading.Condition()
        self._stopped = False

    def put(self, event: Event) -> bool:
        """Hand over one event, waiting for room; False: the consumer is gone, and so is the event."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or len(self._events) < self._size)
            if self._stopped:
                return False
            self._events.append(event)
            self._changed.notify_all()
            return True

    def get(self) -> Event | None:
        """Take the next event, waiting for it; None: all workers have left and nothing is waiting."""
        with self._changed:
            self._changed.wait_for(lambda: self._events or not self._workers)
            event = self._events.popleft() if self._events else None
            self._changed.notify_all()
            return event

    def leave(self) -> None:
        """A worker says that nothing more comes from it."""
        with self._changed:
            self._workers -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """The consumer says that it takes nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        """Whether the consumer is gone."""
        return self._stopped


class _Crew:
    """The workers' common task: the objects still to do, and the transports at work."""

    def __init__(
        self,
        reaches: Sequence[Reach],
        steps_of: Callable[[Reach], Sequence[Step]],
        transport_of: Callable[[Reach], Transport],
        clock: Callable[[], datetime],
        redact: Callable[[Record], Record],
        outbox: _Outbox,
    ) -> None:
        self._todo = deque(reaches)
        self._steps_of = steps_of
        self._transport_of = transport_of
        self._clock = clock
        self._redact = redact
        self._outbox = outbox
        self._lock = threading.Lock()
        self._at_work: dict[str, Transport] = {}

    def work(self) -> None:
        """Look at one object after the other until none is left or nobody listens."""
        try:
            while not self._outbox.stopped:
                with self._lock:
                    if not self._todo:
                        return
                    reach = self._todo.popleft()
                self._look(reach)
        finally:
            self._outbox.leave()

    def break_off(self) -> None:
        """Stop the looks that are waiting for their objects, as far as their transports can be stopped."""
        with self._lock:
            transports = list(self._at_work.values())
        for transport in transports:
            if isinstance(transport, Stoppable):
                guarded(transport.stop)

    def _look(self, reach: Reach) -> None:
        name = reach.object
        if not self._outbox.put(Started(name, self._clock())):
            return
        failure = guarded(lambda: self._events_of(reach))
        if failure is not None:
            masked = guarded(lambda: (self._redact(failure),))
            told = masked[0] if isinstance(masked, tuple) else None
            told = told if isinstance(told, Gap) else _places(failure)
            self._outbox.put(Missed(name, told, self._clock()))
        self._outbox.put(Finished(name, self._clock()))

    def _events_of(self, reach: Reach) -> Gap | None:
        """Hand over what one object says; what it returns is why there is no more of it."""
        try:
            steps = self._steps_of(reach)
            transport = self._transport_of(reach)
            with self._lock:
                self._at_work[reach.object] = transport
            if self._outbox.stopped:
                return None
            self._hand_over(reach.object, transport.run(steps))
        except ObservationError as error:
            return replace(error.gap, step="", subject="")
        except CredentialError as error:
            return Gap(GapReason.AUTHENTICATION, detail=str(error))
        finally:
            with self._lock:
                self._at_work.pop(reach.object, None)
        return None

    def _hand_over(self, name: str, records: Iterator[Record]) -> None:
        with contextlib.ExitStack() as cleanup:
            close = getattr(records, "close", None)
            if callable(close):
                cleanup.callback(close)  # a look that is broken off lets go of its connection at once
            for record in records:
                masked = self._redact(record)
                event = (
                    Captured(masked) if isinstance(masked, Capture) else Missed(name, masked, self._clock())
                )
                if not self._outbox.put(event):
                    return


def _places(failure: Gap) -> Gap:
    """Keep only where in our own code it failed: what masking choked on may hold secrets."""
    places = [line.strip() for line in failure.detail.splitlines() if line.startswith("  File ")]
    return Gap(GapReason.BUG, detail="masking secrets failed; " + "; ".join(places))


def observe(
    reaches: Sequence[Reach],
    steps_of: Callable[[Reach], Sequence[Step]],
    transport_of: Callable[[Reach], Transport],
    workers: int,
    clock: Callable[[], datetime],
    redact: Callable[[Record], Record],
    *,
    grace: float = GRACE,
) -> Generator[Event, None, None]:
    """Look at every object and yield what happens.

    The events of different objects interleave; those of one object come in order: Started, any number of
    Captured and Missed, Finished. An object that cannot be looked at, or not to the end, has a Missed whose
    gap names no step; an unexpected exception anywhere in its look is such a gap too, of reason ``bug``.

    The consumer may stop at any time (close the iterator, or let an exception such as KeyboardInterrupt
    pass through it). Every worker then ends at its next event; those that wait for an object are broken off
    if their transport is ``Stoppable``. Nothing that was yielded is lost, and objects without a Finished
    have to be looked at anew. After ``grace`` seconds the iterator returns even if a transport still waits:
    its thread holds nothing but its own connection, ends with its budget (``Limits.seconds``), and does
    not keep the process alive.

    Args:
        reaches: the objects, each once; they are begun in this order.
        steps_of: what to ask an object.
        transport_of: a fresh transport to an object; called in the worker's thread.
        workers: how many objects to look at at the same time, at least 1.
        clock: present time in UTC; called from several threads.
        redact: masks secrets of captures and gaps; called from several threads.
        grace: seconds to wait for workers when the consumer stops early.

    Raises:
        ValueError: no workers, or an object twice.
    """
    if workers < 1:
        raise ValueError("at least one worker must look")
    if len({reach.object for reach in reaches}) != len(reaches):
        raise ValueError("an object can be looked at only once a run")
    return _observed(reaches, steps_of, transport_of, min(workers, len(reaches)), clock, redact, grace)


def _observed(
    reaches: Sequence[Reach],
    steps_of: Callable[[Reach], Sequence[Step]],
    transport_of: Callable[[Reach], Transport],
    workers: int,
    clock: Callable[[], datetime],
    redact: Callable[[Record], Record],
    grace: float,
) -> Generator[Event, None, None]:
    outbox = _Outbox(max(1, workers * WAITING), workers)
    crew = _Crew(reaches, steps_of, transport_of, clock, redact, outbox)
    threads = [threading.Thread(target=crew.work, name=f"look-{n}", daemon=True) for n in range(workers)]
    begun: list[threading.Thread] = []
    try:
        for thread in threads:
            thread.start()
            begun.append(thread)
        while (event := outbox.get()) is not None:
            yield event
    finally:
        outbox.stop()
        crew.break_off()
        deadline = time.monotonic() + grace
        for thread in begun:
            thread.join(max(0.0, deadline - time.monotonic()))

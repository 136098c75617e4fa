"""What may still be sent to one target: packets, connections and seconds, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.model import Budget


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the prober uses it: a monotonic clock in seconds, and a way to wait."""

    now: Callable[[], float]
    sleep: Callable[[float], None]


class SpentError(Exception):
    """The budget does not allow what was about to be sent; says which part of it."""


class Purse:
    """A token bucket over a budget: no more than ``packets_per_second``, and no more than its sums.

    The most that an act can send is set aside before it begins; what it did not use comes back. The bucket
    therefore holds at least one connection's worth, and the rate is never passed for longer than that.
    """

    def __init__(self, budget: Budget, clock: Clock, burst: int) -> None:
        self._clock = clock
        self._rate = max(1, budget.packets_per_second)
        self._size = float(max(self._rate, burst))
        self._tokens = self._size
        self._filled = clock.now()
        self._ends = clock.now() + budget.seconds
        self._packets = budget.packets
        self._connections = budget.connections
        self.rate = self._rate

    def remaining(self, at_most: float = float("inf")) -> float:
        """Seconds left of the budget, never negative, and no more than ``at_most``."""
        return min(at_most, max(0.0, self._ends - self._clock.now()))

    def take(self, packets: int, connections: int = 0) -> None:
        """Set aside the most that an act may send, waiting until the rate allows it.

        Raises:
            SpentError: packets, connections or seconds do not suffice.
        """
        self.take_at_its_own_pace(packets, connections)
        self._fill()
        if self._tokens < packets:
            wait = (packets - self._tokens) / self._rate
            if wait > self.remaining():
                raise SpentError("seconds")
            self._clock.sleep(wait)
            self._fill()
        self._tokens -= packets

    def take_at_its_own_pace(self, packets: int, connections: int = 0) -> None:
        """Set aside for somebody who keeps the rate himself (nmap).

        Raises:
            SpentError: packets, connections or seconds do not suffice.
        """
        if self.remaining() <= 0:
            raise SpentError("seconds")
        if packets > self._packets:
            raise SpentError("packets")
        if connections > self._connections:
            raise SpentError("connections")
        self._packets -= packets
        self._connections -= connections

    def give_back(self, packets: int) -> None:
        """Return packets that were set aside and not sent."""
        self._packets += packets
        self._tokens = min(self._size, self._tokens + packets)

    def _fill(self) -> None:
        now = self._clock.now()
        self._tokens = min(self._size, self._tokens + (now - self._filled) * self._rate)
        self._filled = now

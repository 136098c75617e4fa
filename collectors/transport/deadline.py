"""The end of a look: one moment for everything, whatever the object does until then."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    Monotonic = Callable[[], float]
    """A clock that never goes back, in seconds."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment, on a monotonic clock, at which a look ends."""

    at: float
    monotonic: Monotonic

    @classmethod
    def after(cls, seconds: float, monotonic: Monotonic) -> Deadline:
        """Set the deadline ``seconds`` from now."""
        return cls(monotonic() + seconds, monotonic)

    def remaining(self, at_most: float = float("inf")) -> float:
        """Seconds left, never negative, and no more than ``at_most``."""
        return min(at_most, max(0.0, self.at - self.monotonic()))

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return self.remaining() <= 0


class Watchdog:
    """Calls ``kill`` at the deadline, so that no blocking call outlives it.

    Time-outs of single reads do not bound a peer that drips; closing its socket under it does.
    """

    def __init__(self, deadline: Deadline, kill: Callable[[], None]) -> None:
        self._kill = kill
        self._timer = threading.Timer(deadline.remaining(), self._bark)
        self._timer.daemon = True
        self.barked = False

    def _bark(self) -> None:
        self.barked = True
        self._kill()

    def __enter__(self) -> Self:
        """Start watching."""
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        self._timer.cancel()

"""Ctrl-C and SIGTERM between two events of a run, never within one: what was recorded stays whole."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Turns the signals into ``KeyboardInterrupt``, as soon as that breaks nothing."""

    def __init__(self) -> None:
        self._busy = False
        self._wanted = False

    @contextmanager
    def postponed(self) -> Iterator[None]:
        """Do what must not be broken off in the middle; a signal of meanwhile takes effect at the end."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
        if self._wanted:
            raise KeyboardInterrupt

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Break off now, or note that it is wanted."""
        self._wanted = True
        if not self._busy:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Handle the signals for as long as the context lasts; outside the main thread there are none."""
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = {number: signal.signal(number, interruption.on_signal) for number in SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

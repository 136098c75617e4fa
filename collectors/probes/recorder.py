"""Writes an exchange down as its lines come; see ``collectors.platforms.wire.exchange`` for their form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Recorder:
    """One exchange; ``now`` is a clock in seconds that never goes back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._began = now()
        self._lines: list[str] = []
        self._talking = False
        self.ended = ""  # how the last conversation ended

    def open(self, label: str) -> None:
        """Begin a conversation."""
        self._talking = True
        self._line("open", label)

    def reached(self, whom: str) -> None:
        """Write down whether the connection leads to another host or to the vantage itself."""
        self._line("to", whom)

    def sent(self, data: bytes) -> None:
        """Write down what we said."""
        self._line("sent", data.hex())

    def got(self, data: bytes) -> None:
        """Write down what the object said."""
        self._line("got", data.hex())

    def certificate(self, der: bytes) -> None:
        """Write down a certificate that was encrypted on the wire."""
        self._line("certificate", der.hex())

    def end(self, how: str) -> None:
        """End the conversation; again is no harm."""
        if self._talking:
            self._talking = False
            self.ended = how
            self._line("end", how)

    @property
    def content(self) -> bytes:
        """The exchange so far, as a capture's content."""
        return "".join(f"{line}\n" for line in self._lines).encode()

    def _line(self, kind: str, text: str) -> None:
        self._lines.append(json.dumps({"t": round(self._now() - self._began, 3), kind: text}))

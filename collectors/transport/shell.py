"""Any object with a POSIX shell: one program goes in over one pipe, frames come back on two streams."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from collectors.frames import Frames, Origin
from collectors.program import render
from scanner.errors import ObservationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from collectors.base import Step
    from scanner.model import Capture, Gap


class Stream(Enum):
    """Which of the shell's two streams bytes came from."""

    OUT = "stdout"
    ERR = "stderr"


class Pipe(Protocol):
    """A way to run one program on the object; knows nothing of steps."""

    def exchange(self, program: bytes) -> Iterator[tuple[Stream, bytes]]:
        """Start ``collectors.program.LAUNCH`` on the object, feed ``program``, close its input, yield chunks.

        Ends when the object's shell has exited. The caller may stop early (closing the iterator): then
        the pipe is closed as well.

        Raises:
            ObservationError: no connection, refused login, host key, time-out, byte cap, lost connection.
        """
        ...


class ShellTransport:
    """``collectors.base.Transport`` over a pipe to a POSIX shell."""

    def __init__(
        self,
        pipe: Pipe,
        origin: Origin,
        clock: Callable[[], datetime],
        marker_source: Callable[[], str],
    ) -> None:
        """Join a pipe with what captures need to know.

        Args:
            pipe: way to the object's shell.
            origin: object, platform and vantage, as captures name them.
            clock: present time in UTC, for ``Capture.taken``.
            marker_source: a fresh unguessable marker a run: 32 lower-case hexadecimal digits.
        """
        self._pipe = pipe
        self._origin = origin
        self._clock = clock
        self._marker_source = marker_source

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        """Yield captures and gaps of ``steps`` in their order, as they complete.

        When the pipe breaks midway, what was whole has been yielded and every other step becomes a gap
        with the pipe's reason.

        Raises:
            ObservationError: nothing of the program's answer arrived.
        """
        marker = self._marker_source()
        frames = Frames(marker, steps, self._origin, self._clock)
        try:
            for stream, chunk in self._pipe.exchange(render(steps, marker)):
                yield from frames.feed(chunk) if stream is Stream.OUT else frames.feed_errors(chunk)
                if frames.finished:
                    break
        except ObservationError as error:
            if not frames.started:
                raise
            yield from frames.close(error.gap)
            return
        if not frames.started:
            raise ObservationError(frames.silence())
        yield from frames.close()

"""Any object with a POSIX shell: one program goes in over one pipe, frames come back on two streams."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


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

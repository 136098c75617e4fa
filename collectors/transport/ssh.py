"""SSH to an object: one connection, one login, one session channel a look. Heavy: import it lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.frames import Origin
from collectors.program import LAUNCH
from collectors.transport.deadline import Deadline, Watchdog
from collectors.transport.host_key_files import HostKeyFiles
from collectors.transport.shell import ShellTransport, Stream
from collectors.transport.ssh_connect import Bastions, Client, Retries
from collectors.transport.ssh_wire import gap
from scanner.errors import ObservationError
from scanner.model import GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from collectors.credentials import Credentials
    from collectors.transport.ssh_wire import Program
    from scanner.model import Reach

_CHUNK = 64 * 1024
_INPUT_CHUNK = 32 * 1024
_INPUT_TICK = 0.02  # seconds between tries to send on while the window is full
_TICK = 0.25  # seconds between looks at the exit status, which wakes nobody
QUIET_SECONDS = 2.0
"""After the exit status, silence this long ends the look: background processes hold channels open."""


class SshPipe:
    """``collectors.transport.shell.Pipe`` over SSH. Each exchange is a look of its own."""

    def __init__(self, reach: Reach, bastions: Bastions) -> None:
        """Bind a reach to the run's connections; nothing is opened yet.

        Args:
            reach: hops, known_hosts files and limits of the object.
            bastions: shared by all objects of a run; its owner closes it.
        """
        self._reach = reach
        self._bastions = bastions

    def exchange(self, program: bytes) -> Iterator[tuple[Stream, bytes]]:
        """Log in, run ``program``, yield what it writes, log out.

        ``limits.seconds`` bounds everything from the first packet on, ``limits.max_bytes`` both streams
        together; at most that many bytes are yielded, and never more than a few windows are held.

        Raises:
            ObservationError: UNREACHABLE, HOST_KEY, AUTHENTICATION, PERMISSION (no commands allowed),
                TIMED_OUT, TRUNCATED (byte cap, lost connection).
        """
        limits = self._reach.limits
        deadline = Deadline.after(limits.seconds, self._bastions.client.monotonic)
        session = self._bastions.connect(self._reach, deadline)
        with Watchdog(deadline, session.abort) as watchdog:
            try:
                running = session.start(LAUNCH)
                try:
                    yield from _converse(running, program, limits.max_bytes, deadline)
                finally:
                    running.close()
            except ObservationError as error:
                if watchdog.barked or deadline.passed:
                    why = f"the look was ended after its {limits.seconds:g} s"
                    raise gap(GapReason.TIMED_OUT, why) from error
                raise
            finally:
                session.close()


def _converse(
    running: Program, program: bytes, max_bytes: int, deadline: Deadline
) -> Iterator[tuple[Stream, bytes]]:
    """Feed and drain at the same time: either side alone could block the other for ever."""
    unsent = memoryview(program)
    feeding = True
    left = max_bytes
    silence: Deadline | None = None
    while not deadline.passed:
        if feeding:
            unsent, feeding = _feed(running, unsent)
        ended = running.ended  # asked before reading: what came before the end is read below
        chunks = running.read(_CHUNK)
        yield from _within(left, chunks)
        left -= sum(map(len, chunks))
        if left < 0:
            raise gap(GapReason.TRUNCATED, f"cut off: the object sent more than {max_bytes} bytes")
        if any(chunks):
            silence = None
        elif ended:
            _require_whole(running)
            return
        else:
            if running.exited:
                silence = silence or Deadline.after(QUIET_SECONDS, deadline.monotonic)
                if silence.passed:
                    return
            running.wait(deadline.remaining(_INPUT_TICK if feeding else _TICK))
    raise gap(GapReason.TIMED_OUT, "out of time")


def _within(left: int, chunks: tuple[bytes, bytes]) -> Iterator[tuple[Stream, bytes]]:
    """Yield at most ``left`` bytes of what came."""
    for stream, chunk in zip((Stream.OUT, Stream.ERR), chunks, strict=True):
        if chunk[:left]:
            yield stream, chunk[:left]
        left = max(0, left - len(chunk))


def _require_whole(running: Program) -> None:
    if running.lost:
        said = f": {running.farewell}" if running.farewell else ""
        raise gap(GapReason.TRUNCATED, f"the connection was lost before the end of the answer{said}")


def _feed(running: Program, unsent: memoryview) -> tuple[memoryview, bool]:
    """Send what fits now; gives the rest, and whether there is more to do."""
    if unsent:
        sent = running.write(bytes(unsent[:_INPUT_CHUNK]))
        if sent < 0:
            return unsent[:0], False  # it takes no input: its output tells the rest
        unsent = unsent[sent:]
    if not unsent:
        running.end_input()
        return unsent, False
    return unsent, True


def open_bastions(
    credentials: Credentials,
    sleep: Callable[[float], None],
    random: Callable[[], float],
    monotonic: Callable[[], float],
) -> Bastions:
    """What the looks of one run share; opens nothing yet. Close it, or use it as a context manager.

    Args:
        credentials: resolves the references of all hops.
        sleep: waits the given seconds between tries.
        random: 0 to 1, to spread tries.
        monotonic: a clock that never goes back, in seconds.
    """
    return Bastions(Client(credentials, HostKeyFiles(), Retries(sleep, random), monotonic))


def ssh_transport(
    reach: Reach,
    bastions: Bastions,
    clock: Callable[[], datetime],
    marker_source: Callable[[], str],
) -> ShellTransport:
    """Transport to the object of ``reach``; nothing is opened before ``run``."""
    origin = Origin(reach.object, reach.platform, reach.vantage)
    return ShellTransport(SshPipe(reach, bastions), origin, clock, marker_source)

"""The machine that runs this program, and every object that a local command line opens a shell in."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from collectors.program import LAUNCH_ARGV
from collectors.transport.shell import Stream
from scanner.errors import ObservationError
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanner.model import Limits

_CHUNK = 64 * 1024
_PATIENCE = 0.2
"""Seconds between looks at whether the shell has exited while somebody still holds its streams."""

_ROUNDS, _PAUSE = 250, 0.02
"""Looks for what is left of a session, and seconds between them: who was killed still has to die."""

_DEAD = frozenset((b"Z", b"X", b"x"))
"""States of processes that only wait to be taken off the list (proc(5))."""


class ProcessPipe:
    """``collectors.transport.shell.Pipe`` to a child process; both streams are drained, all is bounded."""

    def __init__(self, limits: Limits, now: Callable[[], float], argv: tuple[str, ...] = LAUNCH_ARGV) -> None:
        """Prepare to start ``argv``; ``now`` is a clock in seconds that never goes back."""
        self._limits = limits
        self._now = now
        self._argv = argv

    def exchange(self, program: bytes) -> Iterator[tuple[Stream, bytes]]:
        """Start the shell in a session of its own, and end it with all that it left running.

        Raises:
            ObservationError: it could not be started, took too long, or said too much.
        """
        deadline = self._now() + self._limits.seconds
        process = self._start()
        try:
            yield from self._drain(process, program, deadline)
        finally:
            _end(process)

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd="/",
                start_new_session=True,
            )
        except FileNotFoundError as error:
            gap = Gap(GapReason.COMMAND_MISSING, detail=f"{self._argv[0]}: not found here")
            raise ObservationError(gap) from error
        except PermissionError as error:
            gap = Gap(GapReason.PERMISSION, detail=f"{self._argv[0]}: may not be run")
            raise ObservationError(gap) from error
        except OSError as error:
            gap = Gap(GapReason.COMMAND_FAILED, detail=f"{self._argv[0]}: {error.strerror}")
            raise ObservationError(gap) from error

    def _drain(
        self, process: subprocess.Popen[bytes], program: bytes, deadline: float
    ) -> Iterator[tuple[Stream, bytes]]:
        total = 0
        rest = memoryview(program)
        assert process.stdin is not None  # noqa: S101 - asked for above, as are the other two
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        with selectors.DefaultSelector() as ready:
            for stream, kind in ((process.stdout, Stream.OUT), (process.stderr, Stream.ERR)):
                os.set_blocking(stream.fileno(), False)
                ready.register(stream, selectors.EVENT_READ, kind)
            os.set_blocking(process.stdin.fileno(), False)
            ready.register(process.stdin, selectors.EVENT_WRITE, None)
            while any(key.data for key in ready.get_map().values()):
                left = deadline - self._now()
                if left <= 0:
                    detail = f"no end after {self._limits.seconds:g} seconds"
                    raise ObservationError(Gap(GapReason.TIMED_OUT, detail=detail))
                events = ready.select(min(left, _PATIENCE))
                if not events and _exited(process):
                    return  # the shell has gone; what still holds its streams is none of ours
                for key, _ in events:
                    if key.data is None:
                        rest = _write(key.fd, rest)
                        if not rest:
                            ready.unregister(key.fileobj)
                            _close(process.stdin)
                        continue
                    chunk = os.read(key.fd, _CHUNK)
                    if not chunk:
                        ready.unregister(key.fileobj)
                        continue
                    total += len(chunk)
                    yield key.data, chunk
                    if total > self._limits.max_bytes:
                        detail = f"more than {self._limits.max_bytes} bytes came"
                        raise ObservationError(Gap(GapReason.TRUNCATED, detail=detail))


def _write(descriptor: int, rest: memoryview) -> memoryview:
    """Write what the pipe takes; a shell that no longer listens gets nothing more."""
    try:
        return rest[os.write(descriptor, rest[:_CHUNK]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with suppress(OSError):
            stream.close()


def _exited(process: subprocess.Popen[bytes]) -> bool:
    """Whether the shell has gone; it is not waited for, so that its number stays its own."""
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True  # whoever started us has children taken off the list unasked


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of ours running. What sudo started may outlast it: only root can end that.

    Who is killed dies a moment later, and may have had a child meanwhile: the session is looked through
    until nobody is left in it, for some seconds at most.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for _ in range(_ROUNDS):
        dying = [member for member in _session(process.pid) if _killed(member)]
        if not dying:
            break
        time.sleep(_PAUSE)
    for stream in (process.stdin, process.stdout, process.stderr):
        _close(stream)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_ROUNDS * _PAUSE)


def _killed(member: int) -> bool:
    """Whether the process was still there and could be killed."""
    try:
        os.kill(member, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _session(leader: int) -> list[int]:
    """Living processes of the session that ``leader`` opened: timeout(1) takes its command out of the group.

    ``leader`` has not been waited for, so that its number cannot belong to anybody else.
    """
    members = []
    for entry in Path("/proc").iterdir():  # a pattern would look at each, and who is gone by then raises
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            state, _, _, session = (entry / "stat").read_bytes().rpartition(b")")[2].split()[:4]
            if int(session) == leader and state not in _DEAD:
                members.append(int(entry.name))
    return members

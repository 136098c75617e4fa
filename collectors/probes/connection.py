"""One TCP connection that ends whatever the object does: in seconds, bytes and packets."""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
from typing import TYPE_CHECKING, Self

from collectors.platforms.wire.limits import BYTES, CONNECTION, SEGMENTS, WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from collectors.probes.recorder import Recorder
    from collectors.probes.target import Target

_SLICE = 0.2
"""Seconds between looks at the kernel's count of segments."""

_SEGMENTS_OUT = struct.Struct("=136xI")
"""``tcpi_segs_out`` in Linux' ``struct tcp_info``."""

_RESET = struct.pack("ii", 1, 0)
"""Leave with one reset: nothing lingers, nothing is repeated."""

_UNACKNOWLEDGED = 3000
"""Milliseconds after which the kernel stops repeating what the object does not acknowledge."""

_SLACK = 6
"""Packets that may follow the last count: the reset, and resets for answers on their way."""


class Connection:
    """A recorded conversation over TCP.

    Entering connects. ``alive`` tells whether the connection stands; every way it can end is written into
    the recorder and none is raised.

    Raises (entering):
        SpentError: the budget does not allow another connection.
    """

    def __init__(self, target: Target, port: int, recorder: Recorder, label: str, seconds: float) -> None:
        self._target = target
        self._port = port
        self._recorder = recorder
        self._label = label
        self._seconds = seconds
        self._received = 0
        self.alive = False

    def __enter__(self) -> Self:
        """Connect within the time box."""
        self._target.purse.take(CONNECTION, 1)
        self._ends = self._target.clock.now() + self._target.purse.remaining(self._seconds)
        self._recorder.open(self._label)
        family = socket.AF_INET6 if self._target.address.version == 6 else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        for level, option, value in (
            (socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW),
            (socket.IPPROTO_TCP, socket.TCP_SYNCNT, 1),
            (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
            (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED),
        ):
            self._socket.setsockopt(level, option, value)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        try:
            self._socket.settimeout(max(0.01, self._left()))
            self._socket.connect((str(self._target.address), self._port))
            self.alive = True
            self._recorder.reached("itself" if self._own() else "another")
        except OSError as error:
            self._fail(error)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave; what was set aside and not sent goes back."""
        self._recorder.end("done")
        used = self._sent_segments() + _SLACK
        self._socket.close()
        self._target.purse.give_back(max(0, CONNECTION - used))

    def send(self, data: bytes) -> None:
        """Say something."""
        if not self.alive:
            return
        try:
            self._socket.settimeout(max(0.01, self._left()))
            self._socket.sendall(data)
            self._recorder.sent(data)
        except OSError as error:
            self._fail(error)

    def receive(self, enough: Callable[[bytes], bool], seconds: float, quiet: float | None = None) -> bytes:
        """Listen until ``enough`` of what came in this call, silence, or a limit; return what came.

        ``seconds`` bounds the whole call; ``quiet`` seconds of silence after the first bytes end it as well.
        Time that passes without the answer being enough ends the conversation as a time-out only if the
        caller says so (``time_out``): it may still have something to say.
        """
        said = bytearray()
        ends = min(self._ends, self._target.clock.now() + seconds)
        while self.alive and not enough(bytes(said)):
            until = ends if quiet is None or not said else min(ends, self._target.clock.now() + quiet)
            chunk = self._chunk(until)
            if chunk is None:
                break
            said += chunk
        return bytes(said)

    def time_out(self) -> None:
        """Say that the conversation ended because nothing (more) came in its time."""
        self.alive = False
        self._recorder.end("timeout")

    @property
    def over(self) -> bool:
        """Whether the time box is used up."""
        return self._left() <= 0

    def _chunk(self, until: float) -> bytes | None:
        while True:
            left = until - self._target.clock.now()
            if left <= 0:
                return None
            if self._sent_segments() >= SEGMENTS or self._received >= BYTES:
                self.alive = False
                self._recorder.end("cap")
                return None
            self._socket.settimeout(max(0.01, min(left, _SLICE)))
            try:
                chunk = self._socket.recv(WINDOW)
            except TimeoutError:
                continue
            except OSError as error:
                self._fail(error)
                return None
            if not chunk:
                self.alive = False
                self._recorder.end("closed")
                return None
            self._received += len(chunk)
            self._recorder.got(chunk)
            return chunk

    def _fail(self, error: OSError) -> None:
        self.alive = False
        how = {
            errno.ECONNREFUSED: "refused",
            errno.ECONNRESET: "reset",
            errno.EPIPE: "reset",
            errno.EHOSTUNREACH: "unreachable",
            errno.ENETUNREACH: "unreachable",
        }.get(error.errno or 0, "timeout")
        self._recorder.end(how)

    def _own(self) -> bool:
        """Whether the object is where we are: the kernel then leaves from the address that it goes to."""
        here = str(self._socket.getsockname()[0]).partition("%")[0]
        return self._target.address.is_loopback or ipaddress.ip_address(here) == self._target.address

    def _left(self) -> float:
        return self._ends - self._target.clock.now()

    def _sent_segments(self) -> int:
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        return int(_SEGMENTS_OUT.unpack_from(info)[0]) if len(info) >= _SEGMENTS_OUT.size else SEGMENTS

"""Reads the program's two streams as they come: every step's captures and gaps once it is whole.

What lacks the marker is never a frame. A frame that is not where it must be, or whose bytes are not as many
as it said, makes its step a gap: not seeing is never passing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.answers import Answer, Frame, Origin
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collectors.base import Step
    from scanner.model import Capture

__all__ = ["ERRORS_KEPT", "Frames", "Origin"]

ERRORS_KEPT = 64 * 1024
"""Bytes of standard error that are kept a step; more of it makes the answer a truncated one."""

_NOISE_KEPT = 2000
_HEADER = re.compile(rb"([A-Z]) (\d{1,6}) (\d{1,6}) (\d{1,9})")
_HEADER_ROOM = 32
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Frames:
    """Incremental reader of one program's answer."""

    def __init__(
        self, marker: str, steps: Sequence[Step], origin: Origin, clock: Callable[[], datetime]
    ) -> None:
        """Expect the answer of ``render(steps, marker)``; ``clock`` tells UTC for ``Capture.taken``."""
        self._marker = marker
        self._steps = tuple(steps)
        self._origin = origin
        self._clock = clock
        self._out = _Splitter(b"\n" + marker.encode() + b" ")
        self._err = _Splitter(b"\n" + marker.encode() + b" ")
        self._header: tuple[str, int, int, int] | None = None
        self._greeting: bytes | None = None
        self._noise = b""
        self._current = 0  # the step whose frames are due
        self._open: list[Frame] = []
        self._done: dict[int, tuple[Frame, ...]] = {}
        self._damaged: dict[int, Gap] = {}
        self._late: list[Gap] = []  # damage that shows after the step was handed out
        self._errors: dict[int, bytearray] = {}
        self._erring = -1  # the step that standard error belongs to; -1: what came before the first
        self._next = 0  # the step to hand out next
        self._ended = False

    @property
    def started(self) -> bool:
        """Whether the program answered at all."""
        return self._greeting is not None

    @property
    def finished(self) -> bool:
        """Whether the program said that it is at its end, on both streams."""
        return self._ended and self._erring == len(self._steps)

    @property
    def greeting(self) -> Mapping[str, str]:
        """What the program said of its login and shell: uid, sudo, timeout, missing."""
        text = (self._greeting or b"").decode("utf-8", "replace")
        return dict(line.split("=", 1) for line in text.split("\n") if "=" in line)

    def feed(self, chunk: bytes) -> list[Capture | Gap]:
        """Take bytes of standard output; return what is whole by now."""
        self._out.buffer += chunk
        while self._advance():
            pass
        return list(self._release())

    def feed_errors(self, chunk: bytes) -> list[Capture | Gap]:
        """Take bytes of standard error; return what is whole by now."""
        self._err.buffer += chunk
        while True:
            before, found = self._err.split()
            self._keep_errors(before)
            if not found:
                break
            line = self._err.line(_HEADER_ROOM)
            if line is None:
                break
            self._err.drop_line(line)
            self._mark_errors(line)
        return list(self._release())

    def close(self, reason: Gap | None = None) -> list[Capture | Gap]:
        """No more bytes will come: every step that is not whole becomes a gap, with ``reason`` if given."""
        reason = reason or Gap(
            GapReason.TRUNCATED, detail="the object's answer ended before this step was whole"
        )
        left = list(self._release())
        for number in range(self._next, len(self._steps)):
            step = self._steps[number].id
            gap = Gap(reason.reason, step, detail=reason.detail, needs=reason.needs)
            left.append(self._damaged.get(number, gap))
        self._next = len(self._steps)
        return left

    def silence(self) -> Gap:
        """Why nothing was answered, as far as the object said it in plain words."""
        said = (bytes(self._errors.get(-1, b"")) + bytes(self._err.buffer[:_NOISE_KEPT])) or self._noise
        shown = _CONTROL.sub(" ", said.decode("utf-8", "replace")).strip()[:200]
        return Gap(GapReason.COMMAND_FAILED, detail=f"the program did not start: {shown or 'no answer'}")

    def _advance(self) -> bool:
        """Take one header or one content off standard output; False: more bytes are needed."""
        if self._header is None:
            return self._read_header()
        kind, number, place, length = self._header
        content = self._out.take(length)
        if content is None:
            if self._out.blocked:
                self._damage(number, "fewer bytes came than announced")
                self._header = None
                return True
            return False
        self._header = None
        self._accept(kind, number, place, content)
        return True

    def _read_header(self) -> bool:
        before, found = self._out.split()
        if before:
            if not self.started:
                self._noise = (self._noise + before)[:_NOISE_KEPT]
            elif not self._ended:
                self._damage(self._current, "bytes came that belong to no frame")
        if not found:
            return False
        line = self._out.line(_HEADER_ROOM)
        if line is None:
            return False
        match = _HEADER.fullmatch(line)
        self._out.drop_line(line)
        if match is None:
            self._damage(self._current, "a frame's header is damaged")
            return True
        self._header = (match[1].decode(), int(match[2]), int(match[3]), int(match[4]))
        return True

    def _accept(self, kind: str, number: int, place: int, content: bytes) -> None:
        if kind == "G" and self._greeting is None and self._current == 0 and not self._open:
            self._greeting = content
        elif kind == "Z" and number == self._current == len(self._steps) and not self._ended:
            self._ended = True
        elif kind in {"G", "Z"} or number >= len(self._steps):
            self._damage(self._current, "a frame came that does not belong here")
        elif number != self._current:
            self._misplaced(number)
        elif kind != "E":
            self._open.append(Frame(kind, place, content))
        else:
            if place != len(self._open) or content:
                self._damage(number, "not as many frames came as announced")
            self._done[number] = tuple(self._open)
            self._open = []
            self._current += 1

    def _misplaced(self, number: int) -> None:
        """A frame of another step than the one that is due: neither is believed, nor any between them."""
        for doubtful in range(min(number, self._current), max(number, self._current) + 1):
            if doubtful in {number, self._current} or number > self._current:
                self._damage(doubtful, "frames came out of order, twice, or were lost")
        if number > self._current:
            self._open = []
            self._current = number

    def _keep_errors(self, text: bytes) -> None:
        kept = self._errors.setdefault(self._erring, bytearray())
        kept += text[: ERRORS_KEPT + 1 - len(kept)]

    def _mark_errors(self, line: bytes) -> None:
        if not re.fullmatch(rb"\d{1,6}", line):
            self._damage(max(self._erring, 0), "a mark on standard error is damaged")
            return
        number = int(line)
        if number == self._erring + 1 and number <= len(self._steps):
            self._erring = number
            return
        self._damage(max(self._erring, 0), "standard error is out of order")
        if number > len(self._steps):
            return
        for doubtful in {number, *range(max(self._erring, 0), number)}:
            self._damage(doubtful, "standard error is out of order")
        self._erring = max(number, self._erring)

    def _damage(self, number: int, detail: str) -> None:
        if number >= len(self._steps) or number in self._damaged:
            return
        gap = Gap(GapReason.UNPARSABLE, self._steps[number].id, detail=detail)
        self._damaged[number] = gap
        if number < self._next:
            self._late.append(gap)

    def _release(self) -> Iterator[Capture | Gap]:
        """Hand out steps in order: whole on both streams, or damaged and behind us."""
        yield from self._late
        self._late = []
        while self._next < min(self._current, self._erring):
            number = self._next
            self._next += 1
            frames = self._done.pop(number, ())
            errors = bytes(self._errors.pop(number, b""))
            if number in self._damaged:
                yield self._damaged[number]
            else:
                yield from self._answer(number, frames, errors).records()

    def _answer(self, number: int, frames: tuple[Frame, ...], errors: bytes) -> Answer:
        return Answer(
            step=self._steps[number],
            frames=frames,
            errors=errors[:ERRORS_KEPT],
            errors_cut=len(errors) > ERRORS_KEPT,
            marker=self._marker,
            origin=self._origin,
            taken=self._clock(),
        )


class _Splitter:
    """A stream that is cut at a needle. Every byte is looked at once, however it arrives."""

    def __init__(self, needle: bytes) -> None:
        self.buffer = bytearray()
        self.blocked = False
        """The needle stands inside what should have been content."""
        self._needle = needle
        self._looked = 0

    def split(self) -> tuple[bytes, bool]:
        """Take what stands before the needle; whether the needle itself is at the front now."""
        at = self.buffer.find(self._needle, self._looked)
        self._looked = 0
        if at < 0:
            held = self._held()
            before = bytes(self.buffer[: len(self.buffer) - held])
            del self.buffer[: len(self.buffer) - held]
            return before, False
        before = bytes(self.buffer[:at])
        del self.buffer[:at]
        return before, True

    def _held(self) -> int:
        """How many of the last bytes may be the needle's beginning."""
        for length in range(min(len(self._needle) - 1, len(self.buffer)), 0, -1):
            if self.buffer.endswith(self._needle[:length]):
                return length
        return 0

    def line(self, room: int) -> bytes | None:
        """The rest of the needle's line, at most ``room`` bytes; None: it has not all come yet."""
        start = len(self._needle)
        end = self.buffer.find(b"\n", start, start + room)
        if end < 0:
            return bytes(self.buffer[start : start + room]) if len(self.buffer) >= start + room else None
        return bytes(self.buffer[start:end])

    def drop_line(self, line: bytes) -> None:
        """Drop the needle and its line; the newline of a good line goes with it."""
        end = len(self._needle) + len(line)
        ended = self.buffer[end : end + 1] == b"\n" and len(line) < _HEADER_ROOM
        del self.buffer[: end + ended]

    def take(self, length: int) -> bytes | None:
        """Take ``length`` bytes; None: not all there yet, or ``blocked``."""
        self.blocked = False
        within = min(length, len(self.buffer))
        at = self.buffer.find(self._needle, self._looked, within + len(self._needle) - 1)
        if 0 <= at < length:
            self.blocked = True
            self._looked = 0
            return None
        if len(self.buffer) < length:
            self._looked = max(0, within - len(self._needle) + 1)
            return None
        content = bytes(self.buffer[:length])
        del self.buffer[:length]
        self._looked = 0
        return content

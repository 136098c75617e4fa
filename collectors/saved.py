"""Reads what the collector's script printed (``collectors.script``): pure, strict about what was promised.

Nothing in an output is believed because it stands there: whoever carried it could have changed it. What was
asked otherwise than it would be asked today is no answer, and what does not fit the frame is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.base import Snippet, Step
from collectors.frames import Frames, Origin
from collectors.program import question
from collectors.script import BEGIN, FORMAT
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scanner.model import Capture

_HEAD = re.compile(
    rb"marker ([0-9a-f]{32})\n"
    rb"tool ([0-9A-Za-z.+-]{1,40})\n"
    rb"host ([^\n]{0,255})\n"
    rb"taken (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\n"
    rb"((?:step [a-z0-9-]{1,80} [0-9a-f]{16}\n){1,2000})"
    rb"%s\n" % BEGIN.encode()
)
_FAMILY = FORMAT.rpartition(" ")[0].encode()
_END = re.compile(rb" Y 0 0 (\d{1,9})\n")
_FORGOTTEN = Text(zh="现在不再询问", en="not asked any more")


class NoOutputError(ValueError):
    """These bytes are no output of the script, or one that was changed on its way; the text says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """What an output says of itself."""

    marker: str
    tool: str
    host: str
    """Name that the host gives itself; may be anything."""
    taken: datetime
    """When it was begun, UTC, by the host's own clock."""
    asked: tuple[tuple[str, str], ...]
    """Id and digest of every step, in the order of the answers."""


@dataclass(frozen=True, slots=True)
class Saved:
    """An output, taken apart."""

    head: Head
    out: bytes
    errors: bytes
    whole: bool
    """It goes on to its very end."""


def read_head(content: bytes) -> tuple[Head, int]:
    """Read the head, and where the answers begin.

    Raises:
        NoOutputError: there is none, or it is damaged.
    """
    first, newline, _ = content[:200].partition(b"\n")
    if first.rstrip(b"\r") == FORMAT.encode() and first.endswith(b"\r"):
        raise NoOutputError("its line ends were changed on the way: transfer it as binary")
    if first != FORMAT.encode() or not newline:
        if first.startswith(_FAMILY):
            raise NoOutputError("printed by a script of another format: make a new one (collector-script)")
        raise NoOutputError("not the output of a collector script")
    match = _HEAD.match(content, len(first) + 1)
    if match is None:
        raise NoOutputError("its head is damaged")
    marker, tool, host, taken, steps = match.groups()
    asked = tuple((name, digest) for _, name, digest in map(str.split, steps.decode().splitlines()))
    if len({name for name, _ in asked}) != len(asked):
        raise NoOutputError("its head names a step twice")
    try:
        moment = datetime.strptime(taken.decode(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise NoOutputError("its head has no time") from error
    head = Head(marker.decode(), tool.decode(), host.decode("utf-8", "replace"), moment, asked)
    return head, match.end()


def read_saved(content: bytes) -> Saved:
    """Take an output apart.

    Raises:
        NoOutputError: it is none, or more follows than belongs to it.
    """
    head, begin = read_head(content)
    needle = b"\n" + head.marker.encode()
    at = content.find(needle + b" Y ", begin)
    match = None if at < 0 else _END.match(content, at + len(needle))
    if match is None:
        return Saved(head, content[begin:], b"", whole=False)
    length = int(match[1])
    errors = content[match.end() : match.end() + length]
    if len(content) > match.end() + length:
        raise NoOutputError("more follows its end: outputs are imported one file each")
    return Saved(head, content[begin:at], errors, whole=len(errors) == length)


def answers(
    saved: Saved, steps: Sequence[Step], origin: Origin, taken: datetime
) -> Iterator[Capture | Gap] | Gap:
    """Captures and gaps of ``steps``, or why the host answered nothing at all.

    A step that the script did not ask, or asked otherwise, becomes a gap.
    """
    known = {step.id: step for step in steps if (step.id, question(step)) in saved.head.asked}
    then = [known.get(name) or _forgotten(name) for name, _ in saved.head.asked]
    frames = Frames(saved.head.marker, then, origin, lambda: taken)
    records = [*frames.feed(saved.out), *frames.feed_errors(saved.errors)]
    if not frames.started:
        return frames.silence()
    records += frames.close(None if saved.whole else _CUT)
    return _of_today(records, known, steps, saved.head)


_CUT = Gap(GapReason.TRUNCATED, detail="the output was cut off: its end is missing")


def _of_today(
    records: Sequence[Capture | Gap], known: Mapping[str, Step], steps: Sequence[Step], head: Head
) -> Iterator[Capture | Gap]:
    yield from (record for record in records if record.step in known)
    asked = dict(head.asked)
    for step in steps:
        if step.id not in known:
            how = "asked this otherwise" if step.id in asked else "did not ask this"
            detail = f"the script of version {head.tool} {how}: run a new one"
            yield Gap(GapReason.NOT_COLLECTED, step.id, detail=detail)


def _forgotten(name: str) -> Step:
    """A place for answers to what is not asked any more: they are passed over."""
    return Step(name, Snippet(""), _FORGOTTEN)

"""What a host that knows the marker may not do: say more than it was asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.base import Command, Files, Step
from collectors.frames import Frames, Origin
from collectors.program import FILES_A_PATTERN
from scanner.model import Capture, Gap, GapReason, Text
from tests.enemies.forging import frame, greeting

MARKER = b"5" * 32
WHY = Text("为什么", "why")
LONG = 5_000_000


def read(step: Step, *frames: bytes) -> list[Capture | Gap]:
    """One step's frames, and its end."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    reader = Frames(MARKER.decode(), [step], Origin("web1", "linux", "local"), lambda: at)
    out = (
        greeting(MARKER) + b"".join(frames) + frame(MARKER, b"E", 0, len(frames)) + frame(MARKER, b"Z", 1, 0)
    )
    return [*reader.feed(out), *reader.feed_errors(b"\n%s 0\n\n%s 1\n" % (MARKER, MARKER)), *reader.close()]


def test_a_command_that_says_more_than_its_limit_was_cut() -> None:
    step = Step("much", Command(("x",)), WHY, max_bytes=1000)
    body = b"y" * LONG + b"\n%s=0." % MARKER
    (record,) = read(step, frame(MARKER, b"C", 0, 0, body))
    assert isinstance(record, Capture)
    assert record.truncated
    assert len(record.content) == 1000


def test_files_by_sudo_that_are_more_than_their_limit_were_cut() -> None:
    step = Step("files", Files(("/etc/a",), privileged=True), WHY, max_bytes=1000)
    body = b"f/644/0/0/%d/1/a/" % LONG + b"y" * LONG + b"\n%s=0." % MARKER
    records = read(step, frame(MARKER, b"S", 0, 0, body))
    assert all(isinstance(r, Capture) and r.truncated and len(r.content) < 2000 for r in records)


def test_more_files_than_the_program_reads() -> None:
    step = Step("files", Files(("/etc/x/*",)), WHY)
    for count in (FILES_A_PATTERN, FILES_A_PATTERN + 1, 300_000):
        paths = [b"/etc/x/%d" % n for n in range(count)]
        listed = frame(MARKER, b"P", 0, 0, b"00\n" + b"".join(path + b"\n" for path in paths))
        records = read(step, listed)
        if count <= FILES_A_PATTERN:
            assert len(records) == count + 1
            continue
        (record,) = records
        assert isinstance(record, Gap)
        assert record.reason is GapReason.TRUNCATED

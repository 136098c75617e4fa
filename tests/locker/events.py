"""Events and headers that the locker's tests write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scanner.locker import Header
from scanner.model import (
    Capture,
    Captured,
    CaptureKind,
    FileMeta,
    Finished,
    Gap,
    GapReason,
    Missed,
    Started,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.model import Event

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
KEY = b"\x01\x02redaction-key-of-this-run\xfe"
HEADER = Header(
    tool="0.1.0",
    run="run-1",
    started=T0,
    inventory={"objects": [{"id": "web1", "seconds": 120.0, "名": "门户"}]},
    profile={"level": 3, "items": []},
)


def at(seconds: int) -> datetime:
    return T0 + timedelta(seconds=seconds)


def capture(name: str, step: str, content: bytes, subject: str = "") -> Capture:
    is_file = bool(subject)
    return Capture(
        object=name,
        platform="linux",
        step=step,
        subject=subject,
        kind=CaptureKind.FILE if is_file else CaptureKind.COMMAND,
        vantage="local",
        status=None if is_file else 0,
        content=content,
        errors=b"" if is_file else b"warning: \xff\n",
        taken=at(3),
        truncated=False,
        meta=FileMeta(0o640, 0, 42, len(content), 1_700_000_000) if is_file else None,
    )


def look(name: str, captures: int = 4, salt: bytes = b"") -> Iterator[Event]:
    yield Started(name, at(1))
    for number in range(captures):
        body = b"line of %d %s\n" % (number, salt) * (20 + number)
        yield Captured(capture(name, f"step-{number}", body))
    yield Captured(capture(name, "file", b"\x00\xff binary " + salt, f"/etc/{name}"))
    gap = Gap(GapReason.PERMISSION, "shadow", "/etc/shadow", "refused: \udcff", "root")
    yield Missed(name, gap, at(4))
    yield Finished(name, at(5))

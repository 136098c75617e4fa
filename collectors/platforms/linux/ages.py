"""When a file changed last, and how long ago that was when it was looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.base import Step, Unseen
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collectors.evidence import Listed

_FIRST, _LAST = 946_684_800, 2**33
"""Seconds since 1970 of the years 2000 and 2242. Images that are built alike every time say 0 or 1."""


def changed(step: Step, file: Listed) -> tuple[datetime, int]:
    """Return when the file changed last (UTC) and its age in whole days; a file of the future is 0 days old.

    Raises:
        Unseen: the time is none that a clock showed when the file changed.
    """
    if not _FIRST <= file.meta.mtime <= _LAST:
        detail = f"changed {file.meta.mtime} seconds after 1970"
        raise Unseen(Gap(GapReason.UNPARSABLE, step.id, file.path, detail))
    time = datetime.fromtimestamp(file.meta.mtime, UTC)
    return time, max(0, (file.taken - time).days)

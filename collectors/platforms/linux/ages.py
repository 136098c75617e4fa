"""When a file changed last, and how long ago that was when it was looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.base import Step, Unseen
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collectors.evidence import Listed

_LAST = 2**33
"""Seconds since 1970 of the year 2242: no clock that a host may have shows more."""


def changed(step: Step, file: Listed) -> tuple[datetime, int]:
    """Return when the file changed last (UTC) and its age in whole days; a file of the future is 0 days old.

    Raises:
        Unseen: the time is none that a clock shows.
    """
    if not 0 <= file.meta.mtime <= _LAST:
        detail = f"changed {file.meta.mtime} seconds after 1970"
        raise Unseen(Gap(GapReason.UNPARSABLE, step.id, file.path, detail))
    time = datetime.fromtimestamp(file.meta.mtime, UTC)
    return time, max(0, (file.taken - time).days)

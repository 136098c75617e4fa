"""The one broad ``except``: an unexpected exception becomes a ``bug`` gap, never a verdict."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, TypeVar

from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def guarded(work: Callable[[], T], step: str = "") -> T | Gap:
    """Return what ``work`` returns, or the gap that names our own mistake with its traceback."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - see the module's first line
        return Gap(GapReason.BUG, step, detail=traceback.format_exc(limit=8))

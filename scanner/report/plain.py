"""Text that came from a host, made harmless: nothing of it acts on a terminal or reorders what is read."""

from __future__ import annotations

import re

_ACTING = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls and escapes
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"  # invisible
    "\u2028-\u202f\u2060-\u206f\ufeff"  # line ends and marks that reorder
    "\ufff9-\ufffb\U000e0000-\U000e0fff"  # annotations and tags
    "\ud800-\udfff"  # bytes that were no text
    "]"
)
_CUT = "…"


def plain(text: str, limit: int = 0) -> str:
    """``text`` as one line that only shows; cut after ``limit`` characters, 0: not at all."""
    shown = _ACTING.sub("\N{REPLACEMENT CHARACTER}", text.replace("\t", " "))
    return shown if not limit or len(shown) <= limit else shown[: limit - 1] + _CUT

"""How wide a text is when drawn: close enough to keep it inside its frame."""

from __future__ import annotations

import unicodedata

_LATIN, _MONO = 0.57, 0.61
"""Width of an average Latin character, in sizes of the type."""

_CUT = "…"


def width(text: str, size: float, *, mono: bool = False) -> float:
    """Estimate the width of ``text`` in the units of ``size``; wide characters take a whole one."""
    narrow = _MONO if mono else _LATIN
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return size * (wide + narrow * (len(text) - wide))


def fitted(text: str, room: float, size: float, *, mono: bool = False) -> str:
    """``text``, cut so that it fits into ``room``."""
    if width(text, size, mono=mono) <= room:
        return text
    kept = text[:200]
    while kept and width(kept + _CUT, size, mono=mono) > room:
        kept = kept[:-1]
    return kept + _CUT

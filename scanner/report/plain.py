"""Text that came from a host, made harmless: nothing of it acts on a terminal or misleads its reader."""

from __future__ import annotations

_CUT = "…"


def plain(text: str, limit: int = 0) -> str:
    """``text`` as one line that only shows; cut after ``limit`` characters, 0: not at all.

    Controls, escapes, line ends, marks that hide or reorder text, and stand-ins of bytes that were no text
    become U+FFFD; every kind of blank becomes a space.
    """
    shown = text if text.isprintable() else "".join(map(_harmless, text))
    return shown if not limit or len(shown) <= limit else shown[: limit - 1] + _CUT


def _harmless(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() and character not in _LINE_ENDS else "\N{REPLACEMENT CHARACTER}"


_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")

"""The order of RPM's version numbers: epoch, version, release, each cut into numbers and letters."""

from __future__ import annotations

import re
from functools import total_ordering

_EVR = re.compile(r"(?:([0-9]+):)?([^:\s-]+)-([^:\s-]+)")
_PIECES = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")


@total_ordering
class RpmVersion:
    """One ``[epoch:]version-release``; compares as rpm compares.

    Raises:
        ValueError: no version.
    """

    def __init__(self, text: str) -> None:
        match = _EVR.fullmatch(text)
        if match is None:
            raise ValueError(f"no version: {text!r}")
        self._epoch = int(match[1] or 0)
        self._parts = tuple(tuple(_PIECES.findall(part)) for part in match.groups()[1:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RpmVersion) and not self < other and not other < self

    def __hash__(self) -> int:
        return hash(self._epoch)

    def __lt__(self, other: RpmVersion) -> bool:
        if self._epoch != other._epoch:
            return self._epoch < other._epoch
        orders = (_order(mine, theirs) for mine, theirs in zip(self._parts, other._parts, strict=True))
        return next((order for order in orders if order), 0) < 0


def _order(mine: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    """Below 0: mine is older. A tilde sorts before the end, a caret just behind it."""
    length = max(len(mine), len(theirs))
    for a, b in zip(_filled(mine, length), _filled(theirs, length), strict=True):
        if a == b:
            continue
        if _rank(a) != _rank(b):
            return _rank(a) - _rank(b)
        if a.isdigit() and int(a) == int(b):
            continue
        if a.isdigit():
            return int(a) - int(b)
        return -1 if a < b else 1
    return 0


def _filled(pieces: tuple[str, ...], length: int) -> tuple[str, ...]:
    return (*pieces, *([""] * (length - len(pieces))))


def _rank(piece: str) -> int:
    """What comes before what: tilde, the end, caret, letters, numbers."""
    if piece in {"~", "", "^"}:
        return {"~": 0, "": 1, "^": 2}[piece]
    return 4 if piece.isdigit() else 3

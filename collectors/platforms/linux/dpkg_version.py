"""The order of Debian's version numbers, as deb-version(7) has it."""

from __future__ import annotations

import re
from functools import total_ordering
from itertools import zip_longest

_VERSION = re.compile(r"(?:([0-9]+):)?([0-9][0-9A-Za-z.+~:-]*?)(?:-([0-9A-Za-z.+~]+))?")
_PIECES = re.compile(r"([^0-9]*)([0-9]*)")


@total_ordering
class DpkgVersion:
    """One version; compares as dpkg compares.

    Raises:
        ValueError: no version.
    """

    def __init__(self, text: str) -> None:
        match = _VERSION.fullmatch(text)
        if match is None:
            raise ValueError(f"no version: {text!r}")
        self._key = (int(match[1] or 0), _part(match[2]), _part(match[3] or ""))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DpkgVersion) and not self < other and not other < self

    def __hash__(self) -> int:
        return hash(self._key[0])

    def __lt__(self, other: DpkgVersion) -> bool:
        mine, theirs = self._key, other._key
        if mine[0] != theirs[0]:
            return mine[0] < theirs[0]
        return (_order(mine[1], theirs[1]) or _order(mine[2], theirs[2])) < 0


def _part(text: str) -> tuple[tuple[str, int], ...]:
    """Letters and the number behind them, in turn."""
    return tuple(
        (letters, int(digits or 0)) for letters, digits in _PIECES.findall(text) if letters or digits
    )


def _order(mine: tuple[tuple[str, int], ...], theirs: tuple[tuple[str, int], ...]) -> int:
    for (a, m), (b, n) in zip_longest(mine, theirs, fillvalue=("", 0)):
        letters = _letters(a, b)
        if letters:
            return letters
        if m != n:
            return -1 if m < n else 1
    return 0


def _letters(a: str, b: str) -> int:
    """A tilde sorts before the end, the end before letters, letters before all else."""
    for x, y in zip_longest(a, b, fillvalue=""):
        if _weight(x) != _weight(y):
            return -1 if _weight(x) < _weight(y) else 1
    return 0


def _weight(character: str) -> int:
    if character == "~":
        return -1
    if not character:
        return 0
    return ord(character) if character.isalpha() else ord(character) + 256

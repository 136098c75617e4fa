"""Long options of a program's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def values(words: Sequence[str], *names: str) -> tuple[str, ...]:
    """Values of an option under any of its names: ``--name=value``, ``--name value``, in their order."""
    found: list[str] = []
    for i, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name in names:
            found.append(value if sign else words[i + 1] if i + 1 < len(words) else "")
    return tuple(found)


def switch(words: Sequence[str], name: str) -> bool | None:
    """Whether a switch is on: ``--name``, ``--name=true``; the last counts. None: it is not given."""
    state: bool | None = None
    for word in words:
        given, sign, value = word.partition("=")
        if given == name:
            state = not sign or value.lower() in {"true", "1", "t"}
    return state

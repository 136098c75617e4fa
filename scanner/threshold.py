"""Thresholds: which way each parameter of a check is stricter, and which values can be met at all.

A parameter says so where it is declared::

    max_days: int = field(metadata=at_most())

A parameter that does not say which way is stricter counts as loosened by whatever changes it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_STRICTER, _LEAST, _MOST = "stricter", "ge", "le"
"""Keys in a field's metadata; pydantic reads the bounds by the same names when it reads a profile."""


class Stricter(StrEnum):
    """Which of two values of a parameter asks for more."""

    LOWER = "lower"
    HIGHER = "higher"
    MORE = "more"  # of a list: what names more
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter of a check with two values of it."""

    parameter: str
    before: object
    after: object
    looser: bool
    """Whether what ``before`` condemned may pass ``after``."""


def at_most(least: int = 1) -> Mapping[str, Any]:
    """Metadata of a limit that what is seen may not pass: lower is stricter; below ``least`` nobody is."""
    return {_STRICTER: Stricter.LOWER, _LEAST: least}


def at_least(most: int | None = None) -> Mapping[str, Any]:
    """Metadata of a limit that what is seen must reach: higher is stricter; above ``most`` nobody is."""
    return {_STRICTER: Stricter.HIGHER, _LEAST: 0} | ({} if most is None else {_MOST: most})


def naming() -> Mapping[str, Any]:
    """Metadata of a list of what may not be seen: naming more is stricter, leaving out any is looser."""
    return {_STRICTER: Stricter.MORE}


def directions(parameters: type[Any]) -> dict[str, Stricter]:
    """Return, by parameter, which way is stricter."""
    return {f.name: Stricter(f.metadata.get(_STRICTER, Stricter.UNSAID)) for f in fields(parameters)}


def changes(before: object, after: object) -> tuple[Change, ...]:
    """Return what differs between two parameter objects of the same check, in the order of declaration."""
    found = []
    for name, stricter in directions(type(after)).items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found.append(Change(name, old, new, _looser(stricter, old, new)))
    return tuple(found)


def _looser(stricter: Stricter, before: Any, after: Any) -> bool:
    """Whether ``after`` asks for less than ``before``, from which it differs."""
    if stricter is Stricter.UNSAID:
        return True
    if stricter is Stricter.MORE:
        return not set(before) <= set(after)
    return bool(after > before if stricter is Stricter.LOWER else after < before)

"""A value that knows where it was written, or that it is a default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from scanner.model import Citation

T = TypeVar("T")


class Origin(StrEnum):
    """Whether somebody wrote the value down. Labels of other tools often want it written."""

    EXPLICIT = "explicit"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """One understood value with its evidence.

    For a default the citation is the capture that shows that nothing else was written
    (line 0: the capture as a whole).
    """

    value: T
    origin: Origin
    at: Citation


@dataclass(frozen=True, slots=True)
class Fact:
    """Base of all facts: typed, vendor-free. ``seen`` cites the captures that the fact was read from.

    ``seen`` is never empty: it is what a "nothing of the kind is there" rests on.
    """

    seen: tuple[Citation, ...]

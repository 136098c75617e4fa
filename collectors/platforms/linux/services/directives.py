"""A directive of a service's settings, as most of them are written: a name and words on a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class Directive:
    """Its name in lower case, its words, and where it stands."""

    name: str
    words: tuple[str, ...]
    at: Citation

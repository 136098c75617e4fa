"""Facts about updates that the distribution offers and the host lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from datetime import datetime

    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A package that is older than the one that the distribution's security archive offers."""

    package: str
    installed: str
    offered: str
    at: Citation


@dataclass(frozen=True, slots=True)
class SecurityUpdates(Fact):
    """Security updates that wait, by the lists that the host itself fetched last.

    ``released`` is when the distribution wrote the oldest of these lists, ``age_days`` how long ago that was
    when the host was looked at: what waits by them has waited for at least so long. ``compared`` counts the
    installed packages that the lists know.
    """

    pending: tuple[PendingUpdate, ...]
    compared: int
    released: datetime
    age_days: int
    at: Citation

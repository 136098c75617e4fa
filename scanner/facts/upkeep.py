"""Facts about updates that the distribution offers and the host lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from datetime import date, datetime

    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A package that is older than one that the distribution offers.

    ``security``: the update is known to mend a weakness; False: whether it does, nothing tells.
    """

    package: str
    installed: str
    offered: str
    at: Citation
    security: bool = True
    issued: date | None = None  # of the first advisory that asks for it; None: not told


@dataclass(frozen=True, slots=True)
class SecurityUpdates(Fact):
    """Updates that wait, by the lists that the host itself fetched last.

    ``released`` is when the distribution wrote the oldest of these lists, or the host last made sure that it
    is the newest; ``age_days`` is how long ago that was when the host was looked at: what waits by them has
    waited for at least so long. ``compared`` counts the installed packages that the lists know.
    """

    pending: tuple[PendingUpdate, ...]
    compared: int
    released: datetime
    age_days: int
    at: Citation

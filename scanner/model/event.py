"""What happens while objects are looked at, in the order it happens; the journal records just these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scanner.model.capture import Capture, Gap


@dataclass(frozen=True, slots=True)
class Started:
    """An object is being looked at from now on; voids what an interrupted earlier look recorded of it."""

    object: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Captured:
    """One more capture."""

    capture: Capture


@dataclass(frozen=True, slots=True)
class Missed:
    """A step (or, with an empty ``gap.step``, the whole object) gave no capture, and why."""

    object: str
    gap: Gap
    at: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing more will come from this object in this run."""

    object: str
    at: datetime


Event = Started | Captured | Missed | Finished

"""When a statement holds: from the day it was made until it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.statements.vocabulary import CHINA

if TYPE_CHECKING:
    from datetime import date, datetime


def made_later(made: date, at: datetime) -> bool:
    """Whether a statement was made on a later day (in China) than that of the judgement."""
    return made > at.astimezone(CHINA).date()


def expired(expires: datetime | None, at: datetime) -> bool:
    """Whether a statement has expired: at the very moment it no longer holds."""
    return expires is not None and expires <= at

"""Small values as plain data, the same wherever the document holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from scanner.model import Gap, Interval, Place, Text


def text(said: Text) -> dict[str, str]:
    """Both languages."""
    return {"zh": said.zh, "en": said.en}


def time(moment: date | None) -> str | None:
    """A date or a time as ISO 8601."""
    return None if moment is None else moment.isoformat()


def interval(between: Interval | None) -> dict[str, float | None]:
    """Both ends to four decimals; null where nothing is applicable."""
    if between is None:
        return {"low": None, "high": None}
    return {"low": round(between.low, 4), "high": round(between.high, 4)}


def verdicts(possible: Collection[Verdict]) -> list[str]:
    """Possible verdicts by name."""
    return sorted(verdict.value for verdict in possible)


def place(where: Place) -> dict[str, Any]:
    """File and line."""
    return {"file": where.file, "line": where.line}


def gap(missing: Gap) -> dict[str, str]:
    """Why something was not seen."""
    return {
        "reason": missing.reason.value,
        "step": missing.step,
        "subject": missing.subject,
        "detail": missing.detail,
        "needs": missing.needs,
    }

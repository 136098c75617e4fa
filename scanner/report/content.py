"""What every report format renders: a run's assessments with their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scanner.checks.check import Check
    from scanner.model import Assessment
    from scanner.score import Scores


@dataclass(frozen=True, slots=True)
class Content:
    """One run, judged and scored."""

    tool: str
    run: str
    started: datetime
    finished: datetime | None
    assessments: tuple[Assessment, ...]
    scores: Mapping[str, Scores]  # by system name
    checks: Mapping[str, Check]

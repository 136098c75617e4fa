"""Judgements on high risk, risks of problems, triggers of major dangers: proposed here, decided by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.judgement.major import gather_all, majors
from scanner.judgement.risk import problems, rate_all
from scanner.judgement.weigh import weigh, weigh_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scanner.model import Assessment, Judgement, MajorTrigger

__all__ = ["analyse", "gather_all", "majors", "problems", "rate_all", "weigh", "weigh_all"]


def analyse(
    assessments: Sequence[Assessment],
    judgements: Sequence[Judgement],
    triggers: Sequence[MajorTrigger],
    at: datetime,
) -> tuple[Assessment, ...]:
    """Analyse the risks (风险分析) of all systems of a run, once what people state is applied to their items.

    Fills candidates for a high risk, material for major dangers, and the problems that remain.
    """
    weighed = weigh_all(assessments, judgements, at)
    return rate_all(gather_all(weighed, triggers, at), at)

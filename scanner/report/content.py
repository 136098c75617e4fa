"""What every report format renders: a run's assessments with their scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scanner.checks.check import Check
    from scanner.facts import FactSheet
    from scanner.model import Assessment, Capture, Gap, Judgement, MajorTrigger, Vantage, Zone
    from scanner.questionnaire import Roles
    from scanner.score import Scores


@dataclass(frozen=True, slots=True)
class Content:
    """One run, judged and scored; the later fields are for reports that also draw and quote."""

    tool: str
    run: str
    started: datetime
    finished: datetime | None
    assessments: tuple[Assessment, ...]
    scores: Mapping[str, Scores]  # by system name
    checks: Mapping[str, Check]
    sheets: Mapping[str, FactSheet] = field(default_factory=dict)  # by object id
    zones: tuple[Zone, ...] = ()
    vantages: tuple[Vantage, ...] = ()  # that probes were sent from
    records: Mapping[str, Sequence[Capture | Gap]] = field(default_factory=dict)  # by object id
    head: str = ""  # of the run file's hash chain
    judgements: Mapping[str, Judgement] = field(default_factory=dict)  # on high risk, by id
    triggers: Mapping[str, MajorTrigger] = field(default_factory=dict)  # of major dangers, by code
    roles: Roles | None = None  # who is asked what no scan sees

"""Candidates for a high risk: judgements of the guide whose conditions are weighed on one object."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.model.finding import Finding
    from scanner.model.statement import JudgementStatement


class Stand(StrEnum):
    """Where a judgement on high risk stands on an object.

    A tool reaches ``OPEN`` and ``PROPOSED`` only; the rest is a person's.
    """

    OPEN = "open"  # some conditions are evidenced, others are not seen or wait for a person
    PROPOSED = "proposed"  # every condition is evidenced
    CONFIRMED = "confirmed"
    LOWERED = "lowered"  # a mitigation lets the person set a lower risk
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ConditionState:
    """One condition of a judgement on one object: what evidences it; nothing: it is not evidenced."""

    n: int
    findings: tuple[Finding, ...] = ()
    statements: tuple[JudgementStatement, ...] = ()

    @property
    def evidenced(self) -> bool:
        """Whether anything shows that the condition holds."""
        return bool(self.findings or self.statements)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One judgement on one object, as far as it has come. High risk only where a person confirmed it."""

    judgement: str
    object: str
    stand: Stand
    conditions: tuple[ConditionState, ...]
    items: tuple[str, ...]  # items of the system that the judgement names and that are known to fail here
    decision: JudgementStatement | None = None

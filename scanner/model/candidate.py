"""Candidates for a high risk or a major danger: what speaks for them on one object, and what people say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.model.finding import Finding
    from scanner.model.statement import JudgementStatement, MajorStatement


class Stand(StrEnum):
    """Where a judgement on high risk stands on an object.

    A tool reaches ``OPEN`` and ``PROPOSED`` only; the rest is a person's.
    """

    OPEN = "open"  # some conditions are evidenced, others are not seen or wait for a person
    PROPOSED = "proposed"  # every condition is evidenced
    CONFIRMED = "confirmed"
    LOWERED = "lowered"  # a mitigation lets the person set a lower risk
    REJECTED = "rejected"

    @property
    def speaks_for_high(self) -> bool:
        """Whether it is ground for a high risk; before that some condition is not evidenced."""
        return self in {Stand.PROPOSED, Stand.CONFIRMED}


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


@dataclass(frozen=True, slots=True)
class MajorCandidate:
    """One trigger of a major danger on one object: material for a person, who alone decides.

    ``statement`` is what a person says of it; nobody has decided where it is None. ``judgements`` are those
    behind the trigger that speak for a high risk on the object; none where only the person names it.
    """

    code: str
    object: str
    judgements: tuple[str, ...]
    statement: MajorStatement | None = None

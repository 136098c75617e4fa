"""Results: what is still possible for each item, and the intervals that follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scanner.model.capture import Gap
from scanner.model.finding import Finding
from scanner.model.objects import AssessmentObject, System
from scanner.model.verdict import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model.catalogue import Item, Profile


def verdict_of(possible: frozenset[Verdict]) -> Verdict:
    """One verdict left means decided; more means undetermined."""
    return next(iter(possible)) if len(possible) == 1 else Verdict.UNDETERMINED


@dataclass(frozen=True, slots=True)
class StepResult:
    """Answer to one step on one object, and the findings it came from (none: it waits for a person)."""

    n: int
    answer: Answer
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """An item on one object: the verdicts that the unseen steps still allow."""

    object: str
    possible: frozenset[Verdict]
    steps: tuple[StepResult, ...]
    reason: str = ""  # of a not-applicable

    @property
    def verdict(self) -> Verdict:
        """The verdict if it is decided."""
        return verdict_of(self.possible)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """An item over its objects in one system."""

    item: Item
    possible: frozenset[Verdict]
    objects: tuple[ObjectResult, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict if it is decided."""
        return verdict_of(self.possible)

    @property
    def known_to_fail(self) -> bool:
        """Conform is no longer possible, whatever the unseen will show."""
        return not self.possible & {Verdict.CONFORM, Verdict.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class Interval:
    """Exact lowest and highest value over all completions of what was not seen."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """One system judged from one run's evidence at one time."""

    system: System
    profile: Profile
    objects: tuple[AssessmentObject, ...]
    items: tuple[ItemResult, ...]
    findings: tuple[Finding, ...]
    gaps: Mapping[str, tuple[Gap, ...]]  # by object: what the platform's facts could not see
    at: datetime

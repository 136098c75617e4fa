"""Results: what is still possible for each item, and the intervals that follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from scanner.model.capture import Gap
from scanner.model.finding import Finding, Risk
from scanner.model.objects import AssessmentObject, System
from scanner.model.verdict import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model.candidate import Candidate, MajorCandidate
    from scanner.model.catalogue import Item, Profile
    from scanner.model.statement import Attestation, Compensation, Place, RiskSetting, Statements, Waiver
    from scanner.model.text import Text


def verdict_of(possible: frozenset[Verdict]) -> Verdict:
    """One verdict left means decided; more means undetermined."""
    return next(iter(possible)) if len(possible) == 1 else Verdict.UNDETERMINED


@dataclass(frozen=True, slots=True)
class StepResult:
    """Answer to one step on one object, and the findings it came from (none: it waits for a person)."""

    n: int
    answer: Answer
    findings: tuple[Finding, ...]
    attestations: tuple[Attestation, ...] = ()
    """What people state of it. Where a finding says no, the answer stays no, whatever they state."""
    before: Answer = Answer.UNSEEN
    """Where people state something: the answer without them."""

    @property
    def attested(self) -> bool:
        """The answer is a person's: no check gave it."""
        return bool(self.attestations) and self.answer not in {Answer.UNSEEN, self.before}

    @property
    def disputed(self) -> bool:
        """A person states otherwise than what was found, or two persons state otherwise than each other."""
        answers = {a.answer for a in self.attestations} | {self.before, self.answer}
        return bool(self.attestations) and len(answers - {Answer.UNSEEN}) > 1


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """An item on one object: the verdicts that the unseen steps still allow."""

    object: str
    possible: frozenset[Verdict]
    steps: tuple[StepResult, ...]
    reason: str = ""  # of a not-applicable
    compensation: Compensation | None = None
    """What made ``possible`` of what was found; ``before`` is the result without it."""
    before: frozenset[Verdict] = frozenset()

    @property
    def verdict(self) -> Verdict:
        """The verdict if it is decided."""
        return verdict_of(self.possible)

    @property
    def known_to_fail(self) -> bool:
        """Conform is no longer possible, whatever the unseen will show."""
        return not self.possible & {Verdict.CONFORM, Verdict.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class ItemResult:
    """An item over its objects in one system."""

    item: Item
    possible: frozenset[Verdict]
    objects: tuple[ObjectResult, ...]
    before: frozenset[Verdict] = frozenset()
    """The result without compensations, where one of the objects has one."""

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
class Problem:
    """A remaining problem (问题): an item that is known to fail on an object, with its risk.

    A risk is proposed from the checks that said no, a high one only where a judgement on high risk speaks for
    it; a person sets it (风险分析).
    """

    item: str
    object: str
    proposed: Risk | None  # None: only people said no, and no judgement speaks for a high risk
    setting: RiskSetting | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about what people stated that a reader has to know: expired, matches nothing, disputed."""

    text: Text
    place: Place


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
    statements: Statements | None = None
    candidates: tuple[Candidate, ...] = ()
    majors: tuple[MajorCandidate, ...] = ()
    problems: tuple[Problem, ...] = ()
    waived: Mapping[str, Waiver] = field(default_factory=dict)  # by finding id
    notices: tuple[Notice, ...] = ()

"""What one check says about one object, resting on evidence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from scanner.model.capture import Citation, Gap
from scanner.model.text import Text
from scanner.model.verdict import Answer


class Risk(StrEnum):
    """Proposed risk of a no; a person decides (风险分析)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check's judge returns. A yes or a no without a citation cannot be built."""

    answer: Answer
    message: Text
    citations: tuple[Citation, ...] = ()
    gap: Gap | None = None

    def __post_init__(self) -> None:
        if self.answer in {Answer.YES, Answer.NO} and not self.citations:
            raise ValueError("an answer rests on evidence: at least one citation")
        if self.answer is Answer.UNSEEN and self.gap is None:
            raise ValueError("unseen needs its reason: a gap")

    @classmethod
    def yes(cls, message: Text, *citations: Citation) -> Outcome:
        """Build a yes: the requirement is met, and this shows it."""
        return cls(Answer.YES, message, _unique(citations))

    @classmethod
    def no(cls, message: Text, *citations: Citation) -> Outcome:
        """Build a no: the requirement is not met, and this shows it."""
        return cls(Answer.NO, message, _unique(citations))

    @classmethod
    def unseen(cls, message: Text, gap: Gap, *citations: Citation) -> Outcome:
        """Build an unseen answer: what was seen does not settle the question, for this reason."""
        return cls(Answer.UNSEEN, message, _unique(citations), gap)


def _unique(citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
    """Drop repeated citations, keeping the order in which the judge named them."""
    return tuple(dict.fromkeys(citations))


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's answer on an object (and a subject inside it), with risk as a proposal."""

    check: str
    object: str
    subject: str
    answer: Answer
    message: Text
    citations: tuple[Citation, ...]
    gap: Gap | None
    risk: Risk

    @property
    def id(self) -> str:
        """Stable identity: the same question about the same thing keeps its id from run to run."""
        name = f"{self.object}\x1f{self.check}\x1f{self.subject}"
        return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]

"""The file of statements as it is written: what every field may hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from scanner.statements.vocabulary import (
    AnswerWord,
    CompensatedWord,
    Day,
    End,
    MethodWord,
    Moment,
    RiskWord,
    StandWord,
    TruthWord,
)

VERSION = 1

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Objects = Annotated[list[Word], Field(min_length=1)]
"""Ids of objects by name, or of a system where the system itself is judged; there is no wildcard."""
Number = Annotated[int, Field(ge=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceEntry(_Entry):
    """A file beside the statements, and the SHA-256 of what it held when the statement was made."""

    file: Word
    sha256: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Fa-f]{64}$")] | None = (
        None  # what is wrong with the file is said where the file is read
    )


class AttestationEntry(_Entry):
    """A person's answer to one step of an item (or to all of them) on objects."""

    item: Word
    step: Number | None = None
    objects: Objects
    answer: AnswerWord
    method: MethodWord
    statement: Word
    evidence: list[EvidenceEntry] = []
    author: Word | None = None
    date: Day
    expires: End | None = None


class CompensationEntry(_Entry):
    """整体测评: why another measure makes up for what an item lacks on objects."""

    item: Word
    objects: Objects
    to: CompensatedWord
    reason: Word
    author: Word | None = None
    date: Day


class WaiverEntry(_Entry):
    """What is to raise no alarm until it expires: findings of a check, on an object, of an item."""

    check: Word | None = None
    object: Word | None = None
    item: Word | None = None
    reason: Word
    approver: Word
    expires: Moment

    @model_validator(mode="after")
    def _names_something(self) -> WaiverEntry:
        if self.check is None and self.object is None and self.item is None:
            raise ValueError("a waiver names a check, an object or an item; none would silence everything")
        return self


class RiskEntry(_Entry):
    """风险分析: the risk of the problem that an item leaves, on these objects or wherever it leaves one."""

    item: Word
    objects: Objects | None = None
    risk: RiskWord
    reason: Word
    author: Word | None = None
    date: Day


class JudgementEntry(_Entry):
    """What a person says of a judgement on high risk: conditions confirmed, or a decision, or both."""

    judgement: Word
    object: Word
    conditions: list[Number] = []
    stand: StandWord | None = None
    reason: Word
    author: Word | None = None
    date: Day

    @model_validator(mode="after")
    def _says_something(self) -> JudgementEntry:
        if not self.conditions and self.stand is None:
            raise ValueError("name conditions that are confirmed, or a stand, or both")
        return self


class MajorEntry(_Entry):
    """What a person says of a trigger of a major hidden danger."""

    code: Word
    object: Word
    meets: TruthWord
    rectified: TruthWord = False
    reason: Word
    author: Word | None = None
    date: Day


class StatementsFile(_Entry):
    """The whole file."""

    version: Annotated[int, Field(ge=VERSION, le=VERSION)]
    author: Word | None = None
    attestations: list[AttestationEntry] = []
    compensations: list[CompensationEntry] = []
    waivers: list[WaiverEntry] = []
    risks: list[RiskEntry] = []
    judgements: list[JudgementEntry] = []
    majors: list[MajorEntry] = []

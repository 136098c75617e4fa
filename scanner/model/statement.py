"""What people state beside what a scan sees: attestations, compensations, waivers, risks, confirmations.

None of them removes a no. Each names who says so, when, and the place in the file that it was read from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from scanner.model.candidate import Stand
    from scanner.model.catalogue import Method
    from scanner.model.finding import Risk
    from scanner.model.verdict import Answer, Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands; lines are counted from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A file that a statement rests on, and the SHA-256 (hexadecimal) of what it held."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's answer to one step of an item, or to all of its steps, on one object."""

    item: str
    step: int | None  # None: every step of the item
    object: str  # id of an object; the system's name where the system itself is judged
    answer: Answer  # yes, no or n/a
    method: Method
    statement: str
    author: str
    made: date
    place: Place
    exhibits: tuple[Exhibit, ...] = ()
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Compensation:
    """整体测评: another measure makes up for a partial or failed item. The result before it stands beside."""

    item: str
    object: str
    to: Verdict  # conform or partial
    reason: str
    author: str
    made: date
    place: Place


@dataclass(frozen=True, slots=True)
class Waiver:
    """Silences alerts and exit codes for some findings until it expires; changes no result."""

    check: str  # "" = any check
    object: str  # "" = any object
    item: str  # "" = any item
    reason: str
    approver: str
    expires: datetime  # with time zone
    place: Place


@dataclass(frozen=True, slots=True)
class RiskSetting:
    """风险分析: the risk that a person gives to the problem which an item leaves on an object."""

    item: str
    object: str  # "" = the problem of this item on every object
    risk: Risk
    reason: str
    author: str
    made: date
    place: Place


@dataclass(frozen=True, slots=True)
class JudgementStatement:
    """What a person says of one judgement on high risk and one object.

    ``conditions`` are those that the person confirms by name; ``stand`` is the decision over the whole
    judgement, None where only conditions are confirmed.
    """

    judgement: str
    object: str
    conditions: tuple[int, ...]
    stand: Stand | None
    reason: str
    author: str
    made: date
    place: Place


@dataclass(frozen=True, slots=True)
class MajorStatement:
    """What a person says of one trigger of a major hidden danger (重大风险隐患)."""

    code: str  # A-01 ...
    object: str
    meets: bool
    rectified: bool
    reason: str
    author: str
    made: date
    place: Place


@dataclass(frozen=True, slots=True)
class Statements:
    """All that people state for one judgement of a run."""

    attestations: tuple[Attestation, ...] = ()
    compensations: tuple[Compensation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    risks: tuple[RiskSetting, ...] = ()
    judgements: tuple[JudgementStatement, ...] = ()
    majors: tuple[MajorStatement, ...] = ()
    files: tuple[Exhibit, ...] = ()  # the files themselves, with their digests

"""Judgements on high risk (高风险判例) and triggers of major dangers (重大风险隐患触发项), as data.

The judgements are those of the 2025 trial guide on high risk, in our own words; the triggers follow a
community transcription of an appendix that was not seen. A tool proposes or collects; a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.model.text import Text
from scanner.model.verdict import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model.catalogue import Level, Scope


class May(StrEnum):
    """What a scan may do with a judgement."""

    PROPOSE = "propose"  # a candidate for a person, only with every condition evidenced
    COLLECT = "collect"  # material for a person, never a candidate
    NOTHING = "nothing"  # no scan has a part in it


APPLIES: Mapping[str, Text] = {
    "": Text("所有达到该等级的对象", "every system from that level up"),
    "high_continuity": Text(
        "仅限业务连续性要求高的系统（由人员申明）",
        "only systems whose business continuity is declared a high need",
    ),
    "key_industry": Text("仅限重点行业的系统（由人员申明）", "only systems declared to be of a key industry"),
    "cloud_platform": Text("仅限云平台本身", "only the cloud platform itself"),
    "cloud_tenant": Text("仅限云服务客户（租户）的系统", "only systems of a cloud tenant"),
    "cloud_platform_or_tenant": Text(
        "云平台本身，或云服务客户（租户）的系统，各按其角色",
        "the cloud platform itself, or a tenant's system, each by its role",
    ),
}
"""What a judgement is limited to beside its level, by ``Judgement.applies``: a person declares whether the
system is one of these."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Checks that together evidence a condition: all of them gave ``answer`` on the object."""

    checks: tuple[str, ...]
    answer: Answer = Answer.NO  # no or yes


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a judgement; ``n`` counts from 1.

    Any one of ``proofs`` evidences the whole condition, and so does a person's confirmation where ``person``
    says so. With neither, nothing can evidence it yet: its judgement is never proposed.
    """

    n: int
    text: Text
    person: bool = False
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement on high risk. All ``conditions`` together are needed before it may be proposed."""

    id: str  # the guide's section, e.g. 6.4.1.2
    min_level: Level  # applies from this level up; there is no upper bound
    applies: str  # key of APPLIES
    title: Text
    problem: Text
    lowered_by: Text | None
    """Mitigation that lets a person lower the risk (a tool never does); None: the guide names none."""
    clauses: tuple[str, ...]  # of GB/T 22239-2019
    units: tuple[str, ...]  # item ids (测评单元) of GB/T 28448-2019
    may: May
    major: str  # code of the trigger of a major danger that stands for it alone; "" = none
    conditions: tuple[Condition, ...]


class Confidence(StrEnum):
    """How far what is told of a trigger can be relied on: the official appendix was not seen."""

    MEDIUM_HIGH = "medium-high"  # the transcription, the commentary's count and the guide's titles agree
    MEDIUM = "medium"  # the transcription alone
    NONE = "none"  # only that it exists is claimed


@dataclass(frozen=True, slots=True)
class MajorTrigger:
    """One trigger of a major danger. Matching it is a reference, neither needed nor enough."""

    code: str  # A-01 ...
    title: Text
    combined: bool
    """Whether it belongs to no item and comes from penetration test, exercise or overall review."""
    judgements: tuple[str, ...]  # of a combined one: our hints only
    scope: Scope | None  # None: of a combined one
    confidence: Confidence
    provenance: Text  # by whose word it is known; shown wherever the trigger is shown
    sources: tuple[Text, ...]
    situations: tuple[Text, ...] = ()  # that a combined one names; the list is open
    material: Text | None = None
    """What a scan can bring for a combined one; None: nothing."""


@dataclass(frozen=True, slots=True)
class Principle:
    """One of the principles that a person weighs."""

    title: Text
    meaning: Text


@dataclass(frozen=True, slots=True)
class MajorRule:
    """How a person decides on a major danger: every principle must hold, with reasons written down."""

    text: Text
    effect: Text  # of a major danger on the conclusion
    known: Text  # what is known of the list, and by whose word
    principles: tuple[Principle, ...]
    sources: tuple[Text, ...]

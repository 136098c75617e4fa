"""The nouns of the field, as values: nothing here does I/O or decides anything.

Each module holds one idea; import the names from here.
"""

from scanner.model.candidate import Candidate, ConditionState, Stand
from scanner.model.capture import Capture, CaptureKind, Citation, FileMeta, Gap, GapReason
from scanner.model.catalogue import (
    Binding,
    Item,
    ItemStep,
    Kind,
    Level,
    Method,
    Profile,
    Scope,
    Settles,
    Sight,
)
from scanner.model.event import Captured, Event, Finished, Missed, Started
from scanner.model.finding import Finding, Outcome, Risk
from scanner.model.judgement import (
    APPLIES,
    Condition,
    Confidence,
    Judgement,
    MajorRule,
    MajorTrigger,
    May,
    Principle,
    Proof,
)
from scanner.model.objects import AssessmentObject, Grade, System, Zone
from scanner.model.reach import Budget, Hop, Limits, Look, Reach, TransportKind, Vantage
from scanner.model.register import ApprovedTunnel
from scanner.model.result import (
    Assessment,
    Interval,
    ItemResult,
    Notice,
    ObjectResult,
    Problem,
    StepResult,
)
from scanner.model.statement import (
    Attestation,
    Compensation,
    Exhibit,
    JudgementStatement,
    MajorStatement,
    Place,
    RiskSetting,
    Statements,
    Waiver,
)
from scanner.model.text import Text
from scanner.model.verdict import Answer, Verdict

__all__ = [
    "APPLIES",
    "Answer",
    "ApprovedTunnel",
    "Assessment",
    "AssessmentObject",
    "Attestation",
    "Binding",
    "Budget",
    "Candidate",
    "Capture",
    "CaptureKind",
    "Captured",
    "Citation",
    "Compensation",
    "Condition",
    "ConditionState",
    "Confidence",
    "Event",
    "Exhibit",
    "FileMeta",
    "Finding",
    "Finished",
    "Gap",
    "GapReason",
    "Grade",
    "Hop",
    "Interval",
    "Item",
    "ItemResult",
    "ItemStep",
    "Judgement",
    "JudgementStatement",
    "Kind",
    "Level",
    "Limits",
    "Look",
    "MajorRule",
    "MajorStatement",
    "MajorTrigger",
    "May",
    "Method",
    "Missed",
    "Notice",
    "ObjectResult",
    "Outcome",
    "Place",
    "Principle",
    "Problem",
    "Profile",
    "Proof",
    "Reach",
    "Risk",
    "RiskSetting",
    "Scope",
    "Settles",
    "Sight",
    "Stand",
    "Started",
    "Statements",
    "StepResult",
    "System",
    "Text",
    "TransportKind",
    "Vantage",
    "Verdict",
    "Waiver",
    "Zone",
]

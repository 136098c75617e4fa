"""The nouns of the field, as values: nothing here does I/O or decides anything.

Each module holds one idea; import the names from here.
"""

from scanner.model.capture import Capture, CaptureKind, Citation, FileMeta, Gap, GapReason
from scanner.model.catalogue import Binding, Item, ItemStep, Kind, Level, Method, Profile, Settles
from scanner.model.event import Captured, Event, Finished, Missed, Started
from scanner.model.finding import Finding, Outcome, Risk
from scanner.model.objects import AssessmentObject, Grade, System, Zone
from scanner.model.reach import Budget, Hop, Limits, Look, Reach, TransportKind, Vantage
from scanner.model.register import ApprovedTunnel
from scanner.model.result import Assessment, Interval, ItemResult, ObjectResult, StepResult
from scanner.model.text import Text
from scanner.model.verdict import Answer, Verdict

__all__ = [
    "Answer",
    "ApprovedTunnel",
    "Assessment",
    "AssessmentObject",
    "Binding",
    "Budget",
    "Capture",
    "CaptureKind",
    "Captured",
    "Citation",
    "Event",
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
    "Kind",
    "Level",
    "Limits",
    "Look",
    "Method",
    "Missed",
    "ObjectResult",
    "Outcome",
    "Profile",
    "Reach",
    "Risk",
    "Settles",
    "Started",
    "StepResult",
    "System",
    "Text",
    "TransportKind",
    "Vantage",
    "Verdict",
    "Zone",
]

"""Small judged systems, and statements about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from scanner import decision
from scanner.model import (
    Answer,
    Assessment,
    AssessmentObject,
    Attestation,
    Citation,
    Compensation,
    Finding,
    Gap,
    GapReason,
    Grade,
    Item,
    ItemResult,
    ItemStep,
    Method,
    ObjectResult,
    Place,
    Profile,
    Risk,
    Statements,
    StepResult,
    System,
    Text,
    Verdict,
    Waiver,
)

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 1)
WORDS = Text("甲", "a")
FILE = "statements.yaml"
YES, NO, UNSEEN, NA = Answer.YES, Answer.NO, Answer.UNSEEN, Answer.NA
C, P, N, X = Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM, Verdict.NOT_APPLICABLE
ITEM = "L3-CES1-01"


def item(steps: int, rule: str = "all", *, id_: str = ITEM, partial: bool = True) -> Item:
    numbered = tuple(ItemStep(n, WORDS, Method.EXAMINE) for n in range(1, steps + 1))
    return Item(
        id_, 3, "8.1.4.1 a)", "CES", "", WORDS, "S", WORDS, ("operating_system",), (), numbered, rule,
        partial=partial, optional=False, side="technical", weight="key",
    )  # fmt: skip


def finding(check: str, name: str, answer: Answer) -> Finding:
    gap = Gap(GapReason.PERMISSION, "passwd") if answer is UNSEEN else None
    return Finding(check, name, "", answer, WORDS, (Citation(f"{name}/passwd", 1, "x"),), gap, Risk.HIGH)


def step(n: int, name: str, answer: Answer | None) -> StepResult:
    """A step as a check answered it; None: no check is asked about it."""
    if answer is None:
        return StepResult(n, UNSEEN, ())
    return StepResult(n, answer, (finding(f"check.{n}", name, answer),))


def result(of: Item, answers: Mapping[str, Sequence[Answer | None]]) -> ItemResult:
    """An item as the checks answered its steps on objects."""
    verdicts = decision.Verdicts(of)
    objects = []
    for name, found in answers.items():
        steps = tuple(step(n, name, answer) for n, answer in enumerate(found, start=1))
        objects.append(ObjectResult(name, verdicts.of(s.answer for s in steps), steps))
    return ItemResult(of, decision.over_objects(o.possible for o in objects), tuple(objects))


def declared_absent(of: Item, reason: str = "there is none") -> ItemResult:
    o = ObjectResult("shop", frozenset({X}), (), reason=reason)
    return ItemResult(of, o.possible, (o,))


def assessed(*items: ItemResult, system: str = "shop", names: Sequence[str] = ("web1", "web2")) -> Assessment:
    shown = tuple(AssessmentObject(n, "operating_system", "linux", "", "", (system,)) for n in names)
    findings = {f.id: f for i in items for o in i.objects for s in o.steps for f in s.findings}
    return Assessment(
        System(system, system, Grade(3, 3)),
        Profile(3, WORDS, tuple(i.item for i in items), {}, ""),
        shown,
        items,
        tuple(findings.values()),
        {},
        AT,
    )


def said(
    answer: Answer,
    step_: int | None = None,
    *,
    of: str = ITEM,
    on: str = "web1",
    by: str = "Li Lei",
    made: date = DAY,
    expires: datetime | None = None,
    line: int = 7,
) -> Attestation:
    place = Place(FILE, line)
    return Attestation(of, step_, on, answer, Method.INTERVIEW, "seen", by, made, place, expires=expires)


def made_up(to: Verdict, *, of: str = ITEM, on: str = "web1", made: date = DAY) -> Compensation:
    return Compensation(of, on, to, "a gateway in front", "Li Lei", made, Place(FILE, 20))


def waiver(
    check: str = "", on: str = "", of: str = "", *, expires: datetime = datetime(2027, 1, 1, tzinfo=UTC)
) -> Waiver:
    return Waiver(check, on, of, "exchange is ordered", "Han Meimei", expires, Place(FILE, 30))


def attesting(*attestations: Attestation) -> Statements:
    return Statements(attestations=attestations)

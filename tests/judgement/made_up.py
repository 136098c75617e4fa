"""Small judged systems whose items fail, findings beside them, judgements, and what people say of those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from scanner.model import (
    Answer,
    Assessment,
    AssessmentObject,
    Candidate,
    Condition,
    Confidence,
    Finding,
    ItemResult,
    Judgement,
    JudgementStatement,
    Kind,
    MajorStatement,
    MajorTrigger,
    May,
    Place,
    Proof,
    Risk,
    RiskSetting,
    Stand,
    Statements,
)
from tests.statements.made_up import DAY, FILE, ITEM, WORDS, assessed, finding, item, result

NO, YES, UNSEEN, NA = Answer.NO, Answer.YES, Answer.UNSEEN, Answer.NA
KINDS = {
    name: Kind(name, WORDS, "technical", whole)
    for name, whole in (("operating_system", True), ("boundary_device", True), ("database", False))
}
ID = "6.4.1.2"


def failing(answer: Answer = NO, *names: str, of: str = ITEM, level: int = 3) -> ItemResult:
    """An item of one step that was answered alike on objects."""
    one = replace(item(1, id_=of), level=level)
    return result(one, {name: [answer] for name in names or ("web1",)})


def found(*findings: Finding, items: Iterable[ItemResult] = (), system: str = "shop") -> Assessment:
    """A system on whose web1 an item is known to fail, and what else was found."""
    plain = assessed(*(items or (failing(),)), system=system)
    profile = replace(plain.profile, kinds=KINDS)
    return replace(plain, profile=profile, findings=(*plain.findings, *findings))


def with_objects(assessment: Assessment, *more: tuple[str, str, str]) -> Assessment:
    """Add objects, each with its kind and its parent."""
    added = tuple(
        AssessmentObject(id_, kind, "", "", "", (assessment.system.name,), parent)
        for id_, kind, parent in more
    )
    return replace(assessment, objects=(*assessment.objects, *added))


def no(check: str, name: str = "web1") -> Finding:
    return finding(check, name, NO)


def proven(n: int, *checks: str, answer: Answer = NO) -> Condition:
    """A condition that any one of ``checks`` evidences."""
    return Condition(n, WORDS, proofs=tuple(Proof((check,), answer) for check in checks))


def signed(n: int) -> Condition:
    """A condition that a person can confirm."""
    return Condition(n, WORDS, person=True)


def judgement(
    *conditions: Condition,
    id_: str = ID,
    may: May = May.PROPOSE,
    units: Sequence[str] = (ITEM,),
    level: int = 2,
) -> Judgement:
    return Judgement(
        id_, level, "", WORDS, WORDS, None, ("8.1.4.1 a)",), tuple(units), may, "A-24", conditions
    )


def trigger(code: str = "A-24", *judgements: str, combined: bool = False) -> MajorTrigger:
    behind = judgements or (ID,)
    return MajorTrigger(code, WORDS, combined, behind, None, Confidence.MEDIUM, WORDS, ())


def confirming(
    *conditions: int,
    stand: Stand | None = None,
    of: str = ID,
    on: str = "web1",
    by: str = "Li Lei",
    made: date = DAY,
    line: int = 40,
) -> JudgementStatement:
    return JudgementStatement(of, on, conditions, stand, "seen", by, made, Place(FILE, line))


def setting(
    risk: Risk,
    of: str = ITEM,
    on: str = "web1",
    *,
    by: str = "Li Lei",
    made: date = DAY,
    line: int = 50,
) -> RiskSetting:
    return RiskSetting(of, on, risk, "weighed", by, made, Place(FILE, line))


def major(
    code: str = "A-24",
    on: str = "web1",
    *,
    meets: bool = True,
    rectified: bool = False,
    made: date = DAY,
    line: int = 60,
) -> MajorStatement:
    return MajorStatement(code, on, meets, rectified, "weighed", "Li Lei", made, Place(FILE, line))


def saying(assessment: Assessment, *said: JudgementStatement | RiskSetting | MajorStatement) -> Assessment:
    """The system with what people say of it."""
    return replace(
        assessment,
        statements=Statements(
            judgements=tuple(s for s in said if isinstance(s, JudgementStatement)),
            risks=tuple(s for s in said if isinstance(s, RiskSetting)),
            majors=tuple(s for s in said if isinstance(s, MajorStatement)),
        ),
    )


def candidate(stand: Stand, *items: str, on: str = "web1", of: str = ID) -> Candidate:
    return Candidate(of, on, stand, (), items or (ITEM,))


def stands(assessment: Assessment) -> dict[str, Stand]:
    """Stands of the candidates by their objects."""
    return {c.object: c.stand for c in assessment.candidates}


def told(assessment: Assessment) -> list[str]:
    """Notices in English, each behind its line."""
    return [f"{n.place.line}: {n.text.en}" for n in assessment.notices]

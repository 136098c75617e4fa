"""The made-up result with all that people state of it: attested, disputed, compensated, waived, confirmed.

``python -m tests.report.made_up_statements`` writes the golden files anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

from scanner.model import (
    Answer,
    Assessment,
    Attestation,
    Candidate,
    Compensation,
    Condition,
    ConditionState,
    Confidence,
    Exhibit,
    Finding,
    Item,
    ItemResult,
    ItemStep,
    Judgement,
    JudgementStatement,
    Loosening,
    MajorCandidate,
    MajorStatement,
    MajorTrigger,
    May,
    Method,
    Notice,
    ObjectResult,
    Overlay,
    Place,
    Problem,
    Proof,
    Risk,
    RiskSetting,
    Scope,
    Stand,
    Statements,
    StepResult,
    Text,
    Verdict,
    Waiver,
)
from scanner.model.text import Language
from scanner.profile import object_kinds
from scanner.questionnaire import load_roles
from scanner.report.content import Content
from scanner.report.json import render as render_json
from tests.report.made_up import ASSESSMENT, AT, FINDINGS, ITEMS, console, content

GOLDEN = Path(__file__).parent / "golden"
C, P, N, NA = Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM, Verdict.NOT_APPLICABLE
FILE = "statements.yaml"
DAY = date(2026, 2, 27)
EXHIBIT = Exhibit("exhibits/门禁.jpg", "5f" * 32)


def found(check: str, name: str) -> Finding:
    return next(f for f in FINDINGS if (f.check, f.object) == (check, name))


def attestation(item: str, object_: str, line: int, answer: Answer = Answer.YES) -> Attestation:
    said = "看过门，关着 / looked at the door: shut"
    return Attestation(
        item, 1, object_, answer, Method.EXAMINE, said, "王工", DAY, Place(FILE, line), (EXHIBIT,)
    )


SEEN = attestation("L3-PES1-03", "shop", 4)
DISPUTED = attestation("L3-CES1-05", "web1", 9)
EXPIRED = replace(attestation("L3-PES1-03", "shop", 14), expires=AT - timedelta(days=1))
STRAY = attestation("L3-PES1-03", "web9", 19)

MADE_UP_FOR = Compensation(
    "L3-CES1-05", "web1", P, "前面还有一道门 / another door stands before it", "李工", DAY, Place(FILE, 24)
)


def waiver(line: int, check: str, days: int) -> Waiver:
    expires = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=days)
    return Waiver(check, "web1", "", "等更换 / to be replaced", "赵总", expires, Place(FILE, line))


ACTIVE, LATE, IDLE = (
    waiver(30, "door.closed", 30),
    waiver(35, "tunnel.none", -30),
    waiver(40, "watch.kept", 30),
)

RISK = RiskSetting("L3-CES1-05", "web1", Risk.LOW, "内网 / inside", "李工", DAY, Place(FILE, 45))


def _says(line: int, stand: Stand | None, *conditions: int) -> JudgementStatement:
    reason = "见过 / seen"
    return JudgementStatement("6.3.1.1", "shop", conditions, stand, reason, "李工", DAY, Place(FILE, line))


CONFIRMS = _says(50, None, 2)
MAJOR = MajorStatement("A-04", "shop", True, False, "影响面大 / wide", "李工", DAY, Place(FILE, 60))

TRIGGER = MajorTrigger(
    code="A-04",
    title=Text("边界失控", "Boundary out of control"),
    combined=False,
    judgements=("6.3.1.1",),
    scope=Scope.GENERAL,
    confidence=Confidence.MEDIUM_HIGH,
    provenance=Text("据社区转录", "by a community transcription"),
    sources=(Text("转录", "a transcription"),),
)
JUDGEMENT = Judgement(
    id="6.3.1.1",
    min_level=3,
    applies="",
    title=Text("边界失控", "Boundary out of control"),
    problem=Text("隧道绕过边界", "A tunnel goes round the border"),
    lowered_by=Text("隧道受监视", "The tunnel is watched"),
    clauses=("8.1.3.1 a)",),
    units=("L3-ABS1-01",),
    may=May.PROPOSE,
    major="A-04",
    conditions=(
        Condition(1, Text("有隧道", "There is a tunnel"), proofs=(Proof(("tunnel.none",)),)),
        Condition(2, Text("无人知晓", "Nobody knows of it"), person=True),
    ),
)


def _candidate(object_: str, stand: Stand, *statements: JudgementStatement) -> Candidate:
    tunnel = ConditionState(1, (found("tunnel.none", object_),))
    return Candidate("6.3.1.1", object_, stand, (tunnel, ConditionState(2, (), statements)), ("L3-ABS1-01",))


CANDIDATES = (_candidate("shop", Stand.PROPOSED, CONFIRMS), _candidate("web1", Stand.OPEN))
DECIDED = tuple(
    replace(CANDIDATES[0], stand=stand, decision=_says(51, stand, 1))
    for stand in (Stand.CONFIRMED, Stand.LOWERED, Stand.REJECTED)
)


def _item(id_: str, clause: str, klass: tuple[str, str], point: Text, *steps: ItemStep) -> Item:
    return replace(
        ITEMS[0].item,
        id=id_,
        clause=clause,
        klass=klass[0],
        class_zh=klass[1],
        control_point=point,
        themes=(),
        steps=steps,
        mark="G",
        weight="general",
    )


WAITING = _item(
    "L3-CES1-24",
    "8.1.4.5 c)",
    ("CES", "安全计算环境"),
    Text("可信验证", "Trusted verification"),
    ItemStep(1, Text("设备启动时受校验", "Devices verify at boot"), Method.EXAMINE, awaits="devices"),
)
ROOM = _item(
    "L3-PES1-03",
    "8.1.1.2",
    ("PES", "安全物理环境"),
    Text("物理访问控制", "Physical access control"),
    ItemStep(1, Text("入口有门禁", "The entrance has a door system"), Method.EXAMINE),
    ItemStep(
        2,
        Text("门禁记录被查看", "Its records are looked at"),
        Method.INTERVIEW,
        evidence_only=Text("扫描看不到谁看过记录", "No look shows who read the records"),
    ),
)
CLOUD = replace(
    _item(
        "L3-CES2-01", "8.2.4.1", ("CES", "安全计算环境"), Text("身份鉴别", "Identification"), *WAITING.steps
    ),
    scope=Scope.CLOUD,
)

UNSEEN = StepResult(1, Answer.UNSEEN, ())
DOOR, WATCH, TUNNEL = ITEMS
ON_WEB1, ON_WEB2 = DOOR.objects
COMPENSATED = replace(
    DOOR,
    possible=frozenset({P}),
    before=frozenset({P}),
    objects=(
        replace(
            ON_WEB1,
            possible=frozenset({P}),
            before=frozenset({N}),
            compensation=MADE_UP_FOR,
            steps=(replace(ON_WEB1.steps[0], attestations=(DISPUTED,), before=Answer.NO),),
        ),
        ON_WEB2,
    ),
)
RESULTS = (
    ItemResult(
        ROOM,
        frozenset({C, P}),
        (
            ObjectResult(
                "shop",
                frozenset({C, P}),
                (StepResult(1, Answer.YES, (), (SEEN,)), replace(UNSEEN, n=2)),
            ),
        ),
    ),
    TUNNEL,
    COMPENSATED,
    WATCH,
    ItemResult(WAITING, frozenset({C, N}), (ObjectResult("web1", frozenset({C, N}), (UNSEEN,)),)),
    ItemResult(
        CLOUD, frozenset({NA}), (ObjectResult("shop", frozenset({NA}), (), reason="没有租户 / no tenants"),)
    ),
)
OVERLAY = Overlay(
    name="shops",
    title=Text("商铺规定", "Rules of shops"),
    digest="0c" * 32,
    loosened=(
        Loosening(
            level=3,
            check="door.closed",
            before="10",
            after="30",
            reason=Text("顾客进出", "customers come and go"),
            parameter="open_seconds",
        ),
    ),
)
STATED = replace(
    ASSESSMENT,
    profile=replace(
        ASSESSMENT.profile,
        overlays=(OVERLAY,),
        capabilities={"devices": Text("网络与安全设备", "network and security devices")},
    ),
    system=replace(ASSESSMENT.system, uses=(Scope.CLOUD,)),
    objects=tuple(replace(o, sampled=o.id in {"web1", "web3"}) for o in ASSESSMENT.objects),
    items=RESULTS,
    statements=Statements(
        attestations=(SEEN, DISPUTED, EXPIRED, STRAY),
        compensations=(MADE_UP_FOR,),
        waivers=(ACTIVE, LATE, IDLE),
        risks=(RISK,),
        judgements=(CONFIRMS,),
        majors=(MAJOR,),
        files=(Exhibit(FILE, "ab" * 32),),
    ),
    candidates=CANDIDATES,
    majors=(MajorCandidate("A-04", "shop", ("6.3.1.1",), MAJOR),),
    problems=(
        Problem("L3-ABS1-01", "shop", Risk.HIGH, None),
        Problem("L3-CES1-05", "web1", Risk.MEDIUM, RISK),
    ),
    waived={found("door.closed", "web1").id: ACTIVE},
    notices=(
        Notice(Text("第 14 行的证明已过期", "the attestation of line 14 has expired"), Place(FILE, 14)),
        Notice(Text("没有对象 web9", "there is no object web9"), Place(FILE, 19)),
    ),
)


def stated(*assessments: Assessment) -> Content:
    """The run's results with everything that a report may show."""
    return replace(
        content(*(assessments or (STATED,))),
        judgements={JUDGEMENT.id: JUDGEMENT},
        triggers={TRIGGER.code: TRIGGER},
        roles=load_roles(object_kinds()),
    )


def golden() -> dict[str, str]:
    """Golden files by name."""
    files = {f"console.{language}.txt": console(stated(), language) for language in get_args(Language)}
    return {**files, "report.json": render_json(stated())}


if __name__ == "__main__":
    for name, text in golden().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")

"""A small made-up result, judged by checks alone."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console

from scanner.checks.check import Check
from scanner.facts import HostIdentity, PortState
from scanner.model import (
    Answer,
    Assessment,
    AssessmentObject,
    Binding,
    Citation,
    Finding,
    Gap,
    GapReason,
    Grade,
    Item,
    ItemResult,
    ItemStep,
    Method,
    ObjectResult,
    Outcome,
    Profile,
    Risk,
    Settles,
    StepResult,
    System,
    Text,
    Vantage,
    Verdict,
)
from scanner.profile import packaged
from scanner.report.console import render as render_console
from scanner.report.content import Content
from scanner.score import score_assessment
from scanner.score.template_file import load_templates
from tests.derive.wire_facts import BROKEN, dark, port, ports, service, services, sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.model.text import Language

WIDTH = 80
AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

C, P, N = Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM


def _never(*_: object) -> Outcome:
    raise AssertionError


def _check(name: str, question: Text, risk: Risk, remedy: Text) -> Check:
    return Check(name, question, (HostIdentity,), _never, risk, remedy)


CHECKS = {
    check.id: check
    for check in (
        _check(
            "door.closed",
            Text("门是否关着？", "Is the door closed?"),
            Risk.MEDIUM,
            Text("把门关上。", "Close the door."),
        ),
        _check(
            "tunnel.none",
            Text("是否没有隧道？", "Is there no tunnel?"),
            Risk.HIGH,
            Text("填上隧道。", "Fill the tunnel in."),
        ),
        _check(
            "watch.kept",
            Text("是否有人值守？", "Is a watch kept?"),
            Risk.LOW,
            Text("派人值守。", "Keep a watch."),
        ),
    )
}

REFUSED = Gap(GapReason.PERMISSION, "watch", "", "watch: permission denied", "root, or sudo: watch -l")
DOWN = Gap(GapReason.UNREACHABLE, "", "", "10.0.0.13 port 22: no route to host")


def cite(capture: str, line: int, excerpt: str = "") -> Citation:
    return Citation(capture, line, excerpt)


DUG = cite("web1/processes", 14, "root  812  digger --deep"), cite("web1/processes", 15, "root  813  digger")
AJAR = (cite("web1/doors:/etc/doors", 3, "front: ajar"), *(cite(f"web1/d{n}", 0) for n in range(5)))

FINDINGS = (
    Finding(
        "door.closed", "web1", "", Answer.NO, Text("门虚掩着", "the door is ajar"), AJAR, None, Risk.MEDIUM
    ),
    Finding(
        "door.closed",
        "web2",
        "",
        Answer.YES,
        Text("门关着", "the door is closed"),
        (cite("web2/doors:/etc/doors", 1, "front: shut"),),
        None,
        Risk.MEDIUM,
    ),
    Finding("tunnel.none", "shop", "", Answer.NO, Text("有隧道", "a tunnel is there"), DUG, None, Risk.HIGH),
    Finding("tunnel.none", "web1", "", Answer.NO, Text("有隧道", "a tunnel is there"), DUG, None, Risk.HIGH),
    Finding("watch.kept", "web2", "", Answer.UNSEEN, Text("未见", "not seen"), (), REFUSED, Risk.LOW),
)


def _item(id_: str, clause: str, themes: tuple[str, ...], check: str) -> Item:
    return Item(
        id=id_,
        level=3,
        clause=clause,
        klass="CES",
        class_zh="安全计算环境",
        control_point=Text("访问控制", "Access control"),
        mark="S",
        summary=Text("甲", "a"),
        kinds=("operating_system",),
        themes=themes,
        steps=(ItemStep(1, Text("甲", "a"), Method.EXAMINE, (Binding(check, Settles.BOTH),)),),
        decision="all",
        partial=True,
        optional=False,
        side="technical",
        weight="important",
    )


def _on(name: str, answer: Answer, possible: Iterable[Verdict], check: str) -> ObjectResult:
    found = tuple(f for f in FINDINGS if f.object == name and f.check == check)
    return ObjectResult(name, frozenset(possible), (StepResult(1, answer, found),))


ITEMS = (
    ItemResult(
        _item("L3-CES1-05", "8.1.4.2 a)", ("firewall",), "door.closed"),
        frozenset({P}),
        (_on("web1", Answer.NO, {N}, "door.closed"), _on("web2", Answer.YES, {C}, "door.closed")),
    ),
    ItemResult(
        _item("L3-CES1-12", "8.1.4.3 a)", ("audit",), "watch.kept"),
        frozenset({C, P, N}),
        (_on("web1", Answer.UNSEEN, {C, N}, "watch.kept"), _on("web2", Answer.UNSEEN, {C, N}, "watch.kept")),
    ),
    ItemResult(
        _item("L3-ABS1-01", "8.1.3.1 a)", ("tunnels",), "tunnel.none"),
        frozenset({P, N}),
        (_on("shop", Answer.NO, {P, N}, "tunnel.none"),),
    ),
)


def _host(name: str, address: str) -> AssessmentObject:
    return AssessmentObject(name, "operating_system", "linux", "dmz", address, ("shop",))


ASSESSMENT = Assessment(
    system=System("shop", "网上商城", Grade(3, 3)),
    profile=Profile(3, Text("第三级", "Level 3"), tuple(i.item for i in ITEMS), {}, "0" * 64),
    objects=(
        *(_host(f"web{n}", f"10.0.0.1{n}") for n in (1, 2, 3)),
        AssessmentObject("shop", "system", "", "", "", ("shop",)),
    ),
    items=ITEMS,
    findings=FINDINGS,
    gaps={
        "web1": (),
        "web2": (
            REFUSED,
            Gap(GapReason.PERMISSION, "doors", "/etc/doors.d/*", "ls: permission denied", "root"),
            Gap(GapReason.PERMISSION, "shadow", "/etc/shadow", "ls: permission denied", "root"),
            Gap(
                GapReason.BUG, "identity", "", "Traceback (most recent call last):\n  File x\nKeyError: 'id'"
            ),
        ),
        "web3": tuple(replace(DOWN, step=step) for step in ("doors", "identity", "processes", "watch")),
    },
    at=AT,
)


def content(*assessments: Assessment) -> Content:
    """A run's results with their scores."""
    chosen = assessments or (ASSESSMENT,)
    templates = load_templates(packaged())
    return Content(
        tool="0.1.0",
        run="00000000-0000-4000-8000-000000000001",
        started=datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        finished=AT,
        assessments=chosen,
        scores={a.system.name: score_assessment(a, templates) for a in chosen},
        checks=CHECKS,
        sheets={
            "web1@inside": sheet(
                "web1@inside",
                ports(port(22), port(443), port(9999), port(80, PortState.CLOSED)),
                services(service(22, "ssh", cleartext=False), service(443, "tls", cleartext=False)),
            ),
            "web2@inside": sheet("web2@inside", ports(port(80, PortState.CLOSED))),
            "web3@inside": dark("web3@inside"),
            "web1@outside": dark("web1@outside"),
            "web2@outside": dark("web2@outside", BROKEN),
        },
        vantages=(Vantage("inside", "mgmt", "P2"), Vantage("outside", "", "P1")),
    )


def console(shown: Content, language: Language, width: int = WIDTH) -> str:
    """The report at a terminal of ``width`` without colours."""
    text = io.StringIO()
    Console(file=text, width=width, color_system=None).print(render_console(shown, language))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().split("\n")[:-1])

"""What became of every statement, as programs read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from scanner.model import (
    Answer,
    Assessment,
    Binding,
    Gap,
    GapReason,
    ItemStep,
    Method,
    Settles,
    Stand,
    StepResult,
    Text,
)
from scanner.report.answering import Answerer, Awaited, answerer, answerers, awaited
from scanner.report.json import document
from tests.report.made_up import ASSESSMENT, FINDINGS
from tests.report.made_up_statements import (
    CANDIDATES,
    DECIDED,
    MADE_UP_FOR,
    STATED,
    found,
    stated,
)


def report(**changed: Any) -> dict[str, Any]:
    return document(stated(replace(STATED, **changed)))


def test_attestations_by_what_became_of_them() -> None:
    said = report()
    assert [a["state"] for a in said["attestations"]] == ["active", "disputed", "expired", "unmatched"]
    steps = {(i["id"], o["object"]): o["steps"] for i in said["items"] for o in i["objects"]}
    room, door = steps["L3-PES1-03", "shop"], steps["L3-CES1-05", "web1"]
    assert [(s["attested"], s["attestations"]) for s in room] == [(True, [0]), (False, [])]
    assert (door[0]["answer"], door[0]["attested"], door[0]["disputed"]) == ("no", False, True)
    assert door[0]["attestations"] == [1]


def test_an_attestation_of_tomorrow_is_no_stray() -> None:
    assert STATED.statements is not None
    *known, stray = STATED.statements.attestations
    late = replace(stray, made=date(2026, 3, 3))
    said = report(statements=replace(STATED.statements, attestations=(*known, late)))
    assert said["attestations"][-1]["state"] == "early"


def test_both_results_of_what_is_compensated() -> None:
    said = report()
    door = next(i for i in said["items"] if i["id"] == "L3-CES1-05")
    assert (door["possible"], door["before"]) == (["partial"], ["partial"])
    web1, web2 = door["objects"]
    assert (web1["possible"], web1["before"]) == (["partial"], ["nonconform"])
    assert web1["compensation"]["reason"] == MADE_UP_FOR.reason
    assert (web2["before"], web2["compensation"]) == (None, None)
    assert [c["state"] for c in said["compensations"]] == ["active"]
    room, tunnel, door, *_ = STATED.items
    assert [c["state"] for c in report(items=(room, tunnel))["compensations"]] == ["unmatched"]
    found_so = replace(door, objects=tuple(replace(o, compensation=None) for o in door.objects))
    assert [c["state"] for c in report(items=(room, tunnel, found_so))["compensations"]] == ["idle"]


def test_numbers_with_compensations_and_without_of_the_sample_and_of_all() -> None:
    scores = report()["scores"]
    assert scores["2025"]["half"]["high"] == scores["posture"]["2025"]["half"]["high"] == 80.0
    plain = document(stated(ASSESSMENT))["scores"]
    assert (plain["posture"], plain["before"]) == (None, None)


def test_a_waiver_silences_and_hides_nothing() -> None:
    said = report()
    assert [(w["state"], len(w["findings"])) for w in said["waivers"]] == [
        ("active", 1),
        ("expired", 0),
        ("unmatched", 0),
    ]
    silenced = [f for f in said["findings"] if f["waived"]]
    assert [(f["check"], f["answer"]) for f in silenced] == [("door.closed", "no")]


def test_a_waiver_ends_at_its_time() -> None:
    at = STATED.at
    assert STATED.statements is not None
    for shift, state in ((-1, "expired"), (0, "expired"), (1, "active")):
        moved = replace(STATED.statements.waivers[0], expires=at + timedelta(seconds=shift))
        waived: dict[str, Any] = dict.fromkeys(STATED.waived, moved) if state == "active" else {}
        said = report(statements=replace(STATED.statements, waivers=(moved,)), waived=waived)
        assert [w["state"] for w in said["waivers"]] == [state]


@pytest.mark.parametrize(
    ("stand", "high"),
    [
        (Stand.OPEN, False),
        (Stand.PROPOSED, True),
        (Stand.CONFIRMED, True),
        (Stand.LOWERED, False),
        (Stand.REJECTED, False),
    ],
)
def test_findings_that_speak_for_a_high_risk(stand: Stand, high: bool) -> None:
    candidate = next(c for c in (*DECIDED, *CANDIDATES) if c.stand is stand)
    said = report(candidates=(candidate,))
    tunnel = found("tunnel.none", candidate.object)
    expected = {f.id: (["6.3.1.1"] if high and f is tunnel else []) for f in FINDINGS}
    assert {f["id"]: f["high_risk_candidates"] for f in said["findings"]} == expected


def test_a_major_danger_is_a_candidate_by_a_judgement_and_met_by_a_person() -> None:
    (first,) = STATED.majors
    majors = (
        first,
        replace(first, object="web1", statement=None),
        replace(first, code="A-05", judgements=()),
    )
    said = report(majors=majors)
    assert said["scores"]["2025"]["major_candidates"] == ["A-04"]
    assert [(m["code"], m["object"], m["statement"] is None) for m in said["majors"]] == [
        ("A-04", "shop", False),
        ("A-04", "web1", True),
        ("A-05", "shop", False),
    ]
    assert [m["title"] is None for m in said["majors"]] == [False, False, True]


def test_a_judgement_that_is_not_at_hand_is_named_all_the_same() -> None:
    bare = replace(stated(), judgements={})
    first = document(bare)["candidates"][0]
    assert (first["judgement"], first["title"]) == ("6.3.1.1", None)
    assert first["conditions"][0]["text"] is None


def test_several_systems_share_their_statements() -> None:
    other: Assessment = replace(STATED, system=replace(STATED.system, name="bank"), items=STATED.items[:1])
    said = document(stated(STATED, other))
    assert [a["state"] for a in said["attestations"]] == ["active", "disputed", "expired", "unmatched"]
    assert len(said["waivers"]) == 3
    assert len(said["candidates"]) == 2 * len(CANDIDATES)


BOTH, ONLY_NO = Binding("tunnel.none", Settles.BOTH), Binding("door.closed", Settles.NO)
OTHER = Binding("watch.kept", Settles.BOTH)
BLIND = Gap(GapReason.PERMISSION)


def step(*bindings: Binding, awaits: str = "") -> ItemStep:
    return ItemStep(1, Text("甲", "a"), Method.EXAMINE, bindings, awaits=awaits)


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        (step(BOTH), Answerer.SCAN),
        (step(ONLY_NO, BOTH, awaits="devices"), Answerer.SCAN),
        (step(ONLY_NO, awaits="devices"), Answerer.CONDEMNS),
        (step(awaits="devices"), Answerer.AWAITS),
        (step(), Answerer.PERSON),
    ],
)
def test_who_answers(asked: ItemStep, who: Answerer) -> None:
    assert answerer(asked) is who
    item = replace(STATED.items[0].item, steps=(asked,))
    assert {w for w, count in answerers([item, item]).items() if count == 2} == {who}


@pytest.mark.parametrize(
    ("asked", "answer", "said", "waits"),
    [
        (step(BOTH), Answer.YES, {"tunnel.none": Answer.YES}, None),
        (step(), Answer.NO, {}, None),
        (step(), Answer.NA, {}, None),
        (step(), Answer.UNSEEN, {}, Awaited.PERSON),
        (step(awaits="devices"), Answer.UNSEEN, {}, Awaited.PERSON),
        (step(BOTH), Answer.UNSEEN, {"tunnel.none": Answer.UNSEEN}, Awaited.LOOK),
        (step(BOTH, ONLY_NO), Answer.UNSEEN, {"tunnel.none": Answer.UNSEEN}, Awaited.LOOK),
        (step(BOTH, OTHER), Answer.UNSEEN, {"tunnel.none": Answer.UNSEEN}, Awaited.PERSON),
        (step(ONLY_NO), Answer.UNSEEN, {"door.closed": Answer.UNSEEN}, Awaited.PERSON),
        (step(ONLY_NO), Answer.UNSEEN, {"door.closed": Answer.YES}, Awaited.PERSON),
    ],
)
def test_what_an_unanswered_step_waits_for(
    asked: ItemStep, answer: Answer, said: dict[str, Answer], waits: Awaited | None
) -> None:
    findings = tuple(
        replace(FINDINGS[0], check=check, answer=given, gap=BLIND) for check, given in said.items()
    )
    assert awaited(asked, StepResult(1, answer, findings)) is waits

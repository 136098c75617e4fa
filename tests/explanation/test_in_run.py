"""What a run shows of an item, a check, a judgement: whole, grouped, the worst first, and harmless."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from rich.console import Console, Group

from scanner.model import (
    Answer,
    Assessment,
    Candidate,
    Citation,
    ConditionState,
    Finding,
    Gap,
    GapReason,
    ItemResult,
    Judgement,
    May,
    ObjectResult,
    Risk,
    Stand,
    StepResult,
    System,
    Text,
    Verdict,
)
from scanner.model.text import Language
from scanner.report.explanation.console.in_run import check_in_run, item_in_run, judgement_in_run
from scanner.report.explanation.in_run import Judgings, alike
from scanner.report.explanation.knowledge import Knowledge
from tests.report.made_up import ASSESSMENT, AT, CHECKS, FINDINGS, ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

KNOWN = Knowledge.of({3: ASSESSMENT.profile}, CHECKS, (), (), {})
DOOR, WATCH, TUNNEL = (result.item for result in ITEMS)
JUDGED = Judgings("today.run", AT, (ASSESSMENT,))
JUDGEMENT = Judgement("6.1.2.3", 2, "", Text("甲", "a"), Text("乙", "b"), None, (), (), May.PROPOSE, "", ())


def shown(parts: Iterable[RenderableType]) -> str:
    text = io.StringIO()
    Console(file=text, width=100, color_system=None).print(Group(*parts))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def test_an_item_with_its_objects_the_worst_first() -> None:
    assert (
        shown(item_in_run(DOOR, JUDGED, KNOWN, "en"))
        == """
What today.run shows, judged at 2026-03-02T01:30:00+00:00
  shop · S3A3  partial
    web1  nonconform
      1 no
        door.closed  no  the door is ajar
          web1/doors:/etc/doors:3  front: ajar
          web1/d0
          web1/d1
          and 3 more
    web2  conform
      1 yes
        door.closed  yes  the door is closed
          web2/doors:/etc/doors:1  front: shut"""
    )


def test_what_is_unseen_says_for_whom_it_waits() -> None:
    out = shown(item_in_run(WATCH, JUDGED, KNOWN, "en"))
    assert "shop · S3A3  still possible: conform / partial / nonconform" in out
    assert "    web1  still possible: conform / nonconform\n      1 unseen  waits for a person" in out
    assert "      1 unseen  waits for another look\n        watch.kept  unseen  not seen" in out
    assert "needs: root, or sudo: watch -l" in out


def test_a_system_that_is_not_judged_by_an_item_says_so() -> None:
    other = replace(ASSESSMENT, items=ITEMS[1:])
    assert "is not judged by it" in shown(
        item_in_run(DOOR, replace(JUDGED, assessments=(other,)), KNOWN, "en")
    )


def test_objects_that_are_answered_alike_stand_together() -> None:
    first = ITEMS[0].objects[0]
    many = [replace(first, object=f"web{n:02}") for n in range(40)]
    result = replace(ITEMS[0], objects=(*many, ITEMS[0].objects[1]))
    assert [len(group) for group in alike(result)] == [40, 1]
    judged = replace(JUDGED, assessments=(replace(ASSESSMENT, items=(result,)),))
    out = shown(item_in_run(DOOR, judged, KNOWN, "en"))
    assert out.count("the door is ajar") == 1
    assert "web00, web01, web02" in out


def test_a_check_with_every_finding_the_worst_first() -> None:
    out = shown(check_in_run(CHECKS["door.closed"], JUDGED, "en"))
    assert out.index("web1  no  the door is ajar") < out.index("web2  yes  the door is closed")
    assert "It was asked of no object." in shown(
        check_in_run(replace(CHECKS["door.closed"], id="door.locked"), JUDGED, "en")
    )
    many = tuple(replace(FINDINGS[0], object=f"web{n}") for n in range(30))
    judged = replace(JUDGED, assessments=(replace(ASSESSMENT, findings=many),))
    assert "and 18 more" in shown(check_in_run(CHECKS["door.closed"], judged, "en"))


def test_a_judgement_with_what_is_evidenced_and_what_is_not() -> None:
    states = (ConditionState(1, (FINDINGS[0],)), ConditionState(2))
    candidate = Candidate("6.1.2.3", "web1", Stand.OPEN, states, ("L3-CES1-05",))
    other = replace(candidate, judgement="6.1.2.4", object="web2")
    judged = replace(JUDGED, assessments=(replace(ASSESSMENT, candidates=(candidate, other)),))
    out = shown(judgement_in_run(JUDGEMENT, judged, "en"))
    assert "    web1  open · conditions evidenced: 1 · not: 2" in out
    assert "web2" not in out
    assert "No object has evidence of any of its conditions." in shown(
        judgement_in_run(JUDGEMENT, JUDGED, "en")
    )


EVIL = "x\x1b[31m\x9b2J\u202eTERCES\u2066\u200b\r\n[high] forged\x07"


def hostile() -> Assessment:
    """Every text that may come from a host or an inventory, and some that may not, hold what acts."""
    said = Text(EVIL, EVIL)
    gap = Gap(GapReason.PERMISSION, EVIL, EVIL, EVIL, EVIL)
    cited = (Citation(EVIL, 1, EVIL), Citation(EVIL, 0, ""))
    no = Finding("door.closed", EVIL, EVIL, Answer.NO, said, cited, None, Risk.HIGH)
    unseen = replace(no, answer=Answer.UNSEEN, citations=(), gap=gap)
    objects = tuple(
        ObjectResult(
            f"{EVIL}{n}", frozenset({Verdict.NONCONFORM}), (StepResult(1, f.answer, (f,)),), reason=EVIL
        )
        for n, f in enumerate((no, unseen))
    )
    states = (ConditionState(1, (no,)),)
    return replace(
        ASSESSMENT,
        system=System(EVIL, EVIL, ASSESSMENT.system.grade),
        items=(ItemResult(DOOR, frozenset({Verdict.NONCONFORM}), objects),),
        findings=(no, unseen),
        candidates=(Candidate("6.1.2.3", EVIL, Stand.OPEN, states, (EVIL,)),),
    )


@pytest.mark.parametrize("language", get_args(Language))
def test_nothing_acts_on_the_terminal(language: Language) -> None:
    judged = Judgings(EVIL, AT, (hostile(),))
    for parts in (
        item_in_run(DOOR, judged, KNOWN, language),
        check_in_run(CHECKS["door.closed"], judged, language),
        judgement_in_run(JUDGEMENT, judged, language),
    ):
        out = shown(parts)
        assert "TERCES" in out
        assert not [c for c in out if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c != "\n"]
        assert not [line for line in out.splitlines() if line.lstrip().startswith("[high]")]

"""Triggers of major dangers: material for a person, never a decision."""

from dataclasses import replace
from datetime import date

import pytest

from scanner.judgement import analyse, gather_all, majors
from scanner.model import MajorCandidate, MajorStatement, Risk, Stand
from tests.judgement.made_up import (
    ID,
    candidate,
    failing,
    found,
    judgement,
    major,
    no,
    proven,
    saying,
    setting,
    told,
    trigger,
)
from tests.statements.made_up import AT, NO

TOMORROW = date(2026, 3, 3)
TRIGGERS = [trigger(), trigger("A-27", ID, "9.9.9.9", combined=True), trigger("A-25", "6.4.5.2")]


@pytest.mark.parametrize(
    ("stand", "codes"),
    [
        (Stand.OPEN, []),
        (Stand.PROPOSED, ["A-24"]),
        (Stand.CONFIRMED, ["A-24"]),
        (Stand.LOWERED, []),
        (Stand.REJECTED, []),
    ],
)
def test_a_judgement_that_speaks_for_high_brings_the_trigger_that_stands_for_it(
    stand: Stand, codes: list[str]
) -> None:
    own = replace(found(), candidates=(candidate(stand),))
    assert majors(own, TRIGGERS, AT) == tuple(MajorCandidate(code, "web1", (ID,)) for code in codes)


def test_a_person_is_heard_with_and_without_a_judgement() -> None:
    own = replace(found(), candidates=(candidate(Stand.PROPOSED),))
    said = (
        major(meets=False),
        major("A-25", "web2", rectified=True),
        major(on="shop"),
        major("A-27"),
        major("A-27", "shop"),
    )
    (after,) = gather_all([saying(own, *said)], TRIGGERS, AT)
    assert after.majors == (
        MajorCandidate("A-24", "shop", (), said[2]),
        MajorCandidate("A-24", "web1", (ID,), said[0]),
        MajorCandidate("A-27", "shop", (), said[4]),
        MajorCandidate("A-27", "web1", (ID,), said[3]),
        MajorCandidate("A-25", "web2", (), said[1]),
    )
    assert told(after) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (major("A-99"), "matches nothing: there is no such trigger"),
        (major(on="web9"), "matches nothing: no object is called web9"),
        (major(made=TOMORROW), "was made on 2026-03-03, after the time of judgement"),
    ],
)
def test_what_is_said_of_nothing_or_too_early_is_told(said: MajorStatement, words: str) -> None:
    (after,) = gather_all([saying(found(), said)], TRIGGERS, AT)
    assert after.majors == ()
    (line,) = told(after)
    assert line.startswith("60: The statement on trigger ")
    assert words in line


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (major(meets=True), major(meets=False, line=61), "states does not meet"),
        (major(meets=True, rectified=True), major(meets=False, line=61), "states does not meet"),
        (major(meets=True), major(meets=True, rectified=True, line=61), "states meets, rectified"),
    ],
)
def test_the_stricter_statement_counts(one: MajorStatement, other: MajorStatement, words: str) -> None:
    for order in ((one, other), (other, one)):
        (after,) = gather_all([saying(found(), *order)], TRIGGERS, AT)
        assert [m.statement for m in after.majors] == [one]
        (line,) = told(after)
        assert line.startswith("61: ")
        assert words in line


def test_a_statement_for_one_of_two_systems_is_not_lost() -> None:
    one = saying(found(items=[failing(NO, "bank")]), major(on="bank"))
    other = replace(found(system="bank"), statements=one.statements)
    after = gather_all([one, other], TRIGGERS, AT)
    assert [len(a.majors) for a in after] == [0, 1]
    assert [told(a) for a in after] == [[], []]


def test_the_whole_analysis() -> None:
    own = saying(found(no("a.one")), setting(Risk.MEDIUM), major())
    (after,) = analyse([own], [judgement(proven(1, "a.one"))], TRIGGERS, AT)
    assert [c.stand for c in after.candidates] == [Stand.PROPOSED]
    assert [(m.code, m.statement) for m in after.majors] == [("A-24", major())]
    assert [(p.proposed, p.setting) for p in after.problems] == [(Risk.HIGH, setting(Risk.MEDIUM))]

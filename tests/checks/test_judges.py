"""Every check: a yes, a no and an unseen case, each with its evidence."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass

import pytest

from scanner.checks import ALL, Check
from scanner.facts import DERIVED, OBSERVED
from scanner.model import Answer, Gap, GapReason
from tests.checks import (
    access_cases,
    boundary_cases,
    daemon_cases,
    defence_cases,
    empty_login_cases,
    filter_cases,
    host_cases,
    instance_cases,
    job_cases,
    kernel_cases,
    login_cases,
    reached_cases,
    service_log_cases,
    storage_cases,
    upkeep_cases,
    vulnerability_cases,
    wire_cases,
)
from tests.checks.build import CHECKS, LEVEL_3, Case, ask, listeners, socket

CASES = (
    *login_cases.CASES,
    *access_cases.CASES,
    *boundary_cases.CASES,
    *reached_cases.CASES,
    *empty_login_cases.CASES,
    *host_cases.CASES,
    *filter_cases.CASES,
    *defence_cases.CASES,
    *instance_cases.CASES,
    *service_log_cases.CASES,
    *job_cases.CASES,
    *kernel_cases.CASES,
    *storage_cases.CASES,
    *upkeep_cases.CASES,
    *daemon_cases.CASES,
    *vulnerability_cases.CASES,
    *wire_cases.CASES,
)
IDS = [check.id for check in ALL]
ENGLISH = re.compile(r"[a-z']{2,}(?: [a-z']{2,}){2,}")
QUOTED = {"msg contains 'x'", "conf is not read", "files against the wire"}
"""What facts say in their own words; sentences of answers are Chinese throughout."""


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.check}: {c.name}")
def test_answer_is_what_the_situation_deserves(case: Case) -> None:
    outcome = ask(case.check, *case.facts)
    assert outcome.answer == case.answer, outcome.message.en
    assert "{" not in outcome.message.en + outcome.message.zh, "an unfilled place"
    assert outcome.message.en != outcome.message.zh
    assert set(ENGLISH.findall(outcome.message.zh)) <= QUOTED, outcome.message.zh
    if outcome.gap is not None:
        assert outcome.gap.reason in GapReason


@pytest.mark.parametrize("check", IDS)
@pytest.mark.parametrize("answer", [Answer.YES, Answer.NO, Answer.UNSEEN])
def test_every_check_has_a_case_of_each_answer(check: str, answer: Answer) -> None:
    assert any(c.check == check and c.answer == answer for c in CASES), f"write a case: {check} {answer}"


def test_every_case_is_of_a_check() -> None:
    assert {case.check for case in CASES} == set(CHECKS)


def test_ids_are_unique_and_name_topic_and_question() -> None:
    assert len(set(IDS)) == len(IDS)
    for id_ in IDS:
        assert re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*", id_)


@pytest.mark.parametrize("check", ALL, ids=IDS)
def test_texts_are_there_in_both_languages(check: Check) -> None:
    for text in (check.question, check.remedy):
        assert text.zh.strip()
        assert text.en.strip()
        assert text.zh != text.en
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
    assert check.question.en.endswith("?")
    assert check.question.zh.endswith("？")


def test_no_two_checks_share_a_text() -> None:
    for texts in ([c.question for c in ALL], [c.remedy for c in ALL]):
        assert len({t.zh for t in texts}) == len({t.en for t in texts}) == len(ALL)


@pytest.mark.parametrize("check", ALL, ids=IDS)
def test_parameters_are_frozen_and_have_no_defaults(check: Check) -> None:
    assert is_dataclass(check.parameters)
    assert check.parameters.__dataclass_params__.frozen  # type: ignore[attr-defined]
    for field in fields(check.parameters):
        with pytest.raises(TypeError):
            check.parameters()
        assert field.type in {"int", int, "tuple[int, ...]"}, "thresholds are whole numbers with a unit"
    assert (check.id in LEVEL_3) == bool(fields(check.parameters))


@pytest.mark.parametrize("check", ALL, ids=IDS)
def test_needs_are_facts_that_somebody_provides(check: Check) -> None:
    assert check.needs or check.also
    assert {*check.needs, *check.also} <= {*OBSERVED, *DERIVED}
    assert not set(check.needs) & set(check.also)


@pytest.mark.parametrize("check", ALL, ids=IDS)
@pytest.mark.parametrize("reason", list(GapReason))
def test_additional_facts_that_are_gaps_never_raise(check: Check, reason: GapReason) -> None:
    gaps = dict.fromkeys(check.also, Gap(reason, "step"))
    for case in CASES:
        if case.check == check.id:
            lean = ask(check.id, *(f for f in case.facts if type(f) in check.needs), gaps=gaps)
            full = ask(check.id, *case.facts)
            turned = lean.answer is Answer.YES and full.answer is not Answer.YES
            assert not turned, f"{case.name}: seeing less turned {full.answer} into a yes"


def test_an_owner_that_more_rights_would_show_is_a_matter_of_permission() -> None:
    hidden = ask("service.management-encrypted", host_cases.BLIND).gap
    assert hidden is not None
    assert (hidden.reason, hidden.needs[:4]) == (GapReason.PERMISSION, "root")
    kernel = ask("service.management-encrypted", listeners(socket("udp 0.0.0.0 51820"))).gap
    assert kernel is not None
    assert kernel.reason is GapReason.NOT_COLLECTED
    interpreter = listeners(socket("tcp 0.0.0.0 9000", "python3"), visible=False)
    named = ask("service.management-encrypted", interpreter).gap
    assert named is not None
    assert named.reason is GapReason.NOT_COLLECTED

"""The shipped judgements: each is proposed with all of its conditions evidenced, and never without."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from scanner.checks import ALL
from scanner.judgement import analyse, weigh
from scanner.judgement.file import load_judgements, load_triggers
from scanner.model import Assessment, Condition, Finding, Judgement, May, Proof, Risk, Stand
from scanner.profile import packaged
from tests.judgement.made_up import confirming, failing, found, saying
from tests.statements.made_up import AT, NO, UNSEEN, YES, finding

CHECKS = [check.id for check in ALL]
SOURCES = packaged()
JUDGEMENTS = load_judgements(SOURCES, CHECKS, ())
TRIGGERS = load_triggers(SOURCES)
PROPOSABLE = [j for j in JUDGEMENTS if j.may is May.PROPOSE]
STAND_IN = "a.check-to-come"


def open_to_evidence(condition: Condition) -> bool:
    return condition.person or bool(condition.proofs)


def as_if(judgement: Judgement) -> Judgement:
    """The judgement as it will be once a check proves each condition that nothing evidences yet."""
    conditions = tuple(
        c if open_to_evidence(c) else replace(c, proofs=(Proof((f"{STAND_IN}-{c.n}",)),))
        for c in judgement.conditions
    )
    return replace(judgement, conditions=conditions)


def evidence(judgement: Judgement, without: Collection[int] = ()) -> Assessment:
    """A system on whose web1 the first unit fails; all conditions but some are evidenced."""
    unit = judgement.units[0]
    findings: dict[str, Finding] = {}
    for condition in judgement.conditions:
        for proof in condition.proofs:
            for check in proof.checks:
                answer = UNSEEN if condition.n in without else proof.answer
                if findings.get(check, finding(check, "web1", NO)).answer is not UNSEEN:
                    findings[check] = finding(check, "web1", answer)
    said = [confirming(c.n, of=judgement.id) for c in judgement.conditions if c.person and c.n not in without]
    items = [failing(NO, of=unit, level=int(unit[1]))]
    return saying(found(*findings.values(), items=items), *said)


@pytest.mark.parametrize("judgement", PROPOSABLE, ids=lambda j: j.id)
def test_proposed_with_every_condition_evidenced(judgement: Judgement) -> None:
    (c,) = weigh(evidence(as_if(judgement)), [as_if(judgement)], AT).candidates
    assert (c.stand, c.items) == (Stand.PROPOSED, (judgement.units[0],))


@pytest.mark.parametrize(
    ("judgement", "missing"),
    [pytest.param(j, c.n, id=f"{j.id}-{c.n}") for j in PROPOSABLE for c in j.conditions],
)
def test_not_proposed_without_any_one_condition(judgement: Judgement, missing: int) -> None:
    found_ = weigh(evidence(as_if(judgement), {missing}), [as_if(judgement)], AT).candidates
    assert {c.stand for c in found_} <= {Stand.OPEN}


@pytest.mark.parametrize("judgement", PROPOSABLE, ids=lambda j: j.id)
def test_as_shipped_it_is_proposed_only_if_every_condition_is_open_to_evidence(judgement: Judgement) -> None:
    whole = all(map(open_to_evidence, judgement.conditions))
    stands = {c.stand for c in weigh(evidence(judgement), [judgement], AT).candidates}
    assert stands <= {Stand.PROPOSED if whole else Stand.OPEN}
    assert bool(stands) is any(map(open_to_evidence, judgement.conditions))


@pytest.mark.parametrize("judgement", [j for j in JUDGEMENTS if j.may is not May.PROPOSE], ids=lambda j: j.id)
def test_what_a_scan_may_not_propose_stays_open_at_most(judgement: Judgement) -> None:
    stands = {c.stand for c in weigh(evidence(judgement), JUDGEMENTS, AT).candidates}
    assert stands <= ({Stand.OPEN} if judgement.may is May.COLLECT else set())


def test_noes_and_yeses_of_all_checks_without_a_person_propose_nothing_unlisted() -> None:
    """Whatever the checks say: only judgements whose conditions checks alone evidence are ever proposed."""
    alone = {j.id for j in PROPOSABLE if all(c.proofs for c in j.conditions)}
    for answer in (NO, YES):
        items = [failing(NO, of=unit, level=int(unit[1])) for j in JUDGEMENTS for unit in j.units]
        everything = found(*(finding(check, "web1", answer) for check in CHECKS), items=items)
        (after,) = analyse([everything], JUDGEMENTS, TRIGGERS, AT)
        assert {c.judgement for c in after.candidates if c.stand is Stand.PROPOSED} <= alone
        named = {(item, c.object) for c in after.candidates if c.stand.speaks_for_high for item in c.items}
        assert named == {(p.item, p.object) for p in after.problems if p.proposed is Risk.HIGH}


def test_what_a_judgement_is_limited_to_is_a_condition_for_a_person() -> None:
    """Nothing else asks whether the system is a cloud platform or of high continuity."""
    for judgement in JUDGEMENTS:
        if judgement.applies and judgement.may is not May.NOTHING:
            first = judgement.conditions[0]
            assert (first.person, first.proofs) == (True, ()), judgement.id

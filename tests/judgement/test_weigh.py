"""Judgements on high risk, weighed: a candidate only where every condition is evidenced."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.judgement import weigh, weigh_all
from scanner.model import (
    Answer,
    Assessment,
    Condition,
    Finding,
    JudgementStatement,
    May,
    Proof,
    Stand,
    Verdict,
)
from tests.judgement.made_up import (
    ID,
    NA,
    NO,
    UNSEEN,
    YES,
    confirming,
    failing,
    found,
    judgement,
    no,
    proven,
    saying,
    signed,
    stands,
    told,
    with_objects,
)
from tests.statements.made_up import AT, ITEM, declared_absent, finding, item, made_up

OPEN, PROPOSED, CONFIRMED, LOWERED, REJECTED = Stand
TOMORROW = date(2026, 3, 3)
TWO = (proven(1, "a.one"), signed(2))
"""One condition for a check, one for a person."""


def weighed(
    assessment: Assessment, *conditions: Condition, may: May = May.PROPOSE, level: int = 2
) -> Assessment:
    return weigh(assessment, [judgement(*conditions, may=may, level=level)], AT)


# --- stands ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("findings", "said", "stand"),
    [
        ([], [], None),
        ([no("a.one")], [], OPEN),
        ([], [confirming(2)], OPEN),
        ([no("a.one")], [confirming(2)], PROPOSED),
        ([finding("a.one", "web1", UNSEEN)], [confirming(2)], OPEN),
        ([finding("a.one", "web1", NA)], [confirming(2)], OPEN),
        ([finding("a.one", "web1", YES)], [confirming(2)], OPEN),
        ([no("a.one", "web2")], [confirming(2)], OPEN),
        ([no("a.one")], [confirming(2, on="web2")], OPEN),
        ([no("a.one")], [confirming(2, made=TOMORROW)], OPEN),
        ([no("a.one")], [confirming(1)], OPEN),
        ([], [confirming(1)], None),
        ([], [confirming(1, 2)], OPEN),
        ([no("a.other")], [], None),
        ([no("a.one")], [confirming(2), confirming(stand=REJECTED)], REJECTED),
        ([no("a.one")], [confirming(2, stand=LOWERED)], LOWERED),
        ([no("a.one")], [confirming(2, stand=CONFIRMED)], CONFIRMED),
        ([], [confirming(stand=CONFIRMED)], CONFIRMED),
        ([], [confirming(stand=REJECTED)], REJECTED),
        ([no("a.one")], [confirming(2), confirming(stand=CONFIRMED, made=TOMORROW)], PROPOSED),
    ],
)
def test_stand(findings: list[Finding], said: list[JudgementStatement], stand: Stand | None) -> None:
    after = weighed(saying(found(*findings), *said), *TWO)
    assert stands(after) == ({"web1": stand} if stand else {})


@pytest.mark.parametrize(
    ("may", "said", "stand"),
    [
        (May.PROPOSE, [], PROPOSED),
        (May.COLLECT, [], OPEN),
        (May.NOTHING, [], None),
        (May.COLLECT, [confirming(stand=CONFIRMED)], CONFIRMED),
        (May.NOTHING, [confirming(stand=CONFIRMED)], CONFIRMED),
        (May.NOTHING, [confirming(stand=LOWERED)], LOWERED),
    ],
)
def test_what_a_scan_may_do(may: May, said: list[JudgementStatement], stand: Stand | None) -> None:
    after = weighed(saying(found(no("a.one")), *said), proven(1, "a.one"), may=may)
    assert stands(after) == ({"web1": stand} if stand else {})


def test_a_judgement_without_conditions_is_never_proposed() -> None:
    assert weighed(found(no("a.one"))).candidates == ()


def test_nothing_evidences_a_condition_that_neither_a_check_nor_a_person_can() -> None:
    after = weighed(saying(found(no("a.one")), confirming(2)), proven(1, "a.one"), Condition(2, TWO[1].text))
    assert stands(after) == {"web1": OPEN}


def test_states_carry_what_evidences_them() -> None:
    said = confirming(2)
    (c,) = weighed(saying(found(no("a.one")), said), *TWO).candidates
    assert (c.judgement, c.object, c.items, c.decision) == (ID, "web1", (ITEM,), None)
    assert [(s.n, s.findings, s.statements) for s in c.conditions] == [
        (1, (no("a.one"),), ()),
        (2, (), (said,)),
    ]


# --- the items of a judgement ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "candidates"), [(NO, {"web1": PROPOSED}), (UNSEEN, {}), (YES, {}), (NA, {}), (None, {})]
)
def test_only_where_an_item_is_known_to_fail(answer: Answer | None, candidates: dict[str, Stand]) -> None:
    own = failing(answer) if answer else declared_absent(item(1))
    after = weighed(found(no("a.one"), items=[own]), proven(1, "a.one"))
    assert stands(after) == candidates


def test_items_that_fail_on_the_object_are_named_in_the_order_of_the_standard() -> None:
    units = ["L3-CES1-09", "L3-CES1-01", "L3-CES1-05", "L4-CES1-01"]
    items = [failing(NO, of=units[1]), failing(YES, of=units[2]), failing(NO, of=units[0])]
    (c,) = weigh(found(no("a.one"), items=items), [judgement(proven(1, "a.one"), units=units)], AT).candidates
    assert c.items == ("L3-CES1-01", "L3-CES1-09")


def test_items_that_fail_elsewhere_are_not_named() -> None:
    units = ["L3-CES1-01", "L3-CES1-09"]
    items = [failing(NO, "web1", of=units[0]), failing(NO, "web2", of=units[1])]
    signs = saying(found(items=items), confirming(1), confirming(1, on="web2"))
    after = weigh(signs, [judgement(signed(1), units=units)], AT)
    assert {c.object: c.items for c in after.candidates} == {"web1": (units[0],), "web2": (units[1],)}


def test_each_object_is_weighed_for_itself() -> None:
    assessment = found(no("a.one"), no("a.one", "web2"), items=[failing(NO, "web1", "web2")])
    after = weighed(saying(assessment, confirming(2, on="web2")), *TWO)
    assert stands(after) == {"web1": OPEN, "web2": PROPOSED}


@pytest.mark.parametrize(("level", "candidates"), [(3, {"web1": PROPOSED}), (4, {})])
def test_a_judgement_of_a_higher_level_belongs_to_no_item(level: int, candidates: dict[str, Stand]) -> None:
    assert stands(weighed(found(no("a.one")), proven(1, "a.one"), level=level)) == candidates


@pytest.mark.parametrize(("to", "candidates"), [(Verdict.CONFORM, {}), (Verdict.PARTIAL, {"web1": PROPOSED})])
def test_a_problem_that_is_made_up_for_is_none(to: Verdict, candidates: dict[str, Stand]) -> None:
    own = failing()
    (before,) = own.objects
    after = replace(before, possible=frozenset({to}), before=before.possible, compensation=made_up(to))
    items = [replace(own, objects=(after,), possible=after.possible)]
    assert stands(weighed(found(no("a.one"), items=items), proven(1, "a.one"))) == candidates


# --- evidence --------------------------------------------------------------------------------------


def test_all_checks_of_a_proof_are_needed_and_any_proof_will_do() -> None:
    both = Condition(1, TWO[1].text, proofs=(Proof(("a.one", "a.two")), Proof(("a.three",))))
    assert stands(weighed(found(no("a.one")), both)) == {}
    assert stands(weighed(found(no("a.one"), no("a.two")), both)) == {"web1": PROPOSED}
    assert stands(weighed(found(no("a.three"), no("a.two")), both)) == {"web1": PROPOSED}
    assert stands(weighed(found(no("a.one"), no("a.two", "web2")), both)) == {}


def test_a_proof_may_ask_for_a_yes() -> None:
    asks = proven(1, "a.one", answer=YES)
    assert stands(weighed(found(finding("a.one", "web1", YES)), asks)) == {"web1": PROPOSED}
    for answer in (NO, UNSEEN, NA):
        assert stands(weighed(found(finding("a.one", "web1", answer)), asks)) == {}


ROLES = ("gw/boundary_device", "boundary_device", "gw")
DATABASE = ("gw/orders", "database", "gw")


@pytest.mark.parametrize(
    ("fails_on", "found_on", "stand"),
    [
        ("gw", "gw", PROPOSED),
        ("gw/boundary_device", "gw", PROPOSED),
        ("gw", "gw/boundary_device", PROPOSED),
        ("gw/boundary_device", "gw/boundary_device", PROPOSED),
        ("gw/orders", "gw", None),
        ("gw", "gw/orders", None),
        ("gw/orders", "gw/orders", PROPOSED),
        ("gw/boundary_device", "gw/orders", None),
        ("gw/boundary_device", "web1", None),
        ("shop", "shop", PROPOSED),
        ("shop", "gw", None),
    ],
)
def test_a_machine_is_the_same_in_all_its_roles(fails_on: str, found_on: str, stand: Stand | None) -> None:
    """What stands on a machine is not that machine: its accounts say nothing of a database's."""
    assessment = found(no("a.one", found_on), items=[failing(NO, fails_on)])
    placed = with_objects(assessment, ("gw", "operating_system", ""), ROLES, DATABASE)
    assert stands(weighed(placed, proven(1, "a.one"))) == ({fails_on: stand} if stand else {})


def test_a_person_is_heard_for_the_object_that_he_names() -> None:
    assessment = found(items=[failing(NO, "gw", "gw/boundary_device")])
    placed = with_objects(assessment, ("gw", "operating_system", ""), ROLES)
    said = saying(placed, confirming(1, on="gw/boundary_device"))
    assert stands(weighed(said, signed(1))) == {"gw/boundary_device": PROPOSED}


def test_a_check_that_contradicts_itself_about_a_machine_proves_nothing() -> None:
    assessment = found(no("a.one"), finding("a.one", "web1/boundary_device", YES))
    placed = with_objects(assessment, ("web1/boundary_device", "boundary_device", "web1"))
    assert stands(weighed(placed, proven(1, "a.one"))) == {}
    assert stands(weighed(placed, proven(1, "a.one", answer=YES))) == {}


def test_a_check_that_two_levels_answer_differently_proves_nothing() -> None:
    """A grade such as S2A3 asks one question twice; the list of findings keeps the worse answer alone."""
    items = [failing(NO), failing(YES, of="L2-CES1-09", level=2)]
    both = found(items=items)
    worse = replace(both, findings=(no("check.1"),))
    assert stands(weighed(worse, proven(1, "check.1"))) == {}
    assert stands(weighed(replace(worse, items=(items[0],)), proven(1, "check.1"))) == {"web1": PROPOSED}


# --- what people say -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "notices"),
    [
        (confirming(2, of="9.9.9.9"), ["matches nothing: there is no such judgement"]),
        (confirming(2, on="web9"), ["matches nothing: no object is called web9"]),
        (confirming(2, on="web2"), ["no item that the judgement belongs to is known to fail there"]),
        (confirming(2, made=TOMORROW), ["was made on 2026-03-03, after the time of judgement"]),
        (confirming(1), ["Li Lei confirms condition 1, which only findings can evidence"]),
        (confirming(stand=CONFIRMED), ["yet nothing evidences condition 1, 2"]),
        (confirming(1, 2, stand=CONFIRMED), ["yet nothing evidences condition 1"]),
        (confirming(stand=LOWERED), []),
        (confirming(1, stand=LOWERED), []),
        (confirming(2), []),
    ],
)
def test_what_a_reader_is_told(said: JudgementStatement, notices: list[str]) -> None:
    found_ = told(weighed(saying(found(), said), *TWO))
    assert len(found_) == len(notices)
    for line, words in zip(found_, notices, strict=True):
        assert line.startswith("40: The statement on judgement ")
        assert words in line


def test_a_statement_on_a_judgement_of_no_item_of_the_system() -> None:
    after = weigh(saying(found(), confirming(1)), [judgement(signed(1), units=["L4-CES1-01"])], AT)
    assert after.candidates == ()
    (line,) = told(after)
    assert "the system has none of the items" in line


@pytest.mark.parametrize(
    ("said", "stand"),
    [
        ((REJECTED, CONFIRMED), CONFIRMED),
        ((LOWERED, CONFIRMED), CONFIRMED),
        ((REJECTED, LOWERED), LOWERED),
        ((REJECTED, LOWERED, CONFIRMED), CONFIRMED),
        ((REJECTED, REJECTED), REJECTED),
    ],
)
def test_of_contradicting_decisions_the_stricter_one_counts(said: tuple[Stand, ...], stand: Stand) -> None:
    spoken = [
        confirming(1, stand=s, by=s.name, line=line, made=date(2026, 2, line))
        for line, s in enumerate(said, 1)
    ]
    for order in (spoken, spoken[::-1]):
        after = weighed(saying(found(), *order), signed(1))
        (c,) = after.candidates
        assert c.stand is stand
        assert c.decision == max((s for s in spoken if s.stand is stand), key=lambda s: s.made)
        others = [s for s in spoken if s.stand is not stand]
        assert [line.split(":")[0] for line in told(after)] == [str(s.place.line) for s in others]
        for line in told(after):
            assert f"{stand.name} states {stand.value}; the stricter one counts" in line


def test_a_statement_that_serves_one_of_two_systems_is_not_lost() -> None:
    one = saying(found(no("a.one")), confirming(2), confirming(2, on="web9", line=41))
    other = replace(saying(found(items=[failing(NO, "db1")], system="bank"), *()), statements=one.statements)
    after = weigh_all([one, other], [judgement(*TWO)], AT)
    assert [stands(a) for a in after] == [{"web1": PROPOSED}, {}]
    for a in after:
        (line,) = told(a)
        assert line.startswith("41: ")
    assert weigh_all([], [judgement(*TWO)], AT) == ()


def test_the_closest_reason_is_told_of_a_statement_that_is_lost_everywhere() -> None:
    one = saying(found(items=[failing(YES)]), confirming(2))
    other = replace(found(items=[failing(NO, "db1")], system="bank"), objects=(), statements=one.statements)
    for systems in ([one, other], [other, one]):
        for a in weigh_all(systems, [judgement(*TWO)], AT):
            (line,) = told(a)
            assert "is known to fail there" in line


def test_days_are_days_in_china() -> None:
    said = saying(found(), confirming(1, made=date(2026, 3, 2)))
    early, late = datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert stands(weigh(said, [judgement(signed(1))], early)) == {}
    assert stands(weigh(said, [judgement(signed(1))], late)) == {"web1": PROPOSED}


# --- laws ------------------------------------------------------------------------------------------

CHECKS = ("a.one", "a.two", "a.three")
conditions = st.lists(
    st.one_of(
        st.builds(lambda checks: proven(1, *checks), st.sets(st.sampled_from(CHECKS), min_size=1)),
        st.builds(
            lambda checks: Condition(1, TWO[1].text, proofs=(Proof(tuple(sorted(checks))),)),
            st.sets(st.sampled_from(CHECKS), min_size=1),
        ),
        st.just(signed(1)),
    ),
    min_size=1,
    max_size=4,
).map(lambda some: tuple(replace(c, n=n) for n, c in enumerate(some, 1)))


def full(some: tuple[Condition, ...]) -> tuple[list[Finding], list[JudgementStatement]]:
    """Everything that evidences anything of the conditions."""
    return [no(check) for check in CHECKS], [confirming(c.n, line=c.n) for c in some if c.person]


@given(conditions)
def test_law_with_everything_evidenced_it_is_proposed(some: tuple[Condition, ...]) -> None:
    findings, said = full(some)
    assert stands(weighed(saying(found(*findings), *said), *some)) == {"web1": PROPOSED}


@given(conditions, st.data())
def test_law_without_what_evidences_any_one_condition_it_is_not(
    some: tuple[Condition, ...], data: st.DataObject
) -> None:
    findings, said = full(some)
    after = weighed(saying(found(*findings), *said), *some)
    (c,) = after.candidates
    state = data.draw(st.sampled_from(c.conditions))
    gone = {f.check for f in state.findings}
    left = [s for s in said if s not in state.statements]
    rest = [f if f.check not in gone else finding(f.check, "web1", UNSEEN) for f in findings]
    assert stands(weighed(saying(found(*rest), *left), *some)).get("web1") in {OPEN, None}


@given(conditions, st.sets(st.sampled_from(CHECKS)), st.sets(st.integers(1, 4)), st.sampled_from(CHECKS))
def test_law_another_no_never_takes_a_candidate_back(
    some: tuple[Condition, ...], checks: set[str], numbers: set[int], more: str
) -> None:
    order = [None, OPEN, PROPOSED]
    findings = [no(check) for check in sorted(checks)]
    said = [confirming(*sorted(numbers))] if numbers else []
    before = stands(weighed(saying(found(*findings), *said), *some)).get("web1")
    after = stands(weighed(saying(found(*findings, no(more)), *said), *some)).get("web1")
    assert order.index(after) >= order.index(before)


@given(conditions, st.permutations(range(6)))
def test_law_order_never_matters(some: tuple[Condition, ...], order: list[int]) -> None:
    findings, _ = full(some)
    said = [confirming(n, line=n) for n in range(1, 5)] + [confirming(stand=s) for s in (LOWERED, REJECTED)]
    shuffled = [said[i] for i in order]
    one = weighed(saying(found(*findings), *said), *some)
    other = weighed(saying(found(*findings[::-1]), *shuffled), *some)
    assert (stands(one), told(one)) == (stands(other), told(other))
    assert one.candidates[0].decision == other.candidates[0].decision

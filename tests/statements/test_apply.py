"""What becomes of a result once people have spoken: tables first, then laws."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import decision
from scanner.model import Answer, Assessment, Attestation, Compensation, ItemResult, Statements, Verdict
from scanner.statements import apply, apply_to_all
from tests.statements.made_up import (
    AT,
    DAY,
    FILE,
    ITEM,
    NA,
    NO,
    UNSEEN,
    YES,
    C,
    N,
    P,
    X,
    assessed,
    attesting,
    declared_absent,
    finding,
    item,
    made_up,
    result,
    said,
    waiver,
)

NONE = None
"""No check is asked."""


def one(answers: tuple[Answer | None, ...], rule: str = "all") -> Assessment:
    return assessed(result(item(len(answers), rule), {"web1": answers}), names=("web1",))


def steps(after: Assessment) -> list[Answer]:
    return [step.answer for step in after.items[0].objects[0].steps]


def told(after: Assessment) -> list[str]:
    return [notice.text.en for notice in after.notices]


@pytest.mark.parametrize(
    ("found", "stated", "expected"),
    [
        # what no check is asked about, or what it could not see, takes a person's answer
        (NONE, [said(YES, 1)], YES),
        (NONE, [said(NO, 1)], NO),
        (NONE, [said(NA, 1)], NA),
        (UNSEEN, [said(YES, 1)], YES),
        (NONE, [said(YES)], YES),
        (NONE, [said(NO)], NO),
        (NONE, [said(NA)], NA),
        # a no that was found stays
        (NO, [said(YES, 1)], NO),
        (NO, [said(NA, 1)], NO),
        (NO, [said(YES)], NO),
        (NO, [said(NA)], NO),
        # a person's no wins over what was found
        (YES, [said(NO, 1)], NO),
        (NA, [said(NO, 1)], NO),
        (YES, [said(NO)], NO),
        (NA, [said(NO)], NO),
        # what was found stands against anything milder
        (YES, [said(NA, 1)], YES),
        (YES, [said(NA)], YES),
        (NA, [said(YES, 1)], NA),
        (NA, [said(YES)], NA),
        (YES, [said(YES, 1)], YES),
        # two persons
        (NONE, [said(YES, 1), said(NO, 1, by="Han")], NO),
        (NONE, [said(NA, 1), said(NO, 1, by="Han")], NO),
        (NONE, [said(YES, 1), said(YES, 1, by="Han")], YES),
        (NONE, [said(YES, 1), said(NA, 1, by="Han")], UNSEEN),
        (NONE, [said(YES), said(NA, by="Han")], UNSEEN),
        (NONE, [said(YES), said(NO, by="Han")], NO),
        # the more specific statement answers; a no on the whole item is heard all the same
        (NONE, [said(YES, 1), said(NA)], YES),
        (NONE, [said(NA, 1), said(YES)], NA),
        (NONE, [said(YES, 1), said(NO)], NO),
        (NONE, [said(YES, 1), said(NA, 1, by="Han"), said(YES)], UNSEEN),
        (NONE, [said(YES, 1), said(NA, 1, by="Han"), said(NO)], NO),
        # nobody spoke of this step
        (NONE, [], UNSEEN),
    ],
)
def test_a_single_step(found: Answer | None, stated: list[Attestation], expected: Answer) -> None:
    for order in itertools.permutations(stated):
        after = apply(one((found,)), attesting(*order), AT)
        assert steps(after) == [expected]


@pytest.mark.parametrize(
    ("rule", "found", "stated", "answers", "possible"),
    [
        # the whole item fills what is open
        ("all", (YES, NONE, UNSEEN), [said(YES)], [YES, YES, YES], {C}),
        ("all", (YES, NONE, UNSEEN), [said(NO)], [YES, NO, NO], {P}),
        ("all", (NO, NONE, NONE), [said(YES)], [NO, YES, YES], {P}),
        ("all", (NONE, NONE), [said(NA)], [NA, NA], {X}),
        ("all", (NONE, NONE), [said(YES), said(NA, 2)], [YES, NA], {C}),
        ("all", (NONE, NONE), [said(YES), said(NO, 2)], [YES, NO], {P}),
        # what is there cannot be not applicable
        ("all", (YES, NONE), [said(NA)], [YES, UNSEEN], {C, P}),
        ("all", (NO, NONE), [said(NA)], [NO, UNSEEN], {N, P}),
        ("all", (NA, NONE), [said(NA)], [NA, NA], {X}),
        ("all", (NONE, NONE), [said(NA), said(YES, 1)], [YES, UNSEEN], {C, P}),
        # a no on the item is a no, whatever its steps allow
        ("any", (YES, NONE), [said(NO)], [NO, NO], {N}),
        ("any", (NONE, NONE), [said(NO), said(YES, 1)], [NO, NO], {N}),
        ("all", (YES, YES), [said(NO)], [NO, NO], {N}),
        ("all", (NA, NA), [said(NO)], [NO, NO], {N}),
        # a no on the item decides also what others dispute
        ("all", (NONE, NONE), [said(NO), said(YES, 1), said(NA, 1, by="Han")], [NO, NO], {N}),
        # one step alone leaves the others open
        ("all", (NONE, NONE), [said(YES, 2)], [UNSEEN, YES], {C, P}),
        ("any", (NONE, NONE), [said(YES, 2)], [UNSEEN, YES], {C}),
    ],
)
def test_a_whole_item(
    rule: str,
    found: tuple[Answer | None, ...],
    stated: list[Attestation],
    answers: list[Answer],
    possible: set[Verdict],
) -> None:
    for order in itertools.permutations(stated):
        after = apply(one(found, rule), attesting(*order), AT)
        assert steps(after) == answers
        assert after.items[0].possible == possible
        for step in after.items[0].objects[0].steps:
            stated_so = any(a.answer is step.answer for a in step.attestations)
            assert step.answer is step.before or stated_so


@pytest.mark.parametrize(
    ("found", "stated", "attested", "disputed", "words"),
    [
        (NONE, [said(YES, 1)], True, False, []),
        (UNSEEN, [said(NO, 1)], True, False, []),
        (YES, [said(YES, 1)], False, False, []),
        (NO, [said(NO, 1)], False, False, []),
        (NO, [said(YES, 1)], False, True, ["Li Lei states yes, yet a check found a no (step 1)"]),
        (NO, [said(NA)], False, True, ["Li Lei states n/a, yet a check found a no (step 1)"]),
        (YES, [said(NO, 1)], True, True, ["Li Lei states no, yet a check found yes (step 1); the no counts"]),
        (YES, [said(NA, 1)], False, True, ["states n/a, yet a check found yes (step 1); what was found"]),
        (NONE, [said(YES, 1), said(NO, 1, by="Han")], True, True, ["Li Lei states yes, somebody else no"]),
        (NONE, [said(YES, 1), said(NA, 1, by="Han")], False, True, ["it stays open", "it stays open"]),
        (NONE, [said(YES, 1), said(NA)], True, False, ["every step has a more specific answer"]),
    ],
)
def test_who_answered_and_who_disagrees(
    found: Answer | None, stated: list[Attestation], attested: bool, disputed: bool, words: list[str]
) -> None:
    after = apply(one((found,)), attesting(*stated), AT)
    (step,) = after.items[0].objects[0].steps
    assert (step.attested, step.disputed) == (attested, disputed)
    assert step.before is (found or UNSEEN)
    assert len(told(after)) == len(words)
    for notice, word in zip(told(after), words, strict=True):
        assert word in notice


def test_alike_steps_are_told_together() -> None:
    after = apply(one((NO, NO, NONE)), attesting(said(YES)), AT)
    (notice,) = after.notices
    assert "(step 1, 2)" in notice.text.en
    assert "第 1, 2 步" in notice.text.zh
    assert (notice.place.file, notice.place.line) == (FILE, 7)


CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("made", "expires", "at", "holds"),
    [
        (DAY, None, AT, True),
        (date(2026, 3, 2), None, AT, True),
        (date(2026, 3, 3), None, AT, False),
        # 3 March has begun in China while it is 2 March in Greenwich
        (date(2026, 3, 3), None, datetime(2026, 3, 2, 16, 0, tzinfo=UTC), True),
        (date(2026, 3, 3), None, datetime(2026, 3, 2, 15, 59, tzinfo=UTC), False),
        (DAY, AT, AT, False),
        (DAY, AT, AT - timedelta(microseconds=1), True),
        (DAY, AT.astimezone(CHINA), AT, False),
        (DAY, AT + timedelta(days=1), AT, True),
    ],
)
def test_a_statement_holds_from_its_day_until_it_expires(
    made: date, expires: datetime | None, at: datetime, holds: bool
) -> None:
    after = apply(one((NONE,)), attesting(said(YES, 1, made=made, expires=expires)), at)
    assert steps(after) == [YES if holds else UNSEEN]
    assert bool(after.notices) is not holds
    assert all("not applied" in text for text in told(after))


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (said(YES, 1, of="L3-CES1-99"), "1 statements are about items"),
        (said(YES, 1, on="web9"), "no object is called web9"),
        (said(YES, 1, on="web2"), "not judged on web2"),
        (said(YES, 9), "has no step 9"),
        (said(YES, 1, on="shop"), "not judged on shop"),
    ],
)
def test_what_matches_nothing_is_told_and_changes_nothing(stated: Attestation, words: str) -> None:
    before = assessed(result(item(1), {"web1": (NONE,)}))
    after = apply(before, attesting(stated), AT)
    assert after.items == before.items
    (text,) = told(after)
    assert words in text


@pytest.mark.parametrize(
    ("named", "there", "like"),
    [
        ("web1/redis@6379", "web1/redis", True),
        ("web1/redis", "web1/redis@6379", True),
        ("web1/redis@6379", "web1/redis@6380", True),
        ("web1/redis@6379", "web2/redis", False),
        ("web1/redis@6379", "web1/redisearch", False),
    ],
)
def test_an_instance_named_with_another_port_is_pointed_out(named: str, there: str, like: bool) -> None:
    before = assessed(result(item(1), {there: (None,)}), names=("web1", there))
    after = apply(before, attesting(said(YES, 1, on=named)), AT)
    assert [f"called {there}" in words for words in told(after)] == [like]
    assert after.items == before.items


def test_items_of_other_grades_are_told_once_a_file() -> None:
    stated = [said(YES, of=f"L2-CES1-{n:02}", line=n) for n in range(1, 9)]
    (notice,) = apply(one((NONE,)), attesting(*stated), AT).notices
    assert "8 statements" in notice.text.en
    assert "L2-CES1-05 ..." in notice.text.en
    assert notice.place.line == 1


def test_a_file_may_serve_several_systems() -> None:
    systems = [
        assessed(result(item(1), {name: (NONE,)}), system=system, names=(name,))
        for system, name in (("shop", "web1"), ("crm", "web2"))
    ]
    mine, nobodys = said(YES, 1), said(YES, 1, on="web9", line=9)
    given = replace(attesting(mine, nobodys), waivers=(waiver(on="web9"),))
    for order, expected in ((systems, [[YES], [UNSEEN]]), (systems[::-1], [[UNSEEN], [YES]])):
        after = apply_to_all(order, given, AT)
        assert [steps(a) for a in after] == expected
        for a in after:
            assert [n.place.line for n in a.notices] == [9, 30]


@pytest.mark.parametrize(
    ("stated", "possible", "words"),
    [
        (said(YES, on="shop"), {X}, "declared not applicable; the statement is not applied"),
        (said(NA, on="shop"), {X}, "declared not applicable; the statement is not applied"),
        (said(NO, on="shop"), {N}, "declared not applicable, and yet Li Lei states no"),
        (said(NO, 1, on="shop"), {N, P}, "declared not applicable, and yet Li Lei states no"),
        (said(NO, on="web1"), {N}, "declared not applicable, and yet Li Lei states no"),
        (said(NO, 2, on="web1"), {N, P}, "declared not applicable, and yet Li Lei states no"),
        (said(NO, 9, on="web1"), {X}, "declared not applicable; the statement is not applied"),
        (said(YES, on="web1"), {X}, "declared not applicable; the statement is not applied"),
        (said(NO, on="web9"), {X}, "no object is called web9"),
    ],
)
def test_an_item_declared_not_applicable(stated: Attestation, possible: set[Verdict], words: str) -> None:
    before = assessed(declared_absent(item(2)))
    after = apply(before, attesting(stated), AT)
    assert after.items[0].possible == possible
    assert (after.items == before.items) is (possible == {X})
    (text,) = told(after)
    assert words in text


@pytest.mark.parametrize(
    ("found", "stated", "made_up_for", "before", "after"),
    [
        # what nobody looked at stays open: there may be more to make up for
        ((NO, NONE), [], made_up(C), {N, P}, {C, P}),
        ((NO, NONE), [], made_up(P), {N, P}, {P}),
        ((NO, YES, NONE), [], made_up(C), {P}, {C, P}),
        ((NO, YES), [], made_up(C), {P}, {C}),
        ((NO, YES), [], made_up(P), {P}, {P}),
        ((NO, NO), [], made_up(P), {N}, {P}),
        ((NONE,), [said(NO)], made_up(C), {N}, {C}),
        # not known to fail: nothing to make up for
        ((YES,), [], made_up(C), None, {C}),
        ((NONE,), [], made_up(C), None, {C, N}),
        ((YES, NONE), [], made_up(P), None, {C, P}),
        ((NA,), [], made_up(C), None, {X}),
        # made after the time of judgement
        ((NO,), [], made_up(C, made=date(2026, 4, 1)), None, {N}),
    ],
)
def test_a_compensation_stands_beside_what_it_makes_up_for(
    found: tuple[Answer | None, ...],
    stated: list[Attestation],
    made_up_for: Compensation,
    before: set[Verdict] | None,
    after: set[Verdict],
) -> None:
    done = apply(one(found), Statements(attestations=tuple(stated), compensations=(made_up_for,)), AT)
    o = done.items[0].objects[0]
    assert o.possible == done.items[0].possible == after
    assert [s.answer for s in o.steps].count(NO) == found.count(NO) + len(stated)
    if before is None:
        assert (o.compensation, o.before, done.items[0].before) == (None, frozenset(), frozenset())
        assert len(done.notices) == 1
    else:
        assert o.compensation == made_up_for
        assert o.before == done.items[0].before == before
        assert not done.notices


def test_an_item_keeps_its_result_without_the_compensation_of_one_object() -> None:
    before = assessed(result(item(1), {"web1": (NO,), "web2": (NONE,)}))
    after = apply(before, Statements(compensations=(made_up(C),)), AT)
    assert before.items[0].possible == after.items[0].before == {N, P}
    assert after.items[0].possible == {C, P}
    assert after.items[0].objects[1] == before.items[0].objects[1]


@pytest.mark.parametrize(
    ("silenced", "waived"),
    [
        (waiver("check.1"), {("check.1", "web1"), ("check.1", "web2")}),
        (waiver("check.1", "web1"), {("check.1", "web1")}),
        (waiver(on="web1"), {("check.1", "web1"), ("check.2", "web1")}),
        (waiver(of=ITEM), {("check.1", "web1"), ("check.1", "web2"), ("check.2", "web1")}),
        (waiver("check.2", of=ITEM), {("check.2", "web1")}),
        # nothing there, or no no
        (waiver("check.2", "web2"), set()),
        (waiver("check.3"), set()),
        (waiver(on="web9"), set()),
        (waiver(of="L3-CES1-02"), set()),
        (waiver("check.1", expires=AT), set()),
    ],
)
def test_a_waiver_silences_noes_and_changes_no_result(silenced: object, waived: set[tuple[str, str]]) -> None:
    before = assessed(result(item(2), {"web1": (NO, NO), "web2": (NO, UNSEEN)}))
    after = apply(before, Statements(waivers=(silenced,)), AT)  # type: ignore[arg-type]
    assert after.items == before.items
    assert after.findings == before.findings
    assert set(after.waived) == {finding(check, name, NO).id for check, name in waived}
    assert set(after.waived.values()) <= {silenced}
    assert bool(after.notices) is not bool(waived)


def test_a_finding_that_no_item_rests_on_can_be_waived_by_its_check_only() -> None:
    alone = finding("check.9", "web1", NO)
    before = replace(one((NONE,)), findings=(alone,))
    assert set(apply(before, Statements(waivers=(waiver("check.9"),)), AT).waived) == {alone.id}
    assert not apply(before, Statements(waivers=(waiver("check.9", of=ITEM),)), AT).waived


# Laws

ANSWERS = st.sampled_from((YES, NO, NA))
FOUND = st.sampled_from((YES, NO, UNSEEN, NA, None))
RULES = st.sampled_from(("all", "any", "1 or (2 and 3)"))
NAMES = ("web1", "web2")


@st.composite
def judged(draw: st.DrawFn) -> Assessment:
    rule = draw(RULES)
    answers = {name: tuple(draw(FOUND) for _ in range(3)) for name in NAMES}
    return assessed(result(item(3, rule, partial=draw(st.booleans())), answers))


@st.composite
def attestations(draw: st.DrawFn) -> Attestation:
    expires = draw(st.sampled_from((None, AT, AT + timedelta(days=1))))
    return said(
        draw(ANSWERS),
        draw(st.sampled_from((None, 1, 2, 3, 4))),
        on=draw(st.sampled_from((*NAMES, "web9"))),
        by=draw(st.sampled_from(("Li", "Han"))),
        made=draw(st.sampled_from((DAY, date(2026, 5, 1)))),
        expires=expires,
    )


COMPENSATIONS = st.lists(
    st.builds(made_up, st.sampled_from((C, P)), on=st.sampled_from(NAMES)),
    max_size=2,
    unique_by=lambda c: c.object,
)


def _no_was_found(before: ItemResult, place: tuple[int, int]) -> bool:
    o, n = place
    return any(f.answer is NO for f in before.objects[o].steps[n].findings)


@settings(deadline=None)
@given(judged(), st.lists(attestations(), max_size=6), COMPENSATIONS)
def test_no_statement_removes_a_no(
    before: Assessment, stated: list[Attestation], made_up_for: list[Compensation]
) -> None:
    after = apply(before, Statements(tuple(stated), tuple(made_up_for)), AT)
    assert after.findings == before.findings
    for o, (old, new) in enumerate(zip(before.items[0].objects, after.items[0].objects, strict=True)):
        for n, (was, step) in enumerate(zip(old.steps, new.steps, strict=True)):
            assert step.findings == was.findings
            if _no_was_found(before.items[0], (o, n)) or was.answer is NO:
                assert step.answer is NO
            if any(a.answer is NO and a.step == n + 1 for a in step.attestations):
                assert step.answer is NO


@settings(deadline=None)
@given(judged(), st.lists(attestations(), max_size=6), COMPENSATIONS)
def test_no_item_gains_conform_without_somebody_who_is_listed(
    before: Assessment, stated: list[Attestation], made_up_for: list[Compensation]
) -> None:
    after = apply(before, Statements(tuple(stated), tuple(made_up_for)), AT)
    for old, new in zip(before.items[0].objects, after.items[0].objects, strict=True):
        for was, step in zip(old.steps, new.steps, strict=True):
            if step.answer is not was.answer:
                assert any(a.answer is step.answer for a in step.attestations)
                assert all(a.object == new.object and a.expires != AT for a in step.attestations)
        without = decision.Verdicts(after.items[0].item).of(step.answer for step in new.steps)
        if new.compensation is None:
            assert new.possible == without
        elif all(step.answer is not UNSEEN for step in new.steps):
            assert new.possible == {new.compensation.to}
        else:
            assert new.compensation.to in new.possible
        if new.compensation is not None:
            assert new.before == without
            assert not without & {C, X}
    assert after.items[0].possible == decision.over_objects(o.possible for o in after.items[0].objects)


@settings(deadline=None)
@given(judged(), st.lists(attestations(), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_statements_never_matters(
    before: Assessment, stated: list[Attestation], random: object
) -> None:
    shuffled = list(stated)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one_way, other = (apply(before, attesting(*order), AT) for order in (stated, shuffled))
    for a, b in zip(one_way.items[0].objects, other.items[0].objects, strict=True):
        assert [s.answer for s in a.steps] == [s.answer for s in b.steps]
        assert a.possible == b.possible
    assert {n.text.en for n in one_way.notices} == {n.text.en for n in other.notices}


@settings(deadline=None)
@given(judged(), st.lists(attestations(), max_size=5))
def test_a_further_no_never_helps(before: Assessment, stated: list[Attestation]) -> None:
    """With a no on the whole item more, no verdict gets better, and the item cannot pass there."""
    with_no = apply(before, attesting(*stated, said(NO, by="Wei")), AT).items[0].objects[0]
    assert not with_no.possible & {C, X}


@settings(deadline=None)
@given(judged(), st.lists(attestations(), max_size=6))
def test_every_statement_is_used_or_told(before: Assessment, stated: list[Attestation]) -> None:
    after = apply(before, attesting(*stated), AT)
    used = {a for o in after.items[0].objects for step in o.steps for a in step.attestations}
    assert len(set(stated) - used) == 0 or after.notices
    assert used <= set(stated)

"""Items that a system declares not to apply: the declaration stands, and never against what was found."""

from dataclasses import replace

import pytest

from scanner.evaluate import INVENTORY, evaluate
from scanner.model import Grade, Item, ItemStep, Method, Scope, System, Verdict
from scanner.selection import levels_of
from tests.evaluate.test_evaluate import (
    AT,
    CHECKS,
    SHOP,
    UID,
    WORDS,
    host,
    identity,
    item,
    judge,
    profile,
    sheet,
)

C, N, NA = Verdict.CONFORM, Verdict.NONCONFORM, Verdict.NOT_APPLICABLE
ASKED = item((UID,))
DECLARED = replace(SHOP, not_applicable={"L3-CES1-01": "nobody logs in"})


def verdicts(
    uid: int | None, system: System = DECLARED, asked: Item = ASKED
) -> tuple[frozenset[Verdict], int]:
    sheets = {"web1": sheet("web1", identity(uid))} if uid is not None else {}
    result = judge(asked, sheets=sheets, system=system)
    return result.items[0].possible, len(result.notices)


@pytest.mark.parametrize(
    ("uid", "system", "expected"),
    [
        (0, SHOP, ({C}, 0)),
        (0, DECLARED, ({NA}, 0)),
        (None, DECLARED, ({NA}, 0)),  # unseen: the declaration is all there is
        (500, SHOP, ({N}, 0)),
        (500, DECLARED, ({N}, 1)),  # a no is not declared away
        (0, replace(SHOP, not_applicable={"L3-CES1-02": "x"}), ({C}, 0)),
    ],
)
def test_a_declaration_stands_unless_something_was_found_against_the_item(
    uid: int | None, system: System, expected: tuple[set[Verdict], int]
) -> None:
    possible, notices = verdicts(uid, system)
    assert (set(possible), notices) == expected


def test_one_no_among_steps_and_objects_is_enough() -> None:
    sheets = {"web1": sheet("web1", identity(0)), "web2": sheet("web2", identity(500))}
    asked = item((UID,), (), decision="any")
    result = judge(asked, objects=[host("web1"), host("web2")], sheets=sheets, system=DECLARED)
    assert [o.object for o in result.items[0].objects] == ["web1", "web2"]
    (notice,) = result.notices
    assert "L3-CES1-01 is declared not to apply (nobody logs in)" in notice.text.en
    assert "on web2:" in notice.text.en
    assert "web2" in notice.text.zh
    assert notice.place == INVENTORY


def test_the_reason_stands_beside_the_result() -> None:
    (on,) = judge(ASKED, sheets={}, system=DECLARED).items[0].objects
    assert (on.object, on.reason, on.steps) == ("shop", "nobody logs in", ())


def test_what_speaks_against_an_absent_kind_is_no_less_shown() -> None:
    asked = item((UID,), kinds=("boundary_device",))
    absent = replace(SHOP, absent={"boundary_device": "none"})
    assert judge(asked, sheets={}, system=absent).items[0].possible == {NA}


def at(level: int, number: int, before: str = "") -> Item:
    made = item((UID,), id_=f"L{level}-CES1-{number:02}", clause=f"{level + 5}.1.4.1 a)", level=level)
    return replace(made, changed_from=before)


KNOWN = {1: at(1, 1), 2: at(2, 4, "L1-CES1-01"), 3: at(3, 7, "L2-CES1-04"), 4: at(4, 9, "L3-CES1-07")}


@pytest.mark.parametrize("declared_at", KNOWN)
@pytest.mark.parametrize("judged_at", KNOWN)
def test_a_declaration_follows_its_requirement_to_every_other_level(declared_at: int, judged_at: int) -> None:
    grade = Grade(judged_at, judged_at)
    system = System("shop", "", grade, not_applicable={KNOWN[declared_at].id: "none"})
    levels = levels_of(system)
    assert levels == set(range(min(declared_at, judged_at), max(declared_at, judged_at) + 1))
    profiles = {level: profile(KNOWN[level], level=level) for level in levels}
    (only,) = evaluate(system, profiles, [host("web1")], {}, CHECKS, AT).items
    assert only.item.id == KNOWN[judged_at].id
    assert only.possible == {NA}


def test_a_declaration_does_not_pass_on_to_a_new_requirement() -> None:
    system = System("shop", "", Grade(4, 4), not_applicable={"L3-CES1-07": "none"})
    profiles = {3: profile(KNOWN[3]), 4: profile(replace(KNOWN[4], changed_from=""), level=4)}
    (only,) = evaluate(system, profiles, [host("web1")], {}, CHECKS, AT).items
    assert only.possible == {C, N}


@pytest.mark.parametrize(
    ("grade", "declared", "levels"),
    [
        ("S3A3", (), {3}),
        ("S3A2", (), {2, 3}),
        ("S1A3", (), {1, 3}),
        ("S1A3", ("L3-CES1-01", "L1-CES1-02"), {1, 3}),
        ("S1A3", ("L2-CES1-01",), {1, 2, 3}),
        ("S2A2", ("L4-CES1-01",), {2, 3, 4}),
        ("S2A2", ("X-BANK-01", "nothing"), {2}),
    ],
)
def test_levels_that_must_be_known(grade: str, declared: tuple[str, ...], levels: set[int]) -> None:
    system = System("shop", "", Grade.parse(grade), not_applicable=dict.fromkeys(declared, "none"))
    assert levels_of(system) == levels


def scoped(scope: Scope, number: int) -> Item:
    step = ItemStep(1, WORDS, Method.EXAMINE)
    clause = f"8.{list(Scope).index(scope) + 1}.4.1"
    return replace(ASKED, id=f"L3-CES{number}-01", scope=scope, clause=clause, steps=(step,))


def test_extensions_are_judged_where_the_system_uses_them() -> None:
    items = [scoped(scope, number) for number, scope in enumerate(Scope, start=1)]

    def chosen(*uses: Scope) -> list[Scope]:
        result = judge(*items, sheets={}, system=replace(SHOP, uses=uses))
        return [r.item.scope for r in result.items]

    assert chosen() == [Scope.GENERAL]
    assert chosen(Scope.ICS, Scope.CLOUD) == [Scope.GENERAL, Scope.CLOUD, Scope.ICS]
    assert chosen(*list(Scope)[1:]) == list(Scope)

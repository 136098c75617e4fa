"""From sheets to verdicts, with small checks of our own."""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from scanner.checks.check import Check, NoParameters
from scanner.evaluate import View, answer_check, answer_step, evaluate
from scanner.facts import FactSheet, HostIdentity, OpenPorts, TimeSync, Tunnel, TunnelRegister
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
    ItemStep,
    Kind,
    Level,
    Look,
    Method,
    Outcome,
    Profile,
    Risk,
    Settles,
    System,
    Text,
    Verdict,
)

AT = datetime(2026, 1, 2, tzinfo=UTC)
CITED = Citation("web1/uname", 1, "Linux")
WORDS = Text("甲", "a")
YES, NO, UNSEEN, NA = Answer.YES, Answer.NO, Answer.UNSEEN, Answer.NA
C, P, N = Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM
DENIED = Gap(GapReason.PERMISSION, "time", detail="chronyc refused", needs="sudo: chronyc")


def identity(uid: int) -> HostIdentity:
    return HostIdentity((CITED,), "web1", "Debian", "debian", "12", "6.1", uid)


def clock(*, synchronised: bool) -> TimeSync:
    return TimeSync((CITED,), "chronyd", ("10.0.0.1",), synchronised)


def register(*undeclared: Tunnel) -> TunnelRegister:
    return TunnelRegister((CITED,), (), undeclared, ())


@dataclass(frozen=True, slots=True)
class MaxUid:
    max_uid: int


def judge_uid(fact: HostIdentity, parameters: MaxUid) -> Outcome:
    return (Outcome.yes if fact.uid <= parameters.max_uid else Outcome.no)(WORDS, CITED)


def judge_clock(fact: TimeSync, host: HostIdentity | Gap, _: NoParameters) -> Outcome:
    assert isinstance(host, HostIdentity | Gap)
    return (Outcome.yes if fact.synchronised else Outcome.no)(WORDS, CITED)


def judge_tunnels(fact: TunnelRegister, _: NoParameters) -> Outcome:
    return (Outcome.no if fact.undeclared else Outcome.yes)(WORDS, CITED)


CHECKS = {
    check.id: check
    for check in (
        Check("host.uid-low", WORDS, (HostIdentity,), judge_uid, Risk.LOW, WORDS, parameters=MaxUid),
        Check("clock.right", WORDS, (TimeSync,), judge_clock, Risk.MEDIUM, WORDS, also=(HostIdentity,)),
        Check("tunnel.known", WORDS, (TunnelRegister,), judge_tunnels, Risk.HIGH, WORDS),
    )
}
KINDS = {
    name: Kind(name, WORDS, "technical", whole)
    for name, whole in (
        ("operating_system", True),
        ("boundary_device", True),
        ("database", False),
        ("record", False),
    )
}
UID, UID_NO = Binding("host.uid-low", Settles.BOTH), Binding("host.uid-low", Settles.NO)
CLOCK, TUNNEL = Binding("clock.right", Settles.BOTH), Binding("tunnel.known", Settles.NO)


def item(
    *steps: tuple[Binding, ...],
    id_: str = "L3-CES1-01",
    clause: str = "8.1.4.1 a)",
    mark: str = "G",
    kinds: tuple[str, ...] = ("operating_system",),
    level: Level = 3,
    decision: str = "all",
) -> Item:
    numbered = tuple(ItemStep(n, WORDS, Method.EXAMINE, bound) for n, bound in enumerate(steps, start=1))
    return Item(
        id_, level, clause, "CES", "", WORDS, mark, WORDS, kinds, ("audit",), numbered, decision,
        partial=True, optional=False, side="technical", weight="important",
    )  # fmt: skip


def profile(*items: Item, level: Level = 3, max_uid: int = 100) -> Profile:
    parameters = {
        "host.uid-low": MaxUid(max_uid),
        "clock.right": NoParameters(),
        "tunnel.known": NoParameters(),
    }
    return Profile(level, WORDS, items, parameters, "", KINDS)


def host(name: str, systems: tuple[str, ...] = ("shop",), **changes: str) -> AssessmentObject:
    made = AssessmentObject(name, "operating_system", "linux", "dmz", "", systems)
    return replace(made, **changes)  # type: ignore[arg-type]


def sheet(name: str, *entries: object, gap: tuple[type, Gap] | None = None) -> FactSheet:
    found: dict[type, object] = {type(e): e for e in entries}
    if gap:
        found[gap[0]] = gap[1]
    return FactSheet(name, found)  # type: ignore[arg-type]


SHOP = System("shop", "Shop", Grade.parse("S3A3"))


def judge(
    *items: Item,
    objects: Sequence[AssessmentObject] = (host("web1"),),
    sheets: Mapping[str, FactSheet],
    system: System = SHOP,
) -> Assessment:
    return evaluate(system, {3: profile(*items)}, objects, sheets, CHECKS, AT)


def answers(result: Assessment, item_no: int = 0, object_no: int = 0) -> list[Answer]:
    return [step.answer for step in result.items[item_no].objects[object_no].steps]


def test_checks_answer_steps_and_steps_make_items() -> None:
    sheets = {"web1": sheet("web1", identity(0), clock(synchronised=False))}
    result = judge(item((UID,), (CLOCK,)), sheets=sheets)
    assert answers(result) == [YES, NO]
    assert result.items[0].possible == {P}
    assert [f.check for f in result.findings] == ["clock.right", "host.uid-low"]
    assert result.at == AT


def test_a_gap_in_a_need_is_unseen_with_its_reason_and_never_a_yes() -> None:
    sheets = {"web1": sheet("web1", identity(0), gap=(TimeSync, DENIED))}
    result = judge(item((UID,), (CLOCK,)), sheets=sheets)
    assert answers(result) == [YES, UNSEEN]
    assert result.items[0].possible == {C, P}
    assert result.items[0].verdict is Verdict.UNDETERMINED
    (finding,) = (f for f in result.findings if f.check == "clock.right")
    assert finding.gap == DENIED
    assert "chronyc refused" in finding.message.en
    assert "权限不足" in finding.message.zh
    assert result.gaps == {"web1": (DENIED,)}


def test_a_sheet_that_is_missing_leaves_all_unseen() -> None:
    result = judge(item((UID,), (CLOCK,)), sheets={})
    assert answers(result) == [UNSEEN, UNSEEN]
    assert result.items[0].possible == {C, P, N}
    assert {f.gap.reason for f in result.findings if f.gap} == {GapReason.NOT_COLLECTED}


def finding(check: str, answer: Answer) -> Finding:
    gap = DENIED if answer is UNSEEN else None
    return Finding(check, "web1", "", answer, WORDS, (CITED,), gap, Risk.LOW)


@pytest.mark.parametrize("settles", list(itertools.product(Settles, repeat=2)), ids=str)
def test_a_step_by_its_bindings_by_exhaustion(settles: tuple[Settles, Settles]) -> None:
    names = ("a.b", "c.d")
    step = ItemStep(1, WORDS, Method.EXAMINE, tuple(map(Binding, names, settles)))
    for given in itertools.product((*Answer, None), repeat=2):
        found = {n: finding(n, a) for n, a in zip(names, given, strict=True) if a is not None}
        got = answer_step(step, found)
        acquitting = [a for a, s in zip(given, settles, strict=True) if s is Settles.BOTH]
        if NO in given:
            expected = NO
        elif acquitting and set(acquitting) <= {YES, NA}:
            expected = YES if YES in acquitting else NA
        else:
            expected = UNSEEN
        assert got.answer is expected, (given, settles)
        assert {f.check for f in got.findings} == set(found)


def test_a_question_about_the_wire_is_asked_only_where_somebody_looked() -> None:
    asked = Check(
        "wire.seen", WORDS, (OpenPorts,), lambda fact, _: Outcome.yes(WORDS, *fact.seen), Risk.LOW, WORDS
    )
    ports = OpenPorts((CITED,), (), (), (), ())
    views = [
        View("web1", sheet("web1", *entries), observed)
        for entries in ((), (ports,))
        for observed in (True, False)
    ]
    assert [view.can_answer(asked) for view in views] == [False, False, True, True]
    blind = View("web1", sheet("web1", gap=(OpenPorts, DENIED)), True)
    assert blind.can_answer(asked)
    assert answer_check(asked, NoParameters(), blind).answer is UNSEEN


def test_gaps_of_the_wire_are_told_once_of_the_look() -> None:
    sheets = {
        "web1": sheet("web1", identity(0), gap=(OpenPorts, DENIED)),
        "web1@inside": sheet("web1@inside", gap=(OpenPorts, DENIED)),
        "other@inside": sheet("other@inside", gap=(OpenPorts, DENIED)),
    }
    looks = (Look("web1@inside", "web1", "inside"), Look("other@inside", "other", "inside"))
    result = evaluate(SHOP, {3: profile(item((UID,)))}, [host("web1")], sheets, CHECKS, AT, looks)
    assert result.gaps == {"web1": (), "web1@inside": (DENIED,)}


def test_what_a_look_could_not_do_is_told_once_though_its_facts_do_without() -> None:
    raw = Gap(GapReason.PERMISSION, "ports-udp", detail="raw packets", needs="root")
    whole = Gap(GapReason.TIMED_OUT, detail="no end")
    of_a_fact = replace(whole, step="ike")
    blind = sheet("web1@inside", gap=(OpenPorts, DENIED))
    cases: list[tuple[FactSheet, tuple[Gap, ...], tuple[Gap, ...]]] = [
        (sheet("web1@inside"), (raw, raw), (raw,)),
        (blind, (DENIED, raw), (raw, DENIED)),
        (sheet("web1@inside"), (whole,), (whole,)),
        (sheet("web1@inside", gap=(OpenPorts, of_a_fact)), (whole,), (of_a_fact,)),
    ]
    looks = (Look("web1@inside", "web1", "inside"),)
    for seen, untaken, told in cases:
        sheets = {"web1": sheet("web1", identity(0)), "web1@inside": seen}
        result = evaluate(
            SHOP, {3: profile(item((UID,)))}, [host("web1")], sheets, CHECKS, AT, looks,
            {"web1@inside": untaken},
        )  # fmt: skip
        assert result.gaps["web1@inside"] == tuple(sorted(told, key=lambda gap: (gap.step, gap.subject)))
        assert result.gaps["web1"] == ()


def test_a_step_without_checks_waits_for_a_person() -> None:
    step = ItemStep(1, WORDS, Method.INTERVIEW)
    assert answer_step(step, {"a.b": finding("a.b", YES)}).answer is UNSEEN


def test_settles_no_never_acquits() -> None:
    sheets = {"web1": sheet("web1", identity(0)), "web2": sheet("web2", identity(1000))}
    result = judge(item((UID_NO,)), objects=[host("web1"), host("web2")], sheets=sheets)
    assert [answers(result, 0, n) for n in (0, 1)] == [[UNSEEN], [NO]]
    assert result.items[0].possible == {P, N}
    assert result.items[0].known_to_fail


def test_a_role_is_judged_on_its_own_derived_facts_then_on_its_parents_sheet() -> None:
    role = host("gw/boundary_device", kind="boundary_device", platform="", parent="gw")
    tunnel = Tunnel("gre", "gre1", "interface", "", "", CITED)
    sheets = {
        "gw": sheet("gw", identity(0), register()),
        role.id: sheet(role.id, register(tunnel)),
    }
    boundary = item((UID,), (TUNNEL,), kinds=("boundary_device",))
    result = judge(boundary, objects=[host("gw"), role], sheets=sheets)
    (on,) = result.items[0].objects
    assert (on.object, [s.answer for s in on.steps]) == (role.id, [YES, NO])
    # The machine itself is asked everything; its own register is clean.
    assert [f.answer for f in result.findings if f.object == "gw"] == [UNSEEN, YES, YES]
    assert [f.check for f in result.findings if f.object == role.id] == ["host.uid-low", "tunnel.known"]


@pytest.mark.parametrize(
    "database",
    [
        host("web1/mysql@3306", kind="database", platform="", parent="web1"),
        host("db1", kind="database"),
        host("db1", kind="no such kind"),
    ],
    ids=["child", "of its own", "unknown kind"],
)
def test_what_a_host_shows_never_answers_for_a_database_on_it(database: AssessmentObject) -> None:
    good = (identity(0), clock(synchronised=True))
    sheets = {"web1": sheet("web1", *good), "db1": sheet("db1", *good)}
    result = judge(
        item((UID,), (CLOCK,), kinds=("operating_system", database.kind)),
        objects=[host("web1"), database],
        sheets=sheets,
    )
    by_object = {o.object: o for o in result.items[0].objects}
    assert by_object["web1"].possible == {C}
    assert by_object[database.id].possible == {C, P, N}
    assert not [s.findings for s in by_object[database.id].steps if s.findings]


def test_a_check_of_derived_facts_on_a_database_does_not_see_its_hosts_facts_beside_them() -> None:
    def judge_both(fact: TunnelRegister, host: HostIdentity | Gap, _: NoParameters) -> Outcome:
        assert fact.seen
        return (Outcome.no if isinstance(host, Gap) else Outcome.yes)(WORDS, CITED)

    check = Check(
        "tunnel.known", WORDS, (TunnelRegister,), judge_both, Risk.HIGH, WORDS, also=(HostIdentity,)
    )
    database = host("db1", kind="database")
    sheets = {"db1": sheet("db1", identity(0), register())}
    wanted = item((TUNNEL,), kinds=("database",))
    result = evaluate(SHOP, {3: profile(wanted)}, [database], sheets, {**CHECKS, check.id: check}, AT)
    assert answers(result) == [NO]


def test_an_item_without_an_object_is_judged_on_the_system_itself() -> None:
    tunnel = Tunnel("gre", "gre1", "interface", "", "", CITED)
    sheets = {"shop": sheet("shop", register(tunnel), identity(0))}
    result = judge(item((TUNNEL,), (UID,), kinds=("record",)), sheets=sheets)
    (on,) = result.items[0].objects
    assert on.object == "shop"
    assert [s.answer for s in on.steps] == [NO, UNSEEN]
    assert result.items[0].possible == {P, N}
    assert [(o.id, o.kind) for o in result.objects] == [("web1", "operating_system"), ("shop", "system")]


def test_not_applicable_is_declared_for_every_kind_and_never_guessed() -> None:
    wanted = item((UID,), kinds=("boundary_device", "database"))
    partly = replace(SHOP, absent={"database": "none is used"})
    wholly = replace(SHOP, absent={"database": "none is used", "boundary_device": "inside another system"})
    assert judge(wanted, sheets={}, system=partly).items[0].possible == {C, N}
    result = judge(wanted, sheets={}, system=wholly)
    assert result.items[0].verdict is Verdict.NOT_APPLICABLE
    (on,) = result.items[0].objects
    assert on.reason == "inside another system; none is used"
    # What is there wins over what is declared absent.
    there = [host("web1", kind="database")]
    assert judge(wanted, objects=there, sheets={}, system=wholly).items[0].possible == {C, N}


def test_marks_choose_the_level_and_its_parameters() -> None:
    system = System("shop", "", Grade.parse("S2A3"))
    profiles = {
        2: profile(
            item((UID,), id_="L2-CES1-01", clause="7.1.4.1 a)", mark="S", level=2),
            item((UID,), id_="L2-CES1-08", clause="7.1.4.3 a)", mark="G", level=2),
            level=2,
            max_uid=1000,
        ),
        3: profile(
            item((UID,), id_="L3-CES1-01", clause="8.1.4.1 a)", mark="S"),
            item((UID,), id_="L3-CES1-12", clause="8.1.4.3 a)", mark="G"),
            item((UID,), id_="L3-CES1-29", clause="8.1.4.9 a)", mark="A"),
        ),
    }
    result = evaluate(system, profiles, [host("web1")], {"web1": sheet("web1", identity(500))}, CHECKS, AT)
    assert [r.item.id for r in result.items] == ["L2-CES1-01", "L3-CES1-12", "L3-CES1-29"]
    assert [r.verdict for r in result.items] == [C, N, N]
    assert result.profile.level == 3
    # One question, two levels: the worse answer is shown once.
    assert [f.answer for f in result.findings if f.check == "host.uid-low"] == [NO]


def test_objects_of_other_systems_are_left_out() -> None:
    objects = [host("web1"), host("web2", systems=("other",)), host("db", systems=("other", "shop"))]
    sheets = {o.id: sheet(o.id, identity(0)) for o in objects}
    result = judge(item((UID,)), objects=objects, sheets=sheets)
    assert [o.object for o in result.items[0].objects] == ["db", "web1"]
    assert {f.object for f in result.findings} == {"db", "web1"}


def test_the_order_of_everything_given_makes_no_difference() -> None:
    items = [
        item((UID,), id_="L3-CES1-02", clause="8.1.4.1 b)"),
        item((CLOCK,), id_="L3-ABS1-10", clause="8.1.3.10 a)"),
        item((UID,), id_="L3-ABS1-02", clause="8.1.3.2 a)"),
    ]
    objects = [host(f"web{n}") for n in range(4)]
    sheets = {o.id: sheet(o.id, identity(n), gap=(TimeSync, DENIED)) for n, o in enumerate(objects)}
    first = judge(*items, objects=objects, sheets=sheets)
    assert [r.item.id for r in first.items] == ["L3-ABS1-02", "L3-ABS1-10", "L3-CES1-02"]
    shuffle = random.Random(7).sample  # noqa: S311 - an order, no secret
    for _ in range(3):
        again = judge(
            *shuffle(items, 3), objects=shuffle(objects, 4), sheets=dict(shuffle(list(sheets.items()), 4))
        )
        assert (again.items, again.findings, again.objects) == (first.items, first.findings, first.objects)

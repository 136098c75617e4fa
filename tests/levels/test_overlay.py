"""Overlays: what they change, what they may not, and what a loosening needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import ProfileError
from scanner.evaluate import evaluate
from scanner.facts import FactSheet, HostIdentity, TimeSync
from scanner.lint import lint_overlays
from scanner.model import (
    Answer,
    Assessment,
    AssessmentObject,
    Gap,
    GapReason,
    Grade,
    Loosening,
    Settles,
    System,
    Text,
)
from scanner.profile import load_items, load_profile
from tests.levels.small_profile import CHECKS, CITED, SOURCES, TIGHTER, Limits, laid, overlay

if TYPE_CHECKING:
    from scanner.facts import Fact
    from scanner.model import Binding, Profile

HEAD = "name: bank\ntitle: {zh: 甲, en: a}\nbase: l3\n"
REASON = "reason: {zh: 因为, en: because}"
BECAUSE = Text("因为", "because")
AT = datetime(2026, 1, 2, tzinfo=UTC)
HOST = AssessmentObject("web1", "operating_system", "linux", "", "", ("shop",))


def on_step(entries: str) -> str:
    return f"{HEAD}bindings:\n  L3-CES1-01:\n    {entries}\n"


def bound(profile: Profile, item: str, n: int) -> tuple[Binding, ...]:
    return next(i for i in profile.items if i.id == item).steps[n - 1].bindings


def test_an_overlay_changes_thresholds_adds_checks_and_items() -> None:
    changed = laid(TIGHTER)
    assert changed.parameters["host.uid"] == Limits(max_uid=500, min_uid=100)
    assert [b.check for b in bound(changed, "L3-CES1-01", 1)] == ["host.uid", "host.not-root", "clock.right"]
    assert [b.check for b in bound(changed, "L3-CES1-01", 2)] == ["host.not-root"]
    added = changed.items[-1]
    assert (added.id, added.overlay, added.level, added.clause) == ("X-BANK-01", "bank", 3, "内部规定 3.2")
    assert bound(changed, "X-BANK-01", 1)[0].settles is Settles.BOTH
    (named,) = changed.overlays
    assert (named.name, named.title.en, named.loosened) == ("bank", "House baseline", ())


def test_it_changes_each_of_its_bases_and_no_other_level() -> None:
    level_2 = laid(TIGHTER, level=2)
    assert level_2.parameters["host.uid"] == Limits(max_uid=500, min_uid=100)
    assert [i.id for i in level_2.items] == ["L2-CES1-01"], "the item is asked for from level 3 on"
    level_1 = laid(TIGHTER, level=1)
    assert level_1.parameters["host.uid"] == Limits(max_uid=900, min_uid=100)
    assert level_1.overlays == ()
    assert level_1.digest == laid(level=1).digest


def test_the_digest_follows_the_overlay_and_not_where_it_is_kept() -> None:
    changed = laid(TIGHTER)
    assert changed.digest != laid().digest
    assert changed.digest != laid(TIGHTER + "# a word\n").digest
    stored = SOURCES | {"overlays/01-bank.yaml": TIGHTER.encode()}
    assert load_profile(3, CHECKS, stored).digest == changed.digest


def test_overlays_among_the_profile_files_are_laid_over() -> None:
    stored = SOURCES | {"overlays/01-bank.yaml": TIGHTER.encode()}
    assert load_profile(3, CHECKS, stored) == laid(TIGHTER)
    assert [i.id for i in load_items(3, stored)] == ["L3-CES1-01", "X-BANK-01"]


def test_overlays_are_laid_one_over_the_other() -> None:
    branch = TIGHTER.replace("name: bank", "name: branch").replace("500", "400")
    branch = branch[: branch.index("bindings:")]
    assert laid(TIGHTER, branch).parameters["host.uid"] == Limits(max_uid=400, min_uid=100)
    with pytest.raises(ProfileError, match="asks for less than level 3 does: max_uid 500 instead of 400"):
        laid(branch, TIGHTER)


LOOSER = (
    (
        "a threshold",
        "parameters:\n  host.uid: {max_uid: 700, REASON}\n",
        Loosening(3, "host.uid", "600", "700", BECAUSE, parameter="max_uid"),
    ),
    (
        "the other way round",
        "parameters:\n  host.uid: {min_uid: 99, REASON}\n",
        Loosening(3, "host.uid", "100", "99", BECAUSE, parameter="min_uid"),
    ),
    (
        "a check that condemned",
        "bindings:\n  L3-CES1-01:\n    1:\n      - {remove: host.not-root, REASON}\n",
        Loosening(3, "host.not-root", "no", "", BECAUSE, item="L3-CES1-01", step=1),
    ),
    (
        "a check that answered",
        "bindings:\n  L3-CES1-01:\n    1:\n      - {remove: host.uid, REASON}\n",
        Loosening(3, "host.uid", "both", "", BECAUSE, item="L3-CES1-01", step=1),
    ),
    (
        "a check that acquits what nothing acquitted",
        "bindings:\n  L3-CES1-01:\n    4:\n      - {check: host.not-root, settles: both, REASON}\n",
        Loosening(3, "host.not-root", "", "both", BECAUSE, item="L3-CES1-01", step=4),
    ),
)


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in LOOSER], ids=[c[0] for c in LOOSER])
def test_a_loosening_is_refused_without_a_reason_and_carried_with_one(text: str, expected: Loosening) -> None:
    (named,) = laid(HEAD + text.replace("REASON", REASON)).overlays
    assert named.loosened == (expected,)
    with pytest.raises(ProfileError, match=r"needs a reason \{zh: \.\., en: \.\.\} beside it"):
        laid(HEAD + text.replace(", REASON", ""))
    with pytest.raises(ProfileError, match="'en' is missing"):
        laid(HEAD + text.replace("REASON", "reason: {zh: 因为}"))


def test_a_check_is_bound_anew_by_taking_it_away_first() -> None:
    changed = laid(on_step(f"1: [{{remove: host.uid, {REASON}}}, {{check: host.uid, settles: no}}]"))
    assert {b.check: b.settles for b in bound(changed, "L3-CES1-01", 1)} == {
        "host.uid": Settles.NO,
        "host.not-root": Settles.NO,
    }
    assert [loosened.after for loosened in changed.overlays[0].loosened] == [""]


PARAMETERS = HEAD + "parameters:\n  host.uid: {max_uid: 500}\n"
ITEMS = TIGHTER.replace("base: [l2, l3]", "base: l3")


MISTAKES: tuple[tuple[str, str, str, str], ...] = (
    ("no name", PARAMETERS.replace("name: bank\n", ""), "1:1", "'name' is missing"),
    ("a name that is no word", PARAMETERS.replace("name: bank", "name: ../bank"), "1:1", "name: must match"),
    ("one language", PARAMETERS.replace("{zh: 甲, en: a}", "{zh: 甲}"), "2:1", "'en' is missing"),
    ("no base", PARAMETERS.replace("base: l3\n", ""), "1:1", "'base' is missing"),
    ("a base that is no level", PARAMETERS.replace("base: l3", "base: l5"), "3:1", "must be 'l1', 'l2'"),
    ("one of several bases", PARAMETERS.replace("base: l3", "base: [l3, l9]"), "3:12", "not 'l9'"),
    ("nothing", HEAD, "1:1", "changes nothing"),
    ("an unknown key", PARAMETERS + "extends: x\n", "6:1", "unknown key 'extends'"),
    ("an unknown check", PARAMETERS.replace("host.uid", "host.gid"), "5:3", "no check is called 'host.gid'"),
    ("an unknown parameter", PARAMETERS.replace("max_uid", "most"), "5:14", "no parameter 'most'"),
    ("no parameter", PARAMETERS.replace("max_uid: 500", REASON), "5:3", "no parameter is named"),
    ("no number", PARAMETERS.replace("500", "many"), "5:14", "must be a whole number, not 'many'"),
    ("what nobody can meet", PARAMETERS.replace("max_uid: 500", "min_uid: 901"), "5:14", "at most 900"),
    ("no mapping", PARAMETERS.replace("{max_uid: 500}", "500"), "5:3", "must be a mapping"),
    ("an unknown item", HEAD + "bindings:\n  L3-CES1-99: {}\n", "5:3", "no item of level 3"),
    ("an item of no base", HEAD + "bindings:\n  L2-CES1-01: {}\n", "5:3", "no item of level 3"),
    ("an unknown step", on_step("6: [{check: host.uid, settles: no}]"), "6:5", "no step 6"),
    ("no list", on_step("1: {check: host.uid}"), "6:5", "must be a list"),
    ("an unknown bound check", on_step("2: [{check: x.y, settles: no}]"), "6:10", "no check is called 'x.y'"),
    ("settles what", on_step("2: [{check: host.uid, settles: yes}]"), "6:27", "must be 'both' or 'no'"),
    ("an odd key", on_step("2: [{check: host.uid, settles: no, x: 1}]"), "6:40", "unknown key 'x'"),
    ("bound already", on_step("1: [{check: host.uid, settles: both}]"), "6:10", "bound to this step already"),
    ("not bound", on_step("1: [{remove: clock.right, REASON}]"), "6:10", "is not bound to step 1"),
    ("no look answers", on_step("3: [{check: host.uid, settles: no}]"), "6:9", "no look answers this step"),
    ("a look answers a part", on_step("2: [{check: host.uid, settles: both}]"), "6:27", "settles must be no"),
    ("evidence only", on_step("5: [{check: host.uid, settles: both, REASON}]"), "6:27", "evidence-only"),
    ("an item's id", ITEMS.replace("X-BANK-01", "BANK-01"), "16:5", "id: must match"),
    ("an item of the standard", ITEMS.replace("id: X-BANK-01", "id: L3-CES1-02"), "16:5", "id: must match"),
    ("a clause that acts", ITEMS.replace("内部规定 3.2", '"\\x9b31m"'), "18:5", "clause: must match"),
    ("a class", ITEMS.replace("class: CES", "class: XXX"), "19:5", "class: must be"),
    ("a kind", ITEMS.replace("[operating_system]", "[cat]"), "24:13", "called 'cat'"),
    ("a level above all bases", ITEMS.replace("min_level: 3", "min_level: 4"), "17:5", "no base"),
    ("a rule", ITEMS.replace("decision: all", "decision: 1 or 2"), "25:5", "decision"),
    ("not YAML", "name: ]", "1:7", "not YAML"),
    ("no mapping at all", "- name\n", "1:1", "must be a mapping"),
    ("nothing at all", "", "1:1", "empty"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "place", "said"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_each_mistake_at_its_place(text: str, place: str, said: str) -> None:
    with pytest.raises(ProfileError) as caught:
        lint_overlays([overlay(text.replace("REASON", REASON))], CHECKS, SOURCES)
    texts = [str(mistake) for mistake in caught.value.mistakes]
    assert any(t.startswith(f"bank.yaml:{place}: ") and said in t for t in texts), texts


def test_mistakes_of_all_overlays_and_levels_come_together() -> None:
    one = overlay(TIGHTER.replace("L3-CES1-01", "L2-CES1-09").replace("500", "850"), "one.yaml")
    other = overlay(PARAMETERS.replace("host.uid", "host.gid"), "other.yaml")
    with pytest.raises(ProfileError) as caught:
        lint_overlays([one, other], CHECKS, SOURCES)
    said = [str(mistake) for mistake in caught.value.mistakes]
    assert [text.partition(": ")[0] for text in said] == [
        "one.yaml:1:1", "one.yaml:5:14", "one.yaml:5:14", "one.yaml:7:3", "other.yaml:1:1", "other.yaml:5:3",
    ]  # fmt: skip
    assert "850 instead of 600" in said[1] or "850 instead of 600" in said[2]
    assert "2 overlays are called bank" in said[0]


def test_a_second_item_of_the_same_id_is_refused_also_from_another_overlay() -> None:
    other = TIGHTER.replace("name: bank", "name: branch")
    with pytest.raises(ProfileError, match="X-BANK-01 is there already"):
        laid(TIGHTER, other[: other.index("bindings:")] + other[other.index("items:") :])


@pytest.mark.parametrize("clause", ["内部规定 3.2", "1.1", "JR/T 0071.2-2020 6.1"])
def test_added_items_are_judged_after_those_of_the_standard_and_at_one_level_only(clause: str) -> None:
    system = System("shop", "Shop", Grade(3, 2))
    text = TIGHTER.replace("min_level: 3", "min_level: 2").replace("内部规定 3.2", clause)
    profiles = {level: laid(text, level=level) for level in (2, 3)}
    judged = evaluate(system, profiles, [HOST], {"web1": FactSheet("web1", {})}, CHECKS, AT)
    assert [(r.item.id, r.item.level) for r in judged.items] == [("L3-CES1-01", 3), ("X-BANK-01", 3)]


# The law: what asks for nothing less never turns a no, or an unseen, into a yes.

SYSTEM = System("shop", "Shop", Grade(3, 3))
MISSING = Gap(GapReason.PERMISSION, "s")


def judged(profile: Profile, identity: Fact | Gap, clock: Fact | Gap) -> Assessment:
    sheet = FactSheet("web1", {HostIdentity: identity, TimeSync: clock})
    return evaluate(SYSTEM, {3: profile}, [HOST], {"web1": sheet}, CHECKS, AT)


@st.composite
def additions(draw: st.DrawFn) -> str:
    """Bindings to any step, of any check, that say no reason."""
    lines = []
    for n in draw(st.lists(st.sampled_from([1, 2, 4, 5]), unique=True)):
        checks = draw(st.lists(st.sampled_from(sorted(CHECKS)), min_size=1, unique=True))
        settles = [draw(st.sampled_from(["no", "both"])) for _ in checks]
        entries = ", ".join(f"{{check: {c}, settles: {s}}}" for c, s in zip(checks, settles, strict=True))
        lines.append(f"    {n}: [{entries}]\n")
    return "bindings:\n  L3-CES1-01:\n" + "".join(lines) if lines else ""


@settings(deadline=None)
@given(
    st.integers(1, 650),
    st.integers(90, 900),
    additions(),
    st.one_of(st.just(MISSING), st.integers(0, 1000)),
    st.one_of(st.just(MISSING), st.booleans()),
)
def test_what_is_accepted_without_a_reason_never_lets_more_pass(
    most: int, least: int, bindings: str, uid: Gap | int, clock: Gap | bool
) -> None:
    text = f"{HEAD}parameters:\n  host.uid: {{max_uid: {most}, min_uid: {least}}}\n{bindings}"
    try:
        stricter = laid(text)
    except ProfileError:
        return
    host = uid if isinstance(uid, Gap) else HostIdentity((CITED,), "web1", "X", "x", "1", "6.1", uid)
    time = clock if isinstance(clock, Gap) else TimeSync((CITED,), "chronyd", ("10.0.0.1",), clock)
    before, after = judged(laid(), host, time), judged(stricter, host, time)
    for old, new in zip(before.items[0].objects[0].steps, after.items[0].objects[0].steps, strict=True):
        assert old.answer is Answer.YES or new.answer is not Answer.YES, f"step {old.n}"
        assert old.answer is not Answer.NO or new.answer is Answer.NO, f"step {old.n}"
    assert after.items[0].known_to_fail or not before.items[0].known_to_fail

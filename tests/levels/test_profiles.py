"""How two profiles differ."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.compare import Aspect, Fate, ProfileDifference, differ, lineage
from scanner.errors import ProfileError
from scanner.lint import lint_judgements, lint_levels, lint_overlays
from scanner.model import Binding, Item, Profile, Scope, Settles, Text
from scanner.profile import LEVELS, packaged
from scanner.threshold import Change
from tests.checks.build import CHECKS
from tests.levels.made_up import item, raised, step
from tests.levels.small_profile import TIGHTER, laid, overlay

OLD = item("L2-CES1-01", step(1, "a.b", no=["c.d"]), step(2))
GROWN = raised(OLD, "L3-CES1-03")


def profile(*items: Item) -> Profile:
    return Profile(items[0].level, Text("甲", "a"), items, {}, "")


def compared(before: Item, after: Item) -> ProfileDifference:
    return differ(profile(before), profile(after), lineage([before, after]))


def test_a_requirement_is_followed_by_what_it_took_the_place_of() -> None:
    new, gone = item("L3-CES1-25"), item("L2-MMS1-16")
    found = differ(profile(OLD, gone), profile(new, GROWN), lineage([OLD, gone, new, GROWN]))
    assert [(d.fate, d.before and d.before.id, d.after and d.after.id) for d in found.items] == [
        (Fate.NEW, None, "L3-CES1-25"),
        (Fate.UNCHANGED, "L2-CES1-01", "L3-CES1-03"),
        (Fate.GONE, "L2-MMS1-16", None),
    ]


ASPECTS: tuple[tuple[Aspect, Item], ...] = (
    (Aspect.SUMMARY, replace(GROWN, summary=Text("乙", "b"))),
    (Aspect.STEPS, replace(GROWN, steps=(GROWN.steps[0], replace(GROWN.steps[1], text=Text("乙", "b"))))),
    (Aspect.KINDS, replace(GROWN, kinds=("database",))),
    (Aspect.DECISION, replace(GROWN, decision="any")),
    (Aspect.PARTIAL, replace(GROWN, partial=False)),
    (Aspect.OPTIONAL, replace(GROWN, optional=True)),
    (Aspect.MARK, replace(GROWN, mark="S")),
    (Aspect.CONTROL_POINT, replace(GROWN, klass="SMC")),
    (Aspect.THEMES, replace(GROWN, themes=())),
    (Aspect.HIGH_RISK, replace(GROWN, high_risk=("HR-01",))),
)


@pytest.mark.parametrize(("aspect", "changed"), ASPECTS, ids=[aspect for aspect, _ in ASPECTS])
def test_each_aspect_is_told(aspect: Aspect, changed: Item) -> None:
    (found,) = compared(OLD, changed).items
    assert (found.fate, found.aspects) == (Fate.CHANGED, (aspect,))


def test_every_aspect_has_a_row_above() -> None:
    assert [aspect for aspect, _ in ASPECTS] == list(Aspect)


def test_ids_clauses_levels_and_the_order_of_names_are_no_change() -> None:
    moved = replace(GROWN, clause="8.1.4.9 z)", kinds=OLD.kinds[::-1], scope=Scope.GENERAL)
    assert compared(OLD, moved).items[0].fate is Fate.UNCHANGED


def test_what_answers_is_compared_step_by_step_where_the_steps_are_the_same() -> None:
    swapped = replace(GROWN, steps=(step(1, "a.b"), step(2, no=["c.d"])))
    (found,) = compared(OLD, swapped).items
    assert found.fate is Fate.UNCHANGED
    assert [(a.n, a.binding) for a in found.lost] == [(1, Binding("c.d", Settles.NO))]
    assert [(a.n, a.binding) for a in found.gained] == [(2, Binding("c.d", Settles.NO))]


def test_what_answers_is_compared_as_a_whole_where_steps_were_added() -> None:
    more = replace(GROWN, steps=(step(1), step(2, "a.b", no=["c.d"]), step(3, "e.f")))
    (found,) = compared(OLD, more).items
    assert (found.aspects, found.lost) == ((Aspect.STEPS,), ())
    assert [(a.n, a.binding.check) for a in found.gained] == [(0, "e.f")]


def test_thresholds_tell_which_way_they_change() -> None:
    found = differ(laid(level=2), laid(), lineage([*laid(level=2).items, *laid().items]))
    assert [(p.check, p.change) for p in found.parameters] == [
        ("host.uid", Change("max_uid", 800, 600, looser=False))
    ]


def test_an_overlay_differs_from_its_base_by_what_it_says() -> None:
    found = differ(laid(), laid(TIGHTER), lineage([*laid(TIGHTER).items]))
    assert [d.after.id for d in found.of_fate(Fate.NEW) if d.after] == ["X-BANK-01"]
    assert found.of_fate(Fate.CHANGED) == found.of_fate(Fate.GONE) == ()
    (same,) = found.of_fate(Fate.UNCHANGED)
    assert [(a.n, a.binding.check) for a in same.gained] == [(1, "clock.right"), (2, "host.not-root")]


def test_the_shipped_levels_are_right_and_grow_as_the_standard_does() -> None:
    """Numbers of the standard's general items: 55, 135, 211, 228; what is new less what is gone."""
    sources = packaged()
    profiles = dict(zip(LEVELS, lint_levels(CHECKS, sources), strict=True))
    lint_judgements(CHECKS, profiles.values(), sources)
    items = lineage(i for p in profiles.values() for i in p.items)
    grown = {}
    for level in (2, 3, 4):
        found = differ(profiles[level - 1], profiles[level], items)
        counts = {
            fate: sum((d.after or d.before).scope is Scope.GENERAL for d in found.of_fate(fate))  # type: ignore[union-attr]
            for fate in Fate
        }
        assert sum(counts.values()) - counts[Fate.NEW] == len(
            [i for i in profiles[level - 1].items if i.scope is Scope.GENERAL]
        )
        grown[level] = counts[Fate.NEW] - counts[Fate.GONE]
        assert not any(p.change.looser for p in found.parameters)
    assert grown == {2: 135 - 55, 3: 211 - 135, 4: 228 - 211}


def test_a_level_that_asks_for_less_than_the_one_below_is_a_mistake() -> None:
    sources = packaged()
    text = sources["l3.yaml"].decode()
    old = "session.idle-timeout: {max_seconds: 600}"
    line = text[: text.index(old)].count("\n") + 1
    sources["l3.yaml"] = text.replace(old, "session.idle-timeout: {max_seconds: 1000}").encode()
    with pytest.raises(ProfileError) as caught:
        lint_levels(CHECKS, sources)
    (mistake,) = caught.value.mistakes
    assert str(mistake) == (
        f"control_profiles/l3.yaml:{line}:26: max_seconds 1000 asks for less than 900 of level 2"
    )


def test_the_example_of_the_documentation_is_right() -> None:
    page = (Path(__file__).parents[2] / "docs" / "overlays.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    levels = lint_overlays([overlay(example)], CHECKS, packaged())
    assert [profile.level for profile in levels] == [2, 3]
    (laid_over,) = levels[1].overlays
    assert [loosened.parameter for loosened in laid_over.loosened] == ["max_days"]

"""Laws of the profiles that this product ships."""

import dataclasses
from collections.abc import Iterator

import pytest

from scanner import decision
from scanner.checks import ALL
from scanner.model import Item, Profile, Settles
from scanner.profile import LEVELS, load_profile
from scanner.selection import clause_order

CHECKS = {check.id: check for check in ALL}
PROFILES = {level: load_profile(level, CHECKS) for level in LEVELS}

NOT_BOUND = {
    "filter.survives-reboot",
    "log.forwarded",
    "log.forwarding-encrypted",
    "wire.tls-versions-strong",
    "wire.certificates-valid",
    "wire.agrees-with-host",
}
"""Checks that no step of the items of level 3 asks for; they are findings of a host all the same."""


def bound(profile: Profile) -> Iterator[tuple[Item, int, str, Settles]]:
    for item in profile.items:
        for step in item.steps:
            for binding in step.bindings:
                yield item, step.n, binding.check, binding.settles


def counterpart(item: Item, profile: Profile) -> Item | None:
    """The item of the same requirement at another level: same control point, alike summary."""
    found = [
        other
        for other in profile.items
        if other.klass == item.klass
        and other.control_point == item.control_point
        and other.summary == item.summary
    ]
    return found[0] if len(found) == 1 else None


def test_level_3_has_at_least_twenty_items_in_the_four_themes() -> None:
    items = PROFILES[3].items
    assert len(items) >= 35
    assert sum(bool(item.themes) for item in items) >= 20
    assert {theme for item in items for theme in item.themes} == {
        "firewall",
        "encryption",
        "audit",
        "tunnels",
    }


def test_higher_levels_have_no_fewer_items() -> None:
    counts = [len(PROFILES[level].items) for level in LEVELS]
    assert counts == sorted(counts)


@pytest.mark.parametrize("level", LEVELS)
def test_items_are_complete_and_decidable(level: int) -> None:
    for item in PROFILES[level].items:
        decision.parse(item.decision, [step.n for step in item.steps])
        assert item.summary.zh != item.summary.en
        assert all(step.text.zh and step.text.en for step in item.steps)
        assert int(item.clause.split(".", 1)[0]) == level + 5
        assert (item.weight == "key") == bool(item.high_risk)
    order = [clause_order(item) for item in PROFILES[level].items]
    assert order == sorted(order)


@pytest.mark.parametrize("level", LEVELS)
def test_thresholds_are_named_by_their_direction_and_never_looser_at_a_higher_level(level: int) -> None:
    if level == LEVELS[-1]:
        return
    lower, higher = PROFILES[level].parameters, PROFILES[level + 1].parameters
    for name, check in CHECKS.items():
        for field in dataclasses.fields(check.parameters):
            before, after = (getattr(p[name], field.name) for p in (lower, higher))
            if field.name.startswith("max_"):
                assert after <= before, (name, field.name)
            else:
                assert field.name.startswith("min_"), f"{name}: say in which direction {field.name} is strict"
                assert after >= before, (name, field.name)


def test_every_check_is_asked_for_somewhere_or_known_not_to_be() -> None:
    asked = {check for profile in PROFILES.values() for _, _, check, _ in bound(profile)}
    assert set(CHECKS) - asked == NOT_BOUND


@pytest.mark.parametrize("level", [1, 2, 4])
def test_the_same_requirement_is_bound_alike_at_every_level(level: int) -> None:
    compared = 0
    for item in PROFILES[3].items:
        other = counterpart(item, PROFILES[level])
        if other is not None:
            ours = [step.bindings for step in item.steps]
            theirs = [step.bindings for step in other.steps]
            assert theirs == ours[: len(theirs)], (item.id, other.id)
            compared += 1
    assert compared >= 9


def test_beside_checks_that_acquit_only_the_wire_just_condemns() -> None:
    for profile in PROFILES.values():
        for item in profile.items:
            for step in item.steps:
                host = {b.settles for b in step.bindings if not b.check.startswith("wire.")}
                assert len(host) <= 1, (item.id, step.n)


def test_the_wire_never_acquits() -> None:
    for profile in PROFILES.values():
        for item, step, check, settles in bound(profile):
            assert settles is Settles.NO or not check.startswith("wire."), (item.id, step, check)


def test_the_clock_is_an_item_of_level_4_only() -> None:
    levels = {
        level
        for level, profile in PROFILES.items()
        for *_, check, _ in bound(profile)
        if check == "time.synchronised"
    }
    assert levels == {4}


def test_retention_is_six_months_at_every_level() -> None:
    assert {profile.parameters["log.retention-sufficient"].min_days for profile in PROFILES.values()} == {180}  # type: ignore[attr-defined]

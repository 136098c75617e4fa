"""Every step that a look bears on names a check, the capability that it awaits, or why evidence is all.

A failing count prints its steps, so that a change of what answers the catalogue is seen and read.
"""

import re
from collections.abc import Iterator, Mapping

import pytest

from scanner.checks import ALL
from scanner.model import Item, ItemStep, Level, Profile, Settles, Sight
from scanner.profile import LEVELS, load_profile

CHECKS = {check.id: check for check in ALL}
PROFILES: Mapping[Level, Profile] = {level: load_profile(level, CHECKS) for level in LEVELS}

AWAITING: Mapping[Level, Mapping[str, int]] = {
    1: {"hosts": 4, "firewalls": 5, "devices": 37, "tunnels": 1, "encryption": 1},
    2: {"hosts": 11, "firewalls": 10, "devices": 76, "tunnels": 2, "encryption": 2},
    3: {"hosts": 19, "firewalls": 16, "devices": 120, "tunnels": 4, "encryption": 8},
    4: {"hosts": 23, "firewalls": 19, "devices": 125, "tunnels": 5, "encryption": 9},
}
"""Steps that await a capability, by level. All zero once every capability is there."""

EVIDENCE_ONLY: Mapping[Level, int] = {1: 16, 2: 45, 3: 93, 4: 96}
"""Steps of which a look only gathers evidence, by level."""

CHECKED: Mapping[Level, int] = {1: 25, 2: 38, 3: 50, 4: 50}
"""Steps that a check answers or condemns, by level."""

WHOLE_AND_YET_EVIDENCE = {
    "L1-CES2-01 step 2": "migrations are recorded in the platform, whose management nothing here reads",
    "L2-CES2-01 step 2": "the same",
}
"""Steps that a look could answer whole, and which no check will answer all the same; why."""

NOT_BOUND_ABOVE: Mapping[tuple[str, str], str] = {
    ("L2-CES1-16", "malware.signatures-current"): "answers the whole step there, which asks for both at once",
    (
        "L3-CES1-23",
        "malware.signatures-current",
    ): "level 4 asks for trusted verification and for nothing else",
}
"""Checks of an item that the item taking its place at the next level does without; why."""


def steps(profile: Profile) -> Iterator[tuple[str, Item, ItemStep]]:
    for item in profile.items:
        for step in item.steps:
            yield f"{item.id} step {step.n}", item, step


def awaiting(profile: Profile) -> dict[str, list[str]]:
    """Names of the steps that await a capability, by capability."""
    found: dict[str, list[str]] = {name: [] for name in profile.capabilities}
    for name, _, step in steps(profile):
        if step.awaits:
            found[step.awaits].append(name)
    return found


def answered_by(step: ItemStep) -> tuple[object, ...]:
    return step.bindings, step.awaits, step.evidence_only


def pairs() -> Iterator[tuple[Item, Item]]:
    """Items that take the place of one at the level below, with that one."""
    below = {item.id: item for profile in PROFILES.values() for item in profile.items}
    for item in below.values():
        if item.changed_from:
            yield below[item.changed_from], item


@pytest.mark.parametrize("level", LEVELS)
def test_every_step_that_a_look_bears_on_says_what_answers_it(level: Level) -> None:
    silent = [
        name
        for name, _, step in steps(PROFILES[level])
        if step.sight is not Sight.NO and not (step.bindings or step.awaits or step.evidence_only)
    ]
    assert silent == []


@pytest.mark.parametrize("level", LEVELS)
def test_a_step_that_no_look_bears_on_waits_for_a_person(level: Level) -> None:
    bound = [
        name for name, _, step in steps(PROFILES[level]) if step.sight is Sight.NO and any(answered_by(step))
    ]
    assert bound == []


@pytest.mark.parametrize("level", LEVELS)
def test_what_awaits_which_capability(level: Level) -> None:
    found = awaiting(PROFILES[level])
    listed = "\n".join(f"{name}: {', '.join(own)}" for name, own in found.items())
    assert {name: len(own) for name, own in found.items()} == AWAITING[level], listed


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_checked_and_what_is_evidence_only(level: Level) -> None:
    evidence = [name for name, _, step in steps(PROFILES[level]) if step.evidence_only]
    checked = [name for name, _, step in steps(PROFILES[level]) if step.bindings]
    assert len(evidence) == EVIDENCE_ONLY[level], evidence
    assert len(checked) == CHECKED[level], checked


def test_no_capability_is_named_that_nothing_awaits() -> None:
    for profile in PROFILES.values():
        assert list(profile.capabilities) == ["hosts", "firewalls", "devices", "tunnels", "encryption"]
    assert all(awaiting(PROFILES[3]).values())


def test_a_step_that_a_look_answers_whole_is_left_to_evidence_for_known_reasons_only() -> None:
    found = {
        name
        for profile in PROFILES.values()
        for name, _, step in steps(profile)
        if step.sight is Sight.YES and step.evidence_only
    }
    assert found == set(WHOLE_AND_YET_EVIDENCE)


def test_reasons_are_a_sentence_in_either_language() -> None:
    for profile in PROFILES.values():
        for name, _, step in steps(profile):
            reason = step.evidence_only
            if reason is not None:
                assert re.search("[一-鿿]", reason.zh), name
                assert not re.search("[一-鿿]", reason.en), name
                assert reason.en.endswith("."), name
                assert len(reason.zh) <= 60, name


def test_a_check_that_bears_on_a_requirement_does_so_at_the_next_level() -> None:
    lost = {
        (before.id, binding.check)
        for before, after in pairs()
        for step in before.steps
        for binding in step.bindings
        if binding not in {b for s in after.steps for b in s.bindings}
    }
    assert lost == set(NOT_BOUND_ABOVE)


def test_steps_that_ask_alike_are_answered_alike() -> None:
    compared = 0
    for before, after in pairs():
        asked = {step.text.zh: step for step in before.steps}
        for step in after.steps:
            if step.text.zh in asked and step.sight is not Sight.NO:
                assert answered_by(step) == answered_by(asked[step.text.zh]), (before.id, after.id, step.n)
                compared += 1
    assert compared > 300


def test_an_undeclared_tunnel_condemns_borders_only() -> None:
    """It need not be for operations, nor lead outside: what it surely does is to cross its border."""
    condemned = {
        item.control_point.en
        for profile in PROFILES.values()
        for _, item, step in steps(profile)
        if {binding.check for binding in step.bindings} & {"tunnel.none-undeclared", "wire.vpn-declared"}
    }
    assert condemned == {"Boundary protection"}


def test_limited_sources_of_ssh_acquit_nobody() -> None:
    """A console on the web beside SSH may be open to anybody."""
    settles = {
        binding.settles
        for profile in PROFILES.values()
        for _, _, step in steps(profile)
        for binding in step.bindings
        if binding.check == "sshd.sources-limited"
    }
    assert settles == {Settles.NO}

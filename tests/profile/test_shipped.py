"""Laws of what the shipped profiles bind."""

from collections.abc import Iterator

from scanner.checks import ALL
from scanner.model import Item, Profile, Settles
from scanner.profile import LEVELS, load_profile

CHECKS = {check.id: check for check in ALL}
PROFILES = {level: load_profile(level, CHECKS) for level in LEVELS}

NOT_BOUND = {
    "backup.succeeded-lately",
    "accounts.passwords-not-copied",
    "boundary.tunnel-ways-closed",
    "audit.rules-cover-both-widths",
    "filter.nothing-around",
    "filter.survives-reboot",
    "container.rights-restricted",
    "instance.logs-retained",
    "integrity.compared-lately",
    "kernel.guards-on",
    "kernel.settings-as-written",
    "log.forwarded",
    "log.forwarding-arrives",
    "log.forwarding-encrypted",
    "patches.security-installed",
    "storage.data-encrypted",
    "storage.dumps-not-kept",
    "storage.swap-encrypted",
    "wire.tls-versions-strong",
    "wire.certificates-valid",
    "wire.agrees-with-host",
    "wire.high-risk-ports-limited",
    "wire.high-risk-ports-unreached",
    "wire.open-ports-answer",
}
"""Checks that no step of the items of level 3 asks for; they are findings of a host all the same."""


def bound(profile: Profile) -> Iterator[tuple[Item, int, str, Settles]]:
    for item in profile.items:
        for step in item.steps:
            for binding in step.bindings:
                yield item, step.n, binding.check, binding.settles


def test_every_check_is_asked_for_somewhere_or_known_not_to_be() -> None:
    asked = {check for profile in PROFILES.values() for _, _, check, _ in bound(profile)}
    assert set(CHECKS) - asked == NOT_BOUND


def test_beside_checks_that_acquit_only_the_wire_and_services_just_condemn() -> None:
    """Services are other objects: nothing that acquits a host is asked of them."""
    for profile in PROFILES.values():
        for item in profile.items:
            for step in item.steps:
                host = {b.settles for b in step.bindings if not b.check.startswith(("wire.", "instance."))}
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

"""Shared steps of a Linux host: units and processes."""

from __future__ import annotations

import pytest

from collectors.base import Unseen
from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.platforms.linux.host import PROCESSES, UNIT_NAMES, Process, processes, read_services
from scanner.facts import Services
from scanner.model import GapReason
from tests.platforms.fixture import OBJECT, case_of, command_capture


def services() -> Services:
    reader = next(reader for reader in PLATFORM.readers if reader.fact is Services)
    return read_services(case_of(PLATFORM, reader, "usual").evidence())


@pytest.mark.parametrize(
    ("name", "installed", "active", "enabled"),
    [
        ("ssh", True, True, True),
        ("sshd", True, True, True),  # an alias answers under the name that was asked for
        ("chronyd", True, True, True),
        ("systemd-journald", True, True, True),  # static
        ("systemd-timesyncd", False, False, False),  # masked
        ("netfilter-persistent", True, False, False),
        ("firewalld", False, False, False),
    ],
)
def test_states_of_units(name: str, installed: bool, active: bool, enabled: bool) -> None:
    service = services().get(name)
    assert service is not None
    assert (service.installed, service.active, service.enabled) == (installed, active, enabled)


def test_every_unit_is_named_once_as_it_was_asked_for() -> None:
    assert [service.name for service in services().services] == UNIT_NAMES


def asked(content: bytes) -> Evidence:
    return Evidence.of(OBJECT, PLATFORM, [command_capture(PLATFORM, PROCESSES, content)])


def test_processes_keep_their_names_and_lines() -> None:
    document, found = processes(
        asked(b"      1       0 root     systemd\n     60       1 root     (sd-pam) x\n")
    )
    assert found == (Process(1, 0, "root", "systemd", 1), Process(60, 1, "root", "(sd-pam) x", 2))
    assert document.cite(2).excerpt.startswith("60")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", GapReason.EMPTY),
        (b"     60       1 root     cron\n", GapReason.EMPTY),  # PID 1 is hidden
        (b"      1       0 root     systemd\nno process\n", GapReason.UNPARSABLE),
    ],
)
def test_processes_that_cannot_be_seen(content: bytes, reason: GapReason) -> None:
    with pytest.raises(Unseen) as unseen:
        processes(asked(content))
    assert unseen.value.gap.reason is reason

"""Updates that the distribution offers and the host lacks, by whichever package manager it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Need, Reader, Unseen
from collectors.platforms.linux import apk_updates, apt_updates, rpm_updates
from collectors.platforms.linux.host import OS_RELEASE
from scanner.facts import SecurityUpdates
from scanner.model import GapReason

if TYPE_CHECKING:
    from collectors.evidence import Evidence

_MANAGERS = (
    (apt_updates.LISTS, apt_updates.read_apt_updates),
    (rpm_updates.ADVISORIES, rpm_updates.read_rpm_updates),
    (apk_updates.INDEXES, apk_updates.read_apk_updates),
)


def read_security_updates(evidence: Evidence) -> SecurityUpdates:
    """Read which updates wait.

    Raises:
        Unseen: no package manager that is known, or what it fetched last was not seen or understood.
    """
    missing: list[Unseen] = []
    for step, read in _MANAGERS:
        try:
            evidence.command(step)
        except Unseen as unseen:
            if unseen.gap.reason not in {GapReason.COMMAND_MISSING, GapReason.NOT_COLLECTED}:
                raise
            missing.append(unseen)  # another package manager keeps the packages
        else:
            return read(evidence)
    raise missing[0]


STEPS = (*apt_updates.STEPS, *rpm_updates.STEPS, *apk_updates.STEPS)

READERS = (
    Reader(
        SecurityUpdates,
        (Need((apt_updates.LISTS, rpm_updates.ADVISORIES, apk_updates.INDEXES)), Need((OS_RELEASE,))),
        read_security_updates,
    ),
)

"""Facts about the kernel's audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


class AuditTopic(StrEnum):
    """Groups of events that an assessor looks for (8.1.4.3 a)."""

    IDENTITY = "identity"  # passwd, shadow, group, gshadow
    TIME = "time"  # setting of clocks
    LOGINS = "logins"  # lastlog, faillog, wtmp, btmp, utmp
    PRIVILEGE = "privilege"  # sudoers, privileged commands
    PERMISSIONS = "permissions"  # chmod, chown, setxattr
    DELETIONS = "deletions"  # unlink, rename


@dataclass(frozen=True, slots=True)
class AuditState(Fact):
    """State of auditing; the kernel's switch is 0 (off), 1 (on) or 2 (on and locked)."""

    installed: bool
    running: bool
    enabled_at_boot: bool
    kernel_enabled: int | None  # None: the kernel's answer was not seen though the daemon's state was


@dataclass(frozen=True, slots=True)
class AuditRule:
    """One loaded rule and the topics that it covers."""

    text: str
    topics: tuple[AuditTopic, ...]
    at: Citation


@dataclass(frozen=True, slots=True)
class AuditRules(Fact):
    """Rules loaded in the kernel."""

    rules: tuple[AuditRule, ...]

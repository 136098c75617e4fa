"""Facts about the kernel's audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.audit_event import records
from scanner.facts.value import Fact, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts.audit_event import AuditEvent, AuditRuleParts
    from scanner.model import Citation, FileMeta


class AuditTopic(StrEnum):
    """Groups of events that an assessor looks for (8.1.4.3 a)."""

    IDENTITY = "identity"  # passwd, shadow, group, gshadow
    TIME = "time"  # setting of clocks
    LOGINS = "logins"  # lastlog, faillog, wtmp, btmp, utmp
    PRIVILEGE = "privilege"  # sudoers, privileged commands
    PERMISSIONS = "permissions"  # chmod, chown, setxattr
    DELETIONS = "deletions"  # unlink, rename
    MODULES = "modules"  # loading and unloading of kernel modules
    MANDATORY_ACCESS = "mandatory-access"  # policies of SELinux or AppArmor
    NETWORK = "network"  # name of the host, its hosts file
    REFUSALS = "refusals"  # accesses to files that were refused


@dataclass(frozen=True, slots=True)
class AuditState(Fact):
    """State of auditing; the kernel's switch is 0 (off), 1 (on) or 2 (on and locked)."""

    installed: bool
    running: bool
    enabled_at_boot: bool
    kernel_enabled: int | None  # None: the kernel's answer was not seen though the daemon's state was


@dataclass(frozen=True, slots=True)
class AuditRule:
    """One rule and the topics that it takes part in covering."""

    text: str
    parts: AuditRuleParts
    topics: tuple[AuditTopic, ...]
    at: Citation


@dataclass(frozen=True, slots=True)
class AuditRules(Fact):
    """Rules loaded in the kernel, in its order.

    ``escaped`` are topics that they cover, and that a program of 32 bits escapes; None: the machine runs
    none.
    """

    rules: tuple[AuditRule, ...]
    escaped: tuple[AuditTopic, ...] | None = ()

    def records(self, event: AuditEvent) -> bool | None:
        """Whether they record the event; None: not certain."""
        return records((rule.parts for rule in self.rules), event)


@dataclass(frozen=True, slots=True)
class WrittenAuditRules(Fact):
    """What the rule files make the kernel record after the next boot.

    ``rules`` are those that get loaded, in that order: a line that is refused ends the loading there, unless
    the files ask to go on.
    """

    rules: tuple[AuditRule, ...]
    loader: str  # augenrules (from rules.d) or auditctl (audit.rules as it is)
    refused: tuple[Citation, ...]  # lines that are no rule
    enabled: Value[int]  # 2: locked until the next boot; the kernel's default is 1
    on_failure: Value[int]  # 0 silent, 1 message, 2 panic
    goes_on: Value[bool]  # past a line that is refused
    login_uids_locked: Value[bool]
    files: tuple[AuditFile, ...]  # of the configuration, with owners and rights

    def records(self, event: AuditEvent) -> bool | None:
        """Whether they will record the event; None: not certain."""
        return records((rule.parts for rule in self.rules), event)


@dataclass(frozen=True, slots=True)
class AuditFile:
    """A file of the audit configuration."""

    path: str
    meta: FileMeta
    at: Citation


@dataclass(frozen=True, slots=True)
class AuditDaemon(Fact):
    """What the audit daemon is told; names in lower case, values as they stand.

    A setting that is given several times has its last value; ``shadowed`` holds the ones before it.
    """

    settings: Mapping[str, Value[str]]
    shadowed: Mapping[str, tuple[Value[str], ...]]
    plugins: Mapping[str, Mapping[str, Value[str]]]  # by the name of the file without .conf
    remote: Mapping[str, Value[str]]  # where the plugin for other hosts sends
    files: tuple[AuditFile, ...]

    def number(self, name: str) -> int | None:
        """A setting as a number; None where it is none, or a share of the disk."""
        text = self.settings[name].value if name in self.settings else ""
        return int(text) if text.isdecimal() and len(text) < 19 else None

"""What an assessor looks for in audit rules, as events that have to be recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.facts import AuditTopic
from scanner.facts.audit_event import ERRORS, PERSON, SUCCEEDED, AuditCondition, AuditEvent, records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.facts.audit_event import AuditRuleParts

Alternatives = tuple[tuple[AuditEvent, ...], ...]
"""Sets of events: a topic is covered where all of one set are recorded."""

_DONE: Mapping[str, int] = {**PERSON, **SUCCEEDED}
_READ_WRITE = 2  # O_RDWR
_GAINED: Mapping[str, int] = {**_DONE, "euid": 0}


def covered(rules: Sequence[AuditRuleParts], machine: str) -> dict[AuditTopic, frozenset[int]]:
    """For each topic the places of the rules that cover it together; none where something is left open."""
    found: dict[AuditTopic, frozenset[int]] = {}
    for topic, wanted in topics(machine).items():
        full = [
            events
            for alternatives in wanted
            for events in alternatives
            if all(records(rules, event) is True for event in events)
        ]
        whole = all(any(events in full for events in alternatives) for alternatives in wanted)
        events = [event for events in (full if whole else ()) for event in events]
        found[topic] = frozenset(place for event in events for place in _deciding(rules, event))
    return found


BOTH_WIDTHS = frozenset({"x86_64"})
"""Machines whose kernels, as distributions build them, also take the system calls of programs of 32 bits."""


def escaped(rules: Sequence[AuditRuleParts], machine: str) -> tuple[AuditTopic, ...] | None:
    """Topics that are covered for programs of 64 bits only; None where the machine runs no others."""
    if machine not in BOTH_WIDTHS:
        return None
    there = covered([_from_other_width(rule) for rule in rules], machine)
    return tuple(topic for topic, by in covered(rules, machine).items() if by and not there[topic])


_WIDTHS: Mapping[str, str] = {"b64": "b32", "x86_64": "b32", "b32": "b64", "i386": "b64", "i686": "b64"}


def _from_other_width(rule: AuditRuleParts) -> AuditRuleParts:
    """A rule as a program of the other width meets it: one that names none takes the machine's own calls."""
    named = tuple(map(_swapped, rule.conditions))
    if rule.syscalls and not rule.arch and "all" not in rule.syscalls:
        named = (*named, AuditCondition("arch", "=", "b32"))
    return replace(rule, conditions=named)


def _swapped(condition: AuditCondition) -> AuditCondition:
    """A condition on the architecture, seen from the other one; all else stays."""
    if condition.name != "arch":
        return condition
    return replace(condition, value=_WIDTHS.get(condition.value, condition.value))


def _deciding(rules: Sequence[AuditRuleParts], event: AuditEvent) -> tuple[int, ...]:
    """The place of the rule that records the event: the first that fits."""
    return next(((n,) for n, r in enumerate(rules) if r.filter == "exit" and r.always and r.fits(event)), ())


def topics(machine: str) -> dict[AuditTopic, tuple[Alternatives, ...]]:
    """For each topic what has to be recorded: of each entry one set of events."""
    old = machine not in {"aarch64", "riscv64", "loongarch64"}  # these have no unlink, chmod, rename
    return {
        AuditTopic.IDENTITY: _each("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"),
        AuditTopic.TIME: (_calls("adjtimex", "settimeofday"), ((_clock_set(),),)),
        AuditTopic.LOGINS: (
            _any(*(f"/var/log/{n}" for n in ("lastlog", "faillog", "tallylog", "faillock")), "/run/faillock"),
            _any("/var/log/wtmp", "/var/log/btmp", "/run/utmp"),
        ),
        AuditTopic.PRIVILEGE: (
            (
                *_any("/etc/sudoers"),
                *(_run(path) for path in ("/usr/bin/sudo", "/bin/sudo", "/usr/bin/su", "/bin/su")),
                (AuditEvent("execve", access="x", known=_GAINED),),
            ),
        ),
        AuditTopic.PERMISSIONS: (
            _calls("fchmod", "fchmodat", "fchown", "fchownat", access="a"),
            *((_calls("chmod", "chown", "lchown", access="a"),) if old else ()),
        ),
        AuditTopic.DELETIONS: (
            _calls("unlinkat", "renameat", access="w"),
            *((_calls("unlink", "rename", access="w"),) if old else ()),
        ),
        AuditTopic.MODULES: (_calls("init_module", "finit_module", "delete_module"),),
        AuditTopic.MANDATORY_ACCESS: (_any("/etc/selinux/config", "/etc/apparmor.d/local"),),
        AuditTopic.NETWORK: (_calls("sethostname", "setdomainname"), *_each("/etc/hosts")),
        AuditTopic.REFUSALS: ((_refused(*(("openat", "open") if old else ("openat",))),),),
    }


def _each(*paths: str) -> tuple[Alternatives, ...]:
    """Writing to every one of the files."""
    return tuple((_write(path),) for path in paths)


def _any(*paths: str) -> Alternatives:
    """Writing to one of the files at least."""
    return tuple(_write(path) for path in paths)


def _write(path: str) -> tuple[AuditEvent, ...]:
    """A file is written where it is opened for that, or where another is put into its place."""
    return (
        AuditEvent("openat", path=path, access="w", known={**_DONE, "a2": _READ_WRITE}),
        AuditEvent("renameat", path=path, access="w", known=_DONE),
    )


def _run(path: str) -> tuple[AuditEvent, ...]:
    return (AuditEvent("execve", path=path, access="x", known=_DONE),)


def _refused(*calls: str) -> tuple[AuditEvent, ...]:
    """A file is opened in vain, for want of rights in either of their words."""
    return tuple(
        AuditEvent(call, access="r", known={**PERSON, "success": 0, "exit": code})
        for call in calls
        for code in (-ERRORS["EACCES"], -ERRORS["EPERM"])
    )


def _clock_set() -> AuditEvent:
    # Setting the real-time clock (0) sets the time.
    return AuditEvent("clock_settime", known={**_DONE, "a0": 0})


def _calls(*names: str, access: str = "") -> Alternatives:
    """All of the system calls, whatever file they touch."""
    return (tuple(AuditEvent(name, access=access, known=_DONE) for name in names),)

"""The kernel's audit trail: whether it records, and the rules that are loaded."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import IDENTITY, UNITS, read_services, unparsable
from scanner.facts import AuditRule, AuditRules, AuditState, AuditTopic
from scanner.model import GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collectors.evidence import Document, Evidence

STATUS = Step(
    "audit-status",
    Command(("auditctl", "-s"), privileged=True),
    Text(zh="内核审计开关与审计进程", en="the kernel's audit switch and the audit daemon"),
    control=r"^(enabled |AUDIT_STATUS: enabled=)[0-9]",
)

RULES = Step(
    "audit-rules",
    Command(("auditctl", "-l"), privileged=True),
    Text(zh="内核中已加载的审计规则", en="audit rules loaded in the kernel"),
    control=r"^(No rules$|-[aAw] )",
)


def read_state(evidence: Evidence) -> AuditState:
    """Read the switch and the daemon.

    Not installed needs two proofs: systemd knows no such unit, and the command is not there.
    """
    services = read_services(evidence)
    unit = services.get("auditd")
    assert unit is not None  # noqa: S101 - one of the units asked for
    try:
        document = evidence.command(STATUS)
    except Unseen as unseen:
        missing = unseen.gap.reason is GapReason.COMMAND_MISSING
        if missing and not unit.installed and not unit.active:
            return AuditState(
                (unit.at,), installed=False, running=False, enabled_at_boot=False, kernel_enabled=None
            )
        raise
    enabled = _number(document, "enabled")
    daemon = _number(document, "pid")
    return AuditState(
        seen=(document.cite(enabled[1]), document.cite(daemon[1]), unit.at),
        installed=True,
        running=unit.active or daemon[0] > 0,
        enabled_at_boot=unit.enabled,
        kernel_enabled=enabled[0],
    )


def _number(document: Document, name: str) -> tuple[int, int]:
    """Value and line of a field, as ``name value`` or, of old, ``name=value``."""
    for number, line in enumerate(document.lines, 1):
        match = re.search(rf"(?:^|\s){name}[ =](\d{{1,9}})(?:\s|$)", line)
        if match:
            return int(match[1]), number
    raise unparsable(STATUS, document, 0, f"no {name}")


# --- rules -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule by its parts; ``narrow``: it looks at some users, programs or folders only."""

    line: int
    action: str  # always or never
    filter: str  # exit, task, exclude, ...
    syscalls: frozenset[str]
    paths: frozenset[str]
    folders: frozenset[str]
    perm: frozenset[str]
    fields: tuple[str, ...]
    narrow: bool
    arch: str

    def watches(self, path: str, perm: str) -> bool:
        """Whether an access of kind ``perm`` (w, a, x) to ``path`` is recorded."""
        if self.narrow or self.syscalls - {"all"} or (self.perm and perm not in self.perm):
            return False
        above = any(path == f or path.startswith(f.rstrip("/") + "/") for f in self.folders)
        return path in self.paths or above


HARMLESS_FIELDS = re.compile(
    r"(?:arch=.*|key=.*|success=.*|exit=.*|auid>=\d+|auid!=(?:-1|unset|4294967295)|perm=.*|path=.*|dir=.*)"
)
"""Conditions that leave what people do in view (system accounts and keys aside)."""

PEOPLE = 1000
"""Users from this number on are people; a rule from a higher number on misses some."""


def read_rules(evidence: Evidence) -> AuditRules:
    """Read the loaded rules, each with the topics that all rules together cover fully."""
    machine = _machine(evidence)
    document = evidence.command(RULES)
    lines = [(n, line) for n, line in enumerate(document.lines, 1) if line.strip()]
    if any(line.strip() == "No rules" for _, line in lines):
        if len(lines) != 1:
            raise unparsable(RULES, document, lines[-1][0], "no rules, and yet some")
        return AuditRules(seen=(document.whole,), rules=())
    rules = [_rule(document, number, line) for number, line in lines]
    counted = [rule for rule in rules if _counts(rule, rules)]
    topics = {topic: test(counted, machine) for topic, test in COVERED.items()}
    return AuditRules(
        seen=(document.whole,),
        rules=tuple(
            AuditRule(
                document.lines[rule.line - 1].strip(),
                tuple(topic for topic, by in topics.items() if rule.line in by),
                document.cite(rule.line),
            )
            for rule in rules
        ),
    )


def _machine(evidence: Evidence) -> str:
    found = re.search(r"^machine=(.*)$", evidence.command(IDENTITY).text, re.MULTILINE)
    return found[1] if found else ""


def _counts(rule: _Rule, rules: Sequence[_Rule]) -> bool:
    """A rule counts unless an earlier one that looks at everything says never."""
    if rule.action != "always" or rule.filter != "exit":
        return False
    return not any(
        other.action == "never"
        and (other.filter == "task" or (other.filter == "exit" and other.line < rule.line))
        and not other.narrow
        and (other.filter == "task" or _overlap(other, rule))
        for other in rules
    )


def _overlap(silent: _Rule, rule: _Rule) -> bool:
    if silent.paths | silent.folders:
        return any(silent.watches(path, "w") for path in rule.paths | rule.folders) or not rule.paths
    return "all" in silent.syscalls or not silent.syscalls or bool(silent.syscalls & rule.syscalls)


def _rule(document: Document, number: int, line: str) -> _Rule:
    try:
        words = shlex.split(line)
    except ValueError:
        raise unparsable(RULES, document, number, "no audit rule") from None
    pairs = [(words[i], words[i + 1]) for i in range(0, len(words) - 1, 2)]
    if len(words) % 2 or not pairs or any(not re.fullmatch("-[aAwSFCkp]", option) for option, _ in pairs):
        raise unparsable(RULES, document, number, "no audit rule")
    options: dict[str, list[str]] = {}
    for option, value in pairs:
        options.setdefault(option, []).append(value)
    fields = tuple(options.get("-F", ()))
    watched = options.get("-w", [])
    action, filter_ = _list(document, number, options)
    compared = bool(options.get("-C"))
    return _Rule(
        line=number,
        action=action,
        filter=filter_,
        syscalls=frozenset(name for value in options.get("-S", ()) for name in value.split(",")),
        paths=frozenset(map(_path, [*_values(fields, "path"), *watched])),
        folders=frozenset(map(_path, [*_values(fields, "dir"), *watched])),
        perm=frozenset("".join([*options.get("-p", ()), *_values(fields, "perm")])),
        fields=(*fields, *options.get("-C", ())),
        narrow=compared or any(_narrows(field) for field in fields),
        arch="".join(_values(fields, "arch")),
    )


def _list(document: Document, number: int, options: dict[str, list[str]]) -> tuple[str, str]:
    listed = options.get("-a", []) + options.get("-A", [])
    if options.get("-w") and not listed:
        return "always", "exit"
    words = set(listed[0].split(",")) if len(listed) == 1 else set()
    actions = words & {"always", "never"}
    filters = words & {"exit", "task", "user", "exclude", "filesystem", "entry", "io_uring"}
    if len(actions) != 1 or len(filters) != 1:
        raise unparsable(RULES, document, number, "no audit rule")
    return actions.pop(), filters.pop()


def _values(fields: tuple[str, ...], name: str) -> list[str]:
    return [field.partition("=")[2] for field in fields if field.startswith(f"{name}=")]


def _path(path: str) -> str:
    """One spelling: no slash at the end, /var/run is /run."""
    return re.sub(r"^/var/run(?=/|$)", "/run", path.rstrip("/")) or "/"


def _narrows(field: str) -> bool:
    people = re.fullmatch(r"auid>=(\d+)", field)
    if people:
        return int(people[1]) > PEOPLE
    return HARMLESS_FIELDS.fullmatch(field) is None


# --- topics ----------------------------------------------------------------------------------------

_Lines = frozenset[int]


def _watchers(rules: Sequence[_Rule], paths: Sequence[str], perm: str = "w") -> dict[str, _Lines]:
    return {path: frozenset(r.line for r in rules if r.watches(path, perm)) for path in paths}


def _all_watched(rules: Sequence[_Rule], paths: Sequence[str]) -> _Lines:
    found = _watchers(rules, paths)
    return frozenset().union(*found.values()) if all(found.values()) else frozenset()


def _callers(rules: Sequence[_Rule], calls: Sequence[str]) -> _Lines:
    """Rules that together record all of the system calls; native ones, whatever file or user they touch."""
    native = [
        r for r in rules
        if not r.narrow and not r.paths and not r.folders and r.arch in {"", "b64", "x86_64", "aarch64"}
    ]  # fmt: skip
    found = {
        call: frozenset(r.line for r in native if r.syscalls & {call, "all"} and not r.perm) for call in calls
    }
    return frozenset().union(*found.values()) if all(found.values()) else frozenset()


def _old_calls(machine: str, *names: str) -> tuple[str, ...]:
    """System calls that newer architectures do not have."""
    return () if machine in {"aarch64", "riscv64", "loongarch64"} else names


def _identity(rules: Sequence[_Rule], machine: str) -> _Lines:
    del machine
    return _all_watched(rules, ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"))


def _time(rules: Sequence[_Rule], machine: str) -> _Lines:
    del machine
    # clock_settime of the real-time clock (0) is the one that sets the time.
    clock = [_without(rule, r"a0=0(?:x0)?") if "clock_settime" in rule.syscalls else rule for rule in rules]
    return _callers(clock, ("adjtimex", "settimeofday", "clock_settime"))


def _without(rule: _Rule, pattern: str) -> _Rule:
    rest = tuple(field for field in rule.fields if not re.fullmatch(pattern, field))
    if rest == rule.fields:
        return rule
    return _Rule(
        rule.line, rule.action, rule.filter, frozenset({"clock_settime"}), rule.paths, rule.folders,
        rule.perm, rest, any(_narrows(field) for field in rest), rule.arch,
    )  # fmt: skip


def _logins(rules: Sequence[_Rule], machine: str) -> _Lines:
    del machine
    failures = _watchers(
        rules,
        ("/var/log/lastlog", "/var/log/faillog", "/run/faillock", "/var/log/tallylog", "/var/log/faillock"),
    )
    sessions = _watchers(rules, ("/var/log/wtmp", "/var/log/btmp", "/run/utmp"))
    if not any(failures.values()) or not any(sessions.values()):
        return frozenset()
    return frozenset().union(*failures.values(), *sessions.values())


def _privilege(rules: Sequence[_Rule], machine: str) -> _Lines:
    del machine
    sudoers = _all_watched(rules, ("/etc/sudoers",))
    run = _watchers(rules, ("/usr/bin/sudo", "/bin/sudo", "/usr/bin/su", "/bin/su"), "x")
    gained = frozenset(
        r.line
        for r in rules
        if r.syscalls & {"execve", "all"} and {"uid!=euid", "euid=0"} <= set(r.fields) and not r.paths
    )
    return sudoers | frozenset().union(*run.values()) | gained


def _permissions(rules: Sequence[_Rule], machine: str) -> _Lines:
    calls = ("fchmod", "fchmodat", "fchown", "fchownat", *_old_calls(machine, "chmod", "chown", "lchown"))
    return _callers(rules, calls)


def _deletions(rules: Sequence[_Rule], machine: str) -> _Lines:
    return _callers(rules, ("unlinkat", "renameat", *_old_calls(machine, "unlink", "rename")))


COVERED = {
    AuditTopic.IDENTITY: _identity,
    AuditTopic.TIME: _time,
    AuditTopic.LOGINS: _logins,
    AuditTopic.PRIVILEGE: _privilege,
    AuditTopic.PERMISSIONS: _permissions,
    AuditTopic.DELETIONS: _deletions,
}
"""For each topic: the lines of rules that cover it together, none where something is left open."""

STEPS = (STATUS, RULES)

READERS = (
    Reader(AuditState, (Need((STATUS,)), Need((UNITS,))), read_state),
    Reader(AuditRules, (Need((RULES,)), Need((IDENTITY,))), read_rules),
)

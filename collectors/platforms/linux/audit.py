"""The kernel's audit trail: whether it records, and the rules that are loaded."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step, Unseen
from collectors.platforms.linux import audit_files
from collectors.platforms.linux.audit_rules import read_line
from collectors.platforms.linux.audit_topics import covered, escaped
from collectors.platforms.linux.host import IDENTITY, UNITS, machine, read_services, unparsable
from scanner.facts import AuditRule, AuditRules, AuditState
from scanner.model import GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence
    from scanner.facts.audit_event import AuditRuleParts

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


# --- loaded rules ----------------------------------------------------------------------------------


def read_rules(evidence: Evidence) -> AuditRules:
    """Read the loaded rules, each with the topics that all rules together cover fully."""
    document = evidence.command(RULES)
    lines = [(n, line.strip()) for n, line in enumerate(document.lines, 1) if line.strip()]
    if any(line == "No rules" for _, line in lines):
        if len(lines) != 1:
            raise unparsable(RULES, document, lines[-1][0], "no rules, and yet some")
        return AuditRules(seen=(document.whole,), rules=())
    parts = [_parts(document, number, line) for number, line in lines]
    topics = covered(parts, machine(evidence))
    return AuditRules(
        seen=(document.whole,),
        rules=tuple(
            AuditRule(line, rule, tuple(t for t, by in topics.items() if place in by), document.cite(number))
            for place, ((number, line), rule) in enumerate(zip(lines, parts, strict=True))
        ),
        escaped=escaped(parts, machine(evidence)),
    )


def _parts(document: Document, number: int, line: str) -> AuditRuleParts:
    try:
        read = read_line(shlex.split(line))
    except ValueError as error:  # no words, or Refused
        raise unparsable(RULES, document, number, f"no audit rule: {error}") from None
    if read.rule is None:
        raise unparsable(RULES, document, number, "no audit rule")
    return read.rule


STEPS = (STATUS, RULES, *audit_files.STEPS)

READERS = (
    Reader(AuditState, (Need((STATUS,)), Need((UNITS,))), read_state),
    Reader(AuditRules, (Need((RULES,)), Need((IDENTITY,))), read_rules),
    *audit_files.READERS,
)

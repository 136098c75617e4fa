"""Audit rules in the small: which events a list of them records, and what must not count."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.platforms.linux.audit_rules import Refused, read_line
from collectors.platforms.linux.audit_topics import escaped
from scanner.facts import AuditTopic
from scanner.facts.audit_event import PERSON, SUCCEEDED, AuditEvent, AuditRuleParts, records

DONE = {**PERSON, **SUCCEEDED}
UNLINK = AuditEvent("unlink", access="w", known=DONE)
WRITE = AuditEvent("openat", path="/etc/passwd", access="w", known={**DONE, "a2": 2})
RUN = AuditEvent("execve", path="/usr/bin/sudo", access="x", known={**DONE, "euid": 0})
REFUSED = AuditEvent("openat", access="r", known={**PERSON, "success": 0, "exit": -13})


def parts(line: str) -> AuditRuleParts:
    rule = read_line(line.split()).rule
    assert rule is not None
    return rule


def listed(text: str) -> list[AuditRuleParts]:
    return [parts(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("rules", "event", "recorded"),
    [
        ("-w /etc/passwd -p wa", WRITE, True),
        ("-w /etc -p wa", WRITE, True),
        ("-w /etc/ -p w", WRITE, True),
        ("-w /etc/passwd -p ra", WRITE, False),
        ("-w /etc/passwd-", WRITE, False),
        ("-w /etc/passwd", WRITE, True),
        ("-a always,exit -F path=/etc/passwd -F perm=wa", WRITE, True),
        ("-a exit,always -F dir=/etc -F perm=w", WRITE, True),
        ("-a always,exit -F arch=b64 -S openat -F a2&03 -F path=/etc/passwd", WRITE, True),
        ("-a always,exit -F arch=b64 -S openat -F a2&0100 -F path=/etc/passwd", WRITE, False),
        ("-a always,exit -F arch=b64 -S openat -F a1&03 -F path=/etc/passwd", WRITE, None),
        ("-a always,exit -F arch=b32 -S openat -F path=/etc/passwd", WRITE, False),
        ("-a always,exit -F arch=b64 -S open -F path=/etc/passwd", WRITE, False),
        ("-a always,exit -F path=/etc/passwd -F auid>=1000 -F auid!=unset", WRITE, True),
        ("-a always,exit -F path=/etc/passwd -F auid>=1001", WRITE, False),
        ("-a always,exit -F path=/etc/passwd -F auid=root", WRITE, False),
        ("-a always,exit -F path=/etc/passwd -F auid=ann", WRITE, None),
        ("-a always,exit -F path=/etc/passwd -F success=0", WRITE, False),
        ("-a always,exit -F path=/etc/passwd -F exe=/bin/vi", WRITE, False),
        ("-a always,exit -F path=/etc/passwd -F exe!=/bin/vi", WRITE, None),
        ("-a always,exclude -F path=/etc/passwd", WRITE, False),
        ("-a always,exit -S unlink", UNLINK, True),
        ("-a always,exit -S unlink", AuditEvent("unlink", "b32", "", "w", DONE), False),
        ("-a always,exit -S 87", UNLINK, None),
        ("-a always,exit -S all -F dir=/home", UNLINK, False),
        ("-a always,exit -F arch=b64 -S unlink -F exit=-EACCES", UNLINK, False),
        ("-a always,exit -F arch=b64 -S openat -F exit=-EACCES", REFUSED, True),
        ("-a always,exit -F arch=b64 -S openat -F exit=-EPERM", REFUSED, False),
        ("-a always,exit -F arch=b64 -S openat -F success=no", REFUSED, True),
        ("-a always,exit -F arch=b64 -S openat -F exit=-ENOSPC", REFUSED, None),
        ("-a always,exit -S execve -C uid!=euid -F euid=0", RUN, True),
        ("-a always,exit -S execve -C gid!=egid -F egid=0", RUN, False),
        # The first that fits decides.
        ("-a never,exit -S unlink\n-a always,exit -S unlink", UNLINK, False),
        ("-a always,exit -S unlink\n-a never,exit -S unlink", UNLINK, True),
        ("-a never,exit -S unlink -F exe=/usr/sbin/cron\n-a always,exit -S unlink", UNLINK, True),
        ("-a never,exit -F auid=ann\n-a always,exit -S unlink", UNLINK, None),
        ("-a never,exit -F auid=ann\n-a never,exit -S unlink", UNLINK, False),
        # Other lists take away.
        ("-a never,task\n-a always,exit -S unlink", UNLINK, False),
        ("-a never,task -F uid=33\n-a always,exit -S unlink", UNLINK, True),
        ("-a always,exit -S unlink\n-a always,exclude -F msgtype=SYSCALL", UNLINK, False),
        ("-a always,exit -S unlink\n-a never,exclude -F msgtype=CWD", UNLINK, True),
        ("-a always,exit -S unlink\n-a always,exclude -F msgtype>=1300", UNLINK, False),
        ("-a always,exit -S unlink\n-a never,filesystem -F fstype=tracefs", UNLINK, True),
        ("-a always,exit -S unlink\n-a never,filesystem -F fstype=ext4", UNLINK, None),
        ("-a always,exit -S unlink\n-a never,user -F subj_type=crond_t", UNLINK, True),
    ],
)
def test_rules_by_effect(rules: str, event: AuditEvent, recorded: bool | None) -> None:
    assert records(listed(rules), event) is recorded


@pytest.mark.parametrize(
    "line",
    [
        "some additional text",
        "-a always,exit -S open # why",
        "-a always -S open",
        "-a always,never -S open",
        "-a always,exit -F auid>={{{ uid_min }}} -S open",
        "-a always,exit -F a2&amp;0100 -S open",
        "-a always,exit -F colour=red",
        "-a always,exit -F perm=z",
        "-a always,exit -C uid!=colour",
        "-w etc/passwd -p wa",
        "-w /etc/passwd -p",
        "-w /a -w /b",
        "-S open",
        "--blabla",
    ],
)
def test_what_auditctl_refuses(line: str) -> None:
    with pytest.raises(Refused):
        read_line(line.split())


SOME_RULES = st.sampled_from(
    [
        "-w /etc/passwd -p wa", "-a never,exit -S unlink", "-a always,exit -S unlink,openat",
        "-a never,exit -F auid=ann", "-a always,exit -F auid>=1000", "-a never,task -F uid=0",
        "-a always,exit -F path=/usr/bin/sudo -F perm=x", "-a always,exit -F exe!=/x -S openat",
    ]
)  # fmt: skip
EVENTS = st.sampled_from([UNLINK, WRITE, RUN, REFUSED])


@given(st.lists(SOME_RULES, max_size=6), EVENTS)
def test_a_list_that_begins_with_never_records_nothing(lines: list[str], event: AuditEvent) -> None:
    assert records([parts("-a never,exit -S all"), *map(parts, lines)], event) is False


@given(st.lists(SOME_RULES, max_size=6), st.lists(SOME_RULES, max_size=3), EVENTS)
def test_rules_behind_never_change_what_is_decided(
    lines: list[str], more: list[str], event: AuditEvent
) -> None:
    """What comes later can only settle what was open, or record what nothing fitted."""
    exit_only = [line for line in more if "task" not in line]
    before, after = (records(map(parts, some), event) for some in (lines, [*lines, *exit_only]))
    if before is True:
        assert after is True


@settings(max_examples=200)
@given(st.text(st.sampled_from("-awSFp /=,!>&exitalwaysper0123"), max_size=40))
def test_reading_ends_in_a_line_or_a_refusal(text: str) -> None:
    with suppress(Refused):
        read_line(text.split())


TIME = "-S adjtimex,settimeofday,clock_settime"
IDENTITY = tuple(f"-w /etc/{name} -p wa" for name in ("passwd", "shadow", "group", "gshadow"))


@pytest.mark.parametrize(
    ("rules", "machine", "missing"),
    [
        ((f"-a always,exit -F arch=b64 {TIME}",), "x86_64", (AuditTopic.TIME,)),
        ((f"-a always,exit {TIME}",), "x86_64", (AuditTopic.TIME,)),
        ((f"-a always,exit -F arch=b64 {TIME}",), "aarch64", None),
        (tuple(f"-a always,exit -F arch={w} {TIME}" for w in ("b64", "b32")), "x86_64", ()),
        (("-a always,exit -S all",), "x86_64", ()),
        (IDENTITY, "x86_64", ()),
    ],
)
def test_what_programs_of_32_bits_escape(
    rules: tuple[str, ...], machine: str, missing: tuple[AuditTopic, ...] | None
) -> None:
    parts = [rule for text in rules if (rule := read_line(text.split()).rule) is not None]
    assert escaped(parts, machine) == missing

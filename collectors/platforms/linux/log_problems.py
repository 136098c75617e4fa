"""What the log daemon complains about, in its own words: a chain can be broken where all files are right."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step
from collectors.platforms.linux.host import unparsable
from scanner.facts import LogProblem, LogProblems
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

COMPLAINTS = Step(
    "rsyslog-messages",
    Command(
        ("journalctl", "--no-pager", "--unit=rsyslog.service", "--boot", "--lines=60", "--output=short-iso"),
        privileged=True,
    ),
    Text(
        zh="rsyslog 自己最近的报错：连接被拒、证书不符（只取它自身的消息）",
        en="what rsyslog itself lately complained about: refused connections, wrong certificates",
    ),
    control=r"rsyslog|^-- No entries --|^-- (Journal|Logs) begin",
    max_bytes=64 * 1024,
)

_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}) \S+ ([\w.@-]+)\[\d+\]: (.*)")

_KINDS = (
    (
        "certificate",
        re.compile(
            r"not authorized|TLS session terminated with remote syslog server: "
            r"|certificate.{0,80}(?:invalid|expired|not valid|not trusted|untrusted|verif|mismatch)",
            re.IGNORECASE,
        ),
    ),
    ("refused", re.compile(r"connection refused", re.IGNORECASE)),
    ("other", re.compile(r"cannot connect|action '[^']*' suspended|remote side .*timed out", re.IGNORECASE)),
)
"""Complaints about handing records over, as rsyslog 8 words them, the telling ones first."""

_OVER = re.compile(r"\] start$|action '[^']*' resumed")
"""What ends all complaints before it: the daemon starts anew, or an action works again."""


def read_problems(evidence: Evidence) -> LogProblems:
    """Read complaints since the last time that the daemon started or took them back.

    A reason outweighs the mere word that an action is suspended, which follows it.
    """
    document = evidence.command(COMPLAINTS)
    problems: list[LogProblem] = []
    for number, line in enumerate(document.lines, 1):
        if not line.strip() or line.startswith("-- "):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            if line.startswith(" "):
                continue  # a message of several lines
            raise unparsable(COMPLAINTS, document, number, "no line of a journal")
        if not match[2].startswith("rsyslogd"):
            continue
        kind = next((kind for kind, pattern in _KINDS if pattern.search(match[3])), "")
        if _OVER.search(match[3]):
            problems = []
        elif kind and not (kind == "other" and problems):
            problems.append(LogProblem(kind, datetime.fromisoformat(match[1]), document.cite(number)))
    return LogProblems(seen=(document.whole,), problems=tuple(problems))


STEPS = (COMPLAINTS,)

READERS = (Reader(LogProblems, (Need((COMPLAINTS,)),), read_problems),)

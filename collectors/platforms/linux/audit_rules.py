"""The language of auditctl: one rule or setting a line, in files and in what the kernel lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.audit_event import AuditCondition, AuditRuleParts

if TYPE_CHECKING:
    from collections.abc import Sequence

ALONE = frozenset(
    "-D -c -i -l -s -t -v -h --loginuid-immutable --reset-lost --reset_backlog_wait_time_actual".split()
)
VALUED = frozenset("-a -A -d -F -C -S -p -k -w -W -b -e -f -r -R -m -q --backlog_wait_time --signal".split())
"""Options of auditctl, without and with a value."""

_FILTERS = frozenset("exit task user exclude filesystem entry io_uring".split())
_NUMBERED = frozenset("auid loginuid uid euid suid fsuid obj_uid gid egid sgid fsgid obj_gid".split())
_NAMED = frozenset(
    "arch devmajor devminor dir exe exit field_compare filetype fstype inode key msgtype obj_lev_high "
    "obj_lev_low obj_role obj_type obj_user path perm pers pid ppid saddr_fam sessionid subj_clr subj_role "
    "subj_sen subj_type subj_user success a0 a1 a2 a3".split()
)
_CONDITION = re.compile(r"([a-z_0-9]+)(!=|<=|>=|&=|=|<|>|&)(.+)")
_VALUES = {
    **dict.fromkeys(_NUMBERED, re.compile(r"-?\d+|unset|[A-Za-z_][A-Za-z0-9_.-]*\$?")),
    **dict.fromkeys(("a0", "a1", "a2", "a3"), re.compile(r"-?\d+|0x[0-9A-Fa-f]+")),
    **dict.fromkeys(("path", "dir", "exe"), re.compile(r"/.*")),
    "perm": re.compile(r"[rwxa]{1,4}"),
    "exit": re.compile(r"-?\d+|-?E[A-Z0-9]+"),
    "success": re.compile(r"[01]|yes|no"),
}


class Refused(ValueError):  # noqa: N818 - what auditctl does with a line that it does not take
    """A line that auditctl refuses; the text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a rule with the place where it is put, or the settings that it makes."""

    settings: tuple[tuple[str, str], ...] = ()  # options and values of a line that is no rule
    rule: AuditRuleParts | None = None
    first: bool = False  # put before the rules that are there (-A)
    delete: bool = False  # takes the same rule away (-d, -W)


def read_line(words: Sequence[str]) -> Line:
    """Read the words of one line.

    Raises:
        Refused: auditctl does not take it.
    """
    options = _options(words)
    names = {name for name, _ in options}
    if not names & {"-a", "-A", "-d", "-w", "-W"}:
        if names & {"-F", "-C", "-S", "-p", "-k"}:
            raise Refused("parts of a rule without a list")
        return Line(settings=tuple(options))
    given: dict[str, list[str]] = {}
    for name, value in options:
        given.setdefault(name, []).append(value)
    lists = [value for name in ("-a", "-A", "-d") for value in given.get(name, ())]
    watched = given.get("-w", []) + given.get("-W", [])
    if len(lists) + len(watched) != 1:
        raise Refused("several lists or watches in one rule")
    always, filter_ = _list(lists[0]) if lists else (True, "exit")
    return Line(
        rule=AuditRuleParts(
            always,
            filter_,
            tuple(name for value in given.get("-S", ()) for name in value.split(",")),
            (
                *(_condition(text) for text in given.get("-F", ())),
                *(_between(text) for text in given.get("-C", ())),
                *(AuditCondition("perm", "=", _perm(text)) for text in given.get("-p", ())),
            ),
            tuple(map(_place, watched)),
        ),
        first="-A" in names,
        delete=bool(names & {"-d", "-W"}),
    )


def _options(words: Sequence[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word in ALONE:
            found.append((word, ""))
        elif word in VALUED:
            if not left:
                raise Refused(f"{word} without a value")
            found.append((word, left.pop(0)))
        elif word[:2] in VALUED and len(word) > 2:
            found.append((word[:2], word[2:]))
        else:
            raise Refused(f"{word} is no option")
    return found


def _list(text: str) -> tuple[bool, str]:
    words = text.split(",")
    actions = set(words) & {"always", "never"}
    filters = set(words) & _FILTERS
    if len(words) != 2 or len(actions) != 1 or len(filters) != 1:
        raise Refused("no list and action")
    return actions == {"always"}, filters.pop()


def _condition(text: str) -> AuditCondition:
    match = _CONDITION.fullmatch(text)
    if match is None or match[1] not in _NAMED | _NUMBERED:
        raise Refused(f"{text} is no condition")
    name, sign, value = match[1], match[2], match[3]
    if name in _VALUES and not _VALUES[name].fullmatch(value):
        raise Refused(f"{value} is no value of {name}")
    if name in {"path", "dir"}:
        value = _place(value)
    return AuditCondition("auid" if name == "loginuid" else name, sign, value)


def _between(text: str) -> AuditCondition:
    match = re.fullmatch(r"([a-z_]+)(!=|=)([a-z_]+)", text)
    if match is None or not {match[1], match[3]} <= _NUMBERED:
        raise Refused(f"{text} compares no fields")
    return AuditCondition(match[1], match[2], match[3], between=True)


def _perm(text: str) -> str:
    if not re.fullmatch(r"[rwxa]{1,4}", text):
        raise Refused(f"{text} is no access")
    return text


def _place(path: str) -> str:
    """One spelling: no slash at the end, /var/run is /run."""
    if not path.startswith("/"):
        raise Refused(f"{path} is no absolute path")
    return re.sub(r"^/var/run(?=/|$)", "/run", path.rstrip("/")) or "/"

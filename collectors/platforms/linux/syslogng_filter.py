"""Filters of syslog-ng as sets of facilities and severities: what surely passes, and what may pass."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.platforms.linux.syslogng_text import Token, Words

FACILITIES = (
    "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console solaris-cron "
    "local0 local1 local2 local3 local4 local5 local6 local7"
).split()
"""By number."""

SEVERITIES = "emerg alert crit err warning notice info debug".split()
"""By number, the gravest first."""

_OTHER_SEVERITIES = {"panic": 0, "error": 3, "warn": 4}
_EVERYTHING = (1 << len(FACILITIES) * len(SEVERITIES)) - 1
_LEVELS = (1 << len(SEVERITIES)) - 1
_OPAQUE = frozenset(
    "program host match message netmask netmask6 tags source in-list rate-limit throttle".split()
)
"""Filters on anything else: some records of a facility and severity may pass, others not."""

_COMPARISONS = frozenset("eq ne lt gt le ge == != < > <= >= === !== =~ !~".split())
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Records:
    """Sets of records by facility and severity, a bit each: all of them are in, or some may be."""

    sure: int
    may: int

    def __and__(self, other: Records) -> Records:
        return Records(self.sure & other.sure, self.may & other.may)

    def __or__(self, other: Records) -> Records:
        return Records(self.sure | other.sure, self.may | other.may)

    def __sub__(self, other: Records) -> Records:
        return Records(self.sure & ~other.may, self.may & ~other.sure)

    @property
    def unsure(self) -> Records:
        """Some of what may be in, none of it surely."""
        return Records(0, self.may)

    def levels(self, facility: str) -> tuple[int, int]:
        """Severities of one facility that surely, and that may, be in: a bit each."""
        shift = FACILITIES.index(facility) * len(SEVERITIES)
        return self.sure >> shift & _LEVELS, self.may >> shift & _LEVELS


NOTHING = Records(0, 0)
ALL = Records(_EVERYTHING, _EVERYTHING)
SOME = Records(0, _EVERYTHING)


def bit(facility: int, severity: int) -> int:
    """The bit of one facility and severity."""
    return 1 << facility * len(SEVERITIES) + severity


def expression(words: Words, named: Callable[[Token], Records], depth: int = 0) -> Records:
    """Read an expression; ``named`` tells what another filter lets through.

    Raises:
        Unseen: it is not understood.
    """
    found = _conjunction(words, named, depth)
    while _taken(words, "or"):
        found |= _conjunction(words, named, depth)
    return found


def _conjunction(words: Words, named: Callable[[Token], Records], depth: int) -> Records:
    found = _term(words, named, depth)
    while _taken(words, "and"):
        found &= _term(words, named, depth)
    return found


def _taken(words: Words, name: str) -> bool:
    if words.ended or words.next.name != name:
        return False
    words.take()
    return True


def _term(words: Words, named: Callable[[Token], Records], depth: int) -> Records:
    if depth > MAX_DEPTH:
        raise words.next.strange("nested too deeply")
    if _taken(words, "not"):
        return ALL - _term(words, named, depth + 1)
    if words.passes("("):
        found = expression(words, named, depth + 1)
        words.require(")")
        return found
    token = words.next
    if not words.follows("("):
        return _comparison(words)
    if token.name in {"facility", "level", "priority", "severity"}:
        return _ranges(words)
    if token.name == "filter":
        words.take()
        words.require("(")
        found = named(words.take())
        words.require(")")
        return found
    if token.name in _OPAQUE:
        words.call()
        return SOME
    raise token.strange("a filter that is not understood")


def _comparison(words: Words) -> Records:
    """``"$X" eq "y"``: what it asks is not followed."""
    left = words.take()
    sign = words.take()
    right = words.take()
    if sign.text.lower() not in _COMPARISONS or "sign" in {left.kind, right.kind}:
        raise left.strange("a filter that is not understood")
    return SOME


def _ranges(words: Words) -> Records:
    """``facility(a, b..c)`` or ``level(a..b)``."""
    head = words.take()
    words.require("(")
    chosen: set[int] = set()
    while not words.passes(")"):
        if words.passes(","):
            continue
        first = _number(words.take(), head.name)
        last = _number(words.take(), head.name) if words.passes("..") else first
        chosen |= set(range(min(first, last), max(first, last) + 1))
    return _these(chosen, head.name)


def _these(chosen: set[int], kind: str) -> Records:
    mask = 0
    for facility in range(len(FACILITIES)):
        for severity in range(len(SEVERITIES)):
            if (facility if kind == "facility" else severity) in chosen:
                mask |= bit(facility, severity)
    return Records(mask, mask)


def _number(token: Token, kind: str) -> int:
    text = token.text.lower()
    if kind == "facility":
        if text in FACILITIES:
            return FACILITIES.index(text)
        if re.fullmatch(r"\d{1,2}", text) and int(text) < len(FACILITIES):
            return int(text)
    elif text in SEVERITIES:
        return SEVERITIES.index(text)
    elif text in _OTHER_SEVERITIES:
        return _OTHER_SEVERITIES[text]
    raise token.strange(f"no {kind}")


_NAMED = tuple(name for name in FACILITIES if name not in {"security", "console", "solaris-cron"})
"""Facilities that a selector can name and that mean the same there."""

_LOGINS = frozenset({"auth", "authpriv"})


def selector(records: Records) -> str:
    """Write a set as a selector of syslog, exactly as far as records of logins go.

    Where it is open whether all of theirs pass, brackets keep it from being taken for plain. Of other
    facilities the doubt is left out: they stand there where some of them may pass.
    """
    if records.sure == _EVERYTHING:
        return "*.*"
    graver = {(1 << n + 1) - 1: name for n, name in enumerate(SEVERITIES)}
    groups: dict[str, list[str]] = {}
    doubtful: list[str] = []
    for facility in _NAMED:
        sure, may = records.levels(facility)
        said = graver.get(sure, "") if sure == may else ""
        if not said and facility in _LOGINS and may:
            doubtful.append(facility)
        elif may:
            groups.setdefault("*" if said in {"debug", ""} else said, []).append(facility)
    parts = [f"{','.join(names)}.{said}" for said, names in groups.items()]
    parts += [f"({name}: in part)" for name in doubtful]
    return ";".join(parts) or "*.none"

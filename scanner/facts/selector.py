"""Selectors of syslog: which facilities at which priorities, e.g. ``*.info;mail.none``."""

from __future__ import annotations

from enum import Enum

LOGIN_FACILITIES = ("auth", "authpriv")
"""Where daemons report logins; which of the two a daemon uses differs by distribution, so both matter."""

_FACILITIES = frozenset(
    [
        *"* kern user mail daemon auth security authpriv syslog lpr news uucp cron ftp ntp".split(),
        *(f"local{i}" for i in range(8)),
    ]
)


class _Passing(Enum):
    """Which records of a facility a selector lets through."""

    NOTHING = 0
    GRAVER = 1  # records graver than a successful login
    LOGINS = 2


_PRIORITIES = {
    **dict.fromkeys(("*", "debug", "info"), _Passing.LOGINS),
    **dict.fromkeys("notice warning warn err error crit alert emerg panic".split(), _Passing.GRAVER),
    "none": _Passing.NOTHING,
}


def covers_logins(selector: str) -> bool | None:
    """Whether records of successful and failed logins match ``selector``.

    True: both login facilities pass at priority info. False: nothing of either passes. None: anything
    between, or text that is no plain selector.
    """
    passing = dict.fromkeys(LOGIN_FACILITIES, _Passing.NOTHING)
    for part in selector.replace(" ", "").lower().split(";"):
        facilities, dot, priority = part.rpartition(".")
        names = set(facilities.split(","))
        level = _PRIORITIES.get(priority)
        if not dot or not names <= _FACILITIES or level is None:
            return None
        if "security" in names:
            names.add("auth")  # its old name
        for facility in LOGIN_FACILITIES:
            if names & {"*", facility}:
                passing[facility] = _later(passing[facility], level)
    if all(level is _Passing.LOGINS for level in passing.values()):
        return True
    return False if all(level is _Passing.NOTHING for level in passing.values()) else None


def _later(before: _Passing, level: _Passing) -> _Passing:
    """A later part adds to what an earlier one selected; only ``none`` takes away."""
    return level if level is _Passing.NOTHING or level.value > before.value else before


_SEVERITIES = "emerg alert crit err warning notice info debug".split()
_SAME = {"panic": "emerg", "error": "err", "warn": "warning", "*": "debug"}


def covers_record(selector: str, facility: str, severity: str) -> bool | None:
    """Whether a record of one facility and severity matches ``selector``; None: it is no plain selector."""
    if facility not in _FACILITIES or severity not in _SEVERITIES:
        return None
    covered = False
    for part in selector.replace(" ", "").lower().rstrip(";").split(";"):
        facilities, dot, priority = part.rpartition(".")
        names = set(facilities.split(","))
        least = _SAME.get(priority, priority)
        if not dot or not names <= _FACILITIES or least not in {*_SEVERITIES, "none"}:
            return None
        if names & {"*", facility}:
            graver = least != "none" and _SEVERITIES.index(severity) <= _SEVERITIES.index(least)
            covered = least != "none" and (covered or graver)
    return covered

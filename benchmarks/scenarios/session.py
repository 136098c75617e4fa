"""What rules ask of idle sessions and of the mask of new files."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.scenarios.rule import Predicate, Rule, Variables, number, plain, seen
from scanner.facts import FactSheet, FileMask, SessionTimeout


def _time_out(sheet: FactSheet, given: Variables) -> bool | None:
    timeout = seen(sheet, SessionTimeout)
    if timeout is None:
        return None
    asked = number(given, "var_accounts_tmout", 900)
    return timeout.seconds is not None and all(0 < value.value <= asked for value in timeout.written)


def _masks(*places: str) -> Predicate:
    """Some command in these files sets a mask, and every one takes away what the rule asks."""

    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        mask = seen(sheet, FileMask)
        if mask is None:
            return None
        asked = int(given.get("var_accounts_user_umask", "027"), 8)
        here = [
            value.value for value in mask.written if value.at.capture.partition(":")[2].startswith(places)
        ]
        return bool(here) and all(value & asked == asked for value in here)

    return asks


def _stops_idle(sheet: FactSheet, given: Variables) -> bool | None:
    timeout = seen(sheet, SessionTimeout)
    if timeout is None:
        return None
    asked = number(given, "var_logind_session_timeout", 300)
    return timeout.stop_idle is not None and timeout.stop_idle.value <= asked


_ASKED: Mapping[str, Predicate] = {
    "accounts_tmout": _time_out,
    "logind_session_timeout": _stops_idle,
    "accounts_umask_etc_profile": _masks("/etc/profile"),
    "accounts_umask_etc_bashrc": _masks("/etc/bash.bashrc", "/etc/bashrc"),
}

RULES: Mapping[str, Rule] = plain(_ASKED)

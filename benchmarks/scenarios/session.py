"""What rules ask of idle sessions and of the mask of new files."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.scenarios.rule import Predicate, Rule, Variables, number, plain, seen
from scanner.facts import FactSheet, SessionTimeout


def _time_out(sheet: FactSheet, given: Variables) -> bool | None:
    timeout = seen(sheet, SessionTimeout)
    if timeout is None:
        return None
    return timeout.seconds is not None and 0 < timeout.seconds.value <= number(
        given, "var_accounts_tmout", 900
    )


_ASKED: Mapping[str, Predicate] = {
    "accounts_tmout": _time_out,
}

RULES: Mapping[str, Rule] = plain(_ASKED)

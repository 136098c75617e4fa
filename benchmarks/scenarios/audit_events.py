"""Words in which rules of the audit trail are asked: events, and whether the next boot records them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from benchmarks.scenarios.rule import Predicate, Variables
from scanner.facts import FactSheet, Value, WrittenAuditRules
from scanner.facts.audit_event import PERSON, SUCCEEDED, AuditEvent
from scanner.model import Gap, GapReason

DONE: Mapping[str, int] = {**PERSON, **SUCCEEDED}
BOTH = ("b64", "b32")
_ONLY_32 = frozenset({"stime", "umount"})
"""System calls that only 32-bit programs have, on the machines these rules are for."""

READ_WRITE = 2  # O_RDWR


def _rules(sheet: FactSheet) -> WrittenAuditRules | bool | None:
    """The written rules; False where no line of the files can be loaded, None where they were not seen."""
    found = sheet.get(WrittenAuditRules)
    if isinstance(found, Gap):
        return False if found.reason is GapReason.UNPARSABLE else None
    return found


def asks_of_rules(holds: Callable[[WrittenAuditRules, Variables], bool | None]) -> Predicate:
    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        rules = _rules(sheet)
        return holds(rules, variables) if isinstance(rules, WrittenAuditRules) else rules

    return asks


def every(answers: Iterable[bool | None]) -> bool | None:
    """No where one is, else not seen where one is."""
    found = list(answers)
    if False in found:
        return False
    return None if None in found else True


def recorded(*events: AuditEvent, clean: bool = False) -> Predicate:
    """All events are recorded; ``clean``: and no line of the files is refused."""

    def holds(rules: WrittenAuditRules, _: Variables) -> bool | None:
        return False if clean and rules.refused else every(map(rules.records, events))

    return asks_of_rules(holds)


def calls(*names: str, known: Mapping[str, int] = DONE, arches: tuple[str, ...] = BOTH) -> list[AuditEvent]:
    """System calls of programs of both widths."""
    return [
        AuditEvent(name, arch, access="w", known=known)
        for name in names
        for arch in arches
        if not (arch == "b64" and name in _ONLY_32)
    ]


def changes(*places: str) -> list[AuditEvent]:
    """Files, or folders (with a slash at the end), are written and change their rights."""
    return [
        event
        for place in places
        for arch in BOTH
        for path in ((place.rstrip("/"), f"{place}one") if place.endswith("/") else (place,))
        for event in (
            AuditEvent("openat", arch, _run(path), "w", {**DONE, "a2": READ_WRITE}),
            AuditEvent("fchmodat", arch, _run(path), "a", DONE),
        )
    ]


def _run(path: str) -> str:
    return re.sub(r"^/var/run(?=/|$)", "/run", path)


def explicit(value: Value[int] | Value[bool], *wanted: int) -> bool:
    return value.origin.value == "explicit" and value.value in wanted

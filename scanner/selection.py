"""Which items a system is judged by, and which of them it declares not to apply.

Items marked S are taken from the level of business information security, those marked A from that of service
availability, those marked G from the higher of both (GB/T 22239-2019, annex A); extensions alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scanner.compare.lineage import lineage
from scanner.model import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model import Item, Level, System

MARKS = "SAG"
_LAST = 1000
"""After every number of a clause."""

_LEVEL_OF_ID = re.compile(r"L([1-4])-")


def levels_of(system: System) -> frozenset[Level]:
    """Return the levels whose items must be known to judge a system.

    Those of its grade; and where items of other levels are declared not to apply (the system is judged at
    another level than its own), those between, since requirements are followed from level to level.
    """
    judged = frozenset(system.grade.level_of(mark) for mark in MARKS)
    found = (_LEVEL_OF_ID.match(name) for name in system.not_applicable)
    declared = frozenset(int(match[1]) for match in found if match is not None)
    if declared <= judged:
        return judged
    every = judged | declared
    return frozenset(range(min(every), max(every) + 1))


def selected(system: System, items: Mapping[Level, Iterable[Item]]) -> tuple[Item, ...]:
    """Return the items that a system is judged by, in the order of the standard.

    Args:
        system: its grade and the extensions that it uses count.
        items: all items by level, at least those of the grade.
    """
    levels = {mark: system.grade.level_of(mark) for mark in MARKS}
    scopes = {Scope.GENERAL, *system.uses}
    chosen = [
        item
        for level in sorted(set(levels.values()))
        for item in items[level]
        if levels[item.mark] == level and item.scope in scopes
    ]
    return tuple(sorted(chosen, key=clause_order))


def declared(
    system: System, chosen: Iterable[Item], items: Mapping[Level, Iterable[Item]]
) -> Mapping[str, str]:
    """Return, by id, the items among ``chosen`` that the system declares not to apply, with its reasons.

    A declaration names an item of the system's own level; at another level it holds for the item of the same
    requirement. ``items`` are those of the levels in between (``levels_of``).
    """
    if not system.not_applicable:
        return {}
    origins = lineage(item for level in sorted(items) for item in items[level])
    reasons = {origins.get(name, name): reason for name, reason in system.not_applicable.items()}
    return {item.id: reasons[origins[item.id]] for item in chosen if origins[item.id] in reasons}


def clause_order(item: Item) -> tuple[list[int], str, str]:
    """Order of an item: by its place in the standard, the same requirement alike at every level.

    Items that stand in no standard (of an overlay) come last, whatever their own document calls them.
    """
    if item.overlay:
        return [_LAST], item.overlay, item.id
    numbers, _, letter = item.clause.partition(" ")
    return [int(n) for n in re.findall(r"\d+", numbers)][1:], letter, item.id

"""Items that a system declares not to apply: each must be one that the system would be judged by.

Works on the plain data, so that these mistakes are named together with all others of the file. What has not
the expected shape is passed over: the field's own check names it.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from scanner.model import Grade, Scope, System
from scanner.selection import levels_of, selected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scanner.inventory.contradictions import Contradiction
    from scanner.model import Item, Level


def wrong_declarations(data: Any, items: Callable[[Level], Iterable[Item]]) -> Iterator[Contradiction]:
    """Yield every item declared not to apply that is none of the system's."""
    systems = data.get("systems") if isinstance(data, dict) else None
    for i, entry in enumerate(systems if isinstance(systems, list) else ()):
        names = entry.get("not_applicable") if isinstance(entry, dict) else None
        system = _system(entry) if isinstance(names, dict) and names else None
        if system is None or not isinstance(names, dict):
            continue
        known = {level: tuple(items(level)) for level in sorted(levels_of(system))}
        own = {item.id for item in selected(system, known)}
        for name in names:
            if name not in own:
                yield ("systems", i, "not_applicable", name), _why(name, system, known, own)


def _system(entry: Mapping[str, Any]) -> System | None:
    """Return the system as far as selection needs it."""
    try:
        grade = Grade.parse(str(entry.get("grade")))
    except ValueError:
        return None
    uses = entry.get("uses")
    scopes = tuple(scope for scope in Scope if isinstance(uses, list) and scope in uses)
    return System("", "", grade, uses=scopes)


def _why(name: str, system: System, known: Mapping[Level, Iterable[Item]], own: Iterable[str]) -> str:
    """Say why an item is none of the system's."""
    item = next((item for of_level in known.values() for item in of_level if item.id == name), None)
    if item is None:
        near = difflib.get_close_matches(name, own, n=1, cutoff=0.8)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        return f"a system graded {system.grade} has no item {name!r}{meant}"
    if item.scope not in {Scope.GENERAL, *system.uses}:
        return (
            f"{name} is of the extension {item.scope}, which the system does not use (uses: [{item.scope}])"
        )
    level = system.grade.level_of(item.mark)
    return (
        f"{name} is marked {item.mark}: a system graded {system.grade} takes those items from level {level}"
    )

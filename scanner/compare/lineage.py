"""Which items of different levels are the same requirement, grown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model import Item


def lineage(items: Iterable[Item]) -> Mapping[str, str]:
    """Return, by id of an item, the id of the lowest item that it goes back to by ``changed_from``.

    ``items`` are those of all levels from the lowest to the highest that are compared: a chain that leads out
    of them ends at its last id. Items with the same origin are one requirement; there is one a level.
    """
    before = {item.id: item.changed_from for item in items}
    return {name: _origin(name, before) for name in before}


def _origin(name: str, before: Mapping[str, str]) -> str:
    """Follow one chain down; a chain that bites its tail ends where it began."""
    met = {name}
    while (lower := before.get(name, "")) and lower not in met:
        met.add(lower)
        name = lower
    return name

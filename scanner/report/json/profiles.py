"""How two profiles differ, as plain data (``schema_version`` 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.compare import Fate
from scanner.report.json.numbers import overlay
from scanner.report.json.plain_data import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.compare import Answering, ItemDifference, ParameterDifference, ProfileDifference
    from scanner.model import Item, Profile

SCHEMA_VERSION = 1


def document(found: ProfileDifference) -> dict[str, Any]:
    """Return all that differs, and the requirements that do not."""
    return {
        "schema_version": SCHEMA_VERSION,
        "before": _side(found.before),
        "after": _side(found.after),
        "counts": {fate.value: len(found.of_fate(fate)) for fate in Fate},
        "items": [_item(difference) for difference in found.items],
        "parameters": [_parameter(difference) for difference in found.parameters],
    }


def _side(profile: Profile) -> dict[str, Any]:
    return {
        "level": profile.level,
        "title": text(profile.title),
        "digest": profile.digest,
        "overlays": [overlay(laid) for laid in profile.overlays],
        "items": len(profile.items),
    }


def _item(difference: ItemDifference) -> dict[str, Any]:
    return {
        "fate": difference.fate.value,
        "before": _named(difference.before),
        "after": _named(difference.after),
        "aspects": [aspect.value for aspect in difference.aspects],
        "lost": _answering(difference.lost),
        "gained": _answering(difference.gained),
    }


def _named(item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    return {
        "id": item.id,
        "clause": item.clause,
        "scope": item.scope.value,
        "control_point": text(item.control_point),
        "summary": text(item.summary),
        "overlay": item.overlay or None,
    }


def _answering(found: Sequence[Answering]) -> list[dict[str, Any]]:
    return [
        {"step": one.n or None, "check": one.binding.check, "settles": one.binding.settles.value}
        for one in found
    ]


def _parameter(difference: ParameterDifference) -> dict[str, Any]:
    change = difference.change
    return {
        "check": difference.check,
        "parameter": change.parameter,
        "before": change.before,
        "after": change.after,
        "looser": change.looser,
    }

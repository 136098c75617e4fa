"""How two profiles differ: requirements, thresholds, and what answers the steps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.threshold import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scanner.model import Binding, Item, Profile
    from scanner.threshold import Change


class Fate(StrEnum):
    """What becomes of a requirement from one profile to the other."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"


class Aspect(StrEnum):
    """What of an item differs. Ids and clauses differ from level to level by nature and do not count."""

    SUMMARY = "summary"
    STEPS = "steps"
    KINDS = "kinds"
    DECISION = "decision"
    PARTIAL = "partial"
    OPTIONAL = "optional"
    MARK = "mark"
    CONTROL_POINT = "control-point"
    THEMES = "themes"
    HIGH_RISK = "high-risk"


@dataclass(frozen=True, slots=True)
class Answering:
    """Checks that answer a step; ``n`` 0: a step of the item, the steps are not the same on both sides."""

    n: int
    binding: Binding


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """One requirement in both profiles. ``lost`` and ``gained`` say what answers it no more, and newly."""

    before: Item | None
    after: Item | None
    fate: Fate
    aspects: tuple[Aspect, ...] = ()
    lost: tuple[Answering, ...] = ()
    gained: tuple[Answering, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterDifference:
    """A threshold of a check that differs."""

    check: str
    change: Change


@dataclass(frozen=True, slots=True)
class ProfileDifference:
    """All that differs; items in the order of the later profile, those that are gone last."""

    before: Profile
    after: Profile
    items: tuple[ItemDifference, ...]
    parameters: tuple[ParameterDifference, ...]

    def of_fate(self, fate: Fate) -> tuple[ItemDifference, ...]:
        """Requirements with one fate."""
        return tuple(item for item in self.items if item.fate is fate)


def differ(before: Profile, after: Profile, origins: Mapping[str, str]) -> ProfileDifference:
    """Compare two profiles.

    Args:
        before: the earlier one, e.g. of the lower level.
        after: the later one.
        origins: see ``lineage``, over the items of both and of the levels between.
    """
    known = {origins[item.id]: item for item in before.items}
    followed = {origins[item.id] for item in after.items}
    items = [_difference(known.get(origins[item.id]), item) for item in after.items]
    items += [_difference(item, None) for item in before.items if origins[item.id] not in followed]
    parameters = [
        ParameterDifference(check, change)
        for check in sorted(before.parameters.keys() & after.parameters.keys())
        for change in changes(before.parameters[check], after.parameters[check])
    ]
    return ProfileDifference(before, after, tuple(items), tuple(parameters))


def _difference(before: Item | None, after: Item | None) -> ItemDifference:
    """Compare one requirement."""
    if before is None:
        return ItemDifference(None, after, Fate.NEW)
    if after is None:
        return ItemDifference(before, None, Fate.GONE)
    aspects = tuple(aspect for aspect, what in _WHAT.items() if what(before) != what(after))
    old, new = _answering(before, aspects), _answering(after, aspects)
    return ItemDifference(
        before,
        after,
        Fate.CHANGED if aspects else Fate.UNCHANGED,
        aspects,
        tuple(answering for answering in old if answering not in new),
        tuple(answering for answering in new if answering not in old),
    )


_WHAT: Mapping[Aspect, Callable[[Item], object]] = {
    Aspect.SUMMARY: lambda item: item.summary,
    Aspect.STEPS: lambda item: [(step.text, step.method, step.sight) for step in item.steps],
    Aspect.KINDS: lambda item: sorted(item.kinds),
    Aspect.DECISION: lambda item: item.decision,
    Aspect.PARTIAL: lambda item: item.partial,
    Aspect.OPTIONAL: lambda item: item.optional,
    Aspect.MARK: lambda item: item.mark,
    Aspect.CONTROL_POINT: lambda item: (item.klass, item.control_point),
    Aspect.THEMES: lambda item: sorted(item.themes),
    Aspect.HIGH_RISK: lambda item: sorted(item.high_risk),
}
"""What each aspect compares."""


def _answering(item: Item, aspects: Sequence[Aspect]) -> list[Answering]:
    """What answers an item; step by step only where the steps are the same on both sides."""
    same = Aspect.STEPS not in aspects
    found = (Answering(step.n if same else 0, b) for step in item.steps for b in step.bindings)
    return list(dict.fromkeys(found))

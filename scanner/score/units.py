"""Results above single items (单元测评): control points, classes, themes; as sets of what is possible.

All applicable items conform: conform; all nonconform: nonconform; none applies: not applicable; anything
else: partial (GB/T 28449-2018). Extensions have control points of their own, though names may be the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner import decision
from scanner.model import ItemResult, Scope, Text, Verdict
from scanner.model.result import verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Unit:
    """Items taken together."""

    possible: frozenset[Verdict]
    counts: Mapping[Verdict, int]  # items by verdict, every verdict a key; undetermined: not decided yet

    @property
    def verdict(self) -> Verdict:
        """The verdict if it is decided."""
        return verdict_of(self.possible)


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A control point (控制点) of one class."""

    title: Text
    unit: Unit


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """A class (安全类) of the general requirements or of an extension, with its control points."""

    scope: Scope
    klass: str
    class_zh: str
    side: str  # technical or management
    points: tuple[ControlPoint, ...]
    unit: Unit


def of_the_standard(results: Iterable[ItemResult]) -> tuple[ItemResult, ...]:
    """Return the items that official results count: what overlays add is judged and shown beside them."""
    return tuple(result for result in results if not result.item.overlay)


def unit(results: Iterable[ItemResult]) -> Unit:
    """Take items together."""
    chosen = tuple(results)
    counts = Counter(result.verdict for result in chosen)
    return Unit(
        decision.over_objects(result.possible for result in chosen),
        {verdict: counts[verdict] for verdict in Verdict},
    )


def control_points(results: Iterable[ItemResult]) -> tuple[ControlPoint, ...]:
    """Return the control points of one class, in the order of the items."""
    groups = _grouped(results, lambda result: result.item.control_point)
    return tuple(ControlPoint(group[0].item.control_point, unit(group)) for group in groups)


def classes(results: Iterable[ItemResult]) -> tuple[ClassSummary, ...]:
    """Return all classes of each scope over the standard's items, in their order."""
    groups = _grouped(of_the_standard(results), lambda result: (result.item.scope, result.item.klass))
    return tuple(
        ClassSummary(
            group[0].item.scope,
            group[0].item.klass,
            group[0].item.class_zh,
            group[0].item.side,
            control_points(group),
            unit(group),
        )
        for group in groups
    )


def themes(results: Iterable[ItemResult], names: Iterable[str]) -> Mapping[str, Unit]:
    """Return each theme's items of the standard taken together; a theme without items does not apply."""
    chosen = of_the_standard(results)
    return {name: unit(result for result in chosen if name in result.item.themes) for name in names}


def _grouped(
    results: Iterable[ItemResult], key: Callable[[ItemResult], Hashable]
) -> Iterable[Sequence[ItemResult]]:
    """Put items with the same key together, in the order in which the keys come first."""
    groups: dict[Hashable, list[ItemResult]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return groups.values()

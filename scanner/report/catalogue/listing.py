"""Which items of the catalogue somebody asks for, and how many of each sort there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from scanner.model import Scope, Text
from scanner.report.catalogue.judged_by import JudgedBy, judged_by
from scanner.report.names import CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from scanner.model import Grade, Item

MARKS = "SAG"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks of the catalogue; what is empty asks nothing."""

    scopes: Collection[Scope]
    klass: str = ""
    theme: str = ""
    judged_by: JudgedBy | None = None
    words: tuple[str, ...] = ()
    """Each must stand in an item's own words, in either language, or be part of a name that it uses."""

    def meets(self, item: Item) -> bool:
        """Whether an item is asked for, whatever its scope."""
        return (
            self.klass in {"", item.klass}
            and (not self.theme or self.theme in item.themes)
            and self.judged_by in {None, judged_by(item)}
            and (not self.words or _holds(item, self.words))
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """The items that somebody asks for, in the order of the standard.

    ``elsewhere`` are those of the scopes that were not asked for and which are asked for otherwise. ``grade``
    None: the items of whole levels.
    """

    items: tuple[Item, ...]
    elsewhere: tuple[Item, ...] = ()
    grade: Grade | None = None

    @classmethod
    def of(cls, items: Iterable[Item], wish: Wish, grade: Grade | None = None) -> Listing:
        """Pick from ``items``."""
        met = [item for item in items if wish.meets(item)]
        return cls(
            tuple(item for item in met if item.scope in wish.scopes),
            tuple(item for item in met if item.scope not in wish.scopes),
            grade,
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """Items of one control point that follow each other. ``level`` 0: of a grade, which has several."""

    level: int
    scope: Scope
    klass: str
    class_name: Text
    control_point: Text
    items: tuple[Item, ...]

    @property
    def section(self) -> tuple[int, Scope, str]:
        """What the shelves under one heading share."""
        return self.level, self.scope, self.klass


def shelves(listing: Listing) -> Iterator[Shelf]:
    """Yield the items by level, scope, class and control point, in their order."""

    def shelf_of(item: Item) -> tuple[int, Scope, str, Text]:
        return 0 if listing.grade else item.level, item.scope, item.klass, item.control_point

    for (level, scope, klass, control_point), items in groupby(listing.items, shelf_of):
        own = tuple(items)
        yield Shelf(level, scope, klass, class_name(own[0]), control_point, own)


def class_name(item: Item) -> Text:
    """Name of the class (安全类) of an item."""
    return Text(item.class_zh, CLASSES.get(item.klass, item.klass))


@dataclass(frozen=True, slots=True)
class Count:
    """How many items there are of one level, or of all that are asked for (``level`` 0)."""

    level: int
    scopes: Mapping[Scope, int]
    elsewhere: Mapping[Scope, int]
    marks: Mapping[str, int]
    judged_by: Mapping[JudgedBy, int]

    @property
    def items(self) -> int:
        """All that are asked for."""
        return sum(self.scopes.values())


def counts(listing: Listing) -> tuple[Count, ...]:
    """Return the counts a level, and of all of them where there are several; of a grade just one."""
    whole = _count(0, listing.items, listing.elsewhere)
    levels = sorted({item.level for item in (*listing.items, *listing.elsewhere)})
    if listing.grade or not levels:
        return (whole,)
    each = tuple(
        _count(
            level,
            [item for item in listing.items if item.level == level],
            [item for item in listing.elsewhere if item.level == level],
        )
        for level in levels
    )
    return each if len(each) == 1 else (*each, whole)


def _count(level: int, items: Sequence[Item], elsewhere: Sequence[Item]) -> Count:
    scopes, others = Counter(i.scope for i in items), Counter(i.scope for i in elsewhere)
    marks, judged = Counter(i.mark for i in items), Counter(judged_by(i) for i in items)
    return Count(
        level,
        {scope: scopes[scope] for scope in Scope},
        {scope: others[scope] for scope in Scope},
        {mark: marks[mark] for mark in MARKS},
        {who: judged[who] for who in JudgedBy},
    )


def _holds(item: Item, words: Iterable[str]) -> bool:
    """Whether every word stands in the item's texts or names."""
    said = "\n".join(_texts(item)).casefold()
    return all(word.casefold() in said for word in words)


def _texts(item: Item) -> Iterator[str]:
    """Everything of an item that somebody may search for."""
    yield from (item.id, item.clause, item.class_zh, class_name(item).en, *item.kinds, *item.high_risk)
    for text in (item.control_point, item.summary, *(step.text for step in item.steps)):
        yield from (text.zh, text.en)
    for step in item.steps:
        yield from (step.awaits, *(binding.check for binding in step.bindings))

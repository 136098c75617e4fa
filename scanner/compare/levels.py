"""The same system judged at several levels from the same evidence, side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from scanner.compare.way import still_open, way
from scanner.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.compare.way import Way
    from scanner.model import Assessment, ItemResult
    from scanner.score import Scores


@dataclass(frozen=True, slots=True)
class Column:
    """One system at one level: the assessment, its scores, and how many items came out how."""

    assessment: Assessment
    scores: Scores
    counts: Mapping[Verdict, int]
    """Items by verdict; undetermined holds all with more than one verdict left."""
    failing: int
    """Items that can no longer conform, decided or not."""

    @property
    def applicable(self) -> int:
        """Items that apply."""
        return sum(n for verdict, n in self.counts.items() if verdict is not Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement over the columns: its item's result at each, None where the level does not have it."""

    origin: str
    results: tuple[ItemResult | None, ...]

    @property
    def changed(self) -> bool:
        """Whether the columns differ: the requirement is not at each, or what is possible differs."""
        first, *others = (None if r is None else r.possible for r in self.results)
        return any(other != first for other in others)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One system at several levels, lowest first; rows in the order of the highest level's items.

    ``ways`` lead to each column but the first, from what holds at the one before it.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    ways: tuple[Way, ...]


def compare(judged: Sequence[tuple[Assessment, Scores]], origins: Mapping[str, str]) -> Comparison:
    """Put assessments of one system side by side.

    Args:
        judged: the system at each level with its scores, lowest level first.
        origins: see ``lineage``, over the items of all levels between the lowest and the highest.
    """
    columns = tuple(_column(assessment, scores) for assessment, scores in judged)
    tables = [{origins[r.item.id]: r for r in column.assessment.items} for column in columns]
    order = dict.fromkeys(origin for table in reversed(tables) for origin in table)
    rows = tuple(Row(origin, tuple(table.get(origin) for table in tables)) for origin in order)
    ways = tuple(
        way(higher.assessment.items, still_open(lower.assessment.items), origins)
        for lower, higher in pairwise(columns)
    )
    return Comparison(columns, rows, ways)


def _column(assessment: Assessment, scores: Scores) -> Column:
    """Count the items of one assessment."""
    counts = Counter(result.verdict for result in assessment.items)
    failing = sum(result.known_to_fail for result in assessment.items)
    return Column(assessment, scores, {verdict: counts[verdict] for verdict in Verdict}, failing)

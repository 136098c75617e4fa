"""Levels beside each other: what changes for a system, what separates it from the next, how profiles differ.

Pure: from values to values. A requirement is followed from level to level by ``Item.changed_from``, never by
its number.
"""

from scanner.compare.levels import Column, Comparison, Row, compare
from scanner.compare.lineage import lineage
from scanner.compare.profiles import (
    Answering,
    Aspect,
    Fate,
    ItemDifference,
    ParameterDifference,
    ProfileDifference,
    differ,
)
from scanner.compare.way import Effort, Hurdle, Stage, Way, way

__all__ = [
    "Answering",
    "Aspect",
    "Column",
    "Comparison",
    "Effort",
    "Fate",
    "Hurdle",
    "ItemDifference",
    "ParameterDifference",
    "ProfileDifference",
    "Row",
    "Stage",
    "Way",
    "compare",
    "differ",
    "lineage",
    "way",
]

"""Levels beside each other: what changes for a system, what separates it from the next, how profiles differ.

Pure: from values to values. A requirement is followed from level to level by ``Item.changed_from``, never by
its number.
"""

from scanner.compare.levels import Column, Comparison, Row, compare
from scanner.compare.lineage import lineage
from scanner.compare.way import Effort, Hurdle, Stage, Way, way

__all__ = [
    "Column",
    "Comparison",
    "Effort",
    "Hurdle",
    "Row",
    "Stage",
    "Way",
    "compare",
    "lineage",
    "way",
]

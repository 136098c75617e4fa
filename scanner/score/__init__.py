"""Scores by the report templates of 2021 and 2025, as exact intervals over all that was not seen.

Formulas, bands and their sources stand in ``control_profiles/templates``. Nothing here is official: weights
of items are this product's own, and only a qualified agency issues a conclusion.
"""

from scanner.score.scores import THEMES, Coverage, Scores, score, score_assessment
from scanner.score.template import Band, Note, Template
from scanner.score.value import ScoredItem, possible_x, scored

__all__ = [
    "THEMES",
    "Band",
    "Coverage",
    "Note",
    "ScoredItem",
    "Scores",
    "Template",
    "possible_x",
    "score",
    "score_assessment",
    "scored",
]

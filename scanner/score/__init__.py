"""Scores by the report templates of 2021 and 2025, as exact intervals over all that was not seen.

Formulas, bands and their sources stand in ``control_profiles/templates``. Nothing here is official: weights
of items are this product's own, and only a qualified agency issues a conclusion.
"""

from scanner.score.assessed import score_assessment
from scanner.score.judged import Judged, final, judged
from scanner.score.scores import THEMES, Coverage, Scores, score, score_tallies
from scanner.score.standing import Majors, Standing, Tally
from scanner.score.template import Band, Formula, Note, Reading, Template, Templates
from scanner.score.value import ScoredItem, Subject, scored

__all__ = [
    "THEMES",
    "Band",
    "Coverage",
    "Formula",
    "Judged",
    "Majors",
    "Note",
    "Reading",
    "ScoredItem",
    "Scores",
    "Standing",
    "Subject",
    "Tally",
    "Template",
    "Templates",
    "final",
    "judged",
    "score",
    "score_assessment",
    "score_tallies",
    "scored",
]

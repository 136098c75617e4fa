"""From an assessment to what its scores are computed of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from scanner.model import Risk, Stand
from scanner.score.scores import score_tallies
from scanner.score.standing import Majors, Standing, Tally
from scanner.score.units import of_the_standard
from scanner.score.value import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import Assessment, ItemResult
    from scanner.score.scores import Scores
    from scanner.score.template import Templates

    Risks = Mapping[tuple[str, str], Risk]
    """Risk that people gave to a problem, by item and object."""


def score_assessment(assessment: Assessment, templates: Templates) -> Scores:
    """Compute all numbers of an assessed system, over the items of the standard."""
    risks, sample = given_risks(assessment), sampled_objects(assessment)
    counted = of_the_standard(assessment.items)
    tallies = [Tally(Subject.of(r.item), Counter(standings(r, risks, sample))) for r in counted]
    return score_tallies(tallies, templates, stated_majors(assessment, risks))


def standings(result: ItemResult, risks: Risks, sample: frozenset[str]) -> list[Standing]:
    """Return how an item stands on each of its objects, in their order."""
    return [
        Standing(
            o.possible,
            o.before if o.compensation else None,
            risks.get((result.item.id, o.object)),
            o.object in sample,
        )
        for o in result.objects
    ]


def sampled_objects(assessment: Assessment) -> frozenset[str]:
    """Return the names of the objects in the sample; none are where no sample is marked."""
    return frozenset(o.id for o in assessment.objects if o.sampled)


def given_risks(assessment: Assessment) -> Risks:
    """Return the risks that people gave to problems; a confirmed judgement on high risk makes it high."""
    risks = {(p.item, p.object): p.setting.risk for p in assessment.problems if p.setting is not None}
    problems = {(p.item, p.object) for p in assessment.problems}
    confirmed = {
        (item, candidate.object)
        for candidate in assessment.candidates
        if candidate.stand is Stand.CONFIRMED
        for item in candidate.items
    }
    return risks | dict.fromkeys(confirmed & problems, Risk.HIGH)


def stated_majors(assessment: Assessment, risks: Risks) -> Majors:
    """Return what people said of major hidden dangers; confirmed ones count before they are rectified.

    More may be confirmed where a trigger's judgement speaks for a high risk and nobody decided, and where a
    problem is of high risk and nobody said anything of its object: the list of triggers is open. What an
    overlay adds leaves no such problem.
    """
    said = [m for m in assessment.majors if m.statement is not None]
    confirmed = sum(m.statement is not None and m.statement.meets for m in said)
    settled = {m.object for m in said}
    counted = {result.item.id for result in of_the_standard(assessment.items)}
    high = {place for place, risk in risks.items() if risk is Risk.HIGH}
    open_ = any(item in counted and name not in settled for item, name in high)
    return Majors(confirmed, more=open_ or len(said) < len(assessment.majors))

"""One system as the page shows it: its numbers, its classes, its items."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Verdict
from scanner.report.answering import Awaited, answerers, awaited
from scanner.report.classes import by_role, class_name, figures, waiting
from scanner.report.html.facets import MARKS
from scanner.report.html.items import groups
from scanner.report.html.numbers import bar, stacked
from scanner.report.words import RISK_ORDER, STAND_ORDER, THEMES, VERDICT_ORDER
from scanner.sample import holes
from scanner.score.units import classes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model import Assessment, ItemResult, Stand, Text
    from scanner.questionnaire import Roles
    from scanner.report.classes import Figures
    from scanner.report.html.items import Group, Row
    from scanner.report.html.numbers import Bar, Part
    from scanner.score import Scores
    from scanner.score.units import ClassSummary, ControlPoint

STACK = (*VERDICT_ORDER[:3], Verdict.UNDETERMINED, Verdict.NOT_APPLICABLE)
"""Order of verdicts in a bar."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The numbers of one reading: of the sample or of all objects, with compensations or without."""

    strict: Bar | None
    half: Bar | None
    points: Bar | None
    scores: Scores


@dataclass(frozen=True, slots=True)
class Point:
    """A control point and how its items came out."""

    point: ControlPoint
    verdicts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Class:
    """A class of one scope, and how its items came out."""

    name: Text
    summary: ClassSummary
    verdicts: tuple[Part, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """Steps that are unanswered on an object, by what would answer them."""

    persons: int
    looks: int
    items: int  # of which some step waits for a person
    roles: tuple[tuple[Text, int], ...]  # of those steps for persons, the ones of each role
    capabilities: tuple[tuple[Text, int], ...]  # the ones that await each
    figures: tuple[Figures, ...]  # by class


@dataclass(frozen=True, slots=True)
class SystemPart:
    """One system: its numbers and its items."""

    assessment: Assessment
    rate: Rate
    posture: Rate | None
    before: Rate | None
    themes: tuple[tuple[str, Bar | None], ...]
    verdicts: tuple[Part, ...]
    marks: tuple[tuple[str, tuple[Part, ...]], ...]  # by S, A and G
    answerers: tuple[Part, ...]
    holes: tuple[Text, ...]  # what a marked sample leaves open
    failing: int
    high: int  # judgements that speak for a high risk on an object
    stands: tuple[tuple[Stand, int], ...]
    risks: tuple[tuple[str, int], ...]  # of remaining problems, as a person set them or as proposed
    classes: tuple[Class, ...]
    waits: Waits
    groups: tuple[Group, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All items."""
        return tuple(row for group in self.groups for row in group.rows)


def system(a: Assessment, scores: Scores, roles: Roles | None, name: str) -> SystemPart:
    """Put a system together; ``name`` is what places of its items bear, "" where the run has only one."""
    items = [result.item for result in a.items]
    return SystemPart(
        assessment=a,
        rate=_rate(scores),
        posture=_rate(scores.posture) if scores.posture is not None else None,
        before=_rate(scores.before) if scores.before is not None else None,
        themes=tuple((theme, bar(scores.themes.get(theme), 100)) for theme in THEMES),
        verdicts=_verdicts(a.items),
        marks=tuple((mark, _verdicts(r for r in a.items if r.item.mark == mark)) for mark in MARKS),
        answerers=stacked({who.value: count for who, count in answerers(items).items()}),
        holes=holes(a),
        failing=sum(item.known_to_fail for item in a.items),
        high=sum(c.stand.speaks_for_high for c in a.candidates),
        stands=_stands(a),
        risks=_risks(a),
        classes=tuple(_class(summary, a) for summary in classes(a.items)),
        waits=_waits(a, roles),
        groups=groups(a, name),
    )


def _stands(a: Assessment) -> tuple[tuple[Stand, int], ...]:
    counts = Counter(candidate.stand for candidate in a.candidates)
    return tuple((stand, counts[stand]) for stand in STAND_ORDER if counts[stand])


def _risks(a: Assessment) -> tuple[tuple[str, int], ...]:
    counts = Counter(p.setting.risk if p.setting is not None else p.proposed for p in a.problems)
    return tuple((risk.value, counts[risk]) for risk in RISK_ORDER if counts[risk])


def _rate(scores: Scores) -> Rate:
    return Rate(bar(scores.strict), bar(scores.half), bar(scores.deduction), scores)


def _verdicts(results: Iterable[ItemResult]) -> tuple[Part, ...]:
    return _stack(Counter(result.verdict for result in results))


def _stack(counts: Mapping[Verdict, int]) -> tuple[Part, ...]:
    return stacked({verdict.value: counts.get(verdict, 0) for verdict in STACK})


def _class(summary: ClassSummary, a: Assessment) -> Class:
    item = next(r.item for r in a.items if (r.item.scope, r.item.klass) == (summary.scope, summary.klass))
    points = tuple(Point(point, _stack(point.unit.counts)) for point in summary.points)
    return Class(class_name(item), summary, _stack(summary.unit.counts), points)


def _waits(a: Assessment, roles: Roles | None) -> Waits:
    found = [(r, asked, awaited(asked, step)) for r, _, asked, step in waiting(a.items)]
    persons = [(result, asked) for result, asked, what in found if what is Awaited.PERSON]
    capable = Counter(asked.awaits for _, asked in persons if asked.awaits)
    known = a.profile.capabilities
    return Waits(
        persons=len(persons),
        looks=len(found) - len(persons),
        items=len({result.item.id for result, _ in persons}),
        roles=by_role(a, roles) if roles is not None else (),
        capabilities=tuple((known[name], count) for name, count in capable.most_common() if name in known),
        figures=figures(a),
    )

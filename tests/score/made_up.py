"""Items to score, and the official formulas written out a second time."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from scanner.model import Risk, Verdict
from scanner.profile import packaged
from scanner.score import Judged, ScoredItem, Subject, judged, scored
from scanner.score.template_file import load_templates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

C, P, N, NA = Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM, Verdict.NOT_APPLICABLE
SOURCES = packaged()
TEMPLATES = load_templates(SOURCES)
OLD, NEW = TEMPLATES.deductions, TEMPLATES.rate
X = {C: Fraction(1), P: Fraction(1, 2), N: Fraction(0)}


def subject(
    side: str = "technical",
    weight: str = "general",
    themes: tuple[str, ...] = (),
    *,
    optional: bool = False,
) -> Subject:
    return Subject(side, weight, themes, optional)


def item(about: Subject, *objects: Iterable[Verdict]) -> ScoredItem:
    """An item with the verdicts that are possible on each of its objects."""
    found = scored(about, [frozenset(o) for o in objects])
    assert found is not None
    return found


def counted(items: Iterable[ScoredItem | None]) -> Counter[ScoredItem]:
    return Counter(item for item in items if item is not None)


def nobody_judged(items: Collection[ScoredItem]) -> Judged:
    """Prospects where people have said nothing at all."""
    problem = any(item.calm != {2} for item in items)
    return judged((), more=problem, majors=0, more_majors=problem)


def over_objects(verdicts: Sequence[Verdict]) -> Verdict:
    """Official result of an item over its objects, all of them decided."""
    left = {verdict for verdict in verdicts if verdict is not NA}
    if not left:
        return NA
    return left.pop() if len(left) == 1 else P


def official_m(items: Sequence[tuple[Subject, Verdict]], y: Fraction) -> Fraction:
    """Formula of 2021 over decided items."""
    s = Fraction(100, len(items))
    f = {"general": 1, "important": 2, "key": 3}
    lost = {"technical": Fraction(0), "management": Fraction(0)}
    for about, verdict in items:
        lost[about.side] += f[about.weight] * (1 - X[verdict]) * s
    return max(Fraction(0), 100 * y - lost["technical"]) + max(
        Fraction(0), 100 * (1 - y) - lost["management"]
    )


def official_rates(items: Sequence[tuple[Subject, Verdict]]) -> tuple[Fraction, Fraction]:
    """Strict rate, and the one that counts partial as half; in per cent."""
    strict = sum(verdict is C for _, verdict in items)
    half = sum((X[verdict] for _, verdict in items), Fraction(0))
    return Fraction(100 * strict, len(items)), 100 * half / len(items)


def official_grade(m: Fraction, risks: Collection[Risk]) -> str:
    if m >= 90 and Risk.HIGH not in risks and Risk.MEDIUM not in risks:
        return "优"
    if m >= 80 and Risk.HIGH not in risks:
        return "良"
    return "中" if m >= 70 and Risk.HIGH not in risks else "差"


def official_conclusion(rate: Fraction, majors: int) -> str:
    if rate > 90 and not majors:
        return "符合"
    return "基本符合" if rate >= 60 else "不符合"

"""What a report shows of a scored file of results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Text
from scanner.report.words import RISK, RISK_ORDER
from scanner.score import Reading

if TYPE_CHECKING:
    from collections.abc import Collection

    from scanner.model import Grade, Risk
    from scanner.score import Scores, Template, Templates
    from scanner.score.document import Given
    from scanner.score.units import ClassSummary

_FORMULA = Text("符合率口径", "rate formula")
_WEIGHTS = Text("权重（一般/重要/关键）", "weights (general/important/key)")
_IN_THEMES = Text("主题内权重", "weights in themes")
_MAY = Text("“可”类条款", 'items worded "may"')
_RISKS = Text("全部问题的风险", "risks of all problems")
_MAJORS = Text("全部重大风险隐患", "major hidden dangers in all")
_NONE = Text("无", "none")
_READING = {
    Reading.STRICT: Text("严格", "strict"),
    Reading.HALF: Text("部分符合按半计", "partial counted half"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that no official source gives and numbers rest on."""

    name: Text
    value: Text
    ours: bool  # this product's own choice; otherwise the user's


@dataclass(frozen=True, slots=True)
class ScoredSystem:
    """One system of the file; ``items`` holds how many there are, those that do not apply too."""

    name: str  # "" where the file names none
    items: int
    silent: int  # items of the grade that the file says nothing of
    scores: Scores
    classes: tuple[ClassSummary, ...]  # over the items of the catalogue


@dataclass(frozen=True, slots=True)
class ScoredFile:
    """A file of results with its scores."""

    file: str
    template: Template  # whose conclusion stands first
    templates: Templates
    ours: Templates  # those that this product ships
    grade: Grade | None
    systems: tuple[ScoredSystem, ...]
    given: Given  # as whole, from outside the items

    def settings(self) -> tuple[Setting, ...]:
        """Return what the numbers rest on."""
        deductions, rate = self.templates.deductions, self.templates.rate
        ours = self.ours
        given: tuple[Setting, ...] = ()
        if self.given.risks is not None:
            given += (Setting(_RISKS, _listed(self.given.risks), ours=False),)
        if self.given.majors is not None:
            given += (Setting(_MAJORS, _same(str(self.given.majors)), ours=False),)
        return (
            Setting(Text("y", "y"), _same(str(deductions.y)), deductions.y == ours.deductions.y),
            Setting(_FORMULA, _READING[rate.reading], rate.reading is ours.rate.reading),
            Setting(_WEIGHTS, _weights(deductions), deductions.weights == ours.deductions.weights),
            Setting(_IN_THEMES, _weights(rate), rate.weights == ours.rate.weights),
            Setting(_MAY, _counted(rate), rate.count_optional == ours.rate.count_optional),
            *given,
        )


def _same(value: str) -> Text:
    return Text(value, value)


def _listed(risks: Collection[Risk]) -> Text:
    words = [RISK[risk] for risk in RISK_ORDER if risk in risks] or [_NONE]
    return Text("、".join(word.zh for word in words), ", ".join(word.en for word in words))


def _weights(template: Template) -> Text:
    """General, important and key items."""
    return _same("/".join(str(template.weights[name]) for name in ("general", "important", "key")))


def _counted(template: Template) -> Text:
    return Text("计入", "counted") if template.count_optional else Text("不计", "left out")

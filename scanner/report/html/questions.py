"""Every question that was asked: what it found, where, on which evidence, and what it bears on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Answer, Finding, Risk, Text
from scanner.report.html.anchors import anchor
from scanner.report.html.evidence import left_out
from scanner.report.words import RISK_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model import Citation, Gap, ItemResult, Waiver
    from scanner.report.content import Content
    from scanner.report.html.evidence import Captures, Excerpt

ANSWER_ORDER = (Answer.NO, Answer.UNSEEN, Answer.YES, Answer.NA)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, alike on several objects; ``anchors`` are the places of its findings."""

    answer: Answer
    objects: tuple[str, ...]
    subjects: tuple[str, ...]  # what is meant on each, mostly ""
    anchors: tuple[str, ...]
    message: Text
    excerpts: tuple[Excerpt, ...]
    left_out: int
    gap: Gap | None
    waived: tuple[tuple[Waiver, tuple[str, ...]], ...]  # with the objects whose alerts each silences


@dataclass(frozen=True, slots=True)
class Question:
    """One check with all its answers, the worst first."""

    id: str
    anchor: str
    question: Text
    remedy: Text
    risk: Risk
    answer: Answer  # the worst
    said: tuple[Said, ...]
    items: tuple[Touched, ...]
    objects: tuple[str, ...]  # with the worst answer

    @property
    def waived(self) -> bool:
        """Whether the alerts of some no are silenced."""
        return any(s.waived for s in self.said)


@dataclass(frozen=True, slots=True)
class Touched:
    """An item that a question bears on; ``hit``: the question said no to one of its steps."""

    id: str
    clause: str
    anchor: str
    hit: bool


def questions(
    content: Content, captures: Captures, bearing: Mapping[str, tuple[Touched, ...]]
) -> tuple[Question, ...]:
    """All questions: worst answer first, then worst risk, then by name."""
    by_check: dict[str, list[Finding]] = {}
    for finding in dict.fromkeys(f for a in content.assessments for f in a.findings):
        by_check.setdefault(finding.check, []).append(finding)
    used: set[str] = set()
    waivers = {id_: waiver for a in content.assessments for id_, waiver in a.waived.items()}
    found = []
    for check in sorted(by_check):
        said = _said(by_check[check], captures, waivers, used)
        worst = said[0].answer
        found.append(
            Question(
                id=check,
                anchor=anchor("check", check),
                question=content.checks[check].question,
                remedy=content.checks[check].remedy,
                risk=by_check[check][0].risk,
                answer=worst,
                said=said,
                items=bearing.get(check, ()),
                objects=tuple(dict.fromkeys(o for s in said if s.answer is worst for o in s.objects)),
            )
        )
    return tuple(sorted(found, key=lambda q: (ANSWER_ORDER.index(q.answer), RISK_ORDER.index(q.risk), q.id)))


def finding_anchor(finding: Finding) -> str:
    """Place of a finding in the page."""
    return anchor("finding", finding.id)


def bearing_of(results: Iterable[tuple[ItemResult, str]]) -> dict[str, tuple[Touched, ...]]:
    """By check: the items (with their places in the page) whose steps it was asked for."""
    found: dict[str, list[Touched]] = {}
    for result, place in results:
        asked: dict[str, bool] = {}
        for finding in (f for o in result.objects for s in o.steps for f in s.findings):
            asked[finding.check] = asked.get(finding.check, False) or finding.answer is Answer.NO
        for check, hit in sorted(asked.items()):
            found.setdefault(check, []).append(Touched(result.item.id, result.item.clause, place, hit))
    return {check: tuple(touched) for check, touched in found.items()}


def _said(
    findings: Iterable[Finding], captures: Captures, waivers: Mapping[str, Waiver], used: set[str]
) -> tuple[Said, ...]:
    alike: dict[tuple[Answer, Text, tuple[Citation, ...], Gap | None], list[Finding]] = {}
    for finding in findings:
        key = finding.answer, finding.message, finding.citations, finding.gap
        alike.setdefault(key, []).append(finding)
    said = [
        Said(
            answer=answer,
            objects=tuple(f.object for f in same),
            subjects=tuple(f.subject for f in same),
            anchors=tuple(_once(finding_anchor(f), used) for f in same),
            message=message,
            excerpts=captures.excerpts(citations),
            left_out=left_out(citations),
            gap=gap,
            waived=_waived(same, waivers),
        )
        for (answer, message, citations, gap), same in alike.items()
    ]
    return tuple(sorted(said, key=lambda s: (ANSWER_ORDER.index(s.answer), s.objects)))


def _waived(
    findings: Iterable[Finding], waivers: Mapping[str, Waiver]
) -> tuple[tuple[Waiver, tuple[str, ...]], ...]:
    """Waivers of these findings with the objects of each."""
    found: dict[Waiver, list[str]] = {}
    for finding in findings:
        if finding.id in waivers:
            found.setdefault(waivers[finding.id], []).append(finding.object)
    return tuple((waiver, tuple(names)) for waiver, names in found.items())


def _once(name: str, used: set[str]) -> str:
    """Two systems may judge a shared object differently; the second place gets a name of its own."""
    while name in used:
        name += "-again"
    used.add(name)
    return name

"""Judgements on high risk that something speaks for: what evidences each condition, and what is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Stand, Text
from scanner.report.html.anchors import anchor
from scanner.report.html.questions import finding_anchor
from scanner.report.words import STAND_ORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model import Assessment, Candidate, Condition, Finding, Judgement, JudgementStatement
    from scanner.report.content import Content


@dataclass(frozen=True, slots=True)
class Proven:
    """One condition on one object. ``person``: a person's word would evidence it."""

    n: int
    text: Text
    evidenced: bool
    person: bool
    findings: tuple[tuple[str, Finding], ...]  # with their places in the page
    statements: tuple[JudgementStatement, ...]


@dataclass(frozen=True, slots=True)
class OnObject:
    """Where a judgement stands on one object."""

    object: str
    stand: Stand
    evidenced: int
    conditions: tuple[Proven, ...]
    decision: JudgementStatement | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """One judgement on all objects that something speaks for, the gravest first."""

    id: str
    anchor: str
    title: Text
    problem: Text | None
    lowered_by: Text | None
    major: str
    stand: Stand  # the gravest
    stands: tuple[tuple[Stand, int], ...]
    on: tuple[OnObject, ...]
    items: tuple[tuple[str, str], ...]  # ids with their places in the page


def weighed(content: Content, systems: Sequence[tuple[Assessment, str]]) -> tuple[Weighed, ...]:
    """All judgements, the gravest first. ``systems``: with the name that places of its items bear, or ""."""
    found: list[Weighed] = []
    for a, name in systems:
        by_judgement: dict[str, list[Candidate]] = {}
        for candidate in a.candidates:
            by_judgement.setdefault(candidate.judgement, []).append(candidate)
        found.extend(
            _weighed(id_, some, content.judgements.get(id_), name) for id_, some in by_judgement.items()
        )
    return tuple(sorted(found, key=lambda w: (STAND_ORDER.index(w.stand), w.id)))


def _weighed(id_: str, some: Sequence[Candidate], known: Judgement | None, system: str) -> Weighed:
    some = sorted(some, key=lambda c: (STAND_ORDER.index(c.stand), c.object))
    counts = Counter(c.stand for c in some)
    items = dict.fromkeys(item for c in some for item in c.items)
    return Weighed(
        id=id_,
        anchor=anchor("judgement", f"{system}/{id_}" if system else id_),
        title=known.title if known else Text(id_, id_),
        problem=known.problem if known else None,
        lowered_by=known.lowered_by if known else None,
        major=known.major if known else "",
        stand=some[0].stand,
        stands=tuple((stand, counts[stand]) for stand in STAND_ORDER if counts[stand]),
        on=tuple(_on(c, known) for c in some),
        items=tuple((item, anchor("item", f"{system}/{item}" if system else item)) for item in items),
    )


def _on(candidate: Candidate, known: Judgement | None) -> OnObject:
    asked = {condition.n: condition for condition in known.conditions} if known else {}
    proven = tuple(
        Proven(
            n=state.n,
            text=_text(asked.get(state.n), state.n),
            evidenced=state.evidenced,
            person=state.n in asked and asked[state.n].person,
            findings=tuple((finding_anchor(f), f) for f in state.findings),
            statements=state.statements,
        )
        for state in candidate.conditions
    )
    evidenced = sum(p.evidenced for p in proven)
    return OnObject(candidate.object, candidate.stand, evidenced, proven, candidate.decision)


def _text(condition: Condition | None, n: int) -> Text:
    return condition.text if condition is not None else Text(f"条件 {n}", f"condition {n}")

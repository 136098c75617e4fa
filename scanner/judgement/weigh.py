"""Judgements on high risk, weighed on every object where one of their items is known to fail. Pure.

A judgement is proposed only where every one of its conditions is evidenced. What it is limited to beside its
level (``Judgement.applies``) is the first of its conditions, and a person's to confirm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.judgement import notices
from scanner.judgement.evidence import Evidence
from scanner.judgement.notices import named
from scanner.judgement.spoken import early, in_force, lost, strictest, told
from scanner.model import Candidate, ConditionState, May, Stand, Text
from scanner.statements.notices import notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from scanner.model import Assessment, Condition, Judgement, JudgementStatement, Notice

_RANK: Mapping[Stand | None, int] = {Stand.CONFIRMED: 0, Stand.LOWERED: 1, Stand.REJECTED: 2}
"""Decisions of people, the strictest first."""

_STANDS: Mapping[Stand | None, Text] = {
    Stand.CONFIRMED: Text("确认", "confirmed"),
    Stand.LOWERED: Text("降低", "lowered"),
    Stand.REJECTED: Text("排除", "rejected"),
}

_ASTRAY = (notices.NO_JUDGEMENT, notices.NO_OBJECT, notices.NO_ITEM, notices.NOT_FAILING)
"""Why a statement on a judgement matches nothing; the later ones come closer to a match."""


def weigh(assessment: Assessment, judgements: Sequence[Judgement], at: datetime) -> Assessment:
    """Fill the candidates of one system; a statement that matches nothing in it becomes a notice."""
    return weigh_all((assessment,), judgements, at)[0]


def weigh_all(
    assessments: Sequence[Assessment], judgements: Sequence[Judgement], at: datetime
) -> tuple[Assessment, ...]:
    """Fill the candidates of all systems of a run.

    A file of statements may serve several systems: it is told that one matches nothing only where it matches
    nothing in any of them.

    Args:
        assessments: with what people state applied to their items.
        judgements: all of the guide; those of other levels and extensions belong to no item of a system.
        at: time of judgement; what people say later is not applied.
    """
    weighed = [_Weighing(assessment, judgements, at) for assessment in assessments]
    common = tuple(lost([w.astray for w in weighed], _ASTRAY))
    return tuple(w.result(common) for w in weighed)


@dataclass(frozen=True, slots=True)
class _Place:
    """A judgement on an object where ``items`` of it are known to fail, and what people say of it there."""

    judgement: Judgement
    object: str
    items: tuple[str, ...]
    states: tuple[ConditionState, ...]
    said: Sequence[JudgementStatement]

    def candidate(self) -> Candidate | None:
        """Weigh it; None where nothing speaks for it."""
        decision = decided(self.said)
        stand = decision.stand if decision is not None else reached(self.judgement, self.states)
        if stand is None:
            return None
        return Candidate(self.judgement.id, self.object, stand, self.states, self.items, decision)

    def told(self) -> Iterator[Notice]:
        """Tell where what people say is no evidence, lacks it, or contradicts itself."""
        decision = decided(self.said)
        missing = [state.n for state in self.states if not state.evidenced]
        for s in self.said:
            unheard = [n for n in missing if n in s.conditions]
            if s.stand is Stand.CONFIRMED and missing:
                yield notice(notices.NOT_EVIDENCED, s.place, named(s), author=s.author, numbers=missing)
            elif s.stand is None and unheard:
                yield notice(notices.NOT_A_PERSONS, s.place, named(s), author=s.author, numbers=unheard)
            if decision is not None and s.stand is not None and s.stand is not decision.stand:
                values = {
                    "said": _STANDS[s.stand],
                    "other": decision.author,
                    "stricter": _STANDS[decision.stand],
                }
                yield notice(notices.STRICTER, s.place, named(s), author=s.author, **values)


class _Weighing:
    """Weighs the judgements in one system."""

    def __init__(self, assessment: Assessment, judgements: Sequence[Judgement], at: datetime) -> None:
        self._assessment = assessment
        self._judgements = {judgement.id: judgement for judgement in judgements}
        self._evidence = Evidence(assessment)
        self._items = {result.item.id: result for result in assessment.items}
        self._spoken = assessment.statements.judgements if assessment.statements else ()
        self._late = tuple(early(self._spoken, at))
        self._said: dict[tuple[str, str], list[JudgementStatement]] = {}
        for s in in_force(self._spoken, at):
            self._said.setdefault((s.judgement, s.object), []).append(s)
        self._failing = {judgement.id: self._failures(judgement) for judgement in judgements}
        self.astray = {s: why for s in in_force(self._spoken, at) if (why := self._astray(s)) is not None}

    def result(self, common: Sequence[Notice]) -> Assessment:
        """Return the assessment with its candidates, and what is to be told of statements."""
        places = list(self._places())
        return replace(
            self._assessment,
            candidates=tuple(c for place in places if (c := place.candidate()) is not None),
            notices=told(self._assessment, self._late, common, *(place.told() for place in places)),
        )

    def _places(self) -> Iterator[_Place]:
        """Every judgement on every object where one of its items is known to fail."""
        for judgement in self._judgements.values():
            for name, items in self._failing[judgement.id].items():
                said = self._said.get((judgement.id, name), ())
                states = tuple(self._state(condition, name, said) for condition in judgement.conditions)
                yield _Place(judgement, name, items, states, said)

    def _failures(self, judgement: Judgement) -> dict[str, tuple[str, ...]]:
        """Items of the judgement that are known to fail, by object."""
        asked = [
            result
            for result in self._assessment.items
            if result.item.id in judgement.units and result.item.level >= judgement.min_level
        ]
        names = sorted({o.object for r in asked for o in r.objects if o.known_to_fail})
        return {
            name: tuple(
                r.item.id for r in asked if any(o.object == name and o.known_to_fail for o in r.objects)
            )
            for name in names
        }

    def _state(self, condition: Condition, name: str, said: Sequence[JudgementStatement]) -> ConditionState:
        """Put together what evidences a condition on an object."""
        found = dict.fromkeys(f for proof in condition.proofs for f in self._evidence.of(proof, name))
        confirmed = tuple(s for s in said if condition.person and condition.n in s.conditions)
        return ConditionState(condition.n, tuple(found), confirmed)

    def _astray(self, s: JudgementStatement) -> Text | None:
        """Say why a statement matches nothing in the system; None where it matches."""
        judgement = self._judgements.get(s.judgement)
        if judgement is None:
            return notices.NO_JUDGEMENT
        if s.object not in {self._assessment.system.name, *(o.id for o in self._assessment.objects)}:
            return notices.NO_OBJECT
        if s.object in self._failing[judgement.id]:
            return None
        known = any(unit in self._items for unit in judgement.units)
        return notices.NOT_FAILING if known else notices.NO_ITEM


def decided(said: Sequence[JudgementStatement]) -> JudgementStatement | None:
    """Return the decision that counts: the strictest stand, of equal ones the latest."""
    return strictest((s for s in said if s.stand in _RANK), lambda s: _RANK[s.stand])


def reached(judgement: Judgement, states: Sequence[ConditionState]) -> Stand | None:
    """Return how far a judgement comes without a person's decision; None: nothing speaks for it."""
    if judgement.may is May.NOTHING or not any(state.evidenced for state in states):
        return None
    whole = judgement.may is May.PROPOSE and all(state.evidenced for state in states)
    return Stand.PROPOSED if whole else Stand.OPEN

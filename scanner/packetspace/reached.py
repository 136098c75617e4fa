"""What of a host is open from where, with all that stands beside the filters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.facts.rules import Action, FilterRule
from scanner.packetspace.beside import Followed, acts_beside, follow, outcome
from scanner.packetspace.cube import PORT, TooMany, all_meet, all_minus, fielded
from scanner.packetspace.decide import families_at, fate_of
from scanner.packetspace.matching import Meaning
from scanner.packetspace.reach import Answer, Reached, answer_of, assumed, port_classes, reach, sets_marks

if TYPE_CHECKING:
    from scanner.facts.rules import RuleFile, Spans
    from scanner.packetspace.beside import Act
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.interfaces import Interfaces
    from scanner.packetspace.reach import Question

MOST_FOLLOWED = 100
"""Rules that translate whose packets are followed for the telling; the answers count with all of them."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A rule outside of the filters that may change or drop packets asked about."""

    line: int
    text: str
    action: Action
    ports: Spans


@dataclass(frozen=True, slots=True)
class Reach:
    """Answers by port, what acts beside the filters, and the kinds of question they rest on.

    ``followed``: what packets get that are sent elsewhere.
    """

    answers: dict[int, Reached]
    beside: tuple[Beside, ...]
    assumed: tuple[str, ...]
    interfaces: Interfaces
    followed: tuple[Followed, ...] = ()


def reached(file: RuleFile, ports: tuple[int, ...], question: Question) -> Reach:
    """Answer for each port: what the filters say, where all that stands beside them leaves it so.

    A port whose packets may be translated, marked, left untracked or dropped beside the filters is unknown,
    unless they get the same then.
    """
    alone, interfaces = reach(file, ports, question)
    meaning = Meaning(interfaces, first=True, stage=question.stage, marked=sets_marks(file))
    asked = question.cubes(interfaces, families_at(file, question.stage))
    spans = tuple((port, port) for port in sorted(set(ports)))
    acts = acts_beside(file, [fielded(cube, PORT, spans) for cube in asked], question.stage, meaning)
    look = _Look(file, question, asked, meaning, _merged(acts))
    settled: dict[int, tuple[Reached, Reached]] = {}
    answers: dict[int, Reached] = {}
    for port, nth in port_classes(file, ports).items():
        if nth not in settled:
            settled[nth] = alone[port], look.settled(port, alone[port])
        before, after = settled[nth]
        answers[port] = alone[port] if after is before else after.at(port)
    kinds = {kind: None for answer in answers.values() for kind in assumed(answer.by)}
    return Reach(
        answers,
        tuple(Beside(act.rule.line, _text(act), act.action, act.ports) for act in acts),
        tuple(kinds),
        interfaces,
        tuple(look.followed(acts)),
    )


def _text(act: Act) -> str:
    return act.rule.text if isinstance(act.rule, FilterRule) else act.rule.chain


def _merged(acts: list[Act]) -> list[Act]:
    """Acts with the same effect as one."""
    found: dict[tuple[object, ...], list[Act]] = {}
    for act in acts:
        found.setdefault((act.action, act.translation, act.untracks, id(act.base)), []).append(act)
    return [replace(some[0], cubes=tuple(c for act in some for c in act.cubes)) for some in found.values()]


@dataclass(frozen=True, slots=True)
class _Look:
    """One question, and what may happen to its packets beside the filters."""

    file: RuleFile
    question: Question
    asked: list[Cube]
    meaning: Meaning
    acts: list[Act]

    def settled(self, port: int, alone: Reached) -> Reached:
        """The filters' answer if it holds whatever happens beside them, else unknown."""
        packets = [fielded(cube, PORT, ((port, port),)) for cube in self.asked]
        touched = [(act, hit) for act in self.acts if (hit := all_meet(packets, act.cubes))]
        if not touched or alone.answer is Answer.UNKNOWN:
            return alone
        stage = self.question.stage
        answers = {outcome(self.file, act, hit, stage, self.meaning) for act, hit in touched}
        if answers == {alone.answer}:
            return alone
        if answers <= _LIKE[alone.answer]:
            rest = self._untouched(packets, [cube for _, hit in touched for cube in hit])
            if rest is not None and rest.answer is alone.answer:
                return rest
        rules = tuple(act.rule for act, _ in touched)
        return Reached(Answer.UNKNOWN, (*rules, *alone.by), touched[0][1][0])

    def _untouched(self, packets: list[Cube], touched: list[Cube]) -> Reached | None:
        """What those get that nothing beside the filters touches; None: none, or too many pieces."""
        try:
            left = all_minus(packets, touched)
            return answer_of(fate_of(self.file, self.question.stage, left, self.meaning)) if left else None
        except TooMany:
            return None

    def followed(self, acts: list[Act]) -> list[Followed]:
        """What packets get that are sent elsewhere, for the telling."""
        found: list[Followed] = []
        for act in acts:
            if act.action is not Action.TRANSLATE or not isinstance(act.rule, FilterRule):
                continue
            try:
                answers = follow(self.file, act, list(act.cubes), self.question.stage, self.meaning)
            except TooMany:
                answers = []
            found.append(Followed(act.rule, act.ports, tuple(answers)))
            if len(found) == MOST_FOLLOWED:
                break
        return found


_LIKE = {
    Answer.OPEN: frozenset(Answer),
    Answer.REJECTED: frozenset([Answer.REJECTED, Answer.DROPPED]),
    Answer.DROPPED: frozenset([Answer.DROPPED]),
}
"""Answers that some packets may get without changing that of all: open is what is open to somebody."""

"""All that is told of one rule set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.rules import Action, Kind, Stage
from scanner.packetspace.cube import PORT, TooMany, fielded
from scanner.packetspace.decide import families_at
from scanner.packetspace.entries import Guard, entries
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.matching import Meaning
from scanner.packetspace.reach import Reached, assumed, reach
from scanner.packetspace.useless import lists_of, useless_rules
from scanner.packetspace.wide import default_denies, missing_denies, unfiltered_families, wide_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import RuleFile, Spans
    from scanner.packetspace.finding import FilterFinding
    from scanner.packetspace.interfaces import Interfaces
    from scanner.packetspace.reach import Question


@dataclass(frozen=True, slots=True)
class Analysis:
    """Whether each hook denies by default (by interface), and what is wrong with which rule, by line."""

    denies: dict[Stage, dict[str, bool]]
    findings: tuple[FilterFinding, ...]


def analyse(file: RuleFile) -> Analysis:
    """Judge a rule set by itself."""
    meaning = Meaning(interfaces_of(file))
    lists = lists_of(file, meaning)
    denies = default_denies(file, meaning)
    findings = [
        *missing_denies(file, denies),
        *unfiltered_families(file),
        *wide_rules(meaning, lists),
        *useless_rules(file, meaning, lists),
    ]
    return Analysis(denies, tuple(sorted(findings, key=lambda one: (one.line, one.kind))))


@dataclass(frozen=True, slots=True)
class Beside:
    """A rule outside of the filters that may change or drop packets asked about before filters see them."""

    line: int
    text: str
    action: Action
    ports: Spans


@dataclass(frozen=True, slots=True)
class Reach:
    """Answers of the filters by port, what may act before them, and the kinds of question they rest on."""

    answers: dict[int, Reached]
    beside: tuple[Beside, ...]
    assumed: tuple[str, ...]
    interfaces: Interfaces


def reached(file: RuleFile, ports: tuple[int, ...], question: Question) -> Reach:
    """Answer for each port, as packets stand when they come to the filters."""
    answers, interfaces = reach(file, ports, question)
    kinds = {kind: None for answer in answers.values() for kind in assumed(answer.by)}
    return Reach(answers, tuple(_beside(file, ports, question, interfaces)), tuple(kinds), interfaces)


_BEFORE = {
    Stage.INPUT: (Stage.PREROUTING, Stage.INPUT),
    Stage.FORWARD: (Stage.PREROUTING, Stage.FORWARD),
    Stage.OUTPUT: (Stage.OUTPUT,),
}
_ACTING = frozenset([Action.TRANSLATE, Action.DROP, Action.REJECT])


def _beside(
    file: RuleFile, ports: tuple[int, ...], question: Question, interfaces: Interfaces
) -> Iterator[Beside]:
    meaning = Meaning(interfaces, first=True, stage=question.stage)
    spans = tuple((port, port) for port in sorted(set(ports)))
    asked = [
        fielded(cube, PORT, spans) for cube in question.cubes(interfaces, families_at(file, question.stage))
    ]
    for table in file.tables:
        for base in table.bases:
            if base.kind is Kind.FILTER or base.stage not in _BEFORE[question.stage]:
                continue
            try:
                told = entries(table, base, meaning, Guard(asked, asked))
            except TooMany:
                continue
            for entry in told:
                if entry.action in _ACTING and entry.may:
                    yield Beside(entry.rule.line, entry.rule.text, entry.action, entry.may[0].fields[PORT])

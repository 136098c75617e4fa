"""What of a host is open from where: the filters' answer for each port."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Either,
    Field,
    Kind,
    Opaque,
    Stage,
    State,
    Within,
    on_axis,
)
from scanner.packetspace.cube import (
    ALL,
    CAME,
    FLAGS,
    GOES,
    PORT,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    STATE,
    STATES,
    Cube,
    TooMany,
    fielded,
    masked,
)
from scanner.packetspace.decide import families_at, fate_of
from scanner.packetspace.interfaces import LOOPBACK, NONE, interfaces_of
from scanner.packetspace.matching import Meaning

if TYPE_CHECKING:
    import ipaddress
    from collections.abc import Iterator

    from scanner.facts.rules import Base, Condition, FilterRule, RuleFile, Spans
    from scanner.packetspace.decide import Fates
    from scanner.packetspace.interfaces import Interfaces

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

TCP, UDP = 6, 17
SYN = 2
EPHEMERAL: Spans = ((32768, 60999),)
"""Source ports of ordinary clients: what only a chosen source port opens is told as a finding."""


class Answer(StrEnum):
    """What a port gives to whoever asks."""

    OPEN = "open"
    REJECTED = "rejected"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """A new connection's first packet. What is None may be anything (no loopback, unless it is named).

    Where no address tells the family, those are asked about that the file filters: the other has its rules
    elsewhere, or none.
    """

    protocol: int
    stage: Stage = Stage.INPUT
    came: str | None = None
    source: Address | None = None
    destination: Address | None = None

    def cubes(self, interfaces: Interfaces, families: list[Spans]) -> list[Cube]:
        """Return the packets asked about, ports left open, one cube a family."""
        every, none = interfaces.every, interfaces.mask(NONE)
        loopback = interfaces.mask(LOOPBACK)
        came = interfaces.mask(self.came) if self.came is not None else every & ~none & ~loopback
        goes = every & ~none & ~loopback
        cube = masked(ALL, CAME, none if self.stage is Stage.OUTPUT else came)
        cube = masked(cube, GOES, none if self.stage is Stage.INPUT else goes)
        cube = masked(cube, STATE, 1 << STATES.index(State.NEW))
        cube = masked(cube, FLAGS, 1 << SYN)
        cube = fielded(cube, PROTOCOL, ((self.protocol, self.protocol),))
        cube = fielded(cube, SOURCE_PORT, EPHEMERAL)
        told = {_family(one) for one in (self.source, self.destination) if one is not None}
        return [self._addressed(cube, one) for one in sorted(told) or families if told <= {one}]

    def _addressed(self, cube: Cube, family: Spans) -> Cube:
        for place, address in ((SOURCE, self.source), (SOURCE + 1, self.destination)):
            at = None if address is None else on_axis(address)
            cube = fielded(cube, place, family if at is None else ((at, at),))
        return cube


def _family(address: Address) -> Spans:
    return V4_SPANS if address.version == 4 else V6_SPANS


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer, the rules and policies that may decide so (first: surely or most), and a packet of it."""

    answer: Answer
    by: tuple[FilterRule | Base, ...]
    example: Cube | None


def reach(
    file: RuleFile, ports: tuple[int, ...], question: Question
) -> tuple[dict[int, Reached], Interfaces]:
    """Answer for each port. Ports that no rule tells apart are answered once."""
    interfaces = interfaces_of(file, *([question.came] if question.came else []))
    meaning = Meaning(interfaces, first=True, stage=question.stage, marked=_marks(file))
    asked = question.cubes(interfaces, families_at(file, question.stage))
    told = sorted({edge for spans in _ports(file) for span in spans for edge in (span[0], span[1] + 1)})
    answers: dict[int, Reached] = {}
    by_class: dict[int, Reached] = {}
    at = 0
    for port in sorted(set(ports)):
        while at < len(told) and told[at] <= port:
            at += 1
        if at not in by_class:
            by_class[at] = _answer(
                file, [fielded(cube, PORT, ((port, port),)) for cube in asked], question, meaning
            )
        known = by_class[at]
        example = None if known.example is None else fielded(known.example, PORT, ((port, port),))
        answers[port] = Reached(known.answer, known.by, example)
    return answers, interfaces


def _answer(file: RuleFile, asked: list[Cube], question: Question, meaning: Meaning) -> Reached:
    try:
        fates = fate_of(file, question.stage, asked, meaning)
    except TooMany:
        return Reached(Answer.UNKNOWN, (), None)
    return answer_of(fates)


def answer_of(fates: Fates) -> Reached:
    """Return what many packets get as one answer: open where one surely gets through."""
    accept, reject, drop = fates[Action.ACCEPT], fates[Action.REJECT], fates[Action.DROP]
    doubt = fates[Action.ANYTHING]
    if accept.sure:
        return Reached(Answer.OPEN, tuple(accept.by), accept.sure[0])
    if accept.may or doubt.may or not (reject.may or drop.may):
        some = accept.may or doubt.may
        return Reached(Answer.UNKNOWN, (*doubt.by, *accept.by), some[0] if some else None)
    if reject.sure:
        return Reached(Answer.REJECTED, tuple(reject.by), reject.sure[0])
    if not reject.may:
        return Reached(Answer.DROPPED, tuple(drop.by), drop.may[0])
    return Reached(Answer.UNKNOWN, (*reject.by, *drop.by), reject.may[0])


def _marks(file: RuleFile) -> bool:
    return any(
        rule.marks
        for table in file.tables
        if any(base.kind is Kind.FILTER for base in table.bases)
        for chain in table.chains
        for rule in chain.rules
    )


def _ports(file: RuleFile) -> Iterator[Spans]:
    for table in file.tables:
        for chain in table.chains:
            for rule in chain.rules:
                yield from _port_spans(rule.conditions)


def _port_spans(conditions: tuple[Condition, ...]) -> Iterator[Spans]:
    for condition in conditions:
        if isinstance(condition, Within) and condition.field is Field.PORT:
            yield condition.spans
        elif isinstance(condition, Either):
            for option in condition.options:
                yield from _port_spans(option)


def assumed(rules: tuple[FilterRule | Base, ...]) -> tuple[str, ...]:
    """Return the kinds of question beyond the fields that these rules ask."""
    found: dict[str, None] = {}
    for rule in rules:
        for condition in getattr(rule, "conditions", ()):
            if isinstance(condition, Opaque):
                found[condition.kind] = None
    return tuple(found)

"""What of a host is open from where: the filters' answer for each port."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.rules import (
    FILTERING,
    V4_SPANS,
    V6_SPANS,
    Action,
    Either,
    Field,
    Opaque,
    Stage,
    Within,
    on_axis,
)
from scanner.packetspace.cube import (
    CAME,
    GOES,
    PORT,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    Cube,
    TooMany,
    fielded,
    masked,
)
from scanner.packetspace.decide import families_at, fate_of
from scanner.packetspace.first import first_packets
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.matching import Meaning
from scanner.packetspace.spans import inside

if TYPE_CHECKING:
    import ipaddress
    from collections.abc import Iterator

    from scanner.facts.rules import Base, Condition, FilterRule, RuleFile, Spans
    from scanner.packetspace.decide import Fates
    from scanner.packetspace.interfaces import Interfaces

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

TCP, UDP = 6, 17
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

    ``came``, ``goes``: names of an interface or zone. Where no address tells the family, those are asked
    about that the file filters: the other has its rules elsewhere, or none. Packets through a device with
    zones are asked about as they go from one zone to another.
    """

    protocol: int
    stage: Stage = Stage.INPUT
    came: str | None = None
    source: Address | None = None
    destination: Address | None = None
    goes: str | None = None

    def cubes(self, interfaces: Interfaces, families: list[Spans]) -> list[Cube]:
        """Return the packets asked about, ports left open, one cube a family and zone that they come from."""
        cube = first_packets(interfaces, self.stage)
        if self.came is not None and self.stage is not Stage.OUTPUT:
            cube = masked(cube, CAME, interfaces.mask(self.came))
        if self.goes is not None and self.stage is not Stage.INPUT:
            cube = masked(cube, GOES, interfaces.mask(self.goes))
        across = _across_zones(cube, interfaces) if self.stage is Stage.FORWARD else [cube]
        return [one for way in across for one in self._on_the_way(way, families)]

    def _on_the_way(self, cube: Cube, families: list[Spans]) -> list[Cube]:
        cube = fielded(cube, PROTOCOL, ((self.protocol, self.protocol),))
        cube = fielded(cube, SOURCE_PORT, EPHEMERAL)
        told = {_family(one) for one in (self.source, self.destination) if one is not None}
        return [self._addressed(cube, one) for one in sorted(told) or families if told <= {one}]

    def _addressed(self, cube: Cube, family: Spans) -> Cube:
        for place, address in ((SOURCE, self.source), (SOURCE + 1, self.destination)):
            at = None if address is None else on_axis(address)
            cube = fielded(cube, place, family if at is None else ((at, at),))
        return cube


def _across_zones(cube: Cube, interfaces: Interfaces) -> list[Cube]:
    if not interfaces.zones:
        return [cube]
    found = []
    for zone in (interfaces.mask(name) for name in interfaces.zones):
        came, goes = cube.masks[CAME] & zone, cube.masks[GOES] & ~zone
        found += [masked(masked(cube, CAME, came), GOES, goes)] if came and goes else []
    return found


def _family(address: Address) -> Spans:
    return V4_SPANS if address.version == 4 else V6_SPANS


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer, the rules and policies that may decide so (first: surely or most), and a packet of it."""

    answer: Answer
    by: tuple[FilterRule | Base, ...]
    example: Cube | None

    def at(self, port: int) -> Reached:
        """The same for another port, which no rule tells apart."""
        example = None if self.example is None else fielded(self.example, PORT, ((port, port),))
        return Reached(self.answer, self.by, example)


def reach(
    file: RuleFile, ports: tuple[int, ...], question: Question
) -> tuple[dict[int, Reached], Interfaces]:
    """Answer for each port. Ports that no rule tells apart are answered once."""
    interfaces = interfaces_of(file, *(name for name in (question.came, question.goes) if name))
    meaning = Meaning(interfaces, first=True, stage=question.stage, marked=sets_marks(file))
    asked = question.cubes(interfaces, families_at(file, question.stage))
    answers: dict[int, Reached] = {}
    by_class: dict[int, Reached] = {}
    for port, nth in port_classes(file, ports).items():
        if nth not in by_class:
            packets = [fielded(cube, PORT, ((port, port),)) for cube in asked]
            by_class[nth] = _answer(file, packets, question, meaning)
        answers[port] = by_class[nth].at(port)
    return answers, interfaces


def port_classes(file: RuleFile, ports: tuple[int, ...]) -> dict[int, int]:
    """Number ports so that those with the same number are told apart by no rule."""
    edges = sorted({edge for spans in _ports(file) for low, high in spans for edge in (low, high + 1)})
    return {port: bisect_right(edges, port) for port in sorted(set(ports))}


def _answer(file: RuleFile, asked: list[Cube], question: Question, meaning: Meaning) -> Reached:
    if not _tells_of(file, asked):
        return Reached(Answer.UNKNOWN, (), asked[0] if asked else None)
    try:
        fates = fate_of(file, question.stage, asked, meaning)
    except TooMany:
        return Reached(Answer.UNKNOWN, (), None)
    return answer_of(fates)


def _tells_of(file: RuleFile, asked: list[Cube]) -> bool:
    """Whether the file would show the filters of the packets' families if there were."""
    told = {family for table in file.tables for family in table.families}
    return file.both_families or all(any(inside(c.fields[SOURCE], family) for family in told) for c in asked)


def answer_of(fates: Fates) -> Reached:
    """Return what many packets get as one answer: open where one surely gets through.

    Where whatever is not known leaves only one end, that is the answer.
    """
    accept, reject, drop = fates[Action.ACCEPT], fates[Action.REJECT], fates[Action.DROP]
    doubt = fates[Action.ANYTHING]
    if accept.sure:
        return Reached(Answer.OPEN, tuple(accept.by), accept.sure[0])
    if accept.may and not (doubt.may or reject.may or drop.may):
        return Reached(Answer.OPEN, tuple(accept.by), accept.may[0])
    if accept.may or doubt.may or not (reject.may or drop.may):
        some = accept.may or doubt.may
        return Reached(Answer.UNKNOWN, (*doubt.by, *accept.by), some[0] if some else None)
    if reject.sure or (reject.may and not drop.may):
        return Reached(Answer.REJECTED, tuple(reject.by), (reject.sure or reject.may)[0])
    if not reject.may:
        return Reached(Answer.DROPPED, tuple(drop.by), drop.may[0])
    return Reached(Answer.UNKNOWN, (*reject.by, *drop.by), reject.may[0])


def sets_marks(file: RuleFile) -> bool:
    """Whether a table of filters sets marks."""
    return any(
        rule.marks
        for table in file.tables
        if any(base.kind in FILTERING for base in table.bases)
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
        elif isinstance(condition, Opaque):
            yield from _port_spans(condition.stands)


def assumed(rules: tuple[FilterRule | Base, ...]) -> tuple[str, ...]:
    """Return the kinds of question beyond the fields that these rules ask."""
    found: dict[str, None] = {}
    for rule in rules:
        for condition in getattr(rule, "conditions", ()):
            if isinstance(condition, Opaque):
                found[condition.kind] = None
    return tuple(found)

"""Who gets through a host's filters to one port: the answer of all filters on the way, as sets of sources."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.facts import Family, Sources
from scanner.facts.rules import (
    V4_SPANS,
    V6,
    V6_SPANS,
    Action,
    Base,
    Either,
    Field,
    Kind,
    Side,
    Stage,
    Through,
    Within,
    from_axis,
    on_axis,
    outside,
    united,
)
from scanner.packetspace.cube import CAME, DESTINATION, PORT, SOURCE, TooMany, all_minus, fielded, masked
from scanner.packetspace.decide import fate_of, filters_on_the_way
from scanner.packetspace.entries import Guard, entries
from scanner.packetspace.first import outer
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.matching import Meaning
from scanner.packetspace.reach import Question
from scanner.packetspace.spans import holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanner.facts import Rules
    from scanner.facts.rules import Condition, FilterRule, RuleFile, Spans
    from scanner.model import Citation
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.decide import Fates
    from scanner.packetspace.interfaces import Interfaces

SPANS: dict[Family, Spans] = {Family.IPV4: V4_SPANS, Family.IPV6: V6_SPANS}
PROTOCOLS = {"tcp": 6, "udp": 17}
MOST_CITED = 6

_PRIVATE: Spans = united(
    [
        (on_axis(network[0]), on_axis(network[-1]))
        for network in map(
            ipaddress.ip_network,
            ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
        )
    ]
)
"""Networks that nobody routes from elsewhere: naming all of them is still naming."""

_GLOBAL: Spans = ((V6 + (0x2 << 124), V6 + (0x4 << 124) - 1),)
"""Global addresses of IPv6: who lets all of them in lets everybody in."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Who gets through, by which lines; ``networks`` where they are named."""

    sources: Sources
    networks: tuple[str, ...]
    at: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """The filters of a host, ready to be asked."""

    loaded: Rules
    interfaces: Interfaces
    marked: bool
    rules: int

    @classmethod
    def of(cls, loaded: Rules) -> Way:
        """Get ready to ask some rules."""
        file = loaded.file
        every = [rule for table in file.tables for chain in table.chains for rule in chain.rules]
        return cls(loaded, interfaces_of(file), any(rule.marks for rule in every), len(every))

    def meaning(self, stage: Stage) -> Meaning:
        """How conditions are understood for the first packet of a connection."""
        forwarded = stage is Stage.FORWARD  # only what was translated to there is asked about
        return Meaning(self.interfaces, first=True, stage=stage, marked=self.marked, translated=forwarded)

    def ask(
        self,
        protocol: str,
        family: Family,
        port: int,
        stage: Stage = Stage.INPUT,
        *,
        to: str = "",
        of: Spans = (),
        came: int = -1,
        alone: bool = False,
    ) -> Passage:
        """Ask for one port.

        ``to``: the address that it is asked at; ``of``: the only sources that matter, ``came``: the only
        interfaces that they come in by (bits); ``alone``: whatever happens before the filters.
        """
        address = ipaddress.ip_address(to) if to else None
        question = Question(PROTOCOLS[protocol], stage, destination=address)
        cubes = [
            fielded(fielded(cube, PORT, ((port, port),)), SOURCE, of or SPANS[family])
            for cube in question.cubes(self.interfaces, [SPANS[family]])
        ]
        cubes = [masked(cube, CAME, cube.masks[CAME] & came) for cube in cubes if cube.masks[CAME] & came]
        file = for_port(self.loaded.file, port)
        try:
            fates = fate_of(file, stage, cubes, self.meaning(stage))
            sure = all_minus(fates[Action.ACCEPT].sure, [] if alone else self._before(file, stage, cubes))
            if not to:
                sure = [cube for cube in sure if is_anywhere(cube.fields[DESTINATION])]
        except TooMany:
            at = tuple(self._cite(base) for _, base in filters_on_the_way(self.loaded.file, stage))
            return Passage(Sources.UNKNOWN, (), at[:MOST_CITED])
        return self._judged(fates, sure, stage, came)

    def _judged(self, fates: Fates, sure: list[Cube], stage: Stage, came: int) -> Passage:
        may = [*fates[Action.ACCEPT].may, *fates[Action.ANYTHING].may]
        opening = [*fates[Action.ANYTHING].by, *fates[Action.ACCEPT].by]
        if not may:
            closing = [*fates[Action.DROP].by, *fates[Action.REJECT].by]
            return Passage(Sources.NOBODY, (), self._cited(closing))
        sources = united([span for cube in may for span in cube.fields[SOURCE]])
        if is_named(sources):
            return Passage(Sources.NAMED, spelled(sources), self._cited(opening))
        if self._from_anywhere(sure, stage, came):
            return Passage(Sources.ANYWHERE, (), self._cited(fates[Action.ACCEPT].by))
        return Passage(Sources.UNKNOWN, (), self._cited(opening))

    def _from_anywhere(self, sure: list[Cube], stage: Stage, came: int) -> bool:
        """Whether everybody surely gets in by every interface (forwarded: that nothing is sent out by)."""
        interfaces = self.interfaces
        wanted = outer(interfaces) & came
        if stage is Stage.FORWARD:
            wanted &= ~_inner(self.loaded, interfaces)
        plain = [cube for cube in sure if not any(answer for _, answer in cube.others)]
        bits = [1 << i for i in range(len(interfaces.names)) if wanted >> i & 1]
        return bool(bits) and all(
            is_anywhere(united([s for c in plain if c.masks[CAME] & bit for s in c.fields[SOURCE]]))
            for bit in bits
        )

    def _before(self, file: RuleFile, stage: Stage, asked: list[Cube]) -> list[Cube]:
        """Packets that something beside the filters may take away or send elsewhere.

        Forwarded packets are asked about as they are after translation: only what sees them so counts.
        """
        stages = {Stage.PREROUTING, Stage.INPUT} if stage is Stage.INPUT else {stage}
        taken: list[Cube] = []
        for table in file.tables:
            for base in table.bases:
                if base.kind is Kind.FILTER or base.stage not in stages:
                    continue
                if base.policy is not Action.ACCEPT:
                    return asked
                for entry in entries(table, base, self.meaning(stage), Guard(asked, asked)):
                    if entry.action in _TAKING:
                        taken += entry.may
        return taken

    def _cited(self, rules: Iterable[FilterRule | Base]) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(map(self._cite, rules)))[:MOST_CITED]

    def _cite(self, rule: FilterRule | Base) -> Citation:
        return self.loaded.cite(rule.line, spoken(rule))


_TAKING = frozenset([Action.DROP, Action.REJECT, Action.TRANSLATE, Action.ANYTHING])


def spoken(rule: FilterRule | Base) -> str:
    """A rule as written; of a base chain its name and policy."""
    return f"{rule.chain} policy {rule.policy.value}" if isinstance(rule, Base) else rule.text


def _inner(loaded: Rules, interfaces: Interfaces) -> int:
    """Interfaces that rules send packets out by: networks of containers and guests behind the host."""
    every = (rule for table in loaded.file.tables for chain in table.chains for rule in chain.rules)
    mask = 0
    for rule in every:
        for through in _throughs(rule.conditions):
            for name in through.names if through.side is Side.OUT else ():
                mask |= interfaces.mask(name) if name != "*" else 0
    return mask


def _throughs(conditions: tuple[Condition, ...]) -> Iterator[Through]:
    for condition in conditions:
        if isinstance(condition, Through):
            yield condition
        elif isinstance(condition, Either):
            for option in condition.options:
                yield from _throughs(option)


def for_port(file: RuleFile, port: int) -> RuleFile:
    """Leave out rules that name other ports only: no packet to this one meets them."""

    def names_others(rule: FilterRule) -> bool:
        return any(
            isinstance(condition, Within)
            and condition.field is Field.PORT
            and not holds(condition.spans, port)
            for condition in rule.conditions
        )

    tables = [
        replace(
            table,
            chains=tuple(
                replace(chain, rules=tuple(rule for rule in chain.rules if not names_others(rule)))
                for chain in table.chains
            ),
        )
        for table in file.tables
    ]
    return replace(file, tables=tuple(tables))


def _size(spans: Spans) -> int:
    return sum(high - low + 1 for low, high in spans)


def _of(spans: Spans, whole: Spans) -> Spans:
    """What of the spans lies in ``whole``."""
    return outside(outside(spans, whole), whole)


def is_named(sources: Spans) -> bool:
    """Whether sources are a limit: private networks, and others up to the size of a /8 (IPv6: a /16)."""
    beyond = outside(_PRIVATE, sources)
    return _size(_of(beyond, V4_SPANS)) <= 1 << 24 and _size(_of(beyond, V6_SPANS)) <= 1 << 112


def is_anywhere(sources: Spans) -> bool:
    """Whether sources are more than half of all: what an exception leaves is still everybody."""
    return 2 * _size(_of(sources, V4_SPANS)) > _size(V4_SPANS) or 2 * _size(_of(sources, _GLOBAL)) > _size(
        _GLOBAL
    )


def spelled(spans: Spans, most: int = 12) -> tuple[str, ...]:
    """Networks of some spans, the first few."""
    found: list[str] = []
    for low, high in spans:
        first, last = from_axis(low), from_axis(high)
        found += map(str, ipaddress.summarize_address_range(first, last))
        if len(found) > most:
            return (*found[:most], "...")
    return tuple(found)

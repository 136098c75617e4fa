"""From which sources a chain lets new TCP connections to a port in; rather too many than too few."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.chainwalk import (
    ANY,
    MAX_DEPTH,
    NARROW_PORTS,
    Act,
    Base,
    Chains,
    Condition,
    Holds,
    Packet,
    Walk,
    reached,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts import Family

ENDING = frozenset({Act.ACCEPT, Act.DENY, Act.RETURN, Act.GOTO})
"""Acts after which the chain's next rule is not reached."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule as new TCP connections of one family meet it, whatever their source and port."""

    ports: tuple[Condition, ...]
    holds: Holds  # without its conditions on source and port
    limited: tuple[str, ...] | None
    excepted: tuple[str, ...] | None
    act: Act
    target: str


@dataclass(frozen=True, slots=True)
class _Indexed:
    """A chain's entries; ``by_port`` finds those for a few ports, ``rest`` are looked at for every port."""

    entries: tuple[_Entry, ...]
    by_port: dict[int, list[int]]
    rest: tuple[int, ...]

    def for_port(self, port: int | None) -> Iterator[_Entry]:
        """Entries that a connection to ``port`` may meet, in the chain's order."""
        here = self.by_port.get(port, []) if port is not None else []
        return (self.entries[i] for i in sorted([*self.rest, *here]))


FEW_PORTS = 64


def _indexed(entries: tuple[_Entry, ...]) -> _Indexed:
    by_port: dict[int, list[int]] = {}
    rest = []
    for i, entry in enumerate(entries):
        spans = entry.ports[0].ports if entry.ports and not entry.ports[0].negated else None
        if spans is None or sum(high - low + 1 for low, high in spans) > FEW_PORTS:
            rest.append(i)
            continue
        for port in {p for low, high in spans for p in range(low, high + 1)}:
            by_port.setdefault(port, []).append(i)
    return _Indexed(entries, by_port, tuple(rest))


def _entries(chains: Chains, family: Family) -> dict[str, _Indexed]:
    """All rules that such a connection can meet, worked out once for all ports."""
    packet = Packet(family, "tcp")
    found: dict[str, _Indexed] = {}
    for name, rules in chains.items():
        entries = []
        for rule in rules:
            rest = tuple(c for c in rule.conditions if c.kind not in {"source", "ports"})
            holds = replace(rule, conditions=rest).holds(packet)
            if holds is not Holds.NO and rule.act is not Act.NOTHING:
                ports = tuple(c for c in rule.conditions if c.kind == "ports")
                entries.append(
                    _Entry(ports, holds, rule.sources, rule.excepted_sources, rule.act, rule.target)
                )
        found[name] = _indexed(tuple(entries))
    return found


class _Sources:
    """Sources from which one port may be reached; rather too many than too few."""

    def __init__(self, chains: dict[str, _Indexed], packet: Packet, *, accepts: bool) -> None:
        self._open = accepts
        self._chains = chains
        self._packet = packet
        self._known: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}
        self._path: list[str] = []

    def of(self, name: str, limit: tuple[str, ...]) -> frozenset[str]:
        """Sources out of ``limit`` that the chain ``name`` may accept."""
        key = (name, limit)
        if key not in self._known:
            self._path.append(name)
            entries = self._chains[name].for_port(self._packet.port) if name in self._chains else iter(())
            self._known[key] = frozenset(self._accepted(entries, limit))
            self._path.pop()
        return self._known[key]

    def _accepted(self, entries: Iterator[_Entry], limit: tuple[str, ...]) -> Iterator[str]:
        left_over: tuple[str, ...] = ()  # sources that only an exception lets go on to the end
        for entry in entries:
            if any(ports.holds(self._packet) is Holds.NO for ports in entry.ports):
                continue
            here = limit if entry.limited is None else entry.limited
            if entry.act in {Act.ACCEPT, Act.ANYTHING}:
                yield from here
            elif entry.target:
                followed = entry.target in self._chains and entry.target not in self._path
                yield from self.of(entry.target, here) if followed and len(self._path) < MAX_DEPTH else here
            # A rule limited to some sources never ends the walk: the others go past it.
            if entry.holds is Holds.YES and entry.limited is None and entry.act in ENDING:
                if entry.excepted is None:
                    return
                limit = entry.excepted if limit == (ANY,) else limit
                left_over = limit
        if self._open:
            yield from left_over


def sources_of_ports(base: Base, chains: Chains, family: Family) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """For every TCP port that a narrow rule names, and 22: the sources it may be opened to.

    Ports between the same borders of ranges meet the same rules and are followed once.
    """
    ranges = {
        span
        for rule in reached(chains, base.chain)
        for condition in rule.conditions
        if condition.kind == "ports"
        for span in condition.ports
    }
    named = {22} | {p for low, high in ranges if high - low < NARROW_PORTS for p in range(low, high + 1)}
    borders = sorted({22, 23, *(low for low, _ in ranges), *(high + 1 for _, high in ranges)})
    entries = _entries(chains, family)
    answers: dict[int, frozenset[str]] = {}
    opened = []
    for port in (22, *sorted(named - {22})):
        border = bisect_right(borders, port)
        if border not in answers:
            # Too many different ports to follow one by one: taken as open to all.
            few = len(answers) < MAX_PORTS
            answers[border] = (
                _sources_of(base, chains, entries, Packet(family, "tcp", port)) if few else ALL_SOURCES
            )
        sources = answers[border]
        if sources:
            opened.append((port, (ANY,) if ANY in sources else tuple(sorted(sources))))
    return tuple(sorted(opened))


def _sources_of(base: Base, chains: Chains, entries: dict[str, _Indexed], packet: Packet) -> frozenset[str]:
    sources = _Sources(entries, packet, accepts=base.accepts).of(base.chain, (ANY,))
    by_policy = base.accepts and ANY not in sources and Walk(chains, packet).ends(base.chain).falls
    return sources | ALL_SOURCES if by_policy else sources


ALL_SOURCES = frozenset({ANY})

MAX_PORTS = 256
"""Bound of how many different ports are followed."""

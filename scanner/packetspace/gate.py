"""A host between networks, and the packets that are followed through it as loads of surely and possibly."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from scanner.facts.rules import V6, Kind, Stage, State, united
from scanner.packetspace.cube import STATES, Cube, TooMany, fielded, within
from scanner.packetspace.entries import Guard
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.matching import Meaning
from scanner.packetspace.spans import common

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.facts import Routing
    from scanner.facts.rules import Action, Base, FilterRule, FilterTable, RuleFile, Spans
    from scanner.packetspace.interfaces import Interfaces

NEW, SYN = 1 << STATES.index(State.NEW), 1 << 2
MOST_CUBES = 3000
"""Pieces of one load that are followed further."""

MOST_WORK = 3_000_000
"""Pieces times rules of one chain."""


@dataclass(frozen=True, slots=True)
class Called:
    """What a translation took from the packets of a load; None: it is as it was sent.

    ``here``: their destination was translated in the gate that they are in; None: perhaps.
    """

    sources: Spans | None = None
    destinations: Spans | None = None
    ports: Spans | None = None
    here: bool | None = False


SENT = Called()

Loads = dict[Called, Guard]
"""Packets that surely and that possibly come along, by what was translated."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule or policy of a gate that let packets on or took them."""

    gate: str
    stage: Stage
    action: Action
    rule: FilterRule | Base


@dataclass(slots=True)
class Out:
    """Packets that leave by a leg; ``hop``: the next router, None where they are at home on the network.

    ``lost``: where they go is not known; they may leave by any leg.
    """

    device: str
    hop: int | None
    loads: Loads
    lost: bool = False


@dataclass(slots=True)
class Through:
    """What becomes of packets: those that leave, those for the host itself, and who decided."""

    out: list[Out] = field(default_factory=list)
    own: Loads = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)


@dataclass(frozen=True)
class Gate:
    """A host with the rules that it holds and the routes that it has."""

    name: str
    file: RuleFile
    routing: Routing

    @cached_property
    def interfaces(self) -> Interfaces:
        """All interfaces that rules or legs name."""
        return interfaces_of(self.file, *(leg.name for leg in self.routing.legs))

    @cached_property
    def marks(self) -> bool:
        """Whether some rule sets a mark."""
        return any(r.marks for table in self.file.tables for chain in table.chains for r in chain.rules)

    @cached_property
    def rules(self) -> int:
        """How many rules there are."""
        return sum(len(chain.rules) for table in self.file.tables for chain in table.chains)

    @cached_property
    def own(self) -> Spans:
        """Its addresses, and the broadcast addresses of its networks: what comes for them goes no further."""
        places = [(at, span) for leg in self.routing.legs for at, span in leg.places]
        found = [(at, at) for at, _ in places]
        found += [(end, end) for at, span in places if at < V6 and span[1] - span[0] > 1 for end in span]
        return united([*found, *_NEVER_ON])

    @cached_property
    def addresses(self) -> Spans:
        """Its addresses alone."""
        return united([(at, at) for leg in self.routing.legs for at, _ in leg.places])

    def meaning(self, stage: Stage) -> Meaning:
        """How conditions are understood for packets to the host itself (INPUT) or through it (FORWARD)."""
        return Meaning(self.interfaces, first=True, stage=stage, marked=self.marks, from_others=True)

    def bases(self, stages: Sequence[Stage]) -> list[tuple[FilterTable, Base]]:
        """Base chains that a packet meets, in the kernel's order; translations have places of their own."""
        found = [(table, base) for table in self.file.tables for base in table.bases if base.stage in stages]
        found.reverse()
        return sorted(found, key=lambda one: (stages.index(one[1].stage), _rank(one[1])))


_NEVER_ON: tuple[tuple[int, int], ...] = (
    (0, 0x00FFFFFF),
    (0x7F000000, 0x7FFFFFFF),
    (0xE0000000, 0xEFFFFFFF),
    (0xFFFFFFFF, 0xFFFFFFFF),
    (V6, V6 + 1),
    (V6 + (0xFE80 << 112), V6 + (0xFEC0 << 112) - 1),
    (V6 + (0xFF << 120), V6 + (1 << 128) - 1),
)
"""Addresses that nobody routes: this network, loopback, multicast, broadcast, link-local."""


def _rank(base: Base) -> tuple[int, int]:
    """The hooks of translations have fixed places, whatever the priority of a chain says."""
    if base.kind is Kind.NAT:
        return (-100 if base.stage is Stage.PREROUTING else 100, base.priority)
    return (base.priority, base.priority)


def mapped(guard: Guard, change: Callable[[Cube], Cube | None]) -> Guard:
    """Change every set of a guard; None leaves it out."""
    may = [new for cube in guard.may if (new := change(cube)) is not None]
    if guard.sure is guard.may:
        return Guard(may, may)
    return Guard([new for cube in guard.sure if (new := change(cube)) is not None], may)


def narrowed(guard: Guard, place: int, spans: Spans) -> Guard:
    """Keep what lies in some spans."""

    def part(cube: Cube) -> Cube | None:
        kept = common(cube.fields[place], spans)
        return fielded(cube, place, kept) if kept else None

    return mapped(guard, part)


def join(loads: Loads, called: Called, more: Guard) -> None:
    """Add packets to loads."""
    if not more.may:
        return
    known = loads.get(called)
    if known is None:
        loads[called] = Guard(list(more.sure), list(more.may))
    else:
        known.sure += more.sure
        known.may += more.may


def tidy(guard: Guard) -> Guard:
    """Leave out what others hold.

    Raises:
        TooMany: too many pieces are left.
    """
    sure, may = _outermost(guard.sure), _outermost(guard.may)
    if len(may) > MOST_CUBES:
        raise TooMany
    return Guard(sure, may)


def _outermost(cubes: list[Cube]) -> list[Cube]:
    cubes = list(dict.fromkeys(cubes))
    if len(cubes) > 300:
        return cubes
    kept: list[Cube] = []
    for i, cube in enumerate(cubes):
        others = (*kept, *cubes[i + 1 :])
        if not any(within(cube, other) for other in others):
            kept.append(cube)
    return kept

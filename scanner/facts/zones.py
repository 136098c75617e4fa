"""Facts about what passes between zones, and about the rules of the objects that stand between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation, Gap, Text


class Crossing(StrEnum):
    """What is known of the packets from one zone to another."""

    AS_DECLARED = "as-declared"
    VIOLATED = "violated"  # something surely passes that is not allowed
    UNKNOWN = "unknown"  # declared, and not proved either way
    UNDECLARED = "undeclared"  # nobody said what shall pass


@dataclass(frozen=True, slots=True)
class PacketSeen:
    """One packet and the lines that decide about it on its way; ``gates``: whose they are, in order."""

    packet: str
    gates: tuple[str, ...]
    at: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class ZoneCell:
    """What passes from one zone to another.

    ``allowed``: what is declared, in words; ``passes``: what surely passes, in words. ``whole``: everything
    surely passes; ``possible``: something may pass. ``beyond`` passes and is not allowed, ``blocked`` is
    allowed and does not pass, ``doubts`` may pass and are not allowed. ``through``: where everything passes,
    one packet of it.
    """

    source: str
    destination: str
    state: Crossing
    allowed: tuple[str, ...]
    reason: str
    passes: tuple[str, ...]
    whole: bool
    possible: bool
    beyond: tuple[PacketSeen, ...]
    blocked: tuple[PacketSeen, ...]
    doubts: tuple[PacketSeen, ...]
    through: PacketSeen | None = None


@dataclass(frozen=True, slots=True)
class ZoneMatrix(Fact):
    """What passes between all zones that have networks.

    ``unseen``: objects that stand between zones and whose rules or routes were not seen, each with the gap
    and the zones that it may join (none: it may join any).
    """

    zones: tuple[str, ...]
    important: tuple[str, ...]
    external: tuple[str, ...]
    gates: tuple[str, ...]
    cells: tuple[ZoneCell, ...]
    unseen: tuple[tuple[str, Gap, tuple[str, ...]], ...]

    def cell(self, source: str, destination: str) -> ZoneCell | None:
        """The cell of a pair."""
        return next((c for c in self.cells if (c.source, c.destination) == (source, destination)), None)


@dataclass(frozen=True, slots=True)
class Management:
    """A port that is managed by and listens on a boundary, as it is reached from a zone.

    ``reached``: surely; None: perhaps.
    """

    zone: str
    protocol: str
    port: int
    reached: bool | None
    at: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """Packets of one service (or of one kind of tunnel) from one zone to another.

    ``passes``: True, some surely do; False, surely none; None: some may. ``beyond``: the same of those that
    the policy does not allow. ``declared``: whether anybody said what shall pass between these zones.
    ``example``: one of the packets, with the lines that decide.
    """

    source: str
    destination: str
    service: str
    passes: bool | None
    beyond: bool | None
    declared: bool
    example: PacketSeen | None

    @property
    def pair(self) -> str:
        """From where to where."""
        return f"{self.source} -> {self.destination}"


@dataclass(frozen=True, slots=True)
class Unguarded:
    """What a gate by itself does with packets to a zone that is important.

    ``whole``: True, everything from ``source`` surely passes; None: that is not known. ``example``: a packet,
    with the lines that let it pass.
    """

    source: str
    destination: str
    whole: bool | None
    example: PacketSeen | None


@dataclass(frozen=True, slots=True)
class ZoneCrossings(Fact):
    """What of the matrix one boundary decides: pairs of the zones that it has legs in.

    Pairs that no single boundary joins belong to those at either end that may let something pass.

    ``management``: ports of its own that zones reach which are not for management; None: no zone is declared
    to be, or its sockets were not seen. ``ways_out``: of tunnels, from every inner zone through this boundary
    to external zones; None: it has no leg in one. ``plant``: general services across the edge of industrial
    zones; None: it has no leg on both sides of such an edge. ``guarded``: what it does, by itself, with
    packets to important zones; None: it has no leg in one, or in nothing else.
    """

    zones: tuple[str, ...]
    cells: tuple[ZoneCell, ...]
    management: tuple[Management, ...] | None
    ways_out: tuple[Opened, ...] | None = None
    plant: tuple[Opened, ...] | None = None
    guarded: tuple[Unguarded, ...] | None = None


@dataclass(frozen=True, slots=True)
class RuleNote:
    """Something about a rule of a boundary."""

    message: Text
    at: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class BoundaryRules(Fact):
    """What is proved of the rules of a boundary.

    ``wide``: rules that name no end; ``useless``: rules that never decide; ``vague``: accepting rules for
    forwarded packets that leave out an end, the protocol or the port; ``named``: those that name all.
    ``unproved``: lines that were not understood, and rules that were given up on.
    """

    wide: tuple[RuleNote, ...]
    useless: tuple[RuleNote, ...]
    vague: tuple[RuleNote, ...]
    named: int
    unproved: tuple[RuleNote, ...]

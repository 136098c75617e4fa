"""What is wrong with a rule set, each with its line, the lines that decide, and a packet that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.rules import V6, from_axis
from scanner.model.text import Text
from scanner.packetspace.cube import (
    CAME,
    DESTINATION,
    FLAGS,
    GOES,
    SOURCE,
    STATE,
    STATES,
)
from scanner.packetspace.ordinary import ordinary

if TYPE_CHECKING:
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.interfaces import Interfaces


class Trouble(StrEnum):
    """Kinds of finding, worst first."""

    ANY_ANY = "any-any"
    OVER_WIDE = "over-wide"
    SOURCE_PORT = "source-port"
    EXPOSED = "exposed-port"
    NO_DEFAULT_DENY = "no-default-deny"
    UNFILTERED = "family-unfiltered"
    MANAGEMENT = "management-open"
    PUBLISHED = "published"
    CONTRADICTORY = "contradictory"
    SHADOWED = "shadowed"
    REDUNDANT = "redundant"
    IMPOSSIBLE = "impossible"
    UNCALLED = "uncalled"
    UNBOUND = "unbound"
    ON_SHUT = "bound-to-shut"
    WRONG_DIRECTION = "wrong-direction"
    CYCLE = "object-cycle"
    UNDEFINED = "undefined"
    NEVER_USED = "never-used"
    NO_LOG = "no-log"
    UNLOGGED = "unlogged"
    CUT = "cut"
    GAVE_UP = "gave-up"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, as people write it. ICMP has its type and code in place of ports."""

    family: str
    protocol: str
    source: str
    destination: str
    source_port: int | None
    port: int | None
    icmp: str | None
    came: str
    goes: str
    state: str
    others: tuple[str, ...]

    def __str__(self) -> str:
        """Return it on one line."""
        here = f"{self.source}{'' if self.source_port is None else f' port {self.source_port}'}"
        there = f"{self.destination}{'' if self.port is None else f' port {self.port}'}"
        kind = f" type {self.icmp}" if self.icmp else ""
        ways = [f"{way} {name}" for way, name in (("in", self.came), ("out", self.goes)) if name]
        return ", ".join([f"{self.protocol}{kind} {here} -> {there}", *ways, self.state, *self.others])


@dataclass(frozen=True, slots=True)
class FilterFinding:
    """One finding. ``line`` 1-based; ``deciding``: lines of the rules that decide instead, or as well."""

    kind: Trouble
    line: int
    text: str
    message: Text
    witness: Packet | None = None
    deciding: tuple[int, ...] = ()


_NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp"}


def packet_of(cube: Cube, interfaces: Interfaces) -> Packet:
    """Return one packet of a cube, an ordinary one if there is."""
    protocol, source, destination, source_port, port = ordinary(cube)
    if (source < V6) is not (destination < V6):
        source, destination = cube.fields[SOURCE][-1][0], cube.fields[DESTINATION][-1][0]
    with_ports = protocol in {6, 17, 132, 136, 33}
    states = cube.masks[STATE]
    flags = cube.masks[FLAGS]
    told = [f"{'' if answer else 'not '}{text}" for text, answer in sorted(cube.others)]
    if protocol == 6 and not flags & 4:
        told.append(f"flags {(flags & -flags).bit_length() - 1:#04x}")
    return Packet(
        family="ipv4" if source < V6 else "ipv6",
        protocol=_NAMES.get(protocol, str(protocol)),
        source=str(from_axis(source)),
        destination=str(from_axis(destination)),
        source_port=source_port if with_ports else None,
        port=port if with_ports else None,
        icmp=f"{port >> 8}/{port & 255}" if protocol in {1, 58} else None,
        came=interfaces.some(cube.masks[CAME]),
        goes=interfaces.some(cube.masks[GOES]),
        state=STATES[(states & -states).bit_length() - 1].value,
        others=tuple(told),
    )

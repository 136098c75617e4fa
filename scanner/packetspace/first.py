"""First packets of new connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import Stage, State
from scanner.packetspace.cube import ALL, CAME, FLAGS, GOES, STATE, STATES, masked
from scanner.packetspace.interfaces import LOOPBACK, NONE

if TYPE_CHECKING:
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.interfaces import Interfaces

NEW = 1 << STATES.index(State.NEW)
"""The bit of a new connection's state."""

SYN = 1 << 2
"""The flag byte of a first packet, as a bit of flag values."""


def outer(interfaces: Interfaces) -> int:
    """Return the bits of all interfaces but loopback."""
    return interfaces.every & ~interfaces.mask(NONE) & ~interfaces.mask(LOOPBACK)


def first_packets(interfaces: Interfaces, stage: Stage) -> Cube:
    """Return all first packets that can come to ``stage`` by any interface but loopback."""
    none, some = interfaces.mask(NONE), outer(interfaces)
    cube = masked(ALL, CAME, none if stage is Stage.OUTPUT else some)
    cube = masked(cube, GOES, none if stage is Stage.INPUT else some)
    return masked(masked(cube, STATE, NEW), FLAGS, SYN)

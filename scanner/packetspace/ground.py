"""Where packets of a base chain come from and go: what of it a rule covers, as interfaces and as zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.rules import Stage
from scanner.packetspace.cube import CAME, GOES
from scanner.packetspace.first import outer

if TYPE_CHECKING:
    from scanner.facts.rules import RuleFile
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.matching import Meaning

LOCAL = "local"
"""What devices call themselves among their zones."""

MOST_TRUSTED = 100


@dataclass(frozen=True, slots=True)
class Crossed:
    """Zones that a rule lets whole zones reach. ``inward``: some of them into a more trusted one."""

    came: str
    goes: str
    inward: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """``came`` and ``goes``: bits of interfaces that a rule must name, or not restrict, to cover all."""

    came: int
    goes: int
    zones: tuple[tuple[str, int, int | None], ...]  # name, bits, priority
    stage: Stage

    @classmethod
    def of(cls, file: RuleFile, door: list[Cube], stage: Stage, meaning: Meaning) -> Ground:
        """Return the ground of a base chain with that entrance."""
        interfaces = meaning.interfaces
        every = outer(interfaces)
        came = goes = 0
        for cube in door:
            came |= cube.masks[CAME] & every
            if stage in {Stage.FORWARD, Stage.OUTBOUND}:
                goes |= cube.masks[GOES] & every
        zones = tuple((zone.name, interfaces.mask(zone.name), zone.priority) for zone in file.zones)
        return cls(came, goes, zones, stage)

    def covered(self, cube: Cube) -> bool:
        """Whether packets of the cube come from everywhere and go everywhere."""
        return not self.came & ~cube.masks[CAME] and not self.goes & ~cube.masks[GOES]

    def zones_of(self, cube: Cube) -> Crossed | None:
        """Return the zones that the cube joins whole; None: it joins no two."""
        if self.stage not in {Stage.INPUT, Stage.FORWARD}:
            return None
        came = [(name, prio) for name, bits, prio in self.zones if not bits & ~cube.masks[CAME]]
        goes = [(name, prio) for name, bits, prio in self.zones if not bits & ~cube.masks[GOES]]
        if self.stage is Stage.INPUT:
            goes = [(LOCAL, MOST_TRUSTED)]
        pairs = [(a, b) for a in came for b in goes if a[0] != b[0]]
        if not pairs:
            return None
        inward = any(a[1] is None or b[1] is None or a[1] < b[1] for a, b in pairs)
        starts, ends = (dict.fromkeys(pair[side][0] for pair in pairs) for side in (0, 1))
        return Crossed(", ".join(starts), ", ".join(ends), inward)

"""What shall pass between zones, and who stands between them: what somebody answered for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model.objects import Zone


@dataclass(frozen=True, slots=True)
class Flow:
    """Packets that shall pass; what is empty is not narrowed.

    ``protocols``: numbers; ``ports``: of the destination, both ends count; networks in CIDR notation.
    """

    protocols: tuple[int, ...] = ()
    ports: tuple[tuple[int, int], ...] = ()
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """What shall pass from one zone to another: ``flows`` and nothing else; none of them: nothing.

    ``anything``: whatever comes. ``reason``: why, in the words of who allows it.
    """

    source: str
    destination: str
    flows: tuple[Flow, ...]
    anything: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """An object that stands between zones. ``legs``: zone by interface; other legs count by their address."""

    object: str
    zones: tuple[str, ...]
    legs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Zoning:
    """Zones, the objects between them, and what shall pass; a pair that no passage names is not declared."""

    zones: tuple[Zone, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    passages: tuple[Passage, ...] = ()

    def passage(self, source: str, destination: str) -> Passage | None:
        """What is declared of a pair of zones."""
        return next((p for p in self.passages if (p.source, p.destination) == (source, destination)), None)

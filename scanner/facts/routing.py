"""Facts about where a host stands and what it does with packets that are not its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.facts.rules import Span


@dataclass(frozen=True, slots=True)
class Leg:
    """An interface with its addresses and the networks they lie in, both on the axis of both families.

    ``forwards``: whether IPv4 packets that come in here go on; None: not told. ``reverse``: what the kernel
    asks of their source (0: nothing, 1: the way back leads out here, 2: there is a way back); None: not told.
    """

    name: str
    up: bool
    places: tuple[tuple[int, Span], ...]
    forwards: bool | None
    reverse: int | None


@dataclass(frozen=True, slots=True)
class Route:
    """Where packets to the addresses of ``span`` go: out of ``device``, to ``gateway`` if it is not None.

    ``device`` "": they go nowhere. ``clear`` False: the kernel's choice follows from more than the address.
    """

    span: Span
    device: str
    gateway: int | None
    metric: int
    clear: bool
    text: str


@dataclass(frozen=True, slots=True)
class Routing(Fact):
    """Legs of a host and its main routes.

    ``plain``: by family (4, 6), whether the main table alone decides; a family that is not in it was not
    told. ``forwards_six``: whether IPv6 packets are forwarded; None: not told.
    """

    legs: tuple[Leg, ...]
    routes: tuple[Route, ...]
    plain: tuple[tuple[int, bool], ...]
    forwards_six: bool | None

    def decides(self, family: int) -> bool:
        """Whether the routes of a family (4 or 6) were told, and nothing else chooses."""
        return dict(self.plain).get(family, False)

    def leg(self, name: str) -> Leg | None:
        """The leg with a name."""
        return next((leg for leg in self.legs if leg.name == name), None)

    @property
    def routes_packets(self) -> bool:
        """Whether packets of others may go on through this host."""
        return self.forwards_six is not False or any(leg.forwards is not False for leg in self.legs)

"""What answered on the wire, look by look: open ports with what serves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts import OpenPorts, PortState, WireServices
from scanner.model import Gap

if TYPE_CHECKING:
    from scanner.facts import FactSheet
    from scanner.model import Vantage
    from scanner.report.content import Content


@dataclass(frozen=True, slots=True)
class OpenPort:
    """A port that answered; ``family`` "": nobody knows what serves it."""

    number: int
    protocol: str
    family: str


@dataclass(frozen=True, slots=True)
class Reached:
    """What answered to one vantage; a gap: nothing can be said."""

    vantage: Vantage
    ports: tuple[OpenPort, ...] | Gap


def reached(name: str, content: Content) -> tuple[Reached, ...]:
    """Return what answered on an object to each vantage that looked at it."""
    return tuple(
        Reached(vantage, open_ports(sheet))
        for vantage in content.vantages
        if (sheet := content.sheets.get(f"{name}@{vantage.name}")) is not None
    )


def open_ports(sheet: FactSheet) -> tuple[OpenPort, ...] | Gap:
    """Return the open ports of one look."""
    ports, services = sheet.get(OpenPorts), sheet.get(WireServices)
    if isinstance(ports, Gap):
        return ports
    known = {} if isinstance(services, Gap) else {(s.protocol, s.port): s.family for s in services.services}
    return tuple(
        OpenPort(p.number, p.protocol, known.get((p.protocol, p.number), ""))
        for p in ports.ports
        if p.state is PortState.OPEN
    )

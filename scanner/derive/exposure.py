"""What is open to whom: an object's open ports by vantage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts import Exposed, Exposure, OpenPorts, PortState, WireService, WireServices
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from scanner.facts import FactSheet, Port
    from scanner.model import Vantage


def exposure(
    name: str, looks: Sequence[tuple[Vantage, FactSheet]], external: Collection[str] = ()
) -> Exposure | Gap:
    """Join the looks at one object; a gap where no vantage saw it. ``external``: zones of others."""
    saw: list[tuple[Vantage, FactSheet, OpenPorts]] = []
    unseen: list[tuple[str, Gap]] = []
    for vantage, sheet in looks:
        ports = sheet.get(OpenPorts)
        if isinstance(ports, Gap):
            unseen.append((vantage.name, ports))
        else:
            saw.append((vantage, sheet, ports))
    if not saw:
        return unseen[0][1] if unseen else Gap(GapReason.NOT_COLLECTED, detail=f"nobody looked at {name}")
    return Exposure(
        seen=tuple(c for _, _, ports in saw for c in ports.seen),
        exposed=tuple(e for vantage, sheet, ports in saw for e in _exposed(vantage, sheet, ports, external)),
        vantages=tuple(vantage.name for vantage, _, _ in saw),
        unseen=tuple(unseen),
    )


def _exposed(
    vantage: Vantage, sheet: FactSheet, ports: OpenPorts, external: Collection[str]
) -> Iterator[Exposed]:
    services = sheet.get(WireServices)
    known = () if isinstance(services, Gap) else services.services
    for port in ports.ports:
        if port.state is PortState.OPEN:
            service = _service(port, known)
            outside = vantage.zone in external
            yield Exposed(vantage.name, vantage.zone, vantage.access_point, port, service, outside)


def _service(port: Port, services: Iterable[WireService]) -> WireService | None:
    return next((s for s in services if (s.protocol, s.port) == (port.protocol, port.number)), None)

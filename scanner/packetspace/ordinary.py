"""Values of packets that people know, for witnesses; the addresses are those of documentation."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from scanner.facts.rules import on_axis
from scanner.packetspace.cube import PORT
from scanner.packetspace.spans import holds

if TYPE_CHECKING:
    from scanner.facts.rules import Spans
    from scanner.packetspace.cube import Cube

_KNOWN: tuple[tuple[int, ...], ...] = (
    (6, 17, 1, 58),
    tuple(on_axis(ip_address(one)) for one in ("198.51.100.7", "203.0.113.7", "2001:db8::7")),
    tuple(on_axis(ip_address(one)) for one in ("192.0.2.1", "2001:db8:1::1")),
    (40000,),
    (443, 22, 80, 8080),
)
"""By field of a cube."""

_REQUESTS = {1: 0x0800, 58: 0x8000}
"""Echo requests, as ports are told of ICMP: type * 256 + code."""


def ordinary(cube: Cube) -> tuple[int, ...]:
    """The best known value of each field of a cube, else the lowest that is not 0."""
    protocol, *others = (_known(spans, liked) for spans, liked in zip(cube.fields, _KNOWN, strict=True))
    request = _REQUESTS.get(protocol)
    if request is not None and holds(cube.fields[PORT], request):
        others[-1] = request
    return (protocol, *others)


def _known(spans: Spans, liked: tuple[int, ...]) -> int:
    found = next((value for value in liked if holds(spans, value)), None)
    if found is not None:
        return found
    low, high = spans[0]
    return low + (low == 0 and high > 0)

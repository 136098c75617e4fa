"""Ports that every rule that was seen lets a vantage reach, and that stay silent to it all the same."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from scanner.derive.openings import tcp
from scanner.facts import (
    Family,
    Listeners,
    OpenPorts,
    PortState,
    ProvenFilter,
    SilentPort,
    SilentPorts,
    Sources,
)
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.derive.zones import Telling
    from scanner.facts import FactSheet, ProvenPort
    from scanner.model import AssessmentObject, Citation, Vantage

_ANY = {"", "*", "::", "0.0.0.0"}  # noqa: S104 - what a socket says


def silent_ports(
    o: AssessmentObject,
    host: FactSheet,
    looks: Sequence[tuple[Vantage, FactSheet]],
    told: Telling | None,
) -> SilentPorts | Gap:
    """Compare what rules let each vantage reach with what answered it.

    Only TCP: a port of UDP may listen and say nothing. A vantage counts where all of its zone is surely let
    through by every gate, or where it stands in the object's own zone.

    Args:
        o: the object, with the address that was looked at.
        host: its own sheet.
        looks: at it, by vantage.
        told: what passes between zones; None: no zones are declared.
    """
    proof, listeners = host.get(ProvenFilter), host.get(Listeners)
    for entry in (proof, listeners):
        if isinstance(entry, Gap):
            return entry
    if isinstance(proof, Gap) or proof.ports is None:
        return Gap(GapReason.NOT_COLLECTED, detail="the listening sockets were not proved")
    open_ = [p for p in proof.ports if p.protocol == "tcp" and p.sources is Sources.ANYWHERE]
    family = Family.IPV6 if ":" in o.address else Family.IPV4
    open_ = [p for p in open_ if p.family is family and p.address in {*_ANY, o.address}]
    silent: list[SilentPort] = []
    answered: list[tuple[str, int]] = []
    seen: list[Citation] = list(proof.seen)
    for vantage, sheet in looks:
        ports = sheet.get(OpenPorts)
        if isinstance(ports, Gap):
            continue
        seen += ports.seen
        for port in open_:
            lines = _lines(o, port, vantage, told)
            if lines is None:
                continue
            shown = _silence(ports, port.port)
            if shown is not None:
                silent.append(SilentPort(vantage.name, port.port, port.socket, (*port.at, *lines), shown))
            elif any(p.number == port.port for p in ports.open()):
                answered.append((vantage.name, port.port))
    return SilentPorts(tuple(dict.fromkeys(seen)), tuple(silent), tuple(answered), len(open_))


def _lines(
    o: AssessmentObject, port: ProvenPort, vantage: Vantage, told: Telling | None
) -> tuple[Citation, ...] | None:
    """Lines of the gates that let all of the vantage's zone reach a port; None where that is not certain."""
    if vantage.zone and vantage.zone == o.zone:
        return ()
    if told is None or not _numeric(o.address) or not {vantage.zone, o.zone} <= set(told.lay.ground.zones):
        return None
    pair = (vantage.zone, o.zone)
    found = told.opening(pair, (tcp(port.port, o.address),))
    if not found.all_pass or found.example is None:
        return None
    return told.seen(found.example).at


def _numeric(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _silence(ports: OpenPorts, number: int) -> Citation | None:
    """Where the sweep says that a port kept silent; None where it answered, or was not asked."""
    named = next((p for p in ports.ports if (p.protocol, p.number) == ("tcp", number)), None)
    if named is not None:
        return named.at if named.state is PortState.FILTERED else None
    groups = [g for g in ports.groups if g.protocol == "tcp"]
    if not groups or {g.state for g in groups} != {PortState.FILTERED} or not _asked(ports, number):
        return None
    return groups[0].at


def _asked(ports: OpenPorts, number: int) -> bool:
    return any(low <= number <= high for low, high in _ranges(ports.asked))


def _ranges(asked: Sequence[str]) -> Iterator[tuple[int, int]]:
    """``tcp/22,80-90``: the ranges of TCP."""
    for part in asked:
        protocol, _, spans = part.partition("/")
        for span in spans.split(",") if protocol == "tcp" else ():
            low, _, high = span.partition("-")
            if low.isdecimal() and (high or low).isdecimal():
                yield int(low), int(high or low)

"""Ports, from nmap's XML. The object must have answered: silence all over shows nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # our own nmap wrote it; declarations of entities are refused

from collectors.base import Need, Reader, Unseen
from collectors.platforms.wire.limits import TCP_BATCHES
from collectors.platforms.wire.steps import PORTS_TCP, PORTS_UDP
from scanner.facts import OpenPorts, Port, PortGroup, PortState
from scanner.model import CaptureKind, Citation, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.base import Step
    from collectors.evidence import Document, Evidence

_STATES = {
    "open": PortState.OPEN,
    "closed": PortState.CLOSED,
    "filtered": PortState.FILTERED,
    "open|filtered": PortState.OPEN_OR_FILTERED,
}
"""States that the scans we use can give; any other is not understood."""

_PORT = re.compile(r"<port[ >]")
_GROUP = re.compile(r"<extraports[ >]")


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of the sweep says."""

    ports: tuple[Port, ...]
    groups: tuple[PortGroup, ...]
    asked: str
    at: Citation

    @property
    def answered(self) -> bool:
        """Whether the object itself said anything: without that, silence shows nothing."""
        states = {port.state for port in self.ports} | {group.state for group in self.groups}
        return bool(states & _ANSWERED)


_ANSWERED = {PortState.OPEN, PortState.CLOSED}


def read_open_ports(evidence: Evidence) -> OpenPorts:
    """Read all parts of the sweeps; at least one TCP part must be there, and something must have answered."""
    parts: list[_Part] = []
    unseen: list[Gap] = []
    for step, subject, document in _documents(evidence):
        part = document if isinstance(document, Gap) else _read(step, subject, document)
        if isinstance(part, Gap):
            unseen.append(part)
        else:
            parts.append(part)
    if not any(part.asked.startswith("tcp/") for part in parts):
        raise Unseen(unseen[0])
    if not any(part.answered for part in parts):
        silent = Gap(GapReason.EMPTY, PORTS_TCP.id, "", "nothing answered: no port is open, none is closed")
        raise Unseen(next((gap for gap in unseen if gap.step == PORTS_TCP.id), silent))
    return OpenPorts(
        seen=tuple(part.at for part in parts),
        ports=tuple(port for part in parts for port in part.ports),
        groups=tuple(group for part in parts for group in part.groups),
        asked=tuple(part.asked for part in parts),
        unseen=tuple(unseen),
    )


def _documents(evidence: Evidence) -> Iterator[tuple[Step, str, Document | Gap]]:
    """Every part that is to be there, or why it is not."""
    tcp = evidence.subjects(PORTS_TCP, CaptureKind.PORTS)
    usual = [subject for subject, _ in TCP_BATCHES]
    for subject in (*usual, *(s for s in tcp if s not in usual)):
        missing = Gap(GapReason.NOT_COLLECTED, PORTS_TCP.id, subject, "this part was not swept")
        yield PORTS_TCP, subject, tcp.get(subject, missing)
    missing = Gap(GapReason.NOT_COLLECTED, PORTS_UDP.id, "udp", "this part was not swept")
    try:
        yield PORTS_UDP, "udp", evidence.subjects(PORTS_UDP, CaptureKind.PORTS).get("udp", missing)
    except Unseen as unseen:
        yield PORTS_UDP, "udp", unseen.gap


def _read(step: Step, subject: str, document: Document) -> _Part | Gap:
    """Understand one part; a gap where it is not nmap's XML, not of one object, or given up on."""
    try:
        return _understood("udp" if step is PORTS_UDP else "tcp", document)
    except TimeoutError as error:
        return Gap(GapReason.TIMED_OUT, step.id, subject, str(error))
    except _NobodyError as error:
        return Gap(GapReason.UNREACHABLE, step.id, subject, str(error))
    except (ET.ParseError, ValueError) as error:
        return Gap(GapReason.UNPARSABLE, step.id, subject, f"no sweep of nmap's: {error}")


class _NobodyError(Exception):
    """Nobody on the network has the address."""


def _understood(protocol: str, document: Document) -> _Part:
    """Understand XML.

    Raises:
        ParseError: not well formed.
        TimeoutError: nmap gave the object up.
        _NobodyError: nobody has the address.
        ValueError: not what we asked for.
    """
    if "<!ENTITY" in document.text:
        raise ValueError("it declares entities")
    root = ET.fromstring(document.text.lstrip())  # noqa: S314 - see the import
    hosts, scans = root.findall("host"), root.findall("scaninfo")
    counted = root.find("runstats/hosts")
    if root.tag == "nmaprun" and not hosts and counted is not None and counted.get("down") == "1":
        raise _NobodyError("nothing is there: nobody on the network has the address")
    if root.tag != "nmaprun" or len(hosts) != 1 or len(scans) != 1:
        raise ValueError("it is not about one object")
    if hosts[0].get("timedout") == "true":
        raise TimeoutError("nmap gave up: its time for this object was over")
    asked = scans[0].get("services", "")
    if scans[0].get("protocol") != protocol or not re.fullmatch(r"[0-9][0-9,-]{0,7000}", asked):
        raise ValueError("it is another sweep than was asked for")
    places = [n for n, line in enumerate(document.lines, 1) for _ in _PORT.finditer(line)]
    counts = [n for n, line in enumerate(document.lines, 1) for _ in _GROUP.finditer(line)]
    ports = tuple(
        _port(protocol, element, document.cite(n))
        for element, n in zip(hosts[0].iter("port"), places, strict=True)
    )
    groups = tuple(
        _group(protocol, element, document.cite(n))
        for element, n in zip(hosts[0].iter("extraports"), counts, strict=True)
    )
    return _Part(ports, groups, f"{protocol}/{asked}", document.whole)


def _port(protocol: str, element: ET.Element, at: Citation) -> Port:
    state, number = element.find("state"), element.get("portid", "")
    if state is None or element.get("protocol") != protocol or not re.fullmatch(r"[0-9]{1,5}", number):
        raise ValueError("a port without number or state")
    reason = re.sub(r"[^a-z0-9-]", "", state.get("reason", ""))[:40]
    return Port(protocol, int(number), _state(state.get("state")), reason, at)


def _group(protocol: str, element: ET.Element, at: Citation) -> PortGroup:
    count = element.get("count", "")
    if not re.fullmatch(r"[0-9]{1,5}", count):
        raise ValueError("a group of ports without a count")
    return PortGroup(protocol, _state(element.get("state")), int(count), at)


def _state(name: str | None) -> PortState:
    if name not in _STATES:
        raise ValueError(f"state {name!r} is not known")
    return _STATES[name]


READERS = (Reader(OpenPorts, (Need((PORTS_TCP,)),), read_open_ports, also=(PORTS_UDP,)),)

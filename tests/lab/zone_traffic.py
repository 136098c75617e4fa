"""Connections between the lab's zones, really sent by every gate, and what of them is handed to whom."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.facts.rules import from_axis, on_axis
from scanner.packetspace.ways import Packet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scanner.facts import Leg
    from scanner.packetspace.gate import Gate
    from scanner.packetspace.ways import Lay
    from tests.lab.conftest import Lab

HERE = Path(__file__).parent
SWITCH = "mpl-sw"
LINGERING_SECONDS = 0.5
FIRST_SOURCE_PORT = 10_000
"""Each connection has a source port of its own, below those that hosts take by themselves."""

NUMBERS = {"tcp": 6, "udp": 17}
TCP = (22, 80, 81, 443, 5432, 6514, 8080, 8081, 8200)
UDP = (53, 123, 1194, 5514)
EVERY = (*(("tcp", port) for port in TCP), *(("udp", port) for port in UDP))
OF_SIX = (("tcp", 22), ("tcp", 443), ("udp", 5514))
OF_GATES = (("tcp", 22), ("tcp", 6514))

NETWORKS: Mapping[str, tuple[str, str]] = {
    "internet": ("198.51.100.", "2001:db8::"),
    **{
        zone: (f"10.60.{number}.", f"fd00:60:{number}::")
        for number, zone in enumerate(("mgmt", "dmz", "core", "ot", "vault"), 1)
    },
}
BEYOND = ("10.60.0.0/16", "198.51.100.0/24", "172.16.0.0/12")
BEYOND_SIX = ("fd00:60::/32", "2001:db8::/32")


@dataclass(frozen=True)
class Place:
    """Who sends or receives; ``out``: namespace and interface that hand packets to it."""

    name: str
    zone: str
    address: str
    six: str = ""
    out: tuple[str, str] = ("", "")


def _ours(zone: str) -> Place:
    four, six = NETWORKS[zone]
    return Place(zone, zone, f"{four}200", f"{six}200", (SWITCH, f"p-at-{zone}"))


def _host(name: str, zone: str, address: str) -> Place:
    return Place(name, zone, address, out=(SWITCH, f"p-{name}-0"))


OURS = {zone: _ours(zone) for zone in NETWORKS}
"""Places of our own, one a zone: whoever else might be there."""

STATUS = Place("status", "vault", "172.17.0.2", out=("mpl-fw2", "docker0"))
KEYS = Place("keys", "vault", "172.18.0.2", out=("mpl-fw2", "br-keys"))
CONTAINERS = (STATUS, KEYS)
HOSTS = (
    _host("scan", "mgmt", "10.60.1.9"),
    _host("web1", "dmz", "10.60.2.11"),
    _host("app1", "dmz", "10.60.2.14"),
    _host("vpn1", "dmz", "10.60.2.15"),
    _host("log1", "core", "10.60.3.21"),
    _host("db1", "core", "10.60.3.31"),
    _host("vault1", "vault", "10.60.5.10"),
    *CONTAINERS,
)
FW2 = "10.60.3.40"
PUBLISHED = {8080: (STATUS, 80), 8081: (KEYS, 81)}
"""What fw2 sends on."""


@dataclass(frozen=True)
class Cell:
    """One connection: who hands it to which gate, and who is to get it at which port.

    ``receiver`` None: it is for the gate ``to`` itself.
    """

    sender: Place
    gate: Gate
    leg: Leg
    to: str
    destination: str
    protocol: str
    port: int
    receiver: Place | None
    inner: int
    source_port: int

    @property
    def source(self) -> str:
        """The address that it is sent from."""
        return self.sender.six if ":" in self.destination else self.sender.address

    @property
    def service(self) -> str:
        """Protocol and port as asked for."""
        return f"{self.protocol}/{self.port}"

    @property
    def packet(self) -> Packet:
        """Its first packet as it is sent."""
        return self._packet(self.destination, self.port)

    @property
    def arrived(self) -> Packet:
        """The packet as it arrives, but for who sent it."""
        there = self.destination
        if self.receiver is not None:
            there = self.receiver.six if ":" in there else self.receiver.address
        return self._packet(there, self.inner)

    def _packet(self, there: str, port: int) -> Packet:
        ends = [on_axis(ipaddress.ip_address(end)) for end in (self.source, there)]
        return Packet(NUMBERS[self.protocol], ends[0], ends[1], self.source_port, port)

    def __str__(self) -> str:
        there = f"{self.to} ({self.destination}) {self.service}"
        return f"{self.sender.name} ({self.source}:{self.source_port}) by {self.gate.name} to {there}"


def cells(lab: Lab, lay: Lay) -> list[Cell]:
    """Every sender to everything in other zones by every gate that it can hand packets to."""
    numbers = count(FIRST_SOURCE_PORT)
    found = []
    for sender in (*OURS.values(), *HOSTS):
        asked = list(_asked(lay, sender))
        hops = {} if _is_ours(sender) else _next_hops(lab, sender, [one for _, one, _ in asked])
        for to, destination, services in asked:
            for gate, leg in _doors(lay, sender, destination, hops):
                for protocol, port in services:
                    receiver, inner = _receiver(to, destination, port)
                    told = (to, destination, protocol, port, receiver, inner, next(numbers))
                    found.append(Cell(sender, gate, leg, *told))
    return found


def _is_ours(place: Place) -> bool:
    return OURS.get(place.name) is place


def _asked(lay: Lay, sender: Place) -> Iterator[tuple[str, str, Sequence[tuple[str, int]]]]:
    for place in (*OURS.values(), *HOSTS):
        if place.zone != sender.zone:
            yield place.name, place.address, EVERY
            if place.six and sender.six:
                yield place.name, place.six, OF_SIX
    if sender.zone != "vault":
        yield "published", FW2, tuple(("tcp", port) for port in PUBLISHED)
    for gate in lay.gates:
        for leg in gate.routing.legs:
            for at, _ in leg.places:
                address = from_axis(at)
                if address.version == 4 and not address.is_loopback:
                    yield gate.name, str(address), OF_GATES


def _receiver(to: str, destination: str, port: int) -> tuple[Place | None, int]:
    if to == "published":
        return PUBLISHED[port]
    places = [place for place in (*OURS.values(), *HOSTS) if destination in {place.address, place.six}]
    return (places[0] if places else None), port


def _doors(lay: Lay, sender: Place, destination: str, hops: Mapping[str, str]) -> list[tuple[Gate, Leg]]:
    """Who takes its packets to a destination: our places ask every gate, hosts ask whom they always ask."""
    if not _is_ours(sender):
        return [door for door in lay.doors(sender.zone) if hops.get(destination, "") in _addresses(door[1])]
    neighbour = any(destination.startswith(net) for net in NETWORKS[sender.zone])
    here = [
        (gate, leg)
        for gate, leg in lay.doors(sender.zone)
        if any(at.startswith(NETWORKS[sender.zone][0]) for at in _addresses(leg))
    ]
    return [door for door in here if not neighbour or destination in _addresses(door[1])]


def _addresses(leg: Leg) -> list[str]:
    return [str(from_axis(at)) for at, _ in leg.places]


def _next_hops(lab: Lab, sender: Place, destinations: Sequence[str]) -> dict[str, str]:
    """The next router of a host by destination, or the destination if it is a neighbour."""
    asked = "".join(f"route get {one}\n" for one in destinations)
    told = _run([*entering(lab, sender), "ip", "-force", "-batch", "-"], asked).stdout
    words = [line.split() for line in told.splitlines() if not line.startswith(" ")]
    return {w[0]: w[w.index("via") + 1] if "via" in w else w[0] for w in words if w and w[0] in destinations}


def _run(argv: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, input=given, capture_output=True, text=True, check=False, timeout=60)


def entering(lab: Lab, place: Place) -> list[str]:
    """The command line that enters the network of a place, with this machine's files."""
    if place in CONTAINERS:
        return ["nsenter", f"--net=/proc/{lab.init_pid('fw2')}/root/run/netns/{place.name}"]
    return ["ip", "netns", "exec", _namespace(place)]


def _namespace(place: Place) -> str:
    return f"mpl-at-{place.zone}" if _is_ours(place) else f"mpl-{place.name}"


@contextmanager
def standing_there() -> Iterator[None]:
    """Our places stand in their zones."""
    try:
        for place in OURS.values():
            namespace, port = _namespace(place), place.out[1]
            for line in (
                f"netns add {namespace}",
                f"-n {SWITCH} link add {port} type veth peer name eth0 netns {namespace}",
                f"-n {SWITCH} link set {port} master br-{place.zone} up",
                f"-n {namespace} link set lo up",
                f"-n {namespace} address add {place.address}/24 dev eth0",
                f"-n {namespace} address add {place.six}/64 dev eth0 nodad",
                f"-n {namespace} link set eth0 up",
            ):
                _ip(line)
        yield
    finally:
        for place in OURS.values():
            _run(["ip", "netns", "del", _namespace(place)])


def _ip(line: str) -> None:
    done = _run(["ip", *line.split()])
    assert done.returncode == 0, f"ip {line}: {done.stderr}"


def _turn(place: Place, leg: Leg) -> None:
    """Let one of our places hand everything to one gate."""
    four = next(at for at in _addresses(leg) if at.startswith(NETWORKS[place.zone][0]))
    six = next(at for at in _addresses(leg) if at.startswith(NETWORKS[place.zone][1]))
    for networks, gateway in ((BEYOND, four), (BEYOND_SIX, six)):
        for network in (one for one in networks if not one.startswith(NETWORKS[place.zone][0])):
            _ip(f"-n {_namespace(place)} route replace {network} via {gateway}")


@contextmanager
def watching(namespace: str) -> Iterator[dict[str, Any]]:
    """What a namespace hands out while the block runs; filled when it ends."""
    told: dict[str, Any] = {}
    argv = ["ip", "netns", "exec", namespace, sys.executable, str(HERE / "deliveries.py")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield told
            time.sleep(LINGERING_SECONDS)
        finally:
            said, _ = process.communicate(timeout=30)
        told.update(json.loads(said))


@dataclass(frozen=True)
class Sent:
    """How each connection was met, and which were handed to their receivers."""

    met: Mapping[Cell, str]
    handed: frozenset[tuple[str, ...]]

    def passed(self, cell: Cell) -> bool:
        """Whether it came to its receiver's network stack; a gate itself answers all that it lets in."""
        if cell.receiver is None:
            return self.met[cell] in {"answered", "refused"}
        there = cell.receiver.six if ":" in cell.destination else cell.receiver.address
        key = (*cell.receiver.out, cell.protocol, there, str(cell.source_port), str(cell.inner))
        return key in self.handed


def _send_from(lab: Lab, sender: Place, own: Sequence[Cell]) -> dict[Cell, str]:
    """Send all of one place, by one gate after the other; hosts by their own routes."""
    met: dict[Cell, str] = {}
    for gate in dict.fromkeys(cell.gate.name for cell in own) if _is_ours(sender) else [""]:
        some = [cell for cell in own if gate in {"", cell.gate.name}]
        if gate:
            _turn(sender, some[0].leg)
        asked = [(c.protocol, c.source, c.source_port, c.destination, c.port) for c in some]
        argv = [*entering(lab, sender), sys.executable, str(HERE / "knocker.py")]
        done = _run(argv, json.dumps(asked))
        assert done.returncode == 0, f"{sender.name}: {done.stderr}"
        met.update(zip(some, json.loads(done.stdout), strict=True))
    return met


def send(lab: Lab, wanted: Sequence[Cell]) -> Sent:
    """Send everything; our places stand in their zones meanwhile."""
    met: dict[Cell, str] = {}
    with ExitStack() as stack:
        told = {name: stack.enter_context(watching(name)) for name in (SWITCH, "mpl-fw2")}
        of_senders: dict[Place, list[Cell]] = {}
        for cell in wanted:
            of_senders.setdefault(cell.sender, []).append(cell)
        with ThreadPoolExecutor(len(of_senders)) as together:
            for told_of in together.map(lambda own: _send_from(lab, *own), of_senders.items()):
                met.update(told_of)
    assert {name: seen["lost"] for name, seen in told.items()} == dict.fromkeys(told, 0)
    handed = ((name, *map(str, out)) for name, seen in told.items() for out in seen["out"])
    return Sent(met, frozenset(handed))

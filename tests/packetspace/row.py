"""Two real firewalls in a row, as they stand in ``chained``, with our ends in all three zones."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scanner.facts.rules import on_axis
from tests.packetspace.chained import HOSTS, ZONES
from tests.packetspace.wires import IP, OUR_MAC, TCP, UDP, _inside, _ip, _mac
from tests.packetspace.wires import Packet as Frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LEGS = {
    "outer": {"a0": ("10.0.1.1/24", "left"), "a1": ("10.0.2.1/24", "middle")},
    "inner": {"b0": ("10.0.2.2/24", "middle"), "b1": ("10.0.3.1/24", "right")},
}
MACS = {
    "a0": "02:00:00:00:0a:00",
    "a1": "02:00:00:00:0a:01",
    "b0": "02:00:00:00:0b:00",
    "b1": "02:00:00:00:0b:01",
}

NOTED = """
table ip noted {
  set own { typeof ip id . ip daddr . th dport; size 65535; flags dynamic; }
  chain i { type filter hook input priority 10000; policy accept;
    meta l4proto { tcp, udp } update @own { ip id . ip daddr . th dport } drop; drop; }
}
"""
"""Notes what comes for the gate itself, and lets nothing of it answer."""


@dataclass(frozen=True)
class Sent:
    """A packet handed to a gate by one of its legs; ``number`` is its name, in the IP id."""

    number: int
    leg: str
    source: str
    destination: str
    protocol: int
    port: int

    def frame(self) -> bytes:
        packet = Frame(
            self.number,
            "",
            self.source,
            self.destination,
            self.protocol,
            40000 + self.number % 20000,
            self.port,
        )
        return _mac(MACS[self.leg]) + packet.frame()[6:]


@dataclass(frozen=True)
class Seen:
    """Where a packet came out: a zone or ``own GATE``, and the destination that it has there."""

    place: str
    destination: int
    port: int


@dataclass
class Row:
    """The gates' namespaces, and sockets in the zones."""

    names: dict[str, str]
    ends: dict[str, socket.socket]

    def run(self, gate: str, *argv: str, text: str = "") -> subprocess.CompletedProcess[str]:
        program = (IP, "netns", "exec", self.names[gate], *argv)
        return subprocess.run(program, input=text, capture_output=True, text=True, check=False)

    def clear(self, gate: str) -> None:
        self.run(gate, "nft", "-f", "-", text="flush ruleset\n" + NOTED)

    def send(self, packets: Sequence[Sent]) -> dict[int, set[Seen]]:
        """Return where each packet came out, by its number."""
        for end in self.ends.values():
            list(_frames(end))
        zones = {leg: zone for legs in LEGS.values() for leg, (_, zone) in legs.items()}
        for packet in packets:
            self.ends[zones[packet.leg]].send(packet.frame())
        time.sleep(0.03)
        found: dict[int, set[Seen]] = {packet.number: set() for packet in packets}
        for zone, end in self.ends.items():
            for number, destination, port in _frames(end):
                found.get(number, set()).add(Seen(zone, destination, port))
        for gate in self.names:
            if gate in LEGS:
                self._own(gate, found)
        return found

    def _own(self, gate: str, found: dict[int, set[Seen]]) -> None:
        told = json.loads(self.run(gate, "nft", "-j", "list", "set", "ip", "noted", "own").stdout)
        for entry in told["nftables"]:
            for element in entry.get("set", {}).get("elem", ()):
                inner = element.get("elem", {}).get("val", element)
                number, address, port = inner["concat"]
                at = on_axis(ipaddress.ip_address(address))
                found.get(int(number), set()).add(Seen(f"own {gate}", at, int(port)))


def _frames(end: socket.socket) -> Iterator[tuple[int, int, int]]:
    """Number, destination and port of each packet for our hosts that is no answer."""
    ours = _mac(OUR_MAC)
    with contextlib.suppress(BlockingIOError):
        while True:
            frame, address = end.recvfrom(2048)
            if address[2] == 4 or frame[:6] != ours or frame[12:14] != b"\x08\x00":
                continue
            body = frame[14:]
            load = body[(body[0] & 15) * 4 :]
            if body[9] not in {TCP, UDP} or (body[9] == TCP and load[13] & 4):
                continue
            number, destination = struct.unpack("!H", body[4:6])[0], struct.unpack("!I", body[16:20])[0]
            yield number, destination, struct.unpack("!H", load[2:4])[0]


def _gate(name: str, space: str, ends: str) -> None:
    for leg, (address, zone) in LEGS[name].items():
        peer = f"{zone[:4]}{name[0]}"
        _ip("link", "add", leg, "netns", space, "type", "veth", "peer", "name", peer, "netns", ends)
        _ip("-n", space, "link", "set", leg, "address", MACS[leg], "up")
        _ip("-n", space, "addr", "add", address, "dev", leg)
        if zone == "middle":
            _ip("-n", ends, "link", "set", peer, "master", "middle", "up")
        else:
            _ip("-n", ends, "link", "set", peer, "address", OUR_MAC, "up")
        near = ipaddress.ip_network(ZONES[zone])
        for host in HOSTS:
            if ipaddress.ip_address(host) in near:
                _neighbour(space, host, OUR_MAC, leg)
    _ip("-n", space, "link", "set", "lo", "up")


def _neighbour(space: str, address: str, mac: str, leg: str) -> None:
    _ip("-n", space, "neigh", "replace", address, "lladdr", mac, "dev", leg, "nud", "permanent")


SETTINGS = (
    "net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 "
    "net.ipv4.conf.all.send_redirects=0 net.ipv6.conf.all.disable_ipv6=1 "
    "net.netfilter.nf_conntrack_tcp_timeout_syn_sent=3 net.netfilter.nf_conntrack_udp_timeout=3"
)


@contextlib.contextmanager
def row() -> Iterator[Row]:
    """Raise the namespaces, or skip with the reason."""
    if os.geteuid() or not shutil.which("nft") or not Path(IP).exists():
        pytest.skip("needs root, ip and nft")
    mark = secrets.token_hex(3)
    names = {"outer": f"pkr{mark}a", "inner": f"pkr{mark}b", "ends": f"pkr{mark}e"}
    try:
        made = subprocess.run(
            (IP, "netns", "add", names["ends"]), capture_output=True, text=True, check=False
        )
        if made.returncode:
            pytest.skip(f"no network namespaces: {made.stderr.strip()}")
        ends = names["ends"]
        _ip(
            "-n", ends, "link", "add", "middle", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0"
        )
        _ip("-n", ends, "link", "set", "middle", "address", OUR_MAC, "up")
        for gate in LEGS:
            _ip("netns", "add", names[gate])
            _gate(gate, names[gate], ends)
        _neighbour(names["outer"], "10.0.2.2", MACS["b0"], "a1")
        _neighbour(names["inner"], "10.0.2.1", MACS["a1"], "b0")
        _ip("-n", names["outer"], "route", "add", "10.0.3.0/24", "via", "10.0.2.2", "dev", "a1")
        _ip("-n", names["inner"], "route", "add", "default", "via", "10.0.2.1", "dev", "b0")
        sockets = {"left": "lefto", "middle": "middle", "right": "righi"}
        found = Row(names, {zone: _inside(ends, cable) for zone, cable in sockets.items()})
        for gate, legs in LEGS.items():
            own = [
                f"net.ipv4.conf.{leg}.{word}=0" for leg in legs for word in ("rp_filter", "send_redirects")
            ]
            for setting in (*SETTINGS.split(), *own):
                found.run(gate, "sysctl", "-q", "-w", setting)
        yield found
        for end in found.ends.values():
            end.close()
    finally:
        for name in names.values():
            subprocess.run((IP, "netns", "del", name), check=False, capture_output=True)

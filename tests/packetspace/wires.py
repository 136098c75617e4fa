"""A host with a real filter in a network namespace, and packets thrown at it by hand from another."""

from __future__ import annotations

import contextlib
import ctypes
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IP = shutil.which("ip") or "/sbin/ip"
CABLES = ("in0", "in1")
OUT = "out0"
LOCAL = ("10.0.0.1", "10.0.0.2", "192.168.7.1", "fd00::1", "fd00::2", "fd00:7::1")
BEYOND = ("172.16.0.5", "172.16.9.9", "fd00:16::5")
"""Addresses of the host, and of hosts behind it."""

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
GATE_MAC, OUR_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"

SEEN = """
table ip seen {
  set ids { typeof ip id; size 65535; flags dynamic; }
  chain i { type filter hook input priority 10000; policy accept; update @ids { ip id } drop; }
  chain f { type filter hook forward priority 10000; policy accept; update @ids { ip id } drop; }
}
table ip6 seen {
  set ids { typeof ip6 hoplimit . ip6 flowlabel; size 65535; flags dynamic; }
  chain i { type filter hook input priority 10000; policy accept;
    update @ids { ip6 hoplimit . ip6 flowlabel } drop; }
  chain f { type filter hook forward priority 10000; policy accept;
    update @ids { ip6 hoplimit . ip6 flowlabel } drop; }
}
"""
"""Notes what every filter before it let through, and then drops it, so that nothing of ours answers."""


@dataclass(frozen=True)
class Packet:
    """One packet; ``number`` is its name, in the IP id or the flow label. ICMP: type and code in ``port``."""

    number: int
    cable: str
    source: str
    destination: str
    protocol: int
    source_port: int = 0
    port: int = 0
    flags: int = 2

    @property
    def six(self) -> bool:
        return ":" in self.source

    def frame(self) -> bytes:
        source = ipaddress.ip_address(self.source).packed
        destination = ipaddress.ip_address(self.destination).packed
        load = self._transport(source + destination)
        if self.six:
            head = struct.pack("!IHBB", 6 << 28 | self.number, len(load), self.protocol, 64)
            kind = 0x86DD
            whole = head + source + destination + load
        else:
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(load), self.number, 0, 64, self.protocol, 0)
            checked = head[:10] + struct.pack("!H", _sum(head + source + destination)) + source + destination
            kind = 0x0800
            whole = checked + load
        return _mac(GATE_MAC) + _mac(OUR_MAC) + struct.pack("!H", kind) + whole

    def _transport(self, addresses: bytes) -> bytes:
        if self.protocol == TCP:
            bare = struct.pack("!HHIIBBHHH", self.source_port, self.port, 7, 0, 0x50, self.flags, 1024, 0, 0)
            at = 16
        elif self.protocol == UDP:
            bare = struct.pack("!HHHH", self.source_port, self.port, 12, 0) + b"test"
            at = 6
        elif self.protocol in {ICMP, ICMP6}:
            bare = struct.pack("!BBHHH", self.port >> 8, self.port & 255, 0, self.number, 1) + b"test"
            at = 2
        else:
            return b"\0" * 16
        pseudo = b"" if self.protocol == ICMP else addresses + struct.pack("!II", len(bare), self.protocol)
        return bare[:at] + struct.pack("!H", _sum(pseudo + bare)) + bare[at + 2 :]


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _sum(data: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@dataclass
class Host:
    """The namespace under test, and sockets on our ends of its cables."""

    name: str
    sockets: dict[str, socket.socket]

    def run(self, *argv: str, text: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (IP, "netns", "exec", self.name, *argv), input=text, capture_output=True, text=True, check=check
        )

    def clear(self) -> None:
        """No rules but the observer's."""
        self.run("nft", "-f", "-", text="flush ruleset\n" + SEEN)

    def throw(self, packets: Sequence[Packet]) -> tuple[set[int], set[int]]:
        """Send packets; return the numbers of those that passed, and of those that were answered."""
        for end in self.sockets.values():
            _drain(end)
        for packet in packets:
            self.sockets[packet.cable].send(packet.frame())
        passed = self._passed()
        deadline = time.monotonic() + 0.05
        answered: set[int] = set()
        while time.monotonic() < deadline:
            for end in self.sockets.values():
                answered |= _answered(_drain(end), packets)
            time.sleep(0.005)
        return passed | self._passed(), answered - passed

    def _passed(self) -> set[int]:
        found: set[int] = set()
        for family in ("ip", "ip6"):
            told = json.loads(self.run("nft", "-j", "list", "set", family, "seen", "ids").stdout)
            for entry in told["nftables"]:
                for element in entry.get("set", {}).get("elem", ()):
                    value = (
                        element.get("elem", {}).get("val", element) if isinstance(element, dict) else element
                    )
                    value = value["concat"][-1] if isinstance(value, dict) and "concat" in value else value
                    found.add(int(value))
        return found


def _drain(end: socket.socket) -> list[bytes]:
    frames = []
    with contextlib.suppress(BlockingIOError):
        while True:
            frame, address = end.recvfrom(2048)
            if address[2] != 4:  # PACKET_OUTGOING
                frames.append(frame)
    return frames


def _answered(frames: list[bytes], packets: Sequence[Packet]) -> set[int]:
    """Numbers of packets that a reset or an error was sent for."""
    flows = {(p.source_port, p.port): p.number for p in packets if p.protocol == TCP}
    found: set[int] = set()
    for frame in frames:
        kind, body = struct.unpack("!H", frame[12:14])[0], frame[14:]
        if kind == 0x0800:
            protocol, load = body[9], body[(body[0] & 15) * 4 :]
            if protocol == ICMP and load[0] == 3:
                found.add(struct.unpack("!H", load[12:14])[0])
        elif kind == 0x86DD:
            protocol, load = body[6], body[40:]
            if protocol == ICMP6 and load[0] == 1:
                found.add(struct.unpack("!I", load[8:12])[0] & 0xFFFFF)
        else:
            continue
        if protocol == TCP and load[13] & 4:
            there, here = struct.unpack("!HH", load[:4])
            if (here, there) in flows:
                found.add(flows[here, there])
    return found


def _inside(name: str, cable: str) -> socket.socket:
    """A raw socket on an interface of another namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if libc.setns(there, 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.bind((cable, 0))
        end.setblocking(False)
        return end
    finally:
        libc.setns(home, 0x40000000)
        os.close(home)
        os.close(there)


def _ip(*argv: str) -> None:
    subprocess.run((IP, *argv), check=True, capture_output=True)


def _cable(host: str, peer: str, name: str, nth: int) -> None:
    _ip("link", "add", name, "netns", host, "type", "veth", "peer", "name", name, "netns", peer)
    for space, mac in ((host, GATE_MAC), (peer, OUR_MAC)):
        _ip("-n", space, "link", "set", name, "address", mac, "up")
    _ip("-n", host, "addr", "add", f"10.255.{nth}.1/24", "dev", name)
    _ip("-n", host, "addr", "add", f"fd00:255:{nth}::1/64", "dev", name, "nodad")
    for gate in (f"10.255.{nth}.2", f"fd00:255:{nth}::2"):
        _ip("-n", host, "neigh", "replace", gate, "lladdr", OUR_MAC, "dev", name, "nud", "permanent")


SETTINGS = (
    "net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0 "
    "net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.in0.rp_filter=0 net.ipv4.conf.in1.rp_filter=0 "
    "net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=1000000 "
    "net.ipv4.icmp_msgs_burst=1000000"
)


@contextlib.contextmanager
def host() -> Iterator[Host]:
    """Raise the two namespaces, or skip with the reason."""
    if os.geteuid() or not shutil.which("nft") or not Path(IP).exists():
        pytest.skip("needs root, ip and nft")
    mark = secrets.token_hex(3)
    inner, outer = f"pks{mark}h", f"pks{mark}o"
    try:
        made = subprocess.run((IP, "netns", "add", inner), capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"no network namespaces: {made.stderr.strip()}")
        _ip("netns", "add", outer)
        _ip("-n", inner, "link", "set", "lo", "up")
        for nth, cable in enumerate((*CABLES, OUT)):
            _cable(inner, outer, cable, nth)
        for address in LOCAL:
            _ip(
                "-n", inner, "addr", "add", f"{address}/{128 if ':' in address else 32}", "dev", "lo", "nodad"
            )
        _ip("-n", inner, "route", "add", "default", "via", "10.255.0.2", "dev", CABLES[0])
        _ip("-n", inner, "-6", "route", "add", "default", "via", "fd00:255:0::2", "dev", CABLES[0])
        _ip("-n", inner, "route", "add", "172.16.0.0/16", "via", "10.255.2.2", "dev", OUT)
        _ip("-n", inner, "-6", "route", "add", "fd00:16::/32", "via", "fd00:255:2::2", "dev", OUT)
        found = Host(inner, {cable: _inside(outer, cable) for cable in CABLES})
        for setting in SETTINGS.split():
            found.run("sysctl", "-q", "-w", setting, check=False)
        yield found
        for end in found.sockets.values():
            end.close()
    finally:
        for name in (inner, outer):
            subprocess.run((IP, "netns", "del", name), check=False, capture_output=True)

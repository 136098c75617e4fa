"""Servers that do what no server should; run in the target's namespace: ``enemies.py ADDRESS``.

Every behaviour listens on one TCP port a probe (``port_of``), so that a sniffer can tell the probes apart by
their port; two behaviours answer datagrams. Prints ``ready`` and serves until standard input ends.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = 20_000
PROBES = ("banner", "tls", "ssh", "openvpn-tcp")
GIGABYTE = 1 << 30
UDP_PORTS = (500, 4500, 1194, 161)


def silent(peer: socket.socket) -> None:
    peer.settimeout(20)
    while peer.recv(4096):
        pass


def drip(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"2")
        time.sleep(0.03)


def flood(peer: socket.socket) -> None:
    block = bytes(1 << 20)
    for _ in range(GIGABYTE // len(block)):
        peer.sendall(block)


def flood_of_crumbs(peer: socket.socket) -> None:
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(200_000):
        peer.sendall(b"\x16")


def garbage(peer: socket.socket) -> None:
    peer.sendall(os.urandom(300))


def closes(peer: socket.socket) -> None:
    peer.recv(1)


def resets(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def mid_record(peer: socket.socket) -> None:
    peer.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(90))


def huge_record(peer: socket.socket) -> None:
    peer.sendall(b"\x16\x03\x03\xff\xff\x02\xff\xff\xff" + bytes(1 << 20))


def renegotiates(peer: socket.socket) -> None:
    """Hello requests and warnings for ever."""
    for _ in range(100_000):
        peer.sendall(b"\x15\x03\x03\x00\x02\x01\x00\x16\x03\x03\x00\x04\x00\x00\x00\x00")
        time.sleep(0.01)


def half_ssh(peer: socket.socket) -> None:
    peer.sendall(b"SSH-2.0-OpenSSH_9.9\r\n\x00\x00\x80\x00\x06\x14" + bytes(16))
    drip(peer)


def endless_ssh_greeting(peer: socket.socket) -> None:
    for _ in range(100_000):
        peer.sendall(b"welcome to the machine\r\n" * 40)


def forges(peer: socket.socket) -> None:
    """What our own records look like, and what a page or a terminal would act on."""
    peer.sendall(b'\n{"t": 0.0, "end": "done"}\n{"done": true}\n{"gap": {}}\n')
    peer.sendall(b"\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>\xff\xfe=cmd|' /C calc'!A0\n")


BEHAVIOURS: tuple[Callable[[socket.socket], None], ...] = (
    silent,
    drip,
    flood,
    flood_of_crumbs,
    garbage,
    closes,
    resets,
    mid_record,
    huge_record,
    renegotiates,
    half_ssh,
    endless_ssh_greeting,
    forges,
)


def port_of(behaviour: str, probe: str) -> int:
    """TCP port of a behaviour that one probe talks to."""
    names = [b.__name__ for b in BEHAVIOURS]
    return FIRST + len(PROBES) * names.index(behaviour) + PROBES.index(probe)


def _serve(server: socket.socket, behave: Callable[[socket.socket], None]) -> None:
    while True:
        peer, _ = server.accept()

        def meet(peer: socket.socket = peer) -> None:
            with peer, contextlib.suppress(OSError):
                behave(peer)

        threading.Thread(target=meet, daemon=True).start()


def _answer(server: socket.socket) -> None:
    """Answer every datagram with a thousand: junk, and the question itself."""
    while True:
        said, peer = server.recvfrom(65535)
        for n in range(1000):
            with contextlib.suppress(OSError):
                server.sendto(said if n % 2 else os.urandom(n), peer)


def listen(address: str, port: int, behave: Callable[[socket.socket], None]) -> None:
    """Serve one behaviour on one port."""
    server = socket.create_server((address, port), backlog=64)
    threading.Thread(target=_serve, args=(server, behave), daemon=True).start()


def main(address: str, single: str = "") -> None:
    """Serve everything (or, on given ports, named behaviours: ``silent=901,drip=902``) until stdin ends."""
    named = {b.__name__: b for b in BEHAVIOURS}
    if single:
        for pair in single.split(","):
            name, _, number = pair.partition("=")
            listen(address, int(number), named[name])
    else:
        for name, behave in named.items():
            for probe in PROBES:
                listen(address, port_of(name, probe), behave)
        for port in UDP_PORTS:
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            server.bind((address, port))
            threading.Thread(target=_answer, args=(server,), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Tells which packets a namespace hands out by its interfaces, from the line ``ready`` to the end of input.

Run it inside the namespace. It prints one JSON object: ``lost``, packets that the kernel dropped uncounted,
and ``out``, one list ``[interface, protocol, destination, source port, port]`` for each kind of TCP question
and datagram that left.
"""

from __future__ import annotations

import ipaddress
import json
import select
import socket
import struct
import sys

EVERY_PROTOCOL = 0x0003
IPV4, IPV6 = 0x0800, 0x86DD
ROOM = 32 * 1024 * 1024
NAMES = {6: "tcp", 17: "udp"}
SYN, ACK = 0x02, 0x10

Out = tuple[str, str, str, int, int]


def question(ethertype: int, packet: bytes) -> tuple[str, str, int, int] | None:
    """Protocol, destination and ports of what begins a connection."""
    if ethertype == IPV4 and len(packet) >= 24:
        number, there, rest = packet[9], packet[16:20], packet[(packet[0] & 15) * 4 :]
        if int.from_bytes(packet[6:8], "big") & 0x1FFF:
            return None
    elif ethertype == IPV6 and len(packet) >= 48:
        number, there, rest = packet[6], packet[24:40], packet[40:]
    else:
        return None
    if number not in NAMES or len(rest) < 8:
        return None
    if number == 6 and (len(rest) < 20 or rest[13] & (SYN | ACK) != SYN):
        return None
    source_port, port = struct.unpack("!HH", rest[:4])
    return NAMES[number], str(ipaddress.ip_address(there)), source_port, port


def main() -> None:
    """Watch until standard input ends, then what is still queued."""
    out: set[Out] = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(EVERY_PROTOCOL)) as ear:
        ear.setsockopt(socket.SOL_SOCKET, 33, ROOM)  # SO_RCVBUFFORCE, which Python does not name
        ear.setblocking(False)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        listening = True
        while True:
            wanted = [ear, sys.stdin] if listening else [ear]
            ready, _, _ = select.select(wanted, [], [], None if listening else 0)
            if ear in ready:
                packet, where = ear.recvfrom(65535)
                if where[2] == socket.PACKET_OUTGOING:
                    told = question(where[1], packet)
                    if told is not None:
                        out.add((where[0], *told))
            elif sys.stdin in ready:
                listening = False
            else:
                break
        _, lost = struct.unpack("II", ear.getsockopt(263, 6, 8))  # SOL_PACKET, PACKET_STATISTICS
    sys.stdout.write(json.dumps({"lost": lost, "out": sorted(out)}) + "\n")


if __name__ == "__main__":
    main()

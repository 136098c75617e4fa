"""Counts what leaves a namespace: ``sniffer.py ADDRESS...``, from ``ready`` to the end of standard input.

Prints one JSON object: ``lost`` (packets that the kernel could not hand over) and ``to``, which holds for
every address ``packets`` in all, ``connections`` (TCP handshakes that were completed), and both by
destination, such as ``tcp/443``, ``udp/500``, ``icmp`` or ``ip/47``. Nothing but IP is counted.
"""

from __future__ import annotations

import ipaddress
import json
import select
import socket
import struct
import sys
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

IPV4, IPV6 = 0x0800, 0x86DD
ROOM = 64 * 1024 * 1024
OUTGOING = 4
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
SOL_PACKET, PACKET_STATISTICS = 263, 6  # linux/if_packet.h; Python names neither
SYN, ACK, RST = 2, 16, 4


class Count:
    """What one address was sent so far."""

    def __init__(self) -> None:
        self._asked: set[tuple[int, int]] = set()
        self._made: set[tuple[int, int]] = set()
        self.packets: Counter[str] = Counter()

    def take(self, kind: int, body: bytes) -> None:
        """Count one packet: its protocol, and what follows the IP header."""
        if kind not in {TCP, UDP}:
            self.packets["icmp" if kind == ICMP else f"ip/{kind}"] += 1
            return
        here, there = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
        self.packets[f"{'tcp' if kind == TCP else 'udp'}/{there}"] += 1
        if kind == TCP and body[13] & SYN:
            self._asked.add((here, there))
        elif kind == TCP and body[13] & ACK and not body[13] & RST and (here, there) in self._asked:
            self._made.add((here, there))

    def told(self) -> dict[str, object]:
        """The sums."""
        connections = Counter(f"tcp/{there}" for _, there in self._made)
        return {
            "packets": sum(self.packets.values()),
            "connections": len(self._made),
            "packets_to": dict(self.packets),
            "connections_to": dict(connections),
        }


def sort(counts: Mapping[bytes, Count], protocol: int, packet: bytes) -> None:
    """Give a packet that leaves to the count of its destination; neighbour discovery belongs to the link."""
    if protocol == IPV4 and packet[16:20] in counts:
        counts[packet[16:20]].take(packet[9], packet[(packet[0] & 15) * 4 :])
    elif protocol == IPV6 and packet[24:40] in counts and packet[6] != ICMPV6:
        counts[packet[24:40]].take(packet[6], packet[40:])


def main(*addresses: str) -> None:
    """Count until standard input ends, then what is still queued."""
    counts = {ipaddress.ip_address(address).packed: Count() for address in addresses}
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003)) as ear:
        ear.setsockopt(socket.SOL_SOCKET, 33, ROOM)  # SO_RCVBUFFORCE, which Python does not name
        ear.setblocking(False)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        listening = True
        while True:
            waiting = [ear, sys.stdin] if listening else [ear]
            ready, _, _ = select.select(waiting, [], [], None if listening else 0)
            if ear in ready:
                packet, where = ear.recvfrom(128)
                if where[2] == OUTGOING:
                    sort(counts, where[1], packet)
            elif sys.stdin in ready:
                listening = False
            else:
                break
        _, lost = struct.unpack("II", ear.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    told = {address: counts[ipaddress.ip_address(address).packed].told() for address in addresses}
    sys.stdout.write(json.dumps({"lost": lost, "to": told}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Counts what leaves a namespace for one address: ``sniffer.py ADDRESS``, from ``ready`` to the end of stdin.

Prints one JSON object: ``packets`` in all, ``connections`` (TCP handshakes that were completed), and both by
destination, such as ``tcp/443``, ``udp/500``, ``icmp`` or ``ip/47``. Nothing but IP is counted.
"""

from __future__ import annotations

import ipaddress
import json
import select
import socket
import sys
from collections import Counter

IPV4, IPV6 = 0x0800, 0x86DD
ROOM = 64 * 1024 * 1024
OUTGOING = 4
TCP, UDP, ICMP = 6, 17, 1
SYN, ACK, RST = 2, 16, 4


class Count:
    """What was seen so far."""

    def __init__(self, target: bytes) -> None:
        self._target = target
        self._asked: set[tuple[int, int]] = set()
        self._made: set[tuple[int, int]] = set()
        self.packets: Counter[str] = Counter()

    def packet(self, protocol: int, packet: bytes) -> None:
        """Look at one packet that leaves."""
        if protocol == IPV4 and packet[16:20] == self._target:
            self._take(packet[9], packet[(packet[0] & 15) * 4 :])
        elif protocol == IPV6 and packet[24:40] == self._target and packet[6] != 58:
            self._take(packet[6], packet[40:])

    def _take(self, kind: int, body: bytes) -> None:
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


def main(address: str) -> None:
    """Count until standard input ends, then what is still queued."""
    count = Count(ipaddress.ip_address(address).packed)
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
                    count.packet(where[1], packet)
            elif sys.stdin in ready:
                listening = False
            else:
                break
    sys.stdout.write(json.dumps(count.told()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])

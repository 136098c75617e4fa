"""Counts the packets of one host's namespace, from the line ``ready`` to the end of standard input.

Run it inside the namespace: ``packet_counter.py ADDRESS...``. It listens on every interface, the loopback
included, and prints one JSON object: ``ip`` packets from or to a loopback address or one of the host's own,
and ``arp`` questions that the host itself asks (a connection that begins by looking for its peer).
"""

from __future__ import annotations

import ipaddress
import json
import select
import socket
import sys

EVERY_PROTOCOL = 0x0003
IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
ROOM = 16 * 1024 * 1024  # bytes of the socket's queue: a whole scan fits, nothing is lost uncounted
ARP_REQUEST = 1


def parties(protocol: int, packet: bytes) -> tuple[bytes, ...]:
    """Addresses that an IP packet or an ARP question is from and to; none of anything else."""
    if protocol == IPV4:
        return packet[12:16], packet[16:20]
    if protocol == IPV6:
        return packet[8:24], packet[24:40]
    if protocol == ARP and int.from_bytes(packet[6:8], "big") == ARP_REQUEST:
        return (packet[14:18],)
    return ()


def concerns(addresses: tuple[bytes, ...], own: frozenset[bytes]) -> bool:
    """Whether one of the parties is this host."""
    return any(a in own or ipaddress.ip_address(a).is_loopback for a in addresses)


def main(own: frozenset[bytes]) -> None:
    """Count until standard input ends, then what is still queued."""
    counted = {"ip": 0, "arp": 0}
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(EVERY_PROTOCOL)) as ear:
        ear.setsockopt(socket.SOL_SOCKET, 33, ROOM)  # SO_RCVBUFFORCE, which Python does not name
        ear.setblocking(False)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        listening = True
        while True:
            ready, _, _ = select.select(
                [ear, sys.stdin] if listening else [ear], [], [], None if listening else 0
            )
            if ear in ready:
                packet, where = ear.recvfrom(65535)
                if concerns(parties(where[1], packet), own):
                    counted["arp" if where[1] == ARP else "ip"] += 1
            elif sys.stdin in ready:
                listening = False
            else:
                break
    sys.stdout.write(json.dumps(counted) + "\n")


if __name__ == "__main__":
    main(frozenset(ipaddress.ip_address(a).packed for a in sys.argv[1:]))

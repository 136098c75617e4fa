"""ICMP destination unreachable (RFC 792) as an answer to a packet of ours."""

from __future__ import annotations

from dataclasses import dataclass

PROTOCOLS = {"gre": 47, "ipip": 4, "esp": 50}
"""IP protocols of tunnels, by the label of their conversation."""

PROTOCOL_UNREACHABLE = 2
_UNREACHABLE = 3
_ICMP = 1


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Who said that what could not be delivered, as numbers of four bytes, protocol and code."""

    said_by: bytes
    code: int
    protocol: int
    destination: bytes


def read_unreachable(packet: bytes) -> Unreachable | None:
    """Understand an IPv4 packet; None: no destination unreachable."""
    header = _header(packet)
    if header is None or packet[9] != _ICMP:
        return None
    message = packet[header:]
    quoted = message[8:]
    if len(message) < 8 or message[0] != _UNREACHABLE or _header(quoted) is None:
        return None
    return Unreachable(packet[12:16], message[1], quoted[9], quoted[16:20])


def _header(packet: bytes) -> int | None:
    """Length of an IPv4 header; None: there is none."""
    if len(packet) < 20 or packet[0] >> 4 != 4:
        return None
    length = (packet[0] & 0x0F) * 4
    return length if 20 <= length <= len(packet) else None

"""SNMPv3 engine discovery (RFC 3414, 4): a question without a name or secret, and the report it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTEGER, _OCTETS, _SEQUENCE, _GET, _REPORT = 0x02, 0x04, 0x30, 0xA0, 0xA8
_V3 = 3


def question(number: int) -> bytes:
    """Build the discovery message with message id ``number`` (0 to 2**31 - 1)."""
    header = _integer(number) + _integer(65507) + _tlv(_OCTETS, b"\x04") + _integer(3)
    security = b"".join((_tlv(_OCTETS, b""), _integer(0), _integer(0), *[_tlv(_OCTETS, b"")] * 3))
    request = _integer(number) + _integer(0) + _integer(0) + _tlv(_SEQUENCE, b"")
    scoped = _tlv(_OCTETS, b"") + _tlv(_OCTETS, b"") + _tlv(_GET, request)
    return _tlv(
        _SEQUENCE,
        _integer(_V3)
        + _tlv(_SEQUENCE, header)
        + _tlv(_OCTETS, _tlv(_SEQUENCE, security))
        + _tlv(_SEQUENCE, scoped),
    )


def number_of(message: bytes) -> int | None:
    """Message id of a v3 message; None: it is none."""
    parts = _sequence(message)
    if parts is None or len(parts) != 4 or parts[0] != (_INTEGER, bytes([_V3])):
        return None
    header = _children(parts[1][1]) if parts[1][0] == _SEQUENCE else None
    if not header or header[0][0] != _INTEGER or len(header[0][1]) > 4:
        return None
    return int.from_bytes(header[0][1], "big", signed=True)


def engine_of(report: bytes) -> bytes | None:
    """Engine id that a report tells; None: it is no report."""
    parts = _sequence(report)
    if parts is None or len(parts) != 4 or parts[2][0] != _OCTETS or parts[3][0] != _SEQUENCE:
        return None
    security, scoped = _sequence(parts[2][1]), _children(parts[3][1])
    if not security or not scoped or len(scoped) != 3 or scoped[2][0] != _REPORT:
        return None
    kind, engine = security[0]
    return engine if kind == _OCTETS and 5 <= len(engine) <= 32 else None


def _tlv(kind: int, body: bytes) -> bytes:
    size = len(body)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([kind]) + length + body


def _integer(number: int) -> bytes:
    return _tlv(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _sequence(data: bytes) -> Sequence[tuple[int, bytes]] | None:
    """Children of one sequence that fills ``data``."""
    whole = _children(data)
    return _children(whole[0][1]) if whole and len(whole) == 1 and whole[0][0] == _SEQUENCE else None


def _children(data: bytes) -> Sequence[tuple[int, bytes]] | None:
    """Kind and body of each element; None: malformed."""
    at, found = 0, list[tuple[int, bytes]]()
    while at < len(data):
        if at + 2 > len(data):
            return None
        kind, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            width = size & 0x7F
            if not 1 <= width <= 3 or at + width > len(data):
                return None
            size = int.from_bytes(data[at : at + width], "big")
            at += width
        if at + size > len(data):
            return None
        found.append((kind, data[at : at + size]))
        at += size
    return found

"""The server's first flight of TLS (RFC 5246, RFC 8446): version, alert, certificate. Any bytes are fine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = {
    "SSLv3": 0x0300,
    "TLSv1": 0x0301,
    "TLSv1.1": 0x0302,
    "TLSv1.2": 0x0303,
    "TLSv1.3": 0x0304,
}
"""Versions by the name that OpenSSL and web servers give them, oldest first."""

NAMES = {number: name for name, number in VERSIONS.items()}

ALERTS = {
    0: "close_notify",
    40: "handshake_failure",
    47: "illegal_parameter",
    50: "decode_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    112: "unrecognized_name",
}
"""Alerts that a first flight brings (RFC 5246, 7.2)."""

PROTOCOL_VERSION = 70

_ALERT, _HANDSHAKE = 21, 22
_SERVER_HELLO, _CERTIFICATE, _HELLO_DONE = 2, 11, 14
_SUPPORTED_VERSIONS = 43
_MOST = (1 << 14) + 2048
"""Longest record that RFC 5246 allows."""


@dataclass(frozen=True, slots=True)
class Flight:
    """What a server's first bytes say.

    ``tls``: whether they are TLS at all. ``version``: the number that the server chose; None where it said
    no (whole) server hello. ``alert``: description of a fatal alert. ``certificate``: DER of its first
    certificate, where that was in clear. ``settled``: nothing more can follow that matters here.
    """

    tls: bool
    version: int | None = None
    alert: int | None = None
    certificate: bytes | None = None
    settled: bool = False

    @property
    def words(self) -> str:
        """What the server said, for people; "" where it said nothing that we know."""
        if self.version is not None:
            return f"server hello {NAMES.get(self.version, hex(self.version))}"
        return "" if self.alert is None else f"alert {ALERTS.get(self.alert, self.alert)}"


def read_flight(data: bytes) -> Flight:
    """Understand as much as there is."""
    messages = bytearray()
    tls, alert, strange = False, None, False
    for kind, body in _records(data):
        if kind == _ALERT and len(body) == 2 and body[0] in {1, 2}:
            tls = True
            if body[0] == 2:
                alert = body[1]
                break
        elif kind == _HANDSHAKE and (messages or body[:1] == bytes([_SERVER_HELLO])):
            tls = True
            messages += body
        else:
            strange = True  # encrypted from here on, or no TLS at all
            break
    version: int | None = None
    certificate: bytes | None = None
    settled = alert is not None or strange
    for kind, body in _messages(bytes(messages)):
        if kind == _SERVER_HELLO and version is None:
            version = _version(body)
        elif kind == _CERTIFICATE and certificate is None:
            certificate = _first_certificate(body)
            settled = True
        elif kind == _HELLO_DONE:
            settled = True
    if version is not None and version > VERSIONS["TLSv1.2"]:
        settled = True  # its certificate is encrypted
    return Flight(tls, version, alert, certificate, settled)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Whole records; an impossible one ends them as kind 0."""
    at = 0
    while at + 5 <= len(data):
        kind, major, length = data[at], data[at + 1], int.from_bytes(data[at + 3 : at + 5], "big")
        if kind not in {20, 21, 22, 23} or major != 3 or length > _MOST:
            yield 0, b""
            return
        if at + 5 + length > len(data):
            return
        yield kind, data[at + 5 : at + 5 + length]
        at += 5 + length
    if at < len(data) and data[at] not in {20, 21, 22, 23}:
        yield 0, b""


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        length = int.from_bytes(data[at + 1 : at + 4], "big")
        if at + 4 + length > len(data):
            return
        yield data[at], data[at + 4 : at + 4 + length]
        at += 4 + length


def _version(hello: bytes) -> int | None:
    """Chosen version: the extension's (TLS 1.3, and its request to try again), else the legacy field."""
    if len(hello) < 38:
        return None
    legacy = int.from_bytes(hello[:2], "big")
    at = 35 + hello[34] + 3  # version, random, session id; cipher suite and compression
    if len(hello) < at or legacy not in NAMES:
        return None
    end = at + 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 2
    while at + 4 <= min(end, len(hello)):
        kind, length = (
            int.from_bytes(hello[at : at + 2], "big"),
            int.from_bytes(hello[at + 2 : at + 4], "big"),
        )
        if kind == _SUPPORTED_VERSIONS and length == 2:
            return int.from_bytes(hello[at + 4 : at + 6], "big")
        at += 4 + length
    return legacy


def _first_certificate(body: bytes) -> bytes | None:
    if len(body) < 6:
        return None
    length = int.from_bytes(body[3:6], "big")
    return body[6 : 6 + length] if length and len(body) >= 6 + length else None

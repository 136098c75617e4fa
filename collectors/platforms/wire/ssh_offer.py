"""What an SSH server says before any key exchange: identification and offer (RFC 4253, 4.2 and 7.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_IDENTIFICATION = re.compile(rb"(?:\A|\n)SSH-([0-9]\.[0-9]{1,2})-([!-~ ]{0,240}?)\r?\n")
_KEXINIT = 20
_MOST = 35_000
"""Longest packet that every implementation has to take."""

_LISTS = 10
_NAME = re.compile(r"[!-+\--~]{1,64}")


@dataclass(frozen=True, slots=True)
class Offer:
    """Protocol, software, and the ten name lists in the order of the RFC (None: they did not come whole)."""

    protocol: str
    software: str
    lists: tuple[tuple[str, ...], ...] | None


def read_offer(data: bytes) -> Offer | None:
    """Understand as much as there is; None: no identification."""
    found = _IDENTIFICATION.search(data[:16_384])
    if found is None:
        return None
    return Offer(found[1].decode(), found[2].decode(), _name_lists(data[found.end() :]))


def _name_lists(packet: bytes) -> tuple[tuple[str, ...], ...] | None:
    length = int.from_bytes(packet[:4], "big")
    if len(packet) < 6 or not 1 < length <= _MOST or len(packet) < 4 + length:
        return None
    padding = packet[4]
    payload = packet[5 : 4 + length - padding]
    if payload[:1] != bytes([_KEXINIT]):
        return None
    at, lists = 17, []  # message number and cookie
    for _ in range(_LISTS):
        size = int.from_bytes(payload[at : at + 4], "big")
        raw = payload[at + 4 : at + 4 + size]
        if len(payload) < at + 4 or len(raw) < size:
            return None
        names = raw.decode("ascii", "replace").split(",") if raw else []
        if not all(_NAME.fullmatch(name) for name in names):
            return None
        lists.append(tuple(names))
        at += 4 + size
    return tuple(lists)

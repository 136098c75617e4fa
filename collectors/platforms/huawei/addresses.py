"""Addresses as VRP writes them: wildcards, masks, lengths, ranges, of both families."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6_SPANS, on_axis, united

if TYPE_CHECKING:
    from scanner.facts.rules import Span, Spans

MOST_SPANS = 512
"""A wildcard with more scattered bits than give so many spans is not followed."""

ALL_BITS = (1 << 32) - 1


def address(word: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address; None where the word is none."""
    try:
        return ipaddress.ip_address(word) if "%" not in word else None
    except ValueError:
        return None


def wildcard(start: ipaddress.IPv4Address, free: int) -> Spans | None:
    """Return the addresses that equal ``start`` where ``free`` has no bit; None: too many spans."""
    fixed = int(start) & ~free & ALL_BITS
    run = 0
    while free >> run & 1:
        run += 1
    scattered = [bit for bit in range(run, 32) if free >> bit & 1]
    if 1 << len(scattered) > MOST_SPANS:
        return None
    low = [fixed]
    for bit in scattered:
        low += [one | 1 << bit for one in low]
    return united([(one, one + (1 << run) - 1) for one in low])


def taken_after_wildcard(words: list[str]) -> tuple[Spans | None, int]:
    """Read ``any``, ``A W``, ``A 0``, ``A6/L``, ``A6 L`` at the start; return also how many words it took."""
    if not words:
        return None, 0
    if words[0] == "any":
        return (V4_SPANS[0], V6_SPANS[0]), 1
    first, slash, length = words[0].partition("/")
    one = address(first)
    if one is None:
        return None, 1
    if one.version == 6:
        told = length if slash else (words[1] if len(words) > 1 and words[1].isdecimal() else "")
        return _prefix(one, told), 1 if slash else 2
    free = words[1] if len(words) > 1 else ""
    mask = address(free)
    if free == "0":
        return wildcard(one, 0), 2
    if isinstance(mask, ipaddress.IPv4Address) and not slash:
        return wildcard(one, int(mask)), 2
    return None, 1


def taken_after_mask(words: list[str]) -> tuple[Spans | None, int]:
    """Read what objects and policies hold at the start of words; return also how many words it took.

    ``any``, ``range A B``, ``A mask M``, ``A mask L``, ``A L``, ``A 0`` (one host), ``A W`` (a wildcard),
    ``A6/L``, ``A6 L``. A mask that stands where a wildcard does is ambiguous and not read.
    """
    if words[:1] == ["any"]:
        return (V4_SPANS[0], V6_SPANS[0]), 1
    if words[:1] == ["range"]:
        return _range(words[1:3]), 3
    first, slash, length = words[0].partition("/") if words else ("", "", "")
    one = address(first)
    if one is None or (not slash and len(words) < 2):
        return None, 1
    if slash:
        return _prefix(one, length), 1
    if words[1] == "mask":
        return _masked(one, words[2] if len(words) > 2 else ""), 3
    return _measured(one, words[1]), 2


def _measured(one: ipaddress.IPv4Address | ipaddress.IPv6Address, word: str) -> Spans | None:
    if word == "0":
        # A wildcard of no bits; as a length it would be everybody, which people write as any.
        return None if int(one) == 0 else ((on_axis(one), on_axis(one)),)
    if word.isdecimal():
        return _prefix(one, word)
    free = address(word)
    if not isinstance(free, ipaddress.IPv4Address) or one.version == 6 or int(free) >> 31:
        return None
    return wildcard(ipaddress.IPv4Address(int(one)), int(free))


def _masked(one: ipaddress.IPv4Address | ipaddress.IPv6Address, word: str) -> Spans | None:
    if word.isdecimal() or one.version == 6:
        return _prefix(one, word)
    mask = address(word)
    if not isinstance(mask, ipaddress.IPv4Address):
        return None
    return wildcard(ipaddress.IPv4Address(int(one)), ~int(mask) & ALL_BITS)


def _prefix(one: ipaddress.IPv4Address | ipaddress.IPv6Address, length: str) -> Spans | None:
    try:
        network = ipaddress.ip_network(f"{one}/{int(length)}", strict=False)
    except ValueError:
        return None
    return ((on_axis(network.network_address), on_axis(network.broadcast_address)),)


def _range(words: list[str]) -> Spans | None:
    ends = [address(word) for word in words]
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0].version != ends[1].version:
        return None
    span: Span = (on_axis(ends[0]), on_axis(ends[1]))
    return (span,) if span[0] <= span[1] else None

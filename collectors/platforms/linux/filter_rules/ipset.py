"""Sets of ``ipset save``, as what their elements ask of a packet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from scanner.facts.rules import Field, Side, Through, UnreadLine, Within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts.rules import Condition

MOST_ELEMENTS = 20_000

_PLAIN = re.compile(
    r"(?:(?:family inet6?|range \S+|(?:hashsize|maxelem|bucketsize|initval) \w+|counters|comment|skbinfo)"
    r"(?: |$))*"
)
"""Options of a set that change nothing about what matches."""

_SPECIAL = frozenset(["nomatch", "wildcard"])


@dataclass(slots=True)
class IpSet:
    """One set: what its parts are (``net``, ``port`` ...), and its elements, each a part per part.

    ``known``: every element was understood, stands for itself, and stays. ``nomatch`` elements are
    exceptions, masks make one address stand for many, and what has a time goes: such sets are not known.
    """

    parts: tuple[str, ...]
    elements: list[tuple[str, ...]]
    known: bool = True


Sets = dict[str, IpSet]


def read_ipsets(lines: list[str]) -> tuple[Sets, tuple[UnreadLine, ...]]:
    """Read the output of ``ipset save``."""
    found: Sets = {}
    unread: list[UnreadLine] = []
    for at, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "create" and len(words) >= 3 and ":" in words[2]:
            parts = tuple(words[2].partition(":")[2].split(","))
            odd = words[2] == "list:set" or not _PLAIN.fullmatch(" ".join(words[3:]))
            found[words[1]] = IpSet(parts, [], known=not odd)
        elif words[0] == "add" and len(words) >= 3 and words[1] in found:
            one = found[words[1]]
            one.elements.append(tuple(words[2].split(",")))
            one.known = one.known and not _SPECIAL & set(words) and len(one.elements) <= MOST_ELEMENTS
        else:
            unread.append(UnreadLine(at, line))
    return found, tuple(unread)


def matched(
    sets: Mapping[str, IpSet], name: str, directions: str
) -> tuple[tuple[Condition, ...], ...] | None:
    """Return what a packet must be to be in the set: one option an element; None where that is not known."""
    one = sets.get(name)
    sides = directions.split(",")
    if one is None or not one.known or len(sides) > len(one.parts):
        return None
    # A test for fewer dimensions than the set has never matches.
    if len(sides) < len(one.parts):
        return ()
    options: list[tuple[Condition, ...]] = []
    for element in one.elements:
        option = _element(one.parts, element, sides)
        if option is None:
            return None
        options.append(option)
    return _joined(options)


def _joined(options: list[tuple[Condition, ...]]) -> tuple[tuple[Condition, ...], ...]:
    """Put elements that differ in one field alone into one option: a set of addresses is one condition."""
    from scanner.facts.rules import united

    alone: dict[Field, list[tuple[int, int]]] = {}
    rest: list[tuple[Condition, ...]] = []
    for option in options:
        if len(option) == 1 and isinstance(option[0], Within):
            alone.setdefault(option[0].field, []).extend(option[0].spans)
        else:
            rest.append(option)
    return (*((Within(field, united(spans)),) for field, spans in alone.items()), *rest)


def _element(
    parts: tuple[str, ...], element: tuple[str, ...], sides: list[str]
) -> tuple[Condition, ...] | None:
    if len(element) != len(parts):
        return None
    conditions: list[Condition] = []
    for part, value, side in zip(parts, element, sides, strict=True):
        told = _part(part, value, source=side == "src")
        if told is None or side not in {"src", "dst"}:
            return None
        conditions += told
    return tuple(conditions)


def _part(part: str, value: str, *, source: bool) -> list[Condition] | None:
    if part in {"ip", "net"}:
        span = numbers.address_span(value)
        return None if span is None else [Within(Field.SOURCE if source else Field.DESTINATION, (span,))]
    if part == "port":
        protocol, colon, ports = value.rpartition(":")
        kind = numbers.protocol(protocol if colon else "tcp")
        span = numbers.ports(ports, "-")
        if kind not in {6, 17, 132, 136} or span is None:
            return None
        field = Field.SOURCE_PORT if source else Field.PORT
        kinds = ((kind, kind),) if colon else ((6, 6), (17, 17))  # a bitmap of ports names no protocol
        return [Within(Field.PROTOCOL, kinds), Within(field, (span,))]
    if part == "iface" and re.fullmatch(r"[\w.@-]{1,15}", value):
        return [Through(Side.IN if source else Side.OUT, (value,))]
    return None

"""Ports that rules of address translation send to containers, pods and guests, and who gets there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.derive.way import SPANS, is_anywhere
from scanner.facts import Family, Published, Sources
from scanner.facts.rules import Action, Field, Kind, Stage, from_axis
from scanner.packetspace.cube import CAME, DESTINATION, PORT, SOURCE, TooMany
from scanner.packetspace.entries import Guard, entries
from scanner.packetspace.reach import TCP, UDP, Question
from scanner.packetspace.spans import common

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.derive.way import Passage, Way
    from scanner.facts.rules import Spans, Translation
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.entries import Entry

MOST = 256
"""Publications that are told."""

_PROTOCOLS = {"tcp": TCP, "udp": UDP}


def published(way: Way, own: Spans = ()) -> Iterator[Published]:
    """Find what is published, at most once a port, family and protocol.

    ``own``: addresses of the host that others reach it at: what is published at one of them alone counts as
    well. Other addresses are a cluster's or another host's.
    """
    told: set[tuple[str, int, int, Family]] = set()
    for family in SPANS:
        for protocol in _PROTOCOLS:
            for entry, cube, target in _translated(way, family, protocol, own):
                for low, high in cube.fields[PORT]:
                    key = (protocol, low, high, family)
                    if key not in told and len(told) < MOST:
                        told.add(key)
                        yield _published(way, (entry, cube, target), key)


def _translated(
    way: Way, family: Family, protocol: str, own: Spans
) -> Iterator[tuple[Entry, Cube, Translation]]:
    """Entries that send packets for the host itself elsewhere, by the rules in front of routing."""
    asked = Question(_PROTOCOLS[protocol]).cubes(way.interfaces, [SPANS[family]])
    for table in way.loaded.file.tables:
        for base in table.bases:
            if base.kind is not Kind.NAT or base.stage is not Stage.PREROUTING:
                continue
            try:
                told = entries(table, base, way.meaning(Stage.INPUT), Guard(asked, asked))
            except TooMany:
                continue
            for entry in told:
                target = entry.rule.translation
                if entry.action is not Action.TRANSLATE or target is None or not _elsewhere(target, family):
                    continue
                for cube in entry.may:
                    there = cube.fields[DESTINATION]
                    if is_anywhere(there) or common(own, there):
                        yield entry, cube, target


def _elsewhere(target: Translation, family: Family) -> bool:
    """Whether it is another's address: what goes to another port of the host meets its own filter there."""
    if target.own or target.side is not Field.DESTINATION or not target.addresses:
        return False
    place = target.addresses[0][0]
    return not from_axis(place).is_loopback and SPANS[family][0][0] <= place <= SPANS[family][0][1]


def _published(
    way: Way, found: tuple[Entry, Cube, Translation], key: tuple[str, int, int, Family]
) -> Published:
    entry, cube, target = found
    protocol, low, high, family = key
    rule = entry.rule
    address = str(from_axis(target.addresses[0][0]))
    inner = target.ports[0][0] if target.ports else low
    by = next((m.program for m in way.loaded.makers if (m.line, m.text) == (rule.line, rule.text)), "")
    who, came = cube.fields[SOURCE], cube.masks[CAME]
    passed = way.ask(protocol, family, inner, Stage.FORWARD, to=address, of=who, came=came)
    own = way.ask(protocol, family, low, alone=True)
    sources = passed.sources
    if sources is Sources.ANYWHERE and not (entry.sure or by):
        sources = Sources.UNKNOWN
    return Published(
        protocol=protocol,
        port=low,
        last=high,
        family=family,
        to=f"[{address}]:{inner}" if ":" in address else f"{address}:{inner}",
        by=by,
        sources=sources,
        around=_around(own),
        at=tuple(dict.fromkeys((way.loaded.cite(rule.line, rule.text), *passed.at, *own.at))),
    )


def _around(own: Passage) -> bool | None:
    """Whether strangers would be denied if the port were the host's own."""
    if own.sources is Sources.UNKNOWN:
        return None
    return own.sources in {Sources.NOBODY, Sources.NAMED}

"""Rules that let too much through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6, V6_SPANS, Action, Kind, Stage
from scanner.model.text import Text
from scanner.packetspace import cube as space
from scanner.packetspace.cube import CAME, PORT, PROTOCOL, SOURCE, SOURCE_PORT, STATE, fielded, masked
from scanner.packetspace.entries import entrance
from scanner.packetspace.finding import FilterFinding, Trouble, packet_of
from scanner.packetspace.first import NEW, outer
from scanner.packetspace.ground import Ground
from scanner.packetspace.listed import Budget, GaveUp
from scanner.packetspace.spans import holds, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import RuleFile, Spans
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.listed import Listed
    from scanner.packetspace.matching import Meaning
    from scanner.packetspace.useless import Lists

TCP, UDP = 6, 17
FACING = frozenset([Stage.INPUT, Stage.FORWARD, Stage.PREROUTING, Stage.INBOUND, Stage.OUTBOUND])
"""Stages at which packets come from elsewhere."""

SENSITIVE = frozenset(
    [20, 21, 22, 23, 69, 111, 135, 137, 138, 139, 161, 389, 445, 512, 513, 514, 873, 1433, 1521, 2049, 2375,
     3306, 3389, 5432, 5900, 5985, 5986, 6379, 9200, 11211, 27017]
)  # fmt: skip
"""Ports of management, of shared files and of databases: not for everybody. Ours, no official list."""

_ANY_ANY = Text(
    zh="任意来源到任意目的的任何新连接都放行", en="accepts every new connection from anywhere to anywhere"
)
_ZONE_TO_ZONE = Text(
    zh="从 {came} 到 {goes}，任意来源到任意目的的任何新连接都放行",
    en="accepts every new connection from anywhere in {came} to anywhere in {goes}",
)
_OVER_WIDE = Text(zh="放行过宽：{sources} 可访问全部端口", en="too wide: all ports are open to {sources}")
_SOURCE_PORT = Text(
    zh="仅凭源端口放行：任何人自选源端口 {port} 即可访问全部端口",
    en="trusts a source port: whoever sends from port {port} reaches all ports",
)
_EXPOSED = Text(
    zh="管理或高危端口 {ports} 对任意来源开放", en="management or high-risk ports open to everybody: {ports}"
)


def wide_rules(file: RuleFile, meaning: Meaning, lists: Lists) -> Iterator[FilterFinding]:
    """Find accepting rules that are too wide and decide for some packet."""
    budget = Budget.of(len(lists.places))
    for table, base, listed in lists.by_base:
        if base.stage not in FACING or base.kind is not Kind.FILTER:
            continue
        ground = Ground.of(file, entrance(table, base, meaning), base.stage, meaning)
        told: set[int] = set()
        for at, entry in enumerate(listed.entries):
            rule = entry.rule
            if entry.action is not Action.ACCEPT or rule.unread or rule.implied or rule.line in told:
                continue
            for cube in entry.may:
                finding = _wide(cube, (listed, at), ground, meaning, budget)
                if finding is not None:
                    told.add(rule.line)
                    yield finding
                    break


def _wide(
    cube: Cube, place: tuple[Listed, int], ground: Ground, meaning: Meaning, budget: Budget
) -> FilterFinding | None:
    if not cube.masks[STATE] & NEW or cube.others or not _from_elsewhere(cube, meaning):
        return None
    judged = _judged(cube, ground, meaning)
    if judged is None:
        return None
    kind, message = judged
    listed, at = place
    rule = listed.entries[at].rule
    packet = _undecided(masked(cube, STATE, NEW), listed, at, budget)
    if packet is None:
        return None
    return FilterFinding(kind, rule.line, rule.text, message, packet_of(packet, meaning.interfaces))


def _undecided(cube: Cube, listed: Listed, at: int, budget: Budget) -> Cube | None:
    """Return a packet with ports that no earlier rule decides, or all of them where that is not proved."""
    for protocol in (TCP, UDP):
        if not holds(cube.fields[PROTOCOL], protocol):
            continue
        packets = fielded(cube, PROTOCOL, ((protocol, protocol),))
        try:
            found = listed.escaping(packets, at, {}, budget.next())
        except GaveUp:
            return packets
        if found is not None:
            return found
    return None


def _from_elsewhere(cube: Cube, meaning: Meaning) -> bool:
    return bool(cube.masks[CAME] & outer(meaning.interfaces))


def _judged(cube: Cube, ground: Ground, meaning: Meaning) -> tuple[Trouble, Text] | None:
    everywhere = ground.covered(cube)
    zones = None if everywhere else ground.zones_of(cube)
    anybody = cube.fields[SOURCE] in (V4_SPANS, V6_SPANS)
    all_ports = cube.fields[PORT] == space.EVERY_PORT
    to_all = cube.fields[space.DESTINATION] in (V4_SPANS, V6_SPANS)
    if cube.fields[SOURCE_PORT] != space.EVERY_PORT:
        if all_ports and anybody and _with_ports(cube) and _few(cube.fields[SOURCE_PORT]):
            return Trouble.SOURCE_PORT, _SOURCE_PORT.format(port=cube.fields[SOURCE_PORT][0][0])
        return None
    if all_ports and anybody and to_all and cube.fields[PROTOCOL] == space.EVERY_PROTOCOL:
        whole = cube.masks[space.FLAGS] == space.ALL.masks[space.FLAGS]
        if everywhere:
            return (Trouble.ANY_ANY, _ANY_ANY) if whole else None
        if zones and whole:
            return Trouble.ANY_ANY, _ZONE_TO_ZONE.format(came=zones.came, goes=zones.goes)
    if all_ports and _with_ports(cube) and _broad(cube.fields[SOURCE]):
        return Trouble.OVER_WIDE, _OVER_WIDE.format(sources=_spelled(cube, meaning))
    ports = [port for port in sorted(SENSITIVE) if holds(cube.fields[PORT], port)]
    to_anybody = anybody and (everywhere or (zones is not None and zones.inward))
    if to_anybody and not all_ports and ports and _with_ports(cube):
        return Trouble.EXPOSED, _EXPOSED.format(ports=", ".join(map(str, ports)))
    return None


def _with_ports(cube: Cube) -> bool:
    return holds(cube.fields[PROTOCOL], 6) or holds(cube.fields[PROTOCOL], 17)


def _few(spans: Spans) -> bool:
    return size(spans) <= 1024


def _broad(spans: Spans) -> bool:
    """At least as many addresses as a /8 of IPv4 or a /32 of IPv6 has."""
    four = sum(high - low + 1 for low, high in spans if high < V6)
    six = sum(high - low + 1 for low, high in spans if low >= V6)
    return four >= 1 << 24 or six >= 1 << 96


def _spelled(cube: Cube, meaning: Meaning) -> str:
    sources = cube.fields[SOURCE]
    packet = packet_of(cube, meaning.interfaces)
    many = "…" if sources not in (V4_SPANS, V6_SPANS) else ""
    return f"{packet.source}{many}" if many else packet.family

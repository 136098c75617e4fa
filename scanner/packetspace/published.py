"""Services inside that address translation offers outside, where the filter lets their packets pass."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6_SPANS, Action, FilterRule, Stage
from scanner.model.text import Text
from scanner.packetspace.cube import (
    CAME,
    DESTINATION,
    EVERY_PORT,
    FLAGS,
    GOES,
    PORT,
    SOURCE,
    SOURCE_PORT,
    STATE,
    Cube,
    TooMany,
    fielded,
    masked,
)
from scanner.packetspace.decide import fate_of
from scanner.packetspace.finding import FilterFinding, Trouble, packet_of
from scanner.packetspace.first import NEW, SYN, outer
from scanner.packetspace.ground import MOST_TRUSTED
from scanner.packetspace.reach import EPHEMERAL
from scanner.packetspace.spans import common, holds
from scanner.packetspace.wide import SENSITIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import Published, RuleFile
    from scanner.packetspace.matching import Meaning

_SURE = Text(
    zh="地址转换把内部的{what}发布到外部，过滤规则也放行",
    en="translation offers {what} outside, and the filter lets it pass",
)
_PERHAPS = Text(
    zh="地址转换把内部的{what}发布到外部，过滤规则是否放行不能确定",
    en="translation offers {what} outside; whether the filter lets it pass is uncertain",
)
_PORTS = Text(zh="管理或高危端口 {ports} ", en="management or high-risk ports {ports}")
_HOST = Text(zh="整台主机的全部端口", en="all ports of a host")


def published_services(file: RuleFile, meaning: Meaning) -> Iterator[FilterFinding]:
    """Find offers of sensitive ports, or of whole hosts, that no filter surely stops."""
    for offer in () if file.cut else file.published:
        what = _offered(offer, meaning)
        if what is None:
            continue
        for asked in _asked(offer, file, meaning):
            try:
                fates = fate_of(file, Stage.FORWARD, asked, meaning)
            except TooMany:
                continue
            sure = fates[Action.ACCEPT].sure
            if passes := sure or fates[Action.ACCEPT].may or fates[Action.ANYTHING].may:
                said = _SURE if sure else _PERHAPS
                message = Text(zh=said.zh.format(what=what.zh), en=said.en.format(what=what.en))
                packet = packet_of(passes[0], meaning.interfaces)
                yield FilterFinding(Trouble.PUBLISHED, offer.line, offer.text, message, packet)
                break


def _inside(offer: Published, meaning: Meaning) -> list[Cube]:
    rule = FilterRule(offer.line, offer.text, offer.inside, Action.ACCEPT)
    return list(meaning.of(rule).cubes)


def _offered(offer: Published, meaning: Meaning) -> Text | None:
    cubes = _inside(offer, meaning)
    if any(cube.fields[PORT] == EVERY_PORT for cube in cubes):
        return _HOST
    ports = [port for port in sorted(SENSITIVE) if any(holds(cube.fields[PORT], port) for cube in cubes)]
    return _PORTS.format(ports=", ".join(map(str, ports))) if ports else None


def _asked(offer: Published, file: RuleFile, meaning: Meaning) -> Iterator[list[Cube]]:
    """Packets of the offer, those of the least trusted zone first; without zones all at once."""
    interfaces = meaning.interfaces
    every = outer(interfaces)
    ways = [(every, every)]
    if file.zones:
        zones = sorted(file.zones, key=lambda zone: MOST_TRUSTED if zone.priority is None else zone.priority)
        ways = [(bits, every & ~bits) for bits in (interfaces.mask(zone.name) for zone in zones)]
    for came, goes in ways:
        found = []
        for cube, family in product(_inside(offer, meaning), (V4_SPANS, V6_SPANS)):
            ends = [common(cube.fields[place], family) for place in (SOURCE, DESTINATION)]
            one = masked(masked(cube, CAME, cube.masks[CAME] & came), GOES, cube.masks[GOES] & goes)
            if all(one.masks) and all(ends):
                one = masked(masked(one, STATE, NEW), FLAGS, SYN)
                one = fielded(fielded(one, SOURCE, ends[0]), DESTINATION, ends[1])
                found.append(fielded(one, SOURCE_PORT, EPHEMERAL))
        if found:
            yield found

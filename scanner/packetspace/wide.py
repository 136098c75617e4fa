"""Rules that let too much through, and hooks that do not deny what nobody allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import (
    V4_SPANS,
    V6,
    V6_SPANS,
    Action,
    Either,
    Field,
    Kind,
    Stage,
    State,
    Within,
    outside,
)
from scanner.model.text import Text
from scanner.packetspace.cube import (
    ALL,
    CAME,
    DESTINATION,
    EVERY_PORT,
    EVERY_PROTOCOL,
    FLAGS,
    GOES,
    PORT,
    PROTOCOL,
    SOURCE,
    SOURCE_PORT,
    STATE,
    STATES,
    Cube,
    TooMany,
    fielded,
    masked,
)
from scanner.packetspace.decide import fate_of, filters_on_the_way
from scanner.packetspace.finding import FilterFinding, Trouble, packet_of
from scanner.packetspace.interfaces import LOOPBACK, NONE
from scanner.packetspace.listed import Budget, GaveUp
from scanner.packetspace.spans import holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import Condition, RuleFile, Spans
    from scanner.packetspace.listed import Listed
    from scanner.packetspace.matching import Meaning
    from scanner.packetspace.useless import Lists

NEW = 1 << STATES.index(State.NEW)
SYN = 1 << 2
TCP = 6
FACING = frozenset([Stage.INPUT, Stage.FORWARD, Stage.PREROUTING])
"""Stages at which packets come from elsewhere."""

SENSITIVE = frozenset(
    [20, 21, 22, 23, 69, 111, 135, 137, 138, 139, 161, 389, 445, 512, 513, 514, 873, 1433, 1521, 2049, 2375,
     3306, 3389, 5432, 5900, 5985, 5986, 6379, 9200, 11211, 27017]
)  # fmt: skip
"""Ports of management, of shared files and of databases: not for everybody. Ours, no official list."""

_ANY_ANY = Text(
    zh="任意来源到任意目的的任何新连接都放行", en="accepts every new connection from anywhere to anywhere"
)
_OVER_WIDE = Text(zh="放行过宽：{sources} 可访问全部端口", en="too wide: all ports are open to {sources}")
_SOURCE_PORT = Text(
    zh="仅凭源端口放行：任何人自选源端口 {port} 即可访问全部端口",
    en="trusts a source port: whoever sends from port {port} reaches all ports",
)
_EXPOSED = Text(
    zh="管理或高危端口 {ports} 对任意来源开放", en="management or high-risk ports open to everybody: {ports}"
)
_NO_DENY = Text(
    zh="{hook} 没有缺省拒绝：无规则允许的新连接也可能通过（接口 {interfaces}）",
    en="{hook} does not deny by default: what no rule allows may pass (interfaces {interfaces})",
)

_UNFILTERED = Text(
    zh="{hook} 只过滤另一协议族：{family} 在此文件中不受任何过滤",
    en="{hook} filters the other family only: nothing in this file filters {family}",
)


def wide_rules(meaning: Meaning, lists: Lists) -> Iterator[FilterFinding]:
    """Find accepting rules that are too wide and decide for some packet."""
    budget = Budget.of(len(lists.places))
    for _, base, listed in lists.by_base:
        if base.stage not in FACING or base.kind is not Kind.FILTER:
            continue
        told: set[int] = set()
        for at, entry in enumerate(listed.entries):
            if entry.action is not Action.ACCEPT or entry.rule.unread or entry.rule.line in told:
                continue
            for cube in entry.may:
                finding = _wide(cube, (listed, at), base.stage, meaning, budget)
                if finding is not None:
                    told.add(entry.rule.line)
                    yield finding
                    break


def _wide(
    cube: Cube, place: tuple[Listed, int], stage: Stage, meaning: Meaning, budget: Budget
) -> FilterFinding | None:
    if not cube.masks[STATE] & NEW or cube.others or not _from_elsewhere(cube, meaning):
        return None
    judged = _judged(cube, stage, meaning)
    if judged is None:
        return None
    kind, message = judged
    listed, at = place
    rule = listed.entries[at].rule
    new = masked(cube, STATE, NEW)
    if holds(new.fields[PROTOCOL], TCP):
        new = fielded(new, PROTOCOL, ((TCP, TCP),))
    try:
        packet = listed.escaping(new, at, {}, budget.next())
    except GaveUp:
        packet = new
    if packet is None:
        return None
    return FilterFinding(kind, rule.line, rule.text, message, packet_of(packet, meaning.interfaces))


def _from_elsewhere(cube: Cube, meaning: Meaning) -> bool:
    interfaces = meaning.interfaces
    return bool(cube.masks[CAME] & interfaces.every & ~interfaces.mask(NONE) & ~interfaces.mask(LOOPBACK))


def _judged(cube: Cube, stage: Stage, meaning: Meaning) -> tuple[Trouble, Text] | None:
    every = meaning.interfaces.every & ~meaning.interfaces.mask(NONE) & ~meaning.interfaces.mask(LOOPBACK)
    everywhere = not every & ~cube.masks[CAME] and (
        stage is not Stage.FORWARD or not every & ~cube.masks[GOES]
    )
    anybody = cube.fields[SOURCE] in (V4_SPANS, V6_SPANS)
    all_ports = cube.fields[PORT] == EVERY_PORT
    to_all = cube.fields[DESTINATION] in (V4_SPANS, V6_SPANS)
    if cube.fields[SOURCE_PORT] != EVERY_PORT:
        if all_ports and anybody and _with_ports(cube) and _few(cube.fields[SOURCE_PORT]):
            return Trouble.SOURCE_PORT, _SOURCE_PORT.format(port=cube.fields[SOURCE_PORT][0][0])
        return None
    if all_ports and anybody and everywhere and to_all and cube.fields[PROTOCOL] == EVERY_PROTOCOL:
        return (Trouble.ANY_ANY, _ANY_ANY) if cube.masks[FLAGS] == ALL.masks[FLAGS] else None
    if all_ports and _with_ports(cube) and _broad(cube.fields[SOURCE]):
        return Trouble.OVER_WIDE, _OVER_WIDE.format(sources=_spelled(cube, meaning))
    ports = [port for port in sorted(SENSITIVE) if holds(cube.fields[PORT], port)]
    if anybody and everywhere and not all_ports and ports and _with_ports(cube):
        return Trouble.EXPOSED, _EXPOSED.format(ports=", ".join(map(str, ports)))
    return None


def _with_ports(cube: Cube) -> bool:
    return holds(cube.fields[PROTOCOL], 6) or holds(cube.fields[PROTOCOL], 17)


def _few(spans: Spans) -> bool:
    return _size(spans) <= 1024


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


def default_denies(file: RuleFile, meaning: Meaning) -> dict[Stage, dict[str, bool]]:
    """Return for each hook with a filter, by interface, whether what no rule names is surely denied.

    Asked with packets whose addresses and port no rule names, of TCP, UDP and a protocol of its own.
    """
    found: dict[Stage, dict[str, bool]] = {}
    for stage in (Stage.INPUT, Stage.FORWARD, Stage.OUTPUT):
        if not any(base.stage is stage for _, base in filters_on_the_way(file, stage)):
            continue
        side = GOES if stage is Stage.OUTPUT else CAME
        names = [name for name in meaning.interfaces.names if name not in {NONE, LOOPBACK}]
        asked = _nameless(file, stage, meaning)
        found[stage] = {}
        if _denied(file, stage, asked, meaning):
            found[stage] = dict.fromkeys(names, True)
            continue
        for i, name in enumerate(meaning.interfaces.names):
            if name in {NONE, LOOPBACK}:
                continue
            found[stage][name] = _denied(file, stage, [masked(cube, side, 1 << i) for cube in asked], meaning)
    return found


def _denied(file: RuleFile, stage: Stage, asked: list[Cube], meaning: Meaning) -> bool:
    try:
        fates = fate_of(file, stage, asked, meaning)
    except TooMany:
        return False
    return not fates[Action.ACCEPT].may and not fates[Action.ANYTHING].may


def _nameless(file: RuleFile, stage: Stage, meaning: Meaning) -> list[Cube]:
    """Packets that no rule names, of each family that some filter of the hook sees."""
    families = {
        family
        for table, base in filters_on_the_way(file, stage)
        if base.stage is stage
        for family in table.families
    }
    interfaces = meaning.interfaces
    outer = interfaces.every & ~interfaces.mask(NONE) & ~interfaces.mask(LOOPBACK)
    cube = masked(ALL, CAME, interfaces.mask(NONE) if stage is Stage.OUTPUT else outer)
    cube = masked(cube, GOES, interfaces.mask(NONE) if stage is Stage.INPUT else outer)
    cube = masked(masked(cube, STATE, NEW), FLAGS, SYN)
    told: dict[Field, list[Spans]] = {field: [] for field in Field}
    for table in file.tables:
        for chain in table.chains:
            for rule in chain.rules:
                _collect(rule.conditions, told)
    other = _unnamed(told[Field.PROTOCOL], ((143, 252),), EVERY_PROTOCOL)
    cube = fielded(cube, PROTOCOL, ((6, 6), (17, 17), (other, other)))
    for place, field in ((SOURCE_PORT, Field.SOURCE_PORT), (PORT, Field.PORT)):
        value = _unnamed(told[field], ((40000, 60999),), EVERY_PORT)
        cube = fielded(cube, place, ((value, value),))
    found = []
    for family in sorted(families):
        whole = (
            ((0x01000000, 0xDF000000),) if family == V4_SPANS else ((V6 + (0x20 << 120), V6 + (0x3F << 120)),)
        )
        one = cube
        for place, field in ((SOURCE, Field.SOURCE), (DESTINATION, Field.DESTINATION)):
            value = _unnamed(told[field], whole, family)
            one = fielded(one, place, ((value, value),))
        found.append(one)
    return found


def _collect(conditions: tuple[Condition, ...], told: dict[Field, list[Spans]]) -> None:
    for condition in conditions:
        if isinstance(condition, Within):
            told[condition.field].append(condition.spans)
        elif isinstance(condition, Either):
            for option in condition.options:
                _collect(option, told)


def _unnamed(told: list[Spans], whole: Spans, of: Spans) -> int:
    """A value of ``whole`` that the fewest rules name.

    A rule names the values of its spans; where they are more than half of all (``of``), it names those that
    it leaves out: what is not 10.0.0.0/8 is nobody in particular.
    """
    ((low, high),) = whole
    size = _size(of)
    changes: dict[int, int] = {low: 0}
    for spans in told:
        inner = [span for span in spans if of[0][0] <= span[0] <= of[-1][1]]
        named = outside(tuple(inner), of) if 2 * _size(tuple(inner)) > size else inner
        for start, end in named:
            if end >= low and start <= high:
                changes[max(start, low)] = changes.get(max(start, low), 0) + 1
                changes[min(end, high) + 1] = changes.get(min(end, high) + 1, 0) - 1
    depth, best, place = 0, len(told) + 1, low
    for at in sorted(changes):
        depth += changes[at]
        if depth < best and at <= high:
            best, place = depth, at
    return place


def _size(spans: Spans) -> int:
    return sum(high - low + 1 for low, high in spans)


def missing_denies(file: RuleFile, denies: dict[Stage, dict[str, bool]]) -> Iterator[FilterFinding]:
    """Tell of hooks for packets from elsewhere that do not deny by default."""
    for stage, by_name in denies.items():
        open_at = [name for name, denied in by_name.items() if not denied]
        if stage is Stage.OUTPUT or not open_at:
            continue
        bases = [base for _, base in filters_on_the_way(file, stage) if base.stage is stage]
        said = _NO_DENY.format(hook=stage.value, interfaces=", ".join(open_at[:8]))
        yield FilterFinding(Trouble.NO_DEFAULT_DENY, bases[0].line, bases[0].chain, said)


def unfiltered_families(file: RuleFile) -> Iterator[FilterFinding]:
    """Tell of hooks that filter one family only, in files that would show the filter of the other."""
    if not file.both_families:
        return
    for stage in (Stage.INPUT, Stage.FORWARD):
        filters = filters_on_the_way(file, stage)
        seen = {family for table, _ in filters for family in table.families}
        if len(seen) == 1:
            missing = "IPv6" if seen == {V4_SPANS} else "IPv4"
            base = filters[0][1]
            said = _UNFILTERED.format(hook=stage.value, family=missing)
            yield FilterFinding(Trouble.UNFILTERED, base.line, base.chain, said)

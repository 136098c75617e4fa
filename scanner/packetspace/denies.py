"""Hooks that do not deny what nobody allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6, Action, Either, Field, Stage, Within, outside
from scanner.model.text import Text
from scanner.packetspace import cube as space
from scanner.packetspace.cube import CAME, GOES, PROTOCOL, SOURCE, TooMany, fielded, masked
from scanner.packetspace.decide import fate_of, filters_on_the_way
from scanner.packetspace.finding import FilterFinding, Trouble
from scanner.packetspace.first import first_packets
from scanner.packetspace.interfaces import LOOPBACK, NONE
from scanner.packetspace.spans import size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import Condition, RuleFile, Spans
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.matching import Meaning

_NO_DENY = Text(
    zh="{hook} 没有缺省拒绝：无规则允许的新连接也可能通过（接口 {interfaces}）",
    en="{hook} does not deny by default: what no rule allows may pass (interfaces {interfaces})",
)

_UNFILTERED = Text(
    zh="{hook} 只过滤另一协议族：{family} 在此文件中不受任何过滤",
    en="{hook} filters the other family only: nothing in this file filters {family}",
)


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
        asked = nameless(file, stage, meaning)
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


def nameless(file: RuleFile, stage: Stage, meaning: Meaning) -> list[Cube]:
    """Return packets that no rule names, of each family that some filter of the hook sees."""
    families = {
        family
        for table, base in filters_on_the_way(file, stage)
        if base.stage is stage
        for family in table.families
    }
    interfaces = meaning.interfaces
    cube = first_packets(interfaces, stage)
    told: dict[Field, list[Spans]] = {field: [] for field in Field}
    for table in file.tables:
        for chain in table.chains:
            for rule in chain.rules:
                _collect(rule.conditions, told)
    other = _unnamed(told[Field.PROTOCOL], ((143, 252),), space.EVERY_PROTOCOL)
    cube = fielded(cube, PROTOCOL, ((6, 6), (17, 17), (other, other)))
    for place, field in ((space.SOURCE_PORT, Field.SOURCE_PORT), (space.PORT, Field.PORT)):
        value = _unnamed(told[field], ((40000, 60999),), space.EVERY_PORT)
        cube = fielded(cube, place, ((value, value),))
    found = []
    for family in sorted(families):
        whole = (
            ((0x01000000, 0xDF000000),) if family == V4_SPANS else ((V6 + (0x20 << 120), V6 + (0x3F << 120)),)
        )
        one = cube
        for place, field in ((SOURCE, Field.SOURCE), (space.DESTINATION, Field.DESTINATION)):
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
    half = size(of)
    changes: dict[int, int] = {low: 0}
    for spans in told:
        inner = [span for span in spans if of[0][0] <= span[0] <= of[-1][1]]
        named = outside(tuple(inner), of) if 2 * size(tuple(inner)) > half else inner
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

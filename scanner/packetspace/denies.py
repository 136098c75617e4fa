"""Hooks that do not deny what nobody allowed."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6, Action, Either, Field, Kind, Stage, Within, outside
from scanner.model.text import Text
from scanner.packetspace import cube as space
from scanner.packetspace.cube import CAME, GOES, PROTOCOL, SOURCE, TooMany, fielded, masked
from scanner.packetspace.decide import fate_of, filters_on_the_way
from scanner.packetspace.finding import FilterFinding, Trouble
from scanner.packetspace.first import first_packets
from scanner.packetspace.ground import LOCAL
from scanner.packetspace.interfaces import LOOPBACK, NONE
from scanner.packetspace.spans import size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import Base, Condition, RuleFile, Spans
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


HOOKS = (Stage.INPUT, Stage.FORWARD, Stage.OUTPUT)
SIDES = (Stage.INBOUND, Stage.OUTBOUND)


def default_denies(file: RuleFile, meaning: Meaning) -> dict[Stage, dict[str, bool]]:
    """Return for each hook with a filter, by interface, whether what no rule names is surely denied.

    Asked with packets whose addresses and port no rule names, of TCP, UDP and a protocol of its own. Where
    there are zones, by pair of zones (``a -> b``); of filters on interfaces, by those that have one. Of a
    file without its end nothing is told.
    """
    found: dict[Stage, dict[str, bool]] = {}
    if file.cut:
        return found
    for stage in (*HOOKS, *SIDES):
        bases = _own(file, stage)
        if not bases:
            continue
        asked = nameless(file, stage, meaning)
        if stage in SIDES:
            found[stage] = _by_device(file, stage, bases, asked, meaning)
        elif file.zones:
            found[stage] = _by_pair(file, stage, asked, meaning)
        else:
            found[stage] = _by_interface(file, stage, asked, meaning)
    return found


def _own(file: RuleFile, stage: Stage) -> list[Base]:
    return [
        base
        for _, base in filters_on_the_way(file, stage)
        if base.stage is stage and base.kind is Kind.FILTER
    ]


def _by_interface(file: RuleFile, stage: Stage, asked: list[Cube], meaning: Meaning) -> dict[str, bool]:
    side = GOES if stage is Stage.OUTPUT else CAME
    names = [name for name in meaning.interfaces.names if name not in {NONE, LOOPBACK}]
    if _denied(file, stage, asked, meaning):
        return dict.fromkeys(names, True)
    found: dict[str, bool] = {}
    for i, name in enumerate(meaning.interfaces.names):
        if name not in {NONE, LOOPBACK}:
            found[name] = _denied(file, stage, [masked(cube, side, 1 << i) for cube in asked], meaning)
    return found


def _by_device(
    file: RuleFile, stage: Stage, bases: list[Base], asked: list[Cube], meaning: Meaning
) -> dict[str, bool]:
    """Ask of each interface in the families that something on it filters."""
    side = CAME if stage is Stage.INBOUND else GOES
    found: dict[str, bool] = {}
    for name in sorted({name for base in bases for name in base.devices or ("*",)}):
        families = {
            family[0][0]
            for table, base in filters_on_the_way(file, stage)
            if base.kind is Kind.FILTER and name in (base.devices or ("*",))
            for family in table.families
        }
        here = [
            masked(cube, side, meaning.interfaces.mask(name))
            for cube in asked
            if (0 if cube.fields[SOURCE][0][0] < V6 else V6) in families
        ]
        found[name] = _denied(file, stage, here, meaning)
    return found


def _by_pair(file: RuleFile, stage: Stage, asked: list[Cube], meaning: Meaning) -> dict[str, bool]:
    names = [zone.name for zone in file.zones]
    pairs = {
        Stage.INPUT: [(name, LOCAL) for name in names],
        Stage.FORWARD: list(permutations(names, 2)),
        Stage.OUTPUT: [(LOCAL, name) for name in names],
    }[stage]
    bits = {name: meaning.interfaces.mask(name) for name in names} | {LOCAL: meaning.interfaces.mask(NONE)}
    asked_of = {
        f"{a} -> {b}": [masked(masked(cube, CAME, bits[a]), GOES, bits[b]) for cube in asked]
        for a, b in pairs
    }
    if _denied(file, stage, [cube for cubes in asked_of.values() for cube in cubes], meaning):
        return dict.fromkeys(asked_of, True)
    return {pair: _denied(file, stage, cubes, meaning) for pair, cubes in asked_of.items()}


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
        if base.stage is stage and base.kind is Kind.FILTER
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
        bases = _own(file, stage)
        if stage not in SIDES:
            yield _missing(stage, bases[0], open_at)
            continue
        for base in bases:
            if here := [name for name in open_at if name in (base.devices or ("*",))]:
                yield _missing(stage, base, here)


def _missing(stage: Stage, base: Base, open_at: list[str]) -> FilterFinding:
    said = _NO_DENY.format(hook=stage.value, interfaces=", ".join(open_at[:8]))
    return FilterFinding(Trouble.NO_DEFAULT_DENY, base.line, base.chain, said)


def unfiltered_families(file: RuleFile) -> Iterator[FilterFinding]:
    """Tell of hooks that filter one family only, in files that would show the filter of the other.

    Of devices their reader tells by interface.
    """
    if not file.both_families or file.forwards:
        return
    for stage in (Stage.INPUT, Stage.FORWARD):
        filters = filters_on_the_way(file, stage)
        seen = {family for table, _ in filters for family in table.families}
        if len(seen) == 1:
            missing = "IPv6" if seen == {V4_SPANS} else "IPv4"
            base = filters[0][1]
            said = _UNFILTERED.format(hook=stage.value, family=missing)
            yield FilterFinding(Trouble.UNFILTERED, base.line, base.chain, said)

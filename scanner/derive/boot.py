"""What a reboot would change: the loaded filter against the one in the files, by packets and not by text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.derive.way import SPANS
from scanner.facts import BootChange
from scanner.facts.rules import Action, Kind, Stage
from scanner.packetspace.cube import CAME, FLAGS, PROTOCOL, STATE, TooMany, masked
from scanner.packetspace.decide import fate_of
from scanner.packetspace.difference import compare
from scanner.packetspace.finding import packet_of
from scanner.packetspace.first import NEW, SYN, outer
from scanner.packetspace.matching import Meaning
from scanner.packetspace.spans import holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts import Rules
    from scanner.facts.rules import Base, RuleFile, Spans
    from scanner.model import Citation
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.difference import Difference
    from scanner.packetspace.interfaces import Interfaces

MOST = 50
"""Changes that are told."""


def boot_changes(loaded: Rules, written: Rules) -> tuple[BootChange, ...]:
    """Return packets to the host, new from elsewhere, whose fate a reboot changes for certain.

    Rules that running programs keep by themselves are left out of the comparison.
    """
    found: list[BootChange] = []
    for family in SPANS.values():
        now, then = _Numbered.of(loaded, family), _Numbered.of(written, family)
        compared = compare(now.file, then.file)
        for difference in compared.differences:
            cube = _new(difference.example, compared.interfaces)
            if cube is not None and len(found) < MOST:
                found += _change(now, then, difference, cube, compared.interfaces)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Filters of one family for packets to the host, each rule with a number of its own for a line.

    A dump may hold all rules on one line; ``places`` cites each where it really stands.
    """

    file: RuleFile
    places: tuple[Citation, ...]

    @classmethod
    def of(cls, rules: Rules, family: Spans) -> _Numbered:
        """Number what is compared."""
        places: list[Citation] = []
        tables = []
        for table in rules.file.tables:
            kept = [base for base in table.bases if _compared(base, rules)]
            if family not in table.families or not kept:
                continue
            bases = []
            for base in kept:
                places.append(rules.cite(base.line, f"{base.chain} policy {base.policy.value}"))
                bases.append(replace(base, line=len(places)))
            chains = []
            for chain in table.chains:
                told = []
                for rule in chain.rules:
                    if (rule.line, rule.text) not in rules.passing:
                        places.append(rules.cite(rule.line, rule.text))
                        told.append(replace(rule, line=len(places)))
                chains.append(replace(chain, rules=tuple(told)))
            tables.append(replace(table, families=(family,), chains=tuple(chains), bases=tuple(bases)))
        file = replace(rules.file, tables=tuple(tables))
        return cls(file, tuple(places))


def _compared(base: Base, rules: Rules) -> bool:
    facing = base.stage in {Stage.INPUT, Stage.PREROUTING, Stage.INGRESS}
    return base.kind is Kind.FILTER and facing and (base.line, base.chain) not in rules.passing


def _new(cube: Cube, interfaces: Interfaces) -> Cube | None:
    """The packets of it that begin a connection from another host; None where there are none."""
    state, came = cube.masks[STATE] & NEW, cube.masks[CAME] & outer(interfaces)
    if not state or not came or any(answer for _, answer in cube.others):
        return None
    cube = masked(masked(cube, STATE, state), CAME, came)
    if not holds(cube.fields[PROTOCOL], 6):
        return cube
    return masked(cube, FLAGS, SYN) if cube.masks[FLAGS] & SYN else None


def _change(
    now: _Numbered, then: _Numbered, difference: Difference, cube: Cube, interfaces: Interfaces
) -> Iterator[BootChange]:
    """The difference, if both rule sets surely decide so for the whole of the cube."""
    meaning = Meaning(interfaces)
    before, after = _fate(now.file, cube, meaning), _fate(then.file, cube, meaning)
    if before is None or after is None or before is after:
        return
    first, second = difference.before.line, difference.after.line
    yield BootChange(
        opens=after,
        packet=str(packet_of(cube, interfaces)),
        now=now.places[first - 1],
        then=then.places[second - 1],
    )


def _fate(file: RuleFile, cube: Cube, meaning: Meaning) -> bool | None:
    """True: surely let through; False: surely denied; None: neither."""
    try:
        fates = fate_of(file, Stage.INPUT, [cube], meaning)
    except TooMany:
        return None
    denied = [*fates[Action.DROP].may, *fates[Action.REJECT].may, *fates[Action.ANYTHING].may]
    if fates[Action.ACCEPT].sure and not denied:
        return True
    return None if fates[Action.ACCEPT].may or fates[Action.ANYTHING].may else False

"""Whether the state of a connection decides: packets within one pass, the same ones without it do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.derive.way import MOST_CITED, SPANS, spoken
from scanner.facts.rules import Action, Either, Opaque, State
from scanner.packetspace.cube import (
    DESTINATION,
    FLAGS,
    PROTOCOL,
    SOURCE,
    STATE,
    STATES,
    TooMany,
    all_minus,
    fielded,
    masked,
)
from scanner.packetspace.decide import fate_of
from scanner.packetspace.first import first_packets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts import Family, Rules
    from scanner.facts.rules import Condition, Stage
    from scanner.model import Citation
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.decide import Fates
    from scanner.packetspace.matching import Meaning

MOST_RULES = 1_000
"""With more rules only the usual answer is looked for: that packets which no rule names show it."""

ACK = 1 << 0x10
"""The flag byte of a packet within a connection, as a bit of flag values."""

_BEYOND = frozenset(["history", "conntrack"])
"""Questions that only packets of a connection can answer, by no state's name."""

Told = tuple[bool | None, tuple["Citation", ...]]


def looks_at_state(
    loaded: Rules, stage: Stage, family: Family, nameless: list[Cube], meaning: Meaning
) -> Told:
    """Return whether it does, and the lines that let a known connection pass.

    True: some packets within a TCP connection surely pass, which as new or untracked ones are surely denied;
    False: surely none; None: neither is proved. ``nameless``: packets of the family that no rule names.
    """
    try:
        usual = _differs(loaded, stage, _tcp(nameless), meaning)
        if usual[0]:
            return usual
        every = sum(len(chain.rules) for table in loaded.file.tables for chain in table.chains)
        if every > MOST_RULES:
            return None, ()
        whole = fielded(first_packets(meaning.interfaces, stage), SOURCE, SPANS[family])
        told = _differs(loaded, stage, _tcp([fielded(whole, DESTINATION, SPANS[family])]), meaning)
    except TooMany:
        return None, ()
    return (None, ()) if told[0] is False and _asks_beyond(loaded) else told


def _tcp(cubes: list[Cube]) -> list[Cube]:
    return [fielded(masked(cube, FLAGS, ACK), PROTOCOL, ((6, 6),)) for cube in cubes]


def _differs(loaded: Rules, stage: Stage, cubes: list[Cube], meaning: Meaning) -> Told:
    """Compare what becomes of packets in a connection, and of the same ones outside of any."""

    def fates(state: State) -> Fates:
        return fate_of(loaded.file, stage, _as(cubes, state), meaning)

    known = fates(State.ESTABLISHED)
    accepted = known[Action.ACCEPT]
    perhaps = False
    for state in (State.NEW, State.UNTRACKED):
        other = fates(state)
        passing = [*other[Action.ACCEPT].may, *other[Action.ANYTHING].may]
        surely = [cube for cube in accepted.sure if not any(answer for _, answer in cube.others)]
        if all_minus(_as(surely, state), passing):
            at = dict.fromkeys(loaded.cite(rule.line, spoken(rule)) for rule in accepted.by)
            return True, tuple(at)[:MOST_CITED]
        may = _as([*accepted.may, *known[Action.ANYTHING].may], state)
        perhaps = perhaps or bool(all_minus(may, other[Action.ACCEPT].sure))
    return (None if perhaps else False), ()


def _as(cubes: list[Cube], state: State) -> list[Cube]:
    return [masked(cube, STATE, 1 << STATES.index(state)) for cube in cubes]


def _asks_beyond(loaded: Rules) -> bool:
    return any(
        isinstance(condition, Opaque) and condition.kind in _BEYOND
        for table in loaded.file.tables
        for chain in table.chains
        for rule in chain.rules
        for condition in _flat(rule.conditions)
    )


def _flat(conditions: tuple[Condition, ...]) -> Iterator[Condition]:
    for condition in conditions:
        if isinstance(condition, Either):
            for option in condition.options:
                yield from _flat(option)
        else:
            yield condition

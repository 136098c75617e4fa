"""What stands beside the filters: chains that translate, mark, untrack or drop packets on their way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.facts.rules import FILTERING, V4_SPANS, V6, V6_SPANS, Action, Field, Kind, Stage, State, united
from scanner.packetspace.cube import (
    DESTINATION,
    GOES,
    PORT,
    STATE,
    STATES,
    Cube,
    TooMany,
    all_meet,
    all_minus,
    fielded,
    masked,
)
from scanner.packetspace.decide import WAY, Fates, fate_over
from scanner.packetspace.entries import Entry, Guard, entries
from scanner.packetspace.first import outer
from scanner.packetspace.interfaces import NONE
from scanner.packetspace.reach import Answer
from scanner.packetspace.spans import common, inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import Base, FilterRule, FilterTable, RuleFile, Spans, Translation
    from scanner.packetspace.matching import Meaning

_UNTRACKED = 1 << STATES.index(State.UNTRACKED)
_LOOPBACK4: Spans = ((0x7F000000, 0x7FFFFFFF),)


@dataclass(frozen=True, slots=True)
class Act:
    """What one rule, or a chain's policy, may do to some of the packets asked about (``cubes``)."""

    rule: FilterRule | Base
    action: Action
    cubes: tuple[Cube, ...]
    base: Base
    translation: Translation | None = None
    marks: bool = False
    untracks: bool = False

    @property
    def ports(self) -> Spans:
        """The ports of these packets."""
        return united([span for cube in self.cubes for span in cube.fields[PORT]])


_BESIDE = {
    Stage.INPUT: (Stage.PREROUTING, Stage.INPUT),
    Stage.FORWARD: (Stage.PREROUTING, Stage.FORWARD, Stage.POSTROUTING),
    Stage.OUTPUT: (Stage.OUTPUT, Stage.POSTROUTING),
}


def acts_beside(file: RuleFile, asked: list[Cube], stage: Stage, meaning: Meaning) -> list[Act]:
    """Return all that chains beside the filters may do to packets on their way to ``stage``.

    Where a chain is too intricate, it may do anything to all of them.
    """
    found: list[Act] = []
    for table in file.tables:
        for base in table.bases:
            if base.stage not in _BESIDE[stage]:
                continue
            try:
                found += _acts(table, base, asked, meaning)
            except TooMany:
                found.append(Act(base, Action.ANYTHING, tuple(asked), base))
    return found


def _acts(table: FilterTable, base: Base, asked: list[Cube], meaning: Meaning) -> Iterator[Act]:
    left = asked
    for entry in entries(table, base, meaning, Guard(asked, asked)):
        hit = all_meet(left, entry.may) if entry.may else []
        if not hit:
            continue
        rule = entry.rule
        if _acting(entry, base):
            yield Act(rule, entry.action, tuple(hit), base, rule.translation, rule.marks, rule.untracks)
        if entry.action not in {Action.CONTINUE, Action.ANYTHING}:
            left = all_minus(left, entry.sure)
    if base.policy is not Action.ACCEPT and base.kind not in FILTERING and left:
        yield Act(base, base.policy, tuple(left), base)


def _acting(entry: Entry, base: Base) -> bool:
    """Whether the filters' own answers leave out what the entry does: of filters only the state it sets."""
    if base.kind in FILTERING:
        return entry.rule.untracks
    if entry.action is Action.CONTINUE:
        return entry.rule.marks or entry.rule.untracks
    if entry.action is Action.TRANSLATE:
        # Where packets leave and where they have arrived only their source is translated.
        return not (base.kind is Kind.NAT and base.stage in {Stage.INPUT, Stage.POSTROUTING})
    return entry.action is not Action.ACCEPT


@dataclass(frozen=True, slots=True)
class Followed:
    """Packets to ``ports`` that a rule sends elsewhere, and what they get there.

    ``answers``: at each hook that they may come to: which one, routes and the host's own addresses decide.
    """

    rule: FilterRule
    ports: Spans
    answers: tuple[tuple[Stage, Answer], ...]


def outcome(file: RuleFile, act: Act, hit: list[Cube], stage: Stage, meaning: Meaning) -> Answer:
    """Return what packets get that the act does something to; unknown unless all of them get the same."""
    try:
        match act.action:
            case Action.DROP:
                return Answer.DROPPED
            case Action.REJECT:
                return Answer.REJECTED
            case Action.TRANSLATE:
                return _same([answer for _, answer in follow(file, act, hit, stage, meaning)])
            case Action.CONTINUE:
                return _changed(file, act, hit, stage, meaning)
            case _:
                return Answer.UNKNOWN
    except TooMany:
        return Answer.UNKNOWN


def _changed(file: RuleFile, act: Act, hit: list[Cube], stage: Stage, meaning: Meaning) -> Answer:
    """What packets get that carry a mark, or whose connection nobody looks for."""
    cubes = [masked(cube, STATE, _UNTRACKED) for cube in hit] if act.untracks else hit
    return every_answer(fate_over(_on_the_way(file, stage), cubes, replace(meaning, marked=True)))


def follow(
    file: RuleFile, act: Act, hit: list[Cube], stage: Stage, meaning: Meaning
) -> list[tuple[Stage, Answer]]:
    """Return what translated packets get at each hook that they may come to; nothing: nobody knows where.

    Raises:
        TooMany: the packets fall into too many pieces.
    """
    told = act.translation
    if told is None or told.side is not Field.DESTINATION or act.base.kind is not Kind.NAT:
        return []
    sent = [new for cube in hit if (new := _sent(cube, told)) is not None]
    found = [(hook, _at(file, act, (hit, sent), hook, meaning)) for hook in _hooks(told, stage)]
    if stage is Stage.OUTPUT or not _to_loopback(told):
        return found
    # The kernel takes these for forged where nobody set route_localnet, which no file of rules tells.
    return [(hook, answer if answer is Answer.DROPPED else Answer.UNKNOWN) for hook, answer in found]


def _sent(cube: Cube, told: Translation) -> Cube | None:
    """The packets as they go on; None: their family has no such address."""
    family = V4_SPANS if cube.fields[DESTINATION][0][0] < V6 else V6_SPANS
    if told.own:
        cube = fielded(cube, DESTINATION, family)
    elif told.addresses:
        if (told.addresses[0][0] < V6) is not (family is V4_SPANS):
            return None
        cube = fielded(cube, DESTINATION, told.addresses)
    return fielded(cube, PORT, told.ports) if told.ports else cube


def _hooks(told: Translation, stage: Stage) -> tuple[Stage, ...]:
    if stage is Stage.OUTPUT:
        return (Stage.OUTPUT,)
    if told.own or _to_loopback(told):
        return (Stage.INPUT,)
    return (Stage.FORWARD, Stage.INPUT) if told.addresses else (stage,)


def _to_loopback(told: Translation) -> bool:
    return bool(told.addresses) and inside(told.addresses, _LOOPBACK4)


def _at(
    file: RuleFile, act: Act, packets: tuple[list[Cube], list[Cube]], hook: Stage, meaning: Meaning
) -> Answer:
    """The answer of the chains before the translation for packets as they came, then of those behind it."""
    came, sent = packets
    if not sent:
        return Answer.UNKNOWN
    place = _place(act.base, hook)
    way = _on_the_way(file, hook, beside=True)
    first = every_answer(fate_over([one for one in way if _place(one[1], hook) < place], came, meaning))
    if first is not Answer.OPEN:
        return first
    interfaces = meaning.interfaces
    goes = interfaces.mask(NONE) if hook is Stage.INPUT else outer(interfaces)
    sent = sent if hook is Stage.OUTPUT else [masked(cube, GOES, goes) for cube in sent]
    # The kernel calls only those translated whom it changed something of.
    changed = hook is not meaning.stage or not _may_be_as_before(came, sent)
    known = replace(meaning, stage=hook, translated=changed or None)
    return every_answer(fate_over([one for one in way if _place(one[1], hook) > place], sent, known))


def _may_be_as_before(came: list[Cube], sent: list[Cube]) -> bool:
    return any(
        common(one.fields[DESTINATION], two.fields[DESTINATION])
        and common(one.fields[PORT], two.fields[PORT])
        for one in came
        for two in sent
    )


def _place(base: Base, hook: Stage) -> tuple[int, int]:
    return WAY[hook].index(base.stage), base.priority


def _on_the_way(file: RuleFile, stage: Stage, *, beside: bool = False) -> list[tuple[FilterTable, Base]]:
    """Chains on the way to a hook, in order; ``beside``: not only those of filters."""
    kinds = {*FILTERING, Kind.BESIDE} if beside else FILTERING
    found = [
        (table, base)
        for table in reversed(file.tables)
        for base in reversed(table.bases)
        if base.kind in kinds and base.stage in WAY[stage]
    ]
    return sorted(found, key=lambda one: _place(one[1], stage))


def every_answer(fates: Fates) -> Answer:
    """Return the answer that all of the packets get; unknown where they may get different ones."""
    told = {
        Action.ACCEPT: Answer.OPEN,
        Action.DROP: Answer.DROPPED,
        Action.REJECT: Answer.REJECTED,
    }
    return _same([told.get(action, Answer.UNKNOWN) for action, fate in fates.items() if fate.may])


def _same(answers: list[Answer]) -> Answer:
    return answers[0] if len(set(answers)) == 1 else Answer.UNKNOWN

"""Rules that never matter: that others before them decide for, or without which nothing would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.rules import DECIDING, FILTERING, Action
from scanner.model.text import Text
from scanner.packetspace.cube import TooMany, meet
from scanner.packetspace.entries import entries
from scanner.packetspace.finding import FilterFinding, Trouble, packet_of
from scanner.packetspace.listed import Budget, GaveUp, Listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import Base, Chain, FilterRule, FilterTable, RuleFile
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.matching import Meaning

_SHADOWED = Text(
    zh="永不生效：所匹配的报文都已由前面的规则另作处置（第 {lines} 行）",
    en="never takes effect: earlier rules decide otherwise for all it matches (line {lines})",
)
_SAME_BEFORE = Text(
    zh="多余：所匹配的报文都已由前面的规则同样处置（第 {lines} 行）",
    en="redundant: earlier rules already decide the same for all it matches (line {lines})",
)
_SAME_AFTER = Text(
    zh="多余：没有它，后面的规则或缺省策略也同样处置",
    en="redundant: without it later rules or the policy decide the same",
)
_IMPOSSIBLE = Text(
    zh="不可能匹配：没有报文能满足它和通往它的条件",
    en="matches nothing: no packet meets it and the way to it",
)
_UNCALLED = Text(
    zh="没有规则调用此链，其中 {count} 条规则不起作用",
    en="no rule calls this chain: its {count} rules never run",
)
_UNREACHED = Text(
    zh="没有报文会到达此链，其中 {count} 条规则不起作用",
    en="no packet comes to this chain: its {count} rules never run",
)
_GAVE_UP = Text(
    zh="过于复杂，未能证明它是否起作用", en="too intricate: whether it ever matters was not proved"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry in its list."""

    listed: Listed
    at: int


@dataclass(slots=True)
class Lists:
    """All filter lists of a file, and where each rule stands in them."""

    by_base: list[tuple[FilterTable, Base, Listed]]
    places: dict[int, list[Placed]]
    gave_up: list[Base]


def lists_of(file: RuleFile, meaning: Meaning) -> Lists:
    """Return every base chain of a filter as a list of entries."""
    found = Lists([], {}, [])
    for table in file.tables:
        for base in table.bases:
            if base.kind not in FILTERING:
                continue
            try:
                listed = Listed(entries(table, base, meaning), base.policy)
            except TooMany:
                found.gave_up.append(base)
                continue
            found.by_base.append((table, base, listed))
            for at, entry in enumerate(listed.entries):
                found.places.setdefault(id(entry.rule), []).append(Placed(listed, at))
    return found


def useless_rules(file: RuleFile, meaning: Meaning, lists: Lists) -> Iterator[FilterFinding]:
    """Find shadowed, redundant and impossible rules, and chains that nobody calls."""
    for base in lists.gave_up:
        yield FilterFinding(Trouble.GAVE_UP, base.line, base.chain, _GAVE_UP)
    if lists.gave_up:
        return
    budget = Budget.of(len(lists.places))
    for table in file.tables:
        if any(base.kind in FILTERING for base in table.bases):
            targets = {rule.target for chain in table.chains for rule in chain.rules}
            for chain in table.chains:
                yield from _of_chain(table, chain, targets, meaning, lists, budget)


def _of_chain(
    table: FilterTable, chain: Chain, targets: set[str], meaning: Meaning, lists: Lists, budget: Budget
) -> Iterator[FilterFinding]:
    if not any(id(rule) in lists.places for rule in chain.rules):
        if chain.rules and not _is_base(table, chain):
            said = (_UNREACHED if chain.name in targets else _UNCALLED).format(count=len(chain.rules))
            yield FilterFinding(Trouble.UNCALLED, chain.line, chain.name, said)
        return
    for rules in _by_line(tuple(rule for rule in chain.rules if not rule.implied)):
        called = [rule for rule in rules if id(rule) in lists.places]
        if called:
            finding = _of_line(called, meaning, lists, budget)
            if finding is not None:
                yield finding
        else:
            # Behind a return or a goto of all packets nothing is walked.
            yield FilterFinding(Trouble.IMPOSSIBLE, rules[0].line, rules[0].text, _IMPOSSIBLE)


def _is_base(table: FilterTable, chain: Chain) -> bool:
    return any(base.chain == chain.name for base in table.bases)


def _by_line(rules: tuple[FilterRule, ...]) -> list[list[FilterRule]]:
    """Rules of a map of verdicts stand at one line: what is said of the line holds for all of them."""
    found: dict[int, list[FilterRule]] = {}
    for rule in rules:
        found.setdefault(rule.line, []).append(rule)
    return list(found.values())


def _of_line(rules: list[FilterRule], meaning: Meaning, lists: Lists, budget: Budget) -> FilterFinding | None:
    found = [_of_rule(rule, meaning, lists, budget) for rule in rules]
    told = [one for one in found if one is not None]
    if len(told) < len(found):
        return None
    kinds = [one.kind for one in told]
    for kind in (Trouble.GAVE_UP, Trouble.SHADOWED, Trouble.REDUNDANT, Trouble.IMPOSSIBLE):
        if kind in kinds:
            return told[kinds.index(kind)]
    return None


def _of_rule(rule: FilterRule, meaning: Meaning, lists: Lists, budget: Budget) -> FilterFinding | None:
    places = lists.places[id(rule)]
    cubes = [(place, cube) for place in places for cube in place.listed.entries[place.at].may]
    if not cubes:
        return FilterFinding(Trouble.IMPOSSIBLE, rule.line, rule.text, _IMPOSSIBLE)
    budget.next()
    try:
        shadow = _shadowed(rule, cubes, meaning, budget)
        if shadow is not None or rule.action not in DECIDING:
            return shadow
        return _replaceable(rule, places, cubes, meaning, budget)
    except GaveUp:
        return FilterFinding(Trouble.GAVE_UP, rule.line, rule.text, _GAVE_UP)


def _shadowed(
    rule: FilterRule, cubes: list[tuple[Placed, Cube]], meaning: Meaning, budget: Budget
) -> FilterFinding | None:
    deciding: dict[int, Action] = {}
    witness: Cube | None = None
    for place, cube in cubes:
        used: dict[int, None] = {}
        if place.listed.escaping(cube, place.at, used, budget) is not None:
            return None
        for i in used:
            item = place.listed.items[i]
            deciding[item.rule.line] = item.action
            both = meet(cube, item.cube)
            if both is not None and (witness is None or item.action is not rule.action):
                witness = both
    if set(deciding.values()) == {rule.action}:
        deciding |= _otherwise_before(cubes, budget)
    same = set(deciding.values()) == {rule.action}
    lines = tuple(sorted(deciding))
    said = (_SAME_BEFORE if same else _SHADOWED).format(lines=_spelled(lines))
    packet = None if witness is None else packet_of(witness, meaning.interfaces)
    kind = Trouble.REDUNDANT if same else Trouble.SHADOWED
    return FilterFinding(kind, rule.line, rule.text, said, packet, lines)


def _otherwise_before(cubes: list[tuple[Placed, Cube]], budget: Budget) -> dict[int, Action]:
    """An earlier rule that does otherwise to some of the packets, by line and action; nothing: none seen."""
    try:
        for place, cube in cubes:
            found = place.listed.decided_otherwise(cube, place.at, budget)
            if found is not None:
                item = place.listed.items[found]
                return {item.rule.line: item.action}
    except GaveUp:
        pass
    return {}


def _spelled(lines: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, lines[:5]))
    return shown if len(lines) <= 5 else f"{shown}, …"


def _replaceable(
    rule: FilterRule,
    places: list[Placed],
    cubes: list[tuple[Placed, Cube]],
    meaning: Meaning,
    budget: Budget,
) -> FilterFinding | None:
    """Whether the same becomes of every packet without the rule (on all ways to it at once)."""
    for place, cube in cubes:
        listed = place.listed
        own = 0
        for other in places:
            if other.listed is listed:
                own |= (1 << listed.starts[other.at + 1]) - (1 << listed.starts[other.at])
        if listed.without(cube, place.at, own, budget) is not None:
            return None
    witness = packet_of(cubes[0][1], meaning.interfaces)
    return FilterFinding(Trouble.REDUNDANT, rule.line, rule.text, _SAME_AFTER, witness)

"""Rules that counted nothing while their chain did, and rules that say the opposite of an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import DECIDING, FILTERING, Action
from scanner.model.text import Text
from scanner.packetspace.finding import FilterFinding, Trouble, packet_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanner.facts.rules import Chain, FilterRule, FilterTable, RuleFile
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.finding import Packet
    from scanner.packetspace.matching import Meaning
    from scanner.packetspace.useless import Lists

_NEVER_USED = Text(
    zh="计数为零：自计数开始从未匹配报文，而同链其他规则或缺省策略已计 {count} 个",
    en="counted no packet since counting began, while the rest of its chain counted {count}",
)
_CONTRADICTORY = Text(
    zh="与第 {line} 行矛盾：报文集合相同而处置相反，先到者生效",
    en="contradicts line {line}: the same packets, the opposite decision; the earlier one holds",
)


def never_used(
    file: RuleFile, meaning: Meaning, lists: Lists, told: Iterable[FilterFinding]
) -> Iterator[FilterFinding]:
    """Find rules with a counter at zero in chains that counted traffic, but for useless ones."""
    useless = {one.line for one in told if one.kind in _USELESS}
    for table in file.tables:
        if not any(base.kind in FILTERING for base in table.bases):
            continue
        for chain in table.chains:
            count = _traffic(table, chain)
            lines: set[int] = set()
            for rule in chain.rules if count else ():
                if rule.counted == 0 and rule.line not in useless | lines and _decides(rule):
                    lines.add(rule.line)
                    said = _NEVER_USED.format(count=count)
                    packet = _some_packet(rule, meaning, lists)
                    yield FilterFinding(Trouble.NEVER_USED, rule.line, rule.text, said, packet)


_USELESS = frozenset([Trouble.SHADOWED, Trouble.REDUNDANT, Trouble.IMPOSSIBLE])


def _decides(rule: FilterRule) -> bool:
    return rule.action in DECIDING or rule.action in {Action.JUMP, Action.GOTO}


def _traffic(table: FilterTable, chain: Chain) -> int:
    """Packets that rules of the chain counted, and its policy."""
    by_line = {rule.line: rule.counted or 0 for rule in chain.rules}
    policies = sum(base.counted or 0 for base in table.bases if base.chain == chain.name)
    return sum(by_line.values()) + policies


def _some_packet(rule: FilterRule, meaning: Meaning, lists: Lists) -> Packet | None:
    """A packet that the rule waits for."""
    for place in lists.places.get(id(rule), ()):
        for cube in place.listed.entries[place.at].may:
            return packet_of(cube, meaning.interfaces)
    return None


def contradictions(file: RuleFile, lists: Lists, told: Iterable[FilterFinding]) -> Iterator[FilterFinding]:
    """Find, among rules that are shadowed by one other, those that ask for the same packets as it does."""
    by_line: dict[int, list[FilterRule]] = {}
    for table in file.tables:
        for chain in table.chains:
            for rule in chain.rules:
                by_line.setdefault(rule.line, []).append(rule)
    for one in told:
        if one.kind is not Trouble.SHADOWED or len(one.deciding) != 1:
            continue
        (later,), (earlier,) = by_line[one.line][:1], by_line[one.deciding[0]][:1]
        opposite = (later.action is Action.ACCEPT) is not (earlier.action is Action.ACCEPT)
        same = _asked(later, lists) == _asked(earlier, lists)
        if opposite and same and {later.action, earlier.action} <= DECIDING:
            said = _CONTRADICTORY.format(line=earlier.line)
            yield FilterFinding(Trouble.CONTRADICTORY, one.line, one.text, said, one.witness, one.deciding)


def _asked(rule: FilterRule, lists: Lists) -> set[Cube]:
    """All packets that the rule is asked about and may match, on all ways to it."""
    places = lists.places.get(id(rule), ())
    return {cube for place in places for cube in place.listed.entries[place.at].may}

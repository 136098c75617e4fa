"""What is proved of the rules of a boundary by themselves: too wide, of no use, not saying all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts import BoundaryRules, PacketFilter, RuleNote
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Either,
    Field,
    InState,
    Kind,
    Side,
    Stage,
    State,
    Through,
    Within,
)
from scanner.model import Gap, GapReason, Text
from scanner.packetspace.analysis import analyse
from scanner.packetspace.cube import TooMany
from scanner.packetspace.finding import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts import FactSheet, Rules
    from scanner.facts.rules import Condition, FilterRule, FilterTable
    from scanner.model import Citation
    from scanner.packetspace.finding import FilterFinding

MOST_RULES = 5000
"""More rules are not analysed at every judgement; the command for filters takes them."""

_WIDE = frozenset([Trouble.ANY_ANY, Trouble.OVER_WIDE, Trouble.SOURCE_PORT])
_PORTS = frozenset([6, 17, 132])
_ICMP = frozenset([1, 58])

_VAGUE = Text(zh="放行规则未写明{what}：{rule}", en="an accepting rule leaves out {what}: {rule}")
_SHADOWED = Text(zh="规则不起作用（{why}）：{rule}", en="a rule of no use ({why}): {rule}")
_SAID = Text(zh="{why}：{rule}", en="{why}: {rule}")
_UNREAD = Text(zh="未读懂：{rule}", en="not understood: {rule}")


def boundary_rules(sheet: FactSheet) -> BoundaryRules | Gap:
    """Judge the loaded rules of a boundary."""
    filters = sheet.get(PacketFilter)
    if isinstance(filters, Gap):
        return filters
    loaded = filters.loaded
    count = sum(len(c.rules) for t in loaded.file.tables for c in t.chains) if loaded is not None else 0
    if loaded is None or count > MOST_RULES:
        return Gap(GapReason.UNPARSABLE, detail="the rules are too many to be proved at every judgement")
    try:
        findings = analyse(loaded.file).findings
    except TooMany:
        return Gap(GapReason.UNPARSABLE, detail="the rules fall into more pieces than are compared")
    vague: list[RuleNote] = []
    unread: list[RuleNote] = []
    named = 0
    for table in loaded.file.tables:
        unread += (
            RuleNote(_UNREAD.format(rule=rule.text[:120]), (_cite(loaded, rule),))
            for rule in _rules(table)
            if rule.unread or rule.action is Action.ANYTHING
        )
        for rule in _forwarding(table):
            missing = _missing(rule)
            if missing is None:
                continue
            named += not missing.en
            if missing.en:
                said = _both(_VAGUE, what=missing, rule=rule.text[:120])
                vague.append(RuleNote(said, (_cite(loaded, rule),)))
    return BoundaryRules(
        filters.seen,
        tuple(_note(loaded, one, _SAID) for one in findings if one.kind in _WIDE),
        tuple(_note(loaded, one, _SHADOWED) for one in findings if _of_no_use(one)),
        tuple(vague),
        named,
        (*unread, *(_note(loaded, one, _SAID) for one in findings if one.kind is Trouble.GAVE_UP)),
    )


def _cite(loaded: Rules, rule: FilterRule) -> Citation:
    return loaded.cite(rule.line, rule.text)


def _both(pattern: Text, **values: Text | str) -> Text:
    zh = {k: v.zh if isinstance(v, Text) else v for k, v in values.items()}
    en = {k: v.en if isinstance(v, Text) else v for k, v in values.items()}
    return Text(zh=pattern.format(**zh).zh, en=pattern.format(**en).en)


def _of_no_use(one: FilterFinding) -> bool:
    """A rule that says once more what comes after it, as a last deny does, is no mistake."""
    return one.kind in {Trouble.SHADOWED, Trouble.IMPOSSIBLE} or (
        one.kind is Trouble.REDUNDANT and bool(one.deciding)
    )


def _note(loaded: Rules, one: FilterFinding, pattern: Text) -> RuleNote:
    cited = [loaded.cite(one.line, one.text), *(loaded.cite(line, "") for line in one.deciding[:4])]
    return RuleNote(_both(pattern, why=one.message, rule=one.text[:120]), tuple(cited))


def _rules(table: FilterTable) -> Iterator[FilterRule]:
    for chain in table.chains:
        yield from chain.rules


def _forwarding(table: FilterTable) -> Iterator[FilterRule]:
    """Accepting rules that forwarded packets can meet in a table of filters."""
    chains = {chain.name: chain for chain in table.chains}
    waiting = [b.chain for b in table.bases if b.stage is Stage.FORWARD and b.kind is Kind.FILTER]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in chains:
            continue
        seen.add(name)
        for rule in chains[name].rules:
            if rule.action in {Action.JUMP, Action.GOTO}:
                waiting.append(rule.target)
            elif rule.action is Action.ACCEPT:
                yield rule


_ENDS = {
    "source": Text(zh="来源", en="the source"),
    "destination": Text(zh="目的", en="the destination"),
    "protocol": Text(zh="协议", en="the protocol"),
    "port": Text(zh="端口", en="the port"),
}


def _missing(rule: FilterRule) -> Text | None:
    """What a rule leaves out; None: it is about packets of connections that were let in before."""
    told: dict[str, bool] = dict.fromkeys(_ENDS, False)
    protocols: set[int] = set()
    for condition in rule.conditions:
        if isinstance(condition, InState) and State.NEW not in condition.states:
            return None
        for name in _names(condition, protocols):
            told[name] = True
    if protocols and protocols <= _ICMP:
        told["port"] = True
    if protocols and not protocols <= (_PORTS | _ICMP):
        told["port"] = True  # protocols that have none
    missing = [words for name, words in _ENDS.items() if not told[name]]
    return Text(zh="、".join(m.zh for m in missing), en=", ".join(m.en for m in missing))


def _names(condition: Condition, protocols: set[int]) -> Iterator[str]:
    if isinstance(condition, Through):
        yield "source" if condition.side is Side.IN else "destination"
    elif isinstance(condition, Either):
        options = [
            {name for one in option for name in _names(one, protocols)} for option in condition.options
        ]
        yield from set.intersection(*options) if options else ()
    elif isinstance(condition, Within) and condition.spans not in (V4_SPANS, V6_SPANS):
        if condition.field is Field.PROTOCOL:
            numbers = {n for low, high in condition.spans if high - low < 8 for n in range(low, high + 1)}
            if numbers:
                protocols |= numbers
                yield "protocol"
        elif condition.field in _FIELDS:
            yield _FIELDS[condition.field]


_FIELDS = {Field.SOURCE: "source", Field.DESTINATION: "destination", Field.PORT: "port"}

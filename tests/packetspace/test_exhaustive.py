"""Rules that never matter, against trying every packet of a small space, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.facts.rules import (
    DECIDING,
    V4_SPANS,
    Action,
    Base,
    Chain,
    Field,
    FilterRule,
    FilterTable,
    InState,
    Opaque,
    RuleFile,
    Side,
    Stage,
    State,
    Through,
    Within,
)
from scanner.packetspace.analysis import analyse
from scanner.packetspace.difference import compare
from scanner.packetspace.finding import Trouble
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.matching import Meaning
from scanner.packetspace.useless import lists_of, useless_rules

if TYPE_CHECKING:
    from scanner.facts.rules import Condition

PORTS, SOURCES, NAMES = range(5), range(3), ("eth0", "eth1", "eth9", "other")
"""The last of each stands for all that no rule names."""

TOLD_APART = (State.NEW, State.ESTABLISHED, State.INVALID)

Seen = tuple[int, int, str, State, bool]
PACKETS: list[Seen] = list(product(PORTS, SOURCES, NAMES, TOLD_APART, (True, False)))
NEVER = frozenset([Trouble.SHADOWED, Trouble.REDUNDANT, Trouble.IMPOSSIBLE])

spans = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda two: ((min(two), max(two)),))
conditions = st.lists(
    st.one_of(
        st.builds(Within, st.just(Field.PORT), spans),
        spans.map(lambda s: Within(Field.PORT, ((s[0][1] + 1, 65535),))),
        st.sampled_from([((0, 0),), ((1, 1),), ((0, 1),), ((1, V4_SPANS[0][1]),)]).map(
            lambda s: Within(Field.SOURCE, s)
        ),
        st.builds(
            Through, st.just(Side.IN), st.sampled_from([("eth0",), ("eth1",), ("eth*",)]), st.booleans()
        ),
        st.sampled_from([State.NEW, State.ESTABLISHED]).map(lambda s: InState(frozenset(State) - {s})),
        st.booleans().map(lambda n: Opaque("mac", "mac 1", n, steady=True)),
    ),
    max_size=3,
).map(tuple)


@st.composite
def rule_sets(draw: st.DrawFn) -> FilterTable:
    line = iter(range(1, 1000))
    chains = []
    for level, name in enumerate(("INPUT", "A", "B")):
        below = ["A", "B"][level:]
        rules = []
        for _ in range(draw(st.integers(1, 5))):
            action = draw(
                st.sampled_from([*sorted(DECIDING), Action.ACCEPT, Action.RETURN, Action.JUMP, Action.GOTO])
            )
            if action in {Action.JUMP, Action.GOTO} and not below:
                action = Action.CONTINUE
            target = draw(st.sampled_from(below)) if action in {Action.JUMP, Action.GOTO} else ""
            rules.append(FilterRule(next(line), "rule", draw(conditions), action, target))
        chains.append(Chain(name, next(line), tuple(rules)))
    policy = draw(st.sampled_from([Action.ACCEPT, Action.DROP]))
    return FilterTable("filter", (V4_SPANS,), tuple(chains), (Base("INPUT", Stage.INPUT, policy, 0),))


def holds(condition: Condition, packet: Seen) -> bool:
    port, source, name, state, steady = packet
    match condition:
        case Within():
            value = port if condition.field is Field.PORT else source
            return any(low <= value <= high for low, high in condition.spans)
        case Through():
            inside = any(name == n or (n.endswith("*") and name.startswith(n[:-1])) for n in condition.names)
            return inside is not condition.negated
        case InState():
            return state in condition.states
        case Opaque():
            return steady is not condition.negated
    raise AssertionError(condition)


def run(table: FilterTable, chain: str, packet: Seen) -> FilterRule | None:
    """The rule that decides, as the kernel would walk: None where the chain comes to its end."""
    for rule in next(c for c in table.chains if c.name == chain).rules:
        if not all(holds(condition, packet) for condition in rule.conditions):
            continue
        if rule.action in DECIDING:
            return rule
        if rule.action in {Action.JUMP, Action.GOTO}:
            decided = run(table, rule.target, packet)
            if decided is not None or rule.action is Action.GOTO:
                return decided
        elif rule.action is Action.RETURN:
            return None
    return None


def fates(table: FilterTable) -> list[Action]:
    decided = [run(table, "INPUT", packet) for packet in PACKETS]
    return [table.bases[0].policy if rule is None else rule.action for rule in decided]


def without(table: FilterTable, gone: FilterRule) -> FilterTable:
    chains = tuple(replace(c, rules=tuple(r for r in c.rules if r is not gone)) for c in table.chains)
    return replace(table, chains=chains)


def file_of(table: FilterTable) -> RuleFile:
    return RuleFile("made", 1000, (table,), ())


@settings(deadline=None, max_examples=40)
@given(rule_sets())
def test_rules_that_never_matter_are_exactly_those_whose_absence_nobody_notices(table: FilterTable) -> None:
    file = file_of(table)
    meaning = Meaning(interfaces_of(file, "eth0", "eth1", "eth*"))
    lists = lists_of(file, meaning)
    told = {finding.line: finding.kind for finding in useless_rules(file, meaning, lists)}
    deciders = {rule.line for packet in PACKETS if (rule := run(table, "INPUT", packet)) is not None}
    before = fates(table)
    for chain in table.chains:
        for rule in chain.rules:
            if rule.action not in DECIDING or id(rule) not in lists.places:
                continue
            assert (told.get(rule.line) in NEVER) == (fates(without(table, rule)) == before), rule
            if told.get(rule.line) in {Trouble.SHADOWED, Trouble.IMPOSSIBLE}:
                assert rule.line not in deciders


@settings(deadline=None, max_examples=40)
@given(rule_sets(), rule_sets())
def test_two_rule_sets_are_equal_exactly_when_every_packet_fares_the_same(
    one: FilterTable, two: FilterTable
) -> None:
    compared = compare(file_of(one), file_of(two))
    assert not compared.unproved
    assert compared.equal == (fates(one) == fates(two))


@settings(deadline=None, max_examples=20)
@given(rule_sets())
def test_a_rule_set_differs_from_itself_with_a_rule_less_only_where_a_packet_notices(
    table: FilterTable,
) -> None:
    before = fates(table)
    for chain in table.chains:
        for rule in chain.rules:
            less = without(table, rule)
            compared = compare(file_of(table), file_of(less))
            assert not compared.unproved
            assert compared.equal == (fates(less) == before), rule


@settings(deadline=None, max_examples=40)
@given(rule_sets())
def test_a_default_deny_lets_nothing_through_that_nobody_named(table: FilterTable) -> None:
    (denies,) = analyse(file_of(table)).denies.values()
    unnamed = [
        (packet, action)
        for packet, action in zip(PACKETS, fates(table), strict=True)
        if packet[:4] == (PORTS[-1], SOURCES[-1], "other", State.NEW)
    ]
    if all(denies.values()):
        assert all(action is not Action.ACCEPT for _, action in unnamed)

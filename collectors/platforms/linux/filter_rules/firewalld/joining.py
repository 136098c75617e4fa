"""Direct rules beside firewalld's own: apart under nftables, in the same chains under iptables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.facts.rules import Action, Chain, Field, FilterRule, Within

if TYPE_CHECKING:
    from collectors.platforms.linux.filter_rules.firewalld.direct import Direct
    from scanner.facts.rules import FilterTable, Spans

_PLACES = {"INPUT": "filter_INPUT", "FORWARD": "filter_FORWARD", "OUTPUT": "filter_OUTPUT"}


def joined(own: FilterTable, direct: Direct, *, nftables: bool) -> list[FilterTable]:
    """Return all tables.

    Under nftables, iptables' tables come first at each hook. Under iptables, direct rules of ``filter`` stand
    behind the rules about connections, and those of other tables before firewalld's own.
    """
    apart: list[FilterTable] = []
    for told in direct.tables.values():
        for table in told:
            if nftables or table.name != "filter":
                apart.append(table)
            else:
                own = _within(own, table)
    return [*apart, own]


def _within(own: FilterTable, direct: FilterTable) -> FilterTable:
    family = direct.families[0]
    mark = "6" if family[0][0] else "4"
    named = {chain.name: f"{chain.name} {mark}" for chain in direct.chains}
    chains = {chain.name: chain for chain in own.chains}
    for chain in direct.chains:
        rules = tuple(_renamed(rule, named) for rule in chain.rules)
        if chain.name in _PLACES:
            place = _PLACES[chain.name]
            chains[place] = replace(chains[place], rules=_placed(chains[place], rules, family))
        else:
            chains[named[chain.name]] = Chain(named[chain.name], chain.line, rules)
    return replace(own, chains=tuple(chains.values()))


def _renamed(rule: FilterRule, named: dict[str, str]) -> FilterRule:
    return replace(rule, target=named.get(rule.target, rule.target)) if rule.target else rule


def _placed(chain: Chain, rules: tuple[FilterRule, ...], family: Spans) -> tuple[FilterRule, ...]:
    """Put the call of direct rules behind what is asked of connections; what stands around it, around all."""
    of_family = Within(Field.SOURCE, family)
    told = [replace(rule, conditions=(of_family, *rule.conditions)) for rule in rules]
    call = next(i for i, rule in enumerate(told) if rule.implied)
    at = next(i for i, rule in enumerate(chain.rules) if rule.action in {Action.JUMP, Action.REJECT})
    return (*told[:call], *chain.rules[:at], told[call], *chain.rules[at:], *told[call + 1 :])

"""Lists at places where they do nothing, or where they leave a family open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import Action, Field, Flaw, Within, outside, united

if TYPE_CHECKING:
    from collectors.platforms.huawei.acl import Acls
    from collectors.platforms.huawei.bindings import Binding, Interface
    from collectors.platforms.huawei.notes import Notes
    from scanner.facts.rules import FilterRule, Spans


def misplaced(bindings: list[Binding], interfaces: list[Interface], acls: Acls, notes: Notes) -> None:
    """Tell of lists on interfaces that are shut, in the wrong direction, and of one family beside both."""
    by_name = {one.name: one for one in interfaces}
    for one in bindings:
        interface = by_name.get(one.place)
        if interface is None:
            continue
        if interface.shut:
            notes.flaw(Flaw.ON_SHUT, one.section, one.place)
        elif _wrong_way(one, interface, acls):
            notes.flaw(Flaw.WRONG_DIRECTION, one.section, one.place)
        same = [two for two in bindings if two.place == one.place and two.inbound is one.inbound]
        if interface.six and one is same[0] and not any(step.six for two in same for step in two.steps):
            notes.flaw(Flaw.FAMILY, one.section, "IPv6")


def _wrong_way(one: Binding, interface: Interface, acls: Acls) -> bool:
    """Whether every restriction of every list is met by nothing that goes this way.

    Out of an interface goes nothing that its own network sent; into it comes nothing for its own network.
    Rules without such a restriction must be what ends a list.
    """
    networks = united([span for spans in interface.networks for span in spans])
    if not networks:
        return False
    rules = [
        rule
        for step in one.steps
        for acl in [acls.find(step.name, six=step.six) if step.name and not step.unsure else None]
        for rule in (acl.ordered() if acl else [])
    ]
    field, other = (Field.DESTINATION, Field.SOURCE) if one.inbound else (Field.SOURCE, Field.DESTINATION)
    if len(one.steps) != sum(1 for step in one.steps if step.name) or not rules:
        return False
    asking = [rule for rule in rules if not _ends(rule)]
    return bool(asking) and all(
        not rule.unread and _restricts(rule, field, networks) and not _meets(rule, other, networks)
        for rule in asking
    )


def _ends(rule: FilterRule) -> bool:
    return not rule.conditions and rule.action in {Action.ACCEPT, Action.DROP}


def _restricts(rule: FilterRule, field: Field, networks: Spans) -> bool:
    return any(
        isinstance(one, Within) and one.field is field and not outside(networks, one.spans)
        for one in rule.conditions
    )


def _meets(rule: FilterRule, field: Field, networks: Spans) -> bool:
    """Whether the rule asks for the other end, and that may lie in the networks."""
    return any(
        isinstance(one, Within) and one.field is field and outside(one.spans, networks) != networks
        for one in rule.conditions
    )

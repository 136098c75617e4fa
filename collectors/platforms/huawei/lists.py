"""Bindings as tables of chains: what each interface's lists do with what passes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.huawei.bindings import EVERYWHERE
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Base,
    Chain,
    FilterRule,
    FilterTable,
    Flaw,
    Kind,
    Opaque,
    Side,
    Stage,
    Through,
)

if TYPE_CHECKING:
    from collectors.platforms.huawei.acl import Acl, Acls
    from collectors.platforms.huawei.bindings import Binding, Interface, Step
    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.sections import Section
    from scanner.facts.rules import Condition

SEVERAL = Opaque("several-filters", "which of several filters at one place decides")
"""Interface, VLAN and whole device may each have a list: which then decides differs between series."""


@dataclass(slots=True)
class ListTable:
    """A table of one family as it grows."""

    acls: Acls
    notes: Notes
    six: bool
    chains: dict[str, Chain] = field(default_factory=dict)
    bases: list[Base] = field(default_factory=list)

    def table(self) -> FilterTable:
        """Return it."""
        name = "acl ipv6" if self.six else "acl"
        return FilterTable(
            name, (V6_SPANS if self.six else V4_SPANS,), tuple(self.chains.values()), tuple(self.bases)
        )

    def asks(self, step: Step, line: Section, conditions: tuple[Condition, ...]) -> FilterRule:
        """Return the rule by which a base chain asks a list; the list's own chain is made if need be."""
        unread = (step.unsure,) if step.unsure else ()
        if step.name is None:
            action = Action.DROP if step.drops else Action.ACCEPT
            if step.unsure:
                action = Action.ANYTHING
            return FilterRule(line.line, line.text, conditions, action, unread=unread, implied=bool(unread))
        acl = self.acls.find(step.name, six=step.six)
        if acl is None:
            self.notes.flaw(Flaw.UNDEFINED, line, f"acl {'ipv6 ' if step.six else ''}{step.name}")
            return FilterRule(
                line.line, line.text, conditions, Action.ANYTHING, unread=(step.name,), implied=True
            )
        name = self._chain(acl, step)
        return FilterRule(line.line, line.text, conditions, Action.JUMP, name, unread, implied=True)

    def _chain(self, acl: Acl, step: Step) -> str:
        rules = acl.ordered()
        name = acl.label
        if step.only is not None:
            chosen = acl.rules.get(step.only)
            rules = [chosen.rule] if chosen else []
            name += f" rule {step.only}"
        if step.drops:
            rules = [replace(rule, action=_dropping(rule.action)) for rule in rules]
            name += " (deny)"
        self.chains.setdefault(name, Chain(name, acl.section.line, tuple(rules)))
        return name

    def add(self, name: str, rules: list[FilterRule], base: Base) -> None:
        """Add a base chain."""
        self.chains[name] = Chain(name, base.line, tuple(rules))
        self.bases.append(base)


def _dropping(action: Action) -> Action:
    return Action.DROP if action is Action.ACCEPT else action


def bind(
    table: ListTable, bindings: list[Binding], interfaces: list[Interface], open_section: Section | None
) -> None:
    """Add the chains of all bindings of the table's family."""
    own = [one for one in bindings if _of_family(one, table)]
    for inbound in (True, False):
        some = [one for one in own if one.inbound is inbound]
        places: dict[str, list[Binding]] = {}
        for one in some:
            places.setdefault(one.place, []).append(one)
        wide = {place: found for place, found in places.items() if _is_wide(place)}
        for place, found in places.items():
            if place not in wide:
                _at_interface(table, place, found, open_section)
        for place, found in wide.items():
            named = tuple(one for one in places if one not in wide)
            _wide(table, place, found, named, cut=open_section is not None)
        layer_two = _layer_two(interfaces)
        shared = [found[0] for place, found in places.items() if place.startswith(("Vlan", "Eth-Trunk"))]
        if layer_two and shared:
            _through_others(table, shared[0], layer_two)


def _is_wide(place: str) -> bool:
    return place == EVERYWHERE or (place.startswith("Vlan") and not place.startswith("Vlanif"))


def _of_family(one: Binding, table: ListTable) -> bool:
    return any(step.six is table.six for step in one.steps)


def _stage(one: Binding) -> Stage:
    return Stage.INBOUND if one.inbound else Stage.OUTBOUND


def _at_interface(table: ListTable, place: str, found: list[Binding], open_section: Section | None) -> None:
    for i, one in enumerate(found):
        doubts: tuple[Condition, ...] = (SEVERAL,) if len(found) > 1 else ()
        if open_section is not None and one.section in list(open_section.all()):
            doubts = (SEVERAL,)
        rules = [table.asks(step, one.section, doubts) for step in one.steps]
        name = f"{place} {_stage(one).value}{f' ({i + 1})' if i else ''}"
        rest = one.rest if not doubts else Action.ACCEPT
        table.add(name, rules, Base(name, _stage(one), rest, one.section.line, devices=(place,)))


def _wide(table: ListTable, place: str, found: list[Binding], named: tuple[str, ...], *, cut: bool) -> None:
    """A list of a VLAN or of the whole device: certain where nothing else filters, uncertain elsewhere."""
    for i, one in enumerate(found):
        side = Side.IN if one.inbound else Side.OUT
        here: list[tuple[Condition, ...]] = []
        if place == EVERYWHERE:
            here.append((Through(side, named, negated=True),) if named else ())
            here += [(Through(side, named), SEVERAL)] if named else []
        else:
            here = [(Through(side, (place,)),), (Through(side, (place,), negated=True), SEVERAL)]
        if cut or len(found) > 1:
            here = [(*conditions, SEVERAL) for conditions in here]
        rules = [table.asks(step, one.section, conditions) for conditions in here for step in one.steps]
        name = f"{place} {_stage(one).value}{f' ({i + 1})' if i else ''}"
        devices = () if place == EVERYWHERE else (place,)
        kind = Kind.FILTER if place == EVERYWHERE else Kind.PART
        base = Base(name, _stage(one), Action.ACCEPT, one.section.line, kind=Kind.FILTER, devices=devices)
        if kind is Kind.PART:
            table.add(name, [rule for rule in rules if _certain(rule)], base)
            rest = f"{name} elsewhere"
            table.add(
                rest,
                [rule for rule in rules if not _certain(rule)],
                replace(base, chain=rest, kind=kind, devices=(), priority=1),
            )
        else:
            table.add(name, rules, base)


def _certain(rule: FilterRule) -> bool:
    return not any(isinstance(one, Through) and one.negated for one in rule.conditions)


LAYER_THREE = ("Vlanif", "LoopBack", "NULL", "MEth", "Tunnel", "Vbdif", "Virtual", "Nve")


def _layer_two(interfaces: list[Interface]) -> tuple[str, ...]:
    """Ports without an address: what passes them may pass an interface of a VLAN or a trunk as well."""
    return tuple(one.name for one in interfaces if not one.routed and not one.name.startswith(LAYER_THREE))


def _through_others(table: ListTable, line: Binding, ports: tuple[str, ...]) -> None:
    name = f"ports of others {_stage(line).value}"
    side = Side.IN if line.inbound else Side.OUT
    doubt = Opaque("port", "through which VLAN or trunk packets of a port go", steady=True)
    rule = FilterRule(
        line.section.line,
        line.section.text,
        (Through(side, ports), doubt),
        Action.ANYTHING,
        unread=(doubt.text,),
        implied=True,
    )
    base = Base(name, _stage(line), Action.ACCEPT, line.section.line, 1, Kind.PART, ports)
    table.add(name, [rule], base)

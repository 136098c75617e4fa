"""Rules of one zone or policy, each in the chain that firewalld puts it into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers, translations
from collectors.platforms.linux.filter_rules.firewalld import conditions as asks
from collectors.platforms.linux.filter_rules.firewalld.objects import End, RichRule, Ruleset, Service
from scanner.facts.rules import Action, Field, Opaque, Side, Through, Translation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.platforms.linux.filter_rules.firewalld.building import Building
    from collectors.platforms.linux.filter_rules.firewalld.conditions import Conditions
    from collectors.platforms.linux.filter_rules.ipset import IpSet

ACTIONS = {"accept": Action.ACCEPT, "reject": Action.REJECT, "drop": Action.DROP}

OF_BOTH = frozenset(
    "communication-prohibited port-unreachable ttl-zero-during-reassembly ttl-zero-during-transit".split()
)
NOT_ALWAYS = Opaque("release", "icmp-block of both families")
"""Release 1.3 leaves out blocks of messages that name both families, under iptables."""

Asked = tuple["Conditions", tuple[str, ...]]
"""What a rule asks, and words of it that were not understood."""


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for. ``apart``: each family has filters of its own, as iptables has."""

    services: Mapping[str, Service]
    sets: Mapping[str, IpSet]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Chains:
    """Chains of one zone or policy by what they are for; "" where it has none."""

    filter: str
    nat_before: str = ""
    nat_behind: str = ""
    marks: str = ""


def service(names: Names, word: str, told: tuple[str, ...] = ()) -> Iterator[Asked]:
    """What a service asks of a packet, one of these; a name that nobody knows may ask anything."""
    one = names.services.get(word)
    if one is None:
        yield (), (f"service {word}",)
        return
    for include in one.includes:
        if include not in told and include != word:
            yield from service(names, include, (*told, word))
    ends: list[Asked] = [((), ())]
    if one.destinations:
        ends = [_or_unread(asks.end(End(a), Field.DESTINATION, {}), f"{f} {a}") for f, a in one.destinations]
    for conditions, unread in ends:
        for port in one.ports:
            yield _and((conditions, unread), _or_unread(asks.ports(port, Field.PORT), "/".join(port)))
        for protocol in one.protocols:
            yield _and((conditions, unread), _or_unread(asks.protocol(protocol), protocol))
        for port in one.source_ports:
            yield _and((conditions, unread), _or_unread(asks.ports(port, Field.SOURCE_PORT), "/".join(port)))
    if not one.known:
        yield (), (f"service {word}",)


def _or_unread(told: Conditions | None, words: str) -> Asked:
    return ((), (words,)) if told is None else (told, ())


def _and(one: Asked, two: Asked) -> Asked:
    return (*one[0], *two[0]), (*one[1], *two[1])


def settings(building: Building, of: Ruleset, chains: Chains, names: Names) -> None:
    """Put what a zone or policy says outside of rich rules where it belongs."""
    allow = f"{chains.filter}_allow"

    def accept(at: int, told: Asked) -> None:
        building.add(allow, (at, of.text(at)), told[0], Action.ACCEPT, unread=told[1])

    for word, at in of.services:
        for told in service(names, word):
            accept(at, told)
    for port, at in of.ports:
        accept(at, _or_unread(asks.ports(port, Field.PORT), "/".join(port)))
    for port, at in of.source_ports:
        accept(at, _or_unread(asks.ports(port, Field.SOURCE_PORT), "/".join(port)))
    for protocol, at in of.protocols:
        accept(at, _or_unread(asks.protocol(protocol), protocol))
    for name, at in of.icmp_blocks:
        # Blocks are what is let through where they are inverted.
        chain, action = (allow, Action.ACCEPT) if of.inverted else (f"{chains.filter}_deny", Action.REJECT)
        options = asks.icmp(name, apart=names.apart)
        perhaps = (NOT_ALWAYS,) if names.apart and name in OF_BOTH else ()
        for option in options or [()]:
            building.add(
                chain, (at, of.text(at)), (*option, *perhaps), action, unread=() if options else (name,)
            )
    _translating(building, of, chains)


def _translating(building: Building, of: Ruleset, chains: Chains) -> None:
    for attributes, at in of.forward_ports:
        word = attributes.get("to-addr", "")
        kind = asks.family_of(word) or "ipv4"
        if chains.nat_before:
            _forward_port(
                building, f"{chains.nat_before}_allow", (at, of.text(at)), asks.family(kind), attributes
            )
        else:
            doubtful(building, chains, (at, of.text(at)))
    if of.masquerade and not chains.nat_behind:
        doubtful(building, chains, (of.masquerade, of.text(of.masquerade)))
    elif of.masquerade:
        at = of.masquerade
        _masquerade(building, f"{chains.nat_behind}_allow", (at, of.text(at)), asks.family("ipv4"))


def _masquerade(building: Building, chain: str, at: tuple[int, str], told: Conditions) -> None:
    own = Translation(Field.SOURCE, own=True)
    behind = (*told, Through(Side.OUT, ("lo",), negated=True))
    building.add(chain, at, behind, Action.TRANSLATE, translation=own)


def _forward_port(
    building: Building, chain: str, at: tuple[int, str], told: Conditions, attributes: Mapping[str, str]
) -> None:
    port = attributes.get("port", ""), attributes.get("protocol", "")
    asked, unread = _or_unread(asks.ports(port, Field.PORT), "/".join(port))
    to, word = attributes.get("to-port", ""), attributes.get("to-addr", "")
    if word:
        goes = translations.target(f"[{word}]:{to}" if to else word, Field.DESTINATION)
    else:
        goes = translations.own(to)
    if goes is None:
        unread = (*unread, f"{word}:{to}")
    building.add(chain, at, (*told, *asked), Action.TRANSLATE, translation=goes, unread=unread)


def rich(building: Building, rule: RichRule, chains: Chains, names: Names) -> None:
    """Put a rich rule where it belongs: by its priority, or by what it does where that is zero."""
    at = (rule.line, rule.text)
    kind, attributes = rule.element or ("", {})
    around = _around(rule, names)
    action, more = rule.action or ("", {})
    if not rule.known:
        around = (around[0], (*around[1], rule.text))
    if kind in {"masquerade", "forward-port"}:
        base = chains.nat_behind if kind == "masquerade" else chains.nat_before
        chain = f"{base}_{_suffix(rule, 'allow')}"
        if not base or around[1]:
            doubtful(building, chains, at)
        elif kind == "masquerade":
            _masquerade(building, chain, at, around[0])
        else:
            _forward_port(building, chain, at, around[0], attributes)
        return
    if kind == "tcp-mss-clamp":
        return  # the size of segments changes, and nothing else
    for told in _elements(rule, names):
        asked, unread = _and(around, told)
        if rule.logged:
            logs = f"{chains.filter}_{_suffix(rule, 'log')}"
            building.add(logs, at, asked, Action.CONTINUE, logs=True)
        if action == "mark" and chains.marks:
            chain = f"{chains.marks}_{_suffix(rule, 'allow')}"
            building.add(chain, at, asked, Action.CONTINUE, unread=unread, marks=True)
            continue
        does = ACTIONS.get(action) or (Action.REJECT if kind == "icmp-block" else None)
        if does is None:
            building.add(
                f"{chains.filter}_{_suffix(rule, 'deny')}", at, (), Action.ANYTHING, unread=(rule.text,)
            )
            continue
        limited = (asks.rate(rule.limited),) if rule.limited else ()
        chain = _suffix(rule, "allow" if does is Action.ACCEPT else "deny")
        reject = more.get("type", "")
        narrowed = _of_reject(reject) if does is Action.REJECT else ()
        building.add(f"{chains.filter}_{chain}", at, (*asked, *narrowed, *limited), does, unread=unread)


def _of_reject(kind: str) -> Conditions:
    """What a kind of answer narrows a rule to: its family, or TCP."""
    if kind in {"tcp-reset", "tcp-rst"}:
        return asks.protocol("tcp") or ()
    if kind in {"port-unreach", ""}:
        return ()
    six = kind.startswith("icmp6") or kind in {"adm-prohibited", "addr-unreach", "no-route"}
    return asks.family("ipv6" if six else "ipv4")


def doubtful(building: Building, chains: Chains, at: tuple[int, str]) -> None:
    """Something of a zone or policy was not understood: its packets may fare in any way."""
    building.add(f"{chains.filter}_pre", at, (), Action.ANYTHING, unread=(at[1],))


def _suffix(rule: RichRule, otherwise: str) -> str:
    return "pre" if rule.priority < 0 else "post" if rule.priority > 0 else otherwise


def _around(rule: RichRule, names: Names) -> Asked:
    """What a rich rule asks beside its element."""
    told: Asked = ((), ())
    if rule.family:
        told = (asks.family(rule.family), ())
    for one, field in ((rule.destination, Field.DESTINATION), (rule.source, Field.SOURCE)):
        if one is not None:
            told = _and(told, _or_unread(asks.end(one, field, names.sets), one.word))
    return told


def _elements(rule: RichRule, names: Names) -> list[Asked]:
    """What a rich rule's element asks, one of these."""
    if rule.element is None:
        return [((), ())]
    kind, attributes = rule.element
    port = attributes.get("port", ""), attributes.get("protocol", "")
    match kind:
        case "service":
            return list(service(names, attributes.get("name", "")))
        case "port":
            return [_or_unread(asks.ports(port, Field.PORT), "/".join(port))]
        case "source-port":
            return [_or_unread(asks.ports(port, Field.SOURCE_PORT), "/".join(port))]
        case "protocol":
            return [_or_unread(asks.protocol(attributes.get("value", "")), rule.text)]
        case _:
            families = _families(rule)
            options = asks.icmp(attributes.get("name", ""), families, apart=names.apart)
            return [(option, ()) for option in options] if options else [((), (rule.text,))]


def _families(rule: RichRule) -> tuple[str, ...]:
    source = rule.source.word if rule.source else ""
    told = rule.family or (asks.family_of(source) if numbers.address_span(source) else "")
    return (told,) if told else ("ipv4", "ipv6")

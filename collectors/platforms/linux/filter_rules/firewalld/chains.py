"""All chains of firewalld: zones by source and then by interface, policies before and behind their rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from collectors.platforms.linux.filter_rules.firewalld import conditions as asks
from collectors.platforms.linux.filter_rules.firewalld.building import PARTS, Building
from collectors.platforms.linux.filter_rules.firewalld.objects import End
from collectors.platforms.linux.filter_rules.firewalld.rulesets import Chains, Names, doubtful, rich, settings
from scanner.facts.rules import (
    Action,
    Base,
    Field,
    InState,
    Kind,
    Opaque,
    Side,
    Stage,
    State,
    Through,
    Within,
    united,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collectors.platforms.linux.filter_rules.firewalld.objects import RichRule, Ruleset
    from scanner.facts.rules import Condition, FilterTable


@dataclass(frozen=True, slots=True)
class Conf:
    """Settings of firewalld.conf. ``at``: lines of them."""

    default: str = "public"
    default_at: tuple[int, str] = (1, "DefaultZone=public")
    rpfilter: bool = True
    tunnels: bool = True
    logs: bool = False
    nftables: bool = True


@dataclass(slots=True)
class Whole:
    """Everything that is in force. ``zones``: those that packets may come into, by name."""

    conf: Conf
    zones: dict[str, Ruleset]
    policies: list[Ruleset]
    names: Names


TUNNELLED = (
    "::/96 ::ffff:0:0/96 2002::/24 2002:a00::/24 2002:7f00::/24 2002:a9fe::/32 2002:ac10::/28 2002:c0a8::/32 "
    "2002:e000::/19"
).split()
"""Addresses of IPv6 that carry ones of IPv4 which belong into no tunnel (RFC 3964)."""

ESTABLISHED = InState(frozenset({State.ESTABLISHED, State.RELATED}))


def table_of(whole: Whole) -> FilterTable:
    """Put all chains together."""
    building = Building()
    _bases(building, whole.conf)
    _dispatch(building, whole)
    for zone in whole.zones.values():
        _zone(building, zone, whole)
    for policy in sorted(whole.policies, key=lambda one: one.name):
        _policy(building, policy, whole)
    for (hook, part), jumps in _of_policies(whole).items():
        for at, target, conditions in jumps:
            building.jump(f"{hook}_POLICIES_{part}", target, at, *conditions)
    return building.table()


HOOKS = (
    ("filter_INPUT", Stage.INPUT, Kind.FILTER, 10),
    ("filter_FORWARD", Stage.FORWARD, Kind.FILTER, 10),
    ("filter_OUTPUT", Stage.OUTPUT, Kind.FILTER, 10),
    ("nat_PREROUTING", Stage.PREROUTING, Kind.NAT, -90),
    ("nat_POSTROUTING", Stage.POSTROUTING, Kind.NAT, 110),
    ("nat_OUTPUT", Stage.OUTPUT, Kind.NAT, -90),
    ("mangle_PREROUTING", Stage.PREROUTING, Kind.BESIDE, -140),
)


def _bases(building: Building, conf: Conf) -> None:
    """The chains that packets enter, with what firewalld always asks first."""
    at = conf.default_at
    for name, stage, kind, priority in HOOKS:
        building.chain(name, at[0])
        building.bases.append(Base(name, stage, Action.ACCEPT, at[0], priority, kind))
        for part in ("pre", "post"):
            building.chain(f"{name}_POLICIES_{part}", at[0])
    if conf.rpfilter:
        _reverse_path(building, at)
    for hook in ("INPUT", "FORWARD"):
        _inward(building, f"filter_{hook}", conf)
    _always(building, conf, "filter_OUTPUT", Action.ACCEPT, ESTABLISHED)
    _always(building, conf, "filter_OUTPUT", Action.ACCEPT, Through(Side.OUT, ("lo",)))
    if conf.tunnels:
        _always(building, conf, "filter_OUTPUT", Action.REJECT, Within(Field.DESTINATION, _tunnelled()))
    for hook in ("filter_OUTPUT", "nat_OUTPUT"):
        for part in ("pre", "post"):
            building.jump(hook, f"{hook}_POLICIES_{part}", at)
    for hook in ("nat_PREROUTING", "nat_POSTROUTING", "mangle_PREROUTING"):
        building.jump(hook, f"{hook}_ZONES", at)


def _always(building: Building, conf: Conf, chain: str, action: Action, *conditions: Condition) -> None:
    building.add(chain, conf.default_at, conditions, action, implied=True)


def _inward(building: Building, chain: str, conf: Conf) -> None:
    """What is asked of packets to the host, and of those through it."""
    # Each program's own words, so that its loaded rules are seen to ask the same.
    words = "ct status dnat" if conf.nftables else "ctstate dnat"
    translated = Opaque("translated", words, steady=True, first=False)
    _always(building, conf, chain, Action.ACCEPT, ESTABLISHED)
    _always(building, conf, chain, Action.ACCEPT, translated)
    _always(building, conf, chain, Action.ACCEPT, Through(Side.IN, ("lo",)))
    _always(building, conf, chain, Action.DROP, InState(frozenset({State.INVALID})))
    if chain == "filter_FORWARD" and conf.tunnels:
        _always(building, conf, chain, Action.REJECT, Within(Field.DESTINATION, _tunnelled()))
    building.jump(chain, f"{chain}_ZONES", conf.default_at)
    if conf.logs:
        building.add(chain, conf.default_at, (), Action.CONTINUE, implied=True, logs=True)
    _always(building, conf, chain, Action.REJECT)


def _reverse_path(building: Building, at: tuple[int, str]) -> None:
    """Packets of IPv6 whose source leads back elsewhere."""
    name = "filter_PREROUTING"
    building.chain(name, at[0])
    building.bases.append(Base(name, Stage.PREROUTING, Action.ACCEPT, at[0], 10, Kind.FILTER))
    for kind in ("router-advertisement", "neighbour-solicitation"):
        for option in asks.icmp(kind, ("ipv6",)) or ():
            building.add(name, at, option, Action.ACCEPT, implied=True)
    back = Opaque("return-path", "fib saddr . mark . iif oif", negated=True, steady=True, first=True)
    building.add(name, at, (*asks.family("ipv6"), back), Action.DROP, implied=True)


def _tunnelled() -> tuple[tuple[int, int], ...]:
    return united([span for word in TUNNELLED if (span := numbers.address_span(word)) is not None])


def _zone_chains(name: str) -> dict[str, str]:
    """The chain of a zone at each hook."""
    return {
        "filter_INPUT": f"filter_IN_{name}",
        "filter_FORWARD": f"filter_FWD_{name}",
        "nat_PREROUTING": f"nat_PRE_{name}",
        "nat_POSTROUTING": f"nat_POST_{name}",
        "mangle_PREROUTING": f"mangle_PRE_{name}",
    }


def _dispatch(building: Building, whole: Whole) -> None:
    """Sources by the zone's name, then interfaces, the last first, then the default zone."""
    for hook in _zone_chains(""):
        behind = hook == "nat_POSTROUTING"
        chain, field_ = f"{hook}_ZONES", Field.DESTINATION if behind else Field.SOURCE
        for name in sorted(whole.zones):
            zone = whole.zones[name]
            for word, line in zone.sources:
                told = asks.end(End(word), field_, whole.names.sets)
                if told is None and behind:
                    continue  # a hardware address of a destination is asked of nobody
                at = (line, zone.text(line))
                if told is None:
                    building.add(chain, at, (), Action.ANYTHING, unread=(word,))
                else:
                    building.jump(chain, _zone_chains(name)[hook], at, *told, goto=True)
        for name in sorted(whole.zones, reverse=True):
            zone = whole.zones[name]
            for word, line in reversed(zone.interfaces):
                told = asks.interface(word, Side.OUT if behind else Side.IN)
                building.jump(chain, _zone_chains(name)[hook], (line, zone.text(line)), *told, goto=True)
        default = _zone_chains(whole.conf.default)[hook]
        building.jump(chain, default, whole.conf.default_at, goto=True)


ICMP = Within(Field.PROTOCOL, ((1, 1), (58, 58)))
TARGETS = {"DEFAULT": Action.REJECT, "REJECT": Action.REJECT, "DROP": Action.DROP, "ACCEPT": Action.ACCEPT}


def _zone(building: Building, zone: Ruleset, whole: Whole) -> None:
    at = (zone.target_line, zone.text(zone.target_line))
    named = _zone_chains(zone.name)
    for hook, chain in named.items():
        building.jump(chain, f"{hook}_POLICIES_pre", at)
        for part in PARTS:
            building.jump(chain, f"{chain}_{part}", at)
        building.jump(chain, f"{hook}_POLICIES_post", at)
    to_host = named["filter_INPUT"]
    chains = Chains(to_host, named["nat_PREROUTING"], named["nat_POSTROUTING"], named["mangle_PREROUTING"])
    through = Chains(named["filter_FORWARD"])
    for unread in zone.unread:
        doubtful(building, chains, (unread.line, unread.text))
        doubtful(building, through, (unread.line, unread.text))
    settings(building, zone, chains, whole.names)
    if zone.inverted and zone.target in {"DEFAULT", "ACCEPT"}:
        place = (zone.inverted, zone.text(zone.inverted))
        building.add(to_host, place, (ICMP,), Action.REJECT)
    elif zone.target == "DEFAULT":
        building.add(to_host, at, (ICMP,), Action.ACCEPT, implied=True)
    for rule in _ordered(zone):
        rich(building, rule, chains, whole.names)
    if zone.forward:
        _within(building, zone, through.filter, whole)
    for chain in (to_host, through.filter):
        if whole.conf.logs and zone.target != "ACCEPT":
            building.add(chain, at, (), Action.CONTINUE, implied=True, logs=True)
        building.add(chain, at, (), TARGETS[zone.target], implied=True)


def _ordered(of: Ruleset) -> list[RichRule]:
    return sorted(of.rules, key=lambda rule: rule.priority)


def _within(building: Building, zone: Ruleset, chain: str, whole: Whole) -> None:
    """What comes from a zone may go on to the same."""
    at = (zone.forward, zone.text(zone.forward))
    for word, _ in zone.interfaces:
        building.add(f"{chain}_allow", at, asks.interface(word, Side.OUT), Action.ACCEPT)
    for word, _ in zone.sources:
        told = asks.end(End(word), Field.DESTINATION, whole.names.sets)
        if told is not None:
            building.add(f"{chain}_allow", at, told, Action.ACCEPT)


def _policy_chains(policy: Ruleset) -> Chains:
    name = f"policy_{policy.name}"
    if "HOST" in policy.egress:
        before = "ANY" in policy.ingress
        return Chains(
            f"filter_IN_{name}",
            f"nat_PRE_{name}" if before else "",
            marks=f"mangle_PRE_{name}" if before else "",
        )
    if "HOST" in policy.ingress:
        return Chains(f"filter_OUT_{name}", f"nat_OUT_{name}")
    return Chains(f"filter_FWD_{name}", f"nat_PRE_{name}", f"nat_POST_{name}", f"mangle_PRE_{name}")


def _policy(building: Building, policy: Ruleset, whole: Whole) -> None:
    at = (policy.target_line, policy.text(policy.target_line))
    chains = _policy_chains(policy)
    for chain in (chains.filter, chains.nat_before, chains.nat_behind, chains.marks):
        for part in PARTS if chain else ():
            building.jump(chain, f"{chain}_{part}", at)
    for unread in policy.unread:
        doubtful(building, chains, (unread.line, unread.text))
    settings(building, policy, chains, whole.names)
    for rule in _ordered(policy):
        rich(building, rule, chains, whole.names)
    if policy.target in TARGETS and policy.target != "DEFAULT":
        building.add(chains.filter, at, (), TARGETS[policy.target], implied=policy.target != "ACCEPT")


_Jumps = list[tuple[tuple[int, str], str, tuple["Condition", ...]]]


def _of_policies(whole: Whole) -> dict[tuple[str, str], _Jumps]:
    """Where each policy hangs, by hook and by its side of the zones' rules, lower priorities first."""
    found: dict[tuple[str, str], _Jumps] = {}
    for policy in sorted(whole.policies, key=lambda one: (one.priority, one.name)):
        chains, side = _policy_chains(policy), "pre" if policy.priority < 0 else "post"
        at = (policy.target_line, policy.text(policy.target_line))
        for hook, chain in _hooks(policy, chains, whole):
            found.setdefault((hook, side), []).extend(
                (at, chain, (*came, *goes))
                for came in _ends(policy.ingress, Side.IN, whole)
                for goes in _ends(policy.egress, Side.OUT, whole)
            )
    return found


def _hooks(policy: Ruleset, chains: Chains, whole: Whole) -> list[tuple[str, str]]:
    if "HOST" in policy.egress:
        more = [("nat_PREROUTING", chains.nat_before), ("mangle_PREROUTING", chains.marks)]
        return [("filter_INPUT", chains.filter), *(more if "ANY" in policy.ingress else [])]
    if "HOST" in policy.ingress:
        return [("filter_OUTPUT", chains.filter), ("nat_OUTPUT", chains.nat_before)]
    hooks = [("filter_FORWARD", chains.filter), ("nat_POSTROUTING", chains.nat_behind)]
    leads = [whole.zones[name] for name in policy.egress if name in whole.zones]
    # Nothing is routed yet before routing: a policy about interfaces to leave by does not hang there.
    if "ANY" in policy.egress or not any(zone.interfaces for zone in leads):
        hooks += [("nat_PREROUTING", chains.nat_before), ("mangle_PREROUTING", chains.marks)]
    return hooks


def _ends(names: Sequence[str], side: Side, whole: Whole) -> list[tuple[Condition, ...]]:
    """What a packet of the zones is, one of these; nothing is asked of ANY and HOST."""
    if "ANY" in names or "HOST" in names:
        return [()]
    found: list[tuple[Condition, ...]] = []
    field_ = Field.SOURCE if side is Side.IN else Field.DESTINATION
    for name in names:
        zone = whole.zones.get(name)
        if zone is not None:
            found += [asks.interface(word, side) for word, _ in zone.interfaces]
            found += [asks.end(End(w), field_, whole.names.sets) or () for w, _ in zone.sources]
    return found

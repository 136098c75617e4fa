"""Zones, policies, services and sets of addresses from their XML files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.firewalld.objects import End, RichRule, Ruleset, Service
from collectors.platforms.linux.filter_rules.ipset import IpSet
from scanner.facts.rules import UnreadLine

if TYPE_CHECKING:
    from collectors.platforms.linux.filter_rules.firewalld.xml import Element

SILENT = frozenset(["short", "description"])
ELEMENTS = frozenset(
    "service port protocol source-port icmp-block icmp-type masquerade forward-port tcp-mss-clamp".split()
)
ACTIONS = frozenset("accept reject drop mark".split())
YES = frozenset(["yes", "true"])


def spoken(element: Element) -> str:
    """An element as people write it."""
    attributes = "".join(f' {name}="{value}"' for name, value in element.attributes.items())
    inner = "".join(spoken(child) for child in element.children)
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>" if inner else f"<{element.tag}{attributes}/>"


def target_of(word: str) -> str:
    """The target in one spelling; "" where it is none."""
    bare = word.strip("{}%").upper() if word else "DEFAULT"
    return {"DEFAULT": "DEFAULT", "CHAIN_ZONE": "DEFAULT"}.get(
        bare, bare if bare in {"ACCEPT", "DROP", "REJECT", "CONTINUE"} else ""
    )


def ruleset(root: Element, name: str, before: int) -> Ruleset:
    """Read a zone or a policy. ``before``: lines before those of the file."""
    at = root.line + before
    policy = root.tag == "policy"
    found = Ruleset(name, at, policy, target_line=at, target=target_of(root.get("target")))
    found.lines[at] = f"<{root.tag} target={root.get('target') or 'default'!r}>"
    if policy and not root.get("target"):
        found.target = "CONTINUE"
    if not found.target or (root.tag not in {"zone", "policy"}):
        found.unread.append(UnreadLine(at, found.lines[at]))
        found.target = "DEFAULT"
    try:
        found.priority = int(root.get("priority") or "-1")
    except ValueError:
        found.unread.append(UnreadLine(at, f"priority={root.get('priority')!r}"))
    for name_ in root.attributes:
        if name_ not in {"target", "priority", "name", "version", "immutable"}:
            found.unread.append(UnreadLine(at, f"{name_}={root.get(name_)!r}"))
    # Priorities of zones came later than what is known here.
    if root.tag == "zone" and root.get("priority"):
        found.unread.append(UnreadLine(at, f"priority={root.get('priority')!r}"))
    for child in root.children:
        _child(found, child, before)
    return found


_NAMED = {
    "service": ("services", "name"),
    "protocol": ("protocols", "value"),
    "icmp-block": ("icmp_blocks", "name"),
    "interface": ("interfaces", "name"),
}
_PORTS = {"port": "ports", "source-port": "source_ports"}
_SWITCHES = {"icmp-block-inversion": "inverted", "forward": "forward", "masquerade": "masquerade"}
_ZONES = {"ingress-zone": "ingress", "egress-zone": "egress"}


def _child(found: Ruleset, child: Element, before: int) -> None:
    at, tag = child.line + before, child.tag
    found.lines[at] = spoken(child)
    if tag in SILENT:
        return
    if tag in _NAMED:
        name, attribute = _NAMED[tag]
        getattr(found, name).append((child.get(attribute), at))
    elif tag in _PORTS:
        getattr(found, _PORTS[tag]).append(((child.get("port"), child.get("protocol")), at))
    elif tag in _SWITCHES and not child.attributes:
        setattr(found, _SWITCHES[tag], at)
    elif tag in _ZONES and found.is_policy:
        getattr(found, _ZONES[tag]).append(child.get("name"))
    elif tag == "forward-port":
        found.forward_ports.append((child.attributes, at))
    elif tag == "source" and not found.is_policy and source_of(child):
        found.sources.append((source_of(child), at))
    elif tag == "rule":
        found.rules.append(rich_rule(child, at))
    else:
        found.unread.append(UnreadLine(at, spoken(child)))


def source_of(element: Element) -> str:
    """What a source names: an address, a hardware address or a set; "" for none of them."""
    if ipset := element.get("ipset"):
        return f"ipset:{ipset}"
    return element.get("address") or element.get("mac")


def rich_rule(rule: Element, at: int) -> RichRule:
    """Read a rich rule; what is not understood of it makes all of it uncertain."""
    known = rule.get("family") in {"", "ipv4", "ipv6"} and set(rule.attributes) <= {"family", "priority"}
    try:
        priority = int(rule.get("priority") or "0")
    except ValueError:
        priority, known = 0, False
    family = rule.get("family") if rule.get("family") in {"ipv4", "ipv6"} else ""
    told = RichRule(at, spoken(rule), family, priority=priority, known=known)
    for child in rule.children:
        told = _part(told, child)
    return told


def _part(told: RichRule, child: Element) -> RichRule:
    if child.tag in {"source", "destination"}:
        end = End(source_of(child), child.get("invert").lower() in YES or child.get("not").lower() in YES)
        if not end.word or (told.source if child.tag == "source" else told.destination):
            return replace(told, known=False)
        return replace(told, source=end) if child.tag == "source" else replace(told, destination=end)
    if child.tag in ELEMENTS and told.element is None:
        return replace(told, element=(child.tag, child.attributes))
    if child.tag in ACTIONS and told.action is None:
        limits = [one.get("value") for one in child.children if one.tag == "limit"]
        known = len(limits) == len(child.children) < 2
        return replace(
            told,
            action=(child.tag, child.attributes),
            limited=limits[0] if limits else "",
            known=told.known and known,
        )
    if child.tag in {"log", "nflog", "audit"}:
        return replace(told, logged=True)
    return replace(told, known=False)


def service(root: Element) -> Service:
    """Read what a service stands for."""
    ports: list[tuple[str, str]] = []
    source_ports: list[tuple[str, str]] = []
    protocols: list[str] = []
    destinations: list[tuple[str, str]] = []
    includes: list[str] = []
    known = root.tag == "service"
    for child in root.children:
        match child.tag:
            case "short" | "description" | "module" | "helper":
                pass  # helpers follow connections; what they let through is related, not new
            case "port" if child.get("port"):
                ports.append((child.get("port"), child.get("protocol")))
            case "port":
                protocols.append(child.get("protocol"))
            case "source-port":
                source_ports.append((child.get("port"), child.get("protocol")))
            case "protocol":
                protocols.append(child.get("value"))
            case "destination":
                destinations += [(f, child.get(f)) for f in ("ipv4", "ipv6") if child.get(f)]
                known = known and set(child.attributes) <= {"ipv4", "ipv6"}
            case "include":
                includes.append(child.get("service"))
            case _:
                known = False
    return Service(
        tuple(ports), tuple(source_ports), tuple(protocols), tuple(destinations), tuple(includes), known
    )


def ipset(root: Element) -> IpSet:
    """Read a set of addresses. Options other than the family and sizes make it uncertain."""
    kind = root.get("type")
    options = {child.get("name") for child in root.children if child.tag == "option"}
    entries = [child.words.strip() for child in root.children if child.tag == "entry"]
    known = options <= {"family", "hashsize", "maxelem"} and all(
        child.tag in {"option", "entry", *SILENT} for child in root.children
    )
    parts = tuple(kind.partition(":")[2].split(","))
    return IpSet(parts, [tuple(one.split(",")) for one in entries], known and root.tag == "ipset")

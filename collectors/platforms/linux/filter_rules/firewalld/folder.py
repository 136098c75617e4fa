"""firewalld's folders: /etc/firewalld over /usr/lib/firewalld.

Files by name: ``firewalld.conf``, ``direct.xml``, ``zones/NAME.xml`` and so on; those of /usr/lib/firewalld
begin with ``lib/``. Interfaces that a network manager puts into zones when they come up are in none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.doubt import doubt
from collectors.platforms.linux.filter_rules.firewalld.chains import Conf, Whole, table_of
from collectors.platforms.linux.filter_rules.firewalld.direct import Direct, read_direct
from collectors.platforms.linux.filter_rules.firewalld.joining import joined
from collectors.platforms.linux.filter_rules.firewalld.objects import Ruleset, Service
from collectors.platforms.linux.filter_rules.firewalld.reading import ipset, ruleset, service
from collectors.platforms.linux.filter_rules.firewalld.rulesets import Names
from collectors.platforms.linux.filter_rules.firewalld.services import builtin_services
from collectors.platforms.linux.filter_rules.firewalld.xml import Element, NoXmlError, parse
from collectors.platforms.linux.filter_rules.several import Lines, split
from scanner.facts.rules import V4_SPANS, V6_SPANS, RuleFile, UnreadLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.platforms.linux.filter_rules.ipset import IpSet

CONF = "firewalld.conf"
DIRECT = "direct.xml"
KINDS = ("zones", "policies", "services", "ipsets")
LIBRARY = "lib/"

_BUILT_IN = {"drop": "DROP", "block": "REJECT", "trusted": "ACCEPT"}
"""Zones that every release brings along; what others let in differs between distributions."""

_HOST_IPV6 = """<policy target="CONTINUE" priority="-15000">
<ingress-zone name="ANY"/><egress-zone name="HOST"/>
<rule family="ipv6"><icmp-type name="neighbour-advertisement"/><accept/></rule>
<rule family="ipv6"><icmp-type name="neighbour-solicitation"/><accept/></rule>
<rule family="ipv6"><icmp-type name="router-advertisement"/><accept/></rule>
<rule family="ipv6"><icmp-type name="redirect"/><accept/></rule></policy>"""
"""The policy that firewalld brings along, for neighbours of IPv6."""


@dataclass(slots=True)
class _Read:
    """What was read so far. ``doubts``: what may decide about everything."""

    lines: Lines = field(default_factory=Lines)
    settings: dict[str, tuple[str, int]] = field(default_factory=dict)
    rulesets: dict[tuple[str, str], Ruleset] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=builtin_services)
    sets: dict[str, IpSet] = field(default_factory=dict)
    direct: Direct = field(default_factory=Direct)
    unread: list[UnreadLine] = field(default_factory=list)
    doubts: list[UnreadLine] = field(default_factory=list)


def read_firewalld(files: Mapping[str, str]) -> RuleFile:
    """Read the folders. What is no XML, and what nobody defines though it decides, makes all uncertain."""
    read = _Read()
    _settings(read, files.get(CONF))
    for name, text in _in_force(files):
        _file(read, name, text)
    if "policies/allow-host-ipv6.xml" not in files and not any(name.startswith(LIBRARY) for name in files):
        read.rulesets["policies", "allow-host-ipv6"] = _made(read, "allow-host-ipv6", _HOST_IPV6)
    whole = _whole(read)
    tables = [table_of(whole)]
    tables = joined(tables[0], read.direct, nftables=whole.conf.nftables)
    doubts = [*read.doubts, *read.direct.unread]
    if doubts:
        tables.append(doubt((V4_SPANS, V6_SPANS), doubts))
    used = [*whole.zones.values(), *whole.policies]
    unread = {*read.unread, *doubts, *(one for of in used for one in of.unread)}
    # A word that was not understood stands in several chains.
    unread |= {
        UnreadLine(rule.line, " ".join(rule.unread))
        for table in tables
        for chain in table.chains
        for rule in chain.rules
        if rule.unread and rule.line not in {one.line for one in unread}
    }
    return RuleFile(
        "firewalld",
        len(read.lines.lines),
        tuple(tables),
        tuple(sorted(unread, key=lambda one: (one.line, one.text))),
        both_families=True,
        files=tuple(read.lines.parts),
    )


def _in_force(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Files that count: one of /etc hides that of the same name in /usr/lib."""
    for name in sorted(files):
        local = name.removeprefix(LIBRARY)
        if name != CONF and (name == local or local not in files) and local.endswith(".xml"):
            yield name, files[name]


def _settings(read: _Read, text: str | None) -> None:
    if text is None:
        read.doubts.append(UnreadLine(1, f"{CONF} is missing"))
        return
    lines = split(text)
    before = read.lines.file(CONF, lines)
    for at, line in enumerate(lines, before + 1):
        if line.strip() and not line.lstrip().startswith(("#", ";")):
            told = re.fullmatch(r"\s*(\w+)\s*=\s*(.*?)\s*", line)
            if told is None:
                read.unread.append(UnreadLine(at, line))
            else:
                read.settings[told[1]] = (told[2], at)


def _file(read: _Read, name: str, text: str) -> None:
    kind, _, base = name.removeprefix(LIBRARY).rpartition("/")
    if kind not in KINDS and name != DIRECT:
        if kind in {"icmptypes", "helpers"}:
            return  # names of messages are taken as firewalld brings them along
        if name != "lockdown-whitelist.xml":
            read.unread.append(UnreadLine(len(read.lines.lines) + 1, name))
        return
    before = read.lines.file(name, split(text))
    try:
        root = parse(text)
    except NoXmlError as wrong:
        read.doubts.append(UnreadLine(before + wrong.line, f"{name}: {wrong}"))
        return
    _take(read, kind, base.removesuffix(".xml"), root, before)


def _take(read: _Read, kind: str, name: str, root: Element, before: int) -> None:
    if kind == "services":
        read.services[name] = service(root)
    elif kind == "ipsets":
        read.sets[name] = ipset(root)
    elif kind == "":
        read.direct = read_direct(root, before, read.sets)
    else:
        read.rulesets[kind, name] = ruleset(root, name, before)


def _made(read: _Read, name: str, text: str) -> Ruleset:
    before = read.lines.file("firewalld", [""] * len(split(text)))
    return ruleset(parse(text), name, before)


def _conf(read: _Read) -> Conf:
    def told(name: str, default: str) -> str:
        return read.settings.get(name, (default, 1))[0]

    default, at = read.settings.get("DefaultZone", ("public", 1))
    for name, known in (
        ("FirewallBackend", {"nftables", "iptables"}),
        ("IPv6_rpfilter", {"yes", "no", "true", "false", "strict"}),
        ("RFC3964_IPv4", {"yes", "no", "true", "false"}),
        ("LogDenied", {"off", "all", "unicast", "broadcast", "multicast"}),
    ):
        value, line = read.settings.get(name, ("", 1))
        if value and value.lower() not in known:
            read.doubts.append(UnreadLine(line, f"{name}={value}"))
    drifting, line = read.settings.get("AllowZoneDrifting", ("no", 1))
    # Releases before 1.0 then go on from a source's zone to that of the interface.
    if drifting.lower() not in {"no", "false"} and any(of.sources for of in read.rulesets.values()):
        read.doubts.append(UnreadLine(line, f"AllowZoneDrifting={drifting}"))
    return Conf(
        default,
        (at, f"DefaultZone={default}"),
        told("IPv6_rpfilter", "yes").lower() not in {"no", "false"},
        told("RFC3964_IPv4", "yes").lower() in {"yes", "true"},
        told("LogDenied", "off") != "off",
        told("FirewallBackend", "nftables").lower() != "iptables",
    )


def _whole(read: _Read) -> Whole:
    """What is in force: the default zone, and zones and policies that something leads into."""
    conf = _conf(read)
    zones = {name: of for (kind, name), of in read.rulesets.items() if kind == "zones"}
    if conf.default not in zones:
        target = _BUILT_IN.get(conf.default)
        one = Ruleset(
            conf.default, conf.default_at[0], target_line=conf.default_at[0], target=target or "DEFAULT"
        )
        if target is None:
            one.unread.append(UnreadLine(conf.default_at[0], f"zones/{conf.default}.xml is not there"))
        zones[conf.default] = one
    bound = [word for zone in zones.values() for word, _ in (*zone.interfaces, *zone.sources)]
    for zone in zones.values():
        twice = [(w, at) for w, at in (*zone.interfaces, *zone.sources) if bound.count(w) > 1]
        read.doubts += [UnreadLine(at, f"{word} is in several zones") for word, at in twice]
    active = {name for name, zone in zones.items() if zone.interfaces or zone.sources}
    used = {name: zone for name, zone in zones.items() if name in active or name == conf.default}
    known = active | {"ANY", "HOST"}
    policies = [
        replace(of)
        for (kind, _), of in read.rulesets.items()
        if kind == "policies" and known & set(of.ingress) and known & set(of.egress)
    ]
    return Whole(conf, used, policies, Names(read.services, read.sets, not conf.nftables))


def looks_like_zone(text: str) -> bool:
    """Whether the text is the XML of one zone."""
    return bool(re.match(r"\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<zone\b", text, re.DOTALL))


def read_zone(text: str, name: str) -> RuleFile:
    """Read one zone as if it were the default one, with the settings that firewalld brings along."""
    zone = name.removesuffix(".xml") or "zone"
    return read_firewalld({CONF: f"DefaultZone={zone}", f"zones/{zone}.xml": text})

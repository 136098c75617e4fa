"""What ``firewall-cmd --list-all-zones``, ``--list-all`` and ``--list-all-policies`` print.

They show neither the settings of firewalld nor its direct rules, nor what services and sets stand for: these
are taken as firewalld brings them along. What direct rules may do a question about one packet leaves aside, a
proof of a default does not, and it is always told among what was not read.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.doubt import doubt
from collectors.platforms.linux.filter_rules.firewalld.chains import Conf, Whole, table_of
from collectors.platforms.linux.filter_rules.firewalld.objects import Ruleset
from collectors.platforms.linux.filter_rules.firewalld.reading import rich_rule, target_of
from collectors.platforms.linux.filter_rules.firewalld.rulesets import Names
from collectors.platforms.linux.filter_rules.firewalld.services import builtin_services
from collectors.platforms.linux.filter_rules.firewalld.xml import Element
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Base,
    Chain,
    FilterRule,
    FilterTable,
    Opaque,
    RuleFile,
    Stage,
    UnreadLine,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_SHOWN = Opaque("not-shown", "settings and direct rules are not shown", first=False)

_NAME = re.compile(r"([^\s:]+)(?: \(([a-z, -]+)\))?\s*")
_KEY = re.compile(r"  ([a-z-]+(?: [a-z]+)?):(?: (.*))?")


def looks_like_listing(text: str) -> bool:
    """Whether the text is one of these lists."""
    return bool(
        re.search(
            r"^[^\s:]+(?: \([a-z, -]+\))?\s*\n(?:  priority: -?\d+\n)?  target: \S+\s*$", text, re.MULTILINE
        )
    )


def read_listing(lines: list[str]) -> RuleFile:
    """Read a list of zones, of policies, or both one after the other."""
    found: list[Ruleset] = []
    default = ""
    unread: list[UnreadLine] = []
    rich = False
    for at, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if line.startswith("\t") and found and (rich or line.startswith("\tport=")):
            _rich(found[-1], line.strip(), at)
            continue
        named, told = _NAME.fullmatch(line), _KEY.fullmatch(line.rstrip())
        if named:
            found.append(Ruleset(named[1], at, target_line=at))
            default = named[1] if "default" in (named[2] or "") else default
        elif told and found:
            rich = told[1] == "rich rules"
            _key(found[-1], told[1], (told[2] or "").strip(), at)
        else:
            unread.append(UnreadLine(at, line))
        if found:
            found[-1].lines[at] = line.strip()
    return _read(lines, found, default, unread)


def _read(lines: list[str], found: list[Ruleset], default: str, unread: list[UnreadLine]) -> RuleFile:
    zones = {of.name: of for of in found if not of.is_policy}
    policies = [of for of in found if of.is_policy]
    active = {name for name, of in zones.items() if of.interfaces or of.sources}
    default = default or (next(iter(zones)) if len(zones) == 1 else "")
    if default not in zones:
        # Releases before 2.0 do not tell which zone takes what no other does.
        missing = Ruleset(default, 1, target_line=1)
        missing.unread.append(UnreadLine(1, "which zone is the default one is not shown"))
        zones[default] = missing
    known = active | {"ANY", "HOST"}
    used = [of for of in policies if known & set(of.ingress) and known & set(of.egress)]
    line = zones[default].line
    conf = Conf(default, (line, zones[default].text(line) or "the default zone"))
    told = {name: of for name, of in zones.items() if name in active or name == default}
    tables = [_not_shown(), table_of(Whole(conf, told, used, Names(builtin_services(), {})))]
    if unread:
        tables.append(doubt((V4_SPANS, V6_SPANS), unread))
    unread += [one for of in (*told.values(), *used) for one in of.unread]
    seen = {one.line for one in unread}
    unread += [
        UnreadLine(rule.line, " ".join(rule.unread))
        for chain in tables[1].chains
        for rule in chain.rules
        if rule.unread and rule.line not in seen
    ]
    unread.append(UnreadLine(1, NOT_SHOWN.text))
    ordered = tuple(sorted(set(unread), key=lambda one: (one.line, one.text)))
    return RuleFile("firewall-cmd", len(lines), tuple(tables), ordered, both_families=True)


def _not_shown() -> FilterTable:
    rule = FilterRule(1, NOT_SHOWN.text, (NOT_SHOWN,), Action.ANYTHING, implied=True)
    stages = (Stage.INPUT, Stage.FORWARD, Stage.OUTPUT)
    bases = tuple(Base("direct", stage, Action.ACCEPT, 1) for stage in stages)
    return FilterTable("direct", (V4_SPANS, V6_SPANS), (Chain("direct", 1, (rule,)),), bases)


_LISTS = {
    "interfaces": "interfaces",
    "sources": "sources",
    "services": "services",
    "protocols": "protocols",
    "icmp-blocks": "icmp_blocks",
}
_PORTS = {"ports": "ports", "source-ports": "source_ports"}
_SWITCHES = {"masquerade": "masquerade", "forward": "forward", "icmp-block-inversion": "inverted"}


def _key(of: Ruleset, key: str, value: str, at: int) -> None:
    """One line of a zone or policy. Lists that a release does not print are empty."""
    words = value.split()
    if key in _LISTS:
        setattr(of, _LISTS[key], [(word, at) for word in words])
    elif key in _PORTS:
        setattr(of, _PORTS[key], [((word.partition("/")[0], word.partition("/")[2]), at) for word in words])
    elif key in _SWITCHES and value in {"yes", "no"}:
        setattr(of, _SWITCHES[key], at if value == "yes" else 0)
    elif key in {"ingress-zones", "egress-zones"}:
        setattr(of, key.removesuffix("-zones"), words)
        of.is_policy = True
    elif key == "forward-ports":
        for word in words:
            _forward_port(of, word, at)
    elif not _placed(of, key, value, at) and (key != "rich rules" or value):
        of.unread.append(UnreadLine(at, f"{key}: {value}"))


def _placed(of: Ruleset, key: str, value: str, at: int) -> bool:
    """Take where a zone or policy stands and what becomes of the rest; False: that is not understood."""
    if key == "target":
        of.target_line = at
        of.target = target_of(value) or "DEFAULT"
        return bool(target_of(value))
    if key == "priority" and re.fullmatch(r"-?\d+", value):
        of.priority = int(value)
        return True
    # Zones that are ordered otherwise came later than what is known here.
    return key in {"ingress-priority", "egress-priority"} and value == "0"


def _forward_port(of: Ruleset, word: str, at: int) -> None:
    """``port=80:proto=tcp:toport=8080:toaddr=10.0.0.9``; one a word, and of later releases one a line."""
    told = re.fullmatch(r"port=([^:]*):proto=([^:]*):toport=([^:]*):toaddr=(.*)", word)
    if told is None:
        of.unread.append(UnreadLine(at, word))
    else:
        names = ("port", "protocol", "to-port", "to-addr")
        of.forward_ports.append((dict(zip(names, told.groups(), strict=True)), at))


_ATTRIBUTES = {
    "to-port": "to-port", "to-addr": "to-addr", "NOT": "invert", "not": "invert",
}  # fmt: skip
_ELEMENTS = frozenset(
    "source destination service port protocol source-port icmp-block icmp-type masquerade forward-port "
    "tcp-mss-clamp log nflog audit accept reject drop mark limit".split()
)


def _rich(of: Ruleset, line: str, at: int) -> None:
    """A rich rule in words: elements, each with its attributes behind it."""
    if line.startswith("port="):
        _forward_port(of, line, at)
        return
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    element = _element(words)
    if element is None:
        of.unread.append(UnreadLine(at, line))
        return
    of.lines[at] = line
    of.rules.append(rich_rule(element, at))


def _element(words: list[str]) -> Element | None:
    if words[:1] != ["rule"]:
        return None
    rule = Element("rule", {}, 1)
    last = rule
    for word in _joined(words[1:]):
        name, equals, value = word.partition("=")
        if equals:
            last.attributes[_ATTRIBUTES.get(name, name)] = value
        elif word in {"NOT", "not"}:
            last.attributes["invert"] = "true"
        elif word == "limit" and last is not rule:
            # A limit is what it stands behind: an action, or what is written to a log.
            limit = Element("limit", {}, 1)
            last.children.append(limit)
            last = limit
        elif word in _ELEMENTS:
            last = Element(word, {}, 1)
            rule.children.append(last)
        else:
            return None
    return rule


def _joined(words: list[str]) -> Iterator[str]:
    """Words; ``NOT`` may stand before the address that it turns round, with no space."""
    for word in words:
        name, equals, value = word.partition("=")
        yield f"{name}={value}" if equals else word

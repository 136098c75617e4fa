"""The filter table in the words of ``iptables-save``."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.linux.chainwalk import (
    ALWAYS,
    NEVER,
    NOT_UNDERSTOOD,
    Act,
    Base,
    Chains,
    Condition,
    Rule,
    by_flags,
    by_interface,
    from_sources,
    to_destinations,
)
from collectors.platforms.linux.host import unparsable
from scanner.facts import Family, Hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.base import Step
    from collectors.evidence import Document

HOOKS = {"INPUT": Hook.INPUT, "FORWARD": Hook.FORWARD, "OUTPUT": Hook.OUTPUT}

TARGETS = {
    "ACCEPT": Act.ACCEPT,
    "DROP": Act.DENY,
    "REJECT": Act.DENY,
    "TARPIT": Act.DENY,
    "RETURN": Act.RETURN,
    **dict.fromkeys(
        (
            "LOG NFLOG ULOG MARK CONNMARK TRACE AUDIT SET TCPMSS CLASSIFY CT DSCP TOS TTL HL CHECKSUM "
            "SECMARK CONNSECMARK IDLETIMER LED RATEEST NOTRACK"
        ).split(),
        Act.NOTHING,
    ),
}
"""Targets whose effect is known; any other that is no chain may do anything."""

PLAIN_MODULES = frozenset(
    "tcp udp icmp icmp6 multiport conntrack state comment limit iprange addrtype pkttype".split()
)
"""Modules that say nothing by being there: their options do."""

STATES = frozenset("NEW ESTABLISHED RELATED INVALID UNTRACKED DNAT".split())
"""States that a new packet has or has not; DNAT is only what the host's own port forwarding redirects."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_CHAIN = re.compile(r":(\S+) (ACCEPT|DROP|-)(?: \[\d+:\d+\])?\s*")
_RULE = re.compile(r"(?:\[\d+:\d+\] )?-A (\S+)(.*)")


@dataclass(frozen=True, slots=True)
class Dump:
    """A filter table as printed. ``through_nft``: the header says that nftables holds it."""

    bases: tuple[Base, ...]
    chains: Chains
    through_nft: bool


def read_save(step: Step, document: Document, family: Family) -> Dump | None:
    """Read the filter table; None where the dump has none.

    Raises:
        Unseen: a line that is none of the format's.
    """
    lines = _filter_lines(step, document)
    if lines is None:
        return None
    bases: dict[str, Base] = {}
    rules: dict[str, list[Rule]] = {}
    for number, line in lines:
        if chain := _CHAIN.fullmatch(line):
            if chain[1] in rules:
                raise unparsable(step, document, number, "a chain declared twice")
            rules[chain[1]] = []
            if chain[2] != "-" and chain[1] in HOOKS:
                at, accepts = document.cite(number), chain[2] == "ACCEPT"
                bases[chain[1]] = Base(
                    "iptables", "filter", chain[1], (family,), HOOKS[chain[1]], accepts, at
                )
    for number, line in lines:
        rule = _RULE.fullmatch(line)
        if rule and rule[1] not in rules:
            raise unparsable(step, document, number, "a rule of a chain that was not declared")
        if rule:
            rules[rule[1]].append(_rule(document, number, rule[2], frozenset(rules)))
    chains = {name: tuple(found) for name, found in rules.items()}
    return Dump(tuple(bases.values()), chains, holds_through_nft(document))


def holds_through_nft(document: Document) -> bool:
    """Whether the header of a dump says that nftables holds the rules."""
    return any(re.match(r"#.*(?:nft-save|xtables-save|nf_tables)", line) for line in document.lines)


def _filter_lines(step: Step, document: Document) -> list[tuple[int, str]] | None:
    """Lines of the filter table; every line must be one of the format, every table must end."""
    found: list[tuple[int, str]] | None = None
    table = ""
    for number, line in enumerate(document.lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        if opening := re.fullmatch(r"\*(\S+)\s*", line):
            if table or (opening[1] == "filter" and found is not None):
                raise unparsable(step, document, number, "a table inside another, or twice")
            table = opening[1]
            found = [] if table == "filter" else found
        elif not table or not (line.strip() == "COMMIT" or _CHAIN.fullmatch(line) or _RULE.fullmatch(line)):
            raise unparsable(step, document, number, "no line of iptables-save")
        elif line.strip() == "COMMIT":
            table = ""
        elif table == "filter" and found is not None:
            found.append((number, line))
    if table:
        raise unparsable(step, document, len(document.lines), "a table without its end")
    return found


def _rule(document: Document, number: int, text: str, chains: frozenset[str]) -> Rule:
    conditions: list[Condition] = []
    act, target = Act.NOTHING, ""
    for negated, option, values in _options(_TOKEN.findall(text)):
        if option in {"-j", "-g", "--jump", "--goto"}:
            name = values[0] if values else ""
            if name in chains:
                act = Act.GOTO if option in {"-g", "--goto"} else Act.JUMP
                target = name
            else:
                act = TARGETS.get(name, Act.ANYTHING)
            break
        conditions += _conditions(option, values, negated=negated)
    return Rule(tuple(conditions), act, document.cite(number), target)


def _options(tokens: list[str]) -> Iterator[tuple[bool, str, list[str]]]:
    """Options with their values; an exclamation mark before the option or before its value negates it."""
    i = 0
    while i < len(tokens):
        negated = tokens[i] == "!"
        i += negated
        if i >= len(tokens):
            # A mark that negates nothing is not understood.
            yield True, "", []
            return
        option = tokens[i]
        i += 1
        if i < len(tokens) and tokens[i] == "!" and i + 1 < len(tokens) and not tokens[i + 1].startswith("-"):
            negated = not negated
            i += 1
        values = tokens[i : i + 1] if option == "--comment" else []
        i += len(values)  # a comment may look like anything, also like an option
        while i < len(tokens) and tokens[i] != "!" and not re.match(r"--?[A-Za-z]", tokens[i]):
            values.append(tokens[i])
            i += 1
        yield negated, option, values


def _conditions(option: str, values: list[str], *, negated: bool) -> list[Condition]:
    """What an option asks of the packet; an option that is not understood may hold or not."""
    if option in {"-m", "--match"} and values:
        return [] if values[0] in PLAIN_MODULES else [NOT_UNDERSTOOD]
    if option == "--comment":
        return []
    if option == "--syn" and not values:
        return [by_flags(frozenset("fin syn rst ack".split()), frozenset({"syn"}), negated=negated)]
    if option == "-f" and not values:
        return [ALWAYS if negated else NEVER]
    if option == "--tcp-flags" and len(values) == 2:
        return [by_flags(_flags(values[0]), _flags(values[1]), negated=negated)]
    if len(values) != 1:
        return [NOT_UNDERSTOOD]
    return [_of_one_value(option, values[0], negated=negated)]


def _of_one_value(option: str, value: str, *, negated: bool) -> Condition:
    match option:
        case "-s" | "--source" | "--src" | "--src-range":
            prefixes = networks(value.split(","))
            return NOT_UNDERSTOOD if prefixes is None else from_sources(prefixes, negated=negated)
        case "-d" | "--destination" | "--dst" | "--dst-range":
            prefixes = networks(value.split(","))
            return NOT_UNDERSTOOD if prefixes is None else to_destinations(prefixes, negated=negated)
        case "-i" | "-o" | "--in-interface" | "--out-interface":
            return by_interface(frozenset({value}), negated=negated)
        case "-p" | "--protocol":
            return _protocol(value, negated=negated)
        case "--dport" | "--dports" | "--destination-port" | "--destination-ports":
            ports = _ports(value)
            return NOT_UNDERSTOOD if ports is None else Condition("ports", ports=ports, negated=negated)
        case "--ctstate" | "--state":
            states = frozenset(value.split(","))
            if not states <= STATES:
                return NOT_UNDERSTOOD
            return Condition("state", frozenset(s.lower() for s in states), negated=negated)
        case "--dst-type":
            narrow = set(value.split(",")) <= {"BROADCAST", "MULTICAST", "ANYCAST"}
            return _fixed(NEVER if narrow else NOT_UNDERSTOOD, negated=negated)
        case "--pkt-type":
            return _fixed(NEVER if value in {"broadcast", "multicast"} else NOT_UNDERSTOOD, negated=negated)
        case _:
            return NOT_UNDERSTOOD


def _fixed(condition: Condition, *, negated: bool) -> Condition:
    return Condition("fixed", answer=condition.answer, negated=negated)


def _protocol(value: str, *, negated: bool) -> Condition:
    name = {"6": "tcp", "17": "udp"}.get(value, value)
    if name in {"all", "0"}:
        return _fixed(ALWAYS, negated=negated)
    return Condition("protocol", frozenset({name}), negated=negated)


def _flags(value: str) -> frozenset[str]:
    names = frozenset(value.lower().split(","))
    if "all" in names:
        return frozenset("fin syn rst psh ack urg".split())
    return names - {"none"}


def _ports(value: str) -> tuple[tuple[int, int], ...] | None:
    spans = []
    for part in value.split(","):
        match = re.fullmatch(r"(\d{0,5})(:?)(\d{0,5})", part)
        if match is None or not (match[1] or match[3]):
            return None
        low = int(match[1] or 0)
        high = (int(match[3]) if match[3] else 65535) if match[2] else low
        if low > high or high > 65535:
            return None
        spans.append((low, high))
    return tuple(spans)


def networks(values: list[str]) -> tuple[str, ...] | None:
    """Networks of addresses, prefixes, netmasks and ranges; None where one is not understood."""
    found: list[str] = []
    for value in values:
        try:
            first, dash, last = value.partition("-")
            if dash:
                spans = ipaddress.summarize_address_range(
                    ipaddress.ip_address(first), ipaddress.ip_address(last)
                )  # fmt: skip
                found += [str(span) for span in spans]
            else:
                found.append(str(ipaddress.ip_network(value, strict=False)))
        except (ValueError, TypeError):
            return None
    return tuple(found)

"""Rule lists in the words of iptables and ip6tables: ``-save`` and ``-S``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.doubt import doubt, end_of
from collectors.platforms.linux.filter_rules.iptables_options import Around
from collectors.platforms.linux.filter_rules.iptables_rule import Line, read_rule
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Base,
    Chain,
    FilterTable,
    Kind,
    RuleFile,
    Stage,
    UnreadLine,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import Spans

STAGES = {
    "PREROUTING": Stage.PREROUTING,
    "INPUT": Stage.INPUT,
    "FORWARD": Stage.FORWARD,
    "OUTPUT": Stage.OUTPUT,
    "POSTROUTING": Stage.POSTROUTING,
}
PRIORITIES = {"raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50}
POLICIES = {"ACCEPT": Action.ACCEPT, "DROP": Action.DROP}

_CHAIN = re.compile(r":(\S+) (ACCEPT|DROP|QUEUE|RETURN|-)(?: \[(\d+):\d+\])?\s*")
_POLICY = re.compile(r"(?:-P|--policy) (\S+) (ACCEPT|DROP)(?: -c (\d+) \d+)?\s*")
_NEW = re.compile(r"(?:-N|--new-chain) (\S+)\s*")
_RULE = re.compile(
    r"(?:\[(?P<counted>\d+):\d+\] )?(?:-A|--append|(?P<before>-I|--insert))\s+(?P<chain>\S+)"
    r"(?:\s+(?P<place>\d+)(?!\S))?(?P<body>(?:\s.*)?)"
)
_RULE_LIKE = re.compile(r"(?:\[\d+:\d+\] )?(?:-[A-Z] |--[a-z]+ |:\S)")
_FILLING = re.compile(r"-m recent\b.*?--set\b")
_ADDING = re.compile(r"-j SET\b.*?--add-set (\S+)")
_ENDING = re.compile(r"-j (?:ACCEPT|DROP|REJECT)\b")
_SIX = re.compile(r"icmpv6|ipv6-icmp|-[sd] \S*:\S*:|icmp6-|/128|--(?:src|dst)-range \S*:\S*:")


@dataclass(slots=True)
class _Table:
    """Lines of one table: declared chains with their policy and its packets, and rules by chain."""

    name: str
    family: Spans
    chains: dict[str, tuple[int, str, int | None]] = field(default_factory=dict)
    rules: dict[str, list[Line]] = field(default_factory=dict)
    unread: list[UnreadLine] = field(default_factory=list)


@dataclass(slots=True)
class _Text:
    """A dump by tables. ``doubts``: what may have been anything, so that nothing is sure beside it."""

    tables: list[_Table] = field(default_factory=list)
    unread: list[UnreadLine] = field(default_factory=list)
    doubts: list[UnreadLine] = field(default_factory=list)
    saved: bool = False


def looks_like_iptables(text: str) -> bool:
    """Whether some line is one that only these programs print."""
    return bool(
        re.search(
            r"^(?:\*(?:filter|nat|mangle|raw|security)\s*$|-[PNA] \S+|:\S+ (?:ACCEPT|DROP|-))",
            text,
            re.MULTILINE,
        )
    )


def read_iptables(
    lines: list[str],
    *,
    six: bool | None = None,
    sets: Mapping[str, IpSet] | None = None,
    complete: bool | None = None,
    joined: bool = False,
) -> RuleFile:
    """Read a dump. ``six``: IPv6 for sure or not at all; None: by what the lines say.

    ``sets``: what a save of the sets that rules name holds. ``complete``: whether the lines are all that was
    printed; None: by what they say. What breaks off, and a line of a table that is none of the format's,
    makes the effect of the whole file uncertain. ``joined``: sections are restored one after the other and
    nothing is flushed but the chains that they declare again.
    """
    told = _split(lines, six=six, joined=joined)
    filled = frozenset(name for line in lines if (name := _fills(line)))
    read = [_table(table, Around(table.family, sets or {}, filled)) for table in told.tables]
    doubts = [*told.doubts, *([end_of(lines)] if complete is False else [])]
    filtered = any(table.name == "filter" for table in told.tables)
    if doubts or not (complete or filtered):
        read.append(doubt((V4_SPANS, V6_SPANS), doubts or [end_of(lines)]))
    only_six = bool(told.tables) and all(table.family is V6_SPANS for table in told.tables)
    flavour = "ip6tables" if only_six else "iptables"
    dialect = f"{flavour}-save" if told.saved else f"{flavour} -S"
    unread = {*told.unread, *doubts, *(one for table in told.tables for one in table.unread)}
    return RuleFile(dialect, len(lines), tuple(read), tuple(sorted(unread, key=lambda u: (u.line, u.text))))


def _fills(line: str) -> str:
    """The list that a rule puts a packet's source into before it goes on with the packet, or nothing."""
    if added := _ADDING.search(line):
        return f"set {added[1]}"
    if not _FILLING.search(line) or _ENDING.search(line):
        return ""
    named = re.search(r"--name (\S+)", line)
    return named[1] if named else "DEFAULT"


def _split(lines: list[str], *, six: bool | None, joined: bool = False) -> _Text:
    found = _Text(saved=any(line.startswith("*") for line in lines))
    open_: _Table | None = None if found.saved else _Table(_unnamed(lines), _family(lines, 0, six))
    told = six
    for at, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            if six is None and (header := re.match(r"# Generated by (ip6?tables)", text)):
                told = True if header[1] == "ip6tables" else _about_six(lines, at)
        elif opening := re.fullmatch(r"\*(\S+)", text):
            if open_ is not None:
                found.doubts.append(UnreadLine(at - 1, lines[at - 2]))
            same = [table for table in found.tables if joined and table.name == opening[1]]
            open_ = same[0] if same else _Table(opening[1], _family(lines, at, told))
            found.tables += [] if same else [open_]
        elif text == "COMMIT":
            open_ = None
        elif open_ is None or not _line(open_, at, text):
            # Outside of tables, and before the first rule of a list without them, people's words may stand.
            inside = bool(open_ and (found.saved or open_.chains)) or bool(_RULE_LIKE.match(text))
            (found.doubts if inside else found.unread).append(UnreadLine(at, line))
    if open_ is not None and found.saved:
        found.doubts.append(UnreadLine(len(lines), lines[-1]))
    elif open_ is not None:
        found.tables.append(open_)
    return found


def _unnamed(lines: list[str]) -> str:
    """The table that a list without a name is of, by the chains that have a policy there."""
    hooks = {match[1] for line in lines if (match := _POLICY.fullmatch(line.strip()))}
    if "PREROUTING" in hooks:
        return "mangle" if "FORWARD" in hooks else "nat" if "POSTROUTING" in hooks else "raw"
    return "filter"


def _family(lines: list[str], start: int, told: bool | None) -> Spans:
    six = _about_six(lines, start) if told is None else told
    return V6_SPANS if six else V4_SPANS


def _about_six(lines: list[str], start: int) -> bool:
    """Whether lines up to the end of the table speak of IPv6."""
    for line in lines[start:]:
        if line.strip() == "COMMIT":
            return False
        if _SIX.search(line) and not line.startswith("#"):
            return True
    return False


def _line(table: _Table, at: int, text: str) -> bool:
    """Take a line of a table; False: it is none of the format's."""
    if chain := _CHAIN.fullmatch(text) or _POLICY.fullmatch(text):
        if chain[1] not in STAGES:
            table.rules.pop(chain[1], None)
        table.chains[chain[1]] = (at, chain[2], None if chain[3] is None else int(chain[3]))
    elif new := _NEW.fullmatch(text):
        table.chains[new[1]] = (at, "-", None)
    elif rule := _RULE.fullmatch(text):
        return _ruled(table, at, text, rule)
    else:
        return False
    return True


def _ruled(table: _Table, at: int, text: str, rule: re.Match[str]) -> bool:
    """Take a line of a rule; False: there is no such place in its chain."""
    name = rule["chain"]
    if name not in table.chains:
        # -S shows no line for a chain of the kernel's that has its default policy left out.
        table.chains[name] = (at, "ACCEPT" if name in STAGES else "-", None)
        if name not in STAGES:
            table.unread.append(UnreadLine(at, text))
    rules = table.rules.setdefault(name, [])
    counted = re.search(r" (?:-c|--set-counters) (\d+) \d+(?= |$)", rule["body"])
    packets = rule["counted"] or (counted and counted[1])
    line = Line(at, text, rule["body"], None if packets is None else int(packets))
    if not rule["before"]:
        if rule["place"]:
            return False
        rules.append(line)
        return True
    place = int(rule["place"] or 1)
    if not 1 <= place <= len(rules) + 1:
        return False
    rules.insert(place - 1, line)
    return True


def _table(table: _Table, around: Around) -> FilterTable:
    chains = {
        name: tuple(read_rule(line, table.chains, around) for line in table.rules.get(name, ()))
        for name in table.chains
    }
    table.unread += [
        UnreadLine(r.line, " ".join(r.unread)) for rules in chains.values() for r in rules if r.unread
    ]
    kind = {"filter": Kind.FILTER, "nat": Kind.NAT}.get(table.name, Kind.BESIDE)
    bases = tuple(
        Base(
            name,
            STAGES[name],
            POLICIES[policy],
            at,
            PRIORITIES.get(table.name, 0),
            kind,
            counted=counted,
        )
        for name, (at, policy, counted) in table.chains.items()
        if name in STAGES and policy in POLICIES
    )
    return FilterTable(
        table.name,
        (table.family,),
        tuple(Chain(name, table.chains[name][0], rules) for name, rules in chains.items()),
        bases,
    )

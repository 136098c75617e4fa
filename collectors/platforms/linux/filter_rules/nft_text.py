"""A rule set in nft's own language: what ``nft list ruleset`` prints, and files written by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.doubt import doubt, end_of
from collectors.platforms.linux.filter_rules.nft_rule import RuleReader
from collectors.platforms.linux.filter_rules.nft_sets import NftSet, elements, filled_by, read_set
from collectors.platforms.linux.filter_rules.nft_tokens import Blocks, Statement, Token, tokens
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Base,
    Chain,
    FilterRule,
    FilterTable,
    Kind,
    RuleFile,
    Stage,
    UnreadLine,
)

if TYPE_CHECKING:
    from scanner.facts.rules import Spans

FAMILIES: dict[str, tuple[Spans, ...]] = {
    "ip": (V4_SPANS,),
    "ip6": (V6_SPANS,),
    "inet": (V4_SPANS, V6_SPANS),
    "netdev": (V4_SPANS, V6_SPANS),
}
"""Families whose chains see routed packets; bridge and arp see others."""

STAGES = {stage.value: stage for stage in Stage}
PRIORITIES = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
IPTABLES = frozenset("raw mangle nat filter security".split())
HOOKS = frozenset("PREROUTING INPUT FORWARD OUTPUT POSTROUTING".split())
QUIET = frozenset("flags comment policy devices hw".split())


@dataclass(slots=True)
class _Table:
    family: str
    name: str
    sets: dict[str, NftSet] = field(default_factory=dict)
    chains: dict[str, list[Statement]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    dormant: bool = False
    odd: list[Statement] = field(default_factory=list)


def looks_like_nft(text: str) -> bool:
    """Whether some line opens a table, or adds one."""
    return bool(re.search(r"^\s*(?:(?:add|create)\s+)?table\s+(?:\w+\s+)?[\w.@-]+\s*\{?", text, re.MULTILINE))


def read_nft(lines: list[str], *, complete: bool | None = None) -> RuleFile:
    """Read a rule set; every rule stands with the line it begins at.

    ``complete``: whether the lines are all that was printed; None: by what they say. What breaks off, and
    what is not understood outside of rules, makes the effect of the whole file uncertain.
    """
    blocks = Blocks(_defined(tokens("\n".join(lines))))
    statements = blocks.read("top")
    doubts = [UnreadLine(line, "}") for line in blocks.broken]
    tables: dict[tuple[str, str], _Table] = {}
    doubts += [_unread(statement, lines) for statement in statements if not _top(statement, tables)]
    doubts += [_unread(odd, lines) for table in tables.values() for odd in table.odd]
    if complete is False and statements and statements[-1].block is None:
        doubts.append(_unread(statements[-1], lines))
    unread: list[UnreadLine] = []
    read = [
        _table(table, lines, unread, doubts)
        for table in tables.values()
        if table.family in FAMILIES and not table.dormant
    ]
    if doubts or not (complete or filters(read)):
        read.append(doubt((V4_SPANS, V6_SPANS), doubts or [end_of(lines)]))
    told = tuple(sorted({*unread, *doubts}, key=lambda one: (one.line, one.text)))
    return RuleFile("nft", len(lines), tuple(read), told, both_families=True)


def filters(tables: list[FilterTable]) -> bool:
    """Whether there is a filter at all: without one, what was printed may not be all that there is."""
    return any(base.kind is Kind.FILTER for table in tables for base in table.bases)


def _unread(statement: Statement, lines: list[str]) -> UnreadLine:
    text = lines[statement.line - 1].strip() if 0 < statement.line <= len(lines) else ""
    return UnreadLine(statement.line, text)


def _defined(found: list[Token]) -> list[Token]:
    """Put the values of ``define`` in place of their names."""
    values: dict[str, list[Token]] = {}
    out: list[Token] = []
    at = 0
    while at < len(found):
        token = found[at]
        if token.text == "define" and not token.quoted and at + 2 < len(found) and found[at + 2].text == "=":
            name = found[at + 1].text
            at += 3
            start, depth = at, 0
            while at < len(found) and (depth or found[at].text not in {"\n", ";"}):
                depth += {"{": 1, "}": -1}.get(found[at].text, 0)
                at += 1
            values[name] = [one for token in found[start:at] for one in _named(token, values)]
        else:
            out += _named(token, values)
            at += 1
    return out


def _named(token: Token, values: dict[str, list[Token]]) -> list[Token]:
    if token.quoted or not token.text.startswith("$") or token.text[1:] not in values:
        return [token]
    return [Token(one.text, token.line, one.quoted) for one in values[token.text[1:]] if one.text != "\n"]


def _top(statement: Statement, tables: dict[tuple[str, str], _Table]) -> bool:
    """Take a statement outside of tables; False: it was not understood."""
    words = [token.text for token in statement.words]
    if words[0] == "table" and statement.block is not None:
        family, name = (
            ("ip", *words[1:]) if len(words) == 2 else (words[1], words[2]) if len(words) > 2 else ("", "")
        )
        table = tables.setdefault((family, name), _Table(family, name))
        table.odd += [one for one in statement.block if not _member(table, one)]
        return True
    if words[:2] == ["flush", "ruleset"]:
        tables.clear()
        return True
    if words[0] in {"flush", "delete", "destroy"} and words[1:2] == ["table"]:
        tables.pop((words[2], words[3]) if len(words) > 3 else ("ip", words[-1]), None)
        return True
    if words[0] in {"add", "create", "table"}:
        return _added(statement, words, tables)
    return False


def _added(statement: Statement, words: list[str], tables: dict[tuple[str, str], _Table]) -> bool:
    """``add table ...``, ``add chain ...`` and ``add rule ...``: the form without blocks."""
    at = 0 if words[0] == "table" else 1
    kind, rest = words[at : at + 1], words[at + 1 :]
    family = rest.pop(0) if rest[:1] and rest[0] in {*FAMILIES, "bridge", "arp"} else "ip"
    named = len(words) - len(rest)
    if not rest:
        return False
    table = tables.setdefault((family, rest[0]), _Table(family, rest[0]))
    if kind == ["table"]:
        return len(rest) == 1
    inner = statement.words[named + 2 :]
    if kind == ["chain"] and len(rest) > 1:
        inner = [t for t in inner if t.text not in {"{", "}"}]
        table.chains.setdefault(rest[1], []).extend(_parted(inner))
        table.lines.setdefault(rest[1], statement.line)
        return True
    if kind == ["rule"] and len(rest) > 2 and rest[1] in table.chains:
        table.chains[rest[1]].append(Statement(inner, None, statement.line))
        return rest[2] not in {"position", "index", "handle"}
    if kind in (["set"], ["map"]) and len(rest) > 3:
        table.sets[rest[1]] = read_set(_parted(inner[1:-1]))
        return True
    if kind == ["element"] and len(rest) > 3 and rest[1] in table.sets:
        more, known = elements(inner[1:-1])
        table.sets[rest[1]].elements += more
        table.sets[rest[1]].known &= known
        return True
    return kind[0] in _OBJECTS


_OBJECTS = frozenset("flowtable counter quota limit ct secmark synproxy tunnel".split())
"""What can be added and lets through and drops nothing by being there."""


def _parted(words: list[Token]) -> list[Statement]:
    found: list[Statement] = []
    part: list[Token] = []
    depth = 0
    for token in [*words, Token(";", 0)]:
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if token.text == ";" and depth <= 0:
            if part:
                found.append(Statement(part, None, part[0].line))
            part = []
        else:
            part.append(token)
    return found


def _member(table: _Table, statement: Statement) -> bool:
    """Take a statement of a table's block."""
    words = [token.text for token in statement.words]
    if statement.block is None:
        if words[0] == "flags":
            table.dormant = "dormant" in words
        return words[0] in QUIET
    if words[0] in {"chain", "set", "map"} and len(words) != 2:
        return False
    if words[0] == "chain":
        table.chains.setdefault(words[1], []).extend(statement.block)
        table.lines.setdefault(words[1], statement.line)
    elif words[0] in {"set", "map"}:
        table.sets[words[1]] = read_set(statement.block)
    return True


def _table(
    table: _Table, lines: list[str], unread: list[UnreadLine], doubts: list[UnreadLine]
) -> FilterTable:
    bases: list[Base] = []
    chains: list[Chain] = []
    for name in {filled_by(one.words) for statements in table.chains.values() for one in statements}:
        if name in table.sets:
            table.sets[name].filled = True
    for name, statements in table.chains.items():
        head = [one for one in statements if _is_head(one)]
        base = _base(name, table.lines[name], head)
        if base is not None:
            bases.append(base)
        elif any(one.words[0].text == "type" for one in head):
            doubts += [_unread(one, lines) for one in head]
        bodies = [one for one in statements if not _is_head(one)]
        rules = [rule for one in bodies for rule in _rules(one, table, lines)]
        unread += [UnreadLine(rule.line, " ".join(rule.unread)) for rule in rules if rule.unread]
        chains.append(Chain(name, table.lines[name], tuple(rules)))
    return FilterTable(f"{table.family} {table.name}", FAMILIES[table.family], tuple(chains), tuple(bases))


def _is_head(statement: Statement) -> bool:
    """Whether a statement of a chain's block tells of the chain, not of packets."""
    words = [token.text for token in statement.words]
    return words[0] in {"policy", "devices", "comment", "flags"} or (
        words[0] == "type" and words[2:3] == ["hook"]
    )


def _rules(statement: Statement, table: _Table, lines: list[str]) -> list[FilterRule]:
    text = lines[statement.line - 1].strip() if 0 < statement.line <= len(lines) else ""
    reader = RuleReader(statement.words, table.sets, statement.line, text)
    reader.by_iptables = _by_iptables(table)
    return reader.read()


def _by_iptables(table: _Table) -> bool:
    """Whether iptables keeps the table: its names, and hooks in capitals."""
    return table.family in {"ip", "ip6"} and table.name in IPTABLES and bool(HOOKS & table.chains.keys())


def _base(name: str, line: int, head: list[Statement]) -> Base | None:
    """Read ``type filter hook input priority filter; policy drop``; None where there is none, or another."""
    policy = Action.ACCEPT
    hook: list[str] = []
    for statement in head:
        words = [token.text for token in statement.words]
        if words[0] == "policy":
            policy = Action.DROP if words[1:] == ["drop"] else Action.ACCEPT
        elif words[0] == "type":
            hook = words
    if len(hook) < 4 or hook[3] not in STAGES or hook[1] not in {"filter", "nat", "route"}:
        return None
    devices = tuple(_devices(hook))
    kind = {"filter": Kind.FILTER, "nat": Kind.NAT, "route": Kind.BESIDE}[hook[1]]
    at = hook.index("priority") + 1 if "priority" in hook else len(hook)
    return Base(name, STAGES[hook[3]], policy, line, _priority(hook[at:]), kind, devices)


def _devices(hook: list[str]) -> list[str]:
    for word in ("device", "devices"):
        if word in hook:
            end = hook.index("priority") if "priority" in hook else len(hook)
            return [name for name in hook[hook.index(word) + 1 : end] if name not in {"{", "}", ",", "="}]
    return []


def _priority(words: list[str]) -> int:
    """``filter``, ``-300``, ``filter + 10``; what is none of these comes at 0."""
    text = "".join(words)
    match = re.fullmatch(r"([a-z]*)([+-]?\d*)", text)
    if match is None:
        return 0
    return PRIORITIES.get(match[1], 0) + (int(match[2]) if match[2] not in {"", "+", "-"} else 0)

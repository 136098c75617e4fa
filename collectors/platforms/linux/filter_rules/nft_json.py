"""A rule set as ``nft -j list ruleset`` prints it: said again in nft's own words, then read as those are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from collectors.platforms.linux.filter_rules.doubt import doubt, end_of
from collectors.platforms.linux.filter_rules.nft_questions import VERDICTS
from collectors.platforms.linux.filter_rules.nft_rule import RuleReader
from collectors.platforms.linux.filter_rules.nft_sets import NftSet, elements, filled_by
from collectors.platforms.linux.filter_rules.nft_text import FAMILIES, STAGES, filters
from collectors.platforms.linux.filter_rules.nft_tokens import Token
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
    UnreadLine,
)

Json = Any
"""What json gives; every use looks at the shape first."""

KINDS = {"filter": Kind.FILTER, "nat": Kind.NAT, "route": Kind.BESIDE}
OTHERS = frozenset(
    ["metainfo", "element", "counter", "quota", "limit", "flowtable", "synproxy", "secmark", "tunnel",
     "ct helper", "ct timeout", "ct expectation"]
)  # fmt: skip
"""Objects that let through and drop nothing by being there."""


def looks_like_nft_json(text: str) -> bool:
    """Whether the text is an object with a list of nftables' objects."""
    return bool(re.match(r'\s*\{\s*"nftables"\s*:', text))


@dataclass(slots=True)
class _Table:
    dormant: bool = False
    sets: dict[str, NftSet] = field(default_factory=dict)
    chains: dict[str, tuple[int, Json]] = field(default_factory=dict)
    rules: dict[str, list[tuple[int, Json]]] = field(default_factory=dict)


def read_nft_json(lines: list[str], *, complete: bool | None = None) -> RuleFile:
    """Read a rule set; the line of a rule is where its object begins.

    ``complete``: whether a rule set without any filter is all that there is. A list that breaks off, and an
    object that is not understood, makes the effect of the whole uncertain.
    """
    tables: dict[tuple[str, str], _Table] = {}
    doubts: list[UnreadLine] = []
    unread: list[UnreadLine] = []
    for line, entry in _objects("\n".join(lines), doubts):
        if not _take(line, entry, tables):
            doubts.append(UnreadLine(line, json.dumps(entry, ensure_ascii=False)[:200]))
    read = [
        _table(family, name, table, unread, doubts)
        for (family, name), table in tables.items()
        if family in FAMILIES and not table.dormant
    ]
    if doubts or not (complete or filters(read)):
        read.append(doubt((V4_SPANS, V6_SPANS), doubts or [end_of(lines)]))
    return RuleFile("nft-json", len(lines), tuple(read), (*unread, *doubts), both_families=True)


def _objects(text: str, unread: list[UnreadLine]) -> list[tuple[int, Json]]:
    """The objects of the list with the lines they begin at; what follows a broken one is not read."""
    found: list[tuple[int, Json]] = []
    opening = re.match(r'\s*\{\s*"nftables"\s*:\s*\[', text)
    at = opening.end() if opening else len(text)
    decoder = json.JSONDecoder()
    while (start := re.compile(r"[\s,]*").match(text, at)) is not None and start.end() < len(text):
        at = start.end()
        if text[at] == "]":
            return found
        line = text.count("\n", 0, at) + 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append((line, value))
    unread.append(UnreadLine(text.count("\n", 0, at) + 1, "no list of objects, or one that breaks off"))
    return found


def _take(line: int, entry: Json, tables: dict[tuple[str, str], _Table]) -> bool:
    if not isinstance(entry, dict) or len(entry) != 1:
        return False
    ((kind, told),) = entry.items()
    if kind in OTHERS:
        return True
    if not isinstance(told, dict):
        return False
    key = (str(told.get("family")), str(told.get("name" if kind == "table" else "table")))
    table = tables.setdefault(key, _Table())
    if kind == "table":
        table.dormant = "dormant" in (told.get("flags") or ())
    elif kind == "chain":
        table.chains[str(told.get("name"))] = (line, told)
    elif kind in {"set", "map"}:
        table.sets[str(told.get("name"))] = NftSet(*elements(_listed(told.get("elem") or [])))
    elif kind == "rule":
        table.rules.setdefault(str(told.get("chain")), []).append((line, told))
    else:
        return False
    return True


def _table(
    family: str, name: str, table: _Table, unread: list[UnreadLine], doubts: list[UnreadLine]
) -> FilterTable:
    chains: list[Chain] = []
    bases: list[Base] = []
    words = (_expressed(rule) for rules in table.rules.values() for _, rule in rules)
    for filled in {filled_by(one) for one in words}:
        if filled in table.sets:
            table.sets[filled].filled = True
    for called, (line, told) in table.chains.items():
        rules = [one for at, rule in table.rules.get(called, ()) for one in _rules(at, rule, table)]
        unread += [UnreadLine(rule.line, " ".join(rule.unread)) for rule in rules if rule.unread]
        chains.append(Chain(called, line, tuple(rules)))
        if "hook" in told:
            base = _base(called, line, told)
            if base is None:
                doubts.append(UnreadLine(line, json.dumps(told)))
            else:
                bases.append(base)
    return FilterTable(f"{family} {name}", FAMILIES[family], tuple(chains), tuple(bases))


def _base(name: str, line: int, told: Json) -> Base | None:
    kind, stage, priority = KINDS.get(told.get("type")), STAGES.get(told["hook"]), told.get("prio", 0)
    if kind is None or stage is None or not isinstance(priority, int):
        return None
    policy = Action.DROP if told.get("policy") == "drop" else Action.ACCEPT
    devices = told.get("dev") or []
    return Base(
        name, stage, policy, line, priority, kind, tuple([devices] if isinstance(devices, str) else devices)
    )


def _rules(line: int, told: Json, table: _Table) -> list[FilterRule]:
    words = _expressed(told)
    text = " ".join(f'"{word.text}"' if word.quoted else word.text for word in words)
    return RuleReader(words, table.sets, line, text).read()


def _expressed(told: Json) -> list[Token]:
    return [word for statement in told.get("expr") or [] for word in _statement(statement)]


def _words(text: str) -> list[Token]:
    return [Token(word, 0) for word in text.split()]


def _unknown(told: Json) -> list[Token]:
    """One word that nobody understands."""
    return [Token(f"?{json.dumps(told, ensure_ascii=False)[:80]}", 0)]


def _statement(statement: Json) -> list[Token]:
    if not isinstance(statement, dict) or len(statement) != 1:
        return _unknown(statement)
    ((kind, told),) = statement.items()
    if kind in VERDICTS:
        return _verdict(kind, told)
    if kind in _ASKING and isinstance(told, dict):
        return _asking(kind, told)
    if kind in {"limit", "quota", "ct count", "set", "map", "meter"}:
        return _rate(kind, told)
    if kind in {"snat", "dnat", "masquerade", "redirect"}:
        return _translating(kind, told)
    if kind in {"tproxy", "queue", "fwd", "synproxy", "log", "notrack"}:
        return [Token(kind, 0)]
    if kind == "counter":
        return _counter(told)
    if kind in {"comment", "last", "dup", "flow"} or _is_quiet(kind, told):
        return []
    return _unknown(statement)


_ASKING = frozenset(["match", "vmap", "mangle"])


def _asking(kind: str, told: Json) -> list[Token]:
    if kind == "match":
        return _match(told)
    if kind == "vmap":
        return [*_left(told.get("key")), Token("vmap", 0), *_right(told.get("data"), quoted=False)]
    return [*_left(told.get("key")), *_words("set 0")]


def _counter(told: Json) -> list[Token]:
    counted = told.get("packets") if isinstance(told, dict) else None
    return _words(f"counter packets {counted} bytes 0") if isinstance(counted, int) else []


def _is_quiet(kind: str, told: Json) -> bool:
    return kind == "xt" and isinstance(told, dict) and told.get("name") in {"LOG", "NFLOG", "comment"}


def _verdict(kind: str, told: Json) -> list[Token]:
    words = [Token(kind, 0)]
    if kind in {"jump", "goto"}:
        return [*words, Token(str(told.get("target")), 0)] if isinstance(told, dict) else _unknown(told)
    if kind == "reject" and isinstance(told, dict) and told.get("type"):
        how = str(told["type"])
        words += _words("with tcp reset" if how == "tcp reset" else f"with {how} {told.get('expr') or 'any'}")
    return words


def _rate(kind: str, told: Json) -> list[Token]:
    if not isinstance(told, dict):
        return _words("limit name ?")
    over = " over" if told.get("inv") else ""
    if kind == "limit":
        return _words(f"limit rate{over} {told.get('rate')}/{told.get('per')}")
    if kind == "quota":
        return _words(f"quota{over} {told.get('val')} bytes")
    if kind == "ct count":
        return _words(f"ct count{over} {told.get('val')}")
    inner = [word for one in told.get("stmt") or [] for word in _statement(one)]
    named = str(told.get("set", "")) if kind == "set" else ""
    return [*_words(f"add {named if named.startswith('@') else '@?'} {{ element"), *inner, Token("}", 0)]


def _translating(kind: str, told: Json) -> list[Token]:
    """``dnat to 10.0.0.9:80``."""
    if not isinstance(told, dict):
        return [Token(kind, 0)]
    address = _value(told["addr"]) if "addr" in told else ""
    port = f":{_value(told['port'])}" if "port" in told else ""
    if port and ":" in address:
        address = "-".join(f"[{part}]" for part in address.split("-"))
    return _words(f"{kind} to {address}{port}" if address or port else kind)


def _match(told: Json) -> list[Token]:
    sign = str(told.get("op"))
    left = _left(told.get("left"))
    right = told.get("right")
    named = bool({"iifname", "oifname", "iif", "oif"} & {word.text for word in left})
    if isinstance(right, bool):
        right = "exists" if right else "missing"
    return [*left, *([] if sign == "in" else [Token(sign, 0)]), *_right(right, quoted=named)]


def _left(told: Json) -> list[Token]:
    """The question of a match."""
    if not isinstance(told, dict) or len(told) != 1:
        return _unknown(told)
    ((kind, inner),) = told.items()
    if kind == "payload" and isinstance(inner, dict) and "field" in inner:
        return _words(f"{inner.get('protocol')} {inner['field']}")
    if kind == "meta" and isinstance(inner, dict):
        return _words(f"meta {inner.get('key')}")
    if kind == "ct" and isinstance(inner, dict):
        return _words(
            " ".join(["ct", *([str(inner["dir"])] if "dir" in inner else []), str(inner.get("key"))])
        )
    if kind == "fib" and isinstance(inner, dict):
        flags = inner.get("flags")
        parts = " . ".join(map(str, flags if isinstance(flags, list) else [flags]))
        return _words(f"fib {parts} {inner.get('result')}")
    if kind == "concat" and isinstance(inner, list) and inner:
        words = _left(inner[0])
        for one in inner[1:]:
            words += [Token(".", 0), *_left(one)]
        return words
    if kind == "&" and isinstance(inner, list) and len(inner) == 2:
        return [*_left(inner[0]), Token("&", 0), *_or(inner[1])]
    return _unknown(told)


def _or(told: Json) -> list[Token]:
    """Bits of a mask."""
    values = told if isinstance(told, list) else told.get("|") if isinstance(told, dict) else [told]
    if not isinstance(values, list) or any(isinstance(value, (dict, list)) for value in values):
        return _unknown(told)
    words = [Token("(", 0)]
    for value in values:
        words += [Token(str(value), 0), Token("|", 0)]
    return [*words[:-1], Token(")", 0)]


def _right(told: Json, *, quoted: bool) -> list[Token]:
    """Values that a match compares with."""
    if isinstance(told, list):
        found: list[Token] = []
        for value in told:
            found += [*_right(value, quoted=quoted), Token(",", 0)]
        return found[:-1]
    if isinstance(told, dict) and "set" in told and isinstance(told["set"], list):
        return [Token("{", 0), *_listed(told["set"]), Token("}", 0)]
    if isinstance(told, dict) and "|" in told:
        return _or(told)
    word = _value(told)
    return [Token(word, 0, quoted=quoted and not word.startswith("@"))] if " " not in word else _words(word)


def _listed(values: Json) -> list[Token]:
    """Elements of a set or map, with commas."""
    found: list[Token] = []
    for value in values if isinstance(values, list) else [values]:
        key, given = value if isinstance(value, list) and len(value) == 2 else (value, None)
        rated = (
            isinstance(key, dict)
            and isinstance(key.get("elem"), dict)
            and {"limit", "quota"} & set(key["elem"])
        )
        if isinstance(key, dict) and isinstance(key.get("elem"), dict):
            key = key["elem"].get("val")
        for i, part in enumerate(key["concat"] if isinstance(key, dict) and "concat" in key else [key]):
            found += [*([Token(".", 0)] if i else []), Token(_value(part), 0, quoted=True)]
        found += _words("limit") if rated else []
        if isinstance(given, dict) and len(given) == 1:
            ((kind, told),) = given.items()
            found += [Token(":", 0), *_verdict(kind, told)]
        elif given is not None:
            found += [Token(":", 0), *_unknown(given)]
        found.append(Token(",", 0))
    return found


def _value(told: Json) -> str:
    if isinstance(told, dict) and len(told) == 1:
        ((kind, inner),) = told.items()
        if kind == "prefix" and isinstance(inner, dict):
            return f"{inner.get('addr')}/{inner.get('len')}"
        if kind == "range" and isinstance(inner, list) and len(inner) == 2:
            return f"{_value(inner[0])}-{_value(inner[1])}"
        if kind == "concat" and isinstance(inner, list):
            return " . ".join(_value(one) for one in inner)
    if isinstance(told, (str, int)):
        return str(told)
    return f"?{json.dumps(told)[:60]}"

"""The ruleset in the words of ``nft -j list ruleset`` (libnftables-json, schema version 1)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.base import Unseen
from collectors.evidence import EXCERPT
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
from collectors.platforms.linux.iptables import TARGETS, networks
from scanner.facts import Family, Hook
from scanner.model import Citation, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.base import Step
    from collectors.evidence import Document

Json = Any
"""What json.loads gives; every use looks at the shape first."""

FAMILIES = {"ip": (Family.IPV4,), "ip6": (Family.IPV6,), "inet": (Family.IPV4, Family.IPV6)}
HOOKS = {hook.value: hook for hook in Hook}
TABLE = tuple[str, str]
"""Family and name of a table."""

OTHER_OBJECTS = frozenset(
    "metainfo element counter quota limit flowtable synproxy secmark tunnel".split()
) | {
    "ct helper",
    "ct timeout",
    "ct expectation",
}
"""Objects that accept and drop nothing by being there."""

NOTHING = frozenset("counter log comment mangle notrack map dup flow continue last secmark".split()) | {
    "ct helper",
    "ct timeout",
    "ct expectation",
}
"""Statements that decide nothing."""

MAY_HOLD = frozenset(["limit", "quota", "ct count", "connlimit", "set", "meter"])
"""Statements that let a packet pass or not, by rate or count (sets and meters may hold such a limit)."""

VERDICTS = {"accept": Act.ACCEPT, "drop": Act.DENY, "reject": Act.DENY, "return": Act.RETURN}
COMPARISONS = {"==", "in", "!="}


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Base chains of type filter by table, and all chains of each table."""

    bases: tuple[tuple[TABLE, Base], ...]
    chains: dict[TABLE, Chains]


@dataclass(slots=True)
class _Table:
    """What was read of one table so far; ``sets`` holds the elements of sets and maps, None if unknown."""

    chains: dict[str, list[Json]] = field(default_factory=dict)
    sets: dict[str, list[Json] | None] = field(default_factory=dict)
    dormant: bool = False


def read_ruleset(step: Step, document: Document) -> Ruleset:
    """Read the ruleset.

    Raises:
        Unseen: no JSON of this schema, or an object that could filter and is not known.
    """
    objects = _objects(step, document)
    tables: dict[TABLE, _Table] = {}
    bases: list[tuple[TABLE, Json]] = []
    for kind, told in objects:
        key = (str(told.get("family", "")), str(told.get("name" if kind == "table" else "table", "")))
        table = tables.setdefault(key, _Table())
        if kind == "table":
            table.dormant = "dormant" in (told.get("flags") or ())
        elif kind == "chain":
            table.chains.setdefault(str(told.get("name")), [])
            if "hook" in told:
                bases.append((key, told))
        elif kind in {"set", "map"}:
            table.sets[str(told.get("name"))] = _elements(told)
        elif kind == "rule":
            table.chains.setdefault(str(told.get("chain")), []).append(told)
    return Ruleset(
        tuple(
            (key, base)
            for key, told in bases
            if not tables[key].dormant and (base := _base(step, document, key, told)) is not None
        ),
        {key: _chains(document, table) for key, table in tables.items()},
    )


def _objects(step: Step, document: Document) -> list[tuple[str, dict[str, Json]]]:
    def broken(why: str) -> Unseen:
        return Unseen(Gap(GapReason.UNPARSABLE, step.id, detail=f"no nftables JSON: {why}"))

    try:
        whole = json.loads(document.text)
    except (ValueError, RecursionError) as error:
        raise broken(type(error).__name__) from None
    listed = whole.get("nftables") if isinstance(whole, dict) else None
    if not isinstance(listed, list):
        raise broken("no list of objects")
    objects = []
    for entry in listed:
        if not isinstance(entry, dict) or len(entry) != 1:
            raise broken("an object of another shape")
        ((kind, told),) = entry.items()
        if kind in OTHER_OBJECTS:
            continue
        if kind not in {"table", "chain", "set", "map", "rule"} or not isinstance(told, dict):
            raise broken(f"unknown object {kind}")
        objects.append((kind, told))
    if not any(isinstance(entry.get("metainfo"), dict) for entry in listed):
        raise broken("no metainfo")
    return objects


def _cite(document: Document, told: Json) -> Citation:
    """The whole answer is one line; the excerpt shows the object that matters."""
    return Citation(document.ref, 1, json.dumps(told, ensure_ascii=False)[:EXCERPT])


def _elements(told: dict[str, Json]) -> list[Json] | None:
    """Elements of a set or map; None where packets change them."""
    flags = told.get("flags") or []
    elements = told.get("elem", [])
    if "dynamic" in flags or not isinstance(elements, list):
        return None
    return elements


def _base(step: Step, document: Document, key: TABLE, told: dict[str, Json]) -> Base | None:
    hook = HOOKS.get(str(told.get("hook")))
    families = FAMILIES.get(key[0])
    if hook is None or families is None or told.get("type") != "filter":
        return None
    policy = told.get("policy", "accept")
    if policy not in {"accept", "drop"}:
        raise Unseen(Gap(GapReason.UNPARSABLE, step.id, detail=f"unknown policy {policy!r}"[:EXCERPT]))
    name = str(told.get("name"))
    return Base("nftables", " ".join(key), name, families, hook, policy == "accept", _cite(document, told))


def _chains(document: Document, table: _Table) -> Chains:
    return {
        name: tuple(rule for told in rules for rule in _rules(document, told, table))
        for name, rules in table.chains.items()
    }


def _rules(document: Document, told: dict[str, Json], table: _Table) -> Iterator[Rule]:
    """One rule a verdict: a verdict map gives several."""
    at = _cite(document, told)
    conditions: list[Condition] = []
    statements = told.get("expr", [])
    for statement in statements if isinstance(statements, list) else [None]:
        kind, body = _only(statement)
        if kind == "match":
            conditions += _match(body, table)
        elif kind in NOTHING:
            continue
        elif kind in MAY_HOLD or (kind == "xt" and _xt_name(body, "match")):
            conditions.append(ALWAYS if kind == "xt" and body["name"] == "comment" else NOT_UNDERSTOOD)
        elif kind == "vmap":
            yield from _verdict_map(body, tuple(conditions), at, table)
        else:
            act, target = _verdict(kind, body)
            yield Rule(tuple(conditions), act, at, target)
            if act is not Act.NOTHING:
                return


def _only(statement: Json) -> tuple[str, Json]:
    if isinstance(statement, dict) and len(statement) == 1:
        ((kind, body),) = statement.items()
        return kind, body
    return "", None


def _xt_name(body: Json, kind: str) -> str:
    """Name of an iptables match or target that nft could not translate; "" for the other kind."""
    told = isinstance(body, dict) and body.get("type") == kind and isinstance(body.get("name"), str)
    return body["name"] if told else ""


def _verdict(kind: str, body: Json) -> tuple[Act, str]:
    if kind in VERDICTS:
        return VERDICTS[kind], ""
    if kind in {"jump", "goto"} and isinstance(body, dict):
        return (Act.JUMP if kind == "jump" else Act.GOTO), str(body.get("target", ""))
    if kind == "xt" and (name := _xt_name(body, "target")):
        return TARGETS.get(name, Act.ANYTHING), ""
    return Act.ANYTHING, ""


def _verdict_map(body: Json, before: tuple[Condition, ...], at: Citation, table: _Table) -> Iterator[Rule]:
    data = body.get("data") if isinstance(body, dict) else None
    elements = _members(data, table)
    if elements is None:
        yield Rule(before, Act.ANYTHING, at)
        return
    later: list[Rule] = []
    for element in elements:
        if not isinstance(element, list) or len(element) != 2:
            yield Rule(before, Act.ANYTHING, at)
            continue
        kind, inner = _only(element[1])
        act, target = (Act.NOTHING, "") if kind == "continue" else _verdict(kind, inner)
        if element[0] == "*":
            later.append(Rule(before, act, at, target))
        else:
            match = {"op": "==", "left": body.get("key"), "right": element[0]}
            yield Rule((*before, *_match(match, table)), act, at, target)
    yield from later


# --- conditions ------------------------------------------------------------------------------------


def _match(body: Json, table: _Table) -> list[Condition]:
    """Conditions of one comparison; what is not understood may hold or not."""
    if not isinstance(body, dict):
        return [NOT_UNDERSTOOD]
    left, right, operator = body.get("left"), body.get("right"), body.get("op")
    kind, told = _only(left)
    negated = operator == "!="
    if kind == "payload" and isinstance(told, dict):
        return _payload(told, right, str(operator), table)
    if operator not in COMPARISONS:
        return [NOT_UNDERSTOOD]
    if kind == "&":
        return _flags(told, right, negated=negated)
    if kind == "concat" and isinstance(told, list) and not negated:
        return [*_concatenation(told, right, table), NOT_UNDERSTOOD]
    members = _members(right, table)
    names = None if members is None else _names(members)
    if names is None or not isinstance(told, dict):
        return [NOT_UNDERSTOOD]
    return [_by_key(f"{kind} {told.get('key', told.get('result', ''))}", names, negated=negated)]


def _by_key(key: str, names: frozenset[str], *, negated: bool) -> Condition:
    match key:
        case "ct state":
            return Condition("state", names, negated=negated)
        case "meta iif" | "meta iifname" | "meta oif" | "meta oifname":
            return by_interface(names, negated=negated)
        case "meta l4proto":
            return Condition("protocol", names, negated=negated)
        case "meta nfproto" | "meta protocol":
            families = {"ipv4": "ipv4", "ip": "ipv4", "ipv6": "ipv6", "ip6": "ipv6"}
            return Condition("family", frozenset(families.get(n, n) for n in names), negated=negated)
        case "meta pkttype" if names <= {"broadcast", "multicast"}:
            return Condition("fixed", answer=NEVER.answer, negated=negated)
        case "ct status" if names == {"dnat"}:
            # Only what the host's own port forwarding redirects.
            return Condition("fixed", answer=NEVER.answer, negated=negated)
        case "fib type" if names <= {"broadcast", "multicast", "anycast"}:
            return Condition("fixed", answer=NEVER.answer, negated=negated)
        case _:
            return NOT_UNDERSTOOD


def _payload(told: dict[str, Json], right: Json, operator: str, table: _Table) -> list[Condition]:
    protocol, name = str(told.get("protocol", "raw")), str(told.get("field"))
    negated = operator == "!="
    if protocol in {"ip", "ip6"}:
        family = Condition("family", frozenset({"ipv4" if protocol == "ip" else "ipv6"}))
        return [family, *_address(name, right, operator, table)]
    carried = frozenset({"tcp", "udp"}) if protocol == "th" else frozenset({protocol})
    implied = [] if protocol in {"raw", "ether", "vlan", "arp"} else [Condition("protocol", carried)]
    if name == "dport" and protocol in {"tcp", "udp", "th"}:
        ports = _port_ranges(right, operator, table)
        return [
            *implied,
            NOT_UNDERSTOOD if ports is None else Condition("ports", ports=ports, negated=negated),
        ]
    return [*implied, NOT_UNDERSTOOD]


def _address(name: str, right: Json, operator: str, table: _Table) -> list[Condition]:
    members = _members(right, table) if operator in COMPARISONS else None
    if members is None:
        return [NOT_UNDERSTOOD]
    negated = operator == "!="
    if name in {"protocol", "nexthdr"}:
        names = _names(members)
        return [NOT_UNDERSTOOD if names is None else Condition("protocol", names, negated=negated)]
    if name not in {"saddr", "daddr"}:
        return [NOT_UNDERSTOOD]
    texts = [_network(member) for member in members]
    prefixes = None if None in texts else networks([text for text in texts if text is not None])
    if prefixes is None:
        return [NOT_UNDERSTOOD]
    build = from_sources if name == "saddr" else to_destinations
    return [build(prefixes, negated=negated)]


def _network(member: Json) -> str | None:
    kind, body = _only(member)
    if isinstance(member, str) and not member.startswith("@"):
        return "0.0.0.0/0" if member == "*" else member
    if kind == "prefix" and isinstance(body, dict):
        return f"{body.get('addr')}/{body.get('len')}"
    if kind == "range" and isinstance(body, list) and len(body) == 2:
        return f"{body[0]}-{body[1]}"
    return None


def _port_ranges(right: Json, operator: str, table: _Table) -> tuple[tuple[int, int], ...] | None:
    if operator in {"<", "<=", ">", ">="}:
        if not isinstance(right, int):
            return None
        if operator[0] == "<":
            return ((0, right - (operator == "<")),)
        return ((right + (operator == ">"), 65535),)
    members = _members(right, table) if operator in COMPARISONS else None
    if members is None:
        return None
    spans = []
    for member in members:
        kind, body = _only(member)
        span = body if kind == "range" else [member, member]
        if not (isinstance(span, list) and len(span) == 2 and all(type(p) is int for p in span)):
            return None
        if not 0 <= span[0] <= span[1] <= 65535:
            return None
        spans.append((span[0], span[1]))
    return tuple(spans)


def _flags(told: Json, right: Json, *, negated: bool) -> list[Condition]:
    """TCP flags under a mask."""
    inner = _only(told[0])[1] if isinstance(told, list) and len(told) == 2 else None
    if not isinstance(inner, dict) or (inner.get("protocol"), inner.get("field")) != ("tcp", "flags"):
        return [NOT_UNDERSTOOD]
    tcp = Condition("protocol", frozenset({"tcp"}))
    mask, wanted = _flag_names(told[1]), _flag_names(right)
    if mask is None or wanted is None:
        return [tcp, NOT_UNDERSTOOD]
    return [tcp, by_flags(mask, wanted, negated=negated)]


def _flag_names(told: Json) -> frozenset[str] | None:
    if isinstance(told, dict):
        told = told.get("|")
    if told == 0:
        return frozenset()
    names = [told] if isinstance(told, str) else told
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return frozenset(names)


def _concatenation(keys: list[Json], right: Json, table: _Table) -> Iterator[Condition]:
    """Conditions that every element of a concatenation meets part by part: wider than the set itself."""
    members = _members(right, table)
    rows = [_only(member) for member in members or ()]
    if members is None or not all(k == "concat" and len(b) == len(keys) for k, b in rows if b is not None):
        return
    if any(body is None for _, body in rows):
        return
    for i, key in enumerate(keys):
        column = {"op": "==", "left": key, "right": {"set": [body[i] for _, body in rows]}}
        yield from _match(column, table)


def _members(right: Json, table: _Table) -> list[Json] | None:
    """Values a right side stands for: a value, a list, a set, or a named set; None when not known."""
    if isinstance(right, str) and right.startswith("@"):
        right = table.sets.get(right[1:])
        if right is None:
            return None
    kind, body = _only(right)
    listed = body if kind == "set" else right if isinstance(right, list) else [right]
    if not isinstance(listed, list):
        return None
    found = []
    for member in listed:
        kind, body = _only(member)
        found.append(body.get("val") if kind == "elem" and isinstance(body, dict) else member)
    return found


def _names(members: list[Json]) -> frozenset[str] | None:
    if not all(isinstance(member, str | int) for member in members):
        return None
    numbers = {"6": "tcp", "17": "udp"}
    return frozenset(numbers.get(str(member), str(member)) for member in members)

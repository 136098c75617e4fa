"""Rules of direct.xml: words of iptables that firewalld hands on, as a dump of iptables would show them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.firewalld.reading import spoken
from collectors.platforms.linux.filter_rules.iptables import read_iptables
from scanner.facts.rules import Chain, UnreadLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.firewalld.xml import Element
    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import FilterRule, FilterTable

BUILT_IN = {
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "POSTROUTING", "OUTPUT", "INPUT"),
    "mangle": ("PREROUTING", "POSTROUTING", "INPUT", "OUTPUT", "FORWARD"),
    "raw": ("PREROUTING", "OUTPUT"),
    "security": ("INPUT", "OUTPUT", "FORWARD"),
}


@dataclass(slots=True)
class Direct:
    """Tables of iptables by family (``ipv4``, ``ipv6``), and elements that were not understood."""

    tables: dict[str, tuple[FilterTable, ...]] = field(default_factory=dict)
    unread: list[UnreadLine] = field(default_factory=list)


_Told = dict[tuple[str, str], list[tuple[int, int, str]]]  # family, table: priority, line, words


def read_direct(root: Element, before: int, sets: Mapping[str, IpSet]) -> Direct:
    """Read the file; what bridges filter is no part of the rules here."""
    found = Direct()
    rules: _Told = {}
    chains: dict[tuple[str, str], list[str]] = {}
    for child in root.children:
        at, family = child.line + before, child.get("ipv")
        words = " ".join(child.words.split())
        table = child.get("table") or "filter"
        if family == "eb":
            continue
        if child.tag == "passthrough":
            table, words = _passed(words)
        known = family in {"ipv4", "ipv6"} and table in BUILT_IN
        if child.tag == "chain" and known and child.get("chain"):
            chains.setdefault((family, table), []).append(child.get("chain"))
        elif child.tag == "rule" and known and child.get("chain") and _is_number(child.get("priority")):
            chain = child.get("chain")
            name = f"{chain}_direct" if chain in BUILT_IN[table] else chain
            rules.setdefault((family, table), []).append(
                (int(child.get("priority")), at, f"-A {name} {words}")
            )
        elif child.tag == "passthrough" and known and words.startswith(("-A ", "-I ")):
            # They run behind all rules, in the chains that they name themselves.
            rules.setdefault((family, table), []).append((1 << 31, at, words))
        else:
            found.unread.append(UnreadLine(at, spoken(child)))
    for key in sorted({*rules, *chains}):
        read = _table(key[1], chains.get(key, []), rules.get(key, []), six=key[0] == "ipv6", sets=sets)
        found.tables[key[0]] = (*found.tables.get(key[0], ()), *read[0])
        found.unread += read[1]
    return found


def _is_number(word: str) -> bool:
    return word.removeprefix("-").isdecimal()


def _passed(words: str) -> tuple[str, str]:
    """The table that a command names, and the rest of it."""
    try:
        told = shlex.split(words)
    except ValueError:
        return "", words
    if told[:1] in (["-t"], ["--table"]) and len(told) > 2:
        return told[1], shlex.join(told[2:])
    return "filter", words


def _table(
    name: str, chains: list[str], rules: list[tuple[int, int, str]], *, six: bool, sets: Mapping[str, IpSet]
) -> tuple[tuple[FilterTable, ...], list[UnreadLine]]:
    text = [f"*{name}", *(f":{chain} ACCEPT [0:0]" for chain in BUILT_IN[name])]
    text += [f":{chain}_direct - [0:0]" for chain in BUILT_IN[name]]
    text += [f":{chain} - [0:0]" for chain in chains]
    text += [f"-A {chain} -j {chain}_direct" for chain in BUILT_IN[name]]
    made = len(text)
    ordered = sorted(rules, key=lambda told: told[0])
    text += [words for _, _, words in ordered]
    read = read_iptables([*text, "COMMIT"], six=six, sets=sets, complete=True)
    first = min((at for _, at, _ in ordered), default=1)

    def place(line: int) -> int:
        return ordered[line - made - 1][1] if made < line <= made + len(ordered) else first

    def placed(rule: FilterRule) -> FilterRule:
        return replace(rule, line=place(rule.line), implied=rule.line <= made)

    tables = tuple(
        replace(
            table,
            chains=tuple(Chain(c.name, place(c.line), tuple(map(placed, c.rules))) for c in table.chains),
            bases=tuple(replace(base, line=place(base.line)) for base in table.bases),
        )
        for table in read.tables
    )
    return tables, [UnreadLine(place(one.line), one.text) for one in read.unread]

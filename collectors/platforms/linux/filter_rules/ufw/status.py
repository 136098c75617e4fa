"""What ``ufw status`` prints (plain, verbose, numbered), in English.

It shows people's rules only. What before.rules and after.rules say may be anything: a question about a packet
leaves that aside, a proof of a default does not, and it is always told among what was not read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.doubt import doubt
from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.ufw.chains import HOOKS
from scanner.facts.rules import V4_SPANS, V6_SPANS, Action, Chain, FilterRule, Opaque, RuleFile, UnreadLine

if TYPE_CHECKING:
    from scanner.facts.rules import FilterTable

NOT_SHOWN = Opaque("not-shown", "before.rules and after.rules are not shown", first=False)

_STATUS = re.compile(r"Status: (active|inactive)\s*")
_DEFAULT = re.compile(r"Default: (\w+) \(incoming\), (\w+) \(outgoing\), (\w+) \(routed\)\s*")
_OTHER = re.compile(r"\s*|Logging: .*|New profiles: .*|\s*To\s+Action\s+From\s*|\s*-+\s+-+\s+-+\s*")
_ROW = re.compile(
    r"(?:\[ ?\d+\] )?(?P<to>\S.*?)\s+(?P<action>ALLOW|DENY|REJECT|LIMIT)(?: (?P<way>IN|OUT|FWD))?\s+"
    r"(?P<from>\S.*?)\s*(?: \((?:log|log-all|out|, )+\))?\s*(?:# .*)?"
)
_END = re.compile(
    r"(?:(?P<any>Anywhere)|(?P<address>[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*(?:/\d+)?))?"
    r"(?: ?(?P<port>\d[\d,:]*))?(?:/(?P<protocol>[a-z]+))?(?: \((?!v6\))[^()]*\))?(?P<six> \(v6\))?"
    r"(?: on (?P<interface>[\w.@+-]{1,15}))?"
)
_POLICIES = {"allow": "ACCEPT", "deny": "DROP", "reject": "REJECT", "disabled": "DROP"}
_WAYS = {None: "input", "IN": "input", "OUT": "output", "FWD": "forward"}


def looks_like_ufw_status(text: str) -> bool:
    """Whether the text begins as the status does."""
    return bool(re.match(r"\s*Status: (?:active|inactive)\s*$", text, re.MULTILINE)) and (
        "inactive" in text[:40]
        or bool(re.search(r"^\s*To\s+Action\s+From\s*$|^Default: ", text, re.MULTILINE))
    )


def read_ufw_status(lines: list[str]) -> RuleFile:
    """Read the status. A row that is not understood may be any rule; policies that it does not tell, too."""
    rules: list[tuple[int, str, str, str]] = []  # line, family, chain, words
    unread: list[UnreadLine] = []
    policies: dict[str, str] = {}
    at_policy = 1
    for at, line in enumerate(lines, 1):
        if _STATUS.fullmatch(line) and "inactive" in line:
            return RuleFile("ufw status", len(lines), (), (), both_families=True)
        if told := _DEFAULT.fullmatch(line):
            named = [_POLICIES.get(word, "") for word in told.groups()]
            policies = dict(zip(("input", "output", "forward"), named, strict=True))
            at_policy = at
        elif not (_STATUS.fullmatch(line) or _OTHER.fullmatch(line)):
            row = _row(line.rstrip())
            if row is None:
                unread.append(UnreadLine(at, line))
            else:
                rules += [(at, *one) for one in row]
    if "" in policies.values() or len(policies) < len(HOOKS):
        unread.append(UnreadLine(at_policy, lines[at_policy - 1] if policies else "policies are not shown"))
        policies = {hook: policies.get(hook) or "ACCEPT" for hook in HOOKS}
    tables = [_table(lines, rules, policies, at_policy, six) for six in ("", "6")]
    if unread:
        tables.append(doubt((V4_SPANS, V6_SPANS), unread))
    told_once = (UnreadLine(1, NOT_SHOWN.text), *unread)
    return RuleFile("ufw status", len(lines), tuple(tables), told_once, both_families=True)


def _row(line: str) -> list[tuple[str, str, str]] | None:
    """Family, chain and words of the rules that one row stands for."""
    row = _ROW.fullmatch(line)
    to, source = (_END.fullmatch(row[name].strip()) if row else None for name in ("to", "from"))
    if row is None or to is None or source is None or not (to[0] and source[0]):
        return None
    hook = _WAYS[row["way"]]
    # A rule of the host names its way in under To and its way out under From; a routed one the other way.
    came, goes = (source, to) if hook == "forward" else (to, source)
    words = ""
    for told, option in ((came, "-i"), (goes, "-o")):
        words += f" {option} {told['interface']}" if told["interface"] else ""
    for told, option in ((source, "-s"), (to, "-d")):
        words += f" {option} {told['address']}" if told["address"] else ""
    ports = ""
    for told, option in ((to, "dport"), (source, "sport")):
        if told["port"]:
            several = "," in told["port"]
            ports += f" -m multiport --{option}s {told['port']}" if several else f" --{option} {told['port']}"
    protocol = to["protocol"] or source["protocol"]
    six = "6" if any(one["six"] or ":" in (one["address"] or "") for one in (to, source)) else ""
    found = []
    for kind in [protocol] if protocol or not ports else ["tcp", "udp"]:
        # Options of ports follow the protocol whose module they belong to.
        asked = (f" -p {kind}" if kind else "") + words + ports
        found += [(six, f"ufw{six}-user-{hook}", asked + end) for end in _ends(row["action"], six)]
    return found


def _ends(action: str, six: str) -> list[str]:
    if action != "LIMIT":
        return [" -j " + {"ALLOW": "ACCEPT", "DENY": "DROP", "REJECT": "REJECT"}[action]]
    recent = " -m conntrack --ctstate NEW -m recent"
    return [
        f"{recent} --set",
        f"{recent} --update --seconds 30 --hitcount 6 -j ufw{six}-user-limit",
        " -j ACCEPT",
    ]


def _table(
    lines: list[str], rules: list[tuple[int, str, str, str]], policies: dict[str, str], at: int, six: str
) -> FilterTable:
    text = _around(policies, six)
    made = len(text)
    places = [at] * made
    for place, family, chain, words in rules:
        if family == six:
            text.append(f"-A {chain}{words}")
            places.append(place)
    text.append("COMMIT")
    places.append(at)
    (table,) = read_iptables(text, six=bool(six), complete=True).tables

    def placed(rule: FilterRule) -> FilterRule:
        place, implied = places[rule.line - 1], rule.line <= made
        if "not-shown" in rule.text and implied:
            rule = replace(rule, conditions=(NOT_SHOWN,), action=Action.ANYTHING)
        return replace(rule, line=place, text=lines[place - 1].strip(), implied=implied)

    return replace(
        table,
        chains=tuple(
            Chain(chain.name, places[chain.line - 1], tuple(placed(rule) for rule in chain.rules))
            for chain in table.chains
        ),
        bases=tuple(replace(base, line=at) for base in table.bases),
    )


def _around(policies: dict[str, str], six: str) -> list[str]:
    """What ufw makes around people's rules."""
    told = {hook: "ACCEPT" if policy == "ACCEPT" else "DROP" for hook, policy in policies.items()}
    text = ["*filter", *(f":{hook.upper()} {told[hook]} [0:0]" for hook in HOOKS)]
    text += [f":ufw{six}-user-{hook} - [0:0]" for hook in HOOKS] + [f":ufw{six}-user-limit - [0:0]"]
    for hook in HOOKS:
        text.append(f"-A {hook.upper()} -m comment --comment not-shown -j DROP")
        if hook != "forward":
            text.append(f"-A {hook.upper()} -{hook[0]} lo -j ACCEPT")
        text.append(f"-A {hook.upper()} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")
        text.append(f"-A {hook.upper()} -j ufw{six}-user-{hook}")
        if policies[hook] == "REJECT":
            text.append(f"-A {hook.upper()} -j REJECT")
    return [*text, f"-A ufw{six}-user-limit -j REJECT"]

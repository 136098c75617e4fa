"""What ufw would load at boot: its rule files between the chains that it makes itself.

Files by name: ``ufw.conf``, ``before.rules``, ``before6.rules``, ``after.rules``, ``after6.rules``,
``user.rules``, ``user6.rules`` of /etc/ufw and ``default/ufw`` of /etc/default/ufw.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.doubt import doubt
from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.several import Lines, missing, split
from collectors.platforms.linux.filter_rules.ufw.chains import (
    HOOKS,
    POLICIES,
    WITHOUT_SIX,
    hooked,
    policies_of,
    primary,
    user,
)
from scanner.facts.rules import V4_SPANS, V6_SPANS, RuleFile, UnreadLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import FilterRule, FilterTable

DEFAULTS = "default/ufw"
SWITCH = "ufw.conf"
NAMES = (
    DEFAULTS,
    SWITCH,
    *(f"{part}{six}.rules" for six in ("", "6") for part in ("before", "after", "user")),
)
HOOK_PROGRAMS = ("before.init", "after.init")
"""Programs that ufw runs as well, where they may be run: what they do is not read."""

_SETTING = re.compile(
    r"\s*(?:export\s+)?([A-Za-z_]\w*)=(?:\"([^\"$`\\]*)\"|'([^']*)'|([^\s\"'$`\\;&|<>()]*))\s*(?:#.*)?"
)


@dataclass(slots=True)
class _Settings:
    """Assignments in order of reading, each with its place; ``doubts``: lines that are none."""

    values: dict[str, tuple[str, int]] = field(default_factory=dict)
    doubts: list[UnreadLine] = field(default_factory=list)

    def read(self, before: int, lines: list[str]) -> None:
        for at, line in enumerate(lines, before + 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            told = _SETTING.fullmatch(line)
            if told is None:
                self.doubts.append(UnreadLine(at, line))
            else:
                value = next((v for v in (told[2], told[3], told[4]) if v is not None), "")
                self.values[told[1]] = (value, at)

    def value(self, name: str) -> str:
        return self.values.get(name, ("", 0))[0]


def read_ufw(
    files: Mapping[str, str], sets: Mapping[str, IpSet], programs: frozenset[str] = frozenset()
) -> RuleFile:
    """Read the files. ``programs``: ``HOOK_PROGRAMS`` that may be run; ``sets``: those of iptables' rules.

    A file that is missing, a setting that was not understood, and a program make everything uncertain.
    ufw that is switched off loads nothing.
    """
    lines, settings = Lines(), _Settings()
    for name in (DEFAULTS, SWITCH):
        if name in files:
            told = split(files[name])
            settings.read(lines.file(name, told, shown=False), told)
    doubts = [*settings.doubts, *(missing(name) for name in (DEFAULTS, SWITCH) if not files.get(name))]
    doubts += [UnreadLine(1, f"{name} is run") for name in HOOK_PROGRAMS if name in programs]
    if not doubts and settings.value("ENABLED") not in {"yes", "YES"}:
        return RuleFile("ufw", len(lines.lines), (), (), both_families=True, files=tuple(lines.parts))
    tables: list[FilterTable] = []
    unread: list[UnreadLine] = []
    for six in ("", "6"):
        read = _family(files, six, settings, lines, sets, doubts)
        tables += read.tables
        unread += read.unread
    if doubts:
        tables.append(doubt((V4_SPANS, V6_SPANS), doubts))
    told_once = tuple(sorted({*unread, *doubts}, key=lambda one: (one.line, one.text)))
    return RuleFile(
        "ufw", len(lines.lines), tuple(tables), told_once, both_families=True, files=tuple(lines.parts)
    )


def _policies(settings: _Settings, doubts: list[UnreadLine]) -> dict[str, str]:
    found = {}
    for hook in HOOKS:
        value, at = settings.values.get(f"DEFAULT_{hook.upper()}_POLICY", ("", 1))
        if value not in POLICIES:
            doubts.append(UnreadLine(at, f"DEFAULT_{hook.upper()}_POLICY={value}"))
        found[hook] = value if value in POLICIES else "ACCEPT"
    return found


def _family(
    files: Mapping[str, str],
    six: str,
    settings: _Settings,
    lines: Lines,
    sets: Mapping[str, IpSet],
    doubts: list[UnreadLine],
) -> RuleFile:
    """One family's tables, with the lines that all files have together."""
    start = len(lines.lines)
    if six and settings.value("IPV6") not in {"yes", "YES"}:
        lines.made("ufw", WITHOUT_SIX)
    else:
        policies = _policies(settings, doubts)
        lines.made("ufw", primary(six, policies))
        for part in ("before", "after", "user"):
            name = f"{part}{six}.rules"
            if not files.get(name):
                doubts.append(missing(name))
                continue
            if part == "user":
                lines.made("ufw", user(six))
            lines.file(name, split(files[name]))
        lines.made("ufw", [*hooked(six), *policies_of(policies)])
    mine = [""] * start + lines.lines[start:]
    read = read_iptables(mine, six=bool(six), sets=sets, complete=True, joined=True)
    return replace(read, tables=tuple(_placed(table, lines, settings) for table in read.tables))


def _placed(table: FilterTable, lines: Lines, settings: _Settings) -> FilterTable:
    """Give what no file holds the lines of the settings that it follows from."""
    switch = settings.values.get("ENABLED", ("", 1))[1]

    def at(chain: str, line: int) -> int:
        if not lines.is_implied(line):
            return line
        hook = chain.rpartition("-")[2].upper()
        return settings.values.get(f"DEFAULT_{hook}_POLICY", ("", switch))[1]

    def told(chain: str, rule: FilterRule) -> FilterRule:
        implied = lines.is_implied(rule.line)
        by_policy = "-reject-" in chain or "-track-" in chain or "-skip-to-policy-" in chain
        line = at(chain if by_policy else "", rule.line) if implied else rule.line
        return replace(rule, line=line, implied=implied)

    chains = tuple(
        replace(
            chain,
            line=switch if lines.is_implied(chain.line) else chain.line,
            rules=tuple(told(chain.name, rule) for rule in chain.rules),
        )
        for chain in table.chains
    )
    bases = tuple(replace(base, line=at(base.chain, base.line)) for base in table.bases)
    return replace(table, chains=chains, bases=bases)

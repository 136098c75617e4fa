"""Rules that the files of what starts at boot would load."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux.front_ends import rules_of_ufw
from collectors.platforms.linux.host import read_services
from collectors.platforms.linux.ipsets import SAVED, loaded_sets, sets_at_boot
from collectors.platforms.linux.loaded_rules import Gathering, iptables_tables
from collectors.platforms.linux.nft_files import PATTERNS, pieces_of
from scanner.facts import Family
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Document, Evidence
    from scanner.facts import Rules

FILES = Step(
    "filter-files",
    Files(
        (
            *PATTERNS,
            "/etc/iptables/rules.v4",
            "/etc/iptables/rules.v6",
            SAVED,
            "/etc/sysconfig/iptables",
            "/etc/sysconfig/ip6tables",
            "/etc/ufw/ufw.conf",
        ),
        privileged=True,
    ),
    Text(zh="开机时恢复的过滤规则文件", en="files that filters are restored from at boot"),
)

RESTORED_BY = ("nftables", "netfilter-persistent", "iptables", "ip6tables", "firewalld", "ufw")
"""Units that restore filters."""

RULE_FILES = {
    ("netfilter-persistent", Family.IPV4): "/etc/iptables/rules.v4",
    ("netfilter-persistent", Family.IPV6): "/etc/iptables/rules.v6",
    ("iptables", Family.IPV4): "/etc/sysconfig/iptables",
    ("ip6tables", Family.IPV6): "/etc/sysconfig/ip6tables",
}
"""Dumps by the unit that restores them, and the family that they are of."""

_BY_IPTABLES = frozenset(unit for unit, _ in RULE_FILES)
_SHARED = re.compile(
    r"[^#\n]*(?:\bflush\s+ruleset\b|\btable\s+(?:ip6?\s+)?(?:filter|nat|mangle|raw|security)\b)"
)
"""What nft does to tables that are iptables' as well."""


def rules_at_boot(evidence: Evidence) -> Rules | None:
    """What the files of what starts at boot would load; None where that is not plain."""
    try:
        services, files = read_services(evidence), evidence.files(FILES)
    except Unseen:
        return None
    starting = {name for name in RESTORED_BY if (s := services.get(name)) is not None and s.enabled}
    if starting == {"ufw"}:
        return rules_of_ufw(evidence, loaded_sets(evidence))
    by_iptables = starting & _BY_IPTABLES
    if starting - by_iptables - {"nftables"}:
        return None  # a front end makes rules of its own words
    gathered = Gathering()
    if "nftables" in starting and not (gathered.add_files(files) and (not by_iptables or _apart(files))):
        return None
    for (unit, family), path in RULE_FILES.items():
        if unit in starting and path in files:
            sets = sets_at_boot(files, unit, loaded_sets(evidence))
            gathered.add(files[path], iptables_tables(files[path], family, sets))
    return gathered.rules("written") if gathered.tables else None


def _apart(files: Mapping[str, Document]) -> bool:
    """Whether nft's files leave iptables' tables alone, so that it matters not which unit comes first."""
    lines = (line for piece in pieces_of(files) or () for line in piece.lines)
    return not any(_SHARED.match(line) for line in lines)

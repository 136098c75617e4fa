"""All options of one use of a module in an iptables rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.iptables_beyond import ALONE, WHOLE
from collectors.platforms.linux.filter_rules.iptables_fields import FIELDS

if TYPE_CHECKING:
    from collectors.platforms.linux.filter_rules.iptables_options import Around, Option, Read
    from scanner.facts.rules import Condition

EACH = FIELDS | ALONE
"""Modules of which every option stands for itself."""


def module(name: str, options: tuple[Option, ...], around: Around) -> Read:
    """Read all options of one use of a module."""
    if name in SILENT:
        return []
    if name in EACH:
        found: list[Condition] = []
        for option in options:
            told = EACH[name](option, around)
            if told is None:
                return None
            found += told
        return found
    whole = WHOLE.get(name)
    return None if whole is None else whole(name, options, around)


SILENT = frozenset(["comment", "nfacct"])
"""Modules that hold for every packet."""

"""What stands in a rule set for what was not seen of it: a file breaks off, a line was not understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import Action, Base, Chain, FilterRule, FilterTable, Stage, UnreadLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.facts.rules import Spans

DOUBT = "…"
"""The name of the table and of its chain."""

FIRST = -(1 << 31)
"""The priority of its chains: before all others, so that none of these takes the doubt away."""

_STAGES = (Stage.INGRESS, Stage.INPUT, Stage.FORWARD, Stage.OUTPUT)
"""The first stage on each way, for the same reason, and those that are asked about."""


def doubt(families: tuple[Spans, ...], places: Sequence[UnreadLine]) -> FilterTable:
    """Return a table that may do anything with every packet, and surely does nothing.

    What was not seen may be a rule, a policy or a whole table: with this beside what was read, no port is
    surely open or closed and no hook surely denies.
    """
    first = min(places, key=lambda one: one.line)
    rules = (FilterRule(first.line, first.text, (), Action.ANYTHING, unread=(first.text,)),)
    line = first.line
    bases = tuple(Base(DOUBT, stage, Action.ACCEPT, line, FIRST) for stage in _STAGES)
    return FilterTable(DOUBT, families, (Chain(DOUBT, line, rules),), bases)


def end_of(lines: Sequence[str]) -> UnreadLine:
    """The place behind which more may have stood."""
    return UnreadLine(len(lines), lines[-1] if lines else "")

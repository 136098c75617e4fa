"""Lists whose rules leave no trace in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import DECIDING, Kind
from scanner.model.text import Text
from scanner.packetspace.finding import FilterFinding, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import FilterTable, RuleFile

_SAID = Text(
    zh="{name} 中 {some}/{all} 条规则不记录日志（第 {lines} 行）",
    en="{some} of {all} rules of {name} do not log (lines {lines})",
)
MOST_LINES = 12


def _asked(table: FilterTable) -> set[str]:
    """Chains that decide for all packets of a hook, and those that they call."""
    calls = {chain.name: {rule.target for rule in chain.rules} for chain in table.chains}
    waiting = [base.chain for base in table.bases if base.kind is Kind.FILTER]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in calls and name not in found:
            found.add(name)
            waiting += calls[name]
    return found


def unlogged_lists(file: RuleFile) -> Iterator[FilterFinding]:
    """Return one finding for each list with rules that could log and do not."""
    for table in file.tables:
        asked = _asked(table)
        for chain in table.chains:
            if chain.name not in asked:
                continue
            deciding = [rule for rule in chain.rules if rule.action in DECIDING and not rule.implied]
            lines = sorted({rule.line for rule in deciding if rule.logs is False})
            if lines:
                shown = ", ".join(map(str, lines[:MOST_LINES])) + (", …" if len(lines) > MOST_LINES else "")
                count = len({rule.line for rule in deciding})
                said = _SAID.format(name=chain.name, some=len(lines), all=count, lines=shown)
                yield FilterFinding(Trouble.UNLOGGED, chain.line, chain.name, said, deciding=tuple(lines))

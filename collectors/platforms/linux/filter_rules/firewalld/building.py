"""Chains as they are put together, by the names that firewalld gives them in nftables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6_SPANS, Action, Base, Chain, FilterRule, FilterTable

if TYPE_CHECKING:
    from scanner.facts.rules import Condition, Translation

PARTS = ("pre", "log", "deny", "allow", "post")


@dataclass(slots=True)
class Building:
    """Chains in order of their making, and the base chains."""

    chains: dict[str, list[FilterRule]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    bases: list[Base] = field(default_factory=list)

    def chain(self, name: str, line: int) -> None:
        """Make a chain if it is not there."""
        self.chains.setdefault(name, [])
        self.lines.setdefault(name, line)

    def add(
        self,
        chain: str,
        at: tuple[int, str],
        conditions: tuple[Condition, ...],
        action: Action,
        target: str = "",
        *,
        implied: bool = False,
        unread: tuple[str, ...] = (),
        marks: bool = False,
        translation: Translation | None = None,
        logs: bool | None = None,
    ) -> None:
        """Put a rule at the end of a chain. ``at``: its line and what stands there."""
        self.chain(chain, at[0])
        self.chains[chain].append(
            FilterRule(
                at[0], at[1], conditions, action, target, unread,
                marks=marks, translation=translation, logs=logs, implied=implied,
            )
        )  # fmt: skip

    def jump(
        self, chain: str, target: str, at: tuple[int, str], *conditions: Condition, goto: bool = False
    ) -> None:
        """Lead to another chain."""
        self.chain(target, at[0])
        action = Action.GOTO if goto else Action.JUMP
        self.add(chain, at, tuple(conditions), action, target, implied=True)

    def table(self) -> FilterTable:
        """All of it."""
        chains = tuple(Chain(name, self.lines[name], tuple(rules)) for name, rules in self.chains.items())
        return FilterTable("inet firewalld", (V4_SPANS, V6_SPANS), chains, tuple(self.bases))

"""Decisions that leave no trace in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import FILTERING, Action, Opaque
from scanner.model.text import Text
from scanner.packetspace.cube import TooMany, all_minus
from scanner.packetspace.entries import entrance
from scanner.packetspace.finding import FilterFinding, Trouble, packet_of
from scanner.packetspace.listed import Budget, GaveUp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import FilterRule
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.listed import Listed
    from scanner.packetspace.matching import Meaning
    from scanner.packetspace.useless import Lists

_NO_LOG = Text(
    zh="作出处置（{action}）而不留日志：此前没有规则为这些报文记日志",
    en="decides ({action}) without a log: no rule before it logs these packets",
)


def silent_rules(meaning: Meaning, lists: Lists, asked: frozenset[Action]) -> Iterator[FilterFinding]:
    """Find rules, and policies, that decide as ``asked`` for some packet that nothing logged.

    A log that a rate holds back counts as one. Where it cannot be proved in time, nothing is told.
    """
    budget = Budget.of(len(lists.places))
    told: set[int] = set()
    for table, base, listed in lists.by_base:
        if base.kind not in FILTERING:
            continue
        logged: list[Cube] = []
        for at, entry in enumerate(listed.entries):
            rule = entry.rule
            if entry.action in asked and not rule.logs and rule.line not in told:
                packet = _unlogged(listed, at, list(entry.may), logged, budget)
                if packet is not None:
                    told.add(rule.line)
                    said = _NO_LOG.format(action=entry.action.value)
                    example = packet_of(packet, meaning.interfaces)
                    yield FilterFinding(Trouble.NO_LOG, rule.line, rule.text, said, example)
            elif rule.logs and entry.action is Action.CONTINUE:
                logged += entry.may if _only_rated(rule) else entry.sure
        if base.policy in asked and base.line not in told:
            left = entrance(table, base, meaning)
            packet = _unlogged(listed, len(listed.entries), left, logged, budget)
            if packet is not None:
                told.add(base.line)
                said = _NO_LOG.format(action=base.policy.value)
                yield FilterFinding(
                    Trouble.NO_LOG, base.line, base.chain, said, packet_of(packet, meaning.interfaces)
                )


def _only_rated(rule: FilterRule) -> bool:
    return not rule.unread and all(
        one.kind == "rate" or one.steady for one in rule.conditions if isinstance(one, Opaque)
    )


def _unlogged(listed: Listed, at: int, cubes: list[Cube], logged: list[Cube], budget: Budget) -> Cube | None:
    """A packet of the cubes that no earlier entry decides and that nothing logged."""
    try:
        budget.next()
        for cube in all_minus(cubes, logged):
            found = listed.escaping(cube, at, {}, budget)
            if found is not None:
                return found
    except (TooMany, GaveUp):
        return None
    return None


DENIED = frozenset([Action.DROP, Action.REJECT])
ACCEPTED = frozenset([Action.ACCEPT])

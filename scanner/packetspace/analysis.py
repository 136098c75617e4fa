"""All that is told of one rule set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.packetspace.denies import default_denies, missing_denies, unfiltered_families
from scanner.packetspace.flaws import flaws_of
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.matching import Meaning
from scanner.packetspace.published import published_services
from scanner.packetspace.silent import silent_rules
from scanner.packetspace.unlogged import unlogged_lists
from scanner.packetspace.unused import contradictions, never_used
from scanner.packetspace.useless import lists_of, useless_rules
from scanner.packetspace.wide import wide_rules

if TYPE_CHECKING:
    from scanner.facts.rules import Action, RuleFile, Stage
    from scanner.packetspace.finding import FilterFinding


@dataclass(frozen=True, slots=True)
class Analysis:
    """Whether each hook denies by default (by interface), and what is wrong with which rule, by line."""

    denies: dict[Stage, dict[str, bool]]
    findings: tuple[FilterFinding, ...]


def analyse(file: RuleFile, logged: frozenset[Action] = frozenset()) -> Analysis:
    """Judge a rule set by itself. ``logged``: decisions that are asked to leave a trace in a log."""
    meaning = Meaning(interfaces_of(file))
    lists = lists_of(file, meaning)
    denies = default_denies(file, meaning)
    useless = tuple(useless_rules(file, meaning, lists))
    findings = [
        *missing_denies(file, denies),
        *unfiltered_families(file),
        *wide_rules(file, meaning, lists),
        *useless,
        *contradictions(file, lists, useless),
        *never_used(file, meaning, lists, useless),
        *(silent_rules(meaning, lists, logged) if logged else ()),
        *flaws_of(file),
        *published_services(file, meaning),
        *unlogged_lists(file),
    ]
    once = {(one.line, one.kind, one.text): one for one in reversed(findings)}
    return Analysis(denies, tuple(sorted(once.values(), key=lambda one: (one.line, one.kind))))

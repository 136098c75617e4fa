"""What a rule is here, and words that several topics need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from scanner.facts import Fact, FactSheet, Origin, Value
from scanner.model import Gap

Variables = Mapping[str, str]
"""What the rule was set to, by the variable's name; empty: the rule's own default holds."""

Predicate = Callable[[FactSheet, Variables], bool | None]
"""Whether the facts meet what the rule asks; None: the facts do not tell."""

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule asks. ``disputes`` names scenarios whose label contradicts what the software does."""

    asks: Predicate
    disputes: Mapping[str, str] | None = None
    """Proof by the scenario's name (what stands before the product in its id)."""


def seen(sheet: FactSheet, kind: type[F]) -> F | None:
    """The fact, None where it is a gap."""
    fact = sheet.get(kind)
    return None if isinstance(fact, Gap) else fact


def written(value: Value[Any] | None) -> bool:
    """Whether somebody wrote the value down."""
    return value is not None and value.origin is Origin.EXPLICIT


def number(variables: Variables, name: str, default: int) -> int:
    """A variable as a number."""
    return int(variables.get(name, str(default)))


def plain(asks: Mapping[str, Predicate]) -> dict[str, Rule]:
    """Rules without disputes."""
    return {name: Rule(predicate) for name, predicate in asks.items()}

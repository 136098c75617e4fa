"""What a rule is here, and words that several topics need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from scanner.facts import Fact, FactSheet, Origin, Value
from scanner.model import Gap

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
"""When the states were made."""

Variables = Mapping[str, str]
"""What the rule was set to, by the variable's name; empty: the rule's own default holds."""

Predicate = Callable[[FactSheet, Variables], bool | None]
"""Whether the facts meet what the rule asks; None: the facts do not tell."""

Dispute = Callable[[FactSheet, Variables], str]
"""Proof, from the facts of a state, that the other answer is wrong; empty: there is none."""

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule asks, and why a label may contradict what the software really does.

    ``disputes`` gives the proof by the scenario's name (what stands before the label in its id), ``dispute``
    finds it in the state's own facts. Neither excuses anything where facts and label agree.
    """

    asks: Predicate
    disputes: Mapping[str, str] = field(default_factory=dict)
    dispute: Dispute = lambda *_: ""


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

"""What a check is: one question whose yes means conform; it knows no level, no clause, no vendor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.facts import Fact
    from scanner.model import Outcome, Risk, Text


@dataclass(frozen=True, slots=True)
class NoParameters:
    """For checks without thresholds."""


@dataclass(frozen=True, slots=True)
class Check:
    """A pure question about facts.

    ``judge`` is called with one argument a type in ``needs`` (each guaranteed to be a fact: where one is a
    gap the engine has already answered unseen), then one a type in ``also`` (a fact or a gap), then the
    parameters. It returns an Outcome.
    """

    id: str
    question: Text
    needs: tuple[type[Fact], ...]
    judge: Callable[..., Outcome]
    risk: Risk
    remedy: Text
    also: tuple[type[Fact], ...] = ()
    parameters: type[Any] = NoParameters

"""Statements that hold at a time, those that match nothing in any system, and which of several counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from scanner.judgement.notices import named
from scanner.model import JudgementStatement, MajorStatement, RiskSetting
from scanner.statements.notices import EARLY, notice
from scanner.statements.validity import made_later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scanner.model import Assessment, Notice, Text

S = TypeVar("S", JudgementStatement, RiskSetting, MajorStatement)


def in_force(statements: Iterable[S], at: datetime) -> tuple[S, ...]:
    """Leave out what was made after the time of judgement."""
    return tuple(s for s in statements if not made_later(s.made, at))


def early(statements: Iterable[S], at: datetime) -> Iterator[Notice]:
    """Tell of what was made after the time of judgement."""
    for s in statements:
        if made_later(s.made, at):
            yield notice(EARLY, s.place, named(s), made=s.made)


def lost(astray: Sequence[Mapping[S, Text]], order: Sequence[Text]) -> Iterator[Notice]:
    """Tell of statements that match nothing in any system.

    Args:
        astray: by system, why a statement matches nothing in it.
        order: of the reasons; the last one among a statement's reasons comes closest to a match.
    """
    for s in astray[0] if astray else ():
        reasons = [why[s] for why in astray if s in why]
        if len(reasons) == len(astray):
            object_ = s.object
            yield notice(max(reasons, key=order.index), s.place, named(s), object=object_)


def strictest(statements: Iterable[S], rank: Callable[[S], int]) -> S | None:
    """Choose among statements on the same thing: the lowest ``rank``, of equal ones the latest."""
    places = sorted(statements, key=lambda s: (s.place.file, s.place.line))
    latest = sorted(places, key=lambda s: s.made, reverse=True)
    return min(latest, key=rank, default=None)


def told(assessment: Assessment, *notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """All notices of an assessment with these, each once, by their place."""
    every = {*assessment.notices, *(n for some in notices for n in some)}
    return tuple(sorted(every, key=lambda n: (n.place.file, n.place.line, n.text.en)))

"""Triggers of major dangers (重大风险隐患触发项) as material for a person. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.judgement import notices
from scanner.judgement.notices import named
from scanner.judgement.spoken import early, in_force, lost, strictest, told
from scanner.model import MajorCandidate, Text
from scanner.statements.notices import notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from scanner.model import Assessment, MajorStatement, MajorTrigger, Notice

_ASTRAY = (notices.NO_TRIGGER, notices.NO_OBJECT)


def majors(
    assessment: Assessment, triggers: Sequence[MajorTrigger], at: datetime
) -> tuple[MajorCandidate, ...]:
    """Return what speaks for a trigger on an object, and what a person says of it.

    A trigger that stands for one judgement is material where that judgement speaks for a high risk on the
    object. A combined one follows from no judgement (what is named behind it is a hint): it is material where
    a person speaks of it. Nothing here decides that a trigger is met.
    """
    said = _said(assessment, {trigger.code for trigger in triggers}, at)
    found: list[MajorCandidate] = []
    for trigger in triggers:
        grounds: dict[str, list[str]] = {name: [] for code, name in said if code == trigger.code}
        for c in assessment.candidates:
            if c.stand.speaks_for_high and c.judgement in trigger.judgements:
                if not trigger.combined:
                    grounds.setdefault(c.object, [])
                if c.object in grounds:
                    grounds[c.object].append(c.judgement)
        found += [
            MajorCandidate(
                trigger.code, name, tuple(grounds[name]), _counts(said.get((trigger.code, name), ()))
            )
            for name in sorted(grounds)
        ]
    return tuple(found)


def gather_all(
    assessments: Sequence[Assessment], triggers: Sequence[MajorTrigger], at: datetime
) -> tuple[Assessment, ...]:
    """Fill the material for major dangers of all systems of a run.

    Args:
        assessments: with their candidates.
        triggers: all that are known.
        at: time of judgement; what people say later is not applied.
    """
    codes = {trigger.code for trigger in triggers}
    common = tuple(lost([_astray(a, codes, at) for a in assessments], _ASTRAY))
    return tuple(
        replace(
            a,
            majors=majors(a, triggers, at),
            notices=told(a, early(_spoken(a), at), common, _outvoted(_said(a, codes, at))),
        )
        for a in assessments
    )


def _spoken(assessment: Assessment) -> Sequence[MajorStatement]:
    return assessment.statements.majors if assessment.statements else ()


def _astray(assessment: Assessment, codes: set[str], at: datetime) -> dict[MajorStatement, Text]:
    """Statements on triggers or objects that are not there, and why."""
    names = {assessment.system.name, *(o.id for o in assessment.objects)}
    spoken = in_force(_spoken(assessment), at)
    lost_object = {s: notices.NO_OBJECT for s in spoken if s.object not in names}
    return lost_object | {s: notices.NO_TRIGGER for s in spoken if s.code not in codes}


def _said(
    assessment: Assessment, codes: set[str], at: datetime
) -> Mapping[tuple[str, str], Sequence[MajorStatement]]:
    """What people say in this system, by trigger and object."""
    astray = _astray(assessment, codes, at)
    found: dict[tuple[str, str], list[MajorStatement]] = {}
    for s in in_force(_spoken(assessment), at):
        if s not in astray:
            found.setdefault((s.code, s.object), []).append(s)
    return found


def _counts(said: Sequence[MajorStatement]) -> MajorStatement | None:
    """Return the statement that counts: one that meets before one that does not, open before rectified."""
    return strictest(said, lambda s: (not s.meets) * 2 + s.rectified)


def _outvoted(said: Mapping[tuple[str, str], Sequence[MajorStatement]]) -> Iterator[Notice]:
    """Tell of a statement that is less strict than another on the same."""
    for alike in said.values():
        counts = _counts(alike)
        for s in alike:
            if counts is not None and _words(s) != _words(counts):
                values = {"said": _words(s), "other": counts.author, "stricter": _words(counts)}
                yield notice(notices.STRICTER, s.place, named(s), author=s.author, **values)


def _words(s: MajorStatement) -> Text:
    if not s.meets:
        return Text("不属于", "does not meet")
    return Text("属于，已整改", "meets, rectified") if s.rectified else Text("属于", "meets")

"""Which statements hold for one system at one time, and what they speak of there. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.model import Answer, Attestation, Compensation, Waiver
from scanner.statements import notices
from scanner.statements.notices import notice
from scanner.statements.validity import expired, made_later
from scanner.statements.waiving import silenced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from scanner.model import Assessment, ItemResult, Notice, ObjectResult, Statements, Text

Statement = Attestation | Compensation | Waiver
Where = tuple[str, str]
"""Ids of an item and of an object."""


@dataclass(frozen=True, slots=True)
class Astray:
    """Why a statement matches nothing; no words: its item is of a grade that is not judged."""

    words: Text | None = None
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matched:
    """Statements in force by what they speak of, and why others match nothing."""

    attestations: Mapping[Where, Sequence[Attestation]]
    compensations: Mapping[Where, Compensation]
    waived: Mapping[str, Waiver]
    """By the id of the finding that is silenced; of several waivers, the first counts."""
    astray: Mapping[Statement, Astray]
    heard: Mapping[str, Sequence[str]]
    """By item that is declared not to apply: objects on which somebody states a no all the same."""


def match(assessment: Assessment, statements: Statements, at: datetime) -> Matched:
    """Sort the statements that hold by the items, objects and findings of one system."""
    items = {result.item.id: result for result in assessment.items}
    kinds = {o.id: o.kind for o in assessment.objects}
    heard: dict[str, list[str]] = {}
    astray: dict[Statement, Astray] = {}
    attestations: dict[Where, list[Attestation]] = {}
    compensations: dict[Where, Compensation] = {}
    spoken: tuple[Attestation | Compensation, ...] = (*statements.attestations, *statements.compensations)
    for s in (s for s in spoken if untimely(s, at) is None):
        result = items.get(s.item)
        why = _astray(s, result, kinds.keys() | {assessment.system.name})
        if result is not None and why is not None and _heard(s, result, kinds.get(s.object)):
            heard.setdefault(s.item, []).append(s.object)
            why = None
        if why is not None:
            astray[s] = why
        elif isinstance(s, Attestation):
            attestations.setdefault((s.item, s.object), []).append(s)
        else:
            compensations.setdefault((s.item, s.object), s)
    waived, idle = _waived(assessment, (w for w in statements.waivers if untimely(w, at) is None))
    also = {item: sorted(set(names)) for item, names in heard.items()}
    return Matched(attestations, compensations, waived, {**astray, **idle}, also)


def untimely(s: Statement, at: datetime) -> Notice | None:
    """Tell of a statement that does not hold at the time of judgement; None where it does."""
    what = notices.named(s)
    if not isinstance(s, Waiver) and made_later(s.made, at):
        return notice(notices.EARLY, s.place, what, made=s.made)
    if not isinstance(s, Compensation) and expired(s.expires, at):
        return notice(notices.EXPIRED, s.place, what, expires=s.expires)
    return None


def declared(result: ObjectResult) -> bool:
    """Whether the item was declared not to apply, so that none of its steps was asked."""
    return bool(result.reason) and not result.steps


def _astray(
    s: Attestation | Compensation, result: ItemResult | None, known: Collection[str]
) -> Astray | None:
    """Say why a statement matches nothing in a system; None where it matches."""
    if result is None:
        return Astray()
    if s.object not in known:
        like = sorted(name for name in known if _without_port(name) == _without_port(s.object))
        if like:
            return Astray(notices.NO_OBJECT_BUT, {"object": s.object, "like": ", ".join(like)})
        return Astray(notices.NO_OBJECT, {"object": s.object})
    if s.object not in {o.object for o in result.objects}:
        unasked = all(declared(o) for o in result.objects)
        return Astray(notices.DECLARED if unasked else notices.OTHER_KIND, {"object": s.object})
    step = s.step if isinstance(s, Attestation) else None
    if step is not None and step not in {step.n for step in result.item.steps}:
        return Astray(notices.NO_STEP, {"step": step})
    return None


def _without_port(name: str) -> str:
    """``web1/redis`` of ``web1/redis@6379``: whoever looks without rights sees no port."""
    return re.sub(r"@[0-9]+$", "", name)


def _heard(s: Attestation | Compensation, result: ItemResult, kind: str | None) -> bool:
    """Whether somebody states a no on an object of an item that is declared not to apply."""
    if not isinstance(s, Attestation) or s.answer is not Answer.NO or kind not in result.item.kinds:
        return False
    steps = {None, *(step.n for step in result.item.steps)}
    return s.step in steps and all(declared(o) for o in result.objects)


def _waived(
    assessment: Assessment, waivers: Iterable[Waiver]
) -> tuple[Mapping[str, Waiver], Mapping[Statement, Astray]]:
    """Waivers by the findings that they silence, and those that silence nothing."""
    waived: dict[str, Waiver] = {}
    idle: dict[Statement, Astray] = {}
    for waiver in waivers:
        ids = silenced(assessment, waiver)
        if not ids:
            idle[waiver] = Astray(notices.NO_FINDING)
        for id_ in ids:
            waived.setdefault(id_, waiver)
    return waived, idle

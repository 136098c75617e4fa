"""What became of the statements of people: which hold, which are disputed, expired, or match nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.model import Answer
from scanner.statements.validity import expired, made_later
from scanner.statements.waiving import silenced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from scanner.model import (
        Assessment,
        Attestation,
        Compensation,
        Finding,
        ObjectResult,
        Statements,
        StepResult,
        Waiver,
    )


class Stated(StrEnum):
    """Where a statement stands at the time of judgement."""

    ACTIVE = "active"
    DISPUTED = "disputed"  # a finding or another person says otherwise
    EARLY = "early"  # made after the time of judgement
    EXPIRED = "expired"
    IDLE = "idle"  # what it speaks of is there, and yet it changes nothing
    UNMATCHED = "unmatched"  # nothing here is what it speaks of


@dataclass(frozen=True, slots=True)
class Attested:
    """An attestation and what became of it."""

    attestation: Attestation
    stated: Stated


@dataclass(frozen=True, slots=True)
class Compensated:
    """A compensation and what became of it."""

    compensation: Compensation
    stated: Stated


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver, and the noes that it silences (none unless it is active)."""

    waiver: Waiver
    stated: Stated
    findings: tuple[Finding, ...]


def attested(assessments: Sequence[Assessment]) -> tuple[Attested, ...]:
    """All attestations in the order of their files; the same ones serve every system of a run."""
    used: dict[Attestation, bool] = {}
    for _, step in steps(assessments):
        for attestation in step.attestations:
            used[attestation] = used.get(attestation, False) or step.disputed
    found = dict.fromkeys(s for given in _statements(assessments) for s in given.attestations)
    return tuple(Attested(a, _stated(a, used, assessments)) for a in found)


def compensated(assessments: Sequence[Assessment]) -> tuple[Compensated, ...]:
    """All compensations in the order of their files."""
    used = {o.compensation for o in _results(assessments) if o.compensation is not None}
    found = dict.fromkeys(s for given in _statements(assessments) for s in given.compensations)
    return tuple(Compensated(c, _compensation(c, used, assessments)) for c in found)


def waived(assessments: Sequence[Assessment]) -> tuple[Waived, ...]:
    """All waivers in the order of their files, with the noes that each silences."""
    found = dict.fromkeys(s for given in _statements(assessments) for s in given.waivers)
    return tuple(_waived(waiver, assessments) for waiver in found)


def steps(assessments: Iterable[Assessment]) -> Iterator[tuple[ObjectResult, StepResult]]:
    """Every step on every object."""
    for result in _results(assessments):
        for step in result.steps:
            yield result, step


def _statements(assessments: Iterable[Assessment]) -> Iterator[Statements]:
    return (a.statements for a in assessments if a.statements is not None)


def _results(assessments: Iterable[Assessment]) -> Iterator[ObjectResult]:
    return (o for a in assessments for item in a.items for o in item.objects)


def _stated(a: Attestation, used: Mapping[Attestation, bool], assessments: Sequence[Assessment]) -> Stated:
    at = assessments[0].at
    if a in used:
        return Stated.DISPUTED if used[a] else Stated.ACTIVE
    if made_later(a.made, at):
        return Stated.EARLY
    return Stated.EXPIRED if expired(a.expires, at) else _lost(a, assessments)


def _compensation(
    c: Compensation, used: Collection[Compensation], assessments: Sequence[Assessment]
) -> Stated:
    if c in used:
        return Stated.ACTIVE
    return Stated.EARLY if made_later(c.made, assessments[0].at) else _lost(c, assessments)


def _lost(s: Attestation | Compensation, assessments: Sequence[Assessment]) -> Stated:
    """Tell a statement that changes nothing from one that speaks of nothing here."""
    places = {(item.item.id, o.object) for a in assessments for item in a.items for o in item.objects}
    return Stated.IDLE if (s.item, s.object) in places else Stated.UNMATCHED


def _waived(w: Waiver, assessments: Sequence[Assessment]) -> Waived:
    if expired(w.expires, assessments[0].at):
        return Waived(w, Stated.EXPIRED, ())
    ids = {id_ for a in assessments for id_ in silenced(a, w)}
    noes = dict.fromkeys(f for a in assessments for f in a.findings if f.id in ids and f.answer is Answer.NO)
    return Waived(w, Stated.ACTIVE if ids else Stated.UNMATCHED, tuple(noes))

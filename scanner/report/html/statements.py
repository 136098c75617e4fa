"""What people state: all that changes something or falls flat; what simply holds stands at its items."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from scanner.model import Attestation, Compensation
from scanner.report.stated import Stated, attested, compensated, waived

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scanner.model import Assessment, Exhibit, Notice
    from scanner.report.stated import Waived

S = TypeVar("S", Attestation, Compensation)


@dataclass(frozen=True, slots=True)
class Flat:
    """An attestation that does not simply hold, with all objects of the same words."""

    attestation: Attestation
    objects: tuple[str, ...]
    stated: Stated


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A compensation with all objects of the same words."""

    compensation: Compensation
    objects: tuple[str, ...]
    stated: Stated


@dataclass(frozen=True, slots=True)
class Statements:
    """Everything that people state of a run; counts are by what became of it."""

    attestations: Mapping[Stated, int]
    compensations: Mapping[Stated, int]
    waivers: Mapping[Stated, int]
    flat: tuple[Flat, ...]
    made_up: tuple[MadeUp, ...]
    waived: tuple[Waived, ...]
    notices: tuple[Notice, ...]
    files: tuple[Exhibit, ...]

    @property
    def total(self) -> int:
        """Number of statements."""
        return sum(map(sum, (c.values() for c in (self.attestations, self.compensations, self.waivers))))


def statements(assessments: Sequence[Assessment]) -> Statements | None:
    """Return what people state; None where nobody does."""
    given = [a.statements for a in assessments if a.statements is not None]
    notices = tuple(dict.fromkeys(notice for a in assessments for notice in a.notices))
    if not given and not notices:
        return None
    said, made_up, silenced = attested(assessments), compensated(assessments), waived(assessments)
    return Statements(
        attestations=_counts(s.stated for s in said),
        compensations=_counts(s.stated for s in made_up),
        waivers=_counts(s.stated for s in silenced),
        flat=tuple(
            Flat(first, objects, stated)
            for (first, stated), objects in _alike((s.attestation, s.stated) for s in said)
            if stated is not Stated.ACTIVE
        ),
        made_up=tuple(
            MadeUp(first, objects, stated)
            for (first, stated), objects in _alike((s.compensation, s.stated) for s in made_up)
        ),
        waived=silenced,
        notices=notices,
        files=tuple(dict.fromkeys(file for statements in given for file in statements.files)),
    )


def _counts(found: Iterable[Stated]) -> Mapping[Stated, int]:
    counts = Counter(found)
    return {stated: counts[stated] for stated in Stated if counts[stated]}


def _alike(found: Iterable[tuple[S, Stated]]) -> list[tuple[tuple[S, Stated], tuple[str, ...]]]:
    """Statements that differ in their object alone, once, with their objects."""
    alike: dict[tuple[S, Stated], list[S]] = {}
    for statement, stated in found:
        alike.setdefault((replace(statement, object=""), stated), []).append(statement)
    return [((some[0], key[1]), tuple(s.object for s in some)) for key, some in alike.items()]

"""All that was understood of one object: a fact or a gap for every type asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts.value import Fact

F = TypeVar("F", bound="Fact")


@dataclass(frozen=True, slots=True)
class FactSheet:
    """Facts and gaps of one object, by fact type. What is in neither was not collected."""

    object: str
    entries: Mapping[type[Fact], Fact | Gap]

    def get(self, kind: type[F]) -> F | Gap:
        """Return the fact of type ``kind``, or why it is not there."""
        entry = self.entries.get(kind)
        if isinstance(entry, kind):
            return entry
        if isinstance(entry, Gap):
            return entry
        return Gap(GapReason.NOT_COLLECTED, detail=f"nothing was collected for {kind.__name__}")

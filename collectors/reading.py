"""From evidence to facts: every reader of a platform, each giving its fact or the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Unseen
from collectors.guard import guarded
from scanner.facts import FactSheet

if TYPE_CHECKING:
    from collectors.base import Reader
    from collectors.evidence import Evidence
    from scanner.facts import Fact
    from scanner.model import Gap


def read_fact(reader: Reader, evidence: Evidence) -> Fact | Gap:
    """Run one reader; not seeing is its gap, a crash is a ``bug`` gap."""

    def look() -> Fact | Gap:
        try:
            return reader.read(evidence)
        except Unseen as unseen:
            return unseen.gap

    return guarded(look, reader.steps[0].id)


def read_sheet(evidence: Evidence) -> FactSheet:
    """Read all facts that the evidence's platform knows."""
    readers = evidence.platform.readers
    return FactSheet(evidence.object, {reader.fact: read_fact(reader, evidence) for reader in readers})

"""Ids that statements may name: what exists anywhere, at whatever level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of all levels: one file of statements may serve several systems and levels."""

    items: Collection[str]
    checks: Collection[str] = ()
    judgements: Mapping[str, Collection[int]] = field(default_factory=dict)
    """Numbers of the conditions by judgement."""
    triggers: Collection[str] = ()

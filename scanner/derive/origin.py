"""Where derived facts come from beside captures: the inventory, which every run keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Citation

if TYPE_CHECKING:
    from scanner.model import AssessmentObject

INVENTORY = "inventory"
"""What a citation names as its capture when the inventory says it."""


def declared(o: AssessmentObject) -> Citation:
    """Cite the inventory's entry of an object."""
    return Citation(INVENTORY, 0, f"{o.id}: {o.kind}" + (f" of {o.parent}" if o.parent else ""))

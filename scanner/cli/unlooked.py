"""An inventory of which nothing has been looked at yet, as if a run of it had just begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner import __version__
from scanner.cli.judging import Understood, stored_profile
from scanner.locker import Header

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scanner.inventory import Inventory
    from scanner.overlay_files import OverlayFile


def unlooked(inventory: Inventory, at: datetime, overlays: Sequence[OverlayFile] = ()) -> Understood:
    """Return what is understood of an inventory before any look: its objects, and no word of theirs."""
    header = Header(__version__, "", at, inventory.normalised, stored_profile(overlays))
    return Understood(header, None, "", inventory, {reach.object: () for reach in inventory.reaches}, {})

"""Overlays on the command line: read, and refused where they change nothing that is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import ProfileError
from scanner.overlay import bases
from scanner.overlay_files import OverlayFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path


def read_overlays(paths: Iterable[Path]) -> tuple[OverlayFile, ...]:
    """Read overlays; mistakes inside them are told when they are laid over a profile.

    Raises:
        InputError: a file cannot be read at all.
    """
    return tuple(OverlayFile.of(path) for path in paths)


def require_use(overlays: Iterable[OverlayFile], levels: Collection[int]) -> None:
    """Refuse overlays that are laid over none of the levels judged: they would be given in vain.

    Raises:
        ProfileError: naming each of them.
    """
    vain = [o.read for o in overlays if bases(o.read) and not set(bases(o.read)) & set(levels)]
    if vain:
        judged = ", ".join(f"l{level}" for level in sorted(levels))
        said = f"the overlay is laid over none of the levels that are judged: {judged}"
        raise ProfileError("overlays given in vain", [read.mistake(("base",), said) for read in vain])

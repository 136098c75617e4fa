"""Overlays among the profile files: those that a run stored, and those that somebody gives beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner import yamlmarks
from scanner.overlay import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.profile_files import Sources
    from scanner.yamlmarks import Document

FOLDER = "overlays/"
"""Where overlays stand among the profile files, numbered in the order in which they are laid over."""


@dataclass(frozen=True, slots=True)
class OverlayFile:
    """One overlay: what was read, and the bytes that a run stores."""

    read: Document
    content: bytes

    @classmethod
    def of(cls, path: Path) -> OverlayFile:
        """Read a file.

        Raises:
            InputError: it cannot be read at all; mistakes inside it are in ``read.mistakes``.
        """
        content = yamlmarks.content_of(path)
        return cls(yamlmarks.parse(content, str(path)), content)


def overlays_in(sources: Sources) -> tuple[OverlayFile, ...]:
    """Return the overlays among profile files, in the order in which they are laid over."""
    names = sorted(name for name in sources if name.startswith(FOLDER))
    return tuple(OverlayFile(yamlmarks.parse(sources[name], name), sources[name]) for name in names)


def ids_added(sources: Sources) -> frozenset[str]:
    """Return the ids of the items that the overlays among profile files add."""
    entries = (entry for overlay in overlays_in(sources) for entry in _list(overlay.read.data, "items"))
    return frozenset(entry["id"] for entry in entries if isinstance(entry, dict) and "id" in entry)


def _list(data: object, key: str) -> list[object]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def with_given(stored: Sequence[OverlayFile], given: Iterable[OverlayFile]) -> tuple[OverlayFile, ...]:
    """Lay given overlays over the stored ones; one of the same name takes the stored one's place."""
    found = list(stored)
    for overlay in given:
        names = [name_of(other.read) for other in found]
        name = name_of(overlay.read)
        if name in names and name:
            found[names.index(name)] = overlay
        else:
            found.append(overlay)
    return tuple(found)


def stored_with(sources: Sources, overlays: Sequence[OverlayFile]) -> dict[str, bytes]:
    """Return the profile files with just these overlays among them."""
    bare = {name: content for name, content in sources.items() if not name.startswith(FOLDER)}
    named = enumerate(overlays, start=1)
    return bare | {f"{FOLDER}{n:02}-{name_of(o.read)}.yaml": o.content for n, o in named}

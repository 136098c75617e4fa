"""nft's files as nft reads them: what they include stands in place of the line that includes it.

A path without a folder is looked for in ``/etc``; one with wildcards may match nothing, and what it matches
comes in the order of its names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.inclusion import MOST_LINES, WILDCARD, matches, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collectors.evidence import Document

MAIN = ("/etc/nftables.conf", "/etc/sysconfig/nftables.conf")
"""Files that ``nftables.service`` loads: of Debian and its like, of Red Hat's."""

PATTERNS = (
    *MAIN,
    "/etc/nftables/*.nft",
    "/etc/nftables/*.conf",
    "/etc/nftables.d/*.nft",
    "/etc/nftables.d/*.conf",
)
"""What is collected: an include of anything else is not followed."""

DEEPEST = 16
"""Files that include files further down are refused by nft."""

_DEFINES = re.compile(r"(?:^|[;{])\s*define\s+([^\s=]+)\s*=", re.MULTILINE)
_INCLUDE = re.compile(r"\s*include\s+\"([^\"]+)\"\s*;?\s*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a file that follow each other; ``skipped`` lines of it come before."""

    document: Document
    skipped: int
    lines: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    files: Mapping[str, Document]
    pieces: list[Piece] = field(default_factory=list)
    lines: int = 0


def pieces_of(files: Mapping[str, Document]) -> tuple[Piece, ...] | None:
    """All lines that are loaded, in order; None where a file is none of ours, or nft would refuse them.

    ``files``: all that ``PATTERNS`` match on the host.
    """
    main = [path for path in MAIN if path in files]
    if len(main) != 1:
        return None
    reading = _Reading(files)
    if not _read(reading, main[0], 0):
        return None
    defined = _DEFINES.findall("\n".join(line for piece in reading.pieces for line in piece.lines))
    # Nobody may define a name twice, not even in another file.
    return tuple(reading.pieces) if len(defined) == len(set(defined)) else None


def _read(reading: _Reading, path: str, depth: int) -> bool:
    document = reading.files[path]
    reading.lines += 1 + len(document.lines)
    if depth > DEEPEST or reading.lines > MOST_LINES or (depth and document.lines[-1]):
        return False  # what includes others ends its last line, or the statement around it is refused
    start = 0
    for at, line in enumerate(document.lines):
        found = _INCLUDE.fullmatch(line)
        if found is None:
            continue
        _piece(reading, document, start, at)
        start = at + 1
        included = _meant(found[1], path, reading.files)
        if included is None or not all(_read(reading, one, depth + 1) for one in included):
            return False
    _piece(reading, document, start, len(document.lines))
    return True


def _piece(reading: _Reading, document: Document, start: int, end: int) -> None:
    if start < end:
        reading.pieces.append(Piece(document, start, document.lines[start:end]))


def _meant(asked: str, by: str, files: Mapping[str, Document]) -> Sequence[str] | None:
    """Files that an include names; None where they may lie elsewhere, or come in either order."""
    if asked.startswith("."):
        return None  # from wherever nft is started
    if not asked.startswith("/"):
        if by.rpartition("/")[0] != "/etc":
            return None  # newer versions look beside the file first
        asked = f"/etc/{asked}"
    if not any(within(asked, pattern) for pattern in PATTERNS):
        return None
    found = sorted(path for path in files if matches(path, asked))
    if found != sorted(found, key=str.casefold):
        return None  # the order depends on the language
    return found if found or WILDCARD.search(asked) else None

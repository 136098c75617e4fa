"""Patterns of file names as glob(3) reads them: a star stays within its folder."""

from __future__ import annotations

from fnmatch import fnmatchcase


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern of paths names a path; hidden files only where they are named."""
    asked, parts = pattern.split("/"), path.split("/")
    return len(asked) == len(parts) and all(
        fnmatchcase(part, own) and not (part.startswith(".") and not own.startswith("."))
        for own, part in zip(asked, parts, strict=True)
    )

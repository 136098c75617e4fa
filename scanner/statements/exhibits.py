"""Evidence that statements rest on: files beside them, each with the SHA-256 that its author wrote down."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1 << 30
_CHUNK = 1 << 20


class Exhibits:
    """Files in and below one folder; each is read once, however many statements rest on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[str, str]] = {}

    def wrong(self, name: str, digest: str | None) -> str:
        """Say what is wrong with a named file and its stated digest; "" where both agree.

        The digest that would be right is never said: whoever states it has looked at the file himself.
        """
        if not digest:
            return (
                f"evidence {name!r}: its digest is missing; see `sha256sum` of the file as it was looked at"
            )
        if name not in self._read:
            self._read[name] = self._digest(name)
        found, mistake = self._read[name]
        if mistake:
            return f"evidence {name!r}: {mistake}"
        if found != digest.strip().lower():
            return f"evidence {name!r}: the file is not the one whose digest is stated (SHA-256)"
        return ""

    def _digest(self, name: str) -> tuple[str, str]:
        """SHA-256 of the file, or what is wrong with it."""
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\0" in name:
            return "", "must be named by its path in the folder of the statements"
        path = self._folder / name
        try:
            if not path.exists():
                return "", "there is no such file beside the statements"
            if not path.is_file():  # a pipe or a device may never end
                return "", "is no regular file"
            return _read(path)
        except OSError as error:
            return "", f"cannot be read: {error.strerror or error}"


def _read(path: Path) -> tuple[str, str]:
    """SHA-256 of a regular file, or what is wrong with it."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_BYTES:
                return "", f"is larger than {MAX_BYTES >> 30} GiB"
            digest.update(chunk)
    return digest.hexdigest(), ""

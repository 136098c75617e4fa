"""What can go wrong, as one tree.

    PostureError
    ├── InputError            a file or argument of the user is wrong (exit code 3)
    │   ├── InventoryError
    │   ├── ProfileError
    │   ├── CredentialError   a reference that cannot be resolved
    │   └── LockerError       not a run file, or one that cannot be written
    └── ObservationError      an object could not be looked at; becomes a gap, never a verdict

Every other exception that reaches a worker's edge is a bug: it becomes a ``bug`` gap (exit code 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model import Gap


class PostureError(Exception):
    """Root of all expected errors; its text is meant for the user."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a user's file, at its place (1-based line and column; 0 = unknown)."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        """Render as ``file:line:column: text``, clickable in editors and terminals."""
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


class InputError(PostureError):
    """A file or argument is wrong. Carries every mistake found, not only the first."""

    def __init__(self, text: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__("\n".join([text, *map(str, mistakes)]) if mistakes else text)
        self.mistakes = tuple(mistakes)


class InventoryError(InputError):
    """The inventory does not say what it must."""


class ProfileError(InputError):
    """A control profile is inconsistent."""


class CredentialError(InputError):
    """A credential reference cannot be resolved; never contains the secret."""


class LockerError(InputError):
    """A run file is not one, is damaged beyond reading, or cannot be written."""


class ObservationError(PostureError):
    """An object could not be looked at (or not to the end)."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(f"{gap.reason}: {gap.detail}")
        self.gap = gap

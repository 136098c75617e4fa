"""A shell variable while start-up files run, in three-valued logic: yes, no, perhaps (None)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.model import Citation

Truth = bool | None


def negation(a: Truth) -> Truth:
    """Not ``a``."""
    return None if a is None else not a


def both(a: Truth, b: Truth) -> Truth:
    """``a`` and ``b``."""
    if a is False or b is False:
        return False
    return True if a and b else None


def either(a: Truth, b: Truth) -> Truth:
    """``a`` or ``b``."""
    return negation(both(negation(a), negation(b)))


@dataclass(frozen=True, slots=True)
class Setting:
    """An assignment that is in force."""

    seconds: int
    at: Citation


@dataclass(slots=True)
class Variable:
    """What is known of the variable so far. ``doubt`` is the line that leaves it uncertain, if any."""

    setting: Setting | None = None
    readonly: bool = False
    perhaps: Citation | None = None  # its value may be another one, until the next certain assignment
    unknown: Citation | None = None  # anything may have happened, readonly included: for good

    @property
    def doubt(self) -> Citation | None:
        """The line after which nothing certain can be said."""
        return self.unknown or self.perhaps

    def assign(self, seconds: int | None, at: Citation, runs: Truth) -> None:
        """Take an assignment (None: of an unknown value) that runs, does not, or perhaps does."""
        if self.readonly or runs is False:
            return
        same = self.setting is not None and self.setting.seconds == seconds
        if seconds is None or runs is None:
            self.perhaps = self.perhaps if same else at
        else:
            self.setting, self.perhaps = Setting(seconds, at), None

    def clear(self, at: Citation, runs: Truth) -> None:
        """Take an ``unset``."""
        if self.readonly or runs is False:
            return
        if runs is None:
            self.perhaps = at
        else:
            self.setting, self.perhaps = None, None

    def protect(self, at: Citation, runs: Truth) -> None:
        """Take a ``readonly``: nothing changes the variable afterwards."""
        if runs is None:
            self.mistrust(at, runs)
        elif runs:
            self.readonly = True

    def mistrust(self, at: Citation, runs: Truth) -> None:
        """Take a command that may do anything to the variable."""
        if not self.readonly and runs is not False:
            self.unknown = self.unknown or at

    def give_up(self, at: Citation, runs: Truth) -> None:
        """Take a mistake in the text: which of its commands ran, and what they protected, is not known."""
        if runs is not False:
            self.unknown = self.unknown or at

"""A shell variable while start-up files run, in three-valued logic: yes, no, perhaps (None)."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    written: list[tuple[int, Citation]] = field(default_factory=list)  # with or without effect
    readonly: bool = False
    perhaps: Citation | None = None  # its value may be another one, until the next certain assignment
    unknown: Citation | None = None  # anything may have happened, readonly included: for good

    @property
    def doubt(self) -> Citation | None:
        """The line after which nothing certain can be said."""
        return self.unknown or self.perhaps

    def assign(self, seconds: int | None, at: Citation, runs: Truth) -> None:
        """Take an assignment (None: of an unknown value) that runs, does not, or perhaps does."""
        if seconds is not None and runs is not False:
            self.written.append((seconds, at))
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


Possible = dict[int | None, "Citation | None"]
"""Masks, each with the line that sets it; None: the one with which the login began."""


@dataclass(slots=True)
class Branches:
    """What the branches of one ``if`` make of the masks: those before it, and those after each branch."""

    before: Possible
    after: list[Possible] = field(default_factory=list)
    inside: bool = False  # in a branch's body, not in a condition


@dataclass(slots=True)
class Masks:
    """What is known of the mask of new files (``umask``)."""

    possible: Possible = field(default_factory=lambda: {None: None})
    written: list[tuple[int, Citation]] = field(default_factory=list)
    unknown: Citation | None = None
    lost: Citation | None = None  # a mistake in the text: whether what follows runs is not known
    branches: list[Branches] = field(default_factory=list)  # of the conditions that are open

    def open(self) -> None:
        """An ``if`` begins."""
        self.branches.append(Branches(dict(self.possible)))

    def branch(self, runs: Truth, *, body: bool) -> None:
        """A branch ends (``runs``: whether it does), and another part begins: a body or a condition."""
        if not self.branches:
            return
        here = self.branches[-1]
        if here.inside:
            if runs is not False:
                here.after.append(self.possible)
            self.possible = dict(here.before)
        here.inside = body

    def close(self, runs: Truth, *, complete: bool) -> None:
        """An ``if`` ends. ``complete``: one of its branches certainly ran."""
        self.branch(runs, body=False)
        if not self.branches:
            return
        here = self.branches.pop()
        found = here.after if complete and here.after else [here.before, *here.after]
        self.possible = {mask: at for possible in found for mask, at in possible.items()}

    def set(self, mask: int | None, at: Citation, runs: Truth) -> None:
        """Take a ``umask`` command (None: of an unknown mask) that runs, does not, or perhaps does."""
        if runs is False:
            return
        if mask is None:
            self.unknown = self.unknown or at
            return
        self.written.append((mask, at))
        if runs:
            self.possible, self.unknown = {mask: at}, self.lost
        else:
            self.possible.setdefault(mask, at)

    def mistrust(self, at: Citation, runs: Truth) -> None:
        """Take a command that may do anything to the mask."""
        if runs is not False:
            self.unknown = self.unknown or at

    def give_up(self, at: Citation, runs: Truth) -> None:
        """Take a mistake in the text: which of its commands ran is not known."""
        if runs is not False:
            self.unknown = self.lost = self.lost or at

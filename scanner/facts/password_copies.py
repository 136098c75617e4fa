"""Password hashes that stand in more than one place, letter by letter."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.facts.value import Fact
from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class PasswordCopy:
    """An account's hash, salt and all, that another account has too. ``others``: HOST:ACCOUNT, sorted."""

    account: str
    others: tuple[str, ...]
    at: Citation


@dataclass(frozen=True, slots=True)
class PasswordCopies(Fact):
    """What became of comparing a host's password hashes with one another and with those of all other hosts.

    Digests are compared that the run's own key made; hashes themselves are never kept. ``compared``: the
    host's own; ``unmarked``: those without a digest, which nobody can compare; ``hosts``: how many other
    hosts' accounts were seen; ``hidden``: hosts that were looked at and whose accounts were not seen.
    """

    copies: tuple[PasswordCopy, ...]
    compared: int
    unmarked: int
    hosts: int
    hidden: tuple[str, ...] = ()

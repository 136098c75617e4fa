"""Which password hashes of a host stand elsewhere too: with the same salt, one was copied from the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts import Accounts, PasswordCopies, PasswordCopy, PasswordState
from scanner.model import Gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts import FactSheet

Places = dict[str, list[str]]
"""Where each digest of a hash stands: HOST:ACCOUNT."""


def password_places(sheets: Mapping[str, FactSheet]) -> Places:
    """Find where each hash stands, over all hosts whose accounts were seen."""
    places: Places = {}
    for name in sorted(sheets):
        accounts = sheets[name].entries.get(Accounts)
        for account in accounts.accounts if isinstance(accounts, Accounts) else ():
            if account.hash_id:
                places.setdefault(account.hash_id, []).append(f"{name}:{account.name}")
    return places


def password_copies(
    name: str, sheets: Mapping[str, FactSheet], places: Mapping[str, list[str]]
) -> PasswordCopies | Gap:
    """Compare one host's hashes with all; the gap of its accounts where they were not seen."""
    accounts = sheets[name].get(Accounts)
    if isinstance(accounts, Gap):
        return accounts
    hashed = [a for a in accounts.accounts if a.password is PasswordState.HASHED or a.hash_id]
    copies = []
    for account in hashed:
        own = f"{name}:{account.name}"
        others = tuple(place for place in places.get(account.hash_id, ()) if place != own)
        if others:
            copies.append(PasswordCopy(account.name, others, account.password_at))
    return PasswordCopies(
        accounts.seen,
        tuple(copies),
        compared=sum(bool(a.hash_id) for a in hashed),
        unmarked=sum(not a.hash_id for a in hashed),
        hosts=sum(isinstance(s.entries.get(Accounts), Accounts) for s in sheets.values()) - 1,
        hidden=tuple(sorted(n for n, s in sheets.items() if isinstance(s.entries.get(Accounts), Gap))),
    )

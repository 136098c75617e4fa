"""Hashes that equal others: on the same host, on another one, and what cannot be compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.derive.password_copies import password_copies, password_places
from scanner.facts import Account, Accounts, FactSheet, PasswordCopies, PasswordState
from scanner.model import Gap, GapReason
from tests.checks.build import SEEN, account

GONE = Gap(GapReason.PERMISSION, "shadow", needs="root")


def person(name: str, digest: str = "", uid: int = 1000) -> Account:
    return replace(account(name, uid, PasswordState.HASHED, "yescrypt"), hash_id=digest)


def host(name: str, *people: Account) -> FactSheet:
    return FactSheet(name, {Accounts: Accounts(SEEN, people)})


SHEETS = {
    "web1": host("web1", person("root", "aa", 0), person("ops", "bb"), account("daemon", 1)),
    "web2": host("web2", person("root", "cc", 0), person("ops", "bb"), person("old", "cc", 1001)),
    "web3": host("web3", person("root", "dd", 0), person("new")),
    "dark": FactSheet("dark", {Accounts: GONE}),
}


def told(name: str) -> PasswordCopies:
    found = password_copies(name, SHEETS, password_places(SHEETS))
    assert isinstance(found, PasswordCopies)
    return found


@pytest.mark.parametrize(
    ("name", "copies"),
    [
        ("web1", {"ops": ("web2:ops",)}),
        ("web2", {"root": ("web2:old",), "ops": ("web1:ops",), "old": ("web2:root",)}),
        ("web3", {}),
    ],
)
def test_copies_name_every_other_place(name: str, copies: dict[str, tuple[str, ...]]) -> None:
    assert {copy.account: copy.others for copy in told(name).copies} == copies


def test_what_was_compared_is_counted() -> None:
    assert [(t.compared, t.unmarked, t.hosts) for t in map(told, ("web1", "web3"))] == [(2, 0, 2), (1, 1, 2)]
    assert told("web1").hidden == ("dark",)


def test_accounts_that_were_not_seen_are_compared_with_nothing() -> None:
    assert password_copies("dark", SHEETS, password_places(SHEETS)) == GONE

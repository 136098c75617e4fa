"""Facts about accounts, passwords, lockout and idle sessions of a host."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.value import Fact, Value

if TYPE_CHECKING:
    from scanner.model import Citation


class PasswordState(StrEnum):
    """What stands in an account's password field."""

    EMPTY = "empty"  # logs in without a password
    LOCKED = "locked"  # no password can match
    HASHED = "hashed"


@dataclass(frozen=True, slots=True)
class Account:
    """One local account. ``scheme`` names the hash scheme of a HASHED password; ages are in days."""

    name: str
    uid: int
    gid: int
    shell: str
    at: Citation  # its line of passwd
    password: PasswordState
    scheme: str  # yescrypt, sha512crypt, md5crypt, descrypt, ...; "" when not hashed; "unknown"
    max_age: int | None  # None: no limit is written
    min_age: int | None
    last_change: int | None  # days since 1970-01-01
    expires: int | None  # days since 1970-01-01
    password_at: Citation  # its line of shadow (or of passwd)

    @property
    def can_log_in(self) -> bool:
        """A shell that starts a session (an empty shell field means /bin/sh)."""
        return not self.shell.endswith(("/nologin", "/false", "/sync", "/shutdown", "/halt"))


@dataclass(frozen=True, slots=True)
class Accounts(Fact):
    """All local accounts, in the file's order."""

    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class PasswordPolicy(Fact):
    """Quality rules that PAM really applies when a password is changed.

    ``module`` is the quality module in the password stack, None when the stack has none.
    ``classes`` is the number of character classes that a password must hold.
    ``max_age`` is login.defs PASS_MAX_DAYS for new accounts.
    """

    module: Value[str] | None
    min_length: Value[int]
    classes: Value[int]
    max_age: Value[int]


@dataclass(frozen=True, slots=True)
class Lockout(Fact):
    """Lockout after failed logins as PAM applies it, for each entrance that was looked at.

    ``module`` None: the stack of ``service`` has no lockout module in force.
    ``unlock_seconds`` 0: locked until an administrator unlocks.
    """

    service: str
    module: Value[str] | None
    max_failures: Value[int]
    unlock_seconds: Value[int]


@dataclass(frozen=True, slots=True)
class EmptyPasswordLogin(Fact):
    """Whether PAM lets a local account in force, whose password field is empty, in by an empty password.

    ``service`` names the stacks that were run. ``accepted`` None: by modules whose answers are not known.
    """

    service: str
    accepted: bool | None


@dataclass(frozen=True, slots=True)
class SessionTimeout(Fact):
    """Idle time-out of login shells (TMOUT), in seconds; None when nothing sets it."""

    seconds: Value[int] | None
    readonly: bool

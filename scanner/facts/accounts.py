"""Facts about accounts, passwords, lockout and idle sessions of a host."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.value import Fact, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

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
    home: str = ""
    warn_age: int | None = None
    inactive: int | None = None  # days after a password's end until the account is locked; None: never
    shadowed: bool = True  # no hash stands in passwd, which everybody may read
    hash_id: str = ""  # tells equal hashes apart from others within one run; "" when not hashed

    @property
    def can_log_in(self) -> bool:
        """A shell that starts a session (an empty shell field means /bin/sh)."""
        return not self.shell.endswith(("/nologin", "/false", "/sync", "/shutdown", "/halt"))


@dataclass(frozen=True, slots=True)
class StrayPassword:
    """An entry of shadow whose name has no account."""

    name: str
    password: PasswordState
    scheme: str
    at: Citation


@dataclass(frozen=True, slots=True)
class Accounts(Fact):
    """All local accounts, in the file's order.

    ``strays`` are passwords that nobody has: an account of the name would have one at once.
    """

    accounts: tuple[Account, ...]
    strays: tuple[StrayPassword, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One local group; accounts whose primary group it is need not be among its members."""

    name: str
    gid: int
    members: tuple[str, ...]
    at: Citation


@dataclass(frozen=True, slots=True)
class Groups(Fact):
    """All local groups, in the file's order."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class NameService:
    """A service of nsswitch.conf(5) that adds to a database (``passwd``) what no file of the host holds."""

    database: str
    service: str  # sss, ldap, winbind, nis, ...
    at: Citation


@dataclass(frozen=True, slots=True)
class AccountSources(Fact):
    """Where accounts, groups and rules of sudo come from besides the host's own files; empty: nowhere."""

    elsewhere: tuple[NameService, ...]


@dataclass(frozen=True, slots=True)
class NewAccounts(Fact):
    """What login.defs sets for accounts and passwords to come, by name; of several lines the last counts."""

    settings: Mapping[str, Value[str]]


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
    settings: Mapping[str, Value[int]] = field(default_factory=dict)
    """All settings of a module in force that are written down, by its own names; a flag is 1."""
    shadowed: Mapping[str, tuple[Value[int], ...]] = field(default_factory=dict)
    """Other values of these that are written without effect: a later file or the module's line wins."""


@dataclass(frozen=True, slots=True)
class PasswordHistory(Fact):
    """Old passwords that PAM really refuses: the module (None: none does), and how many of them.

    ``binds_root``: whether root is refused as well.
    """

    module: Value[str] | None
    remembered: Value[int]
    binds_root: bool


@dataclass(frozen=True, slots=True)
class PamModule:
    """One line of a service's stack as PAM calls it. ``binding``: its failure fails the whole."""

    service: str
    kind: str  # auth, account, password, session
    module: str
    arguments: tuple[str, ...]
    binding: bool
    at: Citation

    def argument(self, name: str) -> str | None:
        """Value of the last ``name=value`` argument; "" for a bare ``name``; None where it is absent."""
        found = None
        for argument in self.arguments:
            key, sign, value = argument.partition("=")
            if key == name:
                found = value if sign else ""
        return found


@dataclass(frozen=True, slots=True)
class PamStacks(Fact):
    """The stacks of the services by which people come in and gain rights, in calling order."""

    modules: tuple[PamModule, ...]

    def of(self, module: str, *kinds: str) -> tuple[PamModule, ...]:
        """Lines of one module in stacks of the given kinds (of all, where none is given)."""
        return tuple(m for m in self.modules if m.module == module and (not kinds or m.kind in kinds))


@dataclass(frozen=True, slots=True)
class SwitchUser(Fact):
    """Whether ``su`` asks for more than the other account's password.

    ``restricted``: only members of a group may; ``group`` names it (None: the default, wheel or gid 0).
    """

    restricted: bool
    group: Value[str] | None


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
    settings: Mapping[str, Value[int]] = field(default_factory=dict)
    """All settings of the module in force that are written down, by its own names; a flag is 1."""


@dataclass(frozen=True, slots=True)
class EmptyPasswordLogin(Fact):
    """Whether PAM lets a local account in force, whose password field is empty, in by an empty password.

    ``service`` names the stacks that were run. ``accepted`` None: by modules whose answers are not known.
    """

    service: str
    accepted: bool | None


@dataclass(frozen=True, slots=True)
class SessionTimeout(Fact):
    """Idle time-out of login shells (TMOUT), in seconds; None when nothing sets it.

    ``stop_idle`` is when systemd-logind is told to end idle sessions; old versions know no such setting.
    ``written`` are all values that the start-up files assign, with effect or without. ``sh`` is the program
    behind /bin/sh, None where that was not seen: not every shell obeys the variable.
    """

    seconds: Value[int] | None
    readonly: bool
    stop_idle: Value[int] | None = None
    written: tuple[Value[int], ...] = ()
    sh: Value[str] | None = None


@dataclass(frozen=True, slots=True)
class FileMask(Fact):
    """The mask of new files of login shells: every one that is possible, and every command that sets one."""

    possible: tuple[Value[int], ...]
    written: tuple[Value[int], ...]


@dataclass(frozen=True, slots=True)
class LastLogin:
    """The last login of one account; None: it never logged in, as far as the host remembers."""

    name: str
    when: datetime | None
    at: Citation


@dataclass(frozen=True, slots=True)
class LastLogins(Fact):
    """When accounts last logged in, as it was known at the time ``looked``."""

    logins: tuple[LastLogin, ...]
    looked: datetime

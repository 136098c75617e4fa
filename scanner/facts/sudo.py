"""Facts about rights that sudo grants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class SudoRule:
    """One command that users may run (or, ``negated``, may not).

    Lists are as written, aliases resolved: names, ``%group``, ``#id``, ``+netgroup``, ``ALL``, each perhaps
    with ``!`` before it. ``run_as`` is empty where none is written: then it is root. ``asks_password`` None:
    what the defaults say. ``command`` is ALL, a path (a folder where it ends in a slash) or sudoedit, with
    its arguments: none written means any, ``""`` means that none are allowed.
    """

    users: tuple[str, ...]
    hosts: tuple[str, ...]
    run_as: tuple[str, ...]
    run_as_groups: tuple[str, ...]
    asks_password: bool | None
    tags: tuple[str, ...]
    command: str
    negated: bool
    at: Citation

    @property
    def as_root(self) -> bool:
        """Whether the command may run as root."""
        if not self.run_as:
            return not self.run_as_groups  # a group alone leaves the user what he is
        return bool({"root", "#0", "ALL"} & set(self.run_as)) and not {"!root", "!#0"} & set(self.run_as)

    @property
    def exact(self) -> bool:
        """Whether it is one command line: a program with all its arguments, and no pattern in them."""
        plain = re.sub(r"\\.", "", self.command)  # what a backslash stands before is no pattern
        program, blank, arguments = plain.partition(" ")
        named = program.startswith("/") and not program.endswith("/")
        return named and bool(blank) and not any(c in plain for c in "*?[") and not arguments.startswith("^")


@dataclass(frozen=True, slots=True)
class SudoDefault:
    """One setting: ``scope`` is empty for all, else ``@hosts``, ``:users``, ``!commands`` or ``>run-as``."""

    scope: str
    name: str
    on: bool
    value: str
    at: Citation


@dataclass(frozen=True, slots=True)
class SudoInclude:
    """A line that includes a file, or a folder of files."""

    path: str
    folder: bool
    at: Citation


@dataclass(frozen=True, slots=True)
class SudoRules(Fact):
    """What the sudoers files grant, in their order (the last match counts).

    ``refused`` are lines that sudo cannot parse: new versions skip them, old ones then refuse everything.
    """

    rules: tuple[SudoRule, ...]
    defaults: tuple[SudoDefault, ...]
    includes: tuple[SudoInclude, ...]
    refused: tuple[Citation, ...]

    def everywhere(self, name: str) -> SudoDefault | None:
        """The setting ``name`` that holds for all, None where nothing is written; the last line counts."""
        found = [d for d in self.defaults if d.name == name and not d.scope]
        return found[-1] if found else None

    def without_password(self) -> tuple[SudoRule | SudoDefault, ...]:
        """Rules that ask for no password and that no later one overrules; settings that switch it off."""
        off = tuple(d for d in self.defaults if d.name == "authenticate" and not d.on and self._in_force(d))
        asking = [(place, rule) for place, rule in enumerate(self.rules) if rule.asks_password is not False]
        free = tuple(
            rule
            for place, rule in enumerate(self.rules)
            if rule.asks_password is False
            and not rule.negated
            and not any(after > place and _overrules(later, rule) for after, later in asking)
        )
        return (*free, *off)

    def _in_force(self, default: SudoDefault) -> bool:
        place = self.defaults.index(default)
        return not any(
            later.name == default.name and later.scope in {"", default.scope} and later.on
            for later in self.defaults[place + 1 :]
            if later.scope or not default.scope
        )


def _overrules(later: SudoRule, earlier: SudoRule) -> bool:
    """Whether whoever uses the earlier rule certainly meets the later one."""
    return (
        _covers(later.users, earlier.users)
        and _covers(later.hosts, earlier.hosts)
        and _covers(later.run_as or ("root",), earlier.run_as or ("root",))
        and _covers(later.run_as_groups or ("",), earlier.run_as_groups or ("",))
        and later.command in {"ALL", earlier.command}
    )


def _covers(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    if any(name.startswith("!") for name in wide):
        return wide == narrow
    return "ALL" in wide or set(narrow) <= set(wide)

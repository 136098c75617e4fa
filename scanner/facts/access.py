"""Facts about remote access to a host: its SSH server and who may come from where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.facts.value import Fact, Origin, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import Citation, Gap


@dataclass(frozen=True, slots=True)
class SshOverride:
    """A Match block: settings that hold only for connections meeting ``condition``."""

    condition: str
    settings: Mapping[str, Value[str]]
    at: Citation


@dataclass(frozen=True, slots=True)
class SshServer(Fact):
    """The SSH server's effective settings.

    Keywords are lower case; values are what the server uses, one string a keyword (lists keep the
    server's own separator: commas for algorithms, spaces for AllowUsers). A default is a value that
    no file sets.
    """

    settings: Mapping[str, Value[str]]
    overrides: tuple[SshOverride, ...]
    source: Origin
    """EXPLICIT: the server itself printed its settings; DEFAULT: read from its files with known defaults."""
    unprinted: Gap | None = None
    """Why the server did not print them; a keyword that is missing is then missing for this reason."""
    shadowed: Mapping[str, tuple[Value[str], ...]] = field(default_factory=dict)
    """Values that files write, outside Match blocks, without effect: another one came first."""
    retired: Mapping[str, Value[str]] = field(default_factory=dict)
    """Keywords that the files write and today's servers ignore (``Protocol``); old ones obeyed them."""

    def everywhere(self, keyword: str) -> tuple[Value[str], ...]:
        """All values a connection can meet for ``keyword``: the global one, then those of Match blocks.

        Raises:
            KeyError: the server has no such keyword (an older or newer version).
        """
        return (
            self.settings[keyword],
            *(o.settings[keyword] for o in self.overrides if keyword in o.settings),
        )


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One line of hosts.allow or hosts.deny: daemons, clients, line."""

    allow: bool
    daemons: tuple[str, ...]
    clients: tuple[str, ...]
    at: Citation


@dataclass(frozen=True, slots=True)
class HostAccess(Fact):
    """TCP wrappers' rules, allow before deny. Whether a daemon honours them is not known from the files.

    ``sshd_honours``: whether this host's SSH server was seen to use the wrappers; None: not seen.
    """

    rules: tuple[AccessRule, ...]
    sshd_honours: bool | None = None


@dataclass(frozen=True, slots=True)
class LoginWay:
    """One way in: methods that follow each other, and how many proofs they take; None: not known."""

    methods: str
    proofs: int | None
    at: Citation


@dataclass(frozen=True, slots=True)
class LoginFactors(Fact):
    """Every way in that the SSH server offers."""

    ways: tuple[LoginWay, ...]


@dataclass(frozen=True, slots=True)
class MandatoryAccess(Fact):
    """Security modules of the kernel (None: it does not list them), and whether SELinux enforces.

    ``selinux`` None: SELinux is not active.
    """

    modules: tuple[str, ...] | None
    selinux: bool | None

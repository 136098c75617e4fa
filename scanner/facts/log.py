"""Facts about logs: what records, where it goes, how long it stays, who may touch it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.selector import covers_logins
from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation, FileMeta


@dataclass(frozen=True, slots=True)
class LogDaemon:
    """One log daemon: rsyslogd, syslog-ng or journald."""

    name: str
    running: bool
    enabled: bool  # started at boot (statically or by being enabled)
    persistent: bool  # what it writes survives a reboot
    records_logins: bool  # login events (auth, authpriv) are among what it writes
    at: Citation


@dataclass(frozen=True, slots=True)
class LogService(Fact):
    """Log daemons of the host."""

    daemons: tuple[LogDaemon, ...]


@dataclass(frozen=True, slots=True)
class LogTarget:
    """A remote target of log records. ``selector`` is what is sent, ``*.*`` meaning everything."""

    host: str
    port: int
    protocol: str  # udp, tcp or relp
    tls: bool
    peer_checked: bool  # the collector's certificate name is verified
    selector: str
    at: Citation

    @property
    def off_host(self) -> bool:
        """Whether the target is certainly no loopback or unspecified address and not called localhost."""
        name = self.host.strip("[]").lower().rstrip(".")
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return name not in {"", "localhost"} and not name.endswith(("localhost", ".localdomain"))
        return not (address.is_loopback or address.is_unspecified)

    @property
    def sends_logins(self) -> bool | None:
        """Whether records of logins are among what is sent; None: the selector does not say it plainly."""
        return covers_logins(self.selector)


@dataclass(frozen=True, slots=True)
class LogForwarding(Fact):
    """Remote targets of the log daemon that runs. Empty: its whole configuration was seen and has none."""

    targets: tuple[LogTarget, ...]
    running: bool


@dataclass(frozen=True, slots=True)
class Rotation:
    """Retention of one set of log files. ``days`` None: kept without end."""

    pattern: str
    days: float | None
    cut_short_by: str  # a size limit that may drop records earlier; "" when none
    at: Citation


@dataclass(frozen=True, slots=True)
class LogRetention(Fact):
    """Rotation rules as configured, by set of files."""

    rotations: tuple[Rotation, ...]


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log file with its metadata."""

    path: str
    meta: FileMeta
    at: Citation


@dataclass(frozen=True, slots=True)
class LogFiles(Fact):
    """Files that hold login, system and audit records."""

    files: tuple[LogFile, ...]


@dataclass(frozen=True, slots=True)
class LogSource:
    """Whether one operating system sends its records to a given collector; None: not seen."""

    object: str
    sends: bool | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class LogSources(Fact):
    """Derived for a log collector: every operating system of its system and whether it sends here."""

    collector: str
    sources: tuple[LogSource, ...]

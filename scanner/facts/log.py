"""Facts about logs: what records, where it goes, how long it stays, who may touch it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.facts.selector import covers_logins, covers_record
from scanner.facts.value import Fact, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scanner.model import Citation, FileMeta, Gap, Text


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
    told: Mapping[str, str] = field(default_factory=dict)
    """What its own action says of the way, by parameter in lower case."""
    dropped: tuple[str, ...] = ()
    """Conditions before it whose records go no further."""
    follows: tuple[str, ...] = ()
    """Patterns of the files that an agent reads and may send this way."""

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

    def carries(self, facility: str, severity: str, rules: str = "") -> bool | None:
        """Whether a record that enters a rule set ("": the default one) is sent here; None: not certain."""
        if "agent" in self.told:
            return {"*.*": True, "*.none": False}.get(self.selector)
        own = _under(self.selector.partition(" but what was discarded by ")[0], rules, facility, severity)
        taken = [_under(condition, rules, facility, severity) for condition in self.dropped]
        if own is False or True in taken:
            return False
        return None if own is None or None in taken else True


_RULE_SET = "rule set "


def _under(condition: str, rules: str, facility: str, severity: str) -> bool | None:
    """Whether a record of a rule set meets a condition; a rule set may be called from another one."""
    if condition.startswith(_RULE_SET):
        name, _, rest = condition.removeprefix(_RULE_SET).partition(" and ")
        if name != rules:
            return None
        condition = rest or "*.*"
    elif rules:
        return None
    return covers_record(condition, facility, severity)


@dataclass(frozen=True, slots=True)
class FollowedFile:
    """Files whose lines the log daemon reads in as records of one facility and severity.

    ``rules`` names the rule set that they enter ("": the default one); ``facility`` "" is not said plainly.
    """

    pattern: str
    facility: str
    severity: str
    rules: str
    at: Citation


@dataclass(frozen=True, slots=True)
class LogAgent:
    """A program beside the log daemon that may hand records on; ``why`` it was not understood, if known.

    The name is ``?`` where it was not seen which programs run.
    """

    name: str
    why: str
    at: Citation


@dataclass(frozen=True, slots=True)
class LogForwarding(Fact):
    """Remote targets of what runs: the log daemon, and agents beside it.

    Empty without anything ``unread``: all of their configuration was seen and has none.
    """

    targets: tuple[LogTarget, ...]
    running: bool
    unread: tuple[LogAgent, ...] = ()
    followed: tuple[FollowedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class LogOutput:
    """A file that records are written to. A path with ``%`` is a template: one file for each sender, say."""

    selector: str
    path: str
    mode: Value[int]  # that it gets when it is made
    at: Citation


@dataclass(frozen=True, slots=True)
class LogInput:
    """A port on which records of other hosts are taken; ``rules`` names the rule set that they go to."""

    protocol: str  # udp, tcp or relp
    port: int  # 0: not said plainly
    rules: str  # "": the default one
    at: Citation


@dataclass(frozen=True, slots=True)
class LogRouting(Fact):
    """What the log daemon's files say of records: where they come from, where they are written.

    ``settings`` are those of the whole daemon, by name in lower case; the last one counts.
    """

    outputs: tuple[LogOutput, ...]
    inputs: tuple[LogInput, ...]
    targets: tuple[LogTarget, ...]
    settings: Mapping[str, Value[str]]


@dataclass(frozen=True, slots=True)
class JournalSettings(Fact):
    """What journald is told, by its own names; a value that it does not take leaves what held before."""

    settings: Mapping[str, Value[str]]


@dataclass(frozen=True, slots=True)
class Rotation:
    """Retention of one set of log files. ``days`` None: kept without end."""

    pattern: str
    days: float | None
    cut_short_by: str  # a size limit that may drop records earlier; "" when none
    at: Citation
    kept: int | None = None  # old files at most, beside the one that is written; None: no limit
    max_bytes: int | None = None  # that all of them together may have; None: not known, or no limit


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
    """Log files, and the folders that they lie in (a slash at the end). ``taken``: when they were seen."""

    files: tuple[LogFile, ...]
    taken: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class LogProblem:
    """A complaint of the log daemon about handing records over: certificate, refused, or other."""

    kind: str
    when: datetime  # with a time zone, by the host's clock
    at: Citation


@dataclass(frozen=True, slots=True)
class LogProblems(Fact):
    """What the log daemon last complained about and did not take back; the newest last."""

    problems: tuple[LogProblem, ...]


@dataclass(frozen=True, slots=True)
class LogCopy:
    """A copy of a host's records at another machine.

    ``rotations`` are those of the copy: empty where it is kept without end, None where that was not seen.
    """

    to: str
    arrives: bool | None  # None: not seen
    why: Text
    rotations: tuple[Rotation, ...] | None
    citations: tuple[Citation, ...]
    gap: Gap | None = None
    """Why the other machine was not seen, where it was looked at."""

    def lasts(self, days: float) -> bool | None:
        """Whether the copy stays at least so many days; None: not certain."""
        if self.rotations is None:
            return None
        if any(r.days is not None and r.days < days for r in self.rotations):
            return False
        return None if any(r.cut_short_by for r in self.rotations) else True


@dataclass(frozen=True, slots=True)
class LogCopies(Fact):
    """Derived for a host: copies of its records that its configuration sends to other machines."""

    copies: tuple[LogCopy, ...]

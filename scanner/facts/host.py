"""Facts about the host itself: who it is, its services, its clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from datetime import datetime

    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class HostIdentity(Fact):
    """Name, system, kernel and the rights that the look had."""

    hostname: str
    system: str  # pretty name of the distribution
    system_id: str  # debian, rhel, openeuler, ...
    version: str
    kernel: str
    uid: int  # effective user id of the look


@dataclass(frozen=True, slots=True)
class Service:
    """One service unit."""

    name: str
    installed: bool
    active: bool
    enabled: bool  # starts at boot: enabled, static or generated
    at: Citation


@dataclass(frozen=True, slots=True)
class Services(Fact):
    """Service units that this product asks about, by name without suffix."""

    services: tuple[Service, ...]

    def get(self, name: str) -> Service | None:
        """Return the unit called ``name``, None where it was not asked about."""
        return next((s for s in self.services if s.name == name), None)


@dataclass(frozen=True, slots=True)
class TimeSync(Fact):
    """Clock synchronisation: the daemon that runs (None: none does), its sources, whether it is in step."""

    daemon: str | None
    sources: tuple[str, ...]
    synchronised: bool


@dataclass(frozen=True, slots=True)
class TimeLine:
    """One directive of a time daemon's files: its name in lower case, then its words."""

    daemon: str  # chrony, ntpd or systemd-timesyncd
    words: tuple[str, ...]
    at: Citation


@dataclass(frozen=True, slots=True)
class TimeSettings(Fact):
    """What the files of time daemons say, installed or not, in the order in which each reads its own."""

    lines: tuple[TimeLine, ...]

    def sources(self, daemon: str) -> tuple[str, ...]:
        """Servers, pools and peers that the daemon shall follow."""
        own = [line.words for line in self.lines if line.daemon == daemon]
        named = [w[1] for w in own if w[0] in {"server", "pool", "peer"} and len(w) > 1]
        return (*named, *(host for w in own if w[0] in {"ntp", "fallbackntp"} for host in w[1:]))


@dataclass(frozen=True, slots=True)
class SystemAge(Fact):
    """Since when the system is in use at least, and when that was seen, both with a time zone."""

    since: datetime
    taken: datetime

    @property
    def days(self) -> float:
        """Days that the system is in use."""
        return (self.taken - self.since).total_seconds() / 86400


@dataclass(frozen=True, slots=True)
class ObjectRole(Fact):
    """Derived from the inventory: as what the object is judged, a key of the object kinds."""

    kind: str


@dataclass(frozen=True, slots=True)
class JudgedAt(Fact):
    """Derived: the time that the judgement is made for, for whatever expires."""

    at: datetime

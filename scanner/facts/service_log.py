"""What becomes of the records that a service writes: derived for an instance from both ends of the chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from datetime import datetime

    from scanner.facts.log import LogCopy, LogFile, Rotation
    from scanner.facts.service import LogDestination
    from scanner.model import Gap


@dataclass(frozen=True, slots=True)
class ServiceRecords:
    """One place that a service writes to, and what follows from it.

    ``paths`` are the files that hold the records, ``files`` those of them and their older ones that were
    listed, ``folders`` the folders that they lie in. ``rotations`` says what ends a record's life there:
    empty where nothing that is known does. ``copies`` are those at other machines.
    """

    to: LogDestination
    paths: tuple[str, ...]
    files: tuple[LogFile, ...]
    folders: tuple[LogFile, ...]
    rotations: tuple[Rotation, ...] | Gap
    copies: tuple[LogCopy, ...] | Gap


@dataclass(frozen=True, slots=True)
class ServiceLogs(Fact):
    """All places that a service writes its records to.

    ``all_known``: there is no other one. ``writers`` are the user and group numbers that may own the files:
    those of the super-user, of the log daemon and of the service; None where accounts were not seen.
    """

    records: tuple[ServiceRecords, ...]
    all_known: bool
    writers: Writers | None
    taken: datetime | None  # when the files were listed
    used_since: datetime | None  # of the host; None: not seen


@dataclass(frozen=True, slots=True)
class Writers:
    """Numbers of the users and groups that may own and write a service's files."""

    users: tuple[int, ...]
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ServiceOfSystem:
    """One service of a system and what becomes of its records."""

    object: str
    logs: ServiceLogs | Gap


@dataclass(frozen=True, slots=True)
class SystemRecords(Fact):
    """Derived for a log collector: the services of its systems that record anything, or may."""

    services: tuple[ServiceOfSystem, ...]

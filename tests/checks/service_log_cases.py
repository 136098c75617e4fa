"""Cases of the records that services write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.facts import (
    LogDestination,
    LogFile,
    LogSink,
    ServiceLogs,
    ServiceOfSystem,
    ServiceRecords,
    SystemRecords,
    Writers,
)
from scanner.model import FileMeta, Gap, GapReason
from tests.checks.build import DAY, SEEN, Case, at, log_copy, rotation

if TYPE_CHECKING:
    from scanner.facts import LogCopy, Rotation

ACCESS = "/var/log/nginx/access.log"
WWW, USERS = 33, 100
GAP = Gap(GapReason.PERMISSION)


def _file(
    path: str = ACCESS, mode: int = 0o640, owner: int = WWW, group: int = 4, days: float = 0
) -> LogFile:
    return LogFile(path, FileMeta(mode, owner, group, 1000, int(DAY.timestamp() - days * 86400)), at(path))


FOLDER = _file("/var/log/nginx/", 0o755, 0, 4)
LONG, SHORT = rotation("/var/log/nginx/*.log", 200), rotation("/var/log/nginx/*.log", 14)


def _records(
    *files: LogFile,
    folder: LogFile = FOLDER,
    rotations: tuple[Rotation, ...] | Gap = (LONG,),
    copies: tuple[LogCopy, ...] | Gap = (),
    own: Rotation | None = None,
    sink: LogSink = LogSink.FILE,
) -> ServiceRecords:
    to = LogDestination(sink, ACCESS, at("nginx"), own)
    rules = rotations if isinstance(rotations, Gap) or own is None else (own, *rotations)
    return ServiceRecords(to, (ACCESS,), files or (_file(),), (folder,), rules, copies)


def _logs(*records: ServiceRecords, known: bool = True, accounts: bool = True) -> ServiceLogs:
    writers = Writers((0, WWW), (0, 4, WWW)) if accounts else None
    return ServiceLogs(SEEN, records, known, writers, DAY, None)


_CLOSED = _file("/var/log/nginx/", 0o700, 0, 0)
_SHARED = _file("/var/log/nginx/", 0o775, 0, USERS)
_STICKY = _file("/var/log/nginx/", 0o1775, 0, USERS)
_NOT_LISTED = replace(_records(), files=(), folders=())

_PROTECTED = (
    ("yes", "as Debian makes it", _logs(_records())),
    ("yes", "readable, in a closed folder", _logs(_records(_file(mode=0o644), folder=_CLOSED))),
    ("yes", "a folder where nobody takes away what is another's", _logs(_records(folder=_STICKY))),
    ("no", "everybody reads", _logs(_records(_file(mode=0o644)))),
    ("no", "an older one is read by everybody", _logs(_records(_file(), _file(ACCESS + ".1", 0o644)))),
    ("no", "a group that is not the service's writes", _logs(_records(_file(mode=0o660, group=USERS)))),
    ("no", "somebody else owns it", _logs(_records(_file(owner=1000)))),
    ("no", "a group may put another file into its place", _logs(_records(folder=_SHARED))),
    ("no", "loose, whatever else is not known", _logs(_records(_file(mode=0o666)), known=False)),
    ("unseen", "not listed", _logs(_NOT_LISTED)),
    ("unseen", "its folder not listed", _logs(replace(_records(), folders=()))),
    ("unseen", "accounts not seen", _logs(_records(), accounts=False)),
    ("unseen", "written elsewhere too", _logs(_records(), known=False)),
    ("unseen", "given to a program", _logs(_records(sink=LogSink.PROGRAM))),
    ("unseen", "nothing is known", _logs(known=False)),
)  # fmt: skip

_OLD = tuple(_file(f"{ACCESS}.{n}", days=n * 30) for n in range(1, 8))
_BY_SIZE = rotation("/var/log/nginx/*.log", None, "size 1M", 7, 7 << 20)
_WEEKDAYS = rotation("/var/log/pg/postgresql-%a.log", 7)


def _short(copies: tuple[LogCopy, ...] | Gap, *, known: bool = True) -> ServiceLogs:
    return _logs(_records(rotations=(SHORT,), copies=copies), known=known)


_RETAINED = (
    ("yes", "200 days", _logs(_records())),
    ("yes", "short, and a copy stays", _short((log_copy(True, LONG),))),
    ("yes", "by size, and old ones are there", _logs(_records(_file(), *_OLD, rotations=(_BY_SIZE,)))),
    ("no", "two weeks", _short(())),
    ("no", "the service overwrites it after a week", _logs(_records(own=_WEEKDAYS))),
    ("no", "short, and so is the copy", _short((log_copy(True, SHORT),))),
    ("no", "short, and the copy does not arrive", _short((log_copy(False, LONG),))),
    ("unseen", "short, and a copy may arrive", _short((log_copy(None, LONG),))),
    ("unseen", "short, and copies were not seen", _short(GAP)),
    ("unseen", "short, and written elsewhere too", _short((), known=False)),
    ("unseen", "one of two places is short", _logs(_records(rotations=(SHORT,)), _records())),
    ("unseen", "two rules that differ", _logs(_records(rotations=(SHORT, LONG)))),
    ("unseen", "no rule names it", _logs(_records(rotations=()))),
    ("unseen", "rotation not seen", _logs(_records(rotations=GAP))),
    ("unseen", "by size, and how old was not seen", _logs(_records(rotations=(_BY_SIZE,)))),
    ("unseen", "nothing is known", _logs(known=False)),
)


def _system(*logs: ServiceLogs | Gap) -> SystemRecords:
    return SystemRecords(SEEN, tuple(ServiceOfSystem(f"web{n}/nginx@80", one) for n, one in enumerate(logs)))


_KEPT = (
    ("yes", "all stay", _system(_logs(_records()), _logs(_records()))),
    ("no", "one is short, whatever was not seen", _system(_logs(_records()), GAP, _short(()))),
    ("unseen", "one was not seen", _system(_logs(_records()), GAP)),
    ("unseen", "one is not certain", _system(_logs(_records()), _short(GAP))),
    ("n/a", "no service", _system()),
)

CASES = (
    *(Case("instance.logs-protected", name, answer, (logs,)) for answer, name, logs in _PROTECTED),
    *(Case("instance.logs-retained", name, answer, (logs,)) for answer, name, logs in _RETAINED),
    *(Case("log.service-records-kept", name, answer, (records,)) for answer, name, records in _KEPT),
)

"""What becomes of the records that a service writes: its files, what ends their life, copies elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.derive.log_copies import keeps_all, log_copy
from scanner.derive.naming import sheet_of
from scanner.facts import (
    Accounts,
    LogCopy,
    LogFiles,
    LogForwarding,
    LogRetention,
    LogRouting,
    LogSink,
    LogTarget,
    ServiceAudit,
    ServiceLogs,
    ServiceRecords,
    SystemAge,
    Writers,
)
from scanner.facts.globs import matches
from scanner.facts.selector import covers_record
from scanner.model import Gap, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scanner.facts import FactSheet, LogAgent, LogDestination, LogFile, Rotation
    from scanner.model import AssessmentObject

ANY_FILE = "**"
"""A pattern of an agent that may read any file."""

_GROUPS = (0, 4)
"""Group ids of root and adm, the same on all distributions."""


def service_logs(
    host: AssessmentObject,
    audit: ServiceAudit,
    user: str,
    objects: Sequence[AssessmentObject],
    sheets: Mapping[str, FactSheet],
) -> ServiceLogs | None:
    """Follow every place that a service on ``host`` writes to; None where it surely records nothing."""
    if audit.on is False:
        return None
    sheet = sheet_of(host, sheets)
    listed, age = sheet.get(LogFiles), sheet.get(SystemAge)
    follow = _Following(host, sheet, objects, sheets)
    return ServiceLogs(
        audit.seen,
        tuple(follow.records(to) for to in audit.destinations),
        audit.all_known and bool(audit.destinations),
        _writers(sheet, user),
        None if isinstance(listed, Gap) else listed.taken,
        None if isinstance(age, Gap) else age.since,
    )


def _writers(sheet: FactSheet, user: str) -> Writers | None:
    accounts = sheet.get(Accounts)
    if isinstance(accounts, Gap):
        return None
    own = [a for a in accounts.accounts if a.name in {"syslog", user}]
    return Writers((0, *(a.uid for a in own)), (*_GROUPS, *(a.gid for a in own)))


class _Following:
    """Follows records from one host."""

    def __init__(
        self,
        host: AssessmentObject,
        sheet: FactSheet,
        objects: Sequence[AssessmentObject],
        sheets: Mapping[str, FactSheet],
    ) -> None:
        self._host = host
        self._sheet = sheet
        self._objects = objects
        self._sheets = sheets

    def records(self, to: LogDestination) -> ServiceRecords:
        """What follows for one place."""
        listed = self._sheet.get(LogFiles)
        files = () if isinstance(listed, Gap) else listed.files
        patterns = self._patterns(to)
        paths = tuple(path for pattern in patterns for path in _current(pattern, files))
        own = tuple(f for f in files if any(_of(pattern, f.path) for pattern in patterns))
        folders = {path.rpartition("/")[0] + "/" for path in paths}
        return ServiceRecords(
            to,
            paths,
            own,
            tuple(f for f in files if f.path in folders),
            self._rotations(to, paths),
            self._copies(to, paths or patterns),
        )

    def _patterns(self, to: LogDestination) -> tuple[str, ...]:
        """Files that hold the records, fields of a date as stars; those of the log daemon for syslog."""
        if to.sink is LogSink.FILE:
            return (re.sub(r"%\{[^}]*\}\w|%[-_0^#EO]?[A-Za-z]", "*", to.name),)
        routing = self._sheet.get(LogRouting)
        local = _facility(to)
        if isinstance(routing, Gap) or local is None:
            return ()
        kept = (o for o in routing.outputs if covers_record(o.selector, *local) and "%" not in o.path)
        return tuple(dict.fromkeys(o.path for o in kept))

    def _rotations(self, to: LogDestination, paths: Sequence[str]) -> tuple[Rotation, ...] | Gap:
        """The service's own rotation, and the rules that name its files."""
        retention = self._sheet.get(LogRetention)
        own = () if to.rotation is None else (to.rotation,)
        if isinstance(retention, Gap):
            return own or retention
        return (*own, *(r for r in retention.rotations if any(matches(r.pattern, p) for p in paths)))

    # --- copies ------------------------------------------------------------------------------------

    def _copies(self, to: LogDestination, paths: Sequence[str]) -> tuple[LogCopy, ...] | Gap:
        direct = _direct(to)
        forwarding = self._sheet.get(LogForwarding)
        if isinstance(forwarding, Gap):
            return (self._sent(direct),) if direct is not None else forwarding
        found = [self._sent(direct)] if direct is not None else []
        away = [target for target in forwarding.targets if target.off_host]
        for target in away if direct is None else ():
            goes = self._goes(to, paths, target, forwarding)
            if goes is not False:
                copy = log_copy(self._host, forwarding, target, self._objects, self._sheets)
                certain = goes and keeps_all(target, self._objects, self._sheets)
                found.append(copy if certain or copy.arrives is False else _doubtful(copy))
        return (*found, *(_unread(agent) for agent in forwarding.unread))

    def _goes(
        self, to: LogDestination, paths: Sequence[str], target: LogTarget, forwarding: LogForwarding
    ) -> bool | None:
        """Whether the records are sent to a target: as syslog's, or read from their files again."""
        local = _facility(to)
        if to.sink is LogSink.SYSLOG:
            return None if local is None else target.carries(*local)
        if to.sink is not LogSink.FILE:
            return None
        if any(p == ANY_FILE or matches(p, path) for p in target.follows for path in paths):
            return None  # an agent may drop some of what it reads
        said = [
            target.carries(f.facility, f.severity, f.rules)
            for f in forwarding.followed
            if any(matches(f.pattern, path) for path in paths)
        ]
        return True if True in said else None if None in said else False

    def _sent(self, target: LogTarget) -> LogCopy:
        """A copy that the service itself sends: what the log daemon complains about is not about it."""
        forwarding = LogForwarding((target.at,), (target,), running=True)
        copy = log_copy(self._host, forwarding, target, self._objects, self._sheets)
        certain = copy.arrives and keeps_all(target, self._objects, self._sheets)
        return copy if certain else _doubtful(copy)


def _facility(to: LogDestination) -> tuple[str, str] | None:
    """Facility and severity of records that the host's own log daemon gets."""
    match = re.fullmatch(r"([a-z]+[0-7]?)\.([a-z]+)", to.name)
    return (match[1], match[2]) if to.sink is LogSink.SYSLOG and match else None


def _direct(to: LogDestination) -> LogTarget | None:
    """The other machine that a service sends to by itself."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\s]+):(\d{1,5})", to.name)
    if to.sink is not LogSink.SYSLOG or match is None:
        return None
    target = LogTarget(match[1].strip("[]"), int(match[2]), "udp", False, False, "*.*", to.at)
    return target if target.off_host else None


def _doubtful(copy: LogCopy) -> LogCopy:
    why = Text(
        zh="{why}；该服务的记录是否在其中未见",
        en="{why}; whether this service's records are among them was not seen",
    )
    return replace(
        copy, arrives=None, why=Text(why.zh.format(why=copy.why.zh), why.en.format(why=copy.why.en))
    )


def _unread(agent: LogAgent) -> LogCopy:
    why = Text(
        zh="{name} 可能转发日志，其配置未能读懂",
        en="{name} may hand records on, and what it is told is not understood",
    )
    return LogCopy(agent.name, None, why.format(name=agent.name), None, (agent.at,))


# --- files -----------------------------------------------------------------------------------------

_OLDER = re.compile(r"[.-](?=\d)")


def _of(pattern: str, path: str) -> bool:
    """Whether a file is one of a pattern, or an older one of it."""
    return matches(pattern, path) or any(matches(pattern, path[: m.start()]) for m in _OLDER.finditer(path))


def _current(pattern: str, files: Sequence[LogFile]) -> Iterator[str]:
    """The file that is written now.

    A plain path is believed where its folder was not listed: a file that is missing in a folder that was
    listed is not written.
    """
    found = [f for f in files if matches(pattern, f.path) and not f.path.endswith("/")]
    if found:
        yield max(found, key=lambda f: f.meta.mtime).path
        return
    folder = pattern.rpartition("/")[0] + "/"
    shown = any(f.path.startswith(folder) and f.path != folder for f in files)
    if not shown and not re.search(r"[*?\[]", pattern):
        yield pattern

"""Whether records are kept long enough: by what is configured, by what is there, by a copy elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from scanner.checks.check import Check
from scanner.checks.outcome import listed, unsettled
from scanner.facts import LogCopies, LogFiles, LogRetention, SystemAge
from scanner.model import Gap, Outcome, Risk, Text
from scanner.threshold import at_least

if TYPE_CHECKING:
    from scanner.facts import LogCopy, LogFile, Rotation


@dataclass(frozen=True, slots=True)
class Retention:
    """Least time, in days, that records are kept."""

    min_days: int = field(metadata=at_least())


class Kept(Enum):
    """Whether one set of files keeps its records long enough."""

    LONG = "long"
    SHORT = "short"
    OPEN = "open"  # a limit of size may drop records, and nothing shows whether it does


_RECORDS = re.compile(
    r"/(auth|syslog|messages|secure|wtmp|btmp|lastlog|faillog|kern|cron|user|daemon|sudo)([.\-_*]|$)"
    r"|audit|journal|remote"
)
"""Files that hold login, system and audit records; what else is rotated may or may not matter."""

FULL = 0.9
"""Share of its limit from which a journal counts as full: the next file that is due is then dropped."""

YOUNG_DAYS = 180
"""Days of use up to which a system is too young to show old records, and is judged by what it can keep.

Six months, whatever time is asked for: a fixed age, so that asking for more never lets more pass.
"""

SETTLED_DAYS = 7
"""Days of use from which the pace at which records come in says something."""

_PACKED = (".gz", ".xz", ".zst", ".bz2", ".zip")
_ARCHIVED = re.compile(r"/var/log/journal/[^/]+/[^/]*@[0-9a-f]{32}-[0-9a-f]{16}-([0-9a-f]{16})\.journal~?")
"""Name of a journal file that is full; the last number is when it begins, in microseconds."""


def kept(
    rotation: Rotation, files: LogFiles | Gap, age: SystemAge | Gap, min_days: float
) -> tuple[Kept, str]:
    """Say whether a set of files keeps ``min_days`` days, and what shows it (in days, for the answer).

    Time alone: rotations kept times their period. A limit of size may end that earlier: it does not where an
    older record is really there; it does where all files are full and young; a system younger than six months
    is judged by how fast it fills what it may keep.
    """
    if rotation.days is not None and rotation.days < min_days:
        return Kept.SHORT, f"{rotation.days:g} d"
    if not rotation.cut_short_by:
        return Kept.LONG, "∞" if rotation.days is None else f"{rotation.days:g} d"
    if isinstance(files, Gap) or files.taken is None:
        return Kept.OPEN, rotation.cut_short_by
    sets = _sets(rotation, files)
    found = [_really(rotation, group, files.taken, age, min_days) for group in sets]
    for answer in (Kept.SHORT, Kept.OPEN):
        for state, shown in found:
            if state is answer:
                return state, f"{rotation.cut_short_by}; {shown}"
    return (Kept.LONG, found[0][1]) if found else (Kept.OPEN, rotation.cut_short_by)


def _sets(rotation: Rotation, files: LogFiles) -> list[list[LogFile]]:
    """The files of each log that a rotation is about: the one that is written first, then older ones."""
    if rotation.pattern == "journal":
        journal = [f for f in files.files if f.path.startswith("/var/log/journal/") and ".journal" in f.path]
        return [journal] if journal else []
    plain = [f for f in files.files if not f.path.endswith("/")]
    current = [f for f in plain if fnmatchcase(f.path, rotation.pattern)]
    return [
        [first, *(f for f in plain if re.fullmatch(re.escape(first.path) + r"[.-]\d.*", f.path))]
        for first in current
    ]


def _really(
    rotation: Rotation, group: list[LogFile], taken: datetime, age: SystemAge | Gap, min_days: float
) -> tuple[Kept, str]:
    """Whether one log really keeps its records, by sizes and times of its files."""
    total = sum(f.meta.size for f in group)
    oldest = max((_days(f, taken) for f in group[1:]), default=0.0)
    if rotation.pattern == "journal":
        oldest = max((_days(f, taken) for f in group if _ARCHIVED.fullmatch(f.path)), default=0.0)
        full = rotation.max_bytes is not None and total >= FULL * rotation.max_bytes
    else:
        full = rotation.kept is not None and len(group) - 1 >= rotation.kept
    shown = f"{group[0].path}: {oldest:.0f} d"
    if oldest >= min_days:
        return Kept.LONG, shown
    if full:
        return Kept.SHORT, shown
    if isinstance(age, Gap) or not SETTLED_DAYS <= age.days < YOUNG_DAYS or rotation.max_bytes is None:
        return Kept.OPEN, shown
    if not total or any(f.path.endswith(_PACKED) for f in group):
        return Kept.OPEN, shown
    lasts = rotation.max_bytes / (total / age.days)
    return (Kept.LONG if lasts >= min_days else Kept.SHORT), f"{group[0].path}: {lasts:.0f} d"


def _days(file: LogFile, taken: datetime) -> float:
    """Days since a file's first record where its name tells it, else since its last."""
    named = _ARCHIVED.fullmatch(file.path)
    seconds = int(named[1], 16) / 1_000_000 if named else file.meta.mtime
    return (taken - datetime.fromtimestamp(min(seconds, taken.timestamp()), UTC)).total_seconds() / 86400


# --- the question ----------------------------------------------------------------------------------


def _retained(
    retention: LogRetention,
    files: LogFiles | Gap,
    age: SystemAge | Gap,
    copies: LogCopies | Gap,
    limits: Retention,
) -> Outcome:
    own = _own(retention, files, age, limits)
    if own.answer.value == "yes" or isinstance(copies, Gap):
        return own
    lasting = [c for c in copies.copies if c.arrives and c.lasts(limits.min_days)]
    if lasting:
        return _saved(own, lasting, limits)
    open_ = [c for c in copies.copies if c.arrives is not False and c.lasts(limits.min_days) is not False]
    if open_ and own.answer.value == "no":
        message = Text(
            zh="{own}；是否有保存足够久的副本未见：{what}",
            en="{own}; whether a copy lasts elsewhere was not seen: {what}",
        )
        named = Text(
            zh=message.zh.format(own=own.message.zh, what=listed(c.to for c in open_)),
            en=message.en.format(own=own.message.en, what=listed(c.to for c in open_)),
        )
        return unsettled(named, (*own.citations, *(x for c in open_ for x in c.citations)))
    return own


def _saved(own: Outcome, copies: list[LogCopy], limits: Retention) -> Outcome:
    what = listed(c.to for c in copies)
    message = Text(
        zh=f"本机：{own.message.zh}；但 {what} 上有独立副本，至少保存 {limits.min_days} 天",
        en=f"here: {own.message.en}; but an independent copy at {what} stays at least {limits.min_days} days",
    )
    return Outcome.yes(message, *(x for c in copies for x in c.citations), *own.citations)


def _own(retention: LogRetention, files: LogFiles | Gap, age: SystemAge | Gap, limits: Retention) -> Outcome:
    """Answer for the host's own files."""
    states = [(r, *kept(r, files, age, limits.min_days)) for r in retention.rotations]
    records = [r for r in retention.rotations if _RECORDS.search(r.pattern)]
    short = [(r, shown) for r, state, shown in states if state is Kept.SHORT]
    short_records = [(r, shown) for r, shown in short if r in records]
    if short_records:
        message = Text(
            zh="日志保存不足 {limit} 天：{what}", en="records are kept less than {limit} days: {what}"
        ).format(limit=limits.min_days, what=listed(f"{r.pattern} {shown}" for r, shown in short_records))
        return Outcome.no(message, *(r.at for r, _ in short_records))
    if short:
        message = Text(
            zh="以下日志保存不足 {limit} 天，是否属于审计记录须人工确认：{what}",
            en="kept less than {limit} days; whether they hold audit records is for a person: {what}",
        ).format(limit=limits.min_days, what=listed(f"{r.pattern} {shown}" for r, shown in short))
        return unsettled(message, (r.at for r, _ in short))
    cut = [(r, shown) for r, state, shown in states if state is Kept.OPEN]
    if cut:
        message = Text(
            zh="按大小轮转可能提前丢弃记录：{what}", en="a limit of size may drop records earlier: {what}"
        ).format(what=listed(f"{r.pattern} ({shown})" for r, shown in cut))
        return unsettled(message, (r.at for r, _ in cut), needs="the dates of the oldest kept records")
    if not records:
        message = Text(
            zh="没有看到登录、系统或审计日志的轮转规则",
            en="no rotation of login, system or audit records was seen",
        )
        return unsettled(message, retention.seen)
    message = Text(
        zh="各类日志均保存至少 {limit} 天：{what}", en="all records are kept at least {limit} days: {what}"
    ).format(
        limit=limits.min_days,
        what=listed(f"{r.pattern} {shown}" for r, _, shown in states if r in records),
    )
    return Outcome.yes(message, *(r.at for r in records))


CHECKS: tuple[Check, ...] = (
    Check(
        "log.retention-sufficient",
        Text(zh="日志保存时间是否足够？", en="Are records kept long enough?"),
        (LogRetention,),
        _retained,
        Risk.MEDIUM,
        Text(
            zh="在 /etc/logrotate.d/rsyslog 等文件写 daily 与 rotate 200，去掉按大小轮转；"
            "auditd 在 /etc/audit/auditd.conf 增大 num_logs；或转发到保存至少 180 天的日志服务器。",
            en="Write daily and rotate 200 into /etc/logrotate.d/rsyslog and its like, without limits"
            " of size;"
            " raise num_logs in /etc/audit/auditd.conf; or send to a collector that keeps at least 180 days.",
        ),
        parameters=Retention,
        also=(LogFiles, SystemAge, LogCopies),
    ),
)

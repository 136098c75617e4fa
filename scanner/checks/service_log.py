"""Questions about the records that databases and middleware write: who may touch them, how long they stay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.log_retention import Kept, Retention, kept
from scanner.checks.outcome import listed, unsettled
from scanner.facts import LogFiles, LogSink, ServiceLogs, SystemAge, SystemRecords
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.facts import LogFile, Rotation, ServiceRecords
    from scanner.model import Citation

# --- who may touch them ----------------------------------------------------------------------------

_OTHERS, _OTHERS_ENTER, _OTHERS_WRITE, _GROUP_WRITE, _STICKY = 0o007, 0o001, 0o002, 0o020, 0o1000


def _protected(logs: ServiceLogs, _: NoParameters) -> Outcome:
    loose = [f for r in logs.records for f in (*r.files, *r.folders) if _loose(f, r, logs)]
    if loose:
        message = Text(
            zh="服务日志可被其他账户读取或改动：{what}",
            en="records of the service are open to others: {what}",
        ).format(what=listed(map(_rights, loose)))
        return Outcome.no(message, *(f.at for f in loose), *logs.seen)
    blank = [r for r in logs.records if r.to.sink is not LogSink.FILE or not (r.files and r.folders)]
    if blank or not logs.all_known or logs.writers is None:
        message = Text(
            zh="未能看到该服务的全部日志文件及其权限：{what}",
            en="not all files that it writes, or their rights, were seen: {what}",
        ).format(what=listed(f"{r.to.sink} {r.to.name}" for r in blank) or "-")
        return unsettled(message, (*(r.to.at for r in logs.records), *logs.seen))
    files = [f for r in logs.records for f in r.files]
    message = Text(
        zh="{count} 个日志文件仅该服务与日志账户可写，其他用户无权限：{what}",
        en="{count} files, written by the service and the log accounts only and closed to others: {what}",
    ).format(count=len(files), what=listed(map(_rights, files)))
    return Outcome.yes(message, *(f.at for f in files), *logs.seen)


def _loose(file: LogFile, records: ServiceRecords, logs: ServiceLogs) -> bool:
    """Whether others than the service and the log accounts can read or change a file, or replace it."""
    mode, writers = file.meta.mode, logs.writers
    by_group = bool(mode & _GROUP_WRITE) and writers is not None and file.meta.gid not in writers.groups
    foreign = by_group or (writers is not None and file.meta.uid not in writers.users)
    if file.path.endswith("/"):
        return not mode & _STICKY and bool(foreign or mode & _OTHERS_WRITE)
    folder = file.path.rpartition("/")[0] + "/"
    closed = any(f.path == folder and not f.meta.mode & _OTHERS_ENTER for f in records.folders)
    return foreign or (bool(mode & _OTHERS) and not closed)


def _rights(file: LogFile) -> str:
    return f"{file.path} {file.meta.mode & 0o7777:04o} {file.meta.uid}:{file.meta.gid}"


# --- how long they stay ----------------------------------------------------------------------------


def _retained(logs: ServiceLogs, limits: Retention) -> Outcome:
    states = [(r, *_stay(r, logs, limits.min_days)) for r in logs.records]
    what = _told(states)
    cited = tuple(dict.fromkeys(c for r, _, _ in states for c in _cited(r))) or logs.seen
    found = {state for _, state, _ in states}
    if logs.all_known and found == {Kept.LONG}:
        message = Text(
            zh=f"记录至少保存 {limits.min_days} 天：{what.zh}",
            en=f"records stay at least {limits.min_days} days: {what.en}",
        )
        return Outcome.yes(message, *cited)
    if logs.all_known and found == {Kept.SHORT}:
        message = Text(
            zh=f"记录保存不足 {limits.min_days} 天，也没有足够久的副本：{what.zh}",
            en=f"records stay less than {limits.min_days} days, and no copy stays longer: {what.en}",
        )
        return Outcome.no(message, *cited)
    message = Text(
        zh=f"记录是否至少保存 {limits.min_days} 天未能确定：{what.zh}",
        en=f"whether records stay at least {limits.min_days} days is not certain: {what.en}",
    )
    return unsettled(message, cited)


def _told(states: Sequence[tuple[ServiceRecords, Kept, Text]]) -> Text:
    """Each place with what shows how long its records stay."""
    return Text(
        zh=listed(f"{r.to.name} ({shown.zh})" for r, _, shown in states) or "-",
        en=listed(f"{r.to.name} ({shown.en})" for r, _, shown in states) or "-",
    )


def _cited(records: ServiceRecords) -> Iterator[Citation]:
    yield records.to.at
    if not isinstance(records.rotations, Gap):
        yield from (r.at for r in records.rotations)
    if not isinstance(records.copies, Gap):
        yield from (c for copy in records.copies for c in copy.citations)


def _stay(records: ServiceRecords, logs: ServiceLogs, min_days: int) -> tuple[Kept, Text]:
    """How long records of one place stay: there, or as a copy at another machine."""
    state, shown = _here(records, logs, min_days)
    if state is Kept.LONG:
        return state, shown
    if isinstance(records.copies, Gap):
        return Kept.OPEN, _and(shown, "；未看到其他机器上的副本", "; copies elsewhere were not seen")
    lasting = listed(c.to for c in records.copies if c.arrives and c.lasts(min_days))
    if lasting:
        return Kept.LONG, _and(shown, f"；{lasting} 上有独立副本", f"; an independent copy at {lasting}")
    open_ = listed(c.to for c in records.copies if c.arrives is not False and c.lasts(min_days) is not False)
    if open_:
        return Kept.OPEN, _and(shown, f"；{open_} 上可能有副本", f"; perhaps a copy at {open_}")
    return state, shown


def _and(shown: Text, zh: str, en: str) -> Text:
    return Text(shown.zh + zh, shown.en + en)


def _here(records: ServiceRecords, logs: ServiceLogs, min_days: int) -> tuple[Kept, Text]:
    if isinstance(records.rotations, Gap):
        return Kept.OPEN, Text("未看到轮转规则", "rotation was not seen")
    own = [r for r in records.rotations if r is records.to.rotation]
    told = [_kept(r, records, logs, min_days) for r in own]
    by_rule = [_kept(r, records, logs, min_days) for r in records.rotations if r not in own]
    short = next((one for one in told if one[0] is Kept.SHORT), None)
    if short is not None:
        return short
    if len({state for state, _ in by_rule}) > 1:
        return Kept.OPEN, Text("有多条轮转规则涉及该文件", "several rules of rotation name it")
    if not told and not by_rule:
        return Kept.OPEN, Text("没有轮转规则涉及该文件", "no rule of rotation names it")
    return next((one for one in (*by_rule, *told) if one[0] is not Kept.LONG), (*by_rule, *told)[0])


def _kept(rotation: Rotation, records: ServiceRecords, logs: ServiceLogs, min_days: int) -> tuple[Kept, Text]:
    """What a rule makes of the records' own files."""
    path = records.paths[0] if records.paths else rotation.pattern
    if not records.files or logs.taken is None:
        files: LogFiles | Gap = Gap(GapReason.NOT_COLLECTED)
    else:
        files = LogFiles(logs.seen, records.files, logs.taken)
    state, shown = kept(replace(rotation, pattern=path), files, _age(logs), min_days)
    return state, Text(shown, shown)


def _age(logs: ServiceLogs) -> SystemAge | Gap:
    if logs.taken is None or logs.used_since is None:
        return Gap(GapReason.NOT_COLLECTED)
    return SystemAge(logs.seen, logs.used_since, logs.taken)


def _all_retained(records: SystemRecords, limits: Retention) -> Outcome:
    """Ask the same of every service of a system."""
    if not records.services:
        message = Text(zh="没有发现数据库或中间件", en="no database or middleware was found")
        return Outcome(Answer.NA, message, records.seen)
    asked = {s.object: _retained(s.logs, limits) for s in records.services if isinstance(s.logs, ServiceLogs)}
    cited = (*(c for outcome in asked.values() for c in outcome.citations), *records.seen)
    short = [name for name, outcome in asked.items() if outcome.answer is Answer.NO]
    if short:
        message = Text(
            zh="以下服务的记录保存不足 {limit} 天，也没有足够久的副本：{names}",
            en="records of these stay less than {limit} days, and no copy stays longer: {names}",
        ).format(limit=limits.min_days, names=listed(short))
        return Outcome.no(message, *(c for name in short for c in asked[name].citations))
    lasting = [name for name, outcome in asked.items() if outcome.answer is Answer.YES]
    unknown = [s.object for s in records.services if s.object not in lasting]
    if unknown:
        message = Text(
            zh="以下服务的记录是否至少保存 {limit} 天未能确定：{names}",
            en="whether records of these stay at least {limit} days is not certain: {names}",
        ).format(limit=limits.min_days, names=listed(unknown))
        return unsettled(message, cited)
    message = Text(
        zh="{count} 个服务的记录至少保存 {limit} 天：{names}",
        en="records of all {count} services stay at least {limit} days: {names}",
    ).format(count=len(lasting), limit=limits.min_days, names=listed(lasting))
    return Outcome.yes(message, *cited)


CHECKS: tuple[Check, ...] = (
    Check(
        "instance.logs-protected",
        Text(
            zh="数据库或中间件的日志文件是否只有该服务和日志账户可写、他人不可读？",
            en="Are the files of records of the database or middleware closed to all others?",
        ),
        (ServiceLogs,),
        _protected,
        Risk.MEDIUM,
        Text(
            zh="对列出的文件 chmod 0640、目录 chmod 0750，属主改为 root 或该服务的账户；"
            "logrotate 的 create 行写同样的权限。",
            en="Run chmod 0640 on the files named and chmod 0750 on their folder, give them to root or the"
            " service's account; write the same on the create line of logrotate.",
        ),
    ),
    Check(
        "instance.logs-retained",
        Text(
            zh="数据库或中间件的日志（本机或副本）是否保存足够久？",
            en="Do the records of the database or middleware stay long enough, here or as a copy?",
        ),
        (ServiceLogs,),
        _retained,
        Risk.MEDIUM,
        Text(
            zh="在 /etc/logrotate.d 中该服务的文件写 daily 与 rotate 200；或用 rsyslog imfile 把日志"
            "转发到至少保存 180 天的日志服务器。",
            en="Write daily and rotate 200 into the service's file in /etc/logrotate.d, or send the files on"
            " with rsyslog's imfile to a collector that keeps at least 180 days.",
        ),
        parameters=Retention,
    ),
    Check(
        "log.service-records-kept",
        Text(
            zh="系统内数据库和中间件的记录（本机或副本）是否都保存足够久？",
            en="Do the records of all databases and middleware of the system stay long enough somewhere?",
        ),
        (SystemRecords,),
        _all_retained,
        Risk.MEDIUM,
        Text(
            zh="延长所列服务的日志轮转（rotate 200），"
            "或用 rsyslog imfile 转发到至少保存 180 天的日志服务器。",
            en="Rotate the logs of the services named less (rotate 200), or send them by rsyslog's imfile to"
            " a collector that keeps at least 180 days.",
        ),
        parameters=Retention,
    ),
)

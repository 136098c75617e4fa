"""Questions about backups and integrity tools, as far as a host shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.checks.check import Check
from scanner.checks.outcome import listed, unsettled
from scanner.facts import Backups, IntegrityTools
from scanner.model import Outcome, Risk, Text
from scanner.threshold import at_most

if TYPE_CHECKING:
    from scanner.facts import AgedFile, IntegrityTool
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class BackupAge:
    """Days since the last backup that succeeded."""

    max_days: int = field(metadata=at_most())


@dataclass(frozen=True, slots=True)
class IntegrityAge:
    """Days since files were last compared with the database."""

    max_days: int = field(metadata=at_most())


# --- backups ---------------------------------------------------------------------------------------


def _backups(backups: Backups, limit: BackupAge) -> Outcome:
    failed = [run for run in backups.runs if not run.succeeded]
    if failed:
        message = Text(
            zh="最近一次备份运行失败：{what}", en="these units of backups ended in failure last: {what}"
        ).format(what=listed(run.unit for run in failed))
        return Outcome.no(message, *(run.at for run in failed))
    fresh = [run for run in backups.runs if run.age_days <= limit.max_days]
    if fresh:
        message = Text(
            zh="{limit} 天内有成功的备份：{what}", en="backups succeeded within {limit} days: {what}"
        ).format(limit=limit.max_days, what=listed(f"{run.unit} ({run.age_days} d)" for run in fresh))
        return Outcome.yes(message, *(run.at for run in fresh))
    if backups.runs:
        message = Text(
            zh="已知的备份单元上次成功已超过 {limit} 天：{what}",
            en="the units of backups that are known succeeded last more than {limit} days ago: {what}",
        ).format(limit=limit.max_days, what=listed(f"{r.unit} ({r.age_days} d)" for r in backups.runs))
        return Outcome.no(message, *(run.at for run in backups.runs))
    return _unseen_backups(backups)


def _unseen_backups(backups: Backups) -> Outcome:
    """Jobs whose success does not show, or none that is known: a person tells where backups are made."""
    far = Text(zh="到其他主机", en="to another host")
    near = Text(zh="未见到其他主机", en="no other host named")

    def jobs(language: str) -> str:
        words = {True: far, False: near}
        return listed(f"{j.tool} ({j.path}, {getattr(words[j.remote], language)})" for j in backups.jobs)

    newest = listed(f"{file.path} ({file.age_days} d)" for file in backups.newest) or "-"
    cited = (*(job.at for job in backups.jobs), *(file.at for file in backups.newest))
    if backups.jobs:
        message = Text(
            zh=f"有备份任务，是否成功看不到：{jobs('zh')}；备份目录中最新的文件：{newest}",
            en=f"jobs make backups, whose success does not show: {jobs('en')}; newest files: {newest}",
        )
        return unsettled(message, cited, needs="a person reads when the last backup succeeded")
    message = Text(
        zh=f"未见已知的备份任务；备份目录中最新的文件：{newest}；其他产品或由外部发起的备份须人说明",
        en=f"no job of backups that is known; newest files: {newest}; another product, or backups that are"
        " made from outside, are for a person to tell",
    )
    return unsettled(message, (*cited, *backups.seen), needs="a person tells how this host is backed up")


# --- integrity -------------------------------------------------------------------------------------


def _integrity(found: IntegrityTools, limit: IntegrityAge) -> Outcome:
    ready = [tool for tool in found.tools if tool.database is not None]
    fresh = [tool for tool in ready if tool.run is not None and tool.run.age_days <= limit.max_days]
    if fresh:
        message = Text(
            zh="完整性工具有数据库，{limit} 天内运行过：{what}",
            en="integrity tools have a database and ran within {limit} days: {what}",
        ).format(limit=limit.max_days, what=_named(fresh))
        return Outcome.yes(message, *(at for tool in fresh for at in _places(tool)))
    if found.tools and not ready:
        message = Text(
            zh="完整性工具没有数据库，无从比较：{what}", en="integrity tools without a database: {what}"
        ).format(what=_named(found.tools))
        return Outcome.no(message, *(tool.at for tool in found.tools))
    stale = [tool for tool in ready if tool.run is not None]
    if stale and len(stale) == len(ready):
        message = Text(
            zh="完整性工具超过 {limit} 天未运行：{what}",
            en="integrity tools ran last more than {limit} days ago: {what}",
        ).format(limit=limit.max_days, what=_named(stale))
        return Outcome.no(message, *(at for tool in stale for at in _places(tool)))
    if ready:
        message = Text(
            zh="完整性工具有数据库，何时运行看不到：{what}（计划任务：{jobs}）",
            en="integrity tools have a database; when they ran does not show: {what} (scheduled: {jobs})",
        ).format(what=_named(ready), jobs=listed(j.path for j in found.jobs) or "-")
        return unsettled(message, (*(t.at for t in ready), *(j.at for j in found.jobs)))
    message = Text(
        zh="未见已知的完整性工具；其他产品须人说明",
        en="no integrity tool that is known; another product is for a person to tell",
    )
    return unsettled(message, (*(j.at for j in found.jobs), *found.seen))


def _named(tools: tuple[IntegrityTool, ...] | list[IntegrityTool]) -> str:
    return listed(f"{t.product} ({t.run.age_days} d)" if t.run else t.product for t in tools)


def _places(tool: IntegrityTool) -> list[Citation]:
    parts: tuple[AgedFile | None, ...] = (tool.database, tool.run)
    return [part.at for part in parts if part is not None]


CHECKS: tuple[Check, ...] = (
    Check(
        "backup.succeeded-lately",
        Text(zh="近期是否有成功的备份？", en="Did a backup succeed lately?"),
        (Backups,),
        _backups,
        Risk.MEDIUM,
        Text(
            zh="用 systemd 定时器运行备份任务，失败时告警，把副本放到其他主机，并定期试恢复。",
            en="Run backups by a systemd timer, alarm on failure, keep a copy on another host, and try to"
            " restore at fixed times.",
        ),
        parameters=BackupAge,
    ),
    Check(
        "integrity.compared-lately",
        Text(
            zh="完整性工具是否有数据库并定期比较文件？",
            en="Does an integrity tool with a database compare files regularly?",
        ),
        (IntegrityTools,),
        _integrity,
        Risk.LOW,
        Text(
            zh="安装 AIDE，执行 aideinit（或 aide --init）建立数据库，并启用 dailyaidecheck.timer 或每日"
            "计划任务。",
            en="Install AIDE, build its database (aideinit, or aide --init), and switch dailyaidecheck.timer"
            " or a daily job on.",
        ),
        parameters=IntegrityAge,
    ),
)

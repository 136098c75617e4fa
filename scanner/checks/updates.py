"""Questions about security updates: do any wait, since when, and does the release still get any."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.lifetimes import LAST_CHECKED, lifetime
from scanner.checks.outcome import listed, unsettled
from scanner.facts import HostIdentity, JudgedAt, PendingUpdate, SecurityUpdates
from scanner.model import Outcome, Risk, Text
from scanner.threshold import at_most

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class ListAge:
    """Days that lists of updates are believed to be all that there is."""

    max_days: int = field(metadata=at_most())


@dataclass(frozen=True, slots=True)
class Waiting:
    """Days that a security update may wait for its test."""

    max_days: int = field(metadata=at_most())


_AGAIN = "the host fetches its lists again (apt-get update, dnf makecache, zypper refresh, apk update)"


def _words(updates: SecurityUpdates, pending: Sequence[PendingUpdate]) -> dict[str, object]:
    return {
        "count": len(pending),
        "known": updates.compared,
        "names": listed(update.package for update in pending),
        "date": f"{updates.released:%Y-%m-%d}",
        "age": updates.age_days,
    }


def _cited(updates: SecurityUpdates, pending: Sequence[PendingUpdate]) -> tuple[Citation, ...]:
    return (updates.at, *(update.at for update in pending[:20]))


def _old(updates: SecurityUpdates) -> Outcome:
    message = Text(
        zh="更新列表是 {date} 的（{age} 天前），之后发布的更新看不到",
        en="the lists of updates are of {date}, {age} days old: what came since is not seen",
    ).format(**_words(updates, ()))
    return unsettled(message, (updates.at,), needs=_AGAIN)


def _unclassed(updates: SecurityUpdates) -> Outcome:
    """Updates wait of which nobody says what they mend."""
    message = Text(
        zh="{count} 个软件包有更新未装，索引不说明是否为安全更新：{names}",
        en="{count} packages lack updates, and the indexes do not say which mend security: {names}",
    ).format(**_words(updates, updates.pending))
    return unsettled(
        message, _cited(updates, updates.pending), needs="a person compares them with the security advisories"
    )


def _installed(updates: SecurityUpdates, limit: ListAge) -> Outcome:
    certain = [update for update in updates.pending if update.security]
    if certain:
        message = Text(
            zh="{count} 个软件包有未装的安全更新（列表日期 {date}）：{names}",
            en="{count} packages lack security updates, by lists of {date}: {names}",
        ).format(**_words(updates, certain))
        return Outcome.no(message, *_cited(updates, certain))
    if updates.pending:
        return _unclassed(updates)
    if updates.age_days > limit.max_days:
        return _old(updates)
    message = Text(
        zh="{date} 的安全更新列表所知的 {known} 个软件包都已更新",
        en="all {known} packages that the security lists of {date} know are up to date",
    ).format(**_words(updates, ()))
    return Outcome.yes(message, updates.at, *updates.seen)


def _overdue(updates: SecurityUpdates, days: int) -> list[PendingUpdate]:
    """Security updates that have waited for more days: by their lists, or by the day of their advisory."""
    looked = (updates.released + timedelta(days=updates.age_days)).date()
    return [
        update
        for update in updates.pending
        if update.security
        and (updates.age_days > days or (update.issued is not None and (looked - update.issued).days > days))
    ]


def _prompt(updates: SecurityUpdates, limit: Waiting) -> Outcome:
    overdue = _overdue(updates, limit.max_days)
    if overdue:
        days = [update.issued for update in overdue if update.issued is not None]
        since = min([*days, updates.released.date()])
        message = Text(
            zh="这些安全更新未装，最早的至迟 {since} 已发布，超过 {limit} 天：{names}",
            en="these security updates wait, one since {since}, more than {limit} days: {names}",
        ).format(**_words(updates, overdue), limit=limit.max_days, since=since.isoformat())
        return Outcome.no(message, *_cited(updates, overdue))
    if any(update.security for update in updates.pending):
        message = Text(
            zh="{count} 个软件包有未装的安全更新，等了多久看不到，或尚未超过期限：{names}",
            en="{count} packages lack security updates, not for too long as far as it shows: {names}",
        ).format(**_words(updates, updates.pending))
        return unsettled(
            message,
            _cited(updates, updates.pending),
            needs="a person reads when they came and why they wait",
        )
    if updates.pending:
        return _unclassed(updates)
    if updates.age_days > limit.max_days:
        return _old(updates)
    message = Text(
        zh="没有等待安装的安全更新（列表日期 {date}）", en="no security update waits, by lists of {date}"
    ).format(**_words(updates, ()))
    return Outcome.yes(message, updates.at, *updates.seen)


def _supported(host: HostIdentity, now: JudgedAt, _: NoParameters) -> Outcome:
    known = lifetime(host.system_id, host.version, host.system)
    checked = known.checked if known else LAST_CHECKED
    words = {"system": host.system, "checked": checked.isoformat()}
    if known is None:
        message = Text(
            zh="{system} 的支持期限不在表中（{checked} 核对）",
            en="until when {system} is supported is not in the table (checked {checked})",
        ).format(**words)
        return unsettled(message, host.seen, needs="a person reads the vendor's announcement")
    today = now.at.date()
    words |= {"free": known.free.isoformat(), "sold": (known.sold or known.free).isoformat()}
    if today > (known.sold or known.free):
        message = Text(
            zh="{system} 自 {sold} 起不再有任何安全更新", en="{system} gets no security updates since {sold}"
        ).format(**words)
        return Outcome.no(message, *host.seen)
    if today > known.free:
        message = Text(
            zh="{system} 的免费安全更新止于 {free}；至 {sold} 只有购买延长支持的主机才有",
            en="{system} gets updates for everybody until {free}, until {sold} with a contract only",
        ).format(**words)
        return unsettled(message, host.seen, needs="a person shows the contract")
    if today > known.good_until:
        message = Text(
            zh="支持期限表（{checked} 核对）已太旧，不能据此认为 {system} 仍受支持",
            en="the table (checked {checked}) is too old to say that {system} is still supported",
        ).format(**words)
        return unsettled(message, host.seen)
    message = Text(
        zh="{system} 的安全更新至 {free}（{checked} 核对）",
        en="{system} gets security updates until {free} (checked {checked})",
    ).format(**words)
    return Outcome.yes(message, *host.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "patches.security-installed",
        Text(
            zh="发行版已发布的安全更新是否都已安装？",
            en="Are all security updates installed that the distribution offers?",
        ),
        (SecurityUpdates,),
        _installed,
        Risk.MEDIUM,
        Text(
            zh="测试后安装（apt-get upgrade、dnf upgrade --security、zypper patch、apk upgrade），"
            "并重启受影响的服务。",
            en="Test and install them (apt-get upgrade, dnf upgrade --security, zypper patch, apk upgrade),"
            " then restart what they bear on.",
        ),
        parameters=ListAge,
    ),
    Check(
        "patches.security-prompt",
        Text(
            zh="安全更新是否在规定天数内安装？",
            en="Does no security update wait for longer than is allowed?",
        ),
        (SecurityUpdates,),
        _prompt,
        Risk.MEDIUM,
        Text(
            zh="启用 unattended-upgrades、dnf-automatic 或固定的更新周期："
            "每天取得列表，测试后按期安装安全更新。",
            en="Switch unattended-upgrades or dnf-automatic on, or update at fixed times: fetch lists daily,"
            " test, install.",
        ),
        parameters=Waiting,
    ),
    Check(
        "patches.system-supported",
        Text(
            zh="操作系统版本是否仍有安全更新？",
            en="Does the release of the operating system still get security updates?",
        ),
        (HostIdentity, JudgedAt),
        _supported,
        Risk.MEDIUM,
        Text(
            zh="升级到仍受支持的版本，或购买厂商的延长支持。",
            en="Upgrade to a release that is supported, or buy extended support.",
        ),
    ),
)

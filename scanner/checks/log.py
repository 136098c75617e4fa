"""Questions about logs: whether they are kept, protected, sent away and kept long enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scanner.checks import log_retention
from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import (
    Accounts,
    LogCopies,
    LogFile,
    LogFiles,
    LogForwarding,
    LogService,
    LogSources,
    LogTarget,
)
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from scanner.facts import LogDaemon


def _recording(service: LogService, _: NoParameters) -> Outcome:
    good = [d for d in service.daemons if d.running and d.enabled and d.persistent and d.records_logins]
    if good:
        message = Text(
            zh="{names} 在运行、开机启动并记录登录事件", en="{names} runs, starts at boot and records logins"
        ).format(names=listed(d.name for d in good))
        return Outcome.yes(message, *(d.at for d in good))
    what = listed(f"{d.name} ({_lacks(d)})" for d in service.daemons) or "-"
    message = Text(
        zh="没有日志服务持久记录登录事件：{what}", en="no log daemon keeps records of logins: {what}"
    ).format(what=what)
    return Outcome.no(message, *(d.at for d in service.daemons), *service.seen)


def _lacks(daemon: LogDaemon) -> str:
    states = {
        "not running": daemon.running,
        "not enabled": daemon.enabled,
        "not persistent": daemon.persistent,
        "no logins": daemon.records_logins,
    }
    return ", ".join(name for name, there in states.items() if not there)


_RECORD_FILE = re.compile(
    r"/var/log/(?:"
    r"(?:auth\.log|syslog|messages|secure|kern\.log|cron(?:\.log)?|daemon\.log|user\.log|maillog|mail\.log"
    r"|[wb]tmp|lastlog|faillog|tallylog)(?:[.-]\d[^/]*)?"
    r"|(?:audit|remote|hosts)/(?:[^/]+/)?[^/]+)"
)
"""Files with records of logins, of the system, of the audit trail, of other hosts, and their older ones."""

_LOOSE = 0o037
"""Bits that no log file has: writing and searching by the group, anything by others."""

_GROUP_WRITE = 0o020
_OWN_GROUPS = frozenset({0, 4})
"""Group ids of root and adm, the same on all distributions."""


def _files_protected(files: LogFiles, accounts: Accounts | Gap, _: NoParameters) -> Outcome:
    records = [file for file in files.files if _RECORD_FILE.fullmatch(file.path)]
    if not records:
        message = Text(zh="没有看到任何日志文件", en="no log file was seen")
        return unsettled(message, files.seen, GapReason.EMPTY)
    known = () if isinstance(accounts, Gap) else accounts.accounts
    daemons = [a for a in known if a.name == "syslog"]
    owners = {0, *(a.uid for a in daemons)}
    groups = {*_OWN_GROUPS, *(a.gid for a in daemons)}
    doubtful: list[LogFile] = []
    loose: list[LogFile] = []
    for file in records:
        bits = file.meta.mode & _LOOSE
        foreign = file.meta.uid not in owners or bool(bits & _GROUP_WRITE and file.meta.gid not in groups)
        if bits & ~_GROUP_WRITE or (foreign and not isinstance(accounts, Gap)):
            loose.append(file)
        elif foreign:
            doubtful.append(file)
    if loose:
        message = Text(zh="日志文件权限过宽：{what}", en="log files with loose rights: {what}").format(
            what=listed(map(_rights, loose))
        )
        return Outcome.no(message, *(f.at for f in loose))
    if doubtful and isinstance(accounts, Gap):
        message = Text(
            zh="未看到账户，无法判断属主是否为日志服务：{what}",
            en="accounts were not seen, so whether the owner is the log daemon is not known: {what}",
        ).format(what=listed(map(_rights, doubtful)))
        return through(message, accounts, (f.at for f in doubtful))
    message = Text(
        zh="{count} 个日志文件仅属主可写，其他用户无权限：{what}",
        en="{count} log files, written by their owner only and closed to others: {what}",
    ).format(count=len(records), what=listed(map(_rights, records)))
    return Outcome.yes(message, *(f.at for f in records))


def _rights(file: LogFile) -> str:
    return f"{file.path} {file.meta.mode & 0o7777:04o} {file.meta.uid}:{file.meta.gid}"


def _target(target: LogTarget) -> str:
    return f"{target.host}:{target.port}/{target.protocol}"


def _away(forwarding: LogForwarding) -> list[LogTarget]:
    return [t for t in forwarding.targets if t.off_host]


def _unread(forwarding: LogForwarding) -> Outcome:
    """What runs beside the log daemon may send as well, and was not understood."""
    message = Text(
        zh="以下程序可能转发日志，其配置未能读懂：{names}",
        en="these may hand records on, and what they are told is not understood: {names}",
    ).format(
        names=listed(
            f"{agent.name} ({agent.why})" if agent.why else agent.name for agent in forwarding.unread
        )
    )
    cited = (*(agent.at for agent in forwarding.unread), *forwarding.seen)
    return unsettled(message, cited, needs="a person reads its configuration")


def _forwarded(forwarding: LogForwarding, _: NoParameters) -> Outcome:
    own = _sent(forwarding)
    return _unread(forwarding) if own.answer is Answer.NO and forwarding.unread else own


def _sent(forwarding: LogForwarding) -> Outcome:
    away = _away(forwarding)
    if not away:
        message = Text(zh="没有配置主机之外的日志接收端", en="no target off the host is configured")
        return Outcome.no(message, *(t.at for t in forwarding.targets), *forwarding.seen)
    if not forwarding.running:
        message = Text(
            zh="已配置转发（{what}），但日志服务未运行",
            en="forwarding is configured ({what}), but the log daemon does not run",
        ).format(what=listed(map(_target, away)))
        return Outcome.no(message, *forwarding.seen, *(t.at for t in away))
    sending = [t for t in away if t.sends_logins]
    if sending:
        message = Text(zh="日志转发到 {what}", en="records are sent to {what}").format(
            what=listed(map(_target, sending))
        )
        return Outcome.yes(message, *(t.at for t in sending), *forwarding.seen)
    what = listed(f"{_target(t)} ({t.selector})" for t in away)
    unknown = [t for t in away if t.sends_logins is None]
    if unknown:
        message = Text(
            zh="转发的选择器是否包含登录日志未能确定：{what}",
            en="whether records of logins are among what is sent is not certain: {what}",
        ).format(what=what)
        return unsettled(message, (t.at for t in unknown), GapReason.UNPARSABLE)
    message = Text(
        zh="转发的内容不包含登录日志：{what}", en="records of logins are not among what is sent: {what}"
    ).format(what=what)
    return Outcome.no(message, *(t.at for t in away))


def _encrypted(forwarding: LogForwarding, _: NoParameters) -> Outcome:
    own = _secured(forwarding)
    return own if own.answer is Answer.NO or not forwarding.unread else _unread(forwarding)


def _secured(forwarding: LogForwarding) -> Outcome:
    away = _away(forwarding)
    if not away:
        message = Text(
            zh="没有向主机之外发送日志，无从加密",
            en="nothing is sent off the host: there is nothing to encrypt",
        )
        return Outcome(Answer.NA, message, (*forwarding.seen, *(t.at for t in forwarding.targets)))
    bare = [t for t in away if not (t.tls and t.peer_checked)]
    if bare:
        message = Text(
            zh="日志以明文或不验证对端的方式发送：{what}",
            en="records are sent in clear or without verifying the peer: {what}",
        ).format(what=listed(_target(t) + (" TLS" if t.tls else "") for t in bare))
        return Outcome.no(message, *(t.at for t in bare))
    message = Text(
        zh="全部日志经 TLS 发送并验证对端：{what}", en="all records go by TLS to a verified peer: {what}"
    ).format(what=listed(map(_target, away)))
    return Outcome.yes(message, *(t.at for t in away))


def _arrives(copies: LogCopies, _: NoParameters) -> Outcome:
    if not copies.copies:
        message = Text(
            zh="没有向其他主机发送登录日志，无从到达",
            en="no records of logins are sent to another host, so none arrive",
        )
        return Outcome.no(message, *copies.seen)
    for arrives, answer in ((True, Outcome.yes), (False, Outcome.no)):
        found = [c for c in copies.copies if c.arrives is arrives]
        unseen = [c for c in copies.copies if c.arrives is None]
        if found and (arrives or not unseen):
            why = Text(zh="；".join(c.why.zh for c in found), en="; ".join(c.why.en for c in found))
            return answer(why, *(c for copy in found for c in copy.citations), *copies.seen)
    unseen = [c for c in copies.copies if c.arrives is None]
    why = Text(zh="；".join(c.why.zh for c in unseen), en="; ".join(c.why.en for c in unseen))
    cited = tuple(c for copy in unseen for c in copy.citations)
    gap = next((copy.gap for copy in unseen if copy.gap is not None), None)
    return unsettled(why, cited) if gap is None else through(why, gap, cited)


def _all_forward(sources: LogSources, _: NoParameters) -> Outcome:
    cited = tuple(c for s in sources.sources for c in s.citations)
    silent = [s for s in sources.sources if s.sends is False]
    if silent:
        message = Text(
            zh="以下系统不向 {collector} 发送日志：{names}", en="these do not send to {collector}: {names}"
        ).format(collector=sources.collector, names=listed(s.object for s in silent))
        return Outcome.no(message, *(c for s in silent for c in s.citations), *sources.seen)
    unseen = [s for s in sources.sources if s.sends is None]
    if unseen or not sources.sources:
        message = Text(
            zh="以下系统是否向 {collector} 发送日志未见：{names}",
            en="whether these send to {collector} was not seen: {names}",
        ).format(collector=sources.collector, names=listed(s.object for s in unseen) or "-")
        return unsettled(message, cited)
    message = Text(
        zh="全部 {count} 个操作系统都向 {collector} 发送日志：{names}",
        en="all {count} operating systems send to {collector}: {names}",
    ).format(
        count=len(sources.sources),
        collector=sources.collector,
        names=listed(s.object for s in sources.sources),
    )
    return Outcome.yes(message, *cited, *sources.seen)


_FORWARD = "/etc/rsyslog.d/60-forward.conf"

CHECKS: tuple[Check, ...] = (
    Check(
        "log.recording",
        Text(zh="是否持续记录登录事件？", en="Are logins recorded, and is that kept over reboots?"),
        (LogService,),
        _recording,
        Risk.MEDIUM,
        Text(
            zh="systemctl enable --now rsyslog，并在 /etc/rsyslog.conf 保留 auth,authpriv.* 的行；"
            "或在 /etc/systemd/journald.conf 写 Storage=persistent。",
            en="Run systemctl enable --now rsyslog and keep the line for auth,authpriv.* in"
            " /etc/rsyslog.conf;"
            " or write Storage=persistent into /etc/systemd/journald.conf.",
        ),
    ),
    Check(
        "log.files-protected",
        Text(
            zh="日志文件是否只能由其属主写、且他人不可读？",
            en="Are log files written by their owner only and closed to others?",
        ),
        (LogFiles,),
        _files_protected,
        Risk.MEDIUM,
        Text(
            zh="对列出的文件执行 chmod 0640 并把属主改为 root 或 syslog；在 /etc/logrotate.d 的 create 行"
            "写同样的权限，wtmp、btmp、lastlog 的权限写在 /etc/tmpfiles.d/var.conf。",
            en="Run chmod 0640 on the files named and give them to root or syslog; write the same"
            " rights on the"
            " create lines of /etc/logrotate.d, those of wtmp, btmp and lastlog in /etc/tmpfiles.d/var.conf.",
        ),
        also=(Accounts,),
    ),
    Check(
        "log.forwarded",
        Text(zh="登录日志是否发送到其他主机？", en="Are records of logins sent to another host?"),
        (LogForwarding,),
        _forwarded,
        Risk.MEDIUM,
        Text(
            zh=f'在 {_FORWARD} 写 *.* action(type="omfwd" target="日志服务器" port="6514" protocol="tcp" …)，'
            "然后重启 rsyslog。",
            en=f'Write *.* action(type="omfwd" target="COLLECTOR" port="6514" protocol="tcp" …) into'
            f" {_FORWARD} and restart rsyslog.",
        ),
    ),
    Check(
        "log.forwarding-encrypted",
        Text(
            zh="发送到其他主机的日志是否都经 TLS 且验证对端？",
            en="Do all records sent to other hosts go by TLS to a verified peer?",
        ),
        (LogForwarding,),
        _encrypted,
        Risk.MEDIUM,
        Text(
            zh=f'在 {_FORWARD} 的 action 中写 StreamDriver="ossl" StreamDriverMode="1" '
            'StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="日志服务器证书名"。',
            en=f'Write StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name"'
            f' StreamDriverPermittedPeers="NAME IN THE CERTIFICATE" into the action of {_FORWARD}.',
        ),
    ),
    Check(
        "log.forwarding-arrives",
        Text(
            zh="发送到其他主机的日志是否确实到达并被保存？",
            en="Do the records that are sent to another host arrive there and get kept?",
        ),
        (LogCopies,),
        _arrives,
        Risk.MEDIUM,
        Text(
            zh=f"按提示核对 {_FORWARD} 的目标与端口、双方证书、日志服务器的监听与写文件规则；"
            "在主机上用 logger 写一条消息，到日志服务器上找。",
            en=f"As the answer says, compare target and port in {_FORWARD}, both certificates, what the"
            " collector listens on and writes; give a message to logger on the host and look for it there.",
        ),
    ),
    *log_retention.CHECKS,
    Check(
        "log.all-sources-forward",
        Text(
            zh="系统内所有操作系统是否都向该日志服务器发送日志？",
            en="Does every operating system of the system send its records to this collector?",
        ),
        (LogSources,),
        _all_forward,
        Risk.MEDIUM,
        Text(
            zh=f"在缺少转发的主机上写 {_FORWARD} 指向该日志服务器，然后重启 rsyslog。",
            en=f"On the hosts that do not, write {_FORWARD} with this collector as target and restart"
            " rsyslog.",
        ),
    ),
)

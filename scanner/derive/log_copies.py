"""Whether records of a host really come to rest at the collectors that it names, and how long they stay."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scanner.derive.naming import names_of, plain, sheet_of
from scanner.facts import (
    HostIdentity,
    Listeners,
    LogCopies,
    LogCopy,
    LogFiles,
    LogForwarding,
    LogProblems,
    LogRetention,
    LogRouting,
)
from scanner.facts.globs import matches
from scanner.model import Gap, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scanner.facts import FactSheet, LogAgent, LogFile, LogInput, LogTarget, Rotation
    from scanner.model import AssessmentObject

FRESH = timedelta(days=1)
"""A host on which cron runs says something every hour; a day without a record is a broken chain."""

LAG = timedelta(hours=1)
"""How much older than the host's own newest record the copy may be; both ages are of each one's own clock."""


def log_copies(
    host: AssessmentObject, objects: Iterable[AssessmentObject], sheets: Mapping[str, FactSheet]
) -> LogCopies | Gap:
    """Follow every target off the host that gets records of logins."""
    forwarding = sheet_of(host, sheets).get(LogForwarding)
    if isinstance(forwarding, Gap):
        return forwarding
    everything = tuple(objects)
    away = [t for t in forwarding.targets if t.off_host and t.sends_logins is not False]
    found = tuple(log_copy(host, forwarding, target, everything, sheets) for target in away)
    unread = tuple(_unread(agent) for agent in forwarding.unread)
    return LogCopies(seen=(*forwarding.seen, *(t.at for t in forwarding.targets)), copies=(*found, *unread))


def _unread(agent: LogAgent) -> LogCopy:
    why = Text(
        zh="{name} 可能转发日志，其配置未能读懂",
        en="{name} may hand records on, and what it is told is not understood",
    )
    return LogCopy(agent.name, None, why.format(name=agent.name), None, (agent.at,))


def log_copy(
    host: AssessmentObject,
    forwarding: LogForwarding,
    target: LogTarget,
    objects: Iterable[AssessmentObject],
    sheets: Mapping[str, FactSheet],
) -> LogCopy:
    """Follow one target: who it is, whether it listens and keeps, whether this host's file is fresh."""
    machine = next((o for o in objects if o.platform and plain(target.host) in names_of(o, o, sheets)), None)
    place = f"{target.host}:{target.port}/{target.protocol}"
    if not forwarding.running:
        why = Text(
            zh="日志服务未运行，不向 {to} 发送", en="the log daemon does not run, so nothing goes to {to}"
        )
        return LogCopy(place, False, why.format(to=place), None, (*forwarding.seen, target.at))
    if machine is None:
        why = Text(
            zh="{to} 不在清单中，是否到达未见", en="{to} is not in the inventory: arrival was not seen"
        )
        return LogCopy(place, None, why.format(to=place), None, (target.at,))
    return _at(machine, host, target, sheets)


def keeps_all(
    target: LogTarget, objects: Iterable[AssessmentObject], sheets: Mapping[str, FactSheet]
) -> bool:
    """Whether the collector surely writes whatever comes in on the target's port to a file of the sender."""
    machine = next((o for o in objects if o.platform and plain(target.host) in names_of(o, o, sheets)), None)
    routing = None if machine is None else sheet_of(machine, sheets).get(LogRouting)
    if not isinstance(routing, LogRouting):
        return False
    whole = {f"rule set {i.rules}" if i.rules else "*.*" for i in _inputs(routing, target)}
    return any(o.selector in whole and _HOST_WORDS.search(o.path) for o in routing.outputs)


def _at(
    machine: AssessmentObject, host: AssessmentObject, target: LogTarget, sheets: Mapping[str, FactSheet]
) -> LogCopy:
    own, there = sheet_of(host, sheets), sheet_of(machine, sheets)
    for broken in (_unheard(machine, target, there), _unkept(machine, target, there)):
        if broken is not None:
            return broken
    routing, files = there.get(LogRouting), there.get(LogFiles)
    place = f"{machine.id} {target.port}/{target.protocol}"
    if isinstance(routing, Gap) or isinstance(files, Gap) or files.taken is None:
        why = Text(zh="未看到 {to} 保存的日志", en="what {to} keeps was not seen").format(to=place)
        gap = next((fact for fact in (routing, files) if isinstance(fact, Gap)), None)
        return LogCopy(place, None, why, None, (target.at,), gap)
    patterns = tuple(_patterns(routing, target, host, own))
    if not patterns:
        why = Text(
            zh="{to} 不按主机分文件，是否收到本机日志未见",
            en="{to} has no file for each host: arrival was not seen",
        )
        return LogCopy(place, None, why.format(to=place), None, (target.at,))
    copies = [f for f in files.files if any(p.fullmatch(f.path) for p in patterns)]
    newest = max(copies, key=lambda f: f.meta.mtime, default=None)
    complaint = _refused(own, target, newest)
    if complaint is not None:
        return complaint
    if newest is None:
        return _absent(place, target, files)
    return _dated(place, newest, files.taken, own, _rotations(there, newest))


def _unheard(machine: AssessmentObject, target: LogTarget, there: FactSheet) -> LogCopy | None:
    """Nothing listens on the port that the target names."""
    listeners = there.get(Listeners)
    protocol = "udp" if target.protocol == "udp" else "tcp"
    if isinstance(listeners, Gap) or any(
        s.protocol == protocol and s.port == target.port and s.off_host for s in listeners.listeners
    ):
        return None
    place = f"{machine.id} {target.port}/{target.protocol}"
    why = Text(
        zh="{to} 上没有服务监听：端口不对或接收服务未运行",
        en="nothing listens on {to}: the wrong port, or the collector's daemon does not run",
    )
    return LogCopy(place, False, why.format(to=place), None, (target.at, *listeners.seen))


def _unkept(machine: AssessmentObject, target: LogTarget, there: FactSheet) -> LogCopy | None:
    """The collector takes records on this port and writes none of them."""
    routing = there.get(LogRouting)
    if isinstance(routing, Gap):
        return None
    inputs = _inputs(routing, target)
    sinks = [o for i in inputs for o in routing.outputs if _under(o.selector, i.rules)]
    onward = any(_under(t.selector, i.rules) for i in inputs for t in routing.targets)
    if not inputs or sinks or onward:
        return None
    place = f"{machine.id} {target.port}/{target.protocol}"
    why = Text(zh="{to} 收到后不保存任何日志", en="{to} takes records and keeps none of them")
    return LogCopy(place, False, why.format(to=place), (), (*(i.at for i in inputs), target.at))


def _refused(own: FactSheet, target: LogTarget, newest: LogFile | None) -> LogCopy | None:
    """The host's own daemon says that it cannot hand its records over, and none came since."""
    problems = own.get(LogProblems)
    if isinstance(problems, Gap) or not problems.problems:
        return None
    told = problems.problems[-1]
    if newest is not None and newest.meta.mtime > told.when.timestamp():
        return None
    place = f"{target.host}:{target.port}/{target.protocol}"
    reasons = {
        "certificate": Text(
            zh="TLS 证书验证失败，日志发不到 {to}", en="certificates do not agree: nothing goes to {to}"
        ),
        "refused": Text(zh="{to} 拒绝连接", en="{to} refuses the connection"),
    }
    why = reasons.get(told.kind, Text(zh="日志发不到 {to}", en="nothing can be handed over to {to}"))
    return LogCopy(place, False, why.format(to=place), None, (told.at, target.at))


def _inputs(routing: LogRouting, target: LogTarget) -> list[LogInput]:
    return [i for i in routing.inputs if i.port == target.port and i.protocol == target.protocol]


def _under(selector: str, rules: str) -> bool:
    """Whether an action belongs to a rule set; the default one holds whatever names no other."""
    named = re.match(r"rule set (\S*)", selector)
    return (named[1] if named else "") == rules


_HOST_WORDS = re.compile(r"hostname|fromhost|source", re.IGNORECASE)


def _patterns(
    routing: LogRouting, target: LogTarget, host: AssessmentObject, own: FactSheet
) -> Iterator[re.Pattern[str]]:
    """Paths that the collector's templates make for this host."""
    identity = own.get(HostIdentity)
    called = {host.id, host.address, *([] if isinstance(identity, Gap) else [identity.hostname])}
    names = "|".join(re.escape(n) for name in called if name for n in {name, name.partition(".")[0]})
    for i in _inputs(routing, target):
        for output in routing.outputs:
            if not _under(output.selector, i.rules) or not _HOST_WORDS.search(output.path):
                continue
            parts = re.split(r"%([^%]+)%", output.path)
            text = "".join(
                re.escape(part) if place % 2 == 0
                else f"(?:{names})(?:\\.[A-Za-z0-9.-]+)?" if _HOST_WORDS.search(part)
                else "[^/]*"
                for place, part in enumerate(parts)
            )  # fmt: skip
            yield re.compile(text)


def _absent(place: str, target: LogTarget, files: LogFiles) -> LogCopy:
    """No file of this host: a no where the folder was listed, for others' files are there."""
    why = Text(zh="{to} 上没有本机的日志文件", en="{to} has no file of this host").format(to=place)
    return LogCopy(place, False, why, None, (target.at, files.seen[0]))


def _dated(
    place: str, newest: LogFile, taken: datetime, own: FactSheet, rotations: tuple[Rotation, ...] | None
) -> LogCopy:
    age = taken - datetime.fromtimestamp(newest.meta.mtime, UTC)
    if age > FRESH or age > _own_age(own) + LAG:
        why = Text(
            zh="{to} 上本机最新的记录是 {hours} 小时以前的",
            en="the newest record of this host at {to} is {hours} hours old",
        ).format(to=place, hours=round(age.total_seconds() / 3600))
        return LogCopy(place, False, why, rotations, (newest.at,))
    why = Text(zh="{to} 收到本机日志：{path}", en="{to} has this host's records: {path}")
    return LogCopy(place, True, why.format(to=place, path=newest.path), rotations, (newest.at,))


_OWN = re.compile(r"/var/log/(?:auth\.log|syslog|messages|secure|cron(?:\.log)?|daemon\.log)")


def _own_age(own: FactSheet) -> timedelta:
    """Age of the newest record in the host's own files; without any, of no use as a measure."""
    files = own.get(LogFiles)
    if isinstance(files, Gap) or files.taken is None:
        return FRESH
    written = [f.meta.mtime for f in files.files if _OWN.fullmatch(f.path)]
    return files.taken - datetime.fromtimestamp(max(written), UTC) if written else FRESH


def _rotations(there: FactSheet, file: LogFile) -> tuple[Rotation, ...] | None:
    """Rotation rules of a file; none where nothing rotates it."""
    retention = there.get(LogRetention)
    if isinstance(retention, Gap):
        return None
    return tuple(r for r in retention.rotations if matches(r.pattern, file.path))

"""Questions about the clock."""

from __future__ import annotations

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, unsettled
from scanner.facts import TimeSync
from scanner.model import Outcome, Risk, Text

_OWN_CLOCK = ("127.127.1.", "127.0.0.1", "::1", "LOCAL", "LOCL")
"""How daemons name the host's own clock: being in step with it is no synchronisation."""

_SOURCE_IMPLIED = "timesyncd"
"""A daemon that has no clock of its own to serve: in step means in step with a server."""


def _synchronised(sync: TimeSync, _: NoParameters) -> Outcome:
    if sync.daemon is None:
        return Outcome.no(Text(zh="没有时间同步服务在运行", en="no time daemon runs"), *sync.seen)
    if not sync.synchronised:
        message = Text(zh="{daemon} 在运行但未同步", en="{daemon} runs, but is not synchronised")
        return Outcome.no(message.format(daemon=sync.daemon), *sync.seen)
    sources = [s for s in sync.sources if not s.startswith(_OWN_CLOCK)]
    if not sync.sources and _SOURCE_IMPLIED not in sync.daemon:
        message = Text(
            zh="{daemon} 报告已同步，但未看到时间源", en="{daemon} is in step, but with what was not seen"
        ).format(daemon=sync.daemon)
        return unsettled(message, sync.seen)
    if sync.sources and not sources:
        message = Text(
            zh="{daemon} 只以本机时钟为源", en="{daemon} follows no source but the host's own clock"
        ).format(daemon=sync.daemon)
        return Outcome.no(message, *sync.seen)
    message = Text(zh="{daemon} 已与 {sources} 同步", en="{daemon} is synchronised with {sources}").format(
        daemon=sync.daemon, sources=listed(sources) or "NTP"
    )
    return Outcome.yes(message, *sync.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "time.synchronised",
        Text(zh="时钟是否与外部时间源同步？", en="Is the clock synchronised with a source?"),
        (TimeSync,),
        _synchronised,
        Risk.LOW,
        Text(
            zh="在 /etc/chrony/chrony.conf（或 /etc/chrony.conf）写 server 时间服务器 iburst，"
            "systemctl enable --now chrony，用 chronyc tracking 核对。",
            en="Write server TIMESERVER iburst into /etc/chrony/chrony.conf (or /etc/chrony.conf), run"
            " systemctl"
            " enable --now chrony and compare with chronyc tracking.",
        ),
    ),
)

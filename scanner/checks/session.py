"""Questions about idle sessions."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.checks.check import Check
from scanner.checks.outcome import unsettled
from scanner.facts import SessionTimeout
from scanner.model import Answer, Outcome, Risk, Text
from scanner.threshold import at_most


@dataclass(frozen=True, slots=True)
class IdleTimeout:
    """Longest idle time, in seconds, before a login shell ends."""

    max_seconds: int = field(metadata=at_most())


def _by_logind(timeout: SessionTimeout, limits: IdleTimeout) -> Outcome | None:
    """What systemd-logind may end in time leaves the question open: old versions pass over the setting."""
    stop = timeout.stop_idle
    if stop is None or not 1 <= stop.value <= limits.max_seconds:
        return None
    message = Text(
        zh="logind.conf 要求在空闲 {seconds} 秒后结束会话，该版本 systemd 是否支持未看到",
        en="logind.conf ends sessions idle for {seconds} s; whether this systemd can was not seen",
    )
    return unsettled(message.format(seconds=stop.value), (stop.at,))


def _idle(timeout: SessionTimeout, limits: IdleTimeout) -> Outcome:
    outcome = _by_shell(timeout, limits)
    return outcome if outcome.answer is Answer.YES else _by_logind(timeout, limits) or outcome


def _by_shell(timeout: SessionTimeout, limits: IdleTimeout) -> Outcome:
    if timeout.seconds is None:
        message = Text(zh="登录 shell 没有设置 TMOUT", en="nothing sets TMOUT for login shells")
        return Outcome.no(message, *timeout.seen)
    seconds = timeout.seconds.value
    if not 1 <= seconds <= limits.max_seconds:
        message = Text(
            zh="TMOUT 为 {seconds} 秒（0 表示不退出），应为 1 至 {limit} 秒",
            en="TMOUT is {seconds} s (0 means never); it should be 1 to {limit} s",
        )
        return Outcome.no(message.format(seconds=seconds, limit=limits.max_seconds), timeout.seconds.at)
    message = Text(
        zh="TMOUT 为 {seconds} 秒，不超过 {limit} 秒（{readonly_zh}）",
        en="TMOUT is {seconds} s, at most {limit} s ({readonly_en})",
    ).format(
        seconds=seconds,
        limit=limits.max_seconds,
        readonly_zh="只读" if timeout.readonly else "用户可修改",
        readonly_en="read-only" if timeout.readonly else "users may change it",
    )
    return Outcome.yes(message, timeout.seconds.at)


CHECKS: tuple[Check, ...] = (
    Check(
        "session.idle-timeout",
        Text(zh="空闲的登录会话是否自动退出？", en="Do idle login sessions end by themselves?"),
        (SessionTimeout,),
        _idle,
        Risk.LOW,
        Text(
            zh="新建 /etc/profile.d/tmout.sh，内容为 TMOUT=600; readonly TMOUT; export TMOUT。",
            en="Create /etc/profile.d/tmout.sh with TMOUT=600; readonly TMOUT; export TMOUT.",
        ),
        parameters=IdleTimeout,
    ),
)

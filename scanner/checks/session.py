"""Questions about idle sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.checks.account_sources import ACCOUNTS, of_all
from scanner.checks.check import Check
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import Accounts, AccountSources, PasswordState, SessionTimeout
from scanner.model import Answer, Gap, Outcome, Risk, Text
from scanner.threshold import at_most

if TYPE_CHECKING:
    from scanner.facts import Account


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


def _idle(
    timeout: SessionTimeout, accounts: Accounts | Gap, sources: AccountSources | Gap, limits: IdleTimeout
) -> Outcome:
    outcome = _by_shell(timeout, limits)
    if outcome.answer is Answer.YES:
        outcome = _heard(timeout, accounts) or of_all(outcome, sources, ACCOUNTS)
    return outcome if outcome.answer is Answer.YES else _by_logind(timeout, limits) or outcome


# --- who obeys the variable ------------------------------------------------------------------------

_OBEY = frozenset({"bash", "rbash"})
_IGNORE = frozenset({"dash"})
"""dash knows no TMOUT. Of all other shells it depends on how they were built and what they read."""

_FIRST_PERSON = 1000
"""User ids from here on are of people; an account of the system whose password is locked is no way in."""


def _heard(timeout: SessionTimeout, accounts: Accounts | Gap) -> Outcome | None:
    """What speaks against a time-out in the variable: shells that pass over it. None: all obey."""
    if isinstance(accounts, Gap):
        message = Text(
            zh="TMOUT 已设置，但各账户用什么登录 shell 未看到",
            en="TMOUT is set; which login shells accounts have was not seen",
        )
        return through(message, accounts, timeout.seen)
    people = [account for account in accounts.accounts if _may_enter(account)]
    deaf = [a for a in people if _program(a, timeout) in _IGNORE and _surely_enters(a)]
    if deaf:
        message = Text(
            zh="以下账户的登录 shell 不理会 TMOUT：{who}", en="login shells that ignore TMOUT: {who}"
        ).format(who=_shown(deaf, timeout))
        return Outcome.no(message, *(account.at for account in deaf))
    unsure = [account for account in people if _program(account, timeout) not in _OBEY]
    if unsure:
        message = Text(
            zh="以下账户的登录 shell 是否遵从 TMOUT 未看到：{who}",
            en="whether these accounts' login shells obey TMOUT was not seen: {who}",
        ).format(who=_shown(unsure, timeout))
        return unsettled(message, (account.at for account in unsure))
    return None


def _may_enter(account: Account) -> bool:
    locked = account.password is PasswordState.LOCKED
    return account.can_log_in and (not locked or account.uid == 0 or account.uid >= _FIRST_PERSON)


def _surely_enters(account: Account) -> bool:
    return account.password is not PasswordState.LOCKED and account.expires is None


def _program(account: Account, timeout: SessionTimeout) -> str:
    """Name of the shell; "" where nobody knows which program it is."""
    name = account.shell.rpartition("/")[2] or "sh"
    if name != "sh":
        return name
    return "" if timeout.sh is None else timeout.sh.value.rpartition("/")[2]


def _shown(accounts: list[Account], timeout: SessionTimeout) -> str:
    return listed(f"{a.name} ({_program(a, timeout) or a.shell or '/bin/sh'})" for a in accounts)


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
            zh="新建 /etc/profile.d/tmout.sh，内容为 TMOUT=600; readonly TMOUT; export TMOUT；"
            "登录 shell 用 bash（chsh -s /bin/bash 账户）。",
            en="Create /etc/profile.d/tmout.sh with TMOUT=600; readonly TMOUT; export TMOUT; give"
            " people bash to log in (chsh -s /bin/bash NAME).",
        ),
        also=(Accounts, AccountSources),
        parameters=IdleTimeout,
    ),
)

"""Whether an account without a password gets in over SSH: accounts, server and PAM asked together.

An empty password field alone lets nobody in. Only where every part is known to let this very account through
is the answer a no; what may stand in the way leaves it open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.account_sources import ACCOUNTS, of_all
from scanner.checks.accounts import incomplete
from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import (
    Account,
    Accounts,
    AccountSources,
    EmptyPasswordLogin,
    Listeners,
    PasswordState,
    SshServer,
)
from scanner.model import Gap, Outcome, Risk, Text

if TYPE_CHECKING:
    from scanner.facts import Value
    from scanner.model import Citation

UNAGED = 9999
"""Days of a maximum password age that never comes (shadow(5) writes 99999)."""

_BARRING = ("allowusers", "denyusers", "allowgroups", "denygroups", "pamservicename")
"""Settings of the SSH server that may turn an account away, or ask another PAM stack."""


def _empty_logins(
    accounts: Accounts,
    server: SshServer | Gap,
    pam: EmptyPasswordLogin | Gap,
    listeners: Listeners | Gap,
    sources: AccountSources | Gap,
    _: NoParameters,
) -> Outcome:
    empty = [a for a in accounts.accounts if a.password is PasswordState.EMPTY and a.can_log_in]
    if not empty:
        message = Text(
            zh="{count} 个账户中没有口令为空且可登录的账户",
            en="none of {count} accounts can log in and has an empty password",
        ).format(count=len(accounts.accounts))
        return incomplete(accounts) or of_all(Outcome.yes(message, *accounts.seen), sources, ACCOUNTS)
    message = Text(
        zh="账户口令为空，能否经 SSH 以空口令登录未能确定：{who}",
        en="accounts with an empty password, but whether SSH lets them in by it is not certain: {who}",
    ).format(who=listed(a.name for a in empty))
    cited = tuple(a.password_at for a in empty)
    for fact in (server, listeners):
        if isinstance(fact, Gap):
            return through(message, fact, cited)
    assert isinstance(server, SshServer)  # noqa: S101 - gaps have left above
    assert isinstance(listeners, Listeners)  # noqa: S101 - the same
    if _all(server, "permitemptypasswords", "no"):
        refused = Text(zh="SSH 对所有连接拒绝空口令", en="SSH refuses empty passwords of every connection")
        return Outcome.yes(refused, *(v.at for v in _met(server, "permitemptypasswords")))
    stack = _through_pam(server, pam)
    if isinstance(stack, Gap):
        return through(message, stack, cited)
    running = [x for x in listeners.listeners if x.protocol == "tcp" and "sshd" in x.processes]
    sure = [a for a in empty if _in_force(a, accounts, server)]
    if stack is None or not running or not sure or not _takes_empty(server):
        return unsettled(message, cited)
    message = Text(
        zh="以下账户口令为空、可登录，运行中的 SSH 接受其空口令：{who}",
        en="these accounts have an empty password, and the running SSH server lets them in by it: {who}",
    ).format(who=listed(a.name for a in sure))
    settings = (v.at for v in _met(server, "permitemptypasswords"))
    own = (at for a in sure for at in (a.at, a.password_at))
    return Outcome.no(message, *own, *settings, *stack, running[0].at)


def _met(server: SshServer, keyword: str) -> tuple[Value[str], ...]:
    """All values that a connection can meet, also where only a Match block has one."""
    blocks = tuple(o.settings[keyword] for o in server.overrides if keyword in o.settings)
    own = server.settings.get(keyword)
    return blocks if own is None else (own, *blocks)


def _all(server: SshServer, keyword: str, value: str) -> bool:
    """Whether the server says so, of every connection."""
    return keyword in server.settings and all(v.value.strip().lower() == value for v in _met(server, keyword))


def _takes_empty(server: SshServer) -> bool:
    """Whether an empty password is taken of every connection and account."""
    return (
        _all(server, "permitemptypasswords", "yes")
        and _all(server, "passwordauthentication", "yes")
        and all(v.value.strip().lower() in {"", "any"} for v in _met(server, "authenticationmethods"))
        and not any(v.value.strip() for keyword in _BARRING for v in _met(server, keyword))
    )


def _through_pam(server: SshServer, pam: EmptyPasswordLogin | Gap) -> tuple[Citation, ...] | Gap | None:
    """What shows that PAM lets an empty password through; none needed without PAM; None: it may not."""
    if not _met(server, "usepam") and server.unprinted is not None:
        return server.unprinted
    if not _met(server, "usepam") or _all(server, "usepam", "no"):
        return ()
    if isinstance(pam, Gap):
        return pam
    return pam.seen if pam.accepted else None


def _in_force(account: Account, accounts: Accounts, server: SshServer) -> bool:
    """Whether the account is certain to be usable: the only one of its name, not aged, with a real shell."""
    names = [a.name for a in accounts.accounts]
    shells = {"", "/bin/sh", *(a.shell for a in accounts.accounts if a.uid == 0 and a.can_log_in)}
    changed, age = account.last_change, account.max_age
    return (
        names.count(account.name) == 1
        and account.expires is None
        and changed != 0  # 0: a new password has to be chosen first
        and (changed is None or age is None or age < 0 or age >= UNAGED)
        and account.shell in shells
        and (account.uid != 0 or _all(server, "permitrootlogin", "yes"))
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "accounts.empty-logins-refused",
        Text(
            zh="是否没有账户能以空口令经 SSH 登录？",
            en="Can no account log in over SSH with an empty password?",
        ),
        (Accounts,),
        _empty_logins,
        Risk.HIGH,
        Text(
            zh="用 passwd 账户名 为该账户设置口令，或用 passwd -l 锁定；在 /etc/ssh/sshd_config 写"
            " PermitEmptyPasswords no 并重新加载；去掉 /etc/pam.d 中 pam_unix.so 的 nullok。",
            en="Set a password with passwd NAME or lock the account with passwd -l NAME; write"
            " PermitEmptyPasswords no into /etc/ssh/sshd_config and reload it; drop nullok of pam_unix.so"
            " in /etc/pam.d.",
        ),
        also=(SshServer, EmptyPasswordLogin, Listeners, AccountSources),
    ),
)

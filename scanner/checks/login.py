"""Questions about how many proofs a login takes, who never uses his account, and access by labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from scanner.checks.account_sources import ACCOUNTS, of_all
from scanner.checks.accounts import FIRST_PERSON, incomplete
from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, unsettled
from scanner.facts import Account, Accounts, AccountSources, LastLogins, LoginFactors, MandatoryAccess
from scanner.model import Gap, GapReason, Outcome, Risk, Text
from scanner.threshold import at_most


def _two_factors(factors: LoginFactors, _: NoParameters) -> Outcome:
    single = [way for way in factors.ways if way.proofs is not None and way.proofs < 2]
    if single:
        message = Text(
            zh="SSH 登录只需一种鉴别方式：{ways}", en="one proof is enough for SSH: {ways}"
        ).format(ways=listed(way.methods for way in single))
        return Outcome.no(message, *(way.at for way in single))
    unknown = [way for way in factors.ways if way.proofs is None]
    if unknown or not factors.ways:
        message = Text(
            zh="SSH 登录需要几种鉴别方式未能判明：{ways}",
            en="how many proofs SSH asks for is not known: {ways}",
        ).format(ways=listed(way.methods for way in unknown) or "-")
        return unsettled(message, (*(way.at for way in unknown), *factors.seen), GapReason.UNPARSABLE)
    message = Text(
        zh="SSH 登录需要至少两种鉴别方式：{ways}", en="SSH asks for at least two proofs: {ways}"
    ).format(ways=listed(way.methods for way in factors.ways))
    return Outcome.yes(message, *(way.at for way in factors.ways))


@dataclass(frozen=True, slots=True)
class Unused:
    """Longest time, in days, for which a person's account may stay unused."""

    max_days: int = field(metadata=at_most())


def _usable(account: Account, at: datetime) -> bool:
    """A person's account that could be used today."""
    today = at.timestamp() // 86400
    expired = account.expires is not None and account.expires <= today
    return account.uid >= FIRST_PERSON and account.name != "nobody" and account.can_log_in and not expired


def _last_sign(account: Account, logins: LastLogins) -> datetime | None:
    """When the account was last used or its password changed, whichever is later; None: nobody knows."""
    used = next((login.when for login in logins.logins if login.name == account.name), None)
    signs = [used] if used is not None else []
    if account.last_change:
        signs.append(datetime.fromtimestamp(account.last_change * 86400, UTC))
    return max(signs, default=None)


def _all_used(
    accounts: Accounts, logins: LastLogins, sources: AccountSources | Gap, limits: Unused
) -> Outcome:
    if all(login.when is None for login in logins.logins):
        message = Text(
            zh="主机没有记录任何一次登录，不能说明账户是否闲置",
            en="this host remembers no login at all: it says nothing of unused accounts",
        )
        return unsettled(message, logins.seen, GapReason.EMPTY)
    signs = {a: _last_sign(a, logins) for a in accounts.accounts if _usable(a, logins.looked)}
    unused = [
        a
        for a, sign in signs.items()
        if sign is not None and (logins.looked - sign).total_seconds() > limits.max_days * 86400
    ]
    if unused:
        message = Text(
            zh="超过 {days} 天未登录、也未改口令的账户：{who}",
            en="accounts that were not used for over {days} days, nor given a password: {who}",
        ).format(days=limits.max_days, who=listed(a.name for a in unused))
        return Outcome.no(message, *(a.at for a in unused), *logins.seen)
    unknown = [a for a, sign in signs.items() if sign is None]
    if unknown:
        message = Text(
            zh="从未登录且不知何时建立的账户：{who}",
            en="accounts that never logged in and whose age is not known: {who}",
        ).format(who=listed(a.name for a in unknown))
        return unsettled(message, (a.at for a in unknown))
    message = Text(
        zh="{count} 个人员账户在 {days} 天内都登录过或改过口令",
        en="{count} accounts of people, each used or given a password within {days} days",
    ).format(count=len(signs), days=limits.max_days)
    good = Outcome.yes(message, *(a.at for a in signs), *logins.seen)
    return incomplete(accounts) or of_all(good, sources, ACCOUNTS)


# --- labels ----------------------------------------------------------------------------------------

_WITHOUT_LABELS = frozenset(
    "capability lockdown landlock yama apparmor tomoyo loadpin safesetid bpf ima evm ipe integrity".split()
)
"""Security modules of the kernel that use no labels of subjects and objects, or control no access at all."""


def _labels(mandatory: MandatoryAccess, _: NoParameters) -> Outcome:
    if mandatory.selinux:
        message = Text(zh="SELinux 处于强制模式", en="SELinux enforces its policy")
        return Outcome.yes(message, *mandatory.seen)
    modules = mandatory.modules
    others = None if modules is None else [m for m in modules if m not in _WITHOUT_LABELS and m != "selinux"]
    if mandatory.selinux is False and not others:
        message = Text(zh="SELinux 只记录不拦截（permissive）", en="SELinux only records (permissive)")
        return Outcome.no(message, *mandatory.seen)
    if modules is None or others:
        message = Text(
            zh="SELinux 未启用；是否有其他按标记控制访问的模块未能判明（{modules}）",
            en="SELinux is not active; whether another module controls access by labels is not known"
            " ({modules})",
        ).format(modules=listed(others or ()) or "-")
        return unsettled(message, mandatory.seen)
    message = Text(
        zh="内核没有启用按安全标记控制访问的模块：{modules}",
        en="the kernel runs no module that controls access by labels: {modules}",
    ).format(modules=listed(modules))
    return Outcome.no(message, *mandatory.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "login.two-factor",
        Text(
            zh="SSH 登录是否需要至少两种鉴别方式？", en="Does every login by SSH take two different proofs?"
        ),
        (LoginFactors,),
        _two_factors,
        Risk.MEDIUM,
        Text(
            zh="在 /etc/ssh/sshd_config 写 AuthenticationMethods publickey,keyboard-interactive，并在"
            " /etc/pam.d/sshd 的口令之后加 auth required pam_google_authenticator.so（或 pam_oath 等，"
            "不带 nullok）。",
            en="Write AuthenticationMethods publickey,keyboard-interactive into /etc/ssh/sshd_config,"
            " or put auth"
            " required pam_google_authenticator.so (pam_oath or the like, without nullok) behind the password"
            " in /etc/pam.d/sshd.",
        ),
    ),
    Check(
        "accounts.none-unused",
        Text(zh="人员账户是否都在使用？", en="Are all accounts of people in use?"),
        (Accounts, LastLogins),
        _all_used,
        Risk.LOW,
        Text(
            zh="与责任人核对后，对不再需要的账户执行 usermod -L -e 1 账户名 或 userdel 账户名。",
            en="After asking who is responsible, run usermod -L -e 1 NAME or userdel NAME for accounts"
            " no longer"
            " needed.",
        ),
        also=(AccountSources,),
        parameters=Unused,
    ),
    Check(
        "access.labels-enforced",
        Text(zh="内核是否按安全标记强制控制访问？", en="Does the kernel enforce access control by labels?"),
        (MandatoryAccess,),
        _labels,
        Risk.LOW,
        Text(
            zh="在 /etc/selinux/config 写 SELINUX=enforcing，执行 restorecon -R / 后重启；先以"
            " permissive 运行并处理"
            "拦截记录。",
            en="Write SELINUX=enforcing into /etc/selinux/config, run restorecon -R / and reboot;"
            " before that run"
            " it permissive and settle what it would have denied.",
        ),
    ),
)

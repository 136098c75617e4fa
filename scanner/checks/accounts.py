"""Questions about the local accounts of a host."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.checks.account_sources import over_all
from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, unsettled
from scanner.facts import Account, Accounts, AccountSources, PasswordCopies, PasswordState
from scanner.model import GapReason, Outcome, Risk, Text
from scanner.threshold import at_most

if TYPE_CHECKING:
    from collections.abc import Callable

_STRONG = frozenset(
    {"yescrypt", "gost-yescrypt", "bcrypt", "sha512crypt", "sha256crypt", "scrypt", "sm3crypt"}
)
_WEAK = frozenset({"descrypt", "bsdicrypt", "md5crypt", "sunmd5", "sha1crypt", "nthash"})

FIRST_PERSON = 1000
"""User ids from 1 up to here belong to the system; people start here (UID_MIN today)."""


def incomplete(accounts: Accounts) -> Outcome | None:
    """A list without root is no list of accounts: nothing may be concluded from what it lacks."""
    if any(a.uid == 0 for a in accounts.accounts):
        return None
    message = Text(
        zh="账户列表中没有 UID 0 的账户，列表不可信", en="no account has UID 0: not the whole list"
    )
    return unsettled(message, accounts.seen, GapReason.EMPTY)


def _identifiers_unique(accounts: Accounts, _: NoParameters) -> Outcome:
    names = [a.name for a in accounts.accounts]
    uids = [a.uid for a in accounts.accounts]
    twice = [a for a in accounts.accounts if names.count(a.name) > 1 or uids.count(a.uid) > 1]
    if twice:
        message = Text(zh="用户名或 UID 重复：{who}", en="names or UIDs given twice: {who}").format(
            who=listed(f"{a.name}={a.uid}" for a in twice)
        )
        return Outcome.no(message, *(a.at for a in twice))
    message = Text(
        zh="{count} 个账户的用户名和 UID 均不重复", en="{count} accounts, each with its own name and UID"
    ).format(count=len(names))
    return incomplete(accounts) or Outcome.yes(message, *accounts.seen)


def _only_superuser(accounts: Accounts, _: NoParameters) -> Outcome:
    zero = [a for a in accounts.accounts if a.uid == 0]
    others = [a for a in zero if a.name != "root"]
    if others:
        message = Text(zh="root 之外还有 UID 0 的账户：{who}", en="UID 0 beside root: {who}").format(
            who=listed(a.name for a in others)
        )
        return Outcome.no(message, *(a.at for a in others))
    message = Text(zh="只有 root 的 UID 为 0", en="only root has UID 0")
    return incomplete(accounts) or Outcome.yes(message, *(a.at for a in zero), *accounts.seen)


def _passwords_set(accounts: Accounts, _: NoParameters) -> Outcome:
    empty = [a for a in accounts.accounts if a.password is PasswordState.EMPTY]
    if empty:
        message = Text(
            zh="口令字段为空的账户：{who}", en="accounts with an empty password field: {who}"
        ).format(who=listed(a.name for a in empty))
        return Outcome.no(message, *(a.password_at for a in empty))
    message = Text(
        zh="{count} 个账户的口令字段均不为空", en="none of {count} accounts has an empty password field"
    ).format(count=len(accounts.accounts))
    return incomplete(accounts) or Outcome.yes(message, *accounts.seen)


def _hashes_strong(accounts: Accounts, _: NoParameters) -> Outcome:
    """Every hash counts, also one that a ``!`` before it disables: it is stored all the same."""
    hashed = [a for a in accounts.accounts if a.scheme or a.password is PasswordState.HASHED]
    weak = [a for a in hashed if a.scheme in _WEAK]
    if weak:
        message = Text(zh="弱口令散列：{who}", en="weak password hashes: {who}").format(
            who=listed(f"{a.name}={a.scheme}" for a in weak)
        )
        return Outcome.no(message, *(a.password_at for a in weak))
    strange = [a for a in hashed if a.scheme not in _STRONG]
    if strange:
        message = Text(
            zh="以下账户的口令散列算法未能识别：{who}", en="password hashes of unknown scheme: {who}"
        ).format(who=listed(a.name for a in strange))
        return unsettled(message, (a.password_at for a in strange), GapReason.UNPARSABLE)
    message = Text(
        zh="{count} 个口令散列均为强算法：{schemes}", en="all {count} password hashes are strong: {schemes}"
    ).format(count=len(hashed), schemes=listed(a.scheme for a in hashed) or "-")
    return incomplete(accounts) or Outcome.yes(message, *(a.password_at for a in hashed), *accounts.seen)


def _not_copied(copies: PasswordCopies, _: NoParameters) -> Outcome:
    """Equal passwords of different salts cannot be told: a yes speaks of copies only."""
    if copies.copies:
        message = Text(
            zh="口令散列与他处完全相同：{who}", en="password hashes equal others to the letter: {who}"
        )
        who = listed(f"{copy.account} = {listed(copy.others, 3)}" for copy in copies.copies)
        return Outcome.no(message.format(who=who), *(copy.at for copy in copies.copies))
    if copies.unmarked:
        message = Text(
            zh="{count} 个口令散列无法比较", en="{count} password hashes cannot be compared with others"
        ).format(count=copies.unmarked)
        return unsettled(message, copies.seen)
    if copies.hidden:
        message = Text(
            zh="未能与这些主机的账户比较：{hosts}", en="not compared with the accounts of {hosts}: not seen"
        ).format(hosts=listed(copies.hidden))
        return unsettled(message, copies.seen)
    message = Text(
        zh="{count} 个口令散列互不相同，也不同于其他 {hosts} 台主机上的",
        en="{count} password hashes equal neither one another nor any on {hosts} other hosts",
    ).format(count=copies.compared, hosts=copies.hosts)
    return Outcome.yes(message, *copies.seen)


@dataclass(frozen=True, slots=True)
class PasswordAge:
    """Longest time, in days, after which a password must have been changed."""

    max_days: int = field(metadata=at_most())


def _unlimited(account: Account, limits: PasswordAge) -> bool:
    """No limit, a wider one, or (no date of the last change) aging switched off: shadow(5)."""
    age = account.max_age
    return age is None or age < 0 or age > limits.max_days or account.last_change is None


def _age_limited(accounts: Accounts, limits: PasswordAge) -> Outcome:
    hashed = [a for a in accounts.accounts if a.password is PasswordState.HASHED]
    over = [a for a in hashed if _unlimited(a, limits)]
    if over:
        message = Text(
            zh="口令最长使用期限未设置或超过 {limit} 天：{who}",
            en="maximum password age not in force or above {limit} days: {who}",
        ).format(limit=limits.max_days, who=listed(_aged(a) for a in over))
        return Outcome.no(message, *(a.password_at for a in over))
    zero = [a for a in hashed if a.max_age == 0]
    if zero:
        message = Text(
            zh="口令最长使用期限为 0，含义不明：{who}",
            en="a maximum password age of 0 settles nothing: {who}",
        ).format(who=listed(a.name for a in zero))
        return unsettled(message, (a.password_at for a in zero), GapReason.UNPARSABLE)
    message = Text(
        zh="{count} 个有口令的账户最长使用期限均不超过 {limit} 天",
        en="{count} accounts with a password, each with a maximum age of at most {limit} days",
    ).format(count=len(hashed), limit=limits.max_days)
    return incomplete(accounts) or Outcome.yes(message, *(a.password_at for a in hashed), *accounts.seen)


def _aged(account: Account) -> str:
    age = "-" if account.max_age is None else str(account.max_age)
    return f"{account.name}={age}" + ("?" if account.last_change is None else "")


def _default_logins(accounts: Accounts, _: NoParameters) -> Outcome:
    system = [a for a in accounts.accounts if 0 < a.uid < FIRST_PERSON and a.name != "nobody"]
    usable = [a for a in system if a.can_log_in and a.password is not PasswordState.LOCKED]
    if usable:
        message = Text(
            zh="系统默认账户可登录（口令有效且有登录 shell）：{who}",
            en="system accounts with a usable password and a login shell: {who}",
        ).format(who=listed(f"{a.name} {a.shell or '/bin/sh'}" for a in usable))
        return Outcome.no(message, *(c for a in usable for c in (a.at, a.password_at)))
    message = Text(
        zh="{count} 个系统默认账户均已锁定口令或无登录 shell",
        en="each of {count} system accounts has a locked password or no login shell",
    ).format(count=len(system))
    return incomplete(accounts) or Outcome.yes(message, *accounts.seen)


def _check(
    name: str,
    question: Text,
    judge: Callable[..., Outcome],
    risk: Risk,
    remedy: Text,
    parameters: type[object] = NoParameters,
) -> Check:
    return Check(
        f"accounts.{name}",
        question,
        (Accounts,),
        over_all(judge),
        risk,
        remedy,
        also=(AccountSources,),
        parameters=parameters,
    )


CHECKS: tuple[Check, ...] = (
    _check(
        "identifiers-unique",
        Text(
            zh="每个账户的用户名和 UID 是否都唯一？", en="Does every account have a name and UID of its own?"
        ),
        _identifiers_unique,
        Risk.MEDIUM,
        Text(
            zh="用 usermod -u 给重复的账户分配新的 UID（随后修正其文件属主），或用 userdel 删除多余账户；"
            "对照 /etc/passwd 的重复行。",
            en="Give the repeated account another UID with usermod -u (then fix its files' owner) or"
            " delete it"
            " with userdel; see the repeated lines of /etc/passwd.",
        ),
    ),
    _check(
        "root-only-superuser",
        Text(zh="是否只有 root 的 UID 为 0？", en="Is root the only account with UID 0?"),
        _only_superuser,
        Risk.HIGH,
        Text(
            zh="在 /etc/passwd 中为其他 UID 0 的账户改用普通 UID 并通过 sudo 授权，或将其删除。",
            en="Give the other UID 0 accounts of /etc/passwd an ordinary UID and rights by sudo, or"
            " delete them.",
        ),
    ),
    _check(
        "passwords-set",
        Text(zh="是否没有空口令账户？", en="Is there no account with an empty password?"),
        _passwords_set,
        Risk.HIGH,
        Text(
            zh="对 /etc/shadow 第二字段为空的账户执行 passwd 账户名 设置口令，或用 passwd -l 锁定。",
            en="For each account whose second field in /etc/shadow is empty, set a password with passwd"
            " NAME or"
            " lock it with passwd -l NAME.",
        ),
    ),
    _check(
        "password-hashes-strong",
        Text(
            zh="存储的口令散列是否全部使用强算法？",
            en="Are all stored password hashes made by strong schemes?",
        ),
        _hashes_strong,
        Risk.MEDIUM,
        Text(
            zh="在 /etc/login.defs 设置 ENCRYPT_METHOD YESCRYPT（或 SHA512），并让相关用户用 passwd"
            " 重新设置口令。",
            en="Set ENCRYPT_METHOD YESCRYPT (or SHA512) in /etc/login.defs and let the users concerned"
            " set their"
            " passwords anew with passwd.",
        ),
    ),
    Check(
        "accounts.passwords-not-copied",
        Text(
            zh="各账户的口令散列是否都不与本机或其他主机的账户完全相同？",
            en="Does no password hash equal that of another account, here or on another host?",
        ),
        (PasswordCopies,),
        _not_copied,
        Risk.MEDIUM,
        Text(
            zh="让相关用户分别用 passwd 重新设置口令；克隆主机后为每台主机另设口令，"
            "不复制 /etc/shadow 的行。",
            en="Let the users concerned set passwords of their own with passwd; give each clone of a host new"
            " ones, and copy no line of /etc/shadow.",
        ),
    ),
    _check(
        "password-age-limited",
        Text(
            zh="每个有口令的账户是否都须定期更换口令？",
            en="Must every account that has a password change it in time?",
        ),
        _age_limited,
        Risk.LOW,
        Text(
            zh="对现有账户执行 chage -M 90 账户名；在 /etc/login.defs 写 PASS_MAX_DAYS 90 供新账户使用。",
            en="Run chage -M 90 NAME for existing accounts; write PASS_MAX_DAYS 90 into /etc/login.defs"
            " for new"
            " ones.",
        ),
        PasswordAge,
    ),
    _check(
        "default-logins-disabled",
        Text(zh="系统默认账户是否都不能用口令登录？", en="Are logins of all system accounts disabled?"),
        _default_logins,
        Risk.MEDIUM,
        Text(
            zh="对每个此类账户执行 usermod -L -s /usr/sbin/nologin 账户名。",
            en="Run usermod -L -s /usr/sbin/nologin NAME for each of them.",
        ),
    ),
)

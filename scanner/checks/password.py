"""Questions about password quality and lockout as PAM applies them."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.checks.check import Check
from scanner.facts import Lockout, PasswordPolicy
from scanner.model import Outcome, Risk, Text
from scanner.threshold import at_least, at_most


@dataclass(frozen=True, slots=True)
class PasswordQuality:
    """Least length of a password, and least number of character classes in it."""

    min_length: int = field(metadata=at_least())
    min_classes: int = field(metadata=at_least(most=4))


def _quality(policy: PasswordPolicy, limits: PasswordQuality) -> Outcome:
    if policy.module is None:
        message = Text(
            zh="口令修改的 PAM 栈中没有生效的口令质量模块",
            en="no quality module is in force in the password stack",
        )
        return Outcome.no(message, *policy.seen)
    weak = []
    if policy.min_length.value < limits.min_length:
        weak.append(policy.min_length.at)
    if policy.classes.value < limits.min_classes:
        weak.append(policy.classes.at)
    message = Text(
        zh="{module}：最小长度 {length}（应≥{min_length}），字符类别 {classes}（应≥{min_classes}）",
        en="{module}: least length {length} (at least {min_length} asked), character classes {classes}"
        " (at least {min_classes} asked)",
    ).format(
        module=policy.module.value,
        length=policy.min_length.value,
        classes=policy.classes.value,
        min_length=limits.min_length,
        min_classes=limits.min_classes,
    )
    if weak:
        return Outcome.no(message, *weak)
    return Outcome.yes(message, policy.module.at, policy.min_length.at, policy.classes.at)


@dataclass(frozen=True, slots=True)
class LockoutLimits:
    """Most failures before an account is locked, and least time in seconds that it stays locked."""

    max_failures: int = field(metadata=at_most())
    min_unlock_seconds: int = field(metadata=at_least())


def _lockout(lockout: Lockout, limits: LockoutLimits) -> Outcome:
    if lockout.module is None:
        message = Text(
            zh="{service} 的认证栈中没有生效的登录失败锁定模块",
            en="no lockout module is in force in the auth stack of {service}",
        ).format(service=lockout.service)
        return Outcome.no(message, *lockout.seen)
    failures, seconds = lockout.max_failures, lockout.unlock_seconds
    loose = []
    if not 1 <= failures.value <= limits.max_failures:
        loose.append(failures.at)
    if seconds.value != 0 and seconds.value < limits.min_unlock_seconds:
        loose.append(seconds.at)
    message = Text(
        zh="{service}：{module} 失败 {failures} 次锁定（应为 1 至 {max_failures}），锁定 {seconds} 秒"
        "（0 表示须管理员解锁，否则应≥{min_seconds}）",
        en="{service}: {module} locks after {failures} failures (1 to {max_failures} asked) for {seconds} s"
        " (0: until an administrator unlocks; else at least {min_seconds} asked)",
    ).format(
        service=lockout.service,
        module=lockout.module.value,
        failures=failures.value,
        seconds=seconds.value,
        max_failures=limits.max_failures,
        min_seconds=limits.min_unlock_seconds,
    )
    if loose:
        return Outcome.no(message, *loose)
    return Outcome.yes(message, lockout.module.at, failures.at, seconds.at)


CHECKS: tuple[Check, ...] = (
    Check(
        "password.quality-enforced",
        Text(
            zh="修改口令时是否强制长度和复杂度？",
            en="Are length and complexity enforced when a password is changed?",
        ),
        (PasswordPolicy,),
        _quality,
        Risk.MEDIUM,
        Text(
            zh="在 /etc/pam.d/common-password（或 system-auth）的 pam_unix 之前加 password requisite "
            "pam_pwquality.so retry=3，并在 /etc/security/pwquality.conf 写 minlen = 8 与 minclass = 3。",
            en="Put password requisite pam_pwquality.so retry=3 before pam_unix in /etc/pam.d/common-password"
            " (or system-auth); write minlen = 8 and minclass = 3 into /etc/security/pwquality.conf.",
        ),
        parameters=PasswordQuality,
    ),
    Check(
        "lockout.enforced",
        Text(
            zh="登录连续失败后账户是否被锁定足够时间？",
            en="Is an account locked long enough after repeated failed logins?",
        ),
        (Lockout,),
        _lockout,
        Risk.MEDIUM,
        Text(
            zh="在 /etc/pam.d/common-auth（或 system-auth、password-auth）的 pam_unix 前后加"
            " pam_faillock.so preauth "
            "与 authfail，在 account 栈加 pam_faillock.so，并在 /etc/security/faillock.conf 写 deny = 5 与 "
            "unlock_time = 900。",
            en="Put pam_faillock.so preauth and authfail around pam_unix in /etc/pam.d/common-auth (or"
            " system-auth, password-auth), pam_faillock.so into the account stack, and write deny = 5 and"
            " unlock_time = 900 into /etc/security/faillock.conf.",
        ),
        parameters=LockoutLimits,
    ),
)

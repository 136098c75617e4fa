"""Questions about rights that sudo grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.account_sources import MEMBERS, SUDO, of_all
from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import Accounts, AccountSources, Groups, SudoRule, SudoRules
from scanner.model import Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts import SudoDefault


def _refused(sudo: SudoRules) -> Outcome | None:
    """Lines that sudo refuses leave the question open: versions differ in what they make of them."""
    if not sudo.refused:
        return None
    message = Text(
        zh="sudoers 中有 sudo 不接受的行：{lines}", en="sudoers holds lines that sudo refuses: {lines}"
    ).format(lines=listed(at.excerpt for at in sudo.refused))
    return unsettled(message, sudo.refused, GapReason.UNPARSABLE)


def _open(found: SudoRule | SudoDefault) -> bool:
    """Whether it lets somebody run without a password what is no exactly named command line."""
    return not isinstance(found, SudoRule) or (not found.exact and set(found.users) != {"root"})


def _shown(found: SudoRule | SudoDefault) -> str:
    if isinstance(found, SudoRule):
        return f"{','.join(found.users)}: {found.command}"
    return f"Defaults{found.scope} !{found.name}"


def _password_asked(sudo: SudoRules, sources: AccountSources | Gap, _: NoParameters) -> Outcome:
    free = sudo.without_password()
    wide = [found for found in free if _open(found)]
    if wide:
        message = Text(
            zh="以下授权无需口令，且不限于确切的命令行：{rules}",
            en="these need no password and are not limited to exact command lines: {rules}",
        ).format(rules=listed(map(_shown, wide)))
        return Outcome.no(message, *(found.at for found in wide))
    message = Text(
        zh="{count} 条授权中，免口令的 {free} 条均为确切的命令行",
        en="of {count} rules {free} need no password, each an exact command line",
    ).format(count=len(sudo.rules), free=len(free))
    good = Outcome.yes(message, *(found.at for found in free), *sudo.seen)
    return _refused(sudo) or of_all(good, sources, SUDO)


def _unlimited(rule: SudoRule) -> bool:
    return rule.command == "ALL" and not rule.negated and rule.as_root


def _people(rule: SudoRule, groups: Groups | Gap, accounts: Accounts | Gap) -> Iterator[str | None]:
    """Who besides root the rule is for; None: somebody whom these facts do not name."""
    for user in rule.users:
        if user.startswith("!") or user in {"root", "#0"}:
            continue
        if not user.startswith("%"):
            yield user if not user.startswith("+") else None
        elif isinstance(groups, Gap) or isinstance(accounts, Gap):
            yield None
        else:
            name = user[1:]
            group = next((g for g in groups.groups if name in {g.name, f"#{g.gid}"}), None)
            if group is not None:
                primary = (a.name for a in accounts.accounts if a.gid == group.gid)
                yield from (who for who in (*group.members, *primary) if who != "root")
            elif name.startswith(":"):
                yield None  # a group of another source


def _no_unlimited(
    sudo: SudoRules,
    groups: Groups | Gap,
    accounts: Accounts | Gap,
    sources: AccountSources | Gap,
    _: NoParameters,
) -> Outcome:
    wide = [rule for rule in sudo.rules if _unlimited(rule)]
    holders = [(who, rule) for rule in wide for who in _people(rule, groups, accounts)]
    known = [(who, rule) for who, rule in holders if who is not None]
    if known:
        message = Text(
            zh="root 之外可用 sudo 以 root 身份执行任何命令的：{who}",
            en="besides root, sudo lets these run anything as root: {who}",
        ).format(who=listed(who for who, _ in known))
        return Outcome.no(message, *dict.fromkeys(rule.at for _, rule in known))
    if holders:
        message = Text(
            zh="sudo 允许某些组执行任何命令，其成员未看到",
            en="sudo lets groups run anything whose members were not seen",
        )
        gap = next((fact for fact in (groups, accounts) if isinstance(fact, Gap)), None)
        cited = [rule.at for _, rule in holders]
        return unsettled(message, cited) if gap is None else through(message, gap, cited)
    message = Text(
        zh="sudo 没有让 root 之外的任何人以 root 身份执行任意命令",
        en="sudo lets nobody but root run anything as root",
    )
    good = Outcome.yes(message, *(rule.at for rule in wide), *sudo.seen)
    by_group = any(user.startswith("%") for rule in wide for user in rule.users)
    return _refused(sudo) or of_all(good, sources, SUDO | MEMBERS if by_group else SUDO)


CHECKS: tuple[Check, ...] = (
    Check(
        "sudo.password-asked",
        Text(
            zh="除确切列出的命令外，sudo 是否都要求口令？",
            en="Does sudo ask for a password before all but exactly named commands?",
        ),
        (SudoRules,),
        _password_asked,
        Risk.MEDIUM,
        Text(
            zh="用 visudo 删除 NOPASSWD: ALL、带通配符或不限参数的 NOPASSWD 行以及 Defaults !authenticate；"
            "确需免口令的，写出完整的命令和参数。",
            en="With visudo remove NOPASSWD: ALL, NOPASSWD lines with wildcards or open arguments, and"
            " Defaults"
            " !authenticate; where no password is needed, write the whole command with its arguments.",
        ),
        also=(AccountSources,),
    ),
    Check(
        "sudo.no-unlimited-rights",
        Text(
            zh="是否没有人能用 sudo 以 root 身份执行任意命令？",
            en="Does sudo let nobody run anything as root?",
        ),
        (SudoRules,),
        _no_unlimited,
        Risk.LOW,
        Text(
            zh="用 visudo 把 ALL=(ALL) ALL 改为各岗位所需的具体命令，并把人员移出 sudo、wheel 组"
            "（gpasswd -d 用户 组）。",
            en="With visudo replace ALL=(ALL) ALL by the commands that each post needs, and take people"
            " out of the"
            " groups sudo and wheel (gpasswd -d USER GROUP).",
        ),
        also=(Groups, Accounts, AccountSources),
    ),
)

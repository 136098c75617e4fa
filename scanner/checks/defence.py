"""Questions about a host's own defence: malware, patches, memory dumps, keys that lie open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, unsettled
from scanner.facts import ExposedSecrets, KernelSettings, MalwareDefence, PatchState
from scanner.facts.defence import SecretKind
from scanner.model import Outcome, Risk, Text
from scanner.threshold import at_most

if TYPE_CHECKING:
    from scanner.facts.defence import Signatures


@dataclass(frozen=True, slots=True)
class SignatureAge:
    """Days since signatures changed last."""

    max_days: int = field(metadata=at_most())


@dataclass(frozen=True, slots=True)
class PatchAge:
    """Days since a package changed last."""

    max_days: int = field(metadata=at_most())


def _aged(all_: list[Signatures]) -> str:
    return listed(f"{s.product} {s.changed:%Y-%m-%d} ({s.age_days} d)" for s in all_)


def _signatures(defence: MalwareDefence, limit: SignatureAge) -> Outcome:
    running = {agent.product for agent in defence.agents}
    own = [s for s in defence.signatures if s.product in running]
    fresh = [s for s in own if s.age_days <= limit.max_days]
    cited = (*(agent.at for agent in defence.agents), *(s.at for s in defence.signatures))
    if fresh:
        message = Text(
            zh="防恶意代码软件在运行，特征库在 {limit} 天内更新：{what}",
            en="anti-malware runs, and its signatures changed within {limit} days: {what}",
        ).format(limit=limit.max_days, what=_aged(fresh))
        return Outcome.yes(message, *cited)
    unknown = running - {s.product for s in own}
    if own and not unknown:
        message = Text(
            zh="防恶意代码软件的特征库超过 {limit} 天未更新：{what}",
            en="the signatures of the anti-malware that runs are older than {limit} days: {what}",
        ).format(limit=limit.max_days, what=_aged(own))
        return Outcome.no(message, *cited)
    if unknown:
        message = Text(
            zh="防恶意代码软件在运行（{what}），特征库日期须在其管理平台查看",
            en="anti-malware runs ({what}); how old its signatures are shows in its own console",
        ).format(what=listed(sorted(unknown)))
        return unsettled(message, cited, needs="a person reads the date of the signatures")
    message = Text(
        zh="未见已知的防恶意代码进程；是否用其他产品，或以可信验证、访问控制等措施弥补，须人确认",
        en="no known anti-malware process runs; another product, or measures that compensate, are for a"
        " person to show",
    )
    return unsettled(message, (*cited, *defence.seen), needs="a person names the product or the compensation")


def _patches(state: PatchState, limit: PatchAge) -> Outcome:
    words = {"date": f"{state.changed:%Y-%m-%d}", "age": state.age_days, "limit": limit.max_days}
    if state.age_days > limit.max_days:
        message = Text(
            zh="自 {date} 起（{age} 天）没有任何软件包更新，超过 {limit} 天",
            en="no package was updated since {date}: {age} days, more than {limit}",
        ).format(**words)
        return Outcome.no(message, state.at)
    message = Text(
        zh="软件包最近一次变化在 {date}（{age} 天前）",
        en="packages changed last on {date}, {age} days before the look",
    ).format(**words)
    waiting = () if state.reboot is None else (state.reboot,)
    return Outcome.yes(message, state.at, *waiting)


_DUMPS = "fs/suid_dumpable"


def _dumps(settings: KernelSettings, _: NoParameters) -> Outcome:
    setting = settings.get(_DUMPS)
    if setting is not None and setting.value in {"0", "2"}:
        message = Text(
            zh="特权程序不留下他人可读的内存转储（{name} = {value}）",
            en="privileged programs leave no memory dump that others may read ({name} = {value})",
        ).format(name=_DUMPS, value=setting.value)
        return Outcome.yes(message, setting.at)
    if setting is not None and setting.value == "1":
        message = Text(
            zh="特权程序会像普通程序一样转储内存，其中可能有口令（{name} = 1）",
            en="privileged programs dump their memory like any other, passwords in it ({name} = 1)",
        ).format(name=_DUMPS)
        return Outcome.no(message, setting.at)
    message = Text(
        zh="未见内核参数 {name} 的可识别取值", en="the kernel's setting {name} shows no known value"
    ).format(name=_DUMPS)
    return unsettled(message, settings.seen)


def _exposed(secrets: ExposedSecrets, _: NoParameters) -> Outcome:
    sure = [f for f in secrets.files if f.kind is not SecretKind.PERHAPS]
    if sure:
        message = Text(
            zh="所有账户都能读取这些私钥或凭据文件：{what}",
            en="every account can read these private keys or credentials: {what}",
        ).format(what=listed(file.path for file in sure))
        return Outcome.no(message, *(file.at for file in sure))
    if secrets.files:
        message = Text(
            zh="所有账户都能读取、可能含有凭据的文件：{what}",
            en="every account can read these files, which may hold credentials: {what}",
        ).format(what=listed(file.path for file in secrets.files))
        return unsettled(
            message, (file.at for file in secrets.files), needs="a person looks whether they hold any"
        )
    message = Text(
        zh="在常见位置没有任何账户都能读到的私钥或凭据文件",
        en="in the usual places no private key or credential lies open to every account",
    )
    return Outcome.yes(message, *secrets.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "malware.signatures-current",
        Text(
            zh="防恶意代码软件是否在运行且特征库及时更新？",
            en="Does anti-malware run, its signatures up to date?",
        ),
        (MalwareDefence,),
        _signatures,
        Risk.MEDIUM,
        Text(
            zh="安装主机防恶意代码软件并启用特征库自动更新；ClamAV：启用 clamav-daemon 与 clamav-freshclam。",
            en="Install anti-malware for hosts and let it update itself; ClamAV: enable clamav-daemon and"
            " clamav-freshclam.",
        ),
        parameters=SignatureAge,
    ),
    Check(
        "patches.applied-lately",
        Text(zh="近期是否更新过软件包？", en="Were packages updated lately?"),
        (PatchState,),
        _patches,
        Risk.MEDIUM,
        Text(
            zh="经测试评估后安装发行版的安全更新（apt upgrade、dnf update --security、zypper patch、"
            "apk upgrade），并建立定期更新制度。",
            en="Test and install the distribution's security updates (apt upgrade, dnf update --security,"
            " zypper patch, apk upgrade), and do so regularly.",
        ),
        parameters=PatchAge,
    ),
    Check(
        "kernel.privileged-dumps-off",
        Text(
            zh="特权程序的内存是否不会转储到他人可读的文件？",
            en="Does the memory of privileged programs stay out of dumps that others may read?",
        ),
        (KernelSettings,),
        _dumps,
        Risk.MEDIUM,
        Text(
            zh="在 /etc/sysctl.d 中设置 fs.suid_dumpable = 0 并执行 sysctl --system。",
            en="Set fs.suid_dumpable = 0 in /etc/sysctl.d and run sysctl --system.",
        ),
    ),
    Check(
        "secrets.files-private",
        Text(
            zh="私钥和凭据文件是否都不能被所有账户读取？",
            en="Are private keys and credentials closed to accounts at large?",
        ),
        (ExposedSecrets,),
        _exposed,
        Risk.HIGH,
        Text(
            zh="收回权限（chmod 600 文件，属主为使用它的账户），并更换已经暴露的密钥和口令。",
            en="Close the files (chmod 600, owned by who uses them), and replace the keys and passwords that"
            " lay open.",
        ),
    ),
)

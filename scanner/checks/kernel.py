"""Questions about the settings of the running kernel and the files that set them at boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, unsettled
from scanner.facts import KernelSettings, Services, WrittenKernelSettings
from scanner.facts.defence import set_at_boot
from scanner.model import Outcome, Risk, Text

if TYPE_CHECKING:
    from scanner.facts import KernelSetting
    from scanner.model import Citation, Gap

# --- as written ------------------------------------------------------------------------------------

_PASSING = frozenset({"all", "default"})
"""Of interfaces only these are compared: what another one has, its own set-up may have changed after boot."""


def _compared(name: str) -> bool:
    parts = name.split("/")
    return parts[:1] != ["net"] or "conf" not in parts or parts[parts.index("conf") + 1] in _PASSING


def _as_written(
    running: KernelSettings, written: WrittenKernelSettings, services: Services | Gap, _: NoParameters
) -> Outcome:
    loaders = (written.at_boot,) if isinstance(services, Services) else (written.at_boot, written.with_last)
    agreeing: list[Citation] = []
    wrong: list[tuple[str, tuple[Citation, ...]]] = []
    open_: list[tuple[str, tuple[Citation, ...]]] = []
    for setting in filter(lambda s: _compared(s.name), running.own):
        rules = [set_at_boot(rules, setting.name) for rules in loaders]
        places = (setting.at, *(rule.at for rule in rules if rule is not None))
        different = [
            rule for rule in rules if rule is not None and not _same(setting.value, rule.value or "")
        ]
        if different and len(different) == len(rules):
            wrong.append((f"{setting.name} = {setting.value} ({different[0].value})", places))
        elif different or len(places) not in {1, 1 + len(rules)}:
            open_.append((setting.name, places))
        elif len(places) > 1:
            agreeing.extend(places)
    return _told(wrong, open_, agreeing, written)


def _told(
    wrong: list[tuple[str, tuple[Citation, ...]]],
    open_: list[tuple[str, tuple[Citation, ...]]],
    agreeing: list[Citation],
    written: WrittenKernelSettings,
) -> Outcome:
    if wrong:
        message = Text(
            zh="内核参数的当前值与文件（括号内）不同，重启会改变它们：{what}",
            en="settings in force differ from the files' (in brackets); a reboot would change them: {what}",
        ).format(what=listed(what for what, _ in wrong))
        return Outcome.no(message, *(at for _, places in wrong for at in places))
    if open_:
        message = Text(
            zh="这些参数写在只有部分启动程序才读的文件里：{what}",
            en="files that not every start-up program reads set these: {what}",
        ).format(what=listed(what for what, _ in open_))
        return unsettled(message, (at for _, places in open_ for at in places))
    if not agreeing:
        message = Text(
            zh="文件没有设置所查看的内核参数", en="no file sets any of the settings that are looked at"
        )
        return unsettled(message, written.seen)
    message = Text(zh="文件设置的内核参数与当前值一致", en="what the files set of the kernel is in force")
    return Outcome.yes(message, *agreeing)


def _same(running: str, written: str) -> bool:
    """Whether two values mean one: the kernel prints numbers its own way, and stops reading behind them."""
    written = written.partition("#")[0]
    return [_number(word) for word in running.split()] == [_number(word) for word in written.split()]


def _number(word: str) -> str:
    try:
        return str(int(word, 0))
    except ValueError:
        return word


# --- what the kernel lets through ------------------------------------------------------------------

_WANTED = {
    "kernel/randomize_va_space": frozenset({"2"}),
    "net/ipv4/tcp_syncookies": frozenset({"1", "2"}),
    "net/ipv4/icmp_echo_ignore_broadcasts": frozenset({"1"}),
    "fs/protected_hardlinks": frozenset({"1"}),
    "fs/protected_symlinks": frozenset({"1"}),
}
"""Settings and the values that guard; what a kernel does not have was not shown."""

_NEEDED = frozenset(_WANTED) - {"net/ipv4/icmp_echo_ignore_broadcasts"}


def _loose(settings: KernelSettings) -> list[KernelSetting]:
    found = [s for s in settings.own if s.name in _WANTED and s.value not in _WANTED[s.name]]
    return [*found, *_routed_by_source(settings)]


def _routed_by_source(settings: KernelSettings) -> list[KernelSetting]:
    """IPv4 takes packets with a route of their own where the interface and all together allow it."""
    folder, name = "net/ipv4/conf/", "accept_source_route"
    together = settings.get(f"{folder}all/{name}")
    if together is None or together.value == "0":
        return []
    own = [s for s in settings.settings if s.name.startswith(folder) and s.name.endswith(f"/{name}")]
    allowing = [s for s in own if s is not together and s.value != "0" and "/default/" not in s.name]
    return [together, *allowing] if allowing else []


def _guarded(settings: KernelSettings, _: NoParameters) -> Outcome:
    loose = _loose(settings)
    if loose:
        message = Text(
            zh="这些内核参数没有起防护作用：{what}", en="these settings of the kernel do not guard: {what}"
        ).format(what=listed(f"{s.name} = {s.value}" for s in loose))
        return Outcome.no(message, *(s.at for s in loose))
    missing = sorted(name for name in _NEEDED if settings.get(name) is None)
    if settings.shared is not None:  # a container's own are those of its network only
        missing = [name for name in missing if name.startswith("net/")]
    route = "net/ipv4/conf/all/accept_source_route"
    if missing or settings.get(route) is None:
        message = Text(
            zh="未见内核参数 {what}", en="these settings of the kernel were not shown: {what}"
        ).format(what=listed([*missing, *([route] if settings.get(route) is None else [])]))
        return unsettled(message, settings.seen)
    shown = [s for s in settings.own if s.name in {*_WANTED, route}]
    if settings.shared is not None:
        message = Text(
            zh="SYN cookies 已启用，不接受源路由；主机是容器，其余内核参数属于宿主机",
            en="SYN cookies are on, source routes refused; the rest of the kernel belongs to the machine that"
            " the container runs on",
        )
        return Outcome.yes(message, *(s.at for s in shown), settings.shared)
    message = Text(
        zh="地址随机化、SYN cookies 与链接保护已启用，不接受源路由",
        en="addresses are randomised, SYN cookies and link protection on, source routes refused",
    )
    return Outcome.yes(message, *(s.at for s in shown))


CHECKS: tuple[Check, ...] = (
    Check(
        "kernel.settings-as-written",
        Text(
            zh="文件要求的内核参数是否都已生效（重启不会改变）？",
            en="Are the kernel's settings in force those that its files set, so that a reboot keeps them?",
        ),
        (KernelSettings, WrittenKernelSettings),
        _as_written,
        Risk.LOW,
        Text(
            zh="把需要的值写入 /etc/sysctl.d/ 中名称排在最后的文件，并执行 sysctl --system。",
            en="Write the value that is wanted into the last file of /etc/sysctl.d, and run sysctl --system.",
        ),
        also=(Services,),
    ),
    Check(
        "kernel.guards-on",
        Text(
            zh="内核的地址随机化、SYN cookies、链接保护与拒绝源路由是否都在起作用？",
            en="Does the kernel randomise addresses, use SYN cookies, protect links, refuse source routes?",
        ),
        (KernelSettings,),
        _guarded,
        Risk.LOW,
        Text(
            zh="在 /etc/sysctl.d 中设置 kernel.randomize_va_space = 2、net.ipv4.tcp_syncookies = 1、"
            "fs.protected_hardlinks = 1、fs.protected_symlinks = 1、"
            "net.ipv4.conf.all.accept_source_route = 0，并执行 sysctl --system。",
            en="Set kernel.randomize_va_space = 2, net.ipv4.tcp_syncookies = 1, fs.protected_hardlinks = 1,"
            " fs.protected_symlinks = 1 and net.ipv4.conf.all.accept_source_route = 0 in /etc/sysctl.d and"
            " run sysctl --system.",
        ),
    ),
)

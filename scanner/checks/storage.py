"""Questions about data at rest: encrypted file systems and swap, dumps that crashes leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import DumpKeeping, KernelSettings, Storage, Swap
from scanner.model import Gap, Outcome, Risk, Text

if TYPE_CHECKING:
    from scanner.facts import KernelSetting


def _data(storage: Storage, _: NoParameters) -> Outcome:
    plain = [m for m in storage.mounts if m.encrypted is False]
    if plain:
        message = Text(
            zh="主机没有加密这些文件系统（磁盘、虚拟化平台或应用自己的加密此处看不到）：{what}",
            en="the host does not encrypt these file systems (what disks, hypervisors or programs encrypt"
            " does not show): {what}",
        ).format(what=listed(f"{m.path} ({m.filesystem}, {m.device})" for m in plain))
        return Outcome.no(message, *(m.at for m in plain))
    unknown = [m for m in storage.mounts if m.encrypted is None]
    if unknown or not storage.mounts:
        message = Text(
            zh="这些文件系统是否加密未看到：{what}",
            en="whether these file systems are encrypted was not seen: {what}",
        ).format(what=listed(f"{m.path} ({m.filesystem})" for m in unknown) or "/")
        return unsettled(message, [m.at for m in unknown] or storage.seen)
    message = Text(zh="存放数据的文件系统都已加密：{what}", en="file systems with data are encrypted: {what}")
    shown = message.format(what=listed(m.path for m in storage.mounts))
    return Outcome.yes(shown, *(m.at for m in storage.mounts), *storage.seen)


def _swap(swap: Swap, _: NoParameters) -> Outcome:
    kept = [area for area in swap.areas if area.kept]
    plain = [area for area in kept if area.encrypted is False]
    if plain:
        message = Text(
            zh="内存内容会不加密地写入交换区：{what}", en="memory is swapped to disk unencrypted: {what}"
        )
        return Outcome.no(message.format(what=listed(a.device for a in plain)), *(a.at for a in plain))
    unknown = [area for area in kept if area.encrypted is None]
    if unknown:
        message = Text(
            zh="这些交换区是否加密未看到：{what}",
            en="whether these swap areas are encrypted was not seen: {what}",
        )
        shown = message.format(what=listed(a.device for a in unknown))
        return unsettled(shown, (a.at for a in unknown))
    if kept:
        message = Text(zh="交换区已加密：{what}", en="swap is encrypted: {what}")
        shown = message.format(what=listed(a.device for a in kept))
        return Outcome.yes(shown, *(a.at for a in kept), *swap.seen)
    message = Text(zh="没有写到磁盘的交换区", en="nothing is swapped to disk")
    return Outcome.yes(message, *(a.at for a in swap.areas), *swap.seen)


# --- dumps -----------------------------------------------------------------------------------------

_NOWHERE = ("/bin/false", "/usr/bin/false", "/bin/true", "/usr/bin/true")
_KEEPERS = ("apport", "abrt-hook-ccpp")


def _kept(settings: KernelSettings, keeping: DumpKeeping | Gap, _: NoParameters) -> Outcome:
    pattern = next((s for s in settings.own if s.name == "kernel/core_pattern"), None)
    if settings.shared is not None:
        message = Text(
            zh="主机是容器，内存转储由宿主机处理", en="a container: its machine deals with dumps of memory"
        )
        return unsettled(message, (settings.shared,))
    if pattern is None:
        message = Text(
            zh="未见内核参数 kernel/core_pattern", en="the setting kernel/core_pattern was not shown"
        )
        return unsettled(message, settings.seen)
    handler = pattern.value.removeprefix("|").split()[:1] if pattern.value.startswith("|") else []
    if not handler:
        return _by_kernel(settings, pattern)
    program = handler[0].rpartition("/")[2]
    if handler[0] in _NOWHERE:
        message = Text(zh="内存转储交给 {what}，不保存", en="dumps go to {what} and are not kept")
        return Outcome.yes(message.format(what=handler[0]), pattern.at)
    if program == "systemd-coredump":
        return _by_systemd(pattern, keeping)
    if program in _KEEPERS:
        message = Text(
            zh="崩溃程序的内存由 {what} 保存在磁盘上",
            en="{what} keeps the memory of crashed programs on disk",
        )
        return Outcome.no(message.format(what=program), pattern.at)
    message = Text(
        zh="内存转储交给 {what}，是否保存未看到", en="dumps go to {what}; whether it keeps them was not seen"
    )
    return unsettled(message.format(what=program), (pattern.at,))


def _by_systemd(pattern: KernelSetting, keeping: DumpKeeping | Gap) -> Outcome:
    if isinstance(keeping, Gap):
        message = Text(
            zh="内存转储交给 systemd-coredump，其设置未看到",
            en="dumps go to systemd-coredump, whose settings were not seen",
        )
        return through(message, keeping, (pattern.at,))
    if keeping.storage.value == "none":
        message = Text(
            zh="systemd-coredump 不保存内存转储（Storage=none）",
            en="systemd-coredump keeps no dumps (Storage=none)",
        )
        return Outcome.yes(message, pattern.at, keeping.storage.at)
    message = Text(
        zh="崩溃程序的内存由 systemd-coredump 保存在磁盘上（Storage={what}）",
        en="systemd-coredump keeps the memory of crashed programs on disk (Storage={what})",
    )
    return Outcome.no(message.format(what=keeping.storage.value), pattern.at, keeping.storage.at)


def _by_kernel(settings: KernelSettings, pattern: KernelSetting) -> Outcome:
    """The kernel writes a file itself, as far as each process's limit lets it; no name, no file."""
    counted = settings.get("kernel/core_uses_pid")
    if not pattern.value and counted is not None and counted.value == "0":
        message = Text(
            zh="内核不写内存转储（core_pattern 为空）", en="the kernel writes no dumps: no name is set"
        )
        return Outcome.yes(message, pattern.at, counted.at)
    message = Text(
        zh="内核按各进程的 core 限额写转储文件（{what}），限额未看到",
        en="the kernel writes dumps ({what}) as far as each process's limit lets it, which was not seen",
    )
    return unsettled(message.format(what=pattern.value or "core"), (pattern.at,))


CHECKS: tuple[Check, ...] = (
    Check(
        "storage.data-encrypted",
        Text(zh="主机是否加密存放数据的文件系统？", en="Does the host encrypt its file systems with data?"),
        (Storage,),
        _data,
        Risk.LOW,
        Text(
            zh="在 LUKS 加密的设备上建立存放重要数据的文件系统，或由存储、数据库或应用加密这些数据。",
            en="Put file systems with important data on LUKS, or encrypt it by storage, database or program.",
        ),
    ),
    Check(
        "storage.swap-encrypted",
        Text(zh="内存是否不会不加密地写入交换区？", en="Is no memory swapped to disk unencrypted?"),
        (Swap,),
        _swap,
        Risk.LOW,
        Text(
            zh="关闭交换区，或在 /etc/crypttab 中为其使用随机密钥（/dev/urandom，swap 选项）。",
            en="Switch swap off, or give it a random key in /etc/crypttab (/dev/urandom, option swap).",
        ),
    ),
    Check(
        "storage.dumps-not-kept",
        Text(zh="崩溃的程序是否不会把内存留在磁盘上？", en="Do crashed programs leave no memory on disk?"),
        (KernelSettings,),
        _kept,
        Risk.LOW,
        Text(
            zh="在 /etc/systemd/coredump.conf 的 [Coredump] 下设置 Storage=none；没有 systemd-coredump 时设置"
            " kernel.core_pattern=|/bin/false。",
            en="Set Storage=none under [Coredump] in /etc/systemd/coredump.conf; without systemd-coredump set"
            " kernel.core_pattern=|/bin/false.",
        ),
        also=(DumpKeeping,),
    ),
)

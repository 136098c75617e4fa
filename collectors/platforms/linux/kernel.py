"""Settings of the running kernel, from /proc/sys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Snippet, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.facts import KernelSetting, KernelSettings
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

# One grep for all: it reads each file at once, as these files want it (a shell that reads byte by byte gets
# the first digit only), names what it read, and passes over settings that this kernel does not have.
SETTINGS = Step(
    "kernel-settings",
    Snippet(
        "cd /proc/sys && grep -sH '' kernel/ostype kernel/randomize_va_space kernel/kptr_restrict"
        " kernel/dmesg_restrict kernel/yama/ptrace_scope kernel/sysrq kernel/core_pattern"
        " kernel/core_uses_pid kernel/modules_disabled kernel/unprivileged_bpf_disabled"
        " fs/suid_dumpable vm/swappiness"
        " fs/protected_hardlinks fs/protected_symlinks fs/protected_fifos fs/protected_regular"
        " net/ipv4/ip_forward net/ipv4/tcp_syncookies net/ipv4/icmp_echo_ignore_broadcasts"
        " net/ipv4/conf/*/accept_redirects net/ipv4/conf/*/send_redirects"
        " net/ipv4/conf/*/accept_source_route net/ipv4/conf/*/rp_filter net/ipv4/conf/*/log_martians"
        " net/ipv6/conf/all/forwarding net/ipv6/conf/*/accept_redirects net/ipv6/conf/*/accept_source_route",
        accepts=(0, 1, 2),  # 2: a setting that this kernel does not have
    ),
    Text(
        zh="运行中内核的安全参数（内存转储、地址随机化、重定向等）",
        en="security settings of the running kernel: core dumps, address randomisation, redirects",
    ),
    control=r"^kernel/ostype:Linux$",
)

CONTAINER = Step(
    "container-marks",
    Files(("/run/systemd/container", "/.dockerenv", "/run/.containerenv"), metadata_only=True),
    Text(
        zh="主机是否为容器：除网络外内核不归它所有（不读内容）",
        en="whether the host is a container, whose kernel is not its own but for the network (not read)",
    ),
)

_LINE = re.compile(r"([a-z][a-z0-9_]*(?:/[^/:\s]+)+):([^\n]*)")


def read_kernel_settings(evidence: Evidence) -> KernelSettings:
    """Read the settings in force.

    Raises:
        Unseen: not asked, refused, a line that is no setting, or a setting told twice.
    """
    document = evidence.command(SETTINGS)
    found: dict[str, KernelSetting] = {}
    for number, line in enumerate(document.lines, 1):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None or match[1] in found:
            raise unparsable(SETTINGS, document, number, "not one value of a setting")
        found[match[1]] = KernelSetting(match[1], match[2].strip(), document.cite(number))
    if len(found) < 2:
        raise Unseen(Gap(GapReason.EMPTY, SETTINGS.id, detail="no setting beside the control"))
    marks = evidence.listed(CONTAINER)
    return KernelSettings((document.whole,), tuple(found.values()), marks[0].at if marks else None)


STEPS = (SETTINGS, CONTAINER)

READERS = (Reader(KernelSettings, (Need((SETTINGS,)), Need((CONTAINER,))), read_kernel_settings),)

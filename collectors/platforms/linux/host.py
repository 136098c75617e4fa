"""Who a Linux host is, and the steps that several topics share: identity, release, units, processes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Need, Reader, Snippet, Step, Unseen
from scanner.facts import HostIdentity, Service, Services
from scanner.model import CaptureKind, Citation, Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document, Evidence

UNIT_NAMES = (
    "ssh sshd "
    "rsyslog syslog-ng systemd-journald systemd-journal-upload auditd "
    "nftables netfilter-persistent iptables ip6tables firewalld ufw "
    "chrony chronyd ntp ntpd ntpsec systemd-timesyncd "
    "logrotate.timer cron crond"
).split()
"""Units this product asks about; a name without a type is a service."""


def _unit(name: str) -> str:
    return name if "." in name else f"{name}.service"


IDENTITY = Step(
    "identity",
    Snippet(
        r"printf 'system=%s\nkernel=%s\nmachine=%s\nhostname=%s\nuid=%s\n' "
        '"$(uname -s)" "$(uname -r)" "$(uname -m)" "$(uname -n)" "$(id -u)"'
    ),
    Text(zh="主机名、内核与本次查看的权限", en="name, kernel, and the rights of this look"),
    control=r"^uid=[0-9]+$",
)

OS_RELEASE = Step(
    "os-release",
    Files(("/etc/os-release", "/usr/lib/os-release")),
    Text(zh="发行版名称与版本", en="name and version of the distribution"),
)

UNITS = Step(
    "units",
    Command(
        (
            "systemctl",
            "show",
            "--no-pager",
            *(
                word
                for field in ("Id", "LoadState", "ActiveState", "SubState", "UnitFileState")
                for word in ("-p", field)
            ),
            *map(_unit, UNIT_NAMES),
        )
    ),
    Text(
        zh="相关服务是否安装、运行、开机自启",
        en="whether the services that matter are installed, running, started at boot",
    ),
    control=r"^Id=systemd-journald\.service$",
)

PROCESSES = Step(
    "processes",
    Command(("ps", "-eo", "pid=,ppid=,user=,comm=")),
    Text(
        zh="运行中的进程名（不含参数，参数可能含密钥）",
        en="names of running processes (no arguments: they can hold secrets)",
    ),
    control=r"^ *1 +0 ",
)


@dataclass(frozen=True, slots=True)
class Process:
    """One running process by name; ``line`` is its 1-based line in the capture."""

    pid: int
    parent: int
    user: str
    name: str
    line: int


def unparsable(step: Step, document: Document, line: int, why: str) -> Unseen:
    """Build the gap that names a line which could change the meaning and was not understood."""
    shown = document.cite(line).excerpt
    subject = document.ref.partition(":")[2]
    return Unseen(Gap(GapReason.UNPARSABLE, step.id, subject, f"line {line}: {why}: {shown}"))


def absence(evidence: Evidence, step: Step, pattern: str) -> Citation:
    """Cite the listing that shows what a pattern matched: the evidence that a file is not there."""
    listing = next(
        capture
        for capture in evidence.captures.get(step.id, ())
        if capture.kind is CaptureKind.LISTING and capture.subject == pattern
    )
    return Citation(listing.ref, 0, f"{pattern}: no such file" if not listing.content else pattern)


def read_identity(evidence: Evidence) -> HostIdentity:
    """Read name, release and rights; os-release(5) defaults hold where the host has no such file."""
    document = evidence.command(IDENTITY)
    told: dict[str, str] = {}
    for number, line in enumerate(document.lines, 1):
        name, sign, value = line.partition("=")
        if line and (not sign or name in told):
            raise unparsable(IDENTITY, document, number, "not name=value once")
        told[name] = value
    for name in ("system", "kernel", "hostname", "uid"):
        if not told.get(name):
            raise unparsable(IDENTITY, document, 0, f"no {name}")
    if not re.fullmatch(r"[0-9]{1,10}", told["uid"]):
        raise unparsable(IDENTITY, document, 0, "uid is no number")
    release, at = _release(evidence)
    return HostIdentity(
        seen=(document.whole, *at),
        hostname=told["hostname"],
        system=release.get("PRETTY_NAME", release.get("NAME", told["system"])),
        system_id=release.get("ID", told["system"].lower()),
        version=release.get("VERSION_ID", ""),
        kernel=told["kernel"],
        uid=int(told["uid"]),
    )


def _release(evidence: Evidence) -> tuple[dict[str, str], tuple[Citation, ...]]:
    """Assignments of the first os-release file that exists, as os-release(5) orders them."""
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        document = evidence.file(OS_RELEASE, path)
        if document is None:
            continue
        told: dict[str, str] = {}
        for number, line in enumerate(document.lines, 1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            match = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)=(?:\"(.*)\"|'(.*)'|([^\s\"']*))", text)
            if match is None:
                raise unparsable(OS_RELEASE, document, number, "not name=value")
            told[match[1]] = re.sub(r"\\(.)", r"\1", next((g for g in match.groups()[1:] if g), ""))
        return told, (document.whole,)
    return {}, ()


def machine(evidence: Evidence) -> str:
    """Name of the architecture as ``uname -m`` prints it; "" where it says none.

    Raises:
        Unseen: the host was not asked, or did not answer.
    """
    found = re.search(r"^machine=(.*)$", evidence.command(IDENTITY).text, re.MULTILINE)
    return found[1] if found else ""


def read_services(evidence: Evidence) -> Services:
    """Read the units' states; a host without systemd gives a gap, for nothing else is asked."""
    document = evidence.command(UNITS)
    blocks = tuple(_blocks(document))
    if len(blocks) != len(UNIT_NAMES):
        raise Unseen(Gap(GapReason.TRUNCATED, UNITS.id, detail=f"{len(blocks)} of {len(UNIT_NAMES)} units"))
    # Blocks come in the order asked; an alias (sshd for ssh) answers with the Id of the unit behind it.
    services = tuple(_service(document, name, block) for name, block in zip(UNIT_NAMES, blocks, strict=True))
    return Services(seen=(document.whole,), services=services)


def _blocks(document: Document) -> Iterator[dict[str, tuple[str, int]]]:
    block: dict[str, tuple[str, int]] = {}
    for number, line in enumerate([*document.lines, ""], 1):
        if not line:
            if block:
                yield block
            block = {}
            continue
        name, sign, value = line.partition("=")
        if not sign or name in block:
            raise unparsable(UNITS, document, number, "not name=value once a unit")
        block[name] = (value, number)


def _service(document: Document, asked: str, block: dict[str, tuple[str, int]]) -> Service:
    first = min(number for _, number in block.values())
    for name in ("Id", "LoadState", "ActiveState", "UnitFileState"):
        if name not in block:
            raise unparsable(UNITS, document, first, f"a unit without {name}")
    load, active, boot = (block[n] for n in ("LoadState", "ActiveState", "UnitFileState"))
    if load[0] not in LOAD_STATES or active[0] not in ACTIVE_STATES:
        raise unparsable(UNITS, document, load[1], "unknown state of a unit")
    if block["Id"][0] != _unit(asked) and load[0] != "loaded":
        raise unparsable(UNITS, document, first, f"asked for {asked}, another unit answered")
    return Service(
        name=asked,
        installed=load[0] not in {"not-found", "masked"},
        active=active[0] in {"active", "reloading"},
        enabled=load[0] == "loaded" and boot[0] in BOOT_STATES,
        at=document.cite(block["Id"][1]),
    )


LOAD_STATES = frozenset("stub loaded not-found bad-setting error merged masked".split())
ACTIVE_STATES = frozenset(
    "active reloading inactive failed activating deactivating maintenance refreshing".split()
)
BOOT_STATES = frozenset({"enabled", "static", "generated"})
"""Unit file states that start at boot; enabled-runtime and linked do not outlive a reboot."""


def processes(evidence: Evidence) -> tuple[Document, tuple[Process, ...]]:
    """All processes the look could see, with the capture they stand in.

    Raises:
        Unseen: not asked, refused, or a line that is no process.
    """
    document = evidence.command(PROCESSES)
    found: list[Process] = []
    for number, line in enumerate(document.lines, 1):
        if not line.strip():
            continue
        match = re.fullmatch(r"\s*([0-9]+)\s+([0-9]+)\s+(\S+)\s+(\S.*?)\s*", line)
        if match is None:
            raise unparsable(PROCESSES, document, number, "no process")
        found.append(Process(int(match[1]), int(match[2]), match[3], match[4], number))
    return document, tuple(found)


STEPS = (IDENTITY, OS_RELEASE, UNITS, PROCESSES)

READERS = (
    Reader(HostIdentity, (Need((IDENTITY,)), Need((OS_RELEASE,))), read_identity),
    Reader(Services, (Need((UNITS,)),), read_services),
)

REFUSALS = (
    (
        (
            r"permission denied|operation not permitted|must be (?:run as )?root|you (?:must|need to) be root"
            r"|a (?:password|terminal) is required|not in the sudoers file|is not allowed to (?:execute|run)"
            r"|only root can|superuser|access denied|interactive authentication required"
            r"|insufficient permissions|not seeing messages from other users"
        ),
        GapReason.PERMISSION,
    ),
    (r"(?m)command not found|: not found$|applet not found|cannot execute", GapReason.COMMAND_MISSING),
)
"""What Linux programs print when they refuse, in the C locale."""

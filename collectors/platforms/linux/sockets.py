"""Listening sockets, from ``ss`` or ``netstat``."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import IDENTITY, PROCESSES, processes, unparsable
from scanner.facts import Listener, Listeners
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.evidence import Document, Evidence

SS = Step(
    "listening-sockets",
    Command(("ss", "-tulnp"), privileged=True),
    Text(zh="监听的 TCP 与 UDP 端口及其进程", en="listening TCP and UDP sockets and their processes"),
    control=r"^Netid\s",
)

NETSTAT = Step(
    "listening-sockets-netstat",
    Command(("netstat", "-tulnp"), privileged=True),
    Text(
        zh="监听的 TCP 与 UDP 端口及其进程（没有 ss 的主机）",
        en="listening TCP and UDP sockets and their processes, where ss is missing",
    ),
    control=r"^Proto\s",
)

_SS_LINE = re.compile(
    r"(?P<protocol>tcp|udp)\s+(?P<state>\S+)\s+\d+\s+\d+\s+(?P<local>\S+)\s+\S+(?:\s+(?P<users>users:\(.*\)))?\s*"
)
_SS_OWNER = re.compile(r'\("(.*?)",(?:pid=)?(\d+),(?:fd=)?\d+\)')
_SS_OWNERS = re.compile(r'users:\((?>\(".*?",(?:pid=)?\d+,(?:fd=)?\d+\),?)++\)')
_NETSTAT_LINE = re.compile(
    r"(?P<protocol>tcp|udp)6?\s+\d+\s+\d+\s+(?P<local>\S+)\s+\S+\s+(?:(?:LISTEN|CLOSE)\s+)?"
    r"(?P<owner>-|\d+/.*?)\s*"
)

_Owner = tuple[int, str]
"""Process id and name."""


def read_listeners(evidence: Evidence) -> Listeners:
    """Read the sockets; whether all owners could be seen is proved, not assumed.

    Owners count as visible when the look was root's, when it shows a process of another user (only
    root's look can), or when no socket lacks its owner.
    """
    uid = _uid(evidence)
    document, found = sockets(evidence)
    listeners = tuple(listener for listener, _ in found)
    owners = {pid for _, pids in found for pid in pids}
    visible = (
        uid == 0 or all(listener.processes for listener in listeners) or _sees_others(evidence, owners, uid)
    )
    return Listeners(seen=(document.whole,), listeners=listeners, owners_visible=visible)


def _uid(evidence: Evidence) -> int:
    """Effective user id of the look."""
    document = evidence.command(IDENTITY)
    found = [m for line in document.lines if (m := re.fullmatch(r"uid=([0-9]{1,10})", line))]
    if len(found) != 1:
        raise unparsable(IDENTITY, document, 0, "no user id")
    return int(found[0][1])


def sockets(evidence: Evidence) -> tuple[Document, list[tuple[Listener, tuple[int, ...]]]]:
    """Listening sockets, each with the ids of its processes, and the capture they stand in.

    Raises:
        Unseen: neither ``ss`` nor ``netstat`` answered, or with a line that is no socket.
    """
    try:
        document = evidence.command(SS)
    except Unseen as unseen:
        try:
            document = evidence.command(NETSTAT)
        except Unseen:
            raise unseen from None
        return document, _rows(NETSTAT, document, "Proto", _netstat_owners)
    return document, _rows(SS, document, "Netid", _ss_owners)


def _rows(
    step: Step,
    document: Document,
    header: str,
    owners_of: Callable[[re.Match[str]], list[_Owner] | None],
) -> list[tuple[Listener, tuple[int, ...]]]:
    """Rows below the header, each with the ids of its owners."""
    pattern = _SS_LINE if step is SS else _NETSTAT_LINE
    start = next(n for n, line in enumerate(document.lines, 1) if line.startswith(header))
    rows = []
    for number, line in enumerate(document.lines[start:], start + 1):
        if not line.strip():
            continue
        match = pattern.fullmatch(line)
        place = _place(match["local"]) if match else None
        owners = owners_of(match) if match else None
        if match is None or place is None or owners is None:
            raise unparsable(step, document, number, "no listening socket")
        names = tuple(dict.fromkeys(name for _, name in owners))
        listener = Listener(match["protocol"], place[0], place[1], names, document.cite(number))
        rows.append((listener, tuple(pid for pid, _ in owners)))
    return rows


def _ss_owners(match: re.Match[str]) -> list[_Owner] | None:
    users = match["users"]
    if users is None:
        return []
    if not _SS_OWNERS.fullmatch(users):
        return None
    return [(int(pid), name) for name, pid in _SS_OWNER.findall(users)]


def _netstat_owners(match: re.Match[str]) -> list[_Owner] | None:
    if match["owner"] == "-":
        return []
    pid, _, name = match["owner"].partition("/")
    # net-tools and busybox cut "1234/sshd: /usr/sbin/sshd" and "1234/sshd [listener] 0 of 10" to 20
    # characters: the name ends at the colon or the space.
    return [(int(pid), re.split(r"[:\s]", name.strip(), maxsplit=1)[0])]


def _place(text: str) -> tuple[str, int] | None:
    """Address and port; a scope is dropped, an IPv4 address mapped into IPv6 is read as IPv4."""
    address, colon, port = text.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        return None
    # ss writes a scope behind the bracket ([fe80::1]%eth0), older versions before it.
    address = re.sub(r"%[^\]:]*", "", address).removeprefix("[").removesuffix("]")
    if address == "*":
        return "*", int(port)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed), int(port)


def _sees_others(evidence: Evidence, owners: set[int], uid: int) -> bool:
    """Whether one of the owners runs as root though the look itself did not."""
    if uid == 0:
        return True
    try:
        _, running = processes(evidence)
    except Unseen:
        return False
    return any(process.pid in owners and process.user == "root" for process in running)


STEPS = (SS, NETSTAT)

READERS = (Reader(Listeners, (Need((SS, NETSTAT)), Need((IDENTITY,))), read_listeners, also=(PROCESSES,)),)

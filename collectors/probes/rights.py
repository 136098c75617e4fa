"""The prober's own rights: what it may do, and how it gives them away before it reads what others said."""

from __future__ import annotations

import os
import resource
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

RAW = "root or CAP_NET_RAW"
"""What raw packets need, as a gap says it."""

_NOBODY = 65534
_EMPTY = "/proc/self/fdinfo"
"""A directory of our own that nobody can write to and that holds no file of the machine."""

_CAP_NET_RAW = 13
_MEMORY = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawSockets:
    """Raw IPv4 sockets, opened while the right to do so was still there."""

    out: socket.socket  # whole IP packets
    icmp: socket.socket  # what comes back


def open_raw() -> RawSockets | None:
    """Open the raw sockets; None: not allowed."""
    try:
        out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    except PermissionError:
        return None
    return RawSockets(out, icmp)


def may_sweep_raw() -> bool:
    """Whether nmap may send raw packets for us: it wants to be root, and root may lack the capability."""
    if os.geteuid() != 0:
        return False
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> _CAP_NET_RAW & 1)


def give_away() -> None:
    """Become nobody without any capability, who sees no files, writes none and starts no process.

    Sockets that are open stay open. For somebody who is not root only the limits change.

    Raises:
        OSError: root could not let go of its rights; nothing must be read then.
    """
    if os.geteuid() == 0:
        with suppress(OSError):  # what follows is enough; an empty root is more
            os.chroot(_EMPTY)
            os.chdir("/")
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        if os.geteuid() == 0 or os.getuid() == 0:
            raise PermissionError("still root after setresuid")
    for limit, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, _MEMORY),
    ):
        resource.setrlimit(limit, (most, most))

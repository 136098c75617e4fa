"""Local sockets by which programs that run containers are told what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step
from collectors.platforms.linux.host import unparsable
from scanner.facts import ContainerSocket, ContainerSockets
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

PATHS = (
    *("/run/docker.sock", "/run/podman/podman.sock", "/run/crio/crio.sock"),
    *("/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock"),
)
SOCKETS = Step(
    "container-sockets",
    Command(
        ("stat", "-t", "/dev/null", *PATHS),
        privileged=True,
        accepts=(0, 1),  # 1: one of them is not there
    ),
    Text(
        zh="容器运行程序的本地套接字：谁可写入，谁就等同于 root",
        en="local sockets of what runs containers: who may write to one is as good as root",
    ),
    control=r"^/dev/null 0 0 2[0-9a-f]{3} 0 0 ",
)
_LINE = re.compile(
    r"(?P<path>/\S+) [0-9]+ [0-9]+ (?P<mode>[0-9a-f]{1,8}) (?P<uid>[0-9]{1,10}) (?P<gid>[0-9]{1,10})"
    r"(?: [0-9a-f-]+)+"
)
_KIND, _SOCKET = 0o170000, 0o140000
"""Bits of a mode that tell what a file is, and those of a socket; see stat(2)."""


def read_sockets(evidence: Evidence) -> ContainerSockets:
    """Read which sockets are there and who may write to them.

    Raises:
        Unseen: not asked, refused, or a line that is no file.
    """
    document = evidence.command(SOCKETS)
    found = []
    for number, line in enumerate(document.lines, 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.rstrip())
        if match is None or match["path"] not in {"/dev/null", *PATHS}:
            raise unparsable(SOCKETS, document, number, "no file that was asked for")
        mode, uid, gid = int(match["mode"], 16), int(match["uid"]), int(match["gid"])
        if mode & _KIND == _SOCKET:
            found.append(ContainerSocket(match["path"], mode & 0o7777, uid, gid, document.cite(number)))
    return ContainerSockets((document.whole,), tuple(found))


STEPS = (SOCKETS,)

READERS = (Reader(ContainerSockets, (Need((SOCKETS,)),), read_sockets),)

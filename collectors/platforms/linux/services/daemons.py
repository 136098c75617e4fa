"""Running network services that are no objects of their own: agents, shares, and what runs containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Command, Step
from collectors.platforms.linux.services.processes import listed
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.services.processes import Running

NAMES = (
    *("snmpd", "smbd", "nfsd", "ganesha.nfsd"),
    *("dockerd", "containerd", "podman", "kubelet", "kube-apiserver", "etcd"),
)
"""Names of their processes, as the kernel keeps them: 15 characters at most."""

DAEMONS = Step(
    "service-daemons",
    Command(
        (
            *("ps", "-ww", "-p", "1", "-C", ",".join(NAMES)),
            *("-o", "pid=,ppid=,euid=,user:32=,comm:16=,cgroup:400=,args="),
        )
    ),
    Text(
        zh="SNMP、NFS、Samba、容器运行程序的进程及其启动参数（参数中的密钥先行掩去）",
        en="processes of SNMP, NFS, Samba and what runs containers, with their arguments (secrets masked)",
    ),
    control=r"^ *1 +0 ",
)


def daemons(evidence: Evidence, *names: str) -> tuple[Document, tuple[Running, ...]]:
    """All processes with one of the names, and the capture that lists them.

    Raises:
        Unseen: not asked, refused, or a line that is no process.
    """
    document, found = listed(evidence, DAEMONS, {name: (name, "") for name in NAMES})
    return document, tuple(p for p in found if p.name in names)


STEPS = (DAEMONS,)

"""Whose files a process reads: the root folder that it sees, compared with that of the host's first process.

A container has a root folder of its own, whatever it is called; a file of the host says nothing of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Snippet, Step
from collectors.platforms.linux.host import unparsable
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

ROOTS = Step(
    "process-roots",
    Snippet(
        r"grep -s -H -m 1 '^[0-9]* [0-9]* [0-9]*:[0-9]* [^ ]* / ' /proc/[0-9]*/mountinfo",
        accepts=(0, 1, 2),  # 2: a process ended meanwhile
    ),
    Text(
        zh="各进程所见的根目录：容器中的进程读的不是主机的文件",
        en="the root folder that each process sees: one in a container reads other files than the host's",
    ),
    control=r"^/proc/1/mountinfo:",
)

_LINE = re.compile(
    r"/proc/(?P<pid>[0-9]{1,10})/mountinfo:[0-9]+ [0-9]+ (?P<device>[0-9]+:[0-9]+) (?P<root>\S+) / .*"
)


def sharing(evidence: Evidence) -> frozenset[int]:
    """Processes whose root folder is that of process 1.

    A process is missing where it sees another root, or one that is no mount (chroot), or has ended.

    Raises:
        Unseen: not asked, or a line that tells no root.
    """
    document = evidence.command(ROOTS)
    found: dict[int, tuple[str, str]] = {}
    for number, line in enumerate(document.lines, 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise unparsable(ROOTS, document, number, "no root folder of a process")
        found[int(match["pid"])] = match["device"], match["root"]
    return frozenset(pid for pid, root in found.items() if root == found[1])

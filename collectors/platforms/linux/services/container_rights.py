"""What containers that run here may do to the kernel, by their processes: whichever program started them.

Sources: proc(5), capabilities(7), user_namespaces(7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Need, Reader, Snippet, Step
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.services.processes import container_of
from scanner.facts import ContainerRights, RunningContainer
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from scanner.model import Citation

RIGHTS = Step(
    "container-rights",
    Snippet(
        r"""grep -sHE '^CapEff:' /proc/[0-9]*/status
grep -sHE 'docker|containerd|crio|libpod|kubepods|lxc|machine\.slice' /proc/[0-9]*/cgroup
grep -sH . /proc/[0-9]*/uid_map
:"""
    ),
    Text(
        zh="容器内进程的内核权能与用户命名空间（不读其参数）",
        en="kernel capabilities and user namespaces of processes in containers (no arguments of theirs)",
    ),
    control=r"^/proc/1/status:CapEff:\s*[0-9a-f]{16}$",
)

_AS_GOOD_AS_ROOT = {2: "DAC_READ_SEARCH", 16: "SYS_MODULE", 17: "SYS_RAWIO", 21: "SYS_ADMIN"}
"""Capabilities by bit that reach the machine's files, its memory or its kernel from inside a container."""

_LINE = re.compile(r"/proc/(?P<pid>[0-9]{1,10})/(?P<file>status|cgroup|uid_map):(?P<text>.*)")
_CAPABILITIES = re.compile(r"CapEff:\s*([0-9a-f]{16})")
_ID_MAP = re.compile(r"\s*([0-9]+)\s+([0-9]+)\s+([0-9]+)\s*")
_THE_MACHINES = ("0", "0", "4294967295")


@dataclass(slots=True)
class _Process:
    container: str = ""
    capabilities: int | None = None
    maps: list[tuple[str, ...]] = field(default_factory=list)
    at: Citation | None = None

    @property
    def held(self) -> tuple[str, ...] | None:
        """Capabilities that hold outside of the container too; None: not seen (it ended meanwhile)."""
        if self.capabilities is None or not self.maps:
            return None
        if self.maps != [_THE_MACHINES]:
            return ()
        return tuple(name for bit, name in _AS_GOOD_AS_ROOT.items() if self.capabilities >> bit & 1)


def read_rights(evidence: Evidence) -> ContainerRights:
    """Read which containers run and what they may do.

    Raises:
        Unseen: processes of others were not seen, or a line was not understood.
    """
    document = evidence.command(RIGHTS)
    processes: dict[int, _Process] = {}
    for number, line in enumerate(document.lines, 1):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise unparsable(RIGHTS, document, number, "not what was asked for")
        process = processes.setdefault(int(match["pid"]), _Process())
        if match["file"] == "cgroup":
            process.container = process.container or container_of(match["text"])
        elif match["file"] == "uid_map" and (ids := _ID_MAP.fullmatch(match["text"])):
            process.maps.append(ids.groups())
        elif match["file"] == "status" and (mask := _CAPABILITIES.fullmatch(match["text"])):
            process.capabilities, process.at = int(mask[1], 16), document.cite(number)
        else:
            raise unparsable(RIGHTS, document, number, "not what was asked for")
    own = processes[1].container if 1 in processes else ""
    found: dict[str, RunningContainer] = {}
    for process in processes.values():
        if process.container and process.container != own:
            seen = RunningContainer(process.container, process.held, process.at or document.whole)
            found[seen.name] = _more(found.get(seen.name), seen)
    return ContainerRights((document.whole,), tuple(found[name] for name in sorted(found)))


def _more(one: RunningContainer | None, other: RunningContainer) -> RunningContainer:
    """Of two processes of a container the one that may do more; one that was seen before one that was not."""
    if one is None or one.held is None:
        return other if other.held is not None or one is None else one
    return other if len(other.held or ()) > len(one.held) else one


STEPS = (RIGHTS,)

READERS = (Reader(ContainerRights, (Need((RIGHTS,)),), read_rights),)

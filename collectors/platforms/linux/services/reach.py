"""Whether other hosts can connect to a process or a port, by the sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Unseen
from collectors.platforms.linux.sockets import sockets

if TYPE_CHECKING:
    from collectors.evidence import Evidence


def only_local(evidence: Evidence, *pids: int) -> bool | None:
    """Whether no socket of the processes can be reached from other hosts; None: it was not seen.

    A process without any socket is believed to have none only where the owners of all sockets were seen.
    """
    try:
        _, rows = sockets(evidence)
    except Unseen:
        return None
    own = [listener for listener, owners in rows if set(pids) & set(owners)]
    if any(listener.off_host for listener in own):
        return False
    return True if all(owners for _, owners in rows) else None


def off_host(evidence: Evidence, port: int) -> bool | None:
    """Whether other hosts can connect to a port of TCP; None: the sockets were not seen."""
    try:
        _, rows = sockets(evidence)
    except Unseen:
        return None
    return any(s.protocol == "tcp" and s.port == port and s.off_host for s, _ in rows)

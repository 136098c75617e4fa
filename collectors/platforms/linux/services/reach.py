"""Whether other hosts can connect to a process, by its sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Unseen
from collectors.platforms.linux.sockets import sockets

if TYPE_CHECKING:
    from collectors.evidence import Evidence


def only_local(evidence: Evidence, pid: int) -> bool | None:
    """Whether no socket of the process can be reached from other hosts; None: it was not seen.

    A process without any socket is believed to have none only where the owners of all sockets were seen.
    """
    try:
        _, rows = sockets(evidence)
    except Unseen:
        return None
    own = [listener for listener, owners in rows if pid in owners]
    if any(listener.off_host for listener in own):
        return False
    return True if all(owners for _, owners in rows) else None

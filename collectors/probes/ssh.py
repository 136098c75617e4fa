"""SSH: exchange identifications, read the server's offer, leave; no key exchange, no login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.wire.ssh_offer import read_offer
from collectors.probes.connection import Connection
from collectors.probes.recorder import Recorder

if TYPE_CHECKING:
    from collectors.probes.target import Target

_IDENTIFICATION = b"SSH-2.0-mlps_posture\r\n"
_SECONDS = 4.0


def send(target: Target, port: int) -> bytes:
    """Return the exchange.

    Raises:
        SpentError: the budget does not allow another connection.
    """
    recorder = Recorder(target.clock.now)
    with Connection(target, port, recorder, "ssh", _SECONDS) as connection:
        connection.send(_IDENTIFICATION)
        said = connection.receive(_enough, _SECONDS)
        if connection.alive and not _enough(said):
            connection.time_out()
    return recorder.content


def _enough(said: bytes) -> bool:
    offer = read_offer(said)
    return offer is not None and offer.lists is not None

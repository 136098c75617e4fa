"""OpenVPN: one reset with a session id of ours; only an answer that names it proves anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.wire.openvpn_reset import answers, reset, sized, unsized
from collectors.probes.connection import Connection
from collectors.probes.datagram import ask
from collectors.probes.recorder import Recorder

if TYPE_CHECKING:
    from collectors.probes.target import Target

_SECONDS = 2.5


def send(target: Target, port: int) -> bytes:
    """Ask over UDP; return the exchange.

    Raises:
        SpentError: the budget does not allow another datagram.
    """
    recorder = Recorder(target.clock.now)
    session = target.nonce(8)
    ask(target, port, recorder, "openvpn", reset(session), lambda said: answers(said, session))
    return recorder.content


def send_tcp(target: Target, port: int) -> bytes:
    """Ask over TCP; return the exchange.

    Raises:
        SpentError: the budget does not allow another connection.
    """
    recorder = Recorder(target.clock.now)
    session = target.nonce(8)

    def enough(said: bytes) -> bool:
        return unsized(said) is not None

    with Connection(target, port, recorder, "openvpn", _SECONDS) as connection:
        connection.send(sized(reset(session)))
        said = connection.receive(enough, _SECONDS)
        if connection.alive and not enough(said):
            connection.time_out()
    return recorder.content

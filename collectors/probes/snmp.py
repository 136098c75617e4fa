"""SNMP: discovery of the v3 engine; no community, no user name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.wire.snmp_message import engine_of, number_of, question
from collectors.probes.datagram import ask
from collectors.probes.recorder import Recorder

if TYPE_CHECKING:
    from collectors.probes.target import Target

PORT = 161


def send(target: Target, port: int) -> bytes:
    """Return the exchange.

    Raises:
        SpentError: the budget does not allow another datagram.
    """
    recorder = Recorder(target.clock.now)
    number = int.from_bytes(target.nonce(4), "big") & 0x7FFFFFFF

    def mine(said: bytes) -> bool:
        return number_of(said) == number and engine_of(said) is not None

    ask(target, port, recorder, "snmp-v3", question(number), mine)
    return recorder.content

"""IKE: the question that leaves no state first; IKEv1's first message only where that stayed unanswered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.wire.ike_message import (
    for_port,
    main_mode_question,
    read_answer,
    version_question,
)
from collectors.probes.datagram import ask
from collectors.probes.recorder import Recorder

if TYPE_CHECKING:
    from collectors.probes.target import Target

PORTS = (500, 4500)


def send(target: Target, port: int) -> bytes:
    """Return the exchange with ``port``.

    Raises:
        SpentError: the budget does not allow another datagram.
    """
    recorder = Recorder(target.clock.now)
    for label in ("ike-version", "ike-v1"):
        initiator = target.nonce(8)
        message = (
            version_question(initiator, target.nonce(32))
            if label == "ike-version"
            else main_mode_question(initiator)
        )

        def mine(said: bytes, initiator: bytes = initiator) -> bool:
            return read_answer(said, port, initiator) is not None

        answered = ask(target, port, recorder, label, for_port(port, message), mine)
        if answered or recorder.ended == "refused":
            break
    return recorder.content

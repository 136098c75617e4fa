"""One question in datagrams: sent at most twice, answered or not."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from collectors.platforms.wire.limits import BYTES, TRIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.probes.recorder import Recorder
    from collectors.probes.target import Target

WAIT = 1.1
"""Seconds that an answer may take. Linux says "unreachable" to a peer once a second after its first few
(icmp_ratelimit): asked again sooner, a closed port stays silent."""

_DATAGRAMS = 8
"""Datagrams read for one question."""


def ask(
    target: Target, port: int, recorder: Recorder, label: str, question: bytes, mine: Callable[[bytes], bool]
) -> bool:
    """Send ``question`` until something that is ``mine`` answers; False: nothing of ours came.

    A port that says (by ICMP) that nobody listens ends it at once, written down as ``refused``.

    Raises:
        SpentError: the budget does not allow another datagram.
    """
    family = socket.AF_INET6 if target.address.version == 6 else socket.AF_INET
    target.purse.take(1)
    recorder.open(label)
    with socket.socket(family, socket.SOCK_DGRAM) as way:
        try:
            way.connect((str(target.address), port))  # only this peer's answers, and its ICMP, reach us
            for attempt in range(TRIES):
                if attempt:
                    target.purse.take(1)
                way.send(question)
                recorder.sent(question)
                if _answered(target, way, recorder, mine):
                    recorder.end("done")
                    return True
            recorder.end("timeout")
        except ConnectionRefusedError:
            recorder.end("refused")
        except OSError:
            recorder.end("unreachable")
        finally:
            recorder.end("timeout")
    return False


def _answered(target: Target, way: socket.socket, recorder: Recorder, mine: Callable[[bytes], bool]) -> bool:
    ends = target.clock.now() + target.purse.remaining(WAIT)
    for _ in range(_DATAGRAMS):
        left = ends - target.clock.now()
        if left <= 0:
            return False
        way.settimeout(left)
        try:
            datagram = way.recv(65535)
        except TimeoutError:
            return False
        recorder.got(datagram[:BYTES])
        if mine(datagram):
            return True
    return False

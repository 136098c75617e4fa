"""Begins many connections at once, each from a port of its own, and tells how each was met.

Run it inside a namespace: a JSON list of ``[protocol, source, source port, destination, port]`` on standard
input; the same length of ``answered``, ``refused``, ``unreachable``, ``silent`` or ``unsent`` on its output.
A datagram is sent twice, a TCP question is repeated by the kernel after a second.
"""

from __future__ import annotations

import contextlib
import errno
import json
import select
import socket
import sys
import time

PATIENCE_SECONDS = 1.8
AGAIN_SECONDS = 0.6
REFUSED = frozenset([errno.ECONNREFUSED, errno.ECONNRESET])

Knock = tuple[str, str, int, str, int]


def begin(knock: Knock) -> socket.socket | None:
    """Send the first packet; None where this host has no way there."""
    protocol, source, source_port, destination, port = knock
    family = socket.AF_INET6 if ":" in destination else socket.AF_INET
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    ear = socket.socket(family, kind)
    ear.setblocking(False)
    ear.bind((source, source_port))
    try:
        ear.connect((destination, port))
        if protocol == "udp":
            ear.send(b"?")
    except BlockingIOError:
        pass
    except OSError:
        ear.close()
        return None
    return ear


def met(ear: socket.socket) -> str:
    """How a socket that has something to tell was met."""
    wrong = ear.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if wrong == 0 and ear.type == socket.SOCK_DGRAM:
        try:
            ear.recv(2048)
        except BlockingIOError:
            return "silent"
        except OSError as failed:
            wrong = failed.errno or errno.EHOSTUNREACH
    if wrong == 0:
        return "answered"
    return "refused" if wrong in REFUSED else "unreachable" if wrong != errno.ETIMEDOUT else "silent"


def knock(knocks: list[Knock]) -> list[str]:
    """Knock everywhere and wait for answers."""
    ears = [begin(one) for one in knocks]
    told = ["unsent" if ear is None else "silent" for ear in ears]
    waiting = {ear.fileno(): at for at, ear in enumerate(ears) if ear is not None}
    asked = select.poll()
    for number, at in waiting.items():
        asked.register(number, select.POLLOUT if knocks[at][0] == "tcp" else select.POLLIN)
    began, again = time.monotonic(), False
    while waiting and (left := PATIENCE_SECONDS - (time.monotonic() - began)) > 0:
        if not again and left < PATIENCE_SECONDS - AGAIN_SECONDS:
            again = True
            for at in waiting.values():
                ear = ears[at]
                if ear is not None and ear.type == socket.SOCK_DGRAM:
                    with contextlib.suppress(OSError):
                        ear.send(b"?")
        for number, _ in asked.poll(100):
            ear = ears[waiting[number]]
            if ear is not None:
                told[waiting[number]] = met(ear)
            asked.unregister(number)
            del waiting[number]
    for ear in ears:
        if ear is not None:
            ear.close()
    return told


if __name__ == "__main__":
    json.dump(knock([tuple(one) for one in json.load(sys.stdin)]), sys.stdout)

"""Real sockets that listen in a namespace, and real connections to them from another."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

Place = tuple[str, int]
"""An address and a TCP port."""

LISTEN = """
import socket, sys, time
kept = []
for port in map(int, sys.argv[1:]):
    one = socket.socket(socket.AF_INET6)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("::", port))
    one.listen()
    kept.append(one)
print("listening", flush=True)
time.sleep(600)
"""

CONNECT = """
import json, select, socket, sys, time
wanted = json.loads(sys.argv[1])
waiting, reached = {}, []
for address, port, hoped in wanted:
    one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    one.setblocking(False)
    one.connect_ex((address, port))
    waiting[one] = (address, port)
hopes = {(a, p) for a, p, hoped in wanted if hoped}
end, grace = time.monotonic() + 20, 0.7
while waiting and time.monotonic() < end:
    _, ready, _ = select.select([], list(waiting), [], 0.1)
    for one in ready:
        place = waiting.pop(one)
        if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            reached.append(place)
    if hopes <= set(reached):
        end = min(end, time.monotonic() + grace)
print(json.dumps(reached))
"""


@contextmanager
def listening(prefix: Sequence[str], ports: Sequence[int]) -> Iterator[None]:
    """Listen on TCP ports of both families where ``prefix`` leads a command to."""
    argv = (*prefix, sys.executable, "-c", LISTEN, *map(str, ports))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n"
            yield
        finally:
            process.kill()


def reached(prefix: Sequence[str], places: Collection[Place], hoped: Collection[Place]) -> set[Place]:
    """Which of some places answer to the one where ``prefix`` leads to; hoped for ones are waited for."""
    asked = json.dumps([(*place, place in hoped) for place in places])
    argv = (*prefix, sys.executable, "-c", CONNECT, asked)
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return {(address, port) for address, port in json.loads(told)}

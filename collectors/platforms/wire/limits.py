"""What the probes may do at most: one place for the plan that announces it and for the halves that send.

Packets are IP packets that leave our side for the object, the kernel's own among them: the SYN and its one
repetition, acknowledgements, resets. Name resolution below IP (ARP) is not counted.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEGMENTS = 24
"""Segments after which we leave a TCP connection, whatever the object says (counted by the kernel)."""

AFTERMATH = 16
"""Resets for what is still on its way when we leave: a receive window of 8 KiB in segments of 536 bytes."""

CONNECTION = SEGMENTS + AFTERMATH
"""Most packets of one TCP connection."""

TRIES = 2
"""Times a datagram is sent when nothing answers."""

LATE = 8
"""ICMP port unreachable that our kernel says to answers after we left (a server that repeats itself)."""

WINDOW = 8 * 1024
"""Receive buffer asked for, in bytes."""

BYTES = 24 * 1024
"""Bytes taken of one connection; more of them and we leave."""

_ABOVE = (
    "1080,1099,1194,1433,1521,1701,1723,1883,2049,2181,2222,2323,2375-2377,2379,2380,3000,3128,3306,3389,"
    "4369,4430,4433,4443,5000,5060,5432,5555,5601,5671,5672,5800,5900-5905,5984-5986,6000-6003,6379,6443,"
    "6514,7001,7002,7077,7443,8000,8001,8008,8009,8080-8090,8161,8388,8443,8444,8500,8530,8531,8800,8834,"
    "8848,8880,8888,9000,9001,9042,9050,9090,9092,9200,9300,9418,9443,9990,10000,10050,10051,10080,10250,"
    "10443,11211,15672,20443,27017,28017,50000,50070,60000,61616"
)

TCP_BATCHES: tuple[tuple[str, str], ...] = (("tcp/1-1024", "1-1024"), ("tcp/above-1024", _ABOVE))
"""What the TCP sweep asks, in parts of their own so that what is done stays when time runs out."""

UDP_PORTS = (53, 69, 123, 161, 500, 1194, 1701, 4500, 4789, 51820)
"""What the UDP sweep asks: names, time, management and tunnels."""

LEFT_ALONE = frozenset(
    (102, 502, 514, 515, 789, 1911, 1962, 2404, 4840, 4911, 5006, 5007, *range(9100, 9108), 9600, 18245,
     20000, 20547, 44818, 47808)
)  # fmt: skip
"""Open TCP ports that are never spoken to: controllers, printers, and collectors that write it down."""


PART = 1024
"""Ports of one part of the sweep at most, beside the batches."""


def tcp_parts(further: Iterable[tuple[int, int]] = ()) -> tuple[tuple[str, str], ...]:
    """The batches, then parts of ``further`` (first and last ports) as far as no batch holds them."""
    usual = {port for _, listed in TCP_BATCHES for port in _ports(listed)}
    rest = sorted({port for first, last in further for port in range(first, last + 1)} - usual)
    parts = [rest[start : start + PART] for start in range(0, len(rest), PART)]
    return (*TCP_BATCHES, *((f"tcp/{part[0]}-{part[-1]}", _listed(part)) for part in parts))


def count(ports: str) -> int:
    """Number of ports in a list such as ``1-1024,1194``."""
    return len(_ports(ports))


def _ports(listed: str) -> list[int]:
    ranges = [part.partition("-") for part in listed.split(",")]
    return [port for first, _, last in ranges for port in range(int(first), int(last or first) + 1)]


def _listed(ports: Sequence[int]) -> str:
    """Ascending ports as a list of ranges."""
    breaks = [n for n, (one, next_) in enumerate(pairwise(ports), 1) if next_ != one + 1]
    runs = [ports[start:end] for start, end in pairwise((0, *breaks, len(ports)))]
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


SWEEP_PACKETS = 4
"""Packets a swept TCP port: two questions and, where it is open, what ends the connection each time."""

UDP_SWEEP_PACKETS = 2
"""Packets a swept UDP port."""

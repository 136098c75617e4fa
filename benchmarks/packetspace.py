"""How long a whole analysis of a packet filter takes, by its length: realistic, random and fragmenting lists.

    python -m benchmarks.packetspace [RULES ...]

Prints seconds, the exponent of growth between lengths, peak memory, and findings that were given up.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from random import Random

from collectors.platforms.linux.filter_rules.iptables import read_iptables
from scanner.packetspace.analysis import analyse
from scanner.packetspace.finding import Trouble

SIZES = (1000, 5000, 20_000)


def _host(random: Random, net: str = "10") -> str:
    return f"{net}.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


def realistic(count: int, random: Random) -> list[str]:
    """Long lists of hosts and ports in chains by zone, an established rule and a last deny."""
    zones = [f"ZONE{n}" for n in range(8)]
    lines = ["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"]
    lines += [f":{zone} - [0:0]" for zone in zones]
    lines += ["-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]
    lines += [f"-A FORWARD -i eth{n} -j {zone}" for n, zone in enumerate(zones)]
    for _ in range(count):
        zone = random.choice(zones)
        source = random.choice(
            (f"-s {_host(random)}/32", f"-s 10.{random.randrange(256)}.{random.randrange(256)}.0/24", "")
        )
        ports = random.choice(
            ("--dport 443", f"--dport {random.randrange(1, 65536)}", "-m multiport --dports 80,443,8080")
        )
        target = random.choice(("ACCEPT", "ACCEPT", "ACCEPT", "DROP"))
        lines.append(f"-A {zone} {source} -d {_host(random, '172')}/32 -p tcp -m tcp {ports} -j {target}")
    lines += [f"-A {zone} -j REJECT" for zone in zones]
    return [*lines, "COMMIT"]


def scattered(count: int, random: Random) -> list[str]:
    """Nets, ports and verdicts without any order."""
    lines = ["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"]
    for _ in range(count):
        source, destination = (f"{_host(random)}/{random.choice((16, 20, 24, 28, 32))}" for _ in range(2))
        low = random.randrange(1, 65000)
        port = f"--dport {low}:{low + random.randrange(500)}"
        action = random.choice(("ACCEPT", "DROP"))
        lines.append(
            f"-A FORWARD -s {source} -d {destination} -p {random.choice(('tcp', 'udp'))} {port} -j {action}"
        )
    return [*lines, "COMMIT"]


def fragmenting(count: int, random: Random) -> list[str]:
    """Stripes across each other: every rule cuts most of the others."""
    lines = ["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"]
    for n in range(count):
        a, b = random.randrange(200), random.randrange(1, 56)
        stripe = (f"--src-range 10.{a}.0.0-10.{a + b}.255.255", f"--dst-range 10.{a}.0.0-10.{a + b}.255.255")[
            n % 2
        ]
        low = random.randrange(1, 30000)
        action = ("ACCEPT", "DROP")[n % 3 == 0]
        lines.append(f"-A FORWARD -m iprange {stripe} -p tcp --dport {low}:{low + 30000} -j {action}")
    return [*lines, "COMMIT"]


def main(sizes: tuple[int, ...]) -> None:
    print("kind          rules   read s  judge s  growth  findings  gave up  peak MB")
    for name, make in (("realistic", realistic), ("scattered", scattered), ("fragmenting", fragmenting)):
        last: tuple[int, float] | None = None
        for size in sizes:
            lines = make(size, Random(size))  # noqa: S311 - repeatable, no secret
            started = time.perf_counter()
            file = read_iptables(lines)
            read = time.perf_counter() - started
            found = analyse(file).findings
            total = time.perf_counter() - started
            growth = "" if last is None else f"{math.log(total / last[1]) / math.log(size / last[0]):.2f}"
            last = (size, total)
            gave_up = sum(one.kind is Trouble.GAVE_UP for one in found)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            row = f"{name:12} {size:6}   {read:6.2f}   {total - read:6.2f}  {growth:>6}"
            print(f"{row}  {len(found):8}  {gave_up:7}  {peak:7}", flush=True)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)

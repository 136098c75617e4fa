"""What one host costs: wall time and client CPU of the collecting step, side by side on the same lab host.

Peers, in one run against the same host and account:
  - OpenSSH's client feeding the very same program (goal: at most 1.0 of each);
  - one exec a step over one connection, as most tools do;
  - ``lynis audit system --quick`` on that host (goal: at least 20 times faster).

Needs root and the lab (``make lab-up``). Run by hand: ``.venv/bin/python benchmarks/host_cost.py``.
"""

from __future__ import annotations

import os
import random
import resource
import secrets
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import paramiko

from collectors.base import Command, Files, Snippet, Step
from collectors.credentials import Credentials, NoAsker
from collectors.platforms import PLATFORMS
from collectors.program import LAUNCH, render
from collectors.transport.ssh import open_bastions, ssh_transport
from scanner.model import Capture, Hop, Limits, Reach, TransportKind

STATE = Path(os.environ.get("MLPS_LAB_STATE", "/var/lib/mlps-lab"))
ADDRESS, USER = "10.60.1.12", "root"
KEY, KNOWN_HOSTS = STATE / "keys" / "root", STATE / "known_hosts"
ROUNDS = 7
LINUX = next(p for p in PLATFORMS if p.name == "linux")
SSH = ["ssh", "-F", "none", "-i", str(KEY), "-o", f"UserKnownHostsFile={KNOWN_HOSTS}", "-o", "BatchMode=yes"]


@dataclass(frozen=True)
class Cost:
    """Median seconds of one look."""

    wall: float
    cpu: float

    def over(self, other: Cost) -> str:
        """Say both as ratios to a peer."""
        return f"wall {self.wall / other.wall:5.2f}, cpu {self.cpu / other.cpu:5.2f}"


def cpu_seconds() -> float:
    """CPU of this process and of the children that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def cost(look: Callable[[], None], rounds: int = ROUNDS) -> Cost:
    """Median of several looks; one before them warms imports and caches, as in a run over many hosts."""
    walls, cpus = [], []
    for _ in range(rounds + 1):
        wall, cpu = time.perf_counter(), cpu_seconds()
        look()
        walls.append(time.perf_counter() - wall)
        cpus.append(cpu_seconds() - cpu)
    return Cost(statistics.median(walls[1:]), statistics.median(cpus[1:]))


def reach() -> Reach:
    """The way to the host."""
    hop = Hop(ADDRESS, 22, USER, (f"key:{KEY}",))
    return Reach(
        "host", "linux", TransportKind.SSH, hops=(hop,), known_hosts=(str(KNOWN_HOSTS),), limits=Limits()
    )


def ours() -> None:
    """Look at the host as ``scan`` does, down to captures."""
    credentials = Credentials(os.environ, NoAsker())
    with open_bastions(credentials, time.sleep, random.random, time.monotonic) as bastions:
        transport = ssh_transport(reach(), bastions, lambda: datetime.now(UTC), lambda: secrets.token_hex(16))
        records = list(transport.run(LINUX.steps))
    seen = {r.step for r in records if isinstance(r, Capture)}
    assert len(seen) > len(LINUX.steps) // 2, "the host hardly answered: nothing to compare"


def openssh() -> None:
    """OpenSSH's client feeding the same program, its answer read and thrown away."""
    program = render(LINUX.steps, secrets.token_hex(16))
    subprocess.run([*SSH, f"{USER}@{ADDRESS}", LAUNCH], input=program, capture_output=True, check=True)


def command_line(step: Step) -> str:
    """One step as a command of its own."""
    form = step.form
    if isinstance(form, Command):
        return shlex.join(form.argv)
    if isinstance(form, Snippet):
        return form.text
    assert isinstance(form, Files)
    verb = "stat -c '%n %a %u %g %s %Y'" if form.metadata_only else "cat"
    return f"{verb} {' '.join(form.patterns)} 2>/dev/null"


def one_exec_a_step() -> None:
    """One connection, one channel a step: the usual way."""
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(KNOWN_HOSTS))
        client.connect(ADDRESS, username=USER, key_filename=str(KEY), look_for_keys=False, allow_agent=False)
        for step in LINUX.steps:
            _, out, _ = client.exec_command(command_line(step))
            out.read()


def lynis() -> None:
    """The well-known auditor, on the host itself."""
    subprocess.run(
        [*SSH, f"{USER}@{ADDRESS}", "lynis audit system --quick --no-colors"],
        capture_output=True,
        check=False,
    )


def main() -> None:
    if os.environ.get("MLPS_BENCH_INSIDE") != "1":
        inside = ["ip", "netns", "exec", "mpl-scan", sys.executable, __file__]
        os.execvpe("ip", inside, {**os.environ, "MLPS_BENCH_INSIDE": "1"})
    mine = cost(ours)
    print(
        f"{'ours':21}wall {mine.wall * 1000:7.0f} ms  cpu {mine.cpu * 1000:6.0f} ms  {len(LINUX.steps)} steps"
    )
    for name, look, rounds in (
        ("OpenSSH, same program", openssh, ROUNDS),
        ("one exec a step", one_exec_a_step, 3),
        ("lynis --quick", lynis, 1),
    ):
        peer = cost(look, rounds)
        print(
            f"{name:21}wall {peer.wall * 1000:7.0f} ms  cpu {peer.cpu * 1000:6.0f} ms  "
            f"ours/peer: {mine.over(peer)}  ({peer.wall / mine.wall:.1f} times slower than ours)"
        )


if __name__ == "__main__":
    main()

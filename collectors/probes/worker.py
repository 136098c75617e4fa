"""The prober's process: ``python -m collectors.probes.worker``, one job on stdin, records on stdout.

The job is one JSON object: ``address``, ``steps`` (ids of the platform's own constants), ``budget``,
``ports`` (pairs of first and last TCP ports, swept as well). Each line of the output is one JSON object::

    {"taken": {"step": ..., "subject": ..., "kind": ..., "at": ISO time in UTC, "content": base64}}
    {"gap": {"reason": ..., "step": ..., "subject": ..., "detail": ..., "needs": ...}}
    {"done": true}

Sweeps run with the caller's rights, and nothing of what they bring is read; then the process gives its
rights away, and only then reads what others said.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import secrets
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collectors.platforms.wire.limits import CONNECTION
from collectors.probes import looking, protocols, rights
from collectors.probes.ports import Nmap
from collectors.probes.purse import Clock, Purse
from collectors.probes.target import Target, own_address
from scanner.model import Budget, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.probes.looking import Record

_NOWHERE = "/nonexistent"
"""Home of a process that has no business in anybody's home: scapy and nmap find and leave nothing there."""

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Job:
    """What to ask whom, for how much."""

    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    steps: frozenset[str]
    budget: Budget
    ports: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, text: str) -> Job:
        """Read a job.

        Raises:
            ValueError: it is none.
            KeyError: a part is missing.
        """
        job: dict[str, Any] = json.loads(text)
        ports = tuple((int(first), int(last)) for first, last in job["ports"])
        address = ipaddress.ip_address(job["address"])
        return cls(address, frozenset(job["steps"]), Budget(**job["budget"]), ports)


def work(job: Job, emit: Callable[[Record], None], clock: Clock) -> None:
    """Do the job; every record is handed over as it comes."""
    target = Target(job.address, Purse(job.budget, clock, CONNECTION), clock, secrets.token_bytes)
    try:
        nmap: Nmap | None = Nmap()
    except FileNotFoundError:
        nmap = None
    sockets = rights.open_raw()
    raw = None if sockets is None else (sockets, protocols.builder())
    means = looking.Means(nmap, rights.may_sweep_raw(), raw, job.steps, job.ports)
    swept = []
    for record in looking.sweeps(target, means):
        emit(record)
        swept.append(record)
    rights.give_away()
    for record in looking.probes(target, means, tuple(swept)):
        emit(record)


def _line(record: Record) -> str:
    if isinstance(record, Gap):
        return json.dumps({"gap": asdict(record)})
    return json.dumps(
        {
            "taken": {
                "step": record.step,
                "subject": record.subject,
                "kind": record.kind,
                "at": datetime.now(UTC).isoformat(),
                "content": base64.b64encode(record.content).decode(),
            }
        }
    )


def main() -> None:
    """Read the job, do it, say that it is done."""
    os.environ.clear()
    os.environ.update(
        PATH=_PATH, HOME=_NOWHERE, XDG_CACHE_HOME=_NOWHERE, XDG_CONFIG_HOME=_NOWHERE, LC_ALL="C"
    )

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    job = Job.parse(sys.stdin.readline())
    try:
        own_address(job.address)
    except OSError as error:
        say(_line(Gap(GapReason.UNREACHABLE, detail=f"no way to {job.address} from here: {error.strerror}")))
        return
    try:
        work(job, lambda record: say(_line(record)), Clock(time.monotonic, time.sleep))
    except PermissionError as error:
        say(_line(Gap(GapReason.PERMISSION, detail=f"rights could not be given away: {error}")))
        return
    say(json.dumps({"done": True}))


if __name__ == "__main__":
    main()

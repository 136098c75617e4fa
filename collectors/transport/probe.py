"""Probes from a vantage: a process of our own under the vantage's prefix does the asking."""

from __future__ import annotations

import base64
import ipaddress
import json
import sys
import threading
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors.base import Probe
from collectors.transport.local import ProcessPipe
from collectors.transport.shell import Stream
from scanner.errors import ObservationError
from scanner.model import Capture, CaptureKind, Gap, GapReason, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from collectors.base import Step
    from scanner.model import Reach

_TOP = str(Path(__file__).resolve().parent.parent.parent)
"""Folder that holds our own packages: the prober must come from the same place as we do."""

_START = "import sys; sys.path.insert(0, {top!r}); from collectors.probes.worker import main; main()"

_GRACE = 15.0
"""Seconds beyond the budget in which the prober ends by itself: it starts, and its last wait is over."""

_MOST = 64 * 1024 * 1024
_COMPLAINTS = 4000


class ProbeTransport:
    """``collectors.base.Transport`` whose steps are probes.

    The vantage's prefix enters a network namespace or the like on this machine: the same Python and files
    must be there.
    """

    def __init__(self, reach: Reach, now: Callable[[], float]) -> None:
        """Prepare a look at ``reach.address``; ``now`` is a clock in seconds that never goes back."""
        self._reach = reach
        self._now = now
        self._stopped = threading.Event()

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        """Yield what the prober brings, as it brings it.

        Raises:
            ObservationError: the address is none, or the prober could not be started or did not end well;
                what came before stands.
        """
        try:
            address = ipaddress.ip_address(self._reach.address)
        except ValueError as error:
            gap = Gap(GapReason.NOT_COLLECTED, detail=f"no numeric address: {self._reach.address!r}")
            raise ObservationError(gap) from error
        asked = {step.id: step for step in steps if isinstance(step.form, Probe)}
        for step in steps:
            if step.id not in asked:
                yield Gap(GapReason.NOT_COLLECTED, step.id, detail="nothing but probes is sent from here")
        job = {
            "address": str(address),
            "steps": sorted(asked),
            "budget": asdict(self._reach.budget),
            "ports": self._reach.ports,
        }
        yield from self._records(json.dumps(job).encode() + b"\n", asked)

    def stop(self) -> None:
        """End the prober, from another thread."""
        self._stopped.set()

    def _clock(self) -> float:
        return float("inf") if self._stopped.is_set() else self._now()

    def _records(self, job: bytes, asked: dict[str, Step]) -> Iterator[Capture | Gap]:
        argv = (*self._reach.prefix, sys.executable, "-I", "-c", _START.format(top=_TOP))
        limits = Limits(seconds=self._reach.budget.seconds + _GRACE, max_bytes=_MOST)
        pipe = ProcessPipe(limits, self._clock, argv)
        rest, complaints, done = b"", b"", False
        for stream, chunk in pipe.exchange(job):
            if stream is Stream.ERR:
                complaints = (complaints + chunk)[-_COMPLAINTS:]
                continue
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                told = json.loads(line)
                if "done" in told:
                    done = True
                elif "gap" in told:
                    yield _gap(told["gap"])
                else:
                    yield self._capture(told["taken"], asked)
        if not done:
            detail = f"the prober did not end well: {complaints.decode('utf-8', 'replace').strip()}"
            raise ObservationError(Gap(GapReason.COMMAND_FAILED, detail=detail))

    def _capture(self, told: dict[str, Any], asked: dict[str, Step]) -> Capture:
        content = base64.b64decode(told["content"])
        most = asked[told["step"]].max_bytes
        return Capture(
            object=self._reach.object,
            platform=self._reach.platform,
            step=told["step"],
            subject=told["subject"],
            kind=CaptureKind(told["kind"]),
            vantage=self._reach.vantage,
            status=None,
            content=content[:most],
            errors=b"",
            taken=datetime.fromisoformat(told["at"]),
            truncated=len(content) > most,
        )


def _gap(told: dict[str, str]) -> Gap:
    """Build the gap; one about the whole object is an error.

    Raises:
        ObservationError: it names no step.
    """
    gap = Gap(GapReason(told["reason"]), told["step"], told["subject"], told["detail"], told["needs"])
    if not gap.step:
        raise ObservationError(gap)
    return gap

"""Two network namespaces with a cable between them: a vantage and a target."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collectors.base import Probe
from collectors.evidence import Evidence
from collectors.platforms.wire import PLATFORM
from collectors.reading import read_sheet
from collectors.transport.probe import ProbeTransport
from scanner.model import Budget, Capture, Gap, Reach, TransportKind
from tests.probes.counting import counting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scanner.facts import FactSheet

HERE = Path(__file__).parent
IP = shutil.which("ip") or "ip"
VANTAGE, TARGET = "192.0.2.1", "192.0.2.2"
SILENT, NOBODY = "192.0.2.9", "192.0.2.10"  # a filter that drops all; an address that nobody has
TARGET6 = "2001:db8::2"
_MARK = "mplp"
"""What names of our namespaces begin with; the process that made them follows."""
_DROP = f"""table ip gate {{
  chain input {{
    type filter hook input priority 0; policy accept;
    ip daddr {SILENT} drop
  }}
}}
""".encode()
GENEROUS = Budget(packets_per_second=2000, packets=40_000, connections=400, seconds=120)


@dataclass(frozen=True)
class Look:
    """What one look brought, and what was counted on the wire meanwhile."""

    records: tuple[Capture | Gap, ...]
    sheet: FactSheet
    seconds: float
    counted: Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """The two namespaces."""

    vantage: str
    target: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """Enters the vantage."""
        return (IP, "netns", "exec", self.vantage)

    @contextlib.contextmanager
    def serving(self, *argv: str, until: str = "ready", cwd: Path | None = None) -> Iterator[None]:
        """Run a server in the target's namespace; ``until`` is what it says when ready ("": nothing)."""
        process = subprocess.Popen(
            (IP, "netns", "exec", self.target, *argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=cwd,
        )
        assert process.stdout is not None
        try:
            if until:
                assert until.encode() in process.stdout.readline()
            yield
        finally:
            process.kill()
            process.communicate()

    @contextlib.contextmanager
    def enemies(self, ports: str = "") -> Iterator[None]:
        """Run the servers that do what no server should."""
        with self.serving(sys.executable, str(HERE / "enemies.py"), TARGET, *([ports] if ports else [])):
            yield

    @contextlib.contextmanager
    def counting(self, address: str = TARGET) -> Iterator[dict[str, Any]]:
        """Count what leaves for ``address``; the dictionary is filled when the block ends."""
        counted: dict[str, Any] = {}
        with counting(self.prefix, address) as every:
            yield counted
        counted.update(every[address])

    def drive(self, *asked: str, address: str = TARGET) -> list[dict[str, Any]]:
        """Run single probes from the vantage."""
        argv = (*self.prefix, sys.executable, str(HERE / "drive.py"), address, *asked)
        done = subprocess.run(argv, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    def look(
        self,
        address: str = TARGET,
        budget: Budget = GENEROUS,
        within: Sequence[str] = (),
        ports: tuple[tuple[int, int], ...] = (),
    ) -> Look:
        """Look at the target as a scan does, counting."""
        reach = Reach(
            "host@here", "wire", TransportKind.PROBE, "here",
            prefix=(*self.prefix, *within), address=address, budget=budget,
            ports=ports,
        )  # fmt: skip
        with self.counting(address) as counted:
            began = time.monotonic()
            records = tuple(ProbeTransport(reach, time.monotonic).run(PLATFORM.steps))
            took = time.monotonic() - began
        sheet = read_sheet(Evidence.of("host@here", PLATFORM, records))
        return Look(records, sheet, took, counted)


def announced(probe: str) -> Probe:
    """The form of a step."""
    form = next(step.form for step in PLATFORM.steps if step.id == probe)
    assert isinstance(form, Probe)
    return form


def _ip(*argv: str) -> None:
    done = subprocess.run((IP, *argv), check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(argv)}: {done.stderr.strip()}"


@pytest.fixture(scope="session")
def pair() -> Iterator[Pair]:
    """Raise the namespaces, take them down."""
    reason = _why_not()
    if reason:
        pytest.skip(reason)
    for name in _left_behind():
        _remove(name)
    own = f"{os.getpid()}-{secrets.token_hex(4)}"  # the fixture may be raised twice in one process
    names = Pair(f"{_MARK}v-{own}", f"{_MARK}t-{own}")
    try:
        _ip("netns", "add", names.vantage)
        _ip("netns", "add", names.target)
        _cable(names)
        yield names
    finally:
        for name in (names.vantage, names.target):
            subprocess.run((IP, "netns", "del", name), check=False, capture_output=True)


def _why_not() -> str:
    """Why no namespaces are possible here; "" where they are, so that failing to raise them is a failure."""
    if os.geteuid() != 0 or not shutil.which(IP):
        return "network namespaces need root and iproute2"
    for needed in ("nmap", "nft"):
        if not shutil.which(needed, path="/usr/sbin:/sbin:/usr/bin:/bin"):
            return f"no {needed}"
    tried = subprocess.run(
        ("/usr/bin/unshare", "--net", "--mount", "true"), capture_output=True, text=True, check=False
    )
    return f"no network namespaces here: {tried.stderr.strip()}" if tried.returncode else ""


def _left_behind() -> list[str]:
    """Namespaces of test runs that were killed: their process is gone."""
    listed = subprocess.run((IP, "netns", "list"), capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in listed.splitlines() if line.startswith(_MARK)]
    owners = {name: re.fullmatch(rf"{_MARK}[vt]-(\d+)-[0-9a-f]+", name) for name in names}
    return [name for name, of in owners.items() if of and not Path("/proc", of[1]).exists()]


def _remove(name: str) -> None:
    """Take a namespace away with the servers that still run in it; another run may be at it as well."""
    inside = subprocess.run((IP, "netns", "pids", name), capture_output=True, text=True, check=False)
    for pid in map(int, inside.stdout.split()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    subprocess.run((IP, "netns", "del", name), check=False, capture_output=True)


def _cable(names: Pair) -> None:
    _ip("-n", names.vantage, "link", "add", "v0", "type", "veth", "peer", "name", "t0", "netns", names.target)
    for name, device, addresses in (
        (names.vantage, "v0", (f"{VANTAGE}/24", "2001:db8::1/64")),
        (names.target, "t0", (f"{TARGET}/24", f"{SILENT}/32", f"{TARGET6}/64")),
    ):
        for address in addresses:
            _ip("-n", name, "addr", "add", address, "dev", device, *(("nodad",) if ":" in address else ()))
        # Segments as on a real wire: without this a veth hands over 64 KiB at once.
        _ip("-n", name, "link", "set", device, "up", "gso_max_segs", "1")
        _ip("-n", name, "link", "set", "lo", "up")
    subprocess.run(
        (IP, "netns", "exec", names.target, "nft", "-f", "-"), input=_DROP, check=True, capture_output=True
    )

"""One healthy real server among enemies, and the command line that scans them all."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from scanner.locker import Locker, codec
from scanner.model import Capture, Finished, Gap, Started
from tests.cli.recorded import PROGRAM
from tests.ssh.sshd import USER, Lab

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ENEMY_SECONDS = 6.0
"""Budget of the look at an enemy."""

ENEMY_BYTES = 12 * 1024 * 1024

PATIENCE = 40.0
"""Budget of a look at who comes to an end by himself, however busy the machine is."""

MARGIN = 8.0
"""Seconds that a busy machine may need on top: starting, masking, writing down."""

HEALTHY = "healthy"

OF_ALL = "accounts.passwords-not-copied"
"""Asks about all hosts: whoever is not seen leaves it open for the others too."""


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it took."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    megabytes: float  # most memory the process ever had


MEASURE = """
import os, sys
told, argv = int(sys.argv[1]), sys.argv[2:]
pid = os.posix_spawn(argv[0], argv, os.environ)
_, status, usage = os.wait4(pid, 0)
os.write(told, f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}".encode())
"""
"""A small process between the tests and the program: the kernel counts as a child's memory what the process
had that it was made from, and a process of many tests has more than the program ever takes."""


def command(*arguments: str | Path) -> Done:
    """Run the command line as a process of its own and measure it."""
    began = time.monotonic()
    told, telling = os.pipe()
    done = subprocess.run(
        [sys.executable, "-S", "-c", MEASURE, str(telling), *PROGRAM, "--lang", "en", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "TERM": "xterm-256color", "ENEMY_PASSWORD": "Tr0ub4dor_Horse77"},
        start_new_session=True,
        pass_fds=(telling,),
        check=True,
    )
    seconds = time.monotonic() - began
    os.close(telling)
    with os.fdopen(told) as said:
        code, kibibytes = said.read().split()
    return Done(int(code), done.stdout, done.stderr, seconds, int(kibibytes) / 1024)


def ssh_object(name: str, port: int, credential: str, limits: Mapping[str, float]) -> dict[str, object]:
    """An object of the inventory."""
    return {
        "id": name,
        "kind": "operating_system",
        "systems": ["shop"],
        "address": "127.0.0.1",
        "via": {"transport": "ssh", "port": port, "user": USER, "credential": credential},
        "limits": dict(limits),
    }


def inventory(path: Path, lab: Lab, objects: Sequence[Mapping[str, object]]) -> Path:
    """Write an inventory of one system."""
    written = {
        "version": 1,
        "systems": [{"name": "shop", "title": "网上商城", "grade": "S3A3"}],
        "defaults": {"platform": "linux", "known_hosts": str(lab.known)},
        "objects": list(objects),
    }
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Scanned:
    """A scan and what was made of it."""

    run: Path
    done: Done
    report: Mapping[str, Any]
    raw_report: Done

    def of(self, name: str) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Findings of one object, by check and subject."""
        return {(f["check"], f["subject"]): f for f in self.report["findings"] if f["object"] == name}

    def whole_gap(self, name: str) -> Gap | None:
        """Why the look at one object failed or broke off."""
        with Locker.open(self.run, "read") as locker:
            records = locker.records(name)
        gaps = [r for r in records if isinstance(r, Gap) and not r.step]
        assert len(gaps) <= 1
        return gaps[0] if gaps else None

    @property
    def seconds(self) -> dict[str, float]:
        """How long the look at each object took."""
        began: dict[str, float] = {}
        took: dict[str, float] = {}
        with closing(sqlite3.connect(f"file:{self.run}?mode=ro", uri=True)) as file:
            for row in file.execute("SELECT kind, payload FROM journal ORDER BY seq"):
                entry = codec.decode(*row)
                if isinstance(entry, Started):
                    began[entry.object] = entry.at.timestamp()
                elif isinstance(entry, Finished):
                    took[entry.object] = entry.at.timestamp() - began[entry.object]
        return took

    def broken(self, name: str) -> dict[str, str]:
        """Steps of one object that were not seen whole, with the reason."""
        with Locker.open(self.run, "read") as locker:
            records = locker.records(name)
        gaps = {r.step: r.reason.value for r in records if isinstance(r, Gap) and r.step}
        cut = {r.step: "truncated" for r in records if isinstance(r, Capture) and r.truncated}
        return gaps | cut


def scan(path: Path, run: Path) -> Scanned:
    """Scan, then ask for the report."""
    done = command("scan", path, "-o", run, "--workers", "64")
    assert run.exists(), done.err.decode(errors="replace")
    report = command("report", run, "-f", "json")
    assert report.code == 0, report.err.decode(errors="replace")
    return Scanned(run, done, json.loads(report.out), report)

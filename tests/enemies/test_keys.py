"""A host that shows another key than the one that was recorded: nobody logs in, and nothing is guessed."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from scanner.locker import Locker
from scanner.model import Capture, Captured, Finished, Missed, Started
from tests.cli.recorded import T0
from tests.enemies.world import HEALTHY, OF_ALL, PATIENCE, Scanned, command, inventory, scan, ssh_object
from tests.ssh.sshd import Lab, Sshd, eventually, keygen, lab_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.sshd

CHANGING = "changing"
LIMITS = {"seconds": PATIENCE, "connect_seconds": 20.0}
FROM_FILES = ("accounts.", "lockout.", "password.", "sshd.", "sudo.")
"""Topics that this machine's files decide: what listens or tunnels on it may change between two scans."""


@dataclass(frozen=True)
class Pair:
    """Two servers; one of them will have another key next time."""

    lab: Lab
    changing: Sshd
    inventory: Path

    def change_key(self) -> None:
        """Another server behind the same address."""
        self.changing.stop()
        for name in ("host", "host.pub"):
            self.changing.folder.joinpath(name).unlink()
        keygen(self.changing.host_key, "-t", "ed25519")
        argv = [self.lab.sshd, "-D", "-e", "-f", str(self.changing.folder / "config")]
        with (self.changing.folder / "log").open("wb") as log:
            self.changing.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=log)
        eventually(lambda: "Server listening" in self.changing.log)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    for lab in lab_in(tmp_path):
        servers = {HEALTHY: lab.start(), CHANGING: lab.start()}
        objects = [ssh_object(name, s.port, f"key:{lab.key}", LIMITS) for name, s in servers.items()]
        yield Pair(lab, servers[CHANGING], inventory(tmp_path / "inventory.yaml", lab, objects))


def test_between_two_scans(pair: Pair, tmp_path: Path) -> None:
    before = scan(pair.inventory, tmp_path / "before.run")
    assert "no" in {f["answer"] for f in before.of(CHANGING).values()}
    known = pair.lab.known.read_text()
    pair.change_key()
    after = scan(pair.inventory, tmp_path / "after.run")
    assert {f["answer"] for f in after.of(CHANGING).values()} == {"unseen"}
    gap = after.whole_gap(CHANGING)
    assert gap is not None
    assert (gap.reason.value, "changed" in gap.detail) == ("host-key", True)
    assert pair.changing.accepted == 0, "nobody has logged in"
    assert pair.lab.known.read_text() == known, "the new key is recorded by nobody"
    kept = _from_files(before)
    assert len(kept) > 10
    assert _from_files(after) == kept
    assert command("verify", after.run).code == 0


def _from_files(found: Scanned) -> dict[tuple[str, str], str]:
    """What the healthy host's files answer, by check and subject."""
    own = {key: f["answer"] for key, f in found.of(HEALTHY).items() if key[0] != OF_ALL}
    return {key: answer for key, answer in own.items() if key[0].startswith(FROM_FILES)}


def test_between_a_scan_and_going_on_with_it(pair: Pair, tmp_path: Path) -> None:
    """What the former host said before the interruption is not mixed with what the new one is."""
    before = scan(pair.inventory, tmp_path / "before.run")
    broken_off = tmp_path / "broken.run"
    _interrupted(before.run, broken_off)
    pair.change_key()
    done = command("scan", pair.inventory, "-o", broken_off, "--resume", "-f", "json")
    report = json.loads(done.out)
    own = [f for f in report["findings"] if f["object"] == CHANGING]
    assert {f["answer"] for f in own} == {"unseen"}
    assert {f["gap"]["reason"] for f in own} == {"host-key"}
    kept = {key: f["answer"] for key, f in before.of(HEALTHY).items()}
    resumed = {(f["check"], f["subject"]): f["answer"] for f in report["findings"] if f["object"] == HEALTHY}
    assert resumed == kept | {(OF_ALL, ""): "unseen"}
    assert pair.changing.accepted == 0
    assert command("verify", broken_off).code == 0


def _interrupted(whole: Path, path: Path) -> None:
    """The same run, broken off while it looked at the second host."""
    with Locker.open(whole, "read") as locker:
        header = locker.header
        said = {name: locker.records(name) for name in (HEALTHY, CHANGING)}
    with Locker.create(path, header, b"k" * 32) as locker:
        for name, records in said.items():
            locker.append(Started(name, T0))
            for record in records[: None if name == HEALTHY else 40]:
                locker.append(Captured(record) if isinstance(record, Capture) else Missed(name, record, T0))
            if name == HEALTHY:
                locker.append(Finished(name, T0))

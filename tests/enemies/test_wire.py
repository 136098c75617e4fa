"""The same over the wire: services that flood, drip and lie to probes, through the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from scanner.locker import Locker
from scanner.model import Gap
from tests.enemies.plain import SERVICES
from tests.enemies.test_battle import harmless
from tests.enemies.world import HEALTHY, PATIENCE, Scanned, command, inventory, scan, ssh_object
from tests.probes.conftest import TARGET, Pair, pair
from tests.ssh.sshd import lab_in

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["pair"]

pytestmark = pytest.mark.wire

HERE = Path(__file__).parent
SECONDS = 90.0
"""Budget of all probes to the one target."""

GRACE = 40.0
"""Seconds for starting, for the prober's last wait and for judging, on a busy machine."""

MEGABYTES = 200


@pytest.fixture(scope="module")
def besieged(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanned]:
    """A look from a vantage at nothing but enemies, beside a healthy server's look at itself."""
    folder = tmp_path_factory.mktemp("wire")
    with pair.serving(sys.executable, "-m", "tests.enemies.plain", TARGET, cwd=HERE.parents[1]):
        for lab in lab_in(folder):
            server = lab.start()
            limits = {"seconds": PATIENCE, "connect_seconds": 20.0}
            healthy = ssh_object(HEALTHY, server.port, f"key:{lab.key}", limits) | {"probe": False}
            enemy = {"id": "enemy", "kind": "operating_system", "systems": ["shop"], "address": TARGET}
            path = inventory(folder / "inventory.yaml", lab, [healthy, enemy])
            written = yaml.safe_load(path.read_text(encoding="utf-8"))
            written["vantages"] = [{"name": "here", "prefix": list(pair.prefix)}]
            budget = {"packets_per_second": 2000, "packets": 60000, "connections": 400, "seconds": SECONDS}
            written["probes"] = {"budget": budget}
            path.write_text(yaml.safe_dump(written), encoding="utf-8")
            yield scan(path, folder / "run")


def test_it_ends_in_time_and_memory(besieged: Scanned) -> None:
    assert besieged.done.seconds < SECONDS + GRACE
    assert besieged.done.megabytes < MEGABYTES
    assert besieged.seconds["enemy@here"] < SECONDS + GRACE / 2


def test_every_service_was_asked(besieged: Scanned) -> None:
    """Else nothing would have been survived."""
    with Locker.open(besieged.run, "read") as locker:
        records = locker.records("enemy@here")
    asked = {r.subject for r in records if not isinstance(r, Gap)}
    assert {f"tcp/{port}" for port in SERVICES} <= asked


def test_the_healthy_server_is_seen(besieged: Scanned) -> None:
    assert {"yes", "no"} <= {f["answer"] for f in besieged.of(HEALTHY).values()}


def test_nothing_is_better_for_their_words(besieged: Scanned) -> None:
    """One asks in the clear who we are; of what is garbage nothing is said to be good."""
    found = {check: f for (check, _), f in besieged.of("enemy").items()}
    assert {f["answer"] for f in found.values()} <= {"no", "unseen"}
    management = found["wire.management-encrypted"]
    assert management["answer"] == "no"
    assert "telnet (tcp/2323)" in management["message"]["en"]
    assert "tcp/23)" not in management["message"]["en"], "who offers to encrypt may do so"
    assert not [f for f in besieged.report["findings"] if f["gap"] and f["gap"]["reason"] == "bug"]
    assert besieged.done.code in {1, 2}
    assert command("verify", besieged.run).code == 0


def test_nothing_of_theirs_acts(besieged: Scanned) -> None:
    harmless(besieged.done.out)
    harmless(besieged.done.err)
    for words in (("assess",), ("facts",)):
        harmless(command(*words, besieged.run).out)
    assert json.loads(command("facts", besieged.run, "-f", "json").out.decode("utf-8"))
    page = command("report", besieged.run, "-f", "html").out.decode("utf-8")
    assert "<script>window.pwned" not in page
    assert "<img" not in page
    assert "\x1b" not in page

"""One scan of one healthy server among all enemies; the tests look at what it left."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import paramiko
import pytest

from scanner.locker import Locker
from tests.enemies.cast import ACTORS
from tests.enemies.forging import Told
from tests.enemies.servers import enemy, raw_enemy
from tests.enemies.world import ENEMY_BYTES, HEALTHY, PATIENCE, Scanned, inventory, scan, ssh_object
from tests.ssh.double import known_line
from tests.ssh.sshd import Lab, lab_in

if TYPE_CHECKING:
    from collections.abc import Iterator


KEY = paramiko.RSAKey.generate(2048)
"""Host key of all enemies: only one has to be recorded."""


@dataclass(frozen=True)
class Battle:
    """The healthy server alone, and the same among enemies."""

    alone: Scanned
    among: Scanned


@pytest.fixture(scope="session")
def field_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    yield from lab_in(tmp_path_factory.mktemp("enemies"))


@pytest.fixture(scope="session")
def battle(field_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battle]:
    folder = tmp_path_factory.mktemp("battle")
    server = field_lab.start("MaxStartups 100")
    credential = f"key:{field_lab.key}"
    healthy = ssh_object(HEALTHY, server.port, credential, limits(PATIENCE))
    first = scan(inventory(folder / "first.yaml", field_lab, [healthy]), folder / "first.run")
    with Locker.open(first.run, "read") as locker:
        told = Told.by(locker.records(HEALTHY))
    with ExitStack() as stack:
        enemies = [enter(stack, name, told, field_lab) for name in ACTORS]
        # Listeners of all enemies are there in both scans: they stand on the same machine.
        alone = scan(inventory(folder / "alone.yaml", field_lab, [healthy]), folder / "alone.run")
        path = inventory(folder / "among.yaml", field_lab, [healthy, *enemies])
        yield Battle(alone, scan(path, folder / "among.run"))


def enter(stack: ExitStack, name: str, told: Told, lab: Lab) -> dict[str, object]:
    """Let an enemy take the field; gives its object."""
    actor = ACTORS[name]
    if actor.raw is not None:
        port = stack.enter_context(raw_enemy(actor.raw))
    else:
        manner = actor.manner(told) if actor.manner else None
        port = stack.enter_context(enemy(KEY, manner, actor.dialogue, actor.banner))
    with lab.known.open("a") as known:
        known.write(known_line(port, KEY))
    credential = "env:ENEMY_PASSWORD" if actor.dialogue else f"key:{lab.key}"
    return ssh_object(name, port, credential, limits(actor.seconds))


def limits(seconds: float) -> dict[str, float]:
    return {"seconds": seconds, "connect_seconds": min(seconds / 2, 20.0), "max_bytes": ENEMY_BYTES}

"""One scan of one healthy server among all enemies; the tests look at what it left."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import paramiko
import pytest

from scanner.locker import Locker
from tests.enemies import manners
from tests.enemies.cast import ACTORS
from tests.enemies.forging import Told
from tests.enemies.servers import enemy, raw_enemy
from tests.enemies.world import HEALTHY, Scanned, inventory, scan, ssh_object
from tests.ssh.double import known_line
from tests.ssh.sshd import Lab, lab_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEALTHY_LIMITS = {"limits": {"seconds": 60.0, "connect_seconds": 20.0}}


@dataclass(frozen=True)
class Battle:
    """The healthy server alone, and the same among enemies."""

    alone: Scanned
    among: Scanned
    lab: Lab


@pytest.fixture(scope="session")
def field_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    yield from lab_in(tmp_path_factory.mktemp("enemies"))


@pytest.fixture(scope="session")
def battle(field_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battle]:
    folder = tmp_path_factory.mktemp("battle")
    server = field_lab.start("MaxStartups 100")
    healthy = ssh_object(HEALTHY, server.port, field_lab, **HEALTHY_LIMITS)
    alone = scan(inventory(folder / "alone.yaml", field_lab, [healthy]), folder / "alone.run")
    with Locker.open(alone.run, "read") as locker:
        told = Told.by(locker.records(HEALTHY))
    key = paramiko.RSAKey.generate(2048)
    with ExitStack() as stack:
        objects = [healthy]
        for name, actor in ACTORS.items():
            if actor.raw is not None:
                port = stack.enter_context(raw_enemy(actor.raw))
            else:
                manner = actor.manner(told) if actor.manner else None
                port = stack.enter_context(enemy(key, manner, actor.dialogue, actor.banner))
            with field_lab.known.open("a") as known:
                known.write(known_line(port, key))
            entry = ssh_object(name, port, field_lab)
            if actor.dialogue:
                way = entry["via"]
                assert isinstance(way, dict)
                way["credential"] = "env:ENEMY_PASSWORD"
            objects.append(entry)
        path = inventory(folder / "among.yaml", field_lab, objects)
        yield Battle(alone, scan(path, folder / "among.run"), field_lab)
    assert manners.FOREVER


@pytest.fixture(scope="session")
def battle_folder(battle: Battle) -> Path:
    return battle.among.run.parent

"""Recorded runs that the command line's tests share; made once, never changed by a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.cli.recorded import many_hosts, replaying, tree_run

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = tuple(f"host{number}" for number in range(8))


@dataclass(frozen=True)
class Recorded:
    """A run over one made-up tree, and an inventory that replays many hosts like it."""

    tree: Path
    inventory: Path


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    tree = tree_run(folder)
    many = many_hosts(tree, folder / "many.run", HOSTS)
    return Recorded(tree, replaying(folder / "inventory.yaml", many, HOSTS))

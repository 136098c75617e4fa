"""Fixtures of the SSH tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ssh.sshd import Lab, lab_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    yield from lab_in(tmp_path)

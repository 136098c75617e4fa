"""The lab as a fixture: real hosts, raised once a session, taken down if this session raised them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "lab"
FIRST_RAISE_SECONDS = 900  # the first time builds the root file systems from packages


@dataclass(frozen=True)
class Lab:
    """A lab that is up."""

    inventory: Path = FOLDER / "inventory.yaml"
    expected: Path = FOLDER / "expected.yaml"
    state: Path = Path(os.environ.get("MLPS_LAB_STATE", "/var/lib/mlps-lab"))
    namespace: str = "mpl-scan"

    def inside(self, *argv: str) -> list[str]:
        """The command line that runs argv in the scanner's namespace, with this machine's files."""
        return ["ip", "netns", "exec", self.namespace, *argv]

    def run(self, host: str, *argv: str, user: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command inside a host, as root or another user."""
        who = ["-u", user] if user else []
        return _script("exec.sh", *who, host, *argv, seconds=60)

    def grant(self, sudoers: Path) -> None:
        """Give `auditor` the rights of a sudoers file on every host."""
        done = _script("up.sh", "--sudoers", str(sudoers), seconds=120)
        assert done.returncode == 0, done.stderr


def _script(name: str, *argv: str, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(FOLDER / name), *argv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def _why_not() -> str:
    """The reason why no lab can be raised here; empty if it can."""
    if os.geteuid() != 0:
        return "the lab needs root"
    missing = [tool for tool in ("ip", "unshare", "nsenter") if shutil.which(tool) is None]
    if missing:
        return f"the lab needs {', '.join(missing)}"
    if not Path("/dev/net/tun").exists():
        return "the lab needs /dev/net/tun"
    probe = ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        return "this machine lets nobody make namespaces"
    return ""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a test of the lab: marked before -m chooses."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.lab)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    reason = _why_not()
    if reason:
        pytest.skip(reason)
    was_up = _script("status.sh", seconds=60).returncode == 0
    raised = _script("up.sh", seconds=FIRST_RAISE_SECONDS)
    if raised.returncode != 0:
        _script("down.sh", seconds=60)
        pytest.fail(f"the lab could not be raised:\n{raised.stderr}", pytrace=False)
    yield Lab()
    if not was_up:
        down = _script("down.sh", seconds=60)
        assert down.returncode == 0, down.stderr

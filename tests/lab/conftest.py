"""The lab as fixtures: real hosts, raised once a session, taken down if this session raised them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import variants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "lab"
RUNNING = Path("/run/mpl-lab")  # what exists while the lab is up
FIRST_RAISE_SECONDS = 900  # the first time builds the root file systems from packages
SCAN_SECONDS = 120
LOOK_SECONDS = 300  # sweeps of hosts that swallow everything wait long
LOOKS = "16"
"""Objects looked at at a time: a look mostly waits."""

RIGHTS = "/etc/sudoers.d/mlps-posture"

Key = tuple[str, str, str]
"""What a finding is about: object, check, subject."""


@dataclass(frozen=True)
class Lab:
    """A lab that is up."""

    inventory: Path = FOLDER / "inventory.yaml"
    expected: Path = FOLDER / "expected.yaml"
    state: Path = Path(os.environ.get("MLPS_LAB_STATE", "/var/lib/mlps-lab"))
    namespace: str = "mpl-scan"
    hosts: tuple[str, ...] = (
        *(
            "bastion",
            "fw",
            "fw2",
            "web1",
            "web2",
            "web3",
            "app1",
            "vpn1",
            "legacy",
            "log1",
            "db1",
            "db2",
            "rogue",
        ),
    )

    def inside(self, *argv: str) -> list[str]:
        """The command line that runs argv in the scanner's namespace, with this machine's files."""
        return ["ip", "netns", "exec", self.namespace, *argv]

    def run(self, host: str, *argv: str, user: str = "", given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command inside a host, as root or another user, with ``given`` on its standard input."""
        who = ["-u", user] if user else []
        return _script("exec.sh", *who, host, *argv, seconds=60, given=given)

    def ask(self, host: str, *argv: str) -> str:
        """What a command inside a host answers; it has to succeed."""
        done = self.run(host, *argv)
        assert done.returncode == 0, f"{host}: {argv}: {done.stderr}"
        return done.stdout

    def place(self, host: str) -> str:
        """Where a host's journal stands now."""
        shown = self.ask(host, "journalctl", "--quiet", "--lines", "0", "--show-cursor")
        return shown.strip().splitlines()[-1].removeprefix("-- cursor: ")

    def logged(self, host: str, place: str, program: str) -> list[str]:
        """Messages of one program since a place in a host's journal.

        Sorted out here: journalctl forgets the first match if it is asked for a program and a place at once.
        """
        self.ask(host, "journalctl", "--quiet", "--sync")
        fields = "--output-fields=SYSLOG_IDENTIFIER,MESSAGE"
        told = self.ask(host, "journalctl", "--quiet", "--after-cursor", place, "-o", "json", fields)
        entries = [json.loads(line) for line in told.splitlines()]
        return [str(e["MESSAGE"]) for e in entries if e.get("SYSLOG_IDENTIFIER") == program]

    def init_pid(self, host: str) -> int:
        """Pid of a host's PID 1 as this machine sees it."""
        launcher = (RUNNING / f"{host}.pid").read_text().strip()
        return int(Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()[0])

    def changed_files(self, host: str) -> Path:
        """Folder that holds every file of a host's root that differs from the packages' own."""
        return RUNNING / host / "upper"

    def posture(self, *argv: str, seconds: float = SCAN_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run mlps-posture in the scanner's namespace, as a person would."""
        return subprocess.run(
            self.inside(str(Path(sys.executable).parent / "mlps-posture"), *argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=seconds,
            env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        )

    def scan(self, inventory: Path, run: Path) -> Scanned:
        """Scan an inventory into a run file."""
        argv = ("--quiet", "scan", str(inventory), "-o", str(run), "--workers", LOOKS)
        done = self.posture(*argv, seconds=LOOK_SECONDS)
        assert run.exists(), done.stderr
        report = self.posture("report", str(run), "-f", "json")
        assert report.returncode == 0, report.stderr
        return Scanned(run, done.returncode, done.stdout, done.stderr, json.loads(report.stdout))

    def sudoers(self, user: str) -> str:
        """The rights that the product asks for."""
        done = self.posture("sudoers", "--user", user)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def granted(self, rights: str) -> Iterator[None]:
        """Apply a sudoers text on every host; put the former one back after."""
        former = {host: self.run(host, "cat", RIGHTS) for host in self.hosts}
        try:
            for host in self.hosts:
                self._install(host, rights)
            yield
        finally:
            for host, before in former.items():
                if before.returncode == 0:
                    self._install(host, before.stdout)
                else:
                    self.ask(host, "rm", "-f", RIGHTS)

    def _install(self, host: str, rights: str) -> None:
        steps = (
            "cat > /run/mlps-posture.sudoers && visudo -cf /run/mlps-posture.sudoers"
            f" && install -m 0440 /run/mlps-posture.sudoers {RIGHTS}"
            " && rm /run/mlps-posture.sudoers"
        )
        done = self.run(host, "sh", "-c", f"umask 077; {steps}", given=rights)
        assert done.returncode == 0, f"{host} refuses the sudoers text: {done.stderr}"


@dataclass(frozen=True)
class Scanned:
    """A finished scan."""

    run: Path
    status: int
    out: str
    err: str
    report: Mapping[str, Any]

    @property
    def findings(self) -> dict[Key, Mapping[str, Any]]:
        """Findings by object, check and subject."""
        return {(f["object"], f["check"], f["subject"]): f for f in self.report["findings"]}

    @property
    def answers(self) -> dict[Key, str]:
        """Answers by object, check and subject."""
        return {key: finding["answer"] for key, finding in self.findings.items()}


def _script(name: str, *argv: str, seconds: float, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(FOLDER / name), *argv],
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
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


@pytest.fixture(scope="session")
def rights(lab: Lab) -> Iterator[str]:
    """The account ``auditor`` has the generated rights on every host."""
    text = lab.sudoers("auditor")
    with lab.granted(text):
        yield text


@pytest.fixture(scope="session")
def logins(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's inventory without its vantages: hosts are logged in to, and nothing is probed."""
    return variants.write(variants.read(lab), tmp_path_factory.mktemp("logins") / "inventory.yaml")


@pytest.fixture(scope="session")
def audited(lab: Lab, rights: str, logins: Path) -> Scanned:
    """The lab as ``auditor`` sees it with the generated rights."""
    del rights  # only have to be there
    return lab.scan(logins, logins.with_name("lab.run"))


@pytest.fixture(scope="session")
def looked(lab: Lab, rights: str, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """The same, and what the hosts show on the wire from both vantages: the lab's own inventory, whole."""
    del rights  # only have to be there
    return lab.scan(lab.inventory, tmp_path_factory.mktemp("looked") / "lab.run")

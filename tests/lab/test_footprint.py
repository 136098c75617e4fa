"""What a login leaves: itself in the log and nothing else; a plan leaves not even a packet."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.lab.conftest import Lab

COUNTER = Path(__file__).parent / "packet_counter.py"
OWN_ADDRESSES = ("10.60.1.9", "fd00:60:1::9")
LOUDER_SSHD = "/run/systemd/system/ssh.service.d/louder.conf"
SETTLE_SECONDS = 60  # user managers stop 10 s after the last login, systemd-timedated 30 s after its use
PASSING = re.compile(r"sshd: \S+ \[|sshd: \S+@|systemd --user|\(sd-pam\)|systemd-timedated|systemd-hostnamed")
"""Processes that come with a login or a question to systemd and go away by themselves."""

KEPT_BY_OTHERS: Mapping[str, str] = {
    "var/log": "the records of logins: the log of sshd and sudo, wtmp, lastlog, the journal",
    "var/lib/sudo/lectured": "sudo's note that it has lectured an account",
    "var/lib/chrony": "chrony writes its clock's drift once in a while",
    "var/lib/postgresql": "PostgreSQL rewrites its caches whenever a worker of its own begins",
    "var/lib/systemd/timers": "systemd's own stamps of its timers",
}
"""What may change during a scan, and who changes it."""

PRIVATE_FOLDERS = re.compile(r"(var/)?tmp(/systemd-private-.*)?")
"""systemd gives a service that it starts for a question (timedated) a private folder, for 30 s."""

Entry = tuple[int, int, int, int, str]
"""Mode, owner, group, time of change in ns, and digest or target."""


@dataclass(frozen=True)
class State:
    """What a host's disks hold and what runs on it."""

    files: Mapping[str, Entry]
    processes: Mapping[str, int]


@dataclass
class Packets:
    """Packets of the scanner's namespace; counted when the block ends."""

    ip: int = -1
    arp: int = -1


@dataclass
class Watched:
    """A scan with everything around it."""

    before: Mapping[str, State]
    places: Mapping[str, str]
    """Where each host's journal stood before it."""
    packets: Packets = field(default_factory=Packets)


def processes(lab: Lab, host: str) -> Counter[str]:
    """Command lines of everything that runs on a host but the question itself."""
    lines = lab.ask(host, "ps", "-eo", "args=").splitlines()
    return Counter(line for line in lines if line != "ps -eo args=")


def files(lab: Lab, host: str) -> dict[str, Entry]:
    """Everything on a host's root that is not as its packages shipped it."""
    top = lab.changed_files(host)
    found = {}
    for path in sorted(top.rglob("*")):
        name = str(path.relative_to(top))
        if any(name == kept or name.startswith(f"{kept}/") for kept in KEPT_BY_OTHERS):
            continue
        if not PRIVATE_FOLDERS.fullmatch(name):
            found[name] = _entry(path)
    return found


def _entry(path: Path) -> Entry:
    status = path.lstat()
    held = ""
    if stat.S_ISREG(status.st_mode):
        held = hashlib.sha256(path.read_bytes()).hexdigest()
    elif stat.S_ISLNK(status.st_mode):
        held = str(path.readlink())
    return status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, held


def settled(lab: Lab, host: str) -> Counter[str]:
    """What runs on a host once the leftovers of earlier logins have gone by themselves."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        found = processes(lab, host)
        if time.monotonic() > end or not any(PASSING.search(line) for line in found):
            return found
        time.sleep(0.5)


@contextmanager
def counting(lab: Lab) -> Iterator[Packets]:
    """Count the packets from and to the scanner while the block runs."""
    packets = Packets()
    with subprocess.Popen(
        lab.inside(sys.executable, str(COUNTER), *OWN_ADDRESSES),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as counter:
        assert counter.stdout is not None
        assert counter.stdout.readline() == "ready\n"
        yield packets
        told, _ = counter.communicate(timeout=30)
    counted = json.loads(told)
    packets.ip, packets.arp = counted["ip"], counted["arp"]


@pytest.fixture(scope="module")
def watched(lab: Lab, rights: str, logins: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A scan as `auditor` between two looks at the hosts, with the packets counted."""
    del rights  # only have to be there
    seen = Watched(
        before={host: State(files(lab, host), settled(lab, host)) for host in lab.hosts},
        places={host: lab.place(host) for host in lab.hosts},
    )
    with counting(lab) as seen.packets:
        lab.scan(logins, tmp_path_factory.mktemp("watched") / "lab.run")
    return seen


@contextmanager
def louder(lab: Lab) -> Iterator[Mapping[str, str]]:
    """sshd logs sessions as well (LogLevel VERBOSE, until the next start); gives the log's place by host."""
    lines = "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -o LogLevel=VERBOSE\n"
    restart = "systemctl daemon-reload && systemctl restart ssh.service"
    try:
        for host in lab.hosts:
            write = f"mkdir -p {Path(LOUDER_SSHD).parent} && cat >{LOUDER_SSHD} && {restart}"
            assert lab.run(host, "sh", "-c", write, given=lines).returncode == 0
        yield {host: lab.place(host) for host in lab.hosts}
    finally:
        for host in lab.hosts:
            lab.ask(host, "sh", "-c", f"rm -rf {Path(LOUDER_SSHD).parent} && {restart}")


def count(pattern: str, lines: list[str]) -> int:
    """How many lines begin like the pattern."""
    return sum(re.match(pattern, line) is not None for line in lines)


def test_sshd_sees_one_connection_and_one_session_a_host(
    lab: Lab, rights: str, logins: Path, tmp_path: Path
) -> None:
    """Counted in sshd's own words at LogLevel VERBOSE.

    ``Connection from`` is a TCP connection, ``Accepted`` an authentication, ``Starting session`` a channel
    that runs a command, a shell or a subsystem. The bastion has one connection of its own and one that all
    hosts behind it share: no session, only forwarded channels.
    """
    del rights  # only have to be there
    with louder(lab) as places:
        lab.scan(logins, tmp_path / "lab.run")
        lines = {host: lab.logged(host, place, "sshd") for host, place in places.items()}
    counted = {
        host: (
            count("Connection from ", log),
            count(r"Accepted \S+ for ", log),  # "Accepted key" is only a step on the way
            count("Starting session: command for auditor ", log),
            count("Starting session", log),
        )
        for host, log in lines.items()
    }
    assert counted == dict.fromkeys(lab.hosts, (1, 1, 1, 1)) | {"bastion": (2, 2, 1, 1)}


def test_nothing_is_guessed(lab: Lab, watched: Watched) -> None:
    """No failed authentication, neither in the logs nor where PAM counts them."""
    for host, place in watched.places.items():
        told = lab.logged(host, place, "sshd")
        assert count(r"Accepted publickey for auditor ", told) == (2 if host == "bastion" else 1)
        assert not [line for line in told if "ailed" in line or "nvalid" in line]
        assert not [line for line in lab.logged(host, place, "sudo") if "not allowed" in line]
    for host in ("web1", "log1"):
        assert len(lab.ask(host, "faillock", "--user", "auditor").splitlines()) == 2  # its headings


def test_plan_sends_no_packet(lab: Lab) -> None:
    with counting(lab) as packets:
        plan = lab.posture("scan", str(lab.inventory), "--plan")
    assert plan.returncode == 0
    assert all(f"  {host}: ssh " in plan.stdout for host in lab.hosts)
    assert (packets.ip, packets.arp) == (0, 0)


def test_the_packet_counter_sees_a_scan(watched: Watched) -> None:
    assert watched.packets.ip > 100


def test_scan_changes_no_file(lab: Lab, watched: Watched) -> None:
    for host, before in watched.before.items():
        after = files(lab, host)
        differing = {n for n in before.files.keys() | after.keys() if before.files.get(n) != after.get(n)}
        assert not differing, host


def test_a_changed_file_is_noticed(lab: Lab, watched: Watched) -> None:
    """Positive control; the folder gets its own time back, so that it can stand anywhere in the order."""
    before = watched.before["web1"].files
    assert "etc/hostname" in before
    lab.ask("web1", "sh", "-c", "touch -r /etc /run/etc-time && touch /etc/mpl-lab-probe")
    try:
        after = files(lab, "web1")
    finally:
        lab.ask("web1", "sh", "-c", "rm /etc/mpl-lab-probe && touch -r /run/etc-time /etc")
    assert {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)} == {
        "etc",
        "etc/mpl-lab-probe",
    }
    assert files(lab, "web1") == before


def test_scan_leaves_no_process(lab: Lab, watched: Watched) -> None:
    for host, before in watched.before.items():
        assert settled(lab, host) == before.processes, host

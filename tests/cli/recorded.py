"""A small made-up host, a recorded run of many like it, and inventories that replay them."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.cli import run
from scanner.locker import Header, Locker
from scanner.model import Capture, Captured, Finished, Gap, Missed, Started

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PROGRAM = (sys.executable, "-c", "from scanner.cli import main; main()")
"""The installed command, as a process of its own."""

FILES: Mapping[str, str] = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\n",
    "etc/shadow": "root:!:19800:0:90:7:::\nops:$y$j9T$abcdefgh$ijklmnop:19800:0:90:7:::\n",
    "etc/group": "root:x:0:\nops:x:1000:\n",
    "etc/login.defs": "PASS_MAX_DAYS 90\nPASS_MIN_DAYS 0\n",
    "etc/ssh/sshd_config": "Port 22\nPermitRootLogin yes\nPermitEmptyPasswords no\nMaxAuthTries 3\n"
    "AuthenticationMethods publickey,keyboard-interactive\n",
    "etc/hosts.allow": "",
    "etc/hosts.deny": "sshd: ALL\n",
    "etc/profile": "TMOUT=600\nreadonly TMOUT\nexport TMOUT\n",
    "etc/rsyslog.conf": 'module(load="imuxsock")\n*.* @@10.0.0.9:514\n',
    "etc/logrotate.conf": "weekly\nrotate 30\n",
    "etc/audit/audit.rules": (
        "-w /etc/passwd -p wa\n-w /etc/group -p wa\n-w /etc/shadow -p wa\n-w /etc/gshadow -p wa\n"
        "-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime\n"
        "-a always,exit -F arch=b32 -S adjtimex,settimeofday,clock_settime\n"
        "-w /var/log/lastlog -p wa\n-w /var/log/wtmp -p wa\n-w /var/log/btmp -p wa\n"
        "-w /etc/sudoers -p wa\n-w /etc/sudoers.d -p wa\n"
        "-a always,exit -F path=/usr/bin/sudo -F perm=x\n-a always,exit -F path=/usr/bin/su -F perm=x\n"
        "-a always,exit -F arch=b64 -S chmod,fchmod,fchmodat,chown,fchown,fchownat,lchown\n"
        "-a always,exit -F arch=b32 -S chmod,fchmod,fchmodat,chown,fchown,fchownat,lchown\n"
        "-a always,exit -F arch=b64 -S unlink,unlinkat,rename,renameat\n"
        "-a always,exit -F arch=b32 -S unlink,unlinkat,rename,renameat\n"
    ),
    "etc/os-release": 'ID=madeup\nPRETTY_NAME="Made up 1"\n',
    "etc/hostname": "madeup\n",
}

MODES: Mapping[str, int] = {"etc/shadow": 0o600}
"""Modes that are not the usual one."""


@dataclass(frozen=True)
class Done:
    """What a call of the command line left."""

    code: int
    out: str
    err: str


def call(*arguments: str | Path) -> Done:
    """Run the command line in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["--lang", "en", *map(str, arguments)])
    said = []
    for stream in (out, err):
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        said.append(stream.buffer.getvalue().decode())
    return Done(code, *said)


def made_up_tree(folder: Path) -> Path:
    """Files of a host, as somebody would unpack them."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(MODES.get(name, 0o644))
    return folder


def tree_run(folder: Path) -> Path:
    """A finished run over the made-up tree."""
    path = folder / "tree.run"
    done = call("-q", "scan", "--tree", made_up_tree(folder / "tree"), "-o", path)
    assert path.exists(), done.err
    return path


def many_hosts(source: Path, path: Path, names: Sequence[str]) -> Path:
    """A run whose objects ``names`` all said what the only object of ``source`` said."""
    with Locker.open(source, "read") as locker:
        header = locker.header
        records = locker.records("tree")
    return write_run(path, header, {name: [_as(record, name) for record in records] for name in names})


def write_run(path: Path, header: Header, records: Mapping[str, Sequence[Capture | Gap]]) -> Path:
    """A finished run with these records, at fixed times."""
    with Locker.create(path, header, b"k" * 32) as locker:
        for name, own in records.items():
            locker.append(Started(name, T0))
            for record in own:
                locker.append(Captured(record) if isinstance(record, Capture) else Missed(name, record, T0))
            locker.append(Finished(name, T0))
        locker.finish(T0 + timedelta(minutes=1))
    return path


def _as(record: Capture | Gap, name: str) -> Capture | Gap:
    return replace(record, object=name) if isinstance(record, Capture) else record


def replaying(inventory: Path, recorded: Path, names: Sequence[str]) -> Path:
    """An inventory whose objects replay a recorded run."""
    objects = "".join(
        f"  - {{id: {name}, kind: operating_system, systems: [shop], via: {{}}}}\n" for name in names
    )
    inventory.write_text(
        "version: 1\n"
        "systems:\n  - {name: shop, title: 网上商城, grade: S3A3}\n"
        f"defaults: {{transport: replay, path: {recorded}}}\n"
        f"objects:\n{objects}",
        encoding="utf-8",
    )
    return inventory

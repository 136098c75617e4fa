"""Files that are traps, on a real disk: for the program in a real shell, and for an unpacked tree."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.cli.recorded import made_up_tree
from tests.collecting.asking import needs_root
from tests.enemies.test_battle import harmless
from tests.enemies.world import PATIENCE, command, inventory, scan, ssh_object
from tests.ssh.sshd import Lab, lab_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 30.0
"""No look at a few files takes that long, unless it was caught."""


def trapped(etc: Path) -> None:
    """Loops, pipes, and names and sizes that nobody expects."""
    config = etc / "ssh" / "sshd_config.d"
    config.mkdir(parents=True, exist_ok=True)
    (config / "loop.conf").symlink_to("loop.conf")
    (config / "there.conf").symlink_to("back.conf")
    (config / "back.conf").symlink_to("there.conf")
    (config / "self.conf").symlink_to(".")
    (config / "endless.conf").symlink_to("/dev/zero")
    os.mkfifo(config / "pipe.conf")
    (config / "a\n[high] forged\nb.conf").write_text("MaxAuthTries 3\n")
    (config / "\x1b[2J<script>.conf").write_text("MaxAuthTries 3\n")
    (etc / "ssh" / "sshd_config").write_text("Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n")
    with (etc / "passwd").open("w") as passwd:
        passwd.writelines(f"u{n}:x:{n}:{n}::/home/u{n}:/bin/bash\n" for n in range(1_000_000))
    with (etc / "login.defs").open("wb") as sparse:
        sparse.truncate(1 << 40)
    rotate = etc / "logrotate.d"
    rotate.mkdir(exist_ok=True)
    for n in range(3000):
        (rotate / f"many{n}").write_text("")


def unseen(findings: dict[str, str]) -> None:
    for check in ("sshd.root-login-refused", "accounts.root-only-superuser", "accounts.password-age-limited"):
        assert findings[check] == "unseen", check


def test_a_tree_of_traps(tmp_path: Path) -> None:
    tree = made_up_tree(tmp_path / "tree")
    trapped(tree / "etc")
    done = command("scan", "--tree", tree, "-o", tmp_path / "run", "-f", "json")
    assert done.seconds < SECONDS
    assert done.megabytes < 200
    assert done.code in {1, 2}, done.err
    findings = json.loads(done.out)["findings"]
    unseen({f["check"]: f["answer"] for f in findings})
    assert not [f for f in findings if f["gap"] and f["gap"]["reason"] == "bug"]
    harmless(command("assess", tmp_path / "run").out)
    assert command("verify", tmp_path / "run").code == 0


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    yield from lab_in(tmp_path)


@pytest.mark.sshd
@needs_root
def test_a_host_of_traps(lab: Lab, tmp_path: Path) -> None:
    """The real program in a real shell, which sees the traps instead of this machine's files."""
    etc = made_up_tree(tmp_path / "tree") / "etc"
    trapped(etc)
    enter = f'mount --bind {shlex.quote(str(etc))} /etc && exec sh -c "$SSH_ORIGINAL_COMMAND"'
    script = tmp_path / "enter"
    script.write_text(enter)
    server = lab.start(f"ForceCommand unshare --mount --propagation private sh {script}")
    limits = {"seconds": PATIENCE, "connect_seconds": 20.0}
    path = inventory(tmp_path / "i.yaml", lab, [ssh_object("trap", server.port, f"key:{lab.key}", limits)])
    seen = scan(path, tmp_path / "run")
    assert seen.done.seconds < SECONDS
    unseen({check: f["answer"] for (check, _), f in seen.of("trap").items()})
    assert seen.broken("trap")["passwd"] == "truncated"
    assert {"truncated", "unparsable"} <= set(seen.broken("trap").values())
    assert seen.done.code in {1, 2}
    harmless(seen.done.out)
    assert command("verify", seen.run).code == 0

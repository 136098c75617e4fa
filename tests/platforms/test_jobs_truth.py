"""The search of schedules, run for real over our own: what it finds, and that it tells no secret."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.base import Snippet
from collectors.platforms.linux.jobs import SCHEDULED

SHELLS = [(name,) for name in ("dash", "bash") if shutil.which(name)] + (
    [("busybox", "ash")] if shutil.which("busybox") else []
)
CRON = """\
# mysqldump --all-databases
PATH=/usr/bin:/bin
MYSQL_PWD=hunter2
5 1 * * * root mysqldump -phunter2 --all-databases | gzip > /backup/a.gz
6 1 * * * root restic -r sftp:u@far:/repo backup /srv
7 1 * * * root rsync -a /srv/ copy@10.0.0.9:/srv
8 1 * * * root rsync -a /srv/ /mnt/disk
9 1 * * * root /usr/bin/aide --check
10 1 * * * root echo borgata
"""
INSIDE = 'mount --make-rprivate / && mount --bind "$1" /etc/cron.d && shift && exec "$@"'

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_schedules_are_found_and_no_secret_is_told(tmp_path: Path, shell: tuple[str, ...]) -> None:
    (tmp_path / "site").write_text(CRON)
    assert isinstance(SCHEDULED.form, Snippet)
    argv = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        INSIDE,
        "inside",
        str(tmp_path),
        *shell,
        "-c",
        SCHEDULED.form.text,
    ]
    run = subprocess.run(argv, capture_output=True, text=True, check=True)
    found = [line for line in run.stdout.splitlines() if "/etc/cron.d/site" in line]
    assert found == [
        "job mysqldump local 4 /etc/cron.d/site",
        "job restic remote 5 /etc/cron.d/site",
        "job rsync remote 6 /etc/cron.d/site",
        "job aide local 8 /etc/cron.d/site",
    ]
    assert "hunter2" not in run.stdout + run.stderr

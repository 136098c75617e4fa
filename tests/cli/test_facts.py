"""``facts``: every value with the place it was read from, in text and in JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from collectors.platforms import PLATFORMS
from scanner.locker import Locker
from scanner.model import Capture
from tests.cli.conftest import HOSTS
from tests.cli.recorded import FILES, call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Recorded


def test_every_value_has_its_capture_and_every_gap_its_step(recorded: Recorded) -> None:
    with Locker.open(recorded.tree, "read") as locker:
        refs = {r.ref for r in locker.records("tree") if isinstance(r, Capture)}
    steps = {step.id for platform in PLATFORMS for step in platform.steps}
    rows = json.loads(call("facts", recorded.tree, "--object", "tree", "-f", "json").out)
    assert {"SshServer", "Accounts", "Listeners"} <= {row["fact"] for row in rows}
    for row in rows:
        if row["value"].startswith("unseen ("):
            place = re.search(r"\[([a-z0-9-]+)[^\[\]]*\](; needs|$)", row["value"])
            assert place is None or place[1] in steps, row
            assert row["citation"] is None
        else:
            assert row["citation"]["capture"] in refs | {"inventory"}, row


def test_a_line_is_cited_where_it_stands(recorded: Recorded) -> None:
    out = call("facts", recorded.tree).out
    for setting, line in (("permitrootlogin = yes", 2), ("maxauthtries = 3", 4)):
        assert (
            f"SshServer.settings.{setting} (explicit)  <- tree/sshd-files:/etc/ssh/sshd_config:{line}" in out
        )
        said = FILES["etc/ssh/sshd_config"].splitlines()[line - 1]
        assert said.lower() == setting.replace(" =", "")
    assert "SshServer.settings.permittunnel = no (default)  <- tree/sshd-files:/etc/ssh/sshd_config\n" in out


def test_text_and_json_say_the_same(recorded: Recorded) -> None:
    lines = call("facts", recorded.tree).out.splitlines()
    rows = json.loads(call("facts", recorded.tree, "-f", "json").out)
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(f"{row['object']}  {row['fact']}")
        assert row["value"].strip() in line


def test_one_object(recorded: Recorded, tmp_path: Path) -> None:
    path = tmp_path / "all.run"
    call("-q", "scan", recorded.inventory, "-o", path)
    out = call("facts", path, "--object", HOSTS[0]).out
    assert {line.split("  ")[0] for line in out.splitlines()} == {HOSTS[0]}
    assert {line.split("  ")[0] for line in call("facts", path).out.splitlines()} >= set(HOSTS)


def test_masked_secrets_stay_masked(recorded: Recorded) -> None:
    for command in (("facts",), ("facts", "-f", "json"), ("report",)):
        assert "ijklmnop" not in call(command[0], recorded.tree, *command[1:]).out
    assert b"ijklmnop" not in recorded.tree.read_bytes()

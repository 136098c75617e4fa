"""``scan --plan``: what each step and all of them together may cost a host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Snippet
from collectors.platforms import PLATFORMS
from tests.cli.recorded import call

if TYPE_CHECKING:
    from pathlib import Path

LINUX = next(platform for platform in PLATFORMS if platform.name == "linux")
COST = re.compile(
    r"(<= \d+ s, \d+ KiB|<= \d+ KiB a file(, <= \d+ files a pattern)?|no content is read)(; about \d+ ms)?$"
)


def test_every_step_has_its_cost() -> None:
    lines = call("scan", "localhost", "--plan").out.splitlines()
    for step in LINUX.steps:
        (line,) = [line for line in lines if line.startswith(f"  {step.id} ")]
        assert COST.search(line), line
        said = "a file" in line or "no content" in line
        assert said == isinstance(step.form, Files), line


def test_what_was_measured_is_told() -> None:
    assert set(LINUX.typical) <= {step.id for step in LINUX.steps}, "measured under another name"
    told = [line for line in call("scan", "localhost", "--plan").out.splitlines() if " ms" in line]
    assert len(told) >= len(LINUX.typical) > 50
    assert sum(LINUX.typical.values()) < 1500, "the whole program stays under a second and a half"
    assert "通常约" in call("--lang", "zh", "scan", "localhost", "--plan").out


def test_the_sum_of_all_commands_is_told() -> None:
    run = [step for step in LINUX.steps if isinstance(step.form, (Command, Snippet))]
    seconds = sum(step.seconds for step in run)
    out = call("scan", "localhost", "--plan").out
    assert f"  {len(run)} commands, by themselves at most {seconds} s and " in out
    assert "整次查看另受上面的总限额约束" in call("--lang", "zh", "scan", "localhost", "--plan").out


def test_nothing_is_sent_for_files(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    out = call("scan", "--tree", tmp_path, "--plan").out
    assert "1 object(s) are read from files on this machine" in out
    assert "authenticated connection" not in out

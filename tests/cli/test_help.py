"""Help of every command, in both languages: it shows how, and is in one language throughout."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from scanner.cli import COMMANDS
from tests.cli.recorded import PROGRAM, call

NAMES = [name for name, _, _ in COMMANDS]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NO_WORD = re.compile(
    r"--?[a-z][a-z-]*"  # options
    r"|\[[a-z|]+\]|\[默认：[^\]]*\]"  # choices and defaults
    r"|\b[A-Z_]+\b"  # metavars
    r"|[a-z]+:(?:[A-Z]+|//)?|posture-<[^>]*>\.run"  # references to credentials, the name of the run file
)
"""What stands in Chinese help without being English prose: options, choices, metavars, references, values."""

NAMES_OF_THINGS = {"known_hosts", "localhost", "ssh", "sudo", "root"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_has_an_example_to_copy(name: str, language: str) -> None:
    done = call("--lang", language, name, "--help")
    assert done.code == 0
    assert ("例：" if language == "zh" else "Example") in done.out
    assert f"  mlps-posture {name}" in done.out


@pytest.mark.parametrize("name", ["", *NAMES])
def test_chinese_options_have_no_english_words(name: str) -> None:
    out = call("--lang", "zh", *filter(None, [name]), "--help").out
    assert out.startswith("用法：")
    options = out.partition("\n选项:\n")[2].partition("\n\n")[0]
    assert options
    for row in re.split(r"\n  (?=-)", options):
        words = set(re.findall(r"[A-Za-z_]{2,}", NO_WORD.sub(" ", row))) - NAMES_OF_THINGS
        assert not words, row
        assert CHINESE.search(row), row


@pytest.mark.parametrize("name", ["", *NAMES])
def test_english_help_has_no_chinese(name: str) -> None:
    assert not CHINESE.search(call("--lang", "en", *filter(None, [name]), "--help").out)


def test_help_lists_every_command_and_exit_code() -> None:
    for language in ("zh", "en"):
        out = call("--lang", language, "--help").out
        assert all(re.search(rf"^  {name} ", out, re.MULTILINE) for name in NAMES)
        for code in ("0", "1", "2", "3", "4", "130"):
            assert re.search(rf"\b{code}\b", out)


def test_the_environment_chooses_the_language() -> None:
    for variables, word in (
        ({"LANG": "zh_CN.UTF-8"}, "用法"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "Usage"),
        ({"LANG": "en_GB.UTF-8"}, "Usage"),
        ({}, "Usage"),
    ):
        kept = {k: v for k, v in os.environ.items() if k != "LANG" and not k.startswith("LC_")}
        for command in (["--help"], ["scan", "--help"]):
            done = subprocess.run(
                [*PROGRAM, *command],
                capture_output=True,
                check=True,
                env={**kept, "PYTHONUTF8": "1", **variables},
            )
            assert done.stdout.decode().startswith(word)


def test_version() -> None:
    assert re.fullmatch(r"mlps-posture, version \d+\.\d+\.\d+\n", call("--version").out)

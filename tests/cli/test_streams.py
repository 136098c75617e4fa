"""Output to a reader that leaves, to a full disk, and in an encoding that lacks characters."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scanner.cli import EXIT_FINDINGS, EXIT_INPUT, EXIT_OK
from scanner.locker import Locker
from tests.cli.recorded import PROGRAM

if TYPE_CHECKING:
    from tests.cli.conftest import Recorded


def piped(*arguments: str | Path, **variables: str) -> tuple[int, bytes, bytes]:
    """Run the command, read a byte of its output and close the pipe: exit code, what was read, errors."""
    with subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **variables},
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        read = done.stdout.read(1)
        done.stdout.close()
        errors = done.stderr.read()
    return done.returncode, read, errors


@pytest.mark.parametrize(
    "arguments",
    [("facts", "RUN"), ("report", "RUN"), ("scan", "localhost", "--plan"), ("schema",), ("--help",)],
)
def test_a_reader_that_leaves_is_no_error(recorded: Recorded, arguments: tuple[str, ...]) -> None:
    words = [str(recorded.tree) if word == "RUN" else word for word in arguments]
    code, read, errors = piped(*words)
    assert read
    assert errors == b""
    assert code == EXIT_OK


def test_a_reader_that_leaves_changes_no_exit_code(recorded: Recorded) -> None:
    code, _, errors = piped("assess", recorded.tree, "--fail-on", "medium")
    assert code == EXIT_FINDINGS
    assert errors == b""


def test_a_scan_whose_progress_nobody_reads_goes_to_its_end(recorded: Recorded, tmp_path: Path) -> None:
    path = tmp_path / "run"
    arguments = ["scan", "--tree", recorded.tree.parent / "tree", "-o", path, "--fail-on", "medium"]
    with subprocess.Popen(
        [*PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as scan:
        assert scan.stdout is not None
        scan.stdout.close()
    assert scan.returncode == EXIT_FINDINGS
    with Locker.open(path, "read") as locker:
        assert locker.finished
        assert locker.verify() == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["assess", "facts", "report"])
def test_a_full_disk_is_said(recorded: Recorded, command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, command, str(recorded.tree)], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == EXIT_INPUT
    assert b"cannot write the output: No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("closed", "arguments", "code"),
    [
        (">&-", ("report", "RUN"), EXIT_OK),
        (">&-", ("items", "--level", "1"), EXIT_OK),
        ("2>&-", ("assess", "RUN", "--fail-on", "medium"), EXIT_FINDINGS),
        ("2>&-", ("scan", "--tree", "TREE", "-o", "NEW", "--fail-on", "medium"), EXIT_FINDINGS),
        (">&- 2>&-", ("explain", "nonsuch"), EXIT_INPUT),
    ],
)
def test_no_standard_stream_at_all(
    recorded: Recorded, tmp_path: Path, closed: str, arguments: tuple[str, ...], code: int
) -> None:
    places = {"RUN": recorded.tree, "TREE": recorded.tree.parent / "tree", "NEW": tmp_path / "new"}
    words = [str(places.get(word, word)) for word in arguments]
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *PROGRAM, *words], capture_output=True, check=False
    )
    assert done.returncode == code
    assert b"Traceback" not in done.stdout + done.stderr


def test_json_is_utf_8_whatever_the_terminal_speaks(recorded: Recorded) -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for command in (["report", str(recorded.tree)], ["facts", str(recorded.tree), "-f", "json"], ["schema"]):
        done = subprocess.run([*PROGRAM, *command], capture_output=True, check=True, env=plain)
        json.loads(done.stdout.decode("utf-8"))
    told = subprocess.run(
        [*PROGRAM, "--lang", "zh", "assess", str(recorded.tree)], capture_output=True, check=False, env=plain
    )
    assert b"Traceback" not in told.stderr
    assert told.stdout.isascii()


def test_half_a_report_does_not_stay(recorded: Recorded, tmp_path: Path) -> None:
    """Of 512-byte blocks only eight may be written, as on a disk that is nearly full."""
    page, kept = tmp_path / "page.html", tmp_path / "kept.html"
    kept.write_text("before", encoding="utf-8")
    report = (*PROGRAM, "report", str(recorded.tree), "-f", "html", "-o")
    for path in (page, kept):
        done = subprocess.run(
            ["/bin/sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *report, str(path)],
            capture_output=True,
            check=False,
        )
        assert done.returncode == EXIT_INPUT
        assert b"cannot write" in done.stderr
    assert not page.exists()
    assert kept.exists()

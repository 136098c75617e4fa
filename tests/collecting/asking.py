"""Shells, steps and look-alikes that the tests of collecting share."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collectors.base import Command, Files, Form, Snippet, Step
from collectors.frames import Frames, Origin
from collectors.program import render
from collectors.transport.local import ProcessPipe
from collectors.transport.shell import ShellTransport
from scanner.model import Capture, Gap, Limits, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKER = "0123456789abcdef" * 2
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ORIGIN = Origin("web1", "linux", "local")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
WHY = Text(zh="为什么", en="why")

SHELLS = [
    pytest.param(
        argv, id=argv[0], marks=pytest.mark.skipif(not shutil.which(argv[0]), reason=f"no {argv[0]}")
    )
    for argv in (("dash",), ("bash", "--posix"), ("busybox", "sh"))
]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changes user or mounts: root only")


def step(name: str, form: Form, *, seconds: int = 10, max_bytes: int = 1024 * 1024) -> Step:
    return Step(name, form, WHY, seconds=seconds, max_bytes=max_bytes)


def pipe(
    shell: tuple[str, ...] = ("sh",), prefix: tuple[str, ...] = (), seconds: float = 30.0
) -> ProcessPipe:
    argv = (*prefix, *shell, "-c", 'eval "$(cat)"')
    return ProcessPipe(Limits(seconds=seconds), time.monotonic, argv)


def ask(
    steps: Sequence[Step], shell: tuple[str, ...] = ("sh",), prefix: tuple[str, ...] = ()
) -> list[Capture | Gap]:
    return list(ShellTransport(pipe(shell, prefix), ORIGIN, lambda: AT, lambda: MARKER).run(steps))


def lone(form: Form, shell: tuple[str, ...] = ("sh",), prefix: tuple[str, ...] = ()) -> Capture | Gap:
    """The one record of one step."""
    (record,) = ask([step("lone", form)], shell, prefix)
    return record


def captured(form: Form, shell: tuple[str, ...] = ("sh",), prefix: tuple[str, ...] = ()) -> Capture:
    record = lone(form, shell, prefix)
    assert isinstance(record, Capture), record
    return record


def transcript(steps: Sequence[Step], shell: tuple[str, ...] = ("sh",)) -> tuple[bytes, bytes]:
    """Both streams of a real shell that ran the steps."""
    done = subprocess.run(
        (*shell, "-c", 'eval "$(cat)"'), input=render(steps, MARKER), capture_output=True, check=False
    )
    return done.stdout, done.stderr


def read(steps: Sequence[Step], out: bytes, err: bytes) -> list[Capture | Gap]:
    frames = frames_of(steps)
    return [*frames.feed(out), *frames.feed_errors(err), *frames.close()]


def frames_of(steps: Sequence[Step]) -> Frames:
    return Frames(MARKER, steps, ORIGIN, lambda: AT)


def sample(folder: str) -> list[Step]:
    """One step of every kind, with answers of every kind; ``folder`` holds a.conf and b.conf."""
    return [
        step("words", Command(("echo", "a  b", "c"))),
        step("failing", Snippet("echo one; echo two >&2; exit 3", accepts=(0, 3))),
        step("files", Files((f"{folder}/*.conf", f"{folder}/none.conf"))),
        step("missing", Command(("no-such-program",))),
        step("much", Command(("yes",)), max_bytes=50),
        step("listed", Files((f"{folder}/a.conf",), metadata_only=True)),
        step("imitation", Snippet("printf '\\nE 6 1 0\\n\\n%s E 6 1 0\\n' 00000000000000000000000000000000")),
        step("empty", Command(("true",))),
    ]

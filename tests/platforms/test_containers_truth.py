"""Real processes in a root folder and in a control group of their own, as a container's are."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collectors.base import Command, Snippet
from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.platforms.linux.services.processes import INSTANCES, OTHER_ROOT, running
from collectors.platforms.linux.services.roots import ROOTS
from tests.platforms.fixture import command_capture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.base import Step

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces and control groups need root")

ID = "4f" * 32
GROUPS = (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
"""Where control groups are made: of the first version, of both, of the second."""

IN_ITS_OWN_ROOT = """
mount -t tmpfs none "$1"
for folder in bin lib lib64 usr; do
  [ -e "/$folder" ] || continue
  mkdir "$1/$folder"
  mount --bind "$(readlink -f "/$folder")" "$1/$folder"
done
cp "$2" "$1/redis-server"
echo there
exec chroot "$1" /redis-server 60
"""
"""A root folder of its own, in a namespace of mounts of its own."""


@contextmanager
def process(*argv: str, said: bool = False) -> Iterator[int]:
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as started:
        try:
            assert started.stdout is not None
            if said:
                assert started.stdout.readline() == b"there\n"
            yield started.pid
        finally:
            started.kill()


@contextmanager
def control_group(pid: int) -> Iterator[None]:
    """The process is in a group called as Docker calls its own."""
    tree = next(tree for tree in GROUPS if (tree / "cgroup.procs").exists())
    parent = tree / "docker"
    there = parent.exists()
    group = parent / ID
    group.mkdir(parents=True)
    (group / "cgroup.procs").write_text(str(pid))
    try:
        yield
    finally:
        (tree / "cgroup.procs").write_text(str(pid))
        group.rmdir()
        if not there:
            parent.rmdir()


def answered(step: Step) -> bytes:
    form = step.form
    assert isinstance(form, Command | Snippet)
    argv = form.argv if isinstance(form, Command) else ("sh", "-c", form.text)
    return subprocess.run(argv, capture_output=True, check=False).stdout


def containers() -> dict[int, str]:
    """What each running instance is said to be in."""
    records = [command_capture(PLATFORM, step, answered(step)) for step in (INSTANCES, ROOTS)]
    return {p.pid: p.container for p in running(Evidence.of("host", PLATFORM, records))[1]}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that is called like a product's and does nothing."""
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    if not any(line.split()[3:5] == ["/", "/"] for line in mounts.splitlines()):
        pytest.skip("these tests have a root folder of their own: they see what a container's process sees")
    copy = tmp_path / "redis-server"
    shutil.copy("/bin/sleep", copy)
    return copy


def test_a_root_folder_of_its_own_is_seen_whatever_the_control_group_is_called(program: Path) -> None:
    folder = program.parent / "root"
    folder.mkdir()
    apart = ("unshare", "--mount", "sh", "-ec", IN_ITS_OWN_ROOT, "sh", str(folder), str(program))
    with process(str(program), "60") as plain, process(*apart, said=True) as inside:
        # chroot becomes the program a moment after it was said
        found: dict[int, str] = {}
        for _ in range(200):
            found = containers()
            if inside in found:
                break
        assert found[plain] == ""
        assert found[inside] == OTHER_ROOT


def test_a_control_group_of_docker_names_the_container(program: Path) -> None:
    if not any((tree / "cgroup.procs").exists() for tree in GROUPS):
        pytest.skip("no control groups here")
    with ExitStack() as stack:
        plain = stack.enter_context(process(str(program), "60"))
        inside = stack.enter_context(process(str(program), "60"))
        stack.enter_context(control_group(inside))
        found = containers()
        assert found[plain] == ""
        assert found[inside] == f"docker:{ID[:12]}"

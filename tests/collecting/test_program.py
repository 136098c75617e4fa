"""The program in real shells: what it answers, what it leaves behind, what it shows to others."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from collectors.base import Command, Files, Snippet
from collectors.program import LAUNCH, LAUNCH_ARGV, render
from scanner.model import Capture, CaptureKind, Gap, GapReason
from tests.collecting.asking import (
    MARKER,
    SHELLS,
    ask,
    captured,
    lone,
    needs_root,
    read,
    sample,
    step,
    transcript,
)

if TYPE_CHECKING:
    from pathlib import Path

    from collectors.base import Form

pytestmark = pytest.mark.parametrize("shell", SHELLS)
Shell = tuple[str, ...]


@pytest.mark.parametrize(
    ("form", "status", "content", "errors"),
    [
        (Command(("echo", "a  b", "*", "$HOME", "`id`", "it's")), 0, b"a  b * $HOME `id` it's\n", b""),
        (Command(("true",)), 0, b"", b""),
        (Command(("false",)), 1, b"", b""),
        (Command(("no-such-program",)), 127, b"", b"no-such-program: command not found\n"),
        (Command(("/etc/passwd",)), 126, b"", None),
        (Command(("cat",)), 0, b"", b""),  # standard input is empty, and not the program
        (Snippet("printf '\\n\\nx\\n\\n\\n'"), 0, b"\n\nx\n\n\n", b""),
        (Snippet("printf 'no newline'; echo why >&2; exit 9"), 9, b"no newline", b"why\n"),
        (Snippet("printf 'caf\\303\\251 \\377\\200'"), 0, b"caf\xc3\xa9 \xff\x80", b""),
        (Snippet("printf 'a\\000b'"), 0, b"a\x01b", b""),
        (Snippet("printf '\\n%s=0.' 0123"), 0, b"\n0123=0.", b""),
        (Snippet('echo "$LC_ALL $PATH"'), 0, None, b""),
        (Snippet("set -e; IFS=x; PATH=/; false; echo unreached"), 1, b"", b""),
        (Snippet('echo "[$M]" "[$(set | grep -c 01234567)]"'), 0, b"[] [0]\n", b""),
        (Snippet("kill -9 $$"), 137, b"", None),
    ],
)
def test_a_command_is_answered_exactly(
    shell: Shell, form: Form, status: int, content: bytes | None, errors: bytes | None
) -> None:
    capture = captured(form, shell)
    assert capture.kind is CaptureKind.COMMAND
    assert capture.status == status
    assert not capture.truncated
    assert content is None or capture.content == content
    assert errors is None or capture.errors == errors


def test_every_byte_but_nul_arrives(shell: Shell, tmp_path: Path) -> None:
    body = bytes(range(1, 256)) * 300
    (tmp_path / "all.bin").write_bytes(body)
    _, capture = ask([step("bytes", Files((f"{tmp_path}/all.bin",)))], shell)
    assert isinstance(capture, Capture)
    assert capture.content == body
    assert not capture.truncated


def test_bytes_are_counted_as_bytes_in_any_locale(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("等级保护\n", "utf-8")
    steps = [step("words", Files((f"{tmp_path}/a.conf",)))]
    _, capture = ask(steps, shell, ("env", "LC_ALL=C.UTF-8", "LANG=C.UTF-8"))
    assert isinstance(capture, Capture)
    assert capture.content.decode() == "等级保护\n"


def test_a_file_with_nul_is_never_whole(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_bytes(b"Port 22\n\0PermitRootLogin yes\n")
    _, capture = ask([step("nul", Files((f"{tmp_path}/a.conf",)))], shell)
    assert isinstance(capture, Capture)
    assert capture.truncated


@pytest.mark.parametrize("more", [0, 1])
def test_a_limit_cuts_at_its_byte(shell: Shell, tmp_path: Path, more: int) -> None:
    (tmp_path / "a.conf").write_bytes(b"x" * (100 + more))
    steps = [
        step("file", Files((f"{tmp_path}/a.conf",)), max_bytes=100),
        step("endless", Command(("yes",)), max_bytes=100),
    ]
    _, file, endless = ask(steps, shell)
    assert isinstance(file, Capture)
    assert isinstance(endless, Capture)
    assert file.truncated == (more > 0)
    assert len(file.content) == 100
    assert (endless.truncated, endless.status, len(endless.content)) == (True, None, 100)


def test_a_slow_command_is_stopped_and_the_next_answers(shell: Shell) -> None:
    slow, quick = ask(
        [step("slow", Command(("sleep", "20")), seconds=1), step("id", Command(("id",)))], shell
    )
    assert isinstance(slow, Capture)
    assert slow.status == 124
    assert isinstance(quick, Capture)
    assert quick.status == 0


def test_a_sample_of_everything_is_the_same_in_every_shell(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("a\n")
    (tmp_path / "b.conf").write_text("")
    steps = sample(str(tmp_path))
    assert ask(steps, shell) == ask(steps, ("sh",))


def test_answers_keep_the_order_of_the_steps(shell: Shell) -> None:
    steps = [step(f"s{n}", Command(("echo", str(n)))) for n in (3, 1, 2)]
    assert [r.content for r in ask(steps, shell) if isinstance(r, Capture)] == [b"3\n", b"1\n", b"2\n"]


def test_no_argument_and_no_environment_shows_the_marker(shell: Shell) -> None:
    """Every process that this look starts, seen from inside it and while it writes its frames."""
    look = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"
    capture = captured(Snippet(look), shell)
    assert b"eval" in capture.content
    assert MARKER.encode() not in capture.content


def test_a_program_cut_on_its_way_does_nothing(shell: Shell, tmp_path: Path) -> None:
    program = render([step("touch", Command(("touch", f"{tmp_path}/done")))], MARKER)
    for end in {*range(0, len(program) - 2, 97), *range(len(program) - 40, len(program) - 1)}:
        cut = program[:end]
        done = subprocess.run(
            (*shell, *LAUNCH_ARGV[1:]), input=cut, capture_output=True, check=False, timeout=10
        )
        assert MARKER.encode() not in done.stdout, end
        assert not (tmp_path / "done").exists()


def test_nothing_is_written_on_the_object(shell: Shell, tmp_path: Path) -> None:
    """bash keeps here-documents in files: there are none. Home and TMPDIR stay empty."""
    steps = sample("/etc")
    assert b"<<" not in render(steps, MARKER)
    ask(steps, shell, ("env", f"HOME={tmp_path}", f"TMPDIR={tmp_path}", f"HISTFILE={tmp_path}/history"))
    assert list(tmp_path.iterdir()) == []


@needs_root
def test_it_runs_where_nothing_can_be_written(shell: Shell) -> None:
    command = 'mount --make-rprivate / && mount -o remount,ro,bind / && exec "$@"'
    sealed = ("unshare", "-m", "sh", "-c", command, "sealed")
    if subprocess.run((*sealed, "true"), capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace here")
    assert ask(sample("/etc"), shell, sealed) == ask(sample("/etc"), shell)


def test_a_remote_login_shell_can_be_any_shell(shell: Shell) -> None:
    """The launch string says the same to the login shell as the argv does without one."""
    program = render([step("id", Command(("echo", "here")))], MARKER)
    done = subprocess.run((*shell, "-c", LAUNCH), input=program, capture_output=True, check=True)
    assert b"\nhere\n" in done.stdout


WORKING = {"timeout": "timeout 1 true", "head": "head -c 0 </dev/null", "stat": "stat -c %a /"}
"""What succeeds only where the program does its work."""


@needs_root
@pytest.mark.parametrize(
    ("program", "step_seconds"), [("timeout", 9), ("head", 9), ("stat", 9)], ids=["timeout", "head", "stat"]
)
def test_what_the_object_lacks_is_said_or_done_without(
    shell: Shell, program: str, step_seconds: int, tmp_path: Path
) -> None:
    command = f'mount --make-rprivate / && mount --bind /bin/false /usr/bin/{program} && exec "$@"'
    lacking = ("unshare", "-m", "sh", "-c", command, "lacking")
    if subprocess.run((*lacking, "true"), capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace here")
    works = (*lacking, *shell, "-c", WORKING[program])
    if shell[0] == "busybox" and subprocess.run(works, capture_output=True, check=False).returncode == 0:
        pytest.skip(f"this busybox runs its own {program}, whatever stands in /usr/bin")
    (tmp_path / "a.conf").write_text("text\n")
    steps = [
        step("id", Command(("echo", "here")), seconds=step_seconds),
        step("file", Files((f"{tmp_path}/a.conf",))),
    ]
    answer, _, file = ask(steps, shell, lacking)
    assert isinstance(answer, Capture)
    assert (answer.status, answer.content) == (0, b"here\n")
    if program == "stat":
        assert isinstance(file, Gap)
        assert file.reason is GapReason.COMMAND_FAILED
    else:
        assert isinstance(file, Capture)
        assert file.content == b"text\n"


def test_standard_error_is_split_by_step(shell: Shell) -> None:
    steps = [step(f"s{n}", Snippet(f"echo {n} >&2")) for n in range(3)]
    assert [r.errors for r in ask(steps, shell) if isinstance(r, Capture)] == [b"0\n", b"1\n", b"2\n"]


def test_the_marker_stands_only_in_frames(shell: Shell) -> None:
    """One for each frame, and one for the status behind an answer."""
    out, _ = transcript([step("id", Command(("id",)))], shell)
    assert (
        len(re.findall(MARKER.encode(), out)) == 1 + 2 + 1 + 1
    )  # greeting, answer + status, end, end of all


def test_noise_before_the_program_is_no_answer(shell: Shell) -> None:
    noisy = ("sh", "-c", "echo Welcome; echo 'last login' >&2; exec \"$@\"", "noisy")
    capture = captured(Command(("echo", "x")), shell, noisy)
    assert (capture.content, capture.errors) == (b"x\n", b"")


def test_a_command_may_not_be_a_directory_or_a_fifo(shell: Shell, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    record = lone(Command((f"{tmp_path}/fifo",)), shell)
    assert isinstance(record, Capture)
    assert record.status == 127


def test_commands_read_nothing_of_an_operator_who_runs_it_by_hand(shell: Shell, tmp_path: Path) -> None:
    """From a file, with a terminal or a pipe behind it, as on a host nobody may log in to."""
    steps = [step("input", Command(("cat",))), step("snippet", Snippet("cat"))]
    (tmp_path / "program").write_bytes(render(steps, MARKER))
    done = subprocess.run(
        (*shell, str(tmp_path / "program")), input=b"typed\n", capture_output=True, check=True
    )
    assert [r.content for r in read(steps, done.stdout, done.stderr) if isinstance(r, Capture)] == [b"", b""]

"""Local pipes: bounded in time and bytes, draining both streams, leaving nothing running."""

from __future__ import annotations

import secrets
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collectors.base import Command, Snippet
from collectors.transport.command import command_pipe
from collectors.transport.local import ProcessPipe
from collectors.transport.shell import ShellTransport, Stream
from scanner.errors import InputError, ObservationError
from scanner.model import Capture, Gap, GapReason, Limits
from tests.collecting.asking import AT, MARKER, ORIGIN, ask, lone, needs_root, step, transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collectors.transport.shell import Pipe

STEPS = [step("one", Command(("echo", "1"))), step("two", Snippet("echo 2; echo 3 >&2"))]


def exchange(
    script: str, program: bytes = b"", limits: Limits | None = None
) -> tuple[dict[Stream, bytes], Gap | None]:
    """All that came of a script, and why it ended early."""
    got = {Stream.OUT: b"", Stream.ERR: b""}
    pipe = ProcessPipe(limits or Limits(seconds=20), time.monotonic, ("sh", "-c", script))
    try:
        for stream, chunk in pipe.exchange(program):
            got[stream] += chunk
    except ObservationError as error:
        return got, error.gap
    return got, None


def run(pipe: Pipe) -> list[Capture | Gap]:
    return list(ShellTransport(pipe, ORIGIN, lambda: AT, lambda: MARKER).run(STEPS))


def test_both_streams_are_drained_beyond_what_a_pipe_holds() -> None:
    script = "i=0; while [ $i -lt 300 ]; do printf '%01000d' 0; printf '%01000d' 0 >&2; i=$((i+1)); done"
    got, gap = exchange(script)
    assert gap is None
    assert [len(got[stream]) for stream in Stream] == [300_000, 300_000]


def test_a_large_program_is_fed_while_the_answer_is_read() -> None:
    program = b"x" * 1_000_000
    got, gap = exchange("cat", program)
    assert (gap, got[Stream.OUT]) == (None, program)


def test_a_shell_that_does_not_listen_is_no_error() -> None:
    got, gap = exchange("exec <&-; echo done", b"x" * 1_000_000)
    assert (gap, got[Stream.OUT]) == (None, b"done\n")


@pytest.mark.parametrize(
    "script", ["while :; do echo x; sleep 0.1; done", "sleep 30", "sleep 30 >/dev/null 2>&1"]
)
def test_the_deadline_holds_for_the_whole_look(script: str) -> None:
    began = time.monotonic()
    _, gap = exchange(script, limits=Limits(seconds=0.6))
    assert gap is not None
    assert gap.reason is GapReason.TIMED_OUT
    assert time.monotonic() - began < 20


def test_too_many_bytes_end_the_look() -> None:
    got, gap = exchange("yes", limits=Limits(seconds=20, max_bytes=100_000))
    assert gap is not None
    assert gap.reason is GapReason.TRUNCATED
    assert len(got[Stream.OUT]) < 300_000


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (("/no/such/program",), GapReason.COMMAND_MISSING),
        (("/etc/passwd",), GapReason.PERMISSION),
    ],
)
def test_what_cannot_be_started_is_said(argv: tuple[str, ...], reason: GapReason) -> None:
    with pytest.raises(ObservationError) as caught:
        list(ProcessPipe(Limits(), time.monotonic, argv).exchange(b""))
    assert caught.value.gap.reason is reason


def a_long_sleep() -> str:
    """Seconds that no other process sleeps for, many more than a test takes."""
    return f"300.{secrets.randbelow(10**9):09}"


def clock_that_runs_out(token: str, count: int = 1) -> Callable[[], float]:
    """A clock for which a look is over as soon as ``count`` processes with ``token`` run."""
    return lambda: time.monotonic() + (1e6 if len(running(token)) >= count else 0)


def test_nothing_keeps_running_after_a_deadline() -> None:
    """timeout(1) takes its command into another process group: the session still holds it."""
    token = a_long_sleep()
    pipe = ProcessPipe(Limits(seconds=60), clock_that_runs_out(token))
    transport = ShellTransport(pipe, ORIGIN, lambda: AT, lambda: MARKER)
    (record,) = transport.run([step("slow", Command(("sleep", token)), seconds=600)])
    assert isinstance(record, Gap)
    assert record.reason is GapReason.TIMED_OUT
    assert running(token) == []


def test_who_is_born_while_others_are_killed_is_killed_too() -> None:
    """Groups of their own that have a child every few milliseconds."""
    token = a_long_sleep()
    brood = f"i=0; while [ $i -lt 500 ]; do sleep {token} & sleep 0.003; i=$((i+1)); done; wait"
    parents = f"for n in 1 2 3 4; do timeout 600 sh -c '{brood}' & done; wait"
    clock = clock_that_runs_out(token, count=40)
    pipe = ProcessPipe(Limits(seconds=60), clock, ("sh", "-c", parents))
    with pytest.raises(ObservationError) as caught:
        list(pipe.exchange(b""))
    assert caught.value.gap.reason is GapReason.TIMED_OUT
    assert running(token) == []


def test_nothing_keeps_running_behind_a_shell_that_exits() -> None:
    token = a_long_sleep()
    got, gap = exchange(f"sleep {token} & echo gone")
    assert (got[Stream.OUT], gap) == (b"gone\n", None)
    assert running(token) == []


def running(token: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and token.encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            continue
    return found


def test_stopping_early_ends_the_process() -> None:
    token = a_long_sleep()
    chunks = ProcessPipe(Limits(), time.monotonic, ("sh", "-c", f"echo x; sleep {token}")).exchange(b"")
    assert next(chunks) == (Stream.OUT, b"x\n")
    assert running(token)
    del chunks
    assert running(token) == []


def test_a_prefix_is_an_argv_and_never_a_shell_text() -> None:
    pipe = command_pipe(("env", "WHO=a b; exit 1", "sh", "-c", 'exec "$@"', "x"), Limits(), time.monotonic)
    transport = ShellTransport(pipe, ORIGIN, lambda: AT, lambda: MARKER)
    (record,) = transport.run([step("who", Snippet('echo "$WHO"'))])
    assert isinstance(record, Capture)
    assert record.content == b"a b; exit 1\n"


@pytest.mark.parametrize("prefix", [(), ("",), ("a", "")])
def test_a_prefix_without_sense_is_refused(prefix: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        command_pipe(prefix, Limits(), time.monotonic)


@needs_root
def test_another_namespace_is_another_object() -> None:
    """A machine of its own name, entered from outside as nsenter does."""
    with subprocess.Popen(
        ("/usr/bin/unshare", "-u", "sh", "-c", "hostname inside && echo up && exec sleep 20"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as other:
        try:
            if other.stdout is None or other.stdout.readline() != b"up\n":
                pytest.skip("no namespaces here")
            record = lone(Command(("hostname",)), prefix=("nsenter", "-t", str(other.pid), "-u", "--"))
        finally:
            other.kill()
    assert isinstance(record, Capture)
    assert record.content == b"inside\n"


@dataclass
class Told:
    """A pipe that says what it was told to say."""

    chunks: list[tuple[Stream, bytes]]
    error: ObservationError | None = None
    fed: list[bytes] = field(default_factory=list)

    def exchange(self, program: bytes) -> Iterator[tuple[Stream, bytes]]:
        self.fed.append(program)
        yield from self.chunks
        if self.error is not None:
            raise self.error


LOST = ObservationError(Gap(GapReason.UNREACHABLE, detail="the connection was lost"))


def told(until: bytes = b"", error: ObservationError | None = None) -> Told:
    """The true answer, up to a place in it."""
    out, err = transcript(STEPS)
    end = out.index(until) if until else len(out)
    return Told([(Stream.ERR, err), (Stream.OUT, out[:end])], error)


def test_what_was_whole_survives_a_broken_pipe_and_the_rest_has_its_reason() -> None:
    one, two = run(told(f"{MARKER} E 1".encode(), LOST))
    assert isinstance(one, Capture)
    assert one.content == b"1\n"
    assert two == Gap(GapReason.UNREACHABLE, "two", detail="the connection was lost")


def test_a_pipe_that_breaks_after_the_end_broke_nothing() -> None:
    assert [type(record) for record in run(told(error=LOST))] == [Capture, Capture]


def test_nothing_at_all_is_the_pipes_error() -> None:
    with pytest.raises(ObservationError) as caught:
        run(Told([(Stream.OUT, b"Welcome\n")], LOST))
    assert caught.value is LOST


def test_a_program_that_never_started_says_what_the_object_said() -> None:
    with pytest.raises(ObservationError) as caught:
        run(Told([(Stream.ERR, b"This account is \x1b[31mcurrently not available.\r\n")]))
    assert caught.value.gap.reason is GapReason.COMMAND_FAILED
    assert "currently not available." in caught.value.gap.detail
    assert "\x1b" not in caught.value.gap.detail


def test_an_answer_that_ends_quietly_is_cut() -> None:
    one, two = run(told(f"{MARKER} E 0".encode()))
    assert isinstance(one, Gap)
    assert isinstance(two, Gap)
    assert {one.reason, two.reason} == {GapReason.TRUNCATED}


def test_the_marker_is_fresh_for_every_look() -> None:
    markers = iter(["a" * 32, "b" * 32])
    pipe = told()
    transport = ShellTransport(pipe, ORIGIN, lambda: AT, lambda: next(markers))
    for _ in range(2):
        with pytest.raises(ObservationError):
            list(transport.run(STEPS))
    assert b"a" * 32 in pipe.fed[0]
    assert b"b" * 32 in pipe.fed[1]


def test_no_steps_are_no_answers() -> None:
    assert ask([]) == []

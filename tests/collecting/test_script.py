"""The collector's script in real shells, and what is made of its output: whole, cut, forged, mixed, old."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.base import Command, Snippet
from collectors.saved import NoOutputError, answers, read_head, read_saved
from collectors.script import script
from collectors.transport.imported import ImportTransport
from scanner.errors import ObservationError
from scanner.model import Capture, Gap, GapReason
from tests.collecting.asking import AT, NOBODY, ORIGIN, SHELLS, ask, needs_root, sample, step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from collectors.base import Step

LIMIT = 1 << 24
in_shells = pytest.mark.parametrize("shell", SHELLS)
Shell = tuple[str, ...]


def by_hand(
    steps: Sequence[Step], folder: Path, shell: Shell = ("sh",), prefix: tuple[str, ...] = ()
) -> bytes:
    """What an operator carries away."""
    file = folder / "collect.sh"
    file.write_text(script(steps, "0.1.0"), "utf-8")
    with file.open("rb") as program:
        done = subprocess.run(
            (*prefix, *shell, "-c", 'eval "$(cat)"'), stdin=program, capture_output=True, check=True
        )
    assert done.stderr.startswith(b"done")
    return done.stdout


def imported(content: bytes, steps: Sequence[Step], folder: Path) -> list[Capture | Gap]:
    path = folder / "host.mlps"
    path.write_bytes(content)
    return list(ImportTransport(path, ORIGIN, lambda: AT, LIMIT).run(steps))


def refused(content: bytes, steps: Sequence[Step], folder: Path) -> Gap:
    with pytest.raises(ObservationError) as caught:
        imported(content, steps, folder)
    return caught.value.gap


@pytest.fixture
def steps(tmp_path: Path) -> list[Step]:
    (tmp_path / "a.conf").write_text("a\n")
    (tmp_path / "b.conf").write_text("")
    return sample(str(tmp_path))


@in_shells
def test_by_hand_answers_are_those_of_a_session(shell: Shell, steps: list[Step], tmp_path: Path) -> None:
    assert imported(by_hand(steps, tmp_path, shell), steps, tmp_path) == ask(steps, shell)


@in_shells
def test_it_runs_from_a_file_with_a_terminal_for_input(shell: Shell, tmp_path: Path) -> None:
    asked = [step("input", Command(("cat",))), step("both", Snippet("echo out; echo err >&2"))]
    (tmp_path / "c.sh").write_text(script(asked, "0.1.0"), "utf-8")
    done = subprocess.run(
        (*shell, str(tmp_path / "c.sh")), input=b"typed\n", capture_output=True, check=True, cwd="/"
    )
    quiet, both = imported(done.stdout, asked, tmp_path)
    assert isinstance(quiet, Capture)
    assert isinstance(both, Capture)
    assert (quiet.content, both.content, both.errors) == (b"", b"out\n", b"err\n")


@needs_root
def test_without_rights_the_gaps_are_those_of_a_session(steps: list[Step], tmp_path: Path) -> None:
    found = imported(by_hand(steps, tmp_path, prefix=NOBODY), steps, tmp_path)
    assert found == ask(steps, prefix=NOBODY)
    assert found != imported(by_hand(steps, tmp_path), steps, tmp_path)


@in_shells
def test_secrets_are_not_shown_on_a_terminal(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "c.sh").write_text(script([step("id", Command(("id",)))], "0.1.0"), "utf-8")
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            (*shell, str(tmp_path / "c.sh")), stdout=theirs, stderr=subprocess.PIPE, check=False
        )
        os.set_blocking(ours, False)
        with pytest.raises(BlockingIOError):
            os.read(ours, 100)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 1
    assert b"holds secrets" in done.stderr


@in_shells
def test_a_script_cut_on_its_way_does_nothing(shell: Shell, tmp_path: Path) -> None:
    text = script([step("touch", Command(("touch", f"{tmp_path}/done")))], "0.1.0").encode()
    for end in {*range(0, len(text) - 2, 997), *range(len(text) - 40, len(text) - 1, 5)}:
        done = subprocess.run((*shell,), input=text[:end], capture_output=True, check=False)
        assert b"marker" not in done.stdout, end
    assert not (tmp_path / "done").exists()


def test_each_run_draws_its_own_marker(steps: list[Step], tmp_path: Path) -> None:
    markers = {read_head(by_hand(steps, tmp_path))[0].marker for _ in range(3)}
    assert len(markers) == 3


def test_nothing_is_written_beside_the_output(steps: list[Step], tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert "<<" not in script(steps, "0.1.0")
    by_hand(steps, tmp_path, ("bash",), ("env", f"HOME={home}", f"TMPDIR={home}", f"HISTFILE={home}/h"))
    assert list(home.iterdir()) == []


def test_its_head_names_what_it_asks_in_both_languages(steps: list[Step]) -> None:
    text = script(steps, "0.1.0")
    for asked in steps:
        assert f"#   {asked.id}\n#       {asked.why.zh}\n#       {asked.why.en}\n" in text


# What becomes of outputs that are not as the script left them.


@pytest.fixture
def whole(steps: list[Step], tmp_path: Path) -> bytes:
    return by_hand(steps, tmp_path)


def test_wherever_it_is_cut_nothing_is_said_that_was_not_answered(
    whole: bytes, steps: list[Step], tmp_path: Path
) -> None:
    said = imported(whole, steps, tmp_path)
    begin = read_head(whole)[1]
    for end in range(0, len(whole), 7):
        path_of_all = {s.id for s in steps}
        try:
            saved = read_saved(whole[:end])
        except NoOutputError:
            assert end < begin
            continue
        found = answers(saved, steps, ORIGIN, AT)
        if isinstance(found, Gap):
            continue
        records = list(found)
        assert {r.step for r in records} == path_of_all
        assert all(r in said for r in records if isinstance(r, Capture)), end
        assert any(isinstance(r, Gap) and r.reason is GapReason.TRUNCATED for r in records), end


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_of_bytes_breaks_it(whole: bytes, steps: list[Step], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 40))
    other = data.draw(st.binary(max_size=40) | st.sampled_from([whole[:500], whole[-300:], whole]))
    try:
        found = answers(read_saved(whole[:at] + other + whole[at + length :]), steps, ORIGIN, AT)
    except NoOutputError:
        return
    if not isinstance(found, Gap):
        assert {r.step for r in found} == {s.id for s in steps}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda _: b"", "not the output of a collector script"),
        (lambda _: b"root:x:0:0:root:/root:/bin/bash\n", "not the output"),
        (lambda b: b.decode("latin-1").encode("utf-16"), "not the output"),
        (lambda b: b.replace(b"\n", b"\r\n"), "line ends were changed"),
        (lambda b: b.replace(b"answers 1", b"answers 9", 1), "another format"),
        (lambda b: b.replace(b"\nmarker ", b"\nmaker ", 1), "head is damaged"),
        (lambda b: b.replace(b"\nhost ", b"\nhost a\nhost ", 1), "head is damaged"),
        (lambda b: b.replace(b"\ntaken 2", b"\ntaken 2026-99-2", 1), "head is damaged"),
        (lambda b: b.replace(b"\nstep words", b"\nstep files", 1), "names a step twice"),
        (lambda b: b + b, "more follows its end"),
        (lambda b: b + b"\n", "more follows its end"),
    ],
)
def test_what_is_no_output_is_refused_as_a_whole(
    whole: bytes, steps: list[Step], tmp_path: Path, change: object, why: str
) -> None:
    assert callable(change)
    gap = refused(change(whole), steps, tmp_path)
    assert gap.reason is GapReason.UNPARSABLE
    assert why in gap.detail


def test_frames_of_another_run_are_no_answers(whole: bytes, steps: list[Step], tmp_path: Path) -> None:
    other = by_hand(steps, tmp_path)
    begin, second = read_head(whole)[1], read_head(other)[1]
    assert refused(whole[:begin] + other[second:], steps, tmp_path).reason is GapReason.COMMAND_FAILED


def test_a_step_asked_otherwise_then_is_a_gap_now(whole: bytes, steps: list[Step], tmp_path: Path) -> None:
    today = [
        *(s for s in steps if s.id not in {"words", "empty"}),
        step("words", Command(("echo", "other"))),
        step("new", Command(("id",))),
    ]
    said = imported(whole, steps, tmp_path)
    found = imported(whole, today, tmp_path)
    gaps = {r.step: r for r in found if isinstance(r, Gap) and r.reason is GapReason.NOT_COLLECTED}
    assert gaps.keys() == {"words", "new"}
    assert "asked this otherwise" in gaps["words"].detail
    assert [r for r in found if r.step not in gaps] == [r for r in said if r.step not in {"words", "empty"}]


@pytest.mark.parametrize("limit", ["seconds", "max_bytes"])
def test_limits_belong_to_the_question(whole: bytes, steps: list[Step], tmp_path: Path, limit: str) -> None:
    changed = [replace(s, seconds=3) if limit == "seconds" else replace(s, max_bytes=7) for s in steps[:1]]
    (gap,) = imported(whole, changed, tmp_path)
    assert isinstance(gap, Gap)


def test_no_answer_is_of_a_time_to_come(whole: bytes, steps: list[Step], tmp_path: Path) -> None:
    (tmp_path / "h.mlps").write_bytes(whole)
    later = datetime.now(UTC) + timedelta(days=30)
    for now, expected in ((AT, AT), (later, read_head(whole)[0].taken)):
        transport = ImportTransport(tmp_path / "h.mlps", ORIGIN, lambda now=now: now, LIMIT)  # type: ignore[misc]
        assert {r.taken for r in transport.run(steps) if isinstance(r, Capture)} == {expected}


def test_what_cannot_be_read_says_why(steps: list[Step], tmp_path: Path) -> None:
    for path, limit, reason in (
        (tmp_path / "none", LIMIT, GapReason.UNREACHABLE),
        (tmp_path, LIMIT, GapReason.UNREACHABLE),
        (tmp_path / "a.conf", 1, GapReason.TRUNCATED),
    ):
        with pytest.raises(ObservationError) as caught:
            list(ImportTransport(path, ORIGIN, lambda: AT, limit).run(steps))
        assert caught.value.gap.reason is reason

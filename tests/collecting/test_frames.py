"""The reader of frames: any bytes give captures and gaps, and no capture is ever untrue."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import cached_property

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import Command, Files, Snippet, Step
from collectors.frames import ERRORS_KEPT
from scanner.model import Capture, Gap, GapReason
from tests.collecting.asking import MARKER, frames_of, read, sample, step, transcript


@dataclass(frozen=True)
class Tape:
    """What a real shell answered once, and what that means."""

    steps: list[Step]
    out: bytes
    err: bytes

    @cached_property
    def truth(self) -> list[Capture | Gap]:
        return read(self.steps, self.out, self.err)

    @cached_property
    def pieces(self) -> list[bytes]:
        """Standard output, frame by frame."""
        return re.split(rb"(?=\n%s )" % MARKER.encode(), self.out)[1:]

    def by_step(self, records: list[Capture | Gap]) -> dict[str, list[Capture | Gap]]:
        return {one.id: [record for record in records if record.step == one.id] for one in self.steps}

    def holds(self, records: list[Capture | Gap]) -> None:
        """Every step says all of the truth, or has a gap; no capture is untrue."""
        true = self.by_step(self.truth)
        for name, found in self.by_step(records).items():
            if found != true[name]:
                assert any(isinstance(record, Gap) for record in found), (name, found)
            assert all(record in true[name] for record in found if isinstance(record, Capture)), name


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Tape:
    folder = tmp_path_factory.mktemp("tape")
    (folder / "a.conf").write_text("one\n")
    (folder / "b.conf").write_text("")
    (folder / "o1").write_text("first\n")
    (folder / "o2").write_text("second\n")
    steps = [
        *sample(str(folder)),
        step("more", Files((f"{folder}/a.conf", f"{folder}/o*", f"{folder}/none"))),
        step("last", Command(("echo", "last"))),
    ]
    return Tape(steps, *transcript(steps))


def test_a_real_transcript_is_read_whole(tape: Tape) -> None:
    records = tape.truth
    assert not [record for record in records if isinstance(record, Gap)]
    captures = tape.by_step(records)
    assert all(captures.values())
    imitation = captures["imitation"][0]
    assert isinstance(imitation, Capture)
    assert b"E 6 1 0" in imitation.content
    much = captures["much"][0]
    assert isinstance(much, Capture)
    assert much.truncated


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 900)), max_size=30))
def test_it_does_not_matter_how_bytes_arrive(tape: Tape, cuts: list[tuple[bool, int]]) -> None:
    rest = {True: tape.err, False: tape.out}
    frames = frames_of(tape.steps)
    found: list[Capture | Gap] = []
    for errors, size in [*cuts, (True, len(tape.err)), (False, len(tape.out))]:
        found += (frames.feed_errors if errors else frames.feed)(rest[errors][:size])
        rest[errors] = rest[errors][size:]
    assert frames.finished
    assert [*found, *frames.close()] == tape.truth


def test_byte_by_byte_is_the_same(tape: Tape) -> None:
    frames = frames_of(tape.steps)
    out, err = (tape.out, tape.err)
    found = [record for at in range(len(out)) for record in frames.feed(out[at : at + 1])]
    found += [record for at in range(len(err)) for record in frames.feed_errors(err[at : at + 1])]
    assert [*found, *frames.close()] == tape.truth


@pytest.mark.parametrize("which", [0, 1], ids=["stdout", "stderr"])
def test_a_cut_at_every_byte_keeps_what_was_whole_and_names_the_rest(tape: Tape, which: int) -> None:
    whole = (tape.out, tape.err)
    for end in range(len(whole[which])):
        streams = list(whole)
        streams[which] = whole[which][:end]
        records = read(tape.steps, *streams)
        kept = [record for record in records if isinstance(record, Capture)]
        assert kept == tape.truth[: len(kept)], end
        gaps = [record for record in records if isinstance(record, Gap)]
        assert records == [*kept, *gaps]
        answered = {record.step for record in kept}
        assert [gap.step for gap in gaps] == [one.id for one in tape.steps if one.id not in answered], end
        assert {gap.reason for gap in gaps} <= {GapReason.TRUNCATED}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_lost_bytes_never_make_an_untrue_capture(tape: Tape, data: st.DataObject) -> None:
    streams = [tape.out, tape.err]
    which = data.draw(st.integers(0, 1))
    start = data.draw(st.integers(0, len(streams[which]) - 1))
    length = data.draw(st.integers(1, 600))
    streams[which] = streams[which][:start] + streams[which][start + length :]
    if which == 0:
        tape.holds(read(tape.steps, *streams))
    else:
        read(tape.steps, *streams)  # what a command complained of is not counted, but its steps are


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_foreign_bytes_never_make_an_untrue_capture(tape: Tape, data: st.DataObject) -> None:
    out, err = (tape.out, tape.err)
    at = data.draw(st.integers(0, len(out)))
    foreign = data.draw(st.binary(min_size=1, max_size=40))
    tape.holds(read(tape.steps, out[:at] + foreign + out[at:], err))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_frames_out_of_place_never_make_an_untrue_capture(tape: Tape, data: st.DataObject) -> None:
    """Dropped, repeated and swapped frames."""
    frames = list(tape.pieces)
    for _ in range(data.draw(st.integers(1, 3))):
        one, two = (data.draw(st.integers(0, len(frames) - 1)) for _ in range(2))
        match data.draw(st.sampled_from(["drop", "repeat", "swap"])):
            case "drop":
                del frames[one]
            case "repeat":
                frames.insert(two, frames[one])
            case _:
                frames[one], frames[two] = frames[two], frames[one]
    tape.holds(read(tape.steps, b"".join(frames), tape.err))


@pytest.mark.parametrize(
    ("old", "new", "step_name"),
    [
        (b" C 0 0 43\n", b" C 0 0 42\n", "words"),
        (b" C 0 0 43\n", b" C 0 0 44\n", "words"),
        (b" C 0 0 43\n", b" C 7 0 43\n", "words"),
        (b" C 0 0 43\n", b" C 99 0 43\n", "words"),
        (b" C 0 0 43\n", b" X 0 0 43\n", "words"),
        (b" C 0 0 43\n", b" c 0 0 43\n", "words"),
        (b" C 0 0 43\n", b" C 0 0 999999999\n", "words"),
        (b" E 0 1 0\n", b" E 0 2 0\n", "words"),
        (b" E 0 1 0\n", b" Z 0 1 0\n", "words"),
        (b" E 9 1 0\n", b" E 9 0 0\n", "last"),
    ],
)
def test_a_damaged_frame_makes_its_step_a_gap(tape: Tape, old: bytes, new: bytes, step_name: str) -> None:
    out, err = (tape.out, tape.err)
    assert old in out
    records = read(tape.steps, out.replace(old, new, 1), err)
    assert [type(record) for record in tape.by_step(records)[step_name]] == [Gap]


def test_a_step_that_was_answered_twice_is_no_longer_believed(tape: Tape) -> None:
    """Even when its capture has been handed out already: the late gap speaks against it."""
    out, err = (tape.out, tape.err)
    again = b"".join(piece for piece in tape.pieces if re.match(rb"\n\w+ [CE] 0 ", piece))
    records = read(tape.steps, out + again, err)
    assert [gap.reason for gap in tape.by_step(records)["words"] if isinstance(gap, Gap)] == [
        GapReason.UNPARSABLE
    ]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_garbage_is_a_gap_for_every_step(tape: Tape, out: bytes, err: bytes) -> None:
    records = read(tape.steps, out, err)
    assert [record.step for record in records if isinstance(record, Gap)] == [one.id for one in tape.steps]


MARK = f"\n{MARKER} ".encode()
PIECES = st.sampled_from(
    [
        MARK,
        MARKER.encode(),
        b"\n",
        b" ",
        b"C",
        b"E",
        b"F",
        b"P",
        b"M",
        b"S",
        b"Z",
        b"G",
        b"0",
        b"1",
        b"8",
        b"41",
        b"C 0 0 5\n",
        b"E 0 1 0\n",
        b"f/644/0/0/3/0/a/",
        b"//",
        b"=0.",
        b"644 0 0 3 0 /etc/a.conf",
        b"00\n",
        b"\xff",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=60), st.lists(PIECES, max_size=20))
def test_anything_that_knows_the_marker_is_still_harmless(
    tape: Tape, out: list[bytes], err: list[bytes]
) -> None:
    """Captures or gaps for every step, whatever comes: no exception."""
    records = read(tape.steps, b"".join(out), b"".join(err))
    assert {record.step for record in records} == {one.id for one in tape.steps}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("CSFROMPX"), st.integers(0, 3), st.lists(PIECES, max_size=12)), max_size=6
    )
)
def test_any_frames_of_a_files_step_are_captures_or_gaps(frames: list[tuple[str, int, list[bytes]]]) -> None:
    step_of_files = [step("files", Files(("/etc/*.conf", "/etc/a"), privileged=True))]
    assert records_of(step_of_files, [(kind, place, b"".join(parts)) for kind, place, parts in frames])


def records_of(
    steps: list[Step], frames: list[tuple[str, int, bytes]], err: bytes = b""
) -> list[Capture | Gap]:
    """What one step's frames are read as, the program around them being whole."""
    out = MARK + b"G 0 0 0\n"
    for kind, place, content in frames:
        out += MARK + f"{kind} 0 {place} {len(content)}\n".encode() + content
    out += MARK + f"E 0 {len(frames)} 0\n".encode() + MARK + b"Z 1 0 0\n"
    return read(steps, out, MARK + b"0\n" + err + MARK + b"1\n")


META = b"644 0 0 3 0 /etc/a.conf"
END = f"\n{MARKER}=0.".encode()


@pytest.mark.parametrize(
    ("frames", "reasons"),
    [
        ([("M", 0, META), ("F", 0, b"/etc/a.conf\nabc" + END), ("P", 0, b"00\n/etc/a.conf\n")], []),
        ([("F", 0, b"/etc/a.conf\nabc" + END), ("P", 0, b"00\n/etc/a.conf\n")], ["command-failed"]),
        ([("M", 0, META), ("P", 0, b"00\n/etc/a.conf\n")], ["truncated"]),
        ([("M", 0, META), ("F", 0, b"/etc/a.conf\nabc"), ("P", 0, b"00\n/etc/a.conf\n")], ["truncated"]),
        ([("M", 0, META), ("F", 0, b"/etc/a.conf\nabc" + END), ("P", 0, b"00\n")], ["unparsable"]),
        ([("M", 0, META), ("F", 0, b"/etc/a.conf\nabc" + END)], ["unparsable"]),
        (
            [
                ("M", 0, META + b"\n777" + META[3:]),
                ("F", 0, b"/etc/a.conf\nabc" + END),
                ("P", 0, b"00\n/etc/a.conf\n"),
            ],
            ["command-failed"],
        ),
        ([("P", 0, b"")], ["unparsable"]),
        ([("P", 0, b"00\n/etc/a.conf\n/etc/a.conf\n")], ["unparsable"]),
        ([("C", 0, b"x" + END)], ["unparsable"]),
        ([], ["unparsable"]),
    ],
)
def test_files_that_do_not_add_up_are_gaps(frames: list[tuple[str, int, bytes]], reasons: list[str]) -> None:
    records = records_of([step("files", Files(("/etc/*.conf",)))], frames)
    assert [record.reason for record in records if isinstance(record, Gap)] == reasons


def record(content: bytes, name: bytes = b"a.conf", size: int | None = None, kind: bytes = b"f") -> bytes:
    length = len(content) if size is None else size
    return b"%s/640/0/42/%d/1700000000.5000000000/%s/" % (kind, length, name) + content + b"//"


@pytest.mark.parametrize(
    ("body", "files", "whole"),
    [
        (b"", {}, True),
        (record(b"abc"), {"/etc/a.conf": b"abc"}, True),
        (record(b"b", b"b.conf") + record(b"a"), {"/etc/a.conf": b"a", "/etc/b.conf": b"b"}, True),
        (record(b"x//" + record(b"y", b"z.conf")), {"/etc/a.conf": b"x//" + record(b"y", b"z.conf")}, True),
        (record(b"abc", size=2), {}, False),
        (record(b"abc", size=4), {}, False),
        (record(b"abc") + record(b"abc", b"b.conf", size=9), {"/etc/a.conf": b"abc"}, False),
        (record(b"abc") + record(b"def"), {"/etc/a.conf": b"abc"}, False),
        (record(b"abc") + b"x", {"/etc/a.conf": b"abc"}, False),
        (record(b"abc", b".a.conf"), {}, True),
        (b"l/777/0/0/4/0.0/a.conf/", {}, True),
    ],
)
def test_what_find_printed_is_read_by_its_sizes(body: bytes, files: dict[str, bytes], *, whole: bool) -> None:
    steps = [step("files", Files(("/etc/*.conf",), privileged=True))]
    listing, *found = records_of(steps, [("S", 0, body + END)])
    assert isinstance(listing, Capture)
    assert listing.truncated != whole
    assert {r.subject: r.content for r in found if isinstance(r, Capture)} == files
    assert listing.content.decode().split() == list(files)


def test_noise_on_standard_error_is_kept_to_its_limit_and_said() -> None:
    steps = [step("noisy", Snippet("exit 0"))]
    (capture,) = records_of(steps, [("C", 0, b"x" + END)], b"e" * (ERRORS_KEPT + 1))
    assert isinstance(capture, Capture)
    assert capture.truncated
    assert len(capture.errors) == ERRORS_KEPT


@pytest.mark.parametrize(
    "unit",
    [
        MARK,
        MARK + b"C 0 0 1000000\n",
        MARK + b"E 0 0 0\n",
        MARK + b"9\n",
        MARK + b"C 9 0 0\n" + MARK + b"C 0 0 0\n",
        MARK[:-1],
        b"\n",
    ],
)
def test_no_bytes_make_it_slow(unit: bytes) -> None:
    """Twice the bytes take about twice the time: a quadratic reader would need minutes here."""
    steps = [step(f"s{n}", Snippet("exit 0")) for n in range(10)]
    bytes_ = unit * (1_000_000 // len(unit))
    began = time.process_time()
    frames = frames_of(steps)
    for at in range(0, len(bytes_), 4096):
        frames.feed(bytes_[at : at + 4096])
        frames.feed_errors(bytes_[at : at + 4096])
    frames.close()
    assert time.process_time() - began < 5

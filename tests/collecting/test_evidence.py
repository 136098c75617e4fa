"""Evidence raises every doubt before a reader sees a line: not seeing is never nothing being there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from collectors.base import Command, Files, Platform, Step, Unseen
from collectors.evidence import Evidence, decode
from scanner.model import Capture, CaptureKind, FileMeta, Gap, GapReason, Text

WHY = Text("为何", "why")
ASK = Step("ask", Command(("ask",), privileged=True, accepts=(0, 3)), WHY, control="^Header")
READ = Step("read", Files(("/etc/a", "/etc/a.d/*")), WHY)
LIST = Step("list", Files(("/var/log/*",), metadata_only=True), WHY)
PLATFORM = Platform("made-up", (ASK, READ, LIST), (), ((r"not permitted", GapReason.PERMISSION),))
TAKEN = datetime(2026, 1, 1, tzinfo=UTC)
META = FileMeta(0o644, 0, 0, 4, 0)


def capture(step: Step, kind: CaptureKind, subject: str = "", content: bytes = b"") -> Capture:
    status = None if kind is CaptureKind.FILE else 0
    meta = META if kind is CaptureKind.FILE else None
    return Capture("o", "made-up", step.id, subject, kind, "v", status, content, b"", TAKEN, meta=meta)


ANSWER = capture(ASK, CaptureKind.COMMAND, content=b"Header\nline\n")
LISTINGS = (
    capture(READ, CaptureKind.LISTING, "/etc/a", b"/etc/a\n"),
    capture(READ, CaptureKind.LISTING, "/etc/a.d/*"),
)
FILE = capture(READ, CaptureKind.FILE, "/etc/a", b"text")
LOGS = capture(LIST, CaptureKind.LISTING, "/var/log/*", b"/var/log/x\n")
LOG = capture(LIST, CaptureKind.FILE, "/var/log/x")


def evidence(*records: Capture | Gap) -> Evidence:
    return Evidence.of("o", PLATFORM, records)


def reason_of(look: Evidence, step: Step) -> GapReason:
    ways = {"ask": look.command, "read": look.files, "list": look.listed}
    with pytest.raises(Unseen) as caught:
        ways[step.id](step)
    return caught.value.gap.reason


def test_an_answer_is_lines_that_can_be_cited() -> None:
    document = evidence(ANSWER).command(ASK)
    assert document.lines[1] == "line"
    assert document.cite(2).excerpt == "line"
    assert (document.cite(2).capture, document.cite(2).line) == ("o/ask", 2)


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (replace(ANSWER, truncated=True), GapReason.TRUNCATED),
        (replace(ANSWER, content=b""), GapReason.EMPTY),
        (replace(ANSWER, content=b"other\n"), GapReason.EMPTY),
        (replace(ANSWER, content=b"Header\n\x1b[2J"), GapReason.UNPARSABLE),
        (replace(ANSWER, content=b"Header \xff\xff\xff"), GapReason.UNPARSABLE),
        (replace(ANSWER, status=1), GapReason.COMMAND_FAILED),
        (replace(ANSWER, status=124), GapReason.TIMED_OUT),
        (replace(ANSWER, status=127), GapReason.COMMAND_MISSING),
        (replace(ANSWER, status=1, errors=b"Operation not permitted"), GapReason.PERMISSION),
        (replace(ANSWER, errors=b"Operation not permitted"), GapReason.PERMISSION),
        (replace(ANSWER, status=1, content=b"Operation not permitted"), GapReason.PERMISSION),
        (Gap(GapReason.HOST_KEY, "ask"), GapReason.HOST_KEY),
    ],
)
def test_every_doubt_is_raised(damaged: Capture | Gap, reason: GapReason) -> None:
    assert reason_of(evidence(damaged), ASK) is reason


def test_an_accepted_status_is_an_answer() -> None:
    assert evidence(replace(ANSWER, status=3)).command(ASK).lines


def test_what_is_missing_has_the_reason_of_the_whole_object() -> None:
    assert reason_of(evidence(Gap(GapReason.UNREACHABLE)), ASK) is GapReason.UNREACHABLE
    assert reason_of(evidence(), ASK) is GapReason.NOT_COLLECTED


def test_a_permission_that_lacks_is_named() -> None:
    with pytest.raises(Unseen) as caught:
        evidence(replace(ANSWER, status=1, errors=b"not permitted")).command(ASK)
    assert caught.value.gap.needs == "root, or sudo: ask"


def test_files_are_all_there_or_unseen() -> None:
    assert list(evidence(*LISTINGS, FILE).files(READ)) == ["/etc/a"]
    assert evidence(*LISTINGS, FILE).file(READ, "/etc/a.d/x") is None


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ((LISTINGS[0], FILE), GapReason.TRUNCATED),  # a pattern was never listed
        (LISTINGS, GapReason.TRUNCATED),  # listed, but its bytes did not come
        ((replace(LISTINGS[0], status=1), LISTINGS[1], FILE), GapReason.PERMISSION),
        ((replace(LISTINGS[0], truncated=True), LISTINGS[1], FILE), GapReason.TRUNCATED),
        ((*LISTINGS, replace(FILE, content=b"")), GapReason.EMPTY),
        ((*LISTINGS, replace(FILE, truncated=True)), GapReason.TRUNCATED),
        ((*LISTINGS, replace(FILE, content=b"\x00\x01")), GapReason.UNPARSABLE),
        ((*LISTINGS, FILE, Gap(GapReason.PERMISSION, "read", "/etc/a.d/secret")), GapReason.PERMISSION),
        ((), GapReason.NOT_COLLECTED),
    ],
)
def test_files_raise_every_doubt(records: tuple[Capture | Gap, ...], reason: GapReason) -> None:
    assert reason_of(evidence(*records), READ) is reason


def test_one_unreadable_file_does_not_hide_another() -> None:
    look = evidence(*LISTINGS, FILE, Gap(GapReason.PERMISSION, "read", "/etc/a.d/secret"))
    document = look.file(READ, "/etc/a")
    assert document is not None
    with pytest.raises(Unseen):
        look.file(READ, "/etc/a.d/secret")


def test_metadata_is_whole_or_unseen() -> None:
    assert [f.path for f in evidence(LOGS, LOG).listed(LIST)] == ["/var/log/x"]
    assert reason_of(evidence(LOGS), LIST) is GapReason.TRUNCATED
    assert reason_of(evidence(LOGS, replace(LOG, meta=None)), LIST) is GapReason.UNPARSABLE
    assert reason_of(evidence(replace(LOGS, status=1)), LIST) is GapReason.PERMISSION


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("中文".encode(), "中文"),
        ("中文".encode("gb18030"), "中文"),
        (b"\xff\xfe\x00", None),
        (b"a\x00b", None),
    ],
)
def test_text_is_decoded_or_refused(content: bytes, text: str | None) -> None:
    assert decode(content) == text

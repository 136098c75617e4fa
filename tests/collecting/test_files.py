"""Reading files by a shell: what exists, what may be read, and what only looks as if it did not exist."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from collectors.base import Files
from collectors.program import FILES_A_PATTERN, render
from scanner.model import Capture, CaptureKind, Gap, GapReason
from tests.collecting.asking import MARKER, NOBODY, SHELLS, ask, needs_root, step

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parametrize("shell", SHELLS)
Shell = tuple[str, ...]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that other users can reach."""
    for above in (tmp_path, *tmp_path.parents):
        if above.owner() == "root" and str(above).startswith("/tmp/"):  # noqa: S108 - pytest's own
            above.chmod(0o755)
    return tmp_path


def files(
    shell: Shell, *patterns: str, prefix: tuple[str, ...] = (), metadata_only: bool = False
) -> tuple[dict[str, Capture], dict[str, Capture], list[Gap]]:
    """Listings by pattern, files by path, gaps."""
    records = ask([step("files", Files(patterns, metadata_only=metadata_only))], shell, prefix)
    captures = [record for record in records if isinstance(record, Capture)]
    return (
        {c.subject: c for c in captures if c.kind is CaptureKind.LISTING},
        {c.subject: c for c in captures if c.kind is CaptureKind.FILE},
        [record for record in records if isinstance(record, Gap)],
    )


def test_files_come_with_their_metadata_in_the_order_of_their_names(shell: Shell, folder: Path) -> None:
    for name, text in (("b.conf", "two\n"), ("a.conf", "one"), (".hidden.conf", "x"), ("c.txt", "x")):
        (folder / name).write_text(text)
    (folder / "a.conf").chmod(0o4750)
    os.utime(folder / "a.conf", (5, 1234567890))
    listings, found, gaps = files(shell, f"{folder}/*.conf")
    assert gaps == []
    assert listings[f"{folder}/*.conf"].content.decode() == f"{folder}/a.conf\n{folder}/b.conf\n"
    assert [c.content for c in found.values()] == [b"one", b"two\n"]
    meta = found[f"{folder}/a.conf"].meta
    assert meta is not None
    assert (meta.mode, meta.size, meta.mtime, meta.uid) == (0o4750, 3, 1234567890, os.getuid())


def test_what_does_not_exist_is_listed_as_nothing(shell: Shell, folder: Path) -> None:
    patterns = (f"{folder}/none", f"{folder}/no/where/*.conf", f"{folder}/*/x", f"{folder}/*.conf")
    listings, found, gaps = files(shell, *patterns)
    assert [(c.status, c.content) for c in listings.values()] == [(0, b"")] * 4
    assert (found, gaps) == ({}, [])


def test_metadata_only_reads_nothing(shell: Shell, folder: Path) -> None:
    (folder / "a.log").write_text("secret")
    _, found, gaps = files(shell, f"{folder}/*.log", metadata_only=True)
    assert gaps == []
    capture = found[f"{folder}/a.log"]
    assert capture.content == b""
    assert capture.meta is not None
    assert capture.meta.size == 6
    assert b"secret" not in render([step("x", Files((f"{folder}/*.log",), metadata_only=True))], MARKER)


def test_a_pattern_that_ends_in_a_slash_lists_folders(shell: Shell, folder: Path) -> None:
    (folder / "in.d").mkdir(mode=0o750)
    (folder / "no.d").write_text("a file")
    listings, found, gaps = files(
        shell, f"{folder}/*.d/", f"{folder}/in.d/", f"{folder}/no.d/", f"{folder}/none/", metadata_only=True
    )
    assert gaps == []
    assert [c.content.decode() for c in listings.values()] == [f"{folder}/in.d/\n"] * 2 + [""] * 2
    assert list(found) == [f"{folder}/in.d/"]
    meta = found[f"{folder}/in.d/"].meta
    assert meta is not None
    assert meta.mode == 0o750


def test_a_file_that_two_patterns_match_comes_once(shell: Shell, folder: Path) -> None:
    (folder / "a.conf").write_text("x")
    listings, found, gaps = files(shell, f"{folder}/*.conf", f"{folder}/a.conf")
    assert len(listings) == 2
    assert list(found) == [f"{folder}/a.conf"]
    assert gaps == []


def test_links_are_followed_to_regular_files_only(shell: Shell, folder: Path) -> None:
    (folder / "target").write_text("text")
    (folder / "a.conf").symlink_to("target")
    (folder / "b.conf").symlink_to("gone")
    (folder / "c.conf").symlink_to("/dev/null")
    (folder / "d.conf").mkdir()
    listings, found, gaps = files(shell, f"{folder}/*.conf")
    assert gaps == []
    assert listings[f"{folder}/*.conf"].content.decode() == f"{folder}/a.conf\n{folder}/c.conf\n"
    assert [c.content for c in found.values()] == [b"text", b""]


def test_pipes_and_devices_are_never_opened(shell: Shell, folder: Path) -> None:
    os.mkfifo(folder / "a.conf")
    (folder / "b.conf").symlink_to("/dev/zero")
    (folder / "c.conf").write_text("text")
    _, found, gaps = files(shell, f"{folder}/*.conf")
    assert list(found) == [f"{folder}/c.conf"]
    assert [(g.reason, g.subject) for g in gaps] == [
        (GapReason.UNPARSABLE, f"{folder}/a.conf"),
        (GapReason.UNPARSABLE, f"{folder}/b.conf"),
    ]


@pytest.mark.parametrize("name", ["a\nb.conf", "a\x07.conf", "\udcff.conf", "a\n644 0 0 1 1 b.conf"])
def test_names_that_lines_cannot_hold_are_said(shell: Shell, folder: Path, name: str) -> None:
    (folder / name).write_text("x")
    (folder / "z.conf").write_text("x")
    _, found, gaps = files(shell, f"{folder}/*.conf")
    assert [g.reason for g in gaps] == [GapReason.UNPARSABLE]
    assert list(found) == [f"{folder}/z.conf"]


@needs_root
def test_what_may_not_be_read_is_a_gap_that_says_what_it_needs(shell: Shell, folder: Path) -> None:
    (folder / "a.conf").write_text("x")
    (folder / "a.conf").chmod(0o600)
    (folder / "b.conf").write_text("y")
    _, found, gaps = files(shell, f"{folder}/*.conf", prefix=NOBODY)
    assert list(found) == [f"{folder}/b.conf"]
    (gap,) = gaps
    assert (gap.reason, gap.subject) == (GapReason.PERMISSION, f"{folder}/a.conf")
    assert "root" in gap.needs


@needs_root
@pytest.mark.parametrize(
    ("mode", "pattern", "status"),
    [
        (0o755, "d/*.conf", 0),
        (0o755, "d/none.conf", 0),
        (0o711, "d/*.conf", 1),  # may be entered, not listed
        (0o711, "d/none.conf", 0),
        (0o744, "d/*.conf", 1),  # may be listed, not entered
        (0o744, "d/none.conf", 1),
        (0o700, "d/*.conf", 1),
        (0o700, "d/e/f/none.conf", 1),
        (0o700, "*/none.conf", 1),
        (0o711, "*/none.conf", 0),
        (0o711, "*/*.conf", 1),
        (0o700, "link/none.conf", 1),
        (0o700, "d", 0),
    ],
)
def test_a_directory_that_cannot_be_looked_at_is_not_an_empty_one(
    shell: Shell, folder: Path, mode: int, pattern: str, status: int
) -> None:
    (folder / "d").mkdir()
    (folder / "d" / "inner").mkdir()
    (folder / "d" / "a.conf").write_text("x")
    (folder / "link").symlink_to("d/inner")
    (folder / "d").chmod(mode)
    listings, _, _ = files(shell, f"{folder}/{pattern}", prefix=NOBODY)
    assert listings[f"{folder}/{pattern}"].status == status


@needs_root
def test_a_link_into_the_dark_is_a_gap(shell: Shell, folder: Path) -> None:
    (folder / "dark").mkdir(mode=0o700)
    (folder / "dark" / "a").write_text("x")
    (folder / "a.conf").symlink_to("dark/a")
    _, _, gaps = files(shell, f"{folder}/a.conf", prefix=NOBODY)
    assert [(g.reason, g.subject) for g in gaps] == [(GapReason.PERMISSION, f"{folder}/a.conf")]


def test_too_many_files_are_said(shell: Shell, folder: Path) -> None:
    for number in range(FILES_A_PATTERN + 1):
        (folder / f"{number}.log").touch()
    listings, found, gaps = files(shell, f"{folder}/*.log", metadata_only=True)
    assert listings[f"{folder}/*.log"].truncated
    assert len(found) == FILES_A_PATTERN
    assert gaps == []


def test_files_of_proc_have_no_true_size(shell: Shell, folder: Path) -> None:
    assert folder.is_dir()
    _, found, gaps = files(shell, "/proc/version", "/proc/self/environ")
    assert gaps == []
    assert found["/proc/version"].content.startswith(b"Linux")
    assert not found["/proc/version"].truncated


@pytest.mark.parametrize(
    "pattern",
    [
        "etc/x",
        "/etc/../x",
        "/etc/a b",
        "/etc/$(id)",
        "/etc/`id`",
        "/etc/a;b",
        "/etc/a\nb",
        "/etc//",
        "/etc//x",
        "/home/.*/x",
        "",
    ],
)
def test_patterns_that_shells_would_read_differently_are_refused(shell: Shell, pattern: str) -> None:
    assert shell
    with pytest.raises(ValueError, match="not a pattern"):
        render([step("x", Files((pattern,)))], MARKER)

"""Unpacked file systems: what a shell inside would read, and nothing outside."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import Command, Files, Snippet
from collectors.transport.tree import TreeTransport
from scanner.errors import ObservationError
from scanner.model import Capture, CaptureKind, Gap, GapReason
from tests.collecting.asking import AT, ORIGIN, ask, step

if TYPE_CHECKING:
    from pathlib import Path

    from collectors.base import Step


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("outside")
    (tmp_path / "root" / "etc").mkdir(parents=True)
    return tmp_path / "root"


def walk(root: Path, *steps: Step) -> list[Capture | Gap]:
    return list(TreeTransport(str(root), ORIGIN, lambda: AT).run(steps))


def contents(root: Path, *patterns: str) -> dict[str, bytes]:
    records = walk(root, step("files", Files(patterns)))
    assert not [record for record in records if isinstance(record, Gap)]
    return {r.subject: r.content for r in records if isinstance(r, Capture) and r.kind is CaptureKind.FILE}


def test_files_come_as_a_shell_would_bring_them(root: Path) -> None:
    (root / "etc" / "b.conf").write_text("two")
    (root / "etc" / "a.conf").write_text("one")
    (root / "etc" / ".c.conf").write_text("hidden")
    (root / "etc" / "d.conf").mkdir()
    (root / "etc" / "a.conf").chmod(0o640)
    os.utime(root / "etc" / "a.conf", (1, 99))
    listing, first, second = walk(root, step("files", Files(("/etc/*.conf",))))
    assert isinstance(listing, Capture)
    assert (listing.content, listing.status) == (b"/etc/a.conf\n/etc/b.conf\n", 0)
    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.content, second.content) == (b"one", b"two")
    assert first.meta is not None
    assert (first.meta.mode, first.meta.mtime, first.meta.size) == (0o640, 99, 3)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("../../outside/secret", False),
        ("../../../../../../../../etc/real", True),  # the tree's root has no parent
        ("/etc/real", True),
        ("real", True),
        ("./../etc/./real", True),
        ("{outside}/secret", False),
        ("gone", False),
        ("link.conf", False),
        ("/etc/dir/real", True),
    ],
)
def test_no_link_leads_out_of_the_tree(root: Path, target: str, *, found: bool) -> None:
    (root / "etc" / "real").write_text("inside")
    (root / "etc" / "dir").symlink_to("/etc")
    (root / "etc" / "link.conf").symlink_to(target.format(outside=root.parent / "outside"))
    expected = {"/etc/link.conf": b"inside"} if found else {}
    assert contents(root, "/etc/link.conf") == expected
    assert contents(root, "/etc/*.conf") == expected


def test_no_linked_directory_leads_out_of_the_tree(root: Path) -> None:
    (root / "etc" / "out").symlink_to(root.parent / "outside")
    (root / "etc" / "up").symlink_to("../../outside")
    assert contents(root, "/etc/out/secret", "/etc/up/*", "/etc/*/secret") == {}


def test_links_that_go_round_end(root: Path) -> None:
    (root / "etc" / "a").symlink_to("b")
    (root / "etc" / "b").symlink_to("a")
    assert contents(root, "/etc/a", "/etc/*/x") == {}


def test_pipes_are_never_opened(root: Path) -> None:
    os.mkfifo(root / "etc" / "a.conf")
    _, gap = walk(root, step("files", Files(("/etc/a.conf",))))
    assert isinstance(gap, Gap)
    assert (gap.reason, gap.subject) == (GapReason.UNPARSABLE, "/etc/a.conf")


def test_what_is_not_there_is_listed_as_nothing(root: Path) -> None:
    records = walk(root, step("files", Files(("/etc/none", "/no/where/*.conf"))))
    assert [(r.status, r.content) for r in records if isinstance(r, Capture)] == [(0, b"")] * 2
    assert len(records) == 2


def test_a_limit_cuts_and_says_so(root: Path) -> None:
    (root / "etc" / "a").write_text("x" * 11)
    _, file = walk(root, step("files", Files(("/etc/a",)), max_bytes=10))
    assert isinstance(file, Capture)
    assert (file.truncated, len(file.content)) == (True, 10)


def test_metadata_only_reads_nothing(root: Path) -> None:
    (root / "etc" / "a").write_text("secret")
    _, file = walk(root, step("files", Files(("/etc/a",), metadata_only=True)))
    assert isinstance(file, Capture)
    assert file.content == b""
    assert file.meta is not None
    assert file.meta.size == 6


def test_a_pattern_that_ends_in_a_slash_lists_folders(root: Path) -> None:
    (root / "etc" / "in.d").mkdir(mode=0o750)
    (root / "etc" / "no.d").write_text("a file")
    form = Files(("/etc/in.d/", "/etc/no.d/", "/etc/none/"), metadata_only=True)
    listed, folder, *others = walk(root, step("files", form))
    assert isinstance(listed, Capture)
    assert isinstance(folder, Capture)
    assert (listed.content, folder.subject) == (b"/etc/in.d/\n", "/etc/in.d/")
    assert folder.meta is not None
    assert folder.meta.mode == 0o750
    assert [(r.status, r.content) for r in others if isinstance(r, Capture)] == [(0, b"")] * 2


@pytest.mark.parametrize(
    "form", [Command(("id",)), Snippet("id"), Files(("/proc/version",)), Files(("/sys/kernel/*",))]
)
def test_a_tree_has_no_running_state(root: Path, form: Command | Snippet | Files) -> None:
    (record,) = walk(root, step("state", form))
    assert isinstance(record, Gap)
    assert record.reason is GapReason.NOT_COLLECTED


@pytest.mark.parametrize("made", ["nothing", "file", "empty", "outer link"])
def test_what_is_no_root_of_a_system_is_refused(tmp_path: Path, made: str) -> None:
    place = tmp_path / "place"
    if made == "file":
        place.write_text("x")
    elif made != "nothing":
        place.mkdir()
    if made == "outer link":
        (place / "etc").symlink_to("/etc/..")
        (tmp_path / "etc").mkdir()
    with pytest.raises(ObservationError) as caught:
        list(TreeTransport(str(place), ORIGIN, lambda: AT).run([step("x", Files(("/etc/passwd",)))]))
    assert caught.value.gap.reason is GapReason.UNREACHABLE


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", "\udcff"])
def test_names_that_lines_cannot_hold_are_said(root: Path, name: str) -> None:
    (root / "etc" / name).write_text("x")
    records = walk(root, step("files", Files(("/etc/*",))))
    assert [r.reason for r in records if isinstance(r, Gap)] == [GapReason.UNPARSABLE]


NAMES = st.text("ab.-", min_size=1, max_size=3).filter(lambda name: name not in {".", ".."})
PARTS = st.sampled_from(["*", "?", "a*", "*b", "[ab]", "[!a]*", ".*", "?.b", "a", "b", "a-b", "*.*"])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=2), st.text("xy", max_size=3)), max_size=6),
    st.lists(PARTS.filter(lambda part: part != ".*"), max_size=1),
    PARTS,
)
def test_a_tree_matches_what_a_shell_matches(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[tuple[list[str], str]],
    folders: list[str],
    name: str,
) -> None:
    base = tmp_path_factory.mktemp("tree")
    (base / "etc").mkdir()
    for names, text in files:
        path = base.joinpath("etc", *names)
        if path.exists() or any(above.is_file() for above in path.parents):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    pattern = "/".join(["/etc", *folders, name])
    inside = walk(base, step("files", Files((pattern,))))
    outside = ask([step("files", Files((f"{base}{pattern}",)))])
    prefix = str(base)
    shown = [
        replace(
            record,
            subject=record.subject.removeprefix(prefix),
            content=record.content.replace(prefix.encode(), b""),
        )
        for record in outside
        if isinstance(record, Capture)
    ]
    assert len(shown) == len(outside)
    assert inside == shown

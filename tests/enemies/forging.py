"""A host that lies: it reads the program, learns the marker, and writes the frames itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.base import Files
from collectors.platforms.linux import PLATFORM
from scanner.model import Capture, CaptureKind, FileMeta

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model import Gap

_MARKER = re.compile(rb"^M=([0-9a-f]{32})$", re.MULTILINE)
META = FileMeta(0o644, 0, 0, 0, 1_700_000_000)
COMMAND, FILE, LISTING = CaptureKind.COMMAND, CaptureKind.FILE, CaptureKind.LISTING
STEPS = PLATFORM.steps
NUMBER = {step.id: number for number, step in enumerate(STEPS)}


def marker_of(program: bytes) -> bytes:
    """What the run thinks nobody knows."""
    found = _MARKER.search(program)
    assert found is not None
    return found[1]


@dataclass(frozen=True)
class Told:
    """What a host says to all steps: captures by step, subject and kind, as an honest host gave them."""

    captures: Mapping[tuple[str, str, CaptureKind], Capture]

    @classmethod
    def by(cls, records: Iterable[Capture | Gap]) -> Told:
        return cls({(r.step, r.subject, r.kind): r for r in records if isinstance(r, Capture)})

    def command(self, step: str, content: bytes, errors: bytes = b"", status: int = 0) -> Told:
        """The same but for the answer of one command."""
        former = self.captures.get((step, "", COMMAND)) or blank(step)
        new = replace(former, content=content, errors=errors, status=status)
        return Told({**self.captures, (step, "", COMMAND): new})

    def file(self, path: str, content: bytes, meta: FileMeta = META) -> Told:
        """The same but for one file, in every step that asks for it."""
        captures = dict(self.captures)
        asked = False
        for step in STEPS:
            if not isinstance(step.form, Files):
                continue
            for pattern in step.form.patterns:
                if not fnmatchcase(path, pattern):
                    continue
                asked = True
                size = replace(meta, size=len(content))
                body = b"" if step.form.metadata_only else content
                captures[step.id, path, FILE] = replace(
                    blank(step.id),
                    kind=FILE,
                    subject=path,
                    content=body,
                    errors=b"",
                    status=None,
                    meta=size,
                )
                listing = captures.get((step.id, pattern, LISTING)) or replace(
                    blank(step.id), kind=LISTING, subject=pattern
                )
                if path.encode() not in listing.content.split(b"\n"):
                    listing = replace(listing, content=listing.content + path.encode() + b"\n")
                captures[step.id, pattern, LISTING] = replace(listing, status=0, truncated=False)
        assert asked, f"nothing asks for {path}"
        return Told(captures)

    def answer(self, program: bytes) -> tuple[bytes, bytes]:
        """Both streams, as the program would have written them on a host that is so."""
        marker = marker_of(program)
        numbers = range(len(STEPS))
        out = b"".join((greeting(marker), *(self.step(marker, n) for n in numbers), ending(marker)))
        err = b"".join(b"\n%s %d\n%s" % (marker, n, self.errors(n)) for n in numbers)
        return out, err + b"\n%s %d\n" % (marker, len(STEPS))

    def step(self, marker: bytes, number: int) -> bytes:
        """All frames of one step and its end."""
        frames = self.frames(marker, number)
        return b"".join(frames) + frame(marker, b"E", number, len(frames))

    def errors(self, number: int) -> bytes:
        """What one step writes on standard error."""
        said = self.captures.get((STEPS[number].id, "", COMMAND))
        return b"" if said is None else said.errors

    def frames(self, marker: bytes, number: int) -> list[bytes]:
        """The frames of one step, without its end."""
        step = STEPS[number]
        if not isinstance(step.form, Files):
            said = self.captures.get((step.id, "", COMMAND)) or blank(step.id)
            body = said.content + b"\n%s=%d." % (marker, said.status or 0)
            return [frame(marker, b"C", number, 0, body)]
        made = []
        for place, pattern in enumerate(step.form.patterns):
            made += self._pattern(marker, number, place, pattern)
        return made

    def _pattern(self, marker: bytes, number: int, place: int, pattern: str) -> list[bytes]:
        step = STEPS[number]
        listing = self.captures.get((step.id, pattern, LISTING))
        paths = [] if listing is None else listing.content.decode().split("\n")[:-1]
        known = [(path, self.captures.get((step.id, path, FILE))) for path in paths]
        files = [
            (path, said, said.meta) for path, said in known if said is not None and said.meta is not None
        ]
        metas = b"".join(
            b"%o %d %d %d %d %s\n" % (m.mode, m.uid, m.gid, m.size, m.mtime, path.encode())
            for path, _, m in files
        )
        made = [frame(marker, b"M", number, place, metas)] if files else []
        assert isinstance(step.form, Files)
        if not step.form.metadata_only:
            for path, said, _ in files:
                body = b"%s\n%s\n%s=0." % (path.encode(), said.content, marker)
                made.append(frame(marker, b"F", number, place, body))
        listed = b"".join(path.encode() + b"\n" for path, _, _ in files)
        return [*made, frame(marker, b"P", number, place, b"00\n" + listed)]


def frame(marker: bytes, kind: bytes, number: int, place: int, content: bytes = b"") -> bytes:
    return b"\n%s %s %d %d %d\n%s" % (marker, kind, number, place, len(content), content)


def greeting(marker: bytes) -> bytes:
    return frame(marker, b"G", 0, 0, b"uid=0\nsudo=unused\ntimeout=timeout -k 2\nmissing=\n")


def ending(marker: bytes) -> bytes:
    return frame(marker, b"Z", len(STEPS), 0)


def blank(step: str) -> Capture:
    """An empty answer to a command."""
    return Capture(
        "", "linux", step, "", CaptureKind.COMMAND, "", 0, b"", b"", datetime(2026, 1, 1, tzinfo=UTC)
    )

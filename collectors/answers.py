"""From the frames of one step to its captures and gaps: pure, and strict about what was promised."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Files, Step
from collectors.evidence import rights
from collectors.program import FILES_A_PATTERN, PSEUDO, SUFFIX_ROOM
from collectors.rights import RECORD_END, directory_of, has_wildcard
from scanner.model import Capture, CaptureKind, FileMeta, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

_META = re.compile(rb"([0-7]{1,5}) (\d{1,19}) (\d{1,19}) (\d{1,19}) (-?\d{1,19}) (.+)")
_RECORD = re.compile(
    rb"([A-Za-z?])/([0-7]{1,5})/(\d{1,19})/(\d{1,19})/(\d{1,19})/(-?\d{1,19})(?:\.\d{1,19})?/([^/]+)/"
)
_NO_DIRECTORY = re.compile(rb"(?:\S*/)?find: [^\n]+: No such file or directory\n?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where captures come from, as they name it."""

    object: str
    platform: str
    vantage: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of the program: its kind, its field (mostly a pattern's place), and its bytes."""

    kind: str
    field: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """All frames of one step, in order, with its standard error."""

    step: Step
    frames: tuple[Frame, ...]
    errors: bytes
    errors_cut: bool
    """More standard error came than was kept."""
    marker: str
    origin: Origin
    taken: datetime

    def records(self) -> list[Capture | Gap]:
        """Captures of the step, and gaps for what it could not see. Never raises, whatever came."""
        form = self.step.form
        if not isinstance(form, Files):
            return [self._command()]
        places = [frame.field for frame in self.frames]
        if places != sorted(places) or not set(places) <= set(range(len(form.patterns))):
            return [self.gap(GapReason.UNPARSABLE, "", "the answers to its patterns are out of order")]
        found: list[Capture | Gap] = []
        seen: set[str] = set()
        for place, pattern in enumerate(form.patterns):
            listing = _Listing(self, pattern, form.metadata_only)
            for record in listing.read([frame for frame in self.frames if frame.field == place]):
                if isinstance(record, Capture) and record.kind is CaptureKind.FILE:
                    if record.subject in seen:  # matched by an earlier pattern too
                        continue
                    seen.add(record.subject)
                found.append(record)
        return found

    def _command(self) -> Capture | Gap:
        if [frame.kind for frame in self.frames] != ["C"]:
            return self.gap(GapReason.UNPARSABLE, "", "not one answer to one command")
        body, status = self.split(self.frames[0].content)
        cut = status is None or self.errors_cut or len(body) > self.step.max_bytes
        body = body[: self.step.max_bytes]  # the program sends no more; who does is not believed
        return self.capture(CaptureKind.COMMAND, "", body, status=status, truncated=cut)

    def split(self, content: bytes) -> tuple[bytes, int | None]:
        """Bytes and exit status of an answer; None where the cut took the status away."""
        at = content.rfind(b"\n", max(0, len(content) - SUFFIX_ROOM))
        match = re.fullmatch(rb"\n%s=(\d{1,3})\." % self.marker.encode(), content[at:]) if at >= 0 else None
        return (content, None) if match is None else (content[:at], int(match[1]))

    def gap(self, reason: GapReason, subject: str, detail: str) -> Gap:
        """Build a gap of this step; a lack of permission names what would settle it."""
        needs = rights(self.step) if reason is GapReason.PERMISSION else ""
        return Gap(reason, self.step.id, subject, detail, needs)

    def capture(
        self,
        kind: CaptureKind,
        subject: str,
        content: bytes,
        *,
        status: int | None = None,
        truncated: bool = False,
        meta: FileMeta | None = None,
    ) -> Capture:
        """Build a capture of this step."""
        return Capture(
            object=self.origin.object,
            platform=self.origin.platform,
            step=self.step.id,
            subject=subject,
            kind=kind,
            vantage=self.origin.vantage,
            status=status,
            content=content,
            errors=b"" if kind is CaptureKind.FILE else self.errors,
            taken=self.taken,
            truncated=truncated,
            meta=meta,
        )


@dataclass(slots=True)
class _Listing:
    """One pattern's files while its frames are read."""

    answer: Answer
    pattern: str
    metadata_only: bool
    metas: dict[bytes, FileMeta | None] = field(default_factory=dict)
    bodies: dict[bytes, bytes] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    refused: set[bytes] = field(default_factory=set)

    def read(self, frames: Sequence[Frame]) -> Iterator[Capture | Gap]:
        """Yield the listing, then each file in its order, then what could not be seen."""
        kinds = [frame.kind for frame in frames]
        if kinds == ["S"]:
            return self._by_sudo(frames[0].content)
        if (
            not kinds
            or kinds[-1] != "P"
            or not set(kinds[:-1]) <= {"M", "F", "R", "O"}
            or kinds.count("M") > 1
        ):
            return iter([self._gap(GapReason.UNPARSABLE, "the pattern's frames do not belong together")])
        for frame in frames[:-1]:
            self._take(frame)
        return self._plain(frames[-1].content)

    def _take(self, frame: Frame) -> None:
        if frame.kind == "M":
            self._take_metadata(frame.content)
        elif frame.kind == "F":
            path, newline, body = frame.content.partition(b"\n")
            if not newline or path in self.bodies:
                self.gaps.append(self._gap(GapReason.UNPARSABLE, "a file came twice or without its name"))
            self.bodies[path] = body
        elif frame.kind == "R":
            self.refused.add(frame.content)
            self.gaps.append(
                self.answer.gap(
                    GapReason.PERMISSION, _shown(frame.content), "this login may not read the file"
                )
            )
        else:
            self.gaps.append(
                self.answer.gap(GapReason.UNPARSABLE, _shown(frame.content), "not a regular file: not opened")
            )

    def _take_metadata(self, content: bytes) -> None:
        """Two lines about one path are a name with a newline that imitates the other: neither is believed."""
        for line in content.split(b"\n"):
            match = _META.fullmatch(line)
            if match is not None:
                mode, uid, gid, size, mtime = match.groups()[:5]
                meta = FileMeta(int(mode, 8), int(uid), int(gid), int(size), int(mtime))
                self.metas[match[6]] = None if match[6] in self.metas else meta

    def _plain(self, content: bytes) -> Iterator[Capture | Gap]:
        head, _, rest = content.partition(b"\n")
        paths = rest.split(b"\n", FILES_A_PATTERN + 1)[:-1]
        if len(paths) > FILES_A_PATTERN:
            yield self._gap(GapReason.TRUNCATED, f"more than {FILES_A_PATTERN} files match")
            return
        if not re.fullmatch(rb"[012][01]", head) or len(set(paths)) != len(paths):
            yield self._gap(GapReason.UNPARSABLE, "the listing is damaged")
            return
        if head[1:] == b"1":
            self.gaps.append(self._gap(GapReason.UNPARSABLE, "a file's name holds a newline: not read"))
        if not set(self.bodies) <= set(paths):
            self.gaps.append(self._gap(GapReason.UNPARSABLE, "a file came that was not listed"))
        status = 1 if head[:1] == b"1" else 0
        yield from self._files(paths, status, truncated=head[:1] == b"2")

    def _files(self, paths: Sequence[bytes], status: int, *, truncated: bool) -> Iterator[Capture | Gap]:
        names = [path for path in paths if self._nameable(path)]
        listed = b"".join(path + b"\n" for path in names)
        yield self.answer.capture(
            CaptureKind.LISTING, self.pattern, listed, status=status, truncated=truncated
        )
        for path in names:
            if path not in self.refused:
                yield self._file(path)
        yield from self.gaps

    def _nameable(self, path: bytes) -> bool:
        try:
            name = path.decode()
        except UnicodeDecodeError:
            name = "\n"
        if _CONTROL.search(name):
            detail = f"a file's name cannot be written on one line: {_shown(path)}"
            self.gaps.append(self._gap(GapReason.UNPARSABLE, detail))
            return False
        return True

    def _file(self, path: bytes) -> Capture | Gap:
        subject = path.decode()
        meta = self.metas.get(path)
        if meta is None:
            return self.answer.gap(GapReason.COMMAND_FAILED, subject, "its metadata did not come (stat)")
        if self.metadata_only:
            return self.answer.capture(CaptureKind.FILE, subject, b"", meta=meta)
        if path not in self.bodies:
            return self.answer.gap(GapReason.TRUNCATED, subject, "listed, but its bytes did not arrive")
        body, status = self.answer.split(self.bodies[path])
        if status is None:
            return self.answer.gap(GapReason.TRUNCATED, subject, "reading it did not come to its end")
        if status != 0:
            denied = b"ermission denied" in self.answer.errors
            reason = GapReason.PERMISSION if denied else GapReason.COMMAND_FAILED
            return self.answer.gap(reason, subject, f"reading it failed with status {status}")
        return self._whole(subject, body, meta)

    def _whole(self, subject: str, body: bytes, meta: FileMeta) -> Capture:
        """Fewer bytes than the file has: it was cut, shrank, or held NUL, which a shell drops."""
        limit = self.answer.step.max_bytes
        short = len(body) < meta.size and not subject.startswith(PSEUDO)
        cut = len(body) > limit or short
        return self.answer.capture(CaptureKind.FILE, subject, body[:limit], truncated=cut, meta=meta)

    def _by_sudo(self, content: bytes) -> Iterator[Capture | Gap]:
        body, status = self.answer.split(content)
        if len(body) > self.answer.step.max_bytes + SUFFIX_ROOM:
            body, status = body[: self.answer.step.max_bytes], None
        directory, name = directory_of(self.pattern)
        wanted, slash = (b"d", b"/") if self.pattern.endswith("/") else (b"f", b"")
        wholes: dict[bytes, Capture] = {}
        metas: dict[bytes, FileMeta] = {}
        intact = True
        for record in _records(body, metadata_only=self.metadata_only, lone=not has_wildcard(name)):
            if record is None:
                intact = False
                break
            kind, meta, base, data = record
            path = f"{directory.rstrip('/')}/".encode() + base + slash
            if (base.startswith(b".") and not name.startswith(".")) or kind == b"l":
                continue  # the shell's patterns leave hidden files out; a dangling link is no file
            if kind != wanted:
                detail = "not a regular file: not opened"
                self.gaps.append(self.answer.gap(GapReason.UNPARSABLE, _shown(path), detail))
            elif path in metas or not self._nameable(path):
                intact = False
            else:
                metas[path] = meta
                subject = path.decode()
                wholes[path] = (
                    self.answer.capture(CaptureKind.FILE, subject, b"", meta=meta)
                    if self.metadata_only
                    else self._whole(subject, data, meta)
                )
        absent = (
            not body and status == 1 and _NO_DIRECTORY.fullmatch(self.answer.errors.strip(b"\n")) is not None
        )
        listed = b"".join(path + b"\n" for path in sorted(wholes))
        yield self.answer.capture(
            CaptureKind.LISTING,
            self.pattern,
            listed,
            status=0 if absent else status,
            truncated=status is None or (status == 0 and not intact),
        )
        for path in sorted(wholes):
            yield wholes[path]
        yield from self.gaps

    def _gap(self, reason: GapReason, detail: str) -> Gap:
        return self.answer.gap(reason, self.pattern, detail)


def _records(
    body: bytes, *, metadata_only: bool, lone: bool
) -> Iterator[tuple[bytes, FileMeta, bytes, bytes] | None]:
    """Type, metadata, name and bytes of each file that ``find`` printed; None where they stop making sense.

    ``lone``: the pattern is one name, so that all bytes are that file's: sizes of /proc need not be true.
    """
    at = 0
    end = RECORD_END.encode()
    while at < len(body):
        match = _RECORD.match(body, at)
        if match is None:
            yield None
            return
        kind, mode, uid, gid, size, mtime, name = match.groups()
        meta = FileMeta(int(mode, 8), int(uid), int(gid), int(size), int(mtime))
        at = match.end()
        data = b""
        if kind == b"f" and not metadata_only:
            stop = len(body) - len(end) if lone else at + meta.size
            data = body[at:stop]
            if stop < at or body[stop : stop + len(end)] != end:
                yield None
                return
            at = stop + len(end)
        yield kind, meta, name, data


def _shown(path: bytes) -> str:
    """A path for people: no control characters, one line."""
    return _CONTROL.sub("?", path.decode("utf-8", "replace"))[:200]

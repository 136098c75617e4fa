"""One object's captures as readers may use them: every doubt is raised before any parsing.

What holds for all answers is checked here once: a gap, truncation, a refusal printed as text, an exit
status that is no answer, text that cannot be decoded, a missing positive control, and a file with fewer
bytes than its size. A reader therefore never mistakes not seeing for nothing being there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Platform, Step, Unseen
from scanner.model import Capture, CaptureKind, Citation, FileMeta, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

EXCERPT = 200
"""Characters of a line that a citation quotes."""

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""Control characters that no text answer contains: their presence means garbage or a terminal attack."""


@dataclass(frozen=True, slots=True)
class Document:
    """A capture as lines of text; citations are made here, so that a fact knows its line."""

    ref: str
    lines: tuple[str, ...]
    meta: FileMeta | None = None

    @property
    def text(self) -> str:
        """All lines, joined by newlines."""
        return "\n".join(self.lines)

    def cite(self, line: int) -> Citation:
        """Cite the 1-based ``line``; 0 cites the document as a whole."""
        excerpt = self.lines[line - 1].strip()[:EXCERPT] if 0 < line <= len(self.lines) else ""
        return Citation(self.ref, line, excerpt)

    @property
    def whole(self) -> Citation:
        """Cite the document as a whole."""
        return self.cite(0)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file known by its metadata only."""

    path: str
    meta: FileMeta
    taken: datetime  # when it was looked at, UTC
    at: Citation


@dataclass(frozen=True, slots=True)
class Evidence:
    """Captures and gaps of one object, by step. Every accessor raises ``Unseen`` when it cannot see."""

    object: str
    platform: Platform
    captures: Mapping[str, tuple[Capture, ...]] = field(default_factory=dict)
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)
    whole: Gap | None = None
    """Why the object as a whole was not seen, or not to the end: holds for every step without captures."""

    @classmethod
    def of(cls, name: str, platform: Platform, records: Iterable[Capture | Gap]) -> Evidence:
        """Sort an object's captures and gaps by step; a gap without a step is about the whole object."""
        captures: dict[str, tuple[Capture, ...]] = {}
        gaps: dict[str, tuple[Gap, ...]] = {}
        whole: Gap | None = None
        for record in records:
            if isinstance(record, Capture):
                captures[record.step] = (*captures.get(record.step, ()), record)
            elif record.step:
                gaps[record.step] = (*gaps.get(record.step, ()), record)
            else:
                whole = record
        return cls(name, platform, captures, gaps, whole)

    def command(self, step: Step) -> Document:
        """Text of a command's or snippet's answer.

        Raises:
            Unseen: no answer, a refusal, a failure, garbage, or no positive control.
        """
        self._raise_gaps(step)
        captures = [c for c in self.captures.get(step.id, ()) if c.kind is CaptureKind.COMMAND]
        if not captures:
            raise Unseen(self._missing(step))
        return self._document(step, captures[0])

    def files(self, step: Step) -> dict[str, Document]:
        """All files of a step by path, in the order of the object's listing; an empty dict means: none exist.

        Raises:
            Unseen: any pattern could not be listed, or any file not be read whole.
        """
        self._raise_gaps(step)
        self._require_listings(step)
        found = [c for c in self.captures.get(step.id, ()) if c.kind is CaptureKind.FILE]
        documents = {capture.subject: self._document(step, capture) for capture in found}
        for path in self._listed(step):
            if path not in documents:
                raise Unseen(Gap(GapReason.TRUNCATED, step.id, path, "listed, but its bytes did not arrive"))
        return documents

    def file(self, step: Step, path: str) -> Document | None:
        """One file of a step; None means: it is known not to exist.

        Raises:
            Unseen: whether it exists, or what it says, was not seen.
        """
        for gap in self.gaps.get(step.id, ()):
            if gap.subject in {"", path}:
                raise Unseen(gap)
        for capture in self.captures.get(step.id, ()):
            if capture.kind is CaptureKind.FILE and capture.subject == path:
                return self._document(step, capture)
        self._require_listings(step)
        if path in self._listed(step):
            raise Unseen(Gap(GapReason.TRUNCATED, step.id, path, "listed, but its bytes did not arrive"))
        return None

    def listed(self, step: Step) -> tuple[Listed, ...]:
        """Files of a metadata-only step.

        Raises:
            Unseen: any pattern could not be listed, or the metadata of a listed file did not arrive.
        """
        self._raise_gaps(step)
        self._require_listings(step)
        found: dict[str, Listed] = {}
        for capture in self.captures.get(step.id, ()):
            if capture.kind is CaptureKind.FILE:
                if capture.meta is None or capture.truncated:
                    raise Unseen(
                        Gap(GapReason.UNPARSABLE, step.id, capture.subject, "the file's metadata is missing")
                    )
                at = Citation(capture.ref, 0, _describe(capture.subject, capture.meta))
                found[capture.subject] = Listed(capture.subject, capture.meta, capture.taken, at)
        for path in self._listed(step):
            if path not in found:
                raise Unseen(
                    Gap(GapReason.TRUNCATED, step.id, path, "listed, but its metadata did not arrive")
                )
        return tuple(found.values())

    def listing(self, step: Step) -> Citation:
        """Cite the listing of a step's first pattern: what shows that a file is not there.

        Raises:
            Unseen: a pattern could not be listed.
        """
        self._require_listings(step)
        shown = next(c for c in self.captures[step.id] if c.kind is CaptureKind.LISTING)
        return Citation(shown.ref, 0, "")

    def subjects(self, step: Step, kind: CaptureKind) -> dict[str, Document | Gap]:
        """Every capture of ``kind`` by subject (a port, a part of a sweep), or why it cannot be used.

        A subject without a capture is in it only where a gap names it.

        Raises:
            Unseen: the step as a whole gave nothing, and why.
        """
        gaps = self.gaps.get(step.id, ())
        found: dict[str, Document | Gap] = {}
        for capture in self.captures.get(step.id, ()):
            if capture.kind is not kind:
                continue
            try:
                found[capture.subject] = self._document(step, capture)
            except Unseen as unseen:
                found[capture.subject] = unseen.gap
        for gap in gaps:
            if not gap.subject:
                raise Unseen(gap)
            found[gap.subject] = gap
        if not found and self.whole is not None:
            raise Unseen(self._missing(step))
        return found

    def _raise_gaps(self, step: Step) -> None:
        gaps = self.gaps.get(step.id, ())
        if gaps:
            raise Unseen(gaps[0])

    def _missing(self, step: Step) -> Gap:
        if self.whole is not None:
            return Gap(self.whole.reason, step.id, "", self.whole.detail, self.whole.needs)
        return Gap(GapReason.NOT_COLLECTED, step.id, detail="the step was not asked in this run")

    def _require_listings(self, step: Step) -> None:
        """A file is absent only if its pattern was listed with success."""
        assert isinstance(step.form, Files)  # noqa: S101 - a platform's own constants
        listings = {c.subject: c for c in self.captures.get(step.id, ()) if c.kind is CaptureKind.LISTING}
        if not listings:
            raise Unseen(self._missing(step))
        for pattern in step.form.patterns:
            listing = listings.get(pattern)
            if listing is None:
                raise Unseen(Gap(GapReason.TRUNCATED, step.id, pattern, "the pattern was not listed"))
            if listing.truncated:
                raise Unseen(Gap(GapReason.TRUNCATED, step.id, pattern, "the listing was cut off"))
            if listing.status != 0:
                raise Unseen(
                    Gap(
                        GapReason.PERMISSION, step.id, pattern, "the directory cannot be listed", rights(step)
                    )
                )

    def _listed(self, step: Step) -> tuple[str, ...]:
        return tuple(
            path
            for c in self.captures.get(step.id, ())
            if c.kind is CaptureKind.LISTING
            for path in c.content.decode("utf-8", "replace").splitlines()
            if path
        )

    def _document(self, step: Step, capture: Capture) -> Document:
        gap = doubt(self.platform, step, capture)
        if gap is not None:
            raise Unseen(gap)
        text = decode(capture.content)
        assert text is not None  # noqa: S101 - doubt() has decoded it
        return Document(capture.ref, tuple(text.split("\n")), capture.meta)


def doubt(platform: Platform, step: Step, capture: Capture) -> Gap | None:
    """Why ``capture`` is no trustworthy answer to ``step``; None when nothing speaks against it."""
    subject = capture.subject
    if capture.truncated:
        return Gap(
            GapReason.TRUNCATED, step.id, subject, "the answer was cut off at its limit or by the object"
        )
    if capture.kind is CaptureKind.COMMAND:
        refused = _refusal(platform, step, capture)
        if refused is not None:
            return refused
    if decode(capture.content) is None:
        return Gap(GapReason.UNPARSABLE, step.id, subject, "the answer is not text")
    if capture.kind is CaptureKind.FILE:
        return _short_file(step, capture)
    if step.control and not re.search(step.control.encode(), capture.content, re.MULTILINE):
        detail = "nothing came" if not capture.content.strip() else "the positive control is missing"
        return Gap(GapReason.EMPTY, step.id, subject, f"{detail}: expected /{step.control}/")
    return None


def _short_file(step: Step, capture: Capture) -> Gap | None:
    """A file with a size must bring bytes (masking may change how many), and its positive control."""
    if capture.meta is not None and capture.meta.size > 0 and not capture.content:
        return Gap(
            GapReason.EMPTY, step.id, capture.subject, f"{capture.meta.size} bytes expected, none came"
        )
    if step.control and not re.search(step.control.encode(), capture.content, re.MULTILINE):
        return Gap(
            GapReason.EMPTY,
            step.id,
            capture.subject,
            f"the positive control is missing: expected /{step.control}/",
        )
    return None


def _refusal(platform: Platform, step: Step, capture: Capture) -> Gap | None:
    """Refusals are recognised before parsing: by exit status and by what the platform prints."""
    accepts = getattr(step.form, "accepts", (0,))
    complaint = capture.errors.decode("utf-8", "replace")
    if capture.status not in accepts and not complaint.strip():
        complaint = capture.content[:2000].decode("utf-8", "replace")
    shown = " ".join(_FORBIDDEN.sub("?", complaint).split())[:EXCERPT]
    for pattern, reason in platform.refusals:
        if re.search(pattern, complaint, re.IGNORECASE):
            needs = rights(step) if reason is GapReason.PERMISSION else ""
            return Gap(reason, step.id, capture.subject, shown, needs)
    if capture.status in accepts:
        return None
    reason = {
        124: GapReason.TIMED_OUT,
        126: GapReason.PERMISSION,
        127: GapReason.COMMAND_MISSING,
        137: GapReason.TIMED_OUT,
    }.get(capture.status if capture.status is not None else -1, GapReason.COMMAND_FAILED)
    return Gap(reason, step.id, capture.subject, f"exit status {capture.status}: {shown}")


def rights(step: Step) -> str:
    """The permission that lets a step see what it lacked."""
    form = step.form
    if isinstance(form, Command):
        way = f"sudo -u {form.account}" if form.account else "sudo"
        return f"root, or {way}: {' '.join(form.argv)}"
    if isinstance(form, Files):
        return f"root, or sudo to read: {' '.join(form.patterns)}"
    return "root"


def decode(content: bytes) -> str | None:
    """Text of ``content``: UTF-8, else GB18030; None where neither fits or control characters stand in it."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _FORBIDDEN.search(text) else text
    return None


def _describe(path: str, meta: FileMeta) -> str:
    return f"{path} mode={meta.mode:04o} uid={meta.uid} gid={meta.gid} size={meta.size}"

"""An unpacked file system: an image, a backup, a mounted disk. No link leads out of it."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Step
from collectors.evidence import rights
from collectors.rights import directory_of, has_wildcard
from scanner.errors import ObservationError
from scanner.model import Capture, CaptureKind, FileMeta, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from collectors.frames import Origin

_LINKS = 40
"""Symbolic links followed for one path, as Linux does."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class TreeTransport:
    """``collectors.base.Transport`` over a directory that is some object's root."""

    def __init__(self, root: str, origin: Origin, clock: Callable[[], datetime]) -> None:
        """Look at ``root``; ``clock`` tells UTC for ``Capture.taken``."""
        self._root = root
        self._origin = origin
        self._clock = clock

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        """Yield captures of file steps, and a gap for each step that asks for something that runs.

        Raises:
            ObservationError: the directory cannot be read, or is no system's root: it has no ``/etc``.
        """
        root = os.fsencode(self._root)
        tree = _Tree(root)
        try:
            system = tree.resolve(b"/etc")
            known = system is not None and stat.S_ISDIR(os.lstat(root + system).st_mode)
        except OSError as error:
            reason = GapReason.PERMISSION if error.errno in _DENIED else GapReason.UNREACHABLE
            raise ObservationError(Gap(reason, detail=f"{self._root}: {error.strerror}")) from error
        if not known:
            detail = f"{self._root} has no /etc: not the root of a system"
            raise ObservationError(Gap(GapReason.UNREACHABLE, detail=detail))
        for step in steps:
            if not isinstance(step.form, Files):
                detail = "an unpacked file system has no running state: nothing can be run in it"
                yield Gap(GapReason.NOT_COLLECTED, step.id, detail=detail)
                continue
            yield from self._files(tree, step, step.form)

    def _files(self, tree: _Tree, step: Step, form: Files) -> Iterator[Capture | Gap]:
        seen: set[str] = set()
        for pattern in form.patterns:
            if pattern.startswith(("/proc/", "/sys/")):
                detail = "an unpacked file system has no running state: nothing is in /proc and /sys"
                yield Gap(GapReason.NOT_COLLECTED, step.id, pattern, detail)
                continue
            paths, complete = tree.expand(pattern)
            records = [record for path in paths for record in self._file(tree, step, form, path)]
            listed = [r.subject for r in records if isinstance(r, Capture) or r.reason in _EXISTS]
            content = "".join(f"{path}\n" for path in listed).encode()
            status = 0 if complete else 1
            yield self._capture(step, CaptureKind.LISTING, pattern, content, status=status)
            for record in records:
                if record.subject not in seen:
                    yield record
            seen.update(record.subject for record in records if isinstance(record, Capture))

    def _file(self, tree: _Tree, step: Step, form: Files, path: bytes) -> Iterator[Capture | Gap]:
        """Yield the file, a gap, or nothing where the path turns out to name no file."""
        try:
            subject = path.decode()
        except UnicodeDecodeError:
            subject = "\n"
        if _CONTROL.search(subject):
            shown = _CONTROL.sub("?", path.decode("utf-8", "replace"))[:200]
            detail = f"a file's name cannot be written on one line: {shown}"
            yield Gap(GapReason.UNPARSABLE, step.id, "", detail)
            return
        try:
            place = tree.resolve(path)
            if place is None:
                return
            read = _read(
                tree.root + place,
                step.max_bytes,
                metadata_only=form.metadata_only,
                folder=path.endswith(b"/"),
            )
        except OSError as error:
            if error.errno == errno.ENOENT:
                return
            denied = error.errno in _DENIED
            reason = GapReason.PERMISSION if denied else GapReason.COMMAND_FAILED
            yield Gap(reason, step.id, subject, error.strerror or "", rights(step) if denied else "")
            return
        if read is None:
            return
        if isinstance(read, str):
            yield Gap(GapReason.UNPARSABLE, step.id, subject, read)
            return
        content, cut, meta = read
        yield self._capture(step, CaptureKind.FILE, subject, content, truncated=cut, meta=meta)

    def _capture(
        self,
        step: Step,
        kind: CaptureKind,
        subject: str,
        content: bytes,
        *,
        status: int | None = None,
        truncated: bool = False,
        meta: FileMeta | None = None,
    ) -> Capture:
        return Capture(
            object=self._origin.object,
            platform=self._origin.platform,
            step=step.id,
            subject=subject,
            kind=kind,
            vantage=self._origin.vantage,
            status=status,
            content=content,
            errors=b"",
            taken=self._clock(),
            truncated=truncated,
            meta=meta,
        )


_DENIED = {errno.EACCES, errno.EPERM}
_EXISTS = {GapReason.PERMISSION, GapReason.COMMAND_FAILED}


def _read(
    place: bytes, limit: int, *, metadata_only: bool, folder: bool
) -> tuple[bytes, bool, FileMeta] | str | None:
    """Content, whether it was cut, metadata; a text for what is no regular file; None for the other kind.

    Of a folder there is metadata only.
    """
    found = os.lstat(place)
    if stat.S_ISDIR(found.st_mode) != folder:
        return None
    if folder:
        return b"", False, _meta(found)
    if not stat.S_ISREG(found.st_mode):
        return "not a regular file: not opened"
    if metadata_only:
        return b"", False, _meta(found)
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return "not a regular file: not read"
        content = file.read(limit + 1)
    cut = len(content) > limit or len(content) < found.st_size
    return content[:limit], cut, _meta(found)


def _meta(found: os.stat_result) -> FileMeta:
    mode = stat.S_IMODE(found.st_mode)
    return FileMeta(mode, found.st_uid, found.st_gid, found.st_size, int(found.st_mtime))


@dataclass(frozen=True, slots=True)
class _Tree:
    """Paths as a process sees them whose root is ``root``."""

    root: bytes

    def resolve(self, path: bytes) -> bytes | None:
        """Follow every link inside the tree; None: it does not exist, or links go round in circles.

        Raises:
            OSError: whether it exists cannot be seen.
        """
        todo = [part for part in path.split(b"/") if part][::-1]
        done: list[bytes] = []
        links = 0
        os.lstat(self.root + b"/")
        while todo:
            part = todo.pop()
            if part == b".":
                continue
            if part == b"..":
                del done[-1:]
                continue
            place = self.root + b"/" + b"/".join([*done, part])
            try:
                found = os.lstat(place)
            except (FileNotFoundError, NotADirectoryError):
                return None
            if not stat.S_ISLNK(found.st_mode):
                done.append(part)
                continue
            links += 1
            if links > _LINKS:
                return None
            target = os.readlink(place)  # noqa: PTH115 - bytes
            if target.startswith(b"/"):
                done = []
            todo += [piece for piece in target.split(b"/") if piece][::-1]
        return b"/" + b"/".join(done)

    def expand(self, pattern: str) -> tuple[list[bytes], bool]:
        """Paths that may match, in the order of their bytes, and whether every directory could be listed."""
        directory_of(pattern)  # refuses what shells would read differently
        found = [b""]
        complete = True
        for part in pattern.split("/")[1:]:
            if not has_wildcard(part):
                found = [path + b"/" + part.encode() for path in found]
                continue
            matches = _matcher(part)
            following: list[bytes] = []
            for path in found:
                try:
                    place = self.resolve(path or b"/")
                    names = [] if place is None else os.listdir(self.root + place)  # noqa: PTH208 - bytes
                except NotADirectoryError:
                    continue
                except OSError:
                    complete = False
                    continue
                following += [path + b"/" + name for name in sorted(names) if matches.fullmatch(name)]
            found = following
        return found, complete


def _matcher(part: str) -> re.Pattern[bytes]:
    """One component of a shell pattern; a leading dot is matched by a dot only."""
    text = "" if part.startswith(".") else r"(?!\.)"
    at = 0
    while at < len(part):
        sign = part[at]
        close = part.find("]", at + 2)
        if sign == "[" and close > 0:
            inner = part[at + 1 : close]
            negated = inner.startswith("!")
            text += f"[{'^' if negated else ''}{re.escape(inner[negated:]).replace(chr(92) + '-', '-')}]"
            at = close
        else:
            text += {"*": ".*", "?": "."}.get(sign, re.escape(sign))
        at += 1
    return re.compile(text.encode(), re.DOTALL)

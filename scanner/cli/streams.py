"""Standard streams that survive their reader: ``| head -1`` ends the reading, not the work."""

from __future__ import annotations

import io
import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from scanner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import ReadableBuffer


class _Unheard(io.FileIO):
    """A stream whose reader may leave: what nobody reads is dropped, so that evidence and exit code stay."""

    failed: OSError | None = None
    """Why something could not be written, other than for want of a reader (a full disk)."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write; once that has failed, drop."""
        if self.failed is None:
            try:
                return super().write(data)
            except BrokenPipeError:
                pass
            except OSError as error:
                self.failed = error
        return memoryview(data).nbytes


@contextmanager
def patient_streams() -> Iterator[None]:
    """Replace standard output and error for as long as the context lasts.

    Characters that the terminal's encoding lacks are written as escapes.

    Raises:
        InputError: something could not be written, though somebody was reading.
    """
    before = sys.stdout, sys.stderr
    with ExitStack() as nowhere:
        open_ = [nowhere.enter_context(_nowhere()) if stream is None else stream for stream in before]
        raws = [_raw(stream) for stream in open_]
        sys.stdout, sys.stderr = (
            stream if raw is None else _text(raw, stream) for raw, stream in zip(raws, open_, strict=True)
        )
        try:
            yield
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            sys.stdout, sys.stderr = before
    for raw in raws:
        if raw is not None and raw.failed is not None:
            raise InputError(f"cannot write the output: {raw.failed.strerror}")


def _nowhere() -> TextIO:
    """A stream for what nobody wants (``>&-``): Python has none there, and code that asks for one fails."""
    return Path(os.devnull).open("w", encoding="utf-8")


def _raw(stream: TextIO) -> _Unheard | None:
    """The file under a stream; None where there is none."""
    try:
        return _Unheard(stream.fileno(), "w", closefd=False)
    except (OSError, ValueError):
        return None


def _text(raw: _Unheard, like: TextIO) -> TextIO:
    """Text over ``raw``, encoded and buffered as ``like``."""
    like.flush()
    by_line = like.isatty() or like is sys.__stderr__
    buffer = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffer, like.encoding, errors="backslashreplace", line_buffering=by_line)

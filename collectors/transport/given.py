"""A file that people hand over: it is the whole answer, and no object hears anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import ObservationError
from scanner.model import Capture, CaptureKind, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.base import Step
    from collectors.frames import Origin


class GivenTransport:
    """``collectors.base.Transport`` over one file, which answers the platform's only step."""

    def __init__(
        self,
        path: Path,
        origin: Origin,
        clock: Callable[[], datetime],
        max_bytes: int,
        reduced: Callable[[bytes], bytes],
    ) -> None:
        """Look at ``path``; ``clock`` tells UTC; of a file larger than ``max_bytes`` nothing is believed.

        ``reduced`` gives the part of the file that is kept.
        """
        self._path = path
        self._origin = origin
        self._clock = clock
        self._max_bytes = max_bytes
        self._reduced = reduced

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        """Yield what is kept of the file as a capture of every step.

        Raises:
            ObservationError: the file cannot be read, or is too large.
        """
        try:
            with self._path.open("rb") as file:
                content = file.read(self._max_bytes + 1)
        except OSError as error:
            detail = f"{self._path}: {error.strerror}"
            raise ObservationError(Gap(GapReason.UNREACHABLE, detail=detail)) from error
        if len(content) > self._max_bytes:
            detail = f"{self._path}: more than {self._max_bytes} bytes"
            raise ObservationError(Gap(GapReason.TRUNCATED, detail=detail))
        origin, kept = self._origin, self._reduced(content)
        for step in steps:
            yield Capture(
                object=origin.object, platform=origin.platform, step=step.id, subject="",
                kind=CaptureKind.COMMAND, vantage=origin.vantage, status=0, content=kept, errors=b"",
                taken=self._clock(),
            )  # fmt: skip

"""What the collector's script printed on a host, carried here as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.saved import NoOutputError, answers, read_saved
from scanner.errors import ObservationError
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.base import Step
    from collectors.frames import Origin
    from scanner.model import Capture


class ImportTransport:
    """``collectors.base.Transport`` over an output of the script."""

    def __init__(self, path: Path, origin: Origin, clock: Callable[[], datetime], max_bytes: int) -> None:
        """Look at ``path``; ``clock`` tells UTC; of a file larger than ``max_bytes`` nothing is believed."""
        self._path = path
        self._origin = origin
        self._clock = clock
        self._max_bytes = max_bytes

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        """Yield captures and gaps as the way over a shell would have.

        Captures are of the time that the host told, but never of a time to come.

        Raises:
            ObservationError: the file cannot be read, or is no output of the script.
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
        try:
            saved = read_saved(content)
        except NoOutputError as error:
            detail = f"{self._path}: {error}"
            raise ObservationError(Gap(GapReason.UNPARSABLE, detail=detail)) from error
        found = answers(saved, steps, self._origin, min(saved.head.taken, self._clock()))
        if isinstance(found, Gap):
            raise ObservationError(found)
        yield from found

"""An object's records of an earlier run, said again: for tests, and to judge what nobody can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import ObservationError
from scanner.model import Capture, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from collectors.base import Step


def _at_once() -> None:
    """Wait for nothing."""


class ReplayTransport:
    """``collectors.base.Transport`` over ``records``: captures and gaps as the earlier run's file has them.

    Captures keep the time, platform and vantage they were taken with. ``pause`` is called before each
    record; a caller that waits in it plays a slow object.
    """

    def __init__(self, records: Sequence[Capture | Gap], pause: Callable[[], None] = _at_once) -> None:
        self._records = tuple(records)
        self._pause = pause

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        """Yield the records of ``steps`` in their order of then; a step without any becomes a gap.

        Raises:
            ObservationError: the object as a whole was not seen then, or not to the end.
        """
        asked = {step.id for step in steps}
        answered = set()
        whole: Gap | None = None
        for record in self._records:
            self._pause()
            if isinstance(record, Gap) and not record.step:
                whole = record
            elif record.step in asked:
                answered.add(record.step)
                yield record
        if whole is not None:
            raise ObservationError(whole)
        for step in steps:
            if step.id not in answered:
                yield Gap(
                    GapReason.NOT_COLLECTED, step.id, detail="the replayed run did not collect this step"
                )

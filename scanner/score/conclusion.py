"""Which conclusions completions may end in: the bands that their values reach under what may be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.score.sums import meets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.score.judged import Judged, Prospects
    from scanner.score.template import Band

    Pairs = Sequence[tuple[Sequence[int], Sequence[int]]]
    """Sorted parts of values: a value is one number of the first list of a pair plus one of its second."""


def conclusions(
    bands: Sequence[Band], scale: int, calm: Pairs, further: Pairs, judged: Judged
) -> tuple[str, ...]:
    """Return the names of all bands that some completion ends in, best first.

    Args:
        bands: best first; the last has no conditions.
        scale: values are ``number / scale``.
        calm: values of the completions without a further problem.
        further: values of those with one.
        judged: prospects of risks and majors of both groups.
    """
    found: set[str] = set()
    for pairs, prospects in ((calm, judged.known), (further, judged.further)):
        for open_ in set(_open(bands, prospects)):
            found |= set(_reached(open_, scale, pairs))
    return tuple(band.name for band in bands if band.name in found)


def _open(bands: Sequence[Band], prospects: Prospects) -> Iterator[tuple[Band, ...]]:
    """Bands that are left under each of the prospects."""
    for risks in prospects.risks:
        for major in prospects.major:
            yield tuple(band for band in bands if band.permits(risks, major=major))


def _reached(bands: Sequence[Band], scale: int, pairs: Pairs) -> Iterator[str]:
    """Names of the bands that are the first to take some value."""
    ceiling: int | None = None
    for band in bands:
        floor = band.floor(scale)
        if ceiling is not None and floor >= ceiling:
            continue
        if meets(pairs, floor, ceiling):
            yield band.name
        ceiling = floor

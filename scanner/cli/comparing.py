"""One run at several levels, side by side: judged once each, compared system by system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.cli import EXIT_BUG, EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_OK
from scanner.cli.outcome import content_of
from scanner.compare import Comparison, compare, lineage
from scanner.profile import load_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scanner.cli.judging import Judged
    from scanner.model.text import Language
    from scanner.profile_files import Sources
    from scanner.report.content import Content


@dataclass(frozen=True, slots=True)
class Compared:
    """A run at several levels: what reports need of it, lowest level first, and each system's comparison."""

    contents: tuple[Content, ...]
    comparisons: tuple[Comparison, ...]


def compared(judged: Sequence[Judged], sources: Sources) -> Compared:
    """Compare a run judged at several levels, lowest first, by the profile files ``sources``."""
    contents = tuple(map(content_of, judged))
    lowest, *_, highest = (content.assessments[0].profile.level for content in contents)
    between = range(lowest, highest + 1)
    origins = lineage(item for level in between for item in load_items(level, sources))
    return Compared(
        contents, tuple(_comparison(n, contents, origins) for n, _ in enumerate(contents[0].assessments))
    )


def _comparison(n: int, contents: Sequence[Content], origins: Mapping[str, str]) -> Comparison:
    """Compare the run's n-th system."""
    columns = [(c.assessments[n], c.scores[c.assessments[n].system.name]) for c in contents]
    return compare(columns, origins)


def first_that_applies(codes: Iterable[int]) -> int:
    """The exit code of several judgements: the first of 4, 1, 2 and 0 that any of them has."""
    found = set(codes)
    return next(code for code in (EXIT_BUG, EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_OK) if code in found)


def show_compared(found: Compared, format_: str, language: Language) -> None:
    """Print a comparison to standard output."""
    if format_ == "json":
        from scanner.cli.writing import write_out
        from scanner.report.json import dumped
        from scanner.report.json.levels import document

        write_out(dumped(document(found.comparisons, found.contents[-1])), None)
        return
    from rich.console import Console

    from scanner.report.console.levels import side_by_side

    Console(soft_wrap=False).print(side_by_side(found.comparisons, found.contents[-1], language))

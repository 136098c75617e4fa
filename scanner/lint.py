"""Everything that is wrong with profiles or overlays at once: what the loader says of each level."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from scanner.errors import Mistake, ProfileError
from scanner.judgement.file import load_judgements, load_triggers
from scanner.overlay import bases, name_of
from scanner.profile import load_profile
from scanner.profile_files import LEVELS, document, level_file
from scanner.score.template_file import load_templates
from scanner.threshold import changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scanner.checks.check import Check
    from scanner.model import Level, Profile
    from scanner.overlay_files import OverlayFile
    from scanner.profile_files import Sources


def lint_levels(checks: Mapping[str, Check], sources: Sources) -> tuple[Profile, ...]:
    """Load all levels, and hold their thresholds against each other.

    Raises:
        ProfileError: with every mistake of every level.
    """
    profiles, mistakes = _loaded(LEVELS, checks, sources, ())
    if not mistakes:
        mistakes += _looser(profiles, sources)
    _refuse(mistakes, "the profiles are wrong")
    return profiles


def lint_judgements(checks: Mapping[str, Check], profiles: Iterable[Profile], sources: Sources) -> None:
    """Load what stands beside the levels: judgements on high risk, triggers of major dangers, templates.

    Raises:
        ProfileError: with every mistake of those files.
    """
    items = frozenset(item.id for profile in profiles for item in profile.items)
    mistakes: list[Mistake] = []
    for load in (
        lambda: load_judgements(sources, checks, items),
        lambda: load_triggers(sources),
        lambda: load_templates(sources),
    ):
        try:
            load()
        except ProfileError as error:
            if not error.mistakes:
                raise
            mistakes += error.mistakes
    _refuse(mistakes, "the files beside the profiles are wrong")


def lint_overlays(
    overlays: Sequence[OverlayFile], checks: Mapping[str, Check], sources: Sources
) -> tuple[Profile, ...]:
    """Lay overlays one over the other on every level that any of them is based on, and load those.

    Raises:
        ProfileError: with every mistake of every overlay on every level.
    """
    if not overlays:
        return ()
    levels = sorted({level for overlay in overlays for level in bases(overlay.read)})
    profiles, mistakes = _loaded(levels or LEVELS[:1], checks, sources, overlays)
    mistakes += _named_twice(overlays)
    _refuse(mistakes, "the overlays are wrong" if len(overlays) > 1 else "the overlay is wrong")
    return profiles


def _loaded(
    levels: Iterable[Level], checks: Mapping[str, Check], sources: Sources, overlays: Sequence[OverlayFile]
) -> tuple[tuple[Profile, ...], list[Mistake]]:
    """Load levels, gathering mistakes."""
    profiles: list[Profile] = []
    mistakes: list[Mistake] = []
    for level in levels:
        try:
            profiles.append(load_profile(level, checks, sources, [o.read for o in overlays]))
        except ProfileError as error:
            if not error.mistakes:
                raise
            mistakes += error.mistakes
    return tuple(profiles), mistakes


def _looser(profiles: Sequence[Profile], sources: Sources) -> Iterator[Mistake]:
    """Thresholds that ask for less than those of the level below."""
    for lower, higher in pairwise(profiles):
        for check in lower.parameters:
            for change in changes(lower.parameters[check], higher.parameters[check]):
                if change.looser:
                    said = f"{change.parameter} {change.after} asks for less than {change.before} of level"
                    read = document(level_file(higher.level), sources)
                    where = ("parameters", check, change.parameter)
                    yield read.mistake(where, f"{said} {lower.level}")


def _named_twice(overlays: Sequence[OverlayFile]) -> Iterator[Mistake]:
    """Overlays of one name: which of them a report speaks of would not be clear."""
    names = Counter(name_of(overlay.read) for overlay in overlays)
    for overlay in overlays:
        name = name_of(overlay.read)
        if names[name] > 1 and name:
            yield overlay.read.mistake(("name",), f"{names[name]} overlays are called {name}")


def _refuse(mistakes: Sequence[Mistake], text: str) -> None:
    if mistakes:
        found = sorted(dict.fromkeys(mistakes), key=lambda m: (m.file, m.line, m.column, m.text))
        raise ProfileError(text, found)

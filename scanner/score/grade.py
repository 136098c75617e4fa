"""A file of results beside the grade of its system: which items it lacks, and which do not belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Scope, System
from scanner.score.results import SystemResults, open_verdicts
from scanner.score.standing import Standing, Tally
from scanner.score.value import Subject
from scanner.selection import selected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scanner.model import Grade, Item, Level
    from scanner.score.results import Find
    from scanner.yamlmarks import Place

    Catalogue = Mapping[Level, Iterable[Item]]
    """All items of at least the levels of the grade."""


def whole(system: SystemResults, grade: Grade, catalogue: Catalogue, find: Find) -> SystemResults:
    """Add the items of the grade that the file is silent about: nobody has looked at them.

    General items, and those of each extension that the file names an item of.
    """
    silent = [i for i in _of_grade(system, grade, catalogue, find) if i.id not in system.items]
    unseen = {i.id: Tally(Subject.of(i), {Standing(open_verdicts(i)): 1}) for i in silent}
    return SystemResults(system.items | unseen, system.places, system.majors)


def strangers(
    system: SystemResults, grade: Grade, catalogue: Catalogue, find: Find
) -> Iterator[tuple[Place, str]]:
    """Yield items of the catalogue that a system of this grade is not judged by, where they come first."""
    own = {item.id for item in _of_grade(system, grade, catalogue, find)}
    for name, place in system.places.items():
        item = find(name)
        if item is not None and name not in own:
            level = grade.level_of(item.mark)
            yield place, f"{name} is no item of {grade}: items marked {item.mark} are those of level {level}"


def _of_grade(system: SystemResults, grade: Grade, catalogue: Catalogue, find: Find) -> tuple[Item, ...]:
    """Items of the grade in the scopes that the file touches."""
    scopes = {item.scope for name in system.items if (item := find(name)) is not None}
    return selected(System("", "", grade, uses=tuple(scopes - {Scope.GENERAL})), catalogue)

"""From the arguments of ``score`` to a scored file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scanner import yamlmarks
from scanner.cli.speaking import Misused
from scanner.errors import InputError
from scanner.model import Grade, Risk, Text
from scanner.profile import LEVELS, load_items, packaged
from scanner.report.scored import ScoredFile, ScoredSystem
from scanner.score import Formula, Reading, Template, Templates
from scanner.score.cells import RISKS
from scanner.score.document import Given, share
from scanner.score.reading import class_results, of_grade, read_results, require_whole, score_system
from scanner.score.template_file import PACKAGED, load_templates, read_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction

    from scanner.model import Item, Level

_NO_RISK = Text(
    zh="--risks：{word}：可选 高、中、低，或 无", en="--risks: {word}: give high, medium and low, or none"
)
_NO_SHARE = Text(
    zh="--y：{y}：须为 0 至 1 的数，如 0.5 或 1/2",
    en="--y: {y} must be a number from 0 to 1 such as 0.5 or 1/2",
)
_NO_GRADE = Text(
    zh="--grade：{grade}：须为 SxAy，x、y 为 1 至 4（第五级没有公开的要求）",
    en="--grade: {grade} must be a grade SxAy, x and y from 1 to 4 (level 5 has no published requirements)",
)
MAX_BYTES = 64 * 1024 * 1024
"""Size of a file of results."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the arguments ask for."""

    template: str  # name of one, or a file
    grade: str | None
    rate: str | None
    given: Given


class Catalogue:
    """The items of the catalogue, each level read when somebody asks for it."""

    def __init__(self) -> None:
        self._sources = packaged()
        self._levels: dict[Level, dict[str, Item]] = {}

    def find(self, name: str) -> Item | None:
        """Return the item with an id; None where there is none."""
        level = next((level for level in LEVELS if name.startswith(f"L{level}-")), None)
        return None if level is None else self._level(level).get(name)

    def of(self, levels: Iterable[Level]) -> Mapping[Level, Iterable[Item]]:
        """Return all items of some levels."""
        return {level: self._level(level).values() for level in levels}

    def _level(self, level: Level) -> Mapping[str, Item]:
        if level not in self._levels:
            self._levels[level] = {item.id: item for item in load_items(level, self._sources)}
        return self._levels[level]


def scored_file(file: Path, wanted: Wanted) -> ScoredFile:
    """Read a file of results and score it.

    Raises:
        InputError: the file or an argument is wrong, with every mistake.
    """
    grade = None if wanted.grade is None else _grade(wanted.grade)
    catalogue = Catalogue()
    read = read_results(_content(file), str(file), catalogue.find)
    named = {name: len(system.items) for name, system in read.systems.items()}
    if grade is not None:
        levels = catalogue.of({grade.level_of(mark) for mark in "SAG"})
        read = of_grade(read, str(file), grade, levels, catalogue.find)
    given = wanted.given.over(read.given)
    require_whole(read, str(file), given)
    ours = load_templates(packaged())
    chosen, templates = _templates(wanted, given.y, ours)
    systems = tuple(
        ScoredSystem(
            name,
            len(system.items),
            len(system.items) - named[name],
            score_system(system, templates, given),
            class_results(system, catalogue.find),
        )
        for name, system in sorted(read.systems.items())
    )
    return ScoredFile(str(file), chosen, templates, ours, grade, systems, given)


def risks_of(argument: str | None) -> frozenset[Risk] | None:
    """Read ``--risks``: a list such as ``medium,low`` or ``中,低``, or ``none`` or ``无``.

    Raises:
        Misused: another word.
    """
    if argument is None:
        return None
    words = [word.strip() for word in argument.replace("，", ",").split(",")]
    if words in (["none"], ["无"]):
        return frozenset()
    if odd := [word for word in words if word not in RISKS]:
        raise Misused(_NO_RISK.format(word=repr(odd[0])))
    return frozenset(RISKS[word] for word in words)


def share_of(argument: str | None) -> Fraction | None:
    """Read ``--y``.

    Raises:
        Misused: no number from 0 to 1.
    """
    try:
        return None if argument is None else share(argument)
    except ValueError as error:
        raise Misused(_NO_SHARE.format(y=repr(argument))) from error


def _grade(argument: str) -> Grade:
    try:
        return Grade.parse(argument)
    except ValueError as error:
        raise Misused(_NO_GRADE.format(grade=repr(argument))) from error


def _templates(wanted: Wanted, y: Fraction | None, ours: Templates) -> tuple[Template, Templates]:
    """Return the template whose conclusion stands first, and both that numbers are computed by."""
    templates, formula = ours, next((f for f, name in PACKAGED.items() if name == wanted.template), None)
    if formula is None:
        own = _own_template(wanted.template)
        templates, formula = templates.using(own), own.formula
    if y is not None:
        templates = templates.using(replace(templates.deductions, y=y))
    if wanted.rate is not None:
        templates = templates.using(replace(templates.rate, reading=Reading(wanted.rate)))
    return templates.deductions if formula is Formula.DEDUCTIONS else templates.rate, templates


def _own_template(argument: str) -> Template:
    if not Path(argument).is_file():
        names = ", ".join(sorted(PACKAGED.values()))
        raise InputError(f"no report template is called {argument!r}: give {names} or a file")
    return read_template(yamlmarks.load(Path(argument)))


def _content(file: Path) -> bytes:
    """Return what a file holds."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror or error}") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{file} is larger than {MAX_BYTES // 1024 // 1024} MiB")
    return content

"""Results of items on objects as a file states them, gathered by system into what the scores ask for.

One row is one item on one object. An item of the catalogue brings its side, weight and themes; another one
must state side and weight. What a row states goes before the catalogue: the weights there are ours.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from scanner import decision
from scanner.errors import Mistake
from scanner.model import Answer, Verdict
from scanner.model.result import verdict_of
from scanner.score import cells
from scanner.score.cells import SEPARATOR, shown
from scanner.score.scores import THEMES
from scanner.score.standing import Majors, Standing, Tally
from scanner.score.value import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.model import Item
    from scanner.yamlmarks import Place

    Find = Callable[[str], Item | None]
    """Gives the item of the catalogue with an id."""


V = TypeVar("V")


class Row(NamedTuple):
    """The fields of a row as they are written; "" where nothing is. Where it belongs stands first."""

    system: str
    object: str
    item: str
    verdict: str  # a verdict, or several of them: partial|nonconform
    possible: str  # what undetermined leaves open; nothing: all that the item allows
    before: str  # the result without a compensation, where there is one
    side: str
    weight: str
    themes: str
    optional: str
    risk: str  # that a person gave to the problem
    sampled: str
    majors: str  # confirmed major hidden dangers of the system, on each of its rows
    counted: str  # no: an item beside the standard, which no official number counts


NEEDED = ("item", "object", "verdict")
NO_THEME = "none"


@dataclass(slots=True)
class SystemResults:
    """Everything that a file says of one system."""

    items: dict[str, Tally]  # by id
    places: dict[str, Place]  # where each item comes first
    majors: Majors | None  # None: the file says nothing of them


@dataclass(slots=True)
class _Reading:
    """What the fields of a row beside system and object come to, and where such rows are."""

    item: str
    subject: Subject | None
    standing: Standing | None
    majors: Majors | None
    counted: bool
    mistakes: tuple[str, ...]
    rows: dict[str, int] = field(default_factory=dict)  # how many, by system
    first: dict[str, Place] = field(default_factory=dict)  # place of the first, by system


class Results:
    """Gathers rows. Many rows say the same of different objects, so each way to say it is read once."""

    def __init__(self, file: str, find: Find) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self._find = find
        self._readings: dict[tuple[str, ...], _Reading] = {}
        self._places: dict[tuple[str, ...], Place] = {}

    def add(self, place: Place, row: Row) -> None:
        """Take in the row that begins at a line and column (0: the whole line)."""
        key = row[2:]
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = _understood(row, self._find)
        reading.rows[row.system] = reading.rows.get(row.system, 0) + 1
        reading.first.setdefault(row.system, place)
        known = len(self._places)
        first = self._places.setdefault(row[:3], place)
        if len(self._places) == known and row.object:
            self.wrong(
                place, f"{shown(row.item)} on {shown(row.object)} is already stated in line {first[0]}"
            )
        if not row.object:
            self.wrong(place, "the object is missing")
        for text in reading.mistakes:
            self.wrong(place, text)

    def wrong(self, place: Place, text: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(self.file, *place, text))

    def systems(self) -> dict[str, SystemResults]:
        """Return what the rows say of each system, by name, noting where they contradict each other."""
        systems: dict[str, SystemResults] = {}
        counts: dict[tuple[str, str], Counter[Standing]] = {}
        for reading in self._readings.values():
            if reading.subject is None or reading.standing is None or not reading.counted:
                continue
            for name, rows in reading.rows.items():
                system = systems.setdefault(name, SystemResults({}, {}, reading.majors))
                if system.majors != reading.majors:
                    self.wrong(reading.first[name], "majors is not what other rows say of the same system")
                standings = counts.setdefault((name, reading.item), Counter())
                standings[reading.standing] += rows
                tally = system.items.setdefault(reading.item, Tally(reading.subject, standings))
                of_item = system.places.setdefault(reading.item, reading.first[name])
                if tally.subject != reading.subject:
                    text = f"side, weight, themes or optional are not those of line {of_item[0]}"
                    self.wrong(reading.first[name], text)
        return systems


def _understood(row: Row, find: Find) -> _Reading:
    """Read the fields of a row, with every mistake in them."""
    mistakes: list[str] = []
    item = find(row.item) if row.item else None

    def tried(read: Callable[[], V]) -> V | None:
        try:
            return read()
        except ValueError as error:
            mistakes.append(str(error))
            return None

    subject = tried(lambda: _subject(row, item))
    standing = tried(lambda: _standing(row, item))
    majors = tried(lambda: cells.majors(row.majors))
    counted = tried(lambda: cells.one_of(cells.TRUTHS, row.counted, "counted")) is not False
    if item is not None and not counted:
        mistakes.append(f"{item.id} is an item of the standard: it counts")
    return _Reading(row.item, subject, standing, majors, counted, tuple(mistakes))


def _subject(row: Row, item: Item | None) -> Subject:
    """Return what the scores need to know of the row's item."""
    if not row.item:
        raise ValueError("the item is missing")
    side = cells.one_of(cells.SIDES, row.side, "side")
    weight = cells.one_of(cells.WEIGHTS, row.weight, "weight")
    optional = cells.one_of(cells.TRUTHS, row.optional, "optional")
    themes = _themes(row.themes)
    if item is not None:
        known = Subject.of(item)
        return Subject(
            side or known.side,
            weight or known.weight,
            known.themes if themes is None else themes,
            known.optional if optional is None else optional,
        )
    if side is None or weight is None:
        raise ValueError(f"no item of the catalogue is called {shown(row.item)}; state its side and weight")
    return Subject(side, weight, themes or (), bool(optional))


def _themes(cell: str) -> tuple[str, ...] | None:
    """Read the themes of an item; ``none``: it has none. None: the row does not say."""
    if not cell:
        return None
    themes = () if cell == NO_THEME else tuple(part.strip() for part in cell.split(SEPARATOR))
    if odd := [theme for theme in themes if theme not in THEMES]:
        raise ValueError(f"no theme is called {shown(odd[0])}; there are {', '.join(THEMES)} and {NO_THEME}")
    return themes


def _standing(row: Row, item: Item | None) -> Standing:
    """Return how the row says that the item stands."""
    said = cells.verdicts(row.verdict, "verdict")
    possible = cells.verdicts(row.possible, "possible")
    if said is None:
        raise ValueError("the verdict is missing")
    if possible is not None and said != {verdict_of(possible)}:
        raise ValueError(f"the verdict {shown(row.verdict)} does not fit possible {shown(row.possible)}")
    if possible is None:
        possible = open_verdicts(item) if said == {Verdict.UNDETERMINED} else said
    return Standing(
        possible,
        cells.verdicts(row.before, "before"),
        cells.one_of(cells.RISKS, row.risk, "risk"),
        bool(cells.one_of(cells.TRUTHS, row.sampled, "sampled")),
    )


def open_verdicts(item: Item | None) -> frozenset[Verdict]:
    """Return what an item of which nothing is seen may end in; None: nothing is known of the item itself."""
    if item is None:
        return frozenset({Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM})
    unseen = {step.n: Answer.UNSEEN for step in item.steps}
    return decision.possible(decision.parse(item.decision, unseen), unseen, partial=item.partial)

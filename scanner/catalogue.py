"""The items (测评单元) of a level, read from its six files and refused where anything in them is wrong."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner import decision
from scanner.entries import Fields
from scanner.model import Item, ItemStep, Method, Scope, Sight, Text
from scanner.profile_files import HIGH_RISK_FILE, PARTS, document, ids_in, items_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scanner.errors import Mistake
    from scanner.model import Level
    from scanner.profile_files import Sources
    from scanner.yamlmarks import Document

TECHNICAL = ("PES", "CNS", "ABS", "CES", "SMC")
MANAGEMENT = ("PSS", "ORS", "HRS", "CMS", "MMS")
THEMES = ("firewall", "encryption", "audit", "tunnels")

_SCOPES = tuple(Scope)
"""In the order of the standard, which numbers them from 1: in clauses (8.2.x) and in ids (CES2)."""

_CLASSES = {
    "technical": TECHNICAL,
    "management": MANAGEMENT,
}
_METHODS = {method.value: method for method in Method}
_SIGHTS = {sight.value: sight for sight in Sight}


@dataclass(frozen=True, slots=True)
class Writing:
    """How ids and clauses of items are written."""

    id: re.Pattern[str]
    clause: re.Pattern[str]


OF_THE_STANDARD = Writing(re.compile(r"L[1-4]-[A-Z]{3}[1-5]-\d\d"), re.compile(r"\d+(\.\d+)+( [a-z]\))?"))
OF_AN_OVERLAY = Writing(
    re.compile(r"X-[A-Z0-9]+(-[A-Z0-9]+)*-\d\d"), re.compile(r"[\w .,:;/()§·—–《》（）、，：；“”-]{1,80}")
)
"""The clause is that of the sector's or the house's own document."""


@dataclass(frozen=True, slots=True)
class Known:
    """What items may refer to: kinds of objects, judgements on high risk, the items one level below."""

    kinds: Collection[str]
    judgements: Collection[str]
    below: Collection[str]

    @classmethod
    def of(cls, level: Level, kinds: Collection[str], sources: Sources) -> Known:
        """Gather the names from the other files of the folder."""
        below = frozenset().union(*(ids_in(items_file(level - 1, part), sources) for part in PARTS))
        return cls(kinds, ids_in(HIGH_RISK_FILE, sources), below)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Items of a level, nothing bound to their steps yet, and the files that they were read from."""

    items: tuple[Item, ...]
    documents: tuple[Document, ...]


def read_catalogue(level: Level, known: Known, sources: Sources, mistakes: list[Mistake]) -> Catalogue:
    """Read the items of a level, adding to ``mistakes``.

    Raises:
        ProfileError: one of the files is not there.
    """
    documents = {part: document(items_file(level, part), sources) for part in PARTS}
    found: list[tuple[Item, Fields]] = []
    for part, read in documents.items():
        mistakes += read.mistakes
        entries = read.data if isinstance(read.data, list) else []
        if not isinstance(read.data, list) and not read.mistakes:
            mistakes.append(read.mistake((), "must be a list of items"))
        for i, entry in enumerate(entries):
            fields = Fields(read, mistakes, entry, (i,))
            item = read_item(fields, level, PARTS[part], known)
            _check_place(fields, item, part)
            found.append((item, fields))
    _check_names(found)
    return Catalogue(tuple(item for item, _ in found), tuple(documents.values()))


def _check_names(found: Sequence[tuple[Item, Fields]]) -> None:
    """Hold that no two items have the same name, or take the same item's place."""
    ids = Counter(item.id for item, _ in found)
    followed = Counter(item.changed_from for item, _ in found)
    for item, fields in found:
        if ids[item.id] > 1 and item.id:
            fields.wrong(("id",), f"{item.id} is there {ids[item.id]} times")
        if followed[item.changed_from] > 1 and item.changed_from:
            said = f"{followed[item.changed_from]} items take the place of {item.changed_from}"
            fields.wrong(("changed_from",), said)


def read_item(
    fields: Fields, level: Level, scope: Scope, known: Known, writing: Writing = OF_THE_STANDARD
) -> Item:
    """Read one item; what it refers to must be known."""
    klass = fields.choice("class", (*TECHNICAL, *MANAGEMENT))
    side = "technical" if klass in TECHNICAL else "management"
    high_risk = fields.names("high_risk", needed=False)
    item = Item(
        id=fields.text("id", pattern=writing.id),
        level=level,
        clause=fields.text("clause", pattern=writing.clause),
        klass=klass,
        class_zh=fields.text("class_zh"),
        control_point=fields.words("control_point"),
        mark=fields.choice("mark", ("S", "A", "G")),
        summary=fields.words("summary"),
        kinds=tuple(fields.names("kinds")),
        themes=tuple(fields.names("themes", THEMES, needed=False)),
        steps=tuple(_step(step) for step in fields.entries("steps")),
        decision=fields.text("decision"),
        partial=fields.flag("partial"),
        optional=fields.flag("optional", "false"),
        side=side,
        weight=_weight(side, high_risk),
        high_risk=tuple(high_risk),
        scope=scope,
        changed_from=fields.text("changed_from", ""),
    )
    fields.done()
    for where, text in (*_wrong_names(item, known), *_wrong_steps(item)):
        fields.wrong(where, text)
    return item


def _step(fields: Fields) -> ItemStep:
    """Read one step. What a look could read for it is a note for people who write checks."""
    fields.text("facts", "")
    step = ItemStep(
        n=fields.number("n"),
        text=Text(fields.text("zh"), fields.text("en")),
        method=_METHODS.get(fields.choice("method", _METHODS), Method.EXAMINE),
        sight=_SIGHTS.get(fields.choice("scan", _SIGHTS), Sight.YES),
    )
    fields.done()
    return step


def _wrong_names(item: Item, known: Known) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Names that an item refers to and nobody has."""
    for j, kind in enumerate(item.kinds):
        if kind and kind not in known.kinds:
            yield ("kinds", j), f"no kind of assessment object is called {kind!r}"
    for j, judgement in enumerate(item.high_risk):
        if judgement and judgement not in known.judgements:
            yield ("high_risk", j), f"no judgement on high risk is called {judgement!r}"
    if item.changed_from and item.changed_from not in known.below:
        yield ("changed_from",), f"level {item.level - 1} has no item {item.changed_from!r}"


def _wrong_steps(item: Item) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with the numbers of steps and with the rule over them."""
    numbers = [step.n for step in item.steps]
    if numbers != list(range(1, len(numbers) + 1)):
        yield ("steps",), f"steps are numbered {numbers}, not 1, 2, 3 ..."
    if item.decision and numbers:
        try:
            decision.parse(item.decision, numbers)
        except ValueError as error:
            yield ("decision",), f"decision: {error}"


def _check_place(fields: Fields, item: Item, part: str) -> None:
    """Hold id, clause and class of an item against the file that it stands in."""
    number = _SCOPES.index(item.scope) + 1
    if item.id and not item.id.startswith(f"L{item.level}-{item.klass or item.id[3:6]}{number}-"):
        said = f"{item.id} is no item of level {item.level}, scope {item.scope}"
        fields.wrong(("id",), said + (f", class {item.klass}" if item.klass else ""))
    if item.clause and not item.clause.startswith(f"{item.level + 5}.{number}."):
        said = f"clauses of level {item.level}, scope {item.scope} begin with {item.level + 5}.{number}"
        fields.wrong(("clause",), f"{said}, not {item.clause}")
    if item.klass and item.klass not in _CLASSES.get(part, (*TECHNICAL, *MANAGEMENT)):
        fields.wrong(("class",), f"class {item.klass} does not belong to {part}.yaml")


def _weight(side: str, high_risk: Sequence[str]) -> str:
    """Weight of an item: OURS, since no official weights were found in any source.

    An item that a judgement on high risk names is key; other technical items are important; the rest general.
    """
    if high_risk:
        return "key"
    return "important" if side == "technical" else "general"


def count_by_scope(items: Sequence[Item]) -> Mapping[Scope, int]:
    """Return how many items there are of each scope."""
    counts = Counter(item.scope for item in items)
    return {scope: counts[scope] for scope in _SCOPES}

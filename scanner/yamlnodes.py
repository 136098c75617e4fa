"""YAML read closely: every value with its place, every mistake of the YAML itself.

Works on the parser's events, iteratively; what is written once and referred to twice is written out within a
budget, so that a small file cannot become a large value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scanner.errors import Mistake

if TYPE_CHECKING:
    from collections.abc import Mapping

Place = tuple[int, int]
"""Line and column, both counted from 1."""

Where = tuple[str | int, ...]
"""The way to a value: keys and 0-based list positions, e.g. ``("objects", 3, "address")``."""

MAX_DEPTH = 64
MAX_VALUES = 1_000_000
"""Values in one document, counted after aliases are written out."""

_SCALAR_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_COLLECTION_TAGS = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text holds: its plain data (None where it cannot be read), places, mistakes."""

    data: Any
    places: Mapping[Where, Place]
    mistakes: tuple[Mistake, ...]


def read_closely(text: str, file: str) -> Reading:
    """Read YAML. Never raises for what the text says: mistakes are listed."""
    reader = _Reader(file)
    root = reader.read(text)
    if root is None or root.empty:
        mistakes = reader.mistakes or [Mistake(file, 1, 1, "the file is empty")]
        return Reading(None, {}, tuple(mistakes))
    places: dict[Where, Place] = {}
    try:
        data = _Writer(file, places, reader.mistakes).write(root, (), 0)
    except _TooMuchError as error:
        reader.mistakes.append(Mistake(file, *error.place, str(error)))
        return Reading(None, {}, tuple(reader.mistakes))
    places[()] = root.place
    return Reading(data, places, tuple(reader.mistakes))


@dataclass(slots=True)
class _Node:
    """A value as written; aliases point to the same node twice."""

    place: Place
    scalar: str | None = None
    items: list[_Node] | None = None  # of a list
    pairs: list[tuple[_Node, _Node]] | None = None  # of a mapping
    key: _Node | None = None  # a mapping's key that waits for its value

    @property
    def empty(self) -> bool:
        """Whether nothing is written."""
        return self.scalar is None and self.items is None and self.pairs is None

    def add(self, child: _Node) -> None:
        """Take in the next child of a list or mapping."""
        if self.items is not None:
            self.items.append(child)
        elif self.pairs is not None and self.key is None:
            self.key = child
        elif self.pairs is not None and self.key is not None:
            self.pairs.append((self.key, child))
            self.key = None


@dataclass(slots=True)
class _Reader:
    """Builds nodes from the parser's events, iteratively: a file's nesting cannot exhaust the stack."""

    file: str
    mistakes: list[Mistake] = field(default_factory=list)
    anchors: dict[str, _Node] = field(default_factory=dict)
    stack: list[_Node] = field(default_factory=list)
    root: _Node | None = None
    documents: int = 0

    def read(self, text: str) -> _Node | None:
        """Return the root, or None where the text is no YAML (or holds nothing)."""
        import yaml  # noqa: PLC0415 - start-up does not read YAML

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                if not self._take(event):
                    return None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            said = error.problem or error.context
            self.mistakes.append(Mistake(self.file, *place, f"not YAML: {said}"))
            return None
        except yaml.YAMLError as error:  # a character that YAML does not allow
            self.mistakes.append(Mistake(self.file, 0, 0, f"not YAML: {' '.join(str(error).split())}"))
            return None
        return self.root

    def _take(self, event: Any) -> bool:
        """Take one event; False ends the reading."""
        name = type(event).__name__
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if name == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.mistakes.append(Mistake(self.file, *place, "a second document; one file holds one"))
                return False
        elif name in {"MappingEndEvent", "SequenceEndEvent"}:
            self.stack.pop()
        elif name == "AliasEvent":
            return self._refer(event.anchor, place)
        elif name in {"ScalarEvent", "MappingStartEvent", "SequenceStartEvent"}:
            return self._open(event, name, place)
        return True

    def _open(self, event: Any, name: str, place: Place) -> bool:
        """Add a scalar, or begin a list or mapping."""
        if event.tag not in (_SCALAR_TAGS if name == "ScalarEvent" else _COLLECTION_TAGS):
            self.mistakes.append(Mistake(self.file, *place, f"tags are not used here: {event.tag}"))
        if name == "ScalarEvent":
            bare = event.style in {None, ""} and event.value == ""
            node = _Node(place, scalar=None if bare else event.value)
        elif name == "MappingStartEvent":
            node = _Node(place, pairs=[])
        else:
            node = _Node(place, items=[])
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        self._put(node)
        if name != "ScalarEvent":
            self.stack.append(node)
            if len(self.stack) > MAX_DEPTH:
                self.mistakes.append(Mistake(self.file, *place, f"nested more than {MAX_DEPTH} deep"))
                return False
        return True

    def _refer(self, anchor: str, place: Place) -> bool:
        """Add what an alias stands for."""
        node = self.anchors.get(anchor)
        if node is None:
            self.mistakes.append(Mistake(self.file, *place, f"*{anchor} refers to nothing"))
            node = _Node(place)
        elif any(node is outer for outer in self.stack):
            self.mistakes.append(Mistake(self.file, *place, f"*{anchor} contains itself"))
            return False
        self._put(node)
        return True

    def _put(self, node: _Node) -> None:
        """Hand a node to the list or mapping that is open, or make it the root."""
        if self.stack:
            self.stack[-1].add(node)
        elif self.root is None:
            self.root = node


class _TooMuchError(Exception):
    """Written out, the document passes a bound."""

    def __init__(self, text: str, place: Place) -> None:
        super().__init__(text)
        self.place = place


@dataclass(slots=True)
class _Writer:
    """Writes nodes out as plain data, noting places; aliases are copied within the budget."""

    file: str
    places: dict[Where, Place]
    mistakes: list[Mistake]
    left: int = MAX_VALUES

    def write(self, node: _Node, where: Where, depth: int) -> Any:
        """Return the plain value of ``node``.

        Raises:
            _TooMuchError: the budget of values or depth is spent.
        """
        self.left -= 1
        if self.left < 0:
            raise _TooMuchError(f"more than {MAX_VALUES} values, aliases written out", node.place)
        if depth > MAX_DEPTH:
            raise _TooMuchError(f"nested more than {MAX_DEPTH} deep, aliases written out", node.place)
        if node.items is not None:
            return [self._entry(item, (*where, i), item.place, depth) for i, item in enumerate(node.items)]
        if node.pairs is not None:
            return self._mapping(node.pairs, where, depth)
        return node.scalar

    def _entry(self, node: _Node, where: Where, place: Place, depth: int) -> Any:
        """Note the place and write the value."""
        self.places[where] = place
        return self.write(node, where, depth + 1)

    def _mapping(self, pairs: list[tuple[_Node, _Node]], where: Where, depth: int) -> dict[str, Any]:
        """Write a mapping; the place of a value is that of its key."""
        written: dict[str, Any] = {}
        for key, value in pairs:
            name = key.scalar
            if name is None:
                self.mistakes.append(Mistake(self.file, *key.place, "a key must be a word"))
            elif name in written:
                line = self.places[(*where, name)][0]
                said = f"{name!r} is written twice; first on line {line}"
                self.mistakes.append(Mistake(self.file, *key.place, said))
            else:
                written[name] = None
                written[name] = self._entry(value, (*where, name), key.place, depth)
        return written

"""YAML as plain data that remembers its places, so that every mistake names file:line:column.

Scalars stay the strings that were written (``8.10``, ``on`` and ``0777`` mean themselves); the model that
the data is validated against converts them. A key without a value is None. Nothing here runs what a file
says: tags are mistakes, aliases are written out within a budget, depth and size are bounded.
"""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from scanner.errors import InputError, Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic_core import ErrorDetails

T = TypeVar("T")

Place = tuple[int, int]
"""Line and column, both counted from 1."""

Where = tuple[str | int, ...]
"""The way to a value: keys and 0-based list positions, e.g. ``("objects", 3, "address")``."""

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_VALUES = 1_000_000
"""Values in one document, counted after aliases are written out."""

_SCALAR_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_COLLECTION_TAGS = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: plain data (dict, list, str, None), the places of its values, its mistakes."""

    file: str
    data: Any
    places: Mapping[Where, Place]
    mistakes: tuple[Mistake, ...]
    digest: str  # SHA-256 of the bytes, hexadecimal

    def place(self, where: Sequence[str | int]) -> Place:
        """Return the place of the nearest value that exists on the way to ``where``."""
        return self.places.get(self._nearest(where), (1, 1))

    def mistake(self, where: Sequence[str | int], text: str) -> Mistake:
        """Build a mistake at the nearest existing place of ``where``."""
        return Mistake(self.file, *self.place(where), text)

    def _nearest(self, where: Iterable[str | int]) -> Where:
        """Follow ``where`` through what exists, leaving out steps that the file does not have."""
        found: Where = ()
        for step in where:
            if (*found, step) in self.places:
                found = (*found, step)
        return found


def load(path: Path) -> Document:
    """Read a YAML file.

    Raises:
        InputError: the file cannot be read at all; mistakes inside it are in ``Document.mistakes``.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return parse(content, str(path))


def parse(content: bytes, file: str) -> Document:
    """Read YAML from bytes. Never raises for what the bytes say: mistakes are listed in the document."""
    digest = hashlib.sha256(content).hexdigest()
    if len(content) > MAX_BYTES:
        mistake = Mistake(file, 0, 0, f"larger than {MAX_BYTES // 1024 // 1024} MiB")
        return Document(file, None, {}, (mistake,), digest)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place_of_offset(content, error.start)
        mistake = Mistake(file, line, column, f"not UTF-8: byte 0x{content[error.start]:02x}")
        return Document(file, None, {}, (mistake,), digest)
    reader = _Reader(file)
    root = reader.read(text)
    if root is None or root.empty:
        if not reader.mistakes:
            reader.mistakes.append(Mistake(file, 1, 1, "the file is empty"))
        return Document(file, None, {}, tuple(reader.mistakes), digest)
    places: dict[Where, Place] = {}
    try:
        data = _Writer(file, places, reader.mistakes).write(root, (), 0)
    except _TooMuchError as error:
        reader.mistakes.append(Mistake(file, *error.place, str(error)))
        return Document(file, None, {}, _in_order(reader.mistakes), digest)
    places[()] = root.place
    return Document(file, data, places, _in_order(reader.mistakes), digest)


def check(kind: type[T], document: Document) -> tuple[T | None, tuple[Mistake, ...]]:
    """Validate the document against a pydantic model or dataclass.

    Returns the instance, or None where there are mistakes, and all mistakes in line order: those of the
    document itself and those that validation finds.
    """
    if document.data is None:
        return None, document.mistakes
    instance, found = check_part(kind, document, ())
    mistakes = _in_order([*document.mistakes, *found])
    return (None, mistakes) if mistakes else (instance, ())


def check_part(kind: Any, document: Document, where: Where) -> tuple[Any, tuple[Mistake, ...]]:
    """Validate the value at ``where`` against ``kind``, leaving out the document's own mistakes."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - 250 ms that only readers of YAML pay

    value = document.data
    for step in where:
        value = value[step]
    try:
        return TypeAdapter(kind).validate_python(value), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
    missing = {(*where, *d["loc"]) for d in details if d["type"] == "missing"}
    return None, _in_order(
        [document.mistake((*where, *d["loc"]), _in_words(d, (*where, *d["loc"]), missing)) for d in details]
    )


def validate(kind: type[T], document: Document, error: type[InputError] = InputError) -> T:
    """Validate the whole document against a pydantic model or dataclass.

    Raises:
        InputError: (or the subclass given as ``error``) carrying every mistake, in line order.
    """
    instance, mistakes = check(kind, document)
    if instance is None:
        raise error(f"{document.file}: {_count(mistakes)}", mistakes)
    return instance


def _count(mistakes: Sequence[Mistake]) -> str:
    """Say how many mistakes there are."""
    return "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"


def _in_order(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Sort by place, dropping repeated ones."""
    return tuple(sorted(dict.fromkeys(mistakes), key=lambda m: (m.file, m.line, m.column, m.text)))


def _place_of_offset(content: bytes, offset: int) -> Place:
    """Line and column of a byte, columns counted in bytes."""
    start = content.rfind(b"\n", 0, offset) + 1
    return content.count(b"\n", 0, offset) + 1, offset - start + 1


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


_WORDS = {
    "string_type": "must be text",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "dict_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "dataclass_type": "must be a mapping",
    "dataclass_exact_type": "must be a mapping",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "value_error": "{error}",
    "assertion_error": "{error}",
}
_UNKNOWN_KEY = frozenset({"extra_forbidden", "unexpected_keyword_argument"})


def _in_words(detail: ErrorDetails, where: Where, missing: set[Where]) -> str:
    """Say one validation error in plain words, naming the key and what was written."""
    name = next((str(step) for step in reversed(where) if isinstance(step, str)), "the document")
    if detail["type"] == "missing":
        return f"{name!r} is missing"
    if detail["type"] in _UNKNOWN_KEY:
        meant = [str(other[-1]) for other in missing if other[:-1] == where[:-1]]
        near = difflib.get_close_matches(name, meant, n=1, cutoff=0.6)
        return f"unknown key {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    words = _WORDS.get(detail["type"])
    said = detail["msg"] if words is None else words.format(**detail.get("ctx", {}))
    value = detail["input"]
    if value is None:
        return f"{name}: {said}; nothing is written"
    return f"{name}: {said}" + (f", not {_shorten(value)}" if isinstance(value, str) else "")


def _shorten(value: str) -> str:
    """Quote what was written, cut where long."""
    return repr(value if len(value) <= 60 else value[:57] + "...")

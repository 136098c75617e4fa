"""YAML as plain data that remembers its places, so that every mistake names file:line:column.

Scalars stay the strings that were written (``8.10``, ``on`` and ``0777`` mean themselves); the model that
the data is validated against converts them. A key without a value is None. Nothing here runs what a file
says: tags are mistakes, aliases are written out within a budget, depth and size are bounded.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from scanner.errors import InputError, Mistake
from scanner.yamlnodes import MAX_DEPTH, MAX_VALUES, Place, Where, read_closely
from scanner.yamlplain import UnusualError, read_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic_core import ErrorDetails

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "Document",
    "Place",
    "Where",
    "check",
    "check_part",
    "load",
    "parse",
    "validate",
]

T = TypeVar("T")

MAX_BYTES = 16 * 1024 * 1024


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


class _PlacesLater(Mapping[Where, Place]):
    """The places of a well-formed document, found when the first of them is asked for."""

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file

    @functools.cached_property
    def _found(self) -> Mapping[Where, Place]:
        return read_closely(self._text, self._file).places

    def __getitem__(self, where: Where) -> Place:
        return self._found[where]

    def __iter__(self) -> Iterator[Where]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def load(path: Path) -> Document:
    """Read a YAML file.

    Raises:
        InputError: the file cannot be read at all; mistakes inside it are in ``Document.mistakes``.
    """
    return parse(content_of(path), str(path))


def content_of(path: Path) -> bytes:
    """Return the bytes of a file, of one that is too large only so many that ``parse`` refuses it.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


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
    try:
        data = read_plain(text, MAX_DEPTH, MAX_VALUES)
    except UnusualError:
        closely = read_closely(text, file)
        return Document(file, closely.data, closely.places, _in_order(closely.mistakes), digest)
    return Document(file, data, _PlacesLater(text, file), (), digest)


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

"""A file of results as JSON: an object with ``items``, or the list of items alone.

``risks``, ``majors`` and ``y`` beside the items are taken as whole, whatever the items leave open. A place is
the line and column where an item begins.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from scanner.model import Risk
from scanner.score import cells
from scanner.score.cells import SEPARATOR, shown
from scanner.score.results import Results, Row
from scanner.score.template_file import fraction

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from scanner.score.results import Find
    from scanner.yamlmarks import Place

_BLANK = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_FIELDS = frozenset(Row._fields)
_EMPTY: dict[str, Any] = dict.fromkeys(Row._fields, "")


@dataclass(slots=True)
class Given:
    """What somebody gives beside the items, as whole; None: nothing."""

    risks: frozenset[Risk] | None = None
    majors: int | None = None
    y: Fraction | None = None

    def over(self, other: Given) -> Given:
        """Return what is given here, and from ``other`` where nothing is."""
        return Given(
            other.risks if self.risks is None else self.risks,
            other.majors if self.majors is None else self.majors,
            other.y if self.y is None else self.y,
        )


def read_document(content: bytes, file: str, find: Find) -> tuple[Results, Given]:
    """Read results from JSON. Never raises for what the bytes say: mistakes are listed in the results."""
    results = Results(file, find)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        results.wrong((line, 0), "not UTF-8")
        return results, Given()
    reader = _Reader(text, results)
    try:
        reader.whole()
    except json.JSONDecodeError as error:
        results.wrong((error.lineno, error.colno), f"not JSON: {error.msg}")
    except (ValueError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        results.wrong(reader.place(), said)
    return results, reader.given


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, refusing a key that is there twice: one of both would be lost unseen."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    raise ValueError(f"the key {shown(twice)} is there twice")


class _Reader:
    """Reads one item after the other, so that each mistake has a line and no second copy is held."""

    def __init__(self, text: str, results: Results) -> None:
        self.given = Given()
        self._text = text
        self._results = results
        self._decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_number)
        self._at = 0
        self._line, self._counted, self._line_start = 1, 0, 0

    def place(self) -> Place:
        """Line and column of where the reader is."""
        if lines := self._text.count("\n", self._counted, self._at):
            self._line += lines
            self._line_start = self._text.rindex("\n", self._counted, self._at) + 1
        self._counted = self._at
        return self._line, self._at - self._line_start + 1

    def whole(self) -> None:
        """Read the file: an object with items, or a list of them."""
        if self._next() == "[":
            self._list(self._item)
        else:
            self._keys()
        if self._next():
            raise json.JSONDecodeError("something follows the end", self._text, self._at)

    def _keys(self) -> None:
        """Read ``{"items": [...], "risks": [...], "majors": 0, "y": "1/2"}``."""
        seen: set[str] = set()
        self._expect("{")
        while self._next() != "}":
            if seen:
                self._expect(",")
                self._next()
            place = self.place()
            name = self._value()
            if name in seen:
                self._wrong(place, f"the key {shown(str(name))} is there twice")
            seen.add(str(name))
            self._expect(":")
            self._next()
            if name == "items":
                self._list(self._item)
            else:
                self._setting(place, name, self._value())
        self._expect("}")
        if "items" not in seen:
            self._wrong(self.place(), "there are no items")

    def _setting(self, place: Place, name: object, value: object) -> None:
        """Take what is given beside the items."""
        try:
            if name == "risks":
                self.given.risks = _risks(value)
            elif name == "majors":
                self.given.majors = _majors(value)
            elif name == "y":
                self.given.y = share(value)
            else:
                self._wrong(place, f"no key is called {shown(str(name))}; there are items, risks, majors, y")
        except ValueError as error:
            self._wrong(place, str(error))

    def _list(self, each: Callable[[], None]) -> None:
        self._expect("[")
        if self._next() == "]":
            self._expect("]")
            return
        each()
        while comma := _COMMA.match(self._text, self._at):
            self._at = comma.end()
            each()
        self._expect("]")

    def _item(self) -> None:
        """Read one item on an object."""
        place = self.place()
        value = self._value()
        if not isinstance(value, dict):
            self._wrong(place, "an item must be an object such as {item, object, verdict}")
            return
        if not value.keys() <= _FIELDS:
            for name in sorted(value.keys() - _FIELDS):
                self._wrong(place, f"no field is called {shown(name)}; there are: {', '.join(Row._fields)}")
            return
        try:
            self._results.add(place, _row(value))
        except ValueError as error:
            self._wrong(place, str(error))

    def _value(self) -> Any:
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value

    def _next(self) -> str:
        """Go to the next character that is not blank; "" at the end."""
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise json.JSONDecodeError(f"{mark!r} is expected", self._text, self._at)
        self._at += 1

    def _wrong(self, place: Place, text: str) -> None:
        self._results.wrong(place, text)


def _row(value: dict[str, Any]) -> Row:
    """Return an item as a row of a table; most have nothing but words, and are many."""
    fields = [*(_EMPTY | value).values()]
    if set(map(type, fields)) != {str}:
        fields = [_cell(field, name) for name, field in zip(Row._fields, fields, strict=True)]
    return Row._make(map(str.strip, fields))


def _cell(value: object, name: str) -> str:
    """Return a field as a table would have it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name == "majors":
        return str(value)
    if isinstance(value, list) and name in {"verdict", "possible", "before", "themes"}:
        return SEPARATOR.join(_words(value, name))
    raise ValueError(f"{name} cannot be {shown(json.dumps(value))}")


def _words(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError(f"{name} must be a list of words")
    return value


def _risks(value: object) -> frozenset[Risk]:
    found = [cells.one_of(cells.RISKS, word, "risks") for word in _words(value, "risks")]
    return frozenset(risk for risk in found if risk is not None)


def _majors(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10_000:
        raise ValueError("majors must be a number of major hidden dangers")
    return value


def share(value: object) -> Fraction:
    """Read y, the share of the technical side.

    Raises:
        ValueError: no number from 0 to 1.
    """
    y = fraction(value)
    if y > 1:
        raise ValueError("y must be a number from 0 to 1")
    return y

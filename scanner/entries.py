"""Reading mappings of a YAML document key by key, gathering every mistake at its place.

For files that are read at every start: hundreds of entries cost little, and no library has to be loaded for
it. Whatever is wrong becomes a mistake, and an empty value stands in its place, so that one reading finds
all mistakes; who reads must ask ``mistakes`` before he uses what he read.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Literal

from scanner.model import Text

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Iterable, Iterator

    from scanner.errors import Mistake
    from scanner.yamlmarks import Document, Where

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NOTHING = object()


class Fields:
    """One mapping of a document.

    A key that nobody asked for when ``done`` is called is unknown. The mistakes go to the list that the
    reader of the whole document hands on.
    """

    __slots__ = ("_asked", "_document", "_missing", "_mistakes", "_where", "given")

    def __init__(self, document: Document, mistakes: list[Mistake], value: object, where: Where = ()) -> None:
        self._document = document
        self._mistakes = mistakes
        self._where = where
        self._asked: list[str] = []
        self._missing: list[str] = []
        self.given: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self._mistakes.append(document.mistake(where, f"{_name(where)}: must be a mapping{_not(value)}"))

    def wrong(self, where: Where, text: str) -> None:
        """Note a mistake at a way that begins at this mapping."""
        self._mistakes.append(self._document.mistake((*self._where, *where), text))

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.given

    def text(self, key: str, default: str | None = None, pattern: re.Pattern[str] | None = None) -> str:
        """Return a text that is not empty."""
        value = self._get(key, default)
        if value.__class__ is str and (value or value is default):
            if pattern is None or pattern.fullmatch(value):
                return str(value)
            self.wrong((key,), f"{key}: must match {pattern.pattern}, not {value!r}")
        elif value is not _NOTHING:
            self.wrong((key,), f"{key}: must be text{_not(value)}")
        return ""

    def choice(self, key: str, among: Collection[str]) -> str:
        """Return one of the words ``among``; "" where none is written."""
        value = self._get(key)
        if isinstance(value, str) and value in among:
            return value
        if value is not _NOTHING:
            self.wrong((key,), f"{key}: must be {_alternatives(among)}{_not(value)}")
        return ""

    def number(self, key: str) -> int:
        """Return a whole number from 0 upwards; -1 where none is written."""
        value = self._get(key)
        if value.__class__ is str and value.isascii() and value.isdecimal():
            return int(value)
        if value is not _NOTHING:
            self.wrong((key,), f"{key}: must be a whole number{_not(value)}")
        return -1

    def flag(self, key: str, default: Literal["true", "false"] | None = None) -> bool:
        """Return a true or false."""
        value = self._get(key, default)
        found = _FLAGS.get(value.lower()) if isinstance(value, str) else None
        if found is None and value is not _NOTHING:
            self.wrong((key,), f"{key}: must be true or false{_not(value)}")
        return bool(found)

    def words(self, key: str) -> Text:
        """Return a text in both languages."""
        value = self._get(key)
        if value is _NOTHING:
            return Text("", "")
        return self.inner(key, value).both()

    def both(self) -> Text:
        """Read this mapping itself as a text in both languages, and nothing else."""
        text = Text(self.text("zh"), self.text("en"))
        self.done()
        return text

    def names(self, key: str, among: Collection[str] | None = None, *, needed: bool = True) -> list[str]:
        """Return a list of words; at least one where the key is needed.

        The positions stay those of the file: what is no word is an empty one.
        """
        value = self._get(key, None if needed else _NOTHING)
        if value is _NOTHING:
            return []
        if not isinstance(value, list) or (needed and not value):
            self.wrong((key,), f"{key}: must be a list of words{_not(value)}")
            return []
        found = []
        for i, word in enumerate(value):
            if not isinstance(word, str) or not word or (among is not None and word not in among):
                asked = "a word" if among is None else _alternatives(among)
                self.wrong((key, i), f"{key}: must be {asked}{_not(word)}")
                found.append("")
            else:
                found.append(word)
        return found

    def entries(self, key: str) -> list[Fields]:
        """Return the mappings of a list, at least one."""
        value = self._get(key)
        if value is _NOTHING:
            return []
        if not isinstance(value, list) or not value:
            self.wrong((key,), f"{key}: must be a list of mappings{_not(value)}")
            return []
        return [self.inner(key, entry, i) for i, entry in enumerate(value)]

    def mapping(self, key: str) -> Fields:
        """Return the mapping under a key; an empty one where the file has none."""
        value = self._get(key)
        return Fields(self._document, [], {}) if value is _NOTHING else self.inner(key, value)

    def each(self) -> Iterator[tuple[str, Any]]:
        """Yield all keys with their values; none of them is unknown then."""
        self._asked += self.given
        yield from self.given.items()

    def inner(self, key: str, value: object, *deeper: int) -> Fields:
        """Read a value inside this mapping as a mapping."""
        return Fields(self._document, self._mistakes, value, (*self._where, key, *deeper))

    def done(self) -> None:
        """Note every key that nobody asked for."""
        if len(self._asked) >= len(self.given) and self.given.keys() <= set(self._asked):
            return
        for key in self.given.keys() - set(self._asked):
            near = difflib.get_close_matches(key, self._missing, n=1, cutoff=0.6)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            self.wrong((key,), f"unknown key {key!r}{meant}")

    def _get(self, key: str, default: object = None) -> Any:
        """What is written under a key; without a default its absence is a mistake."""
        self._asked.append(key)
        if key in self.given:
            return self.given[key]
        if default is None:
            self._missing.append(key)
            self.wrong((key,), f"{key!r} is missing")
            return _NOTHING
        return default


def _name(where: Where) -> str:
    """Name of a place: its last key."""
    return next((str(step) for step in reversed(where) if isinstance(step, str)), "the document")


def _not(value: object) -> str:
    """Say what is written instead."""
    if value is None:
        return "; nothing is written"
    if not isinstance(value, str):
        return ""
    return f", not {(value if len(value) <= _SHOWN else value[: _SHOWN - 3] + '...')!r}"


_SHOWN = 60
"""Characters of a wrong value that a mistake repeats."""


def _alternatives(among: Iterable[str]) -> str:
    """List words: 'a', 'b' or 'c'."""
    *first, last = (repr(word) for word in among)
    return f"{', '.join(first)} or {last}" if first else last

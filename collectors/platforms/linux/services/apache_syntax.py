"""The language of Apache httpd's files: directives in order, conditions worked out, includes in their place.

Source: the server's manual (configuration files, mod_so, core). What a condition depends on is not always in
the files: a directive then says that it may not hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import WILDCARD, Walk, matches, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.base import Step, Unseen
    from collectors.evidence import Document
    from scanner.model import Citation

DEPTH = 10
"""Files included within one another; more is a loop."""

NESTED = 50
"""Sections within one another; nobody writes ten."""

ALWAYS_IN = frozenset({"core", "so", "http", "http_core"})
"""Modules that every build has in itself, by their plain names."""

SOMETIMES_IN = frozenset({"log_config", "logio", "unixd", "version", "watchdog"})
"""Modules that some distributions build in and others load."""

_CONDITIONS = frozenset({"ifmodule", "ifdefine", "iffile", "ifversion", "ifdirective", "ifsection"})
_WORD = re.compile(r"\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<plain>[^\s\"']\S*)")
_BLANK = re.compile(r"\s*")
_VARIABLE = re.compile(r"\$\{(?P<name>[^}:\s]{1,100})\}")
_SECTION = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z]\w*)(?P<words>(?:\s.*)?)>")
_EXPORT = re.compile(r"\s*export\s+(?P<name>[A-Za-z_]\w*)=(?P<value>[\w/.@-]*)(?P<suffix>\$SUFFIX)?\s*")


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive that holds where its sections do."""

    name: str  # in lower case
    words: tuple[str, ...]
    at: Citation
    host: int  # number of the virtual host around it; 0: the main server
    sections: tuple[str, ...]  # names of the sections around it in lower case, conditions left out
    certain: bool  # whether the conditions around it are known to be met


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands around a line."""

    host: int = 0
    sections: tuple[str, ...] = ()
    met: bool | None = True  # all conditions; None: one of them is not known


@dataclass(slots=True)
class Reading:
    """Reads a main file and what it includes from the files that were collected.

    ``defined`` are parameters of the command line, ``root`` the folder that relative paths start from.
    """

    step: Step
    documents: Mapping[str, Document]
    root: str
    defined: dict[str, str | None]
    environment: Mapping[str, str] = field(default_factory=dict)
    built_in_all: bool = False  # whether this build has all of SOMETIMES_IN in itself
    _maybe: set[str] = field(default_factory=set)  # names that may be defined
    _loaded: dict[str, bool] = field(default_factory=dict)  # modules, and whether they certainly are
    _hosts: int = 0
    _walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self._walk = Walk(self.step)

    def directives(self, path: str) -> Iterator[Directive]:
        """Yield the directives of the main file ``path`` that hold or may hold.

        Raises:
            Unseen: a line that is none, or an include whose files were not asked for.
        """
        yield from self._file(path, _Place(), 0)

    def _file(self, path: str, place: _Place, depth: int) -> Iterator[Directive]:
        document = self.documents[path]
        self._walk.enter(document)
        around: list[tuple[str, _Place]] = []
        for number, text in _lines(self.step, document):
            section = _SECTION.fullmatch(text)
            if text.startswith("<") and section is None:
                raise unparsable(self.step, document, number, "a section that is none")
            if section is not None and section["close"]:
                if not around or around[-1][0] != section["name"].lower():
                    raise unparsable(self.step, document, number, "closes what is not open")
                place = around.pop()[1]
            elif section is not None:
                around.append((section["name"].lower(), place))
                if len(around) > NESTED:
                    raise unparsable(self.step, document, number, "sections within each other without end")
                words = self._words(section["words"], document, number)
                place = self._entered(section["name"].lower(), words, place)
                if section["name"].lower() == "virtualhost" and place.met is not False:
                    yield self._directive("<virtualhost", words, document.cite(number), place)
            elif place.met is not False and "macro" not in place.sections:
                words = self._words(text, document, number)
                yield from self._line(words, document, number, place, depth)
        if around:
            raise unparsable(self.step, document, len(document.lines), "a section that is never closed")

    def _line(
        self, words: tuple[str, ...], document: Document, number: int, place: _Place, depth: int
    ) -> Iterator[Directive]:
        name, rest = words[0].lower(), words[1:]
        if name in {"include", "includeoptional"}:
            for path in self._included(name, rest, document, number, depth):
                yield from self._file(path, place, depth + 1)
            return
        if name == "use":
            raise unparsable(self.step, document, number, "a macro, whose lines are not worked out")
        if name in {"serverroot", "define", "undefine", "loadmodule"} and not rest:
            raise unparsable(self.step, document, number, "a directive without its words")
        if name == "serverroot":
            self.root = rest[0].rstrip("/")
        elif name == "define":
            self._define(rest[0], rest[1] if len(rest) > 1 else "", certain=place.met is True)
        elif name == "undefine":
            self._maybe.discard(rest[0])
            if self.defined.pop(rest[0], None) is not None and place.met is None:
                self._maybe.add(rest[0])
        elif name == "loadmodule":
            module = rest[0].removesuffix("_module")
            self._loaded[module] = self._loaded.get(module, False) or place.met is True
        yield self._directive(name, rest, document.cite(number), place)

    def _define(self, name: str, value: str, *, certain: bool) -> None:
        if certain:
            self.defined[name] = value
            self._maybe.discard(name)
        elif self.defined.get(name) != value:
            self._maybe.add(name)

    def _directive(self, name: str, words: tuple[str, ...], at: Citation, place: _Place) -> Directive:
        return Directive(name, words, at, place.host, place.sections, place.met is True)

    def _entered(self, name: str, words: tuple[str, ...], place: _Place) -> _Place:
        """What stands around the lines of a section that begins here."""
        if name in _CONDITIONS:
            met = self._met(name, words[0] if len(words) == 1 else "")
            both = False if False in {met, place.met} else None if None in {met, place.met} else True
            return _Place(place.host, place.sections, both)
        host = place.host
        if name == "virtualhost":
            self._hosts += 1
            host = self._hosts
        return _Place(host, (*place.sections, name), place.met)

    def _met(self, name: str, asked: str) -> bool | None:
        wanted = not asked.startswith("!")
        asked = asked.removeprefix("!")
        found = None
        if name == "ifdefine" and asked:
            found = None if asked in self._maybe else asked in self.defined
        elif name == "ifmodule" and asked:
            found = self._has_module(asked)
        return None if found is None else found is wanted

    def _has_module(self, asked: str) -> bool | None:
        """Whether a module is there at this line, by its name or by that of its source."""
        plain = asked.removesuffix("_module")
        if plain == asked:
            plain = asked.removesuffix(".c").removeprefix("mod_")
        if plain in ALWAYS_IN:
            return True
        loaded = self._loaded.get(plain, self._loaded.get(f"mpm_{plain}"))
        if loaded is not None:
            return loaded or None
        if plain in SOMETIMES_IN:
            return True if self.built_in_all else None
        return False if asked.endswith("_module") or asked.startswith("mod_") else None

    def _words(self, text: str, document: Document, number: int) -> tuple[str, ...]:
        """Words of a line with what is defined put in; a name that nobody defined stays as it is."""
        words, place = [], 0
        text = _VARIABLE.sub(lambda m: self._value(m, document, number), text).strip()
        while place < len(text):
            match = _WORD.match(text, place)
            if match is None or (match.end() < len(text) and not text[match.end()].isspace()):
                raise unparsable(self.step, document, number, "a quote that Apache would not read so")
            quoted = match["double"] if match["double"] is not None else match["single"]
            words.append(match["plain"] if quoted is None else re.sub(r"\\([\"'\\])", r"\1", quoted))
            after = _BLANK.match(text, match.end())
            place = len(text) if after is None else after.end()
        return tuple(words)

    def _value(self, match: re.Match[str], document: Document, number: int) -> str:
        name = match["name"]
        if name in self._maybe:
            raise unparsable(self.step, document, number, f"{name} is defined on a condition")
        told = self.defined.get(name)
        return told if told is not None else self.environment.get(name, match[0])

    def _included(
        self, how: str, words: tuple[str, ...], document: Document, number: int, depth: int
    ) -> list[str]:
        if len(words) != 1 or depth >= DEPTH:
            raise self._broken(document, number, "an include that is none, or includes itself")
        asked = words[0] if words[0].startswith("/") else f"{self.root}/{words[0]}"
        patterns = getattr(self.step.form, "patterns", ())
        if not any(within(asked, pattern) for pattern in patterns):
            raise self._broken(document, number, "includes files that were not asked for")
        found = sorted(path for path in self.documents if matches(path, asked))
        if not found and not WILDCARD.search(asked) and how == "include":
            raise self._broken(document, number, "includes a file that is not there")
        return found

    def _broken(self, document: Document, number: int, why: str) -> Unseen:
        return unparsable(self.step, document, number, why)


def environment(document: Document) -> dict[str, str]:
    """What Debian's ``envvars`` gives to the server that reads /etc/apache2.

    A variable whose value is no plain text is left out.
    """
    found: dict[str, str] = {}
    for line in document.lines:
        match = _EXPORT.fullmatch(line)
        if match is not None:
            found[match["name"]] = match["value"]  # the suffix of the usual instance is empty
    return found


def _lines(step: Step, document: Document) -> Iterator[tuple[int, str]]:
    """Lines with the number of their first part; a backslash at the end takes the next one in."""
    parts: list[str] = []
    first = 0
    for number, line in enumerate(document.lines, 1):
        text = line.rstrip("\r")
        first = first or number
        if text.endswith("\\\\"):
            raise unparsable(step, document, number, "two backslashes at its end")
        if text.endswith("\\"):
            parts.append(text[:-1])
            continue
        whole = "".join([*parts, text]).strip()
        if whole and not whole.startswith("#"):
            yield first, whole
        parts, first = [], 0
    if "".join(parts).strip():
        raise unparsable(step, document, len(document.lines), "the file ends within a line")

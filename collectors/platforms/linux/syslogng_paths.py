"""The language of syslog-ng: what is defined by name, and the log paths that join it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.syslogng_filter import ALL, Records, expression
from collectors.platforms.linux.syslogng_text import MAX_DEPTH, Call, Token, Words
from scanner.facts import Origin, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAGS = frozenset("final fallback catchall flow-control no-flow-control drop-unmatched no-hdr".split())


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of a log path.

    ``kind``: source, filter, destination, parser, rewrite, junction, choice or fork. ``name`` refers to an
    object defined elsewhere; else ``drivers``, ``body`` (of a filter), ``passing`` (a choice's condition) or
    ``branches`` hold what stands here.
    """

    kind: str
    token: Token
    name: str = ""
    drivers: tuple[Call, ...] = ()
    body: tuple[Token, ...] = ()
    passing: Records = ALL
    branches: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A log path, channel or embedded log."""

    items: tuple[Item, ...]
    flags: frozenset[str]
    token: Token


@dataclass(slots=True)
class Objects:
    """What is defined by name."""

    sources: dict[str, tuple[Call, ...]] = field(default_factory=dict)
    destinations: dict[str, tuple[Call, ...]] = field(default_factory=dict)
    rewrites: dict[str, tuple[Call, ...]] = field(default_factory=dict)
    filters: dict[str, tuple[Token, ...]] = field(default_factory=dict)
    options: dict[str, Value[str]] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)


class Grammar:
    """One pass over the words; filters are kept as words until all are known, for they name each other."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._objects = Objects()
        self._known: set[tuple[str, str]] = set()

    def read(self) -> Objects:
        """Read all statements."""
        words, objects = self._words, self._objects
        while not words.ended:
            if words.passes(";"):
                continue
            head = words.take()
            match head.name:
                case "options":
                    for call in words.calls():
                        objects.options[call.name] = Value(call.word, Origin.EXPLICIT, call.token.at)
                case "log":
                    objects.paths.append(self._path(head, 0))
                case "template":
                    self._template()
                case "block":
                    self._block()
                case _:
                    self._object(head)
        return objects

    def _object(self, head: Token) -> None:
        """Something that log paths refer to by its name; only the first of a name could be meant."""
        words, objects = self._words, self._objects
        name = words.take().name
        if not name or (head.name, name) in self._known:
            raise head.strange("without a name, or defined twice")
        self._known.add((head.name, name))
        match head.name:
            case "source":
                objects.sources[name] = words.calls()
            case "destination":
                objects.destinations[name] = words.calls()
            case "rewrite":
                objects.rewrites[name] = words.calls()
            case "filter":
                objects.filters[name] = self._body()
            case "parser":
                words.skip_block()
            case _:
                raise head.strange("a statement that is not understood")

    def _body(self) -> tuple[Token, ...]:
        """Words between braces."""
        words = self._words
        words.require("{")
        found: list[Token] = []
        while not words.passes("}"):
            found.append(words.take())
        return tuple(found)

    def _template(self) -> None:
        words = self._words
        words.take()
        if words.follows(";"):
            words.take()
        elif not words.ended and words.next.text == "{":
            words.skip_block()

    def _block(self) -> None:
        """A block that is defined does nothing until it is used, as a driver of that name."""
        words = self._words
        while words.next.text != "{":
            words.take()
        words.skip_block()

    def _path(self, head: Token, depth: int) -> Path:
        words = self._words
        if depth > MAX_DEPTH:
            raise head.strange("nested too deeply")
        words.require("{")
        items: list[Item] = []
        flags: frozenset[str] = frozenset()
        while not words.passes("}"):
            if words.passes(";"):
                continue
            token = words.next
            if token.name == "flags":
                flags |= {word.replace("_", "-").lower() for word in words.call().words}
            else:
                items.append(self._item(depth))
        if not flags <= FLAGS:
            raise head.strange("a flag that is not understood")
        return Path(tuple(items), flags, head)

    def _item(self, depth: int) -> Item:
        words = self._words
        head = words.take()
        match head.name:
            case "source" | "destination" | "rewrite" if words.next.text == "{":
                return Item(head.name, head, drivers=words.calls())
            case "filter" if words.next.text == "{":
                return Item("filter", head, body=self._body())
            case "parser" if words.next.text == "{":
                words.skip_block()
                return Item("parser", head)
            case "source" | "destination" | "rewrite" | "filter" | "parser":
                words.require("(")
                name = words.take()
                words.require(")")
                return Item(head.name, name, name=name_of(name))
            case "log":
                return Item("fork", head, branches=(self._path(head, depth + 1),))
            case "channel":
                return Item("junction", head, branches=(self._path(head, depth + 1),))
            case "junction":
                return Item("junction", head, branches=self._channels(depth))
            case "if":
                return self._choice(head, depth)
        raise head.strange("a statement of a log path that is not understood")

    def _channels(self, depth: int) -> tuple[Path, ...]:
        words = self._words
        words.require("{")
        found: list[Path] = []
        while not words.passes("}"):
            if words.passes(";"):
                continue
            head = words.take()
            if head.name != "channel":
                raise head.strange("no channel")
            found.append(self._path(head, depth + 1))
        return tuple(found)

    def _choice(self, head: Token, depth: int) -> Item:
        """``if (…) {…} elif (…) {…} else {…}``: the last branch is what nothing was said for."""
        words = self._words
        if words.next.text == "{":
            raise head.strange("a choice without a condition is not followed")
        words.require("(")
        passing = expression(words, self._named)
        words.require(")")
        found = [replace(self._path(head, depth + 1), flags=frozenset())]
        other: tuple[Path, ...] = ()
        if words.ended:
            raise head.strange("ends too early")
        if words.next.name == "elif":
            again = words.take()
            other = (Path((self._choice(again, depth + 1),), frozenset(), again),)
        elif words.next.name == "else":
            other = (self._path(words.take(), depth + 1),)
        return Item("choice", head, passing=passing, branches=(*found, *other))

    def _named(self, token: Token) -> Records:
        """A filter in a condition: it has to stand before, or its words are not known yet."""
        filters = self._objects.filters
        name = name_of(token)
        if name not in filters:
            raise token.strange("a filter that is not defined before it is used")
        return filter_of(filters[name], filters)


def name_of(token: Token) -> str:
    """The name that a word refers to, in quotes or not."""
    return token.text.replace("_", "-").lower()


def filter_of(tokens: tuple[Token, ...], filters: Mapping[str, tuple[Token, ...]], depth: int = 0) -> Records:
    """What one filter lets through.

    Raises:
        Unseen: it is not understood, is not there, or asks itself.
    """
    words = Words(tokens)

    def named(token: Token) -> Records:
        body = filters.get(name_of(token))
        if body is None or depth > MAX_DEPTH:
            raise token.strange("a filter that is not there, or asks itself")
        return filter_of(body, filters, depth + 1)

    found = expression(words, named)
    while not words.ended:
        if not words.passes(";"):
            raise words.next.strange("several filters in one are not followed")
    return found

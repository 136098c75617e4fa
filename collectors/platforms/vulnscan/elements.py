"""XML of strangers: no document type, no entities, bounded depth, only the elements that are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from collectors.platforms.vulnscan.refused import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 40


@dataclass(slots=True)
class Element:
    """An element with its line, its own text, and its children of wanted tags."""

    tag: str
    attributes: dict[str, str]
    line: int
    own: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The element's own text, without that of its children."""
        return "".join(self.own).strip()

    def all(self, tag: str) -> Iterator[Element]:
        """Yield the children called ``tag``."""
        return (child for child in self.children if child.tag == tag)

    def first(self, tag: str) -> Element | None:
        """Return the first child called ``tag``."""
        return next(self.all(tag), None)

    def say(self, tag: str) -> str:
        """Return the text of the first child called ``tag``, "" where there is none."""
        child = self.first(tag)
        return "" if child is None else child.text


class _Builder:
    def __init__(self, wanted: frozenset[str], parser: expat.XMLParserType) -> None:
        self._wanted = wanted
        self._parser = parser
        self._open: list[Element] = []
        self._passed_over = 0
        self.root: Element | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        if len(self._open) + self._passed_over >= DEEPEST:
            raise RefusedError(f"line {line}: more than {DEEPEST} elements deep")
        if self.root is not None and (self._passed_over or tag not in self._wanted):
            self._passed_over += 1
            return
        element = Element(tag, attributes, line)
        if self._open:
            self._open[-1].children.append(element)
        self.root = self.root or element
        self._open.append(element)

    def end(self, _: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
        else:
            self._open.pop()

    def data(self, text: str) -> None:
        if self._open and not self._passed_over:
            self._open[-1].own.append(text)

    def doctype(self, *_: object) -> None:
        line = self._parser.CurrentLineNumber
        raise RefusedError(f"line {line}: a document type, which could declare entities, is refused")


def read_elements(text: str, wanted: frozenset[str]) -> Element:
    """Read the root and, below it, the elements of ``wanted`` tags whose parents are wanted too.

    Raises:
        RefusedError: no XML, a document type, or too deep.
    """
    parser = expat.ParserCreate("utf-8")
    builder = _Builder(wanted, parser)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(text.lstrip("\ufeff").encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise RefusedError(f"line {error.lineno}: no XML: {expat.ErrorString(error.code)}") from error
    if builder.root is None:
        raise RefusedError("an empty document")
    return builder.root

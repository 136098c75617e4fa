"""XML with the line of each element; types of documents, and so entities of their own, are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

MOST_ELEMENTS = 100_000
MOST_DEPTH = 16


class NoXmlError(ValueError):
    """The text is no such file. ``line``: 1-based."""

    def __init__(self, line: int, why: str) -> None:
        """Keep the place."""
        super().__init__(why)
        self.line = line


@dataclass(slots=True)
class Element:
    """An element, its attributes, where it begins, what is in it, and its own words."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    words: str = ""

    def get(self, name: str) -> str:
        """Return an attribute; "" where there is none."""
        return self.attributes.get(name, "")


def parse(text: str) -> Element:
    """Return the outermost element.

    Raises:
        NoXmlError: it is not well formed, declares a type of document, or is too large.
    """
    parser = expat.ParserCreate()
    open_: list[Element] = []
    roots: list[Element] = []
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST_ELEMENTS or len(open_) >= MOST_DEPTH:
            raise NoXmlError(parser.CurrentLineNumber, "too many elements")
        element = Element(tag, attributes, parser.CurrentLineNumber)
        (open_[-1].children if open_ else roots).append(element)
        open_.append(element)

    def end(tag: str) -> None:
        del tag
        open_.pop()

    def words(told: str) -> None:
        if open_:
            open_[-1].words += told

    def document_type(*told: object) -> None:
        del told
        raise NoXmlError(parser.CurrentLineNumber, "a type of document is declared")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = document_type
    try:
        # The text is decoded already, whatever encoding it names.
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise NoXmlError(error.lineno, "no XML") from None
    return roots[0]

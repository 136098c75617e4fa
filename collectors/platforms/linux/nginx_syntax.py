"""The language of nginx's files: directives with their line, nested in blocks, includes put in place."""

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

NESTED = 100
"""Blocks within one another; nobody writes ten."""

OPEN = frozenset({"", "http", "server", "stream", "mail"})
"""Blocks in which a virtual server, its ports and its TLS versions can stand."""

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<comment>\#[^\n]*)|(?P<sign>[;{}])"""
    r"""|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'"""
    r"""|(?P<word>(?:\$\{[^}\s]*\}|\\.|[^\s;{}"'\\])(?:\$\{[^}\s]*\}|\\.|[^\s;{}\\])*)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: its words, where it stands, and the blocks around it, outermost first."""

    words: tuple[str, ...]
    at: Citation
    blocks: tuple[int, ...]  # every block has a number of its own, the whole is 0
    contexts: tuple[str, ...]  # names of the blocks, alike


@dataclass(slots=True)
class Reading:
    """Reads a main file and what it includes from the files that were collected."""

    step: Step
    documents: Mapping[str, Document]
    patterns: tuple[str, ...]  # of the step: what is known to be there or not
    _blocks: int = 0
    _walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self._walk = Walk(self.step)

    def directives(self, path: str) -> Iterator[Directive]:
        """Yield the directives of the main file ``path`` in their order.

        Raises:
            Unseen: a line that is no nginx, or an include whose files were not asked for.
        """
        yield from self._file(path, (0,), ("",), 0)

    def _file(
        self, path: str, blocks: tuple[int, ...], contexts: tuple[str, ...], depth: int
    ) -> Iterator[Directive]:
        document = self.documents[path]
        self._walk.enter(document)
        outer = len(blocks)
        words: list[str] = []
        first = 0
        for number, kind, text in _tokens(self.step, document):
            if kind != "sign":
                first = first or number
                words.append(text)
                continue
            if text == "}":
                if words or len(blocks) == outer:
                    raise unparsable(self.step, document, number, "a brace that closes nothing")
                blocks, contexts = blocks[:-1], contexts[:-1]
                continue
            if not words:
                raise unparsable(self.step, document, number, f"nothing before {text}")
            if text == "{":
                self._require_block(document, first, words[0], len(blocks))
                self._blocks += 1
                blocks, contexts = (*blocks, self._blocks), (*contexts, words[0])
            elif words[0] == "include" and contexts[-1] in OPEN:
                yield from self._include(words, document, first, (blocks, contexts), depth)
            else:
                yield Directive(tuple(words), document.cite(first), blocks, contexts)
            words, first = [], 0
        if words or len(blocks) != outer:
            raise unparsable(self.step, document, len(document.lines), "the file ends within a directive")

    def _require_block(self, document: Document, line: int, name: str, depth: int) -> None:
        if name.endswith("_by_lua_block"):
            raise unparsable(self.step, document, line, "a program, whose words are not nginx's")
        if depth > NESTED:
            raise unparsable(self.step, document, line, "blocks within each other without end")

    def _include(
        self,
        words: list[str],
        document: Document,
        line: int,
        place: tuple[tuple[int, ...], tuple[str, ...]],
        depth: int,
    ) -> Iterator[Directive]:
        if len(words) != 2 or depth >= DEPTH:
            raise unparsable(self.step, document, line, "an include that is none, or includes itself")
        asked = words[1] if words[1].startswith("/") else f"/etc/nginx/{words[1]}"
        if not any(within(asked, pattern) for pattern in self.patterns):
            raise unparsable(self.step, document, line, "includes files that were not asked for")
        found = sorted(path for path in self.documents if matches(path, asked))
        if not found and not WILDCARD.search(asked):
            raise unparsable(self.step, document, line, "includes a file that is not there")
        for path in found:
            yield from self._file(path, *place, depth + 1)


def _tokens(step: Step, document: Document) -> Iterator[tuple[int, str, str]]:
    """Words and signs with their lines; comments and blanks are dropped.

    Raises:
        Unseen: a quote that is not closed.
    """
    text, place, line = document.text, 0, 1
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _broken(step, document, line)
        kind = match.lastgroup
        if kind in {"double", "single"}:
            after = text[match.end() : match.end() + 1]
            if after and not after.isspace() and after not in ";{)":
                raise _broken(step, document, line)
            yield line, "word", re.sub(r"\\(.)", r"\1", match[kind], flags=re.DOTALL)
        elif kind in {"sign", "word"}:
            yield line, kind, match[kind]
        line += match[0].count("\n")
        place = match.end()


def _broken(step: Step, document: Document, line: int) -> Unseen:
    return unparsable(step, document, line, "a quote or a backslash that nginx would not read so")

"""Shell text cut into words and operators: just enough to know which commands stand where."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is written (quotes kept), or an operator, with its 1-based line."""

    text: str
    line: int
    operator: bool


MOST_TOKENS = 100_000
"""Words and operators of one file; a long profile has some thousands."""

NESTED = 100
"""Quotes and expansions within one another; nobody writes ten."""


class ShellTextError(ValueError):
    """Something does not end, nests too deeply, or is too much; ``line`` is where it began."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


_OPERATORS = ("&&", "||", ";;&", ";;", ";&", "|&", "\n", ";", "&", "|", "(", ")")
_REDIRECTION = re.compile(r"[0-9]*(?:<<<|<<-?|<>|>>|>\||[<>]&|&>>?|[<>])")


def tokens(text: str) -> list[Token]:
    """Cut ``text``; redirections and here-documents are left out.

    Raises:
        ShellTextError: something that was opened is not closed.
    """
    return _Cutter(text).run()


class _Cutter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counted = (0, 1)  # a place in the text and its line
        self.depth = 0
        self.found: list[Token] = []
        self.documents: list[tuple[str, bool]] = []  # delimiters of here-documents, and whether tabs go

    def run(self) -> list[Token]:
        while self.at < len(self.text):
            if self.text.startswith("\\\n", self.at):
                self.at += 2
            elif self.text[self.at] in " \t\r":
                self.at += 1
            elif self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif not self._redirection() and not self._operator():
                start = self.at
                self._skip_word()
                self._add(self.text[start : self.at], start, operator=False)
        return self.found

    def _line(self, at: int) -> int:
        """Line of a place, counted on from the last one asked for."""
        place, line = self.counted if self.counted[0] <= at else (0, 1)
        self.counted = (at, line + self.text.count("\n", place, at))
        return self.counted[1]

    def _add(self, text: str, at: int, *, operator: bool) -> None:
        if len(self.found) >= MOST_TOKENS:
            raise ShellTextError(self._line(at))
        self.found.append(Token(text, self._line(at), operator))

    def _operator(self) -> bool:
        for operator in _OPERATORS:
            if self.text.startswith(operator, self.at):
                self._add(operator, self.at, operator=True)
                self.at += len(operator)
                if operator == "\n":
                    self._here_documents()
                return True
        return False

    def _redirection(self) -> bool:
        match = _REDIRECTION.match(self.text, self.at)
        if match is None:
            return False
        self.at = match.end()
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1
        start = self.at
        self._skip_word()
        if match[0].endswith(("<<", "<<-")) and not match[0].endswith("<<<"):
            self.documents.append(
                (re.sub(r"[\"'\\]", "", self.text[start : self.at]), match[0].endswith("-"))
            )
        return True

    def _here_documents(self) -> None:
        for delimiter, tabs in self.documents:
            start = self.at
            while True:
                if self.at >= len(self.text):
                    raise ShellTextError(self._line(start))
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = end + 1
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    break
        self.documents = []

    def _skip_word(self) -> None:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in " \t\r\n;&|()<>":
            self._skip_one()
            if self.text.startswith("=(", self.at - 1) and self.at > start:  # an array's values
                self.at += 1
                self._skip_to(")")
            elif self.text[self.at - 1 : self.at] in {"?", "*", "+", "@", "!"} and self.text.startswith(
                "(", self.at
            ):
                self.at += 1  # a pattern list such as !(x|y)
                self._skip_to(")")

    def _skip_one(self) -> None:
        """Skip one character, or all that a quote or an expansion holds."""
        c = self.text[self.at]
        start = self.at
        self.at += 1
        if c == "\\":
            self.at += 1
        elif c == "'":
            self._skip_plain("'", start)
        elif c == '"':
            self._skip_to('"')
        elif c == "`":
            self._skip_to("`")
        elif c == "$" and self.text.startswith("'", self.at):
            self.at += 1
            self._skip_to("'")
        elif c == "$" and self.text[self.at : self.at + 1] in {"(", "{"}:
            closing = {"(": ")", "{": "}"}[self.text[self.at]]
            self.at += 1
            self._skip_to(closing)

    def _skip_plain(self, quote: str, start: int) -> None:
        end = self.text.find(quote, self.at)
        if end < 0:
            raise ShellTextError(self._line(start))
        self.at = end + 1

    def _skip_to(self, closing: str) -> None:
        """Skip to the closing character, over what is nested inside."""
        start = self.at
        self.depth += 1
        if self.depth > NESTED:
            raise ShellTextError(self._line(start))
        self._find(closing, start)
        self.depth -= 1

    def _find(self, closing: str, start: int) -> None:
        while self.at < len(self.text):
            c = self.text[self.at]
            if c == closing:
                self.at += 1
                return
            if closing == '"' and c == "'":
                self.at += 1
            elif closing == ")" and c == "(":
                self.at += 1
                self._skip_to(")")
            elif closing == "'" and c != "\\":
                self.at += 1
            else:
                self._skip_one()
        raise ShellTextError(self._line(start))


def literal(word: str) -> str | None:
    """Text of a word that holds no expansion, without its quotes; None otherwise."""
    if re.search(r"[$`\\*?\[]", word):
        return None
    return re.sub(r"'([^']*)'|\"([^\"]*)\"", lambda m: m[1] or m[2] or "", word)

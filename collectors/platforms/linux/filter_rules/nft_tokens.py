"""Words of nft's language, and its blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\\\n)|(?P<comment>\#[^\n]*)|(?P<newline>\n)|"(?P<string>[^"\n]*)"|"""
    r"""(?P<sign>!=|==|<=|>=|<<|>>|[{}(),;=<>&|^!])|(?P<word>[^\s{}(),;=<>&|^!"\#]+)|(?P<odd>.)""",
)

_HIDDEN = re.compile(r"#\s*(?:xt_|match |target |[a-z]+: )")
_COUNTED = re.compile(r"counter packets \d+ bytes \d+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, sign or string at its line. ``quoted``: it stood in quotation marks."""

    text: str
    line: int
    quoted: bool = False


END = Token("\n", 0)
"""The end of a line, which ends a statement outside of brackets."""


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text; comments are left out unless they stand for a condition.

    A listing shows what it cannot spell as a comment inside the rule (``# xt_...``, ``# recent: ...``);
    such a comment stays as one token that nobody understands. Comments on lines of their own are people's,
    unless they count packets.
    """
    found: list[Token] = []
    line = 1
    for match in _TOKEN.finditer(text):
        kind, word = match.lastgroup, match[0]
        if kind == "newline":
            found.append(Token("\n", line))
        elif kind == "string":
            found.append(Token(match["string"], line, quoted=True))
        elif kind == "comment":
            inside = bool(found) and found[-1].text not in {"\n", ";", "{", "}"}
            if _HIDDEN.match(word) and (inside or _COUNTED.search(word)):
                found.append(Token(word, line))
        elif kind == "word":
            found += _split(word, line)
        elif kind != "space":
            found.append(Token(word, line))
        line += word.count("\n")
    found.append(Token("\n", line))
    return found


def _split(word: str, line: int) -> list[Token]:
    """A colon at the end of a word is the one between an element and its verdict."""
    if len(word) > 1 and word.endswith(":") and not word.endswith("::"):
        return [Token(word[:-1], line), Token(":", line)]
    return [Token(word, line)]


@dataclass(slots=True)
class Statement:
    """Words up to the end of a line, and the block that follows them, if there is one."""

    words: list[Token]
    block: list[Statement] | None = None
    line: int = 0


BLOCKS = {
    "top": frozenset(["table"]),
    "table": frozenset("chain set map flowtable counter quota limit ct secmark synproxy tunnel".split()),
}
"""Words that begin a statement with a block, by where they stand."""


@dataclass(slots=True)
class Blocks:
    """Reads statements. Brackets that nobody closed end with the text; ``broken``: lines of stray ones."""

    all: list[Token]
    at: int = 0
    broken: list[int] = field(default_factory=list)

    def read(self, place: str) -> list[Statement]:
        """Return the statements up to the closing bracket of ``place``, or to the end."""
        found: list[Statement] = []
        while self.at < len(self.all):
            token = self.all[self.at]
            if token.text == "}" and not token.quoted:
                self.at += 1
                if place != "top":
                    return found
                self.broken.append(token.line)
            elif token.text in {"\n", ";"} and not token.quoted:
                self.at += 1
            else:
                found.append(self._statement(place))
        if place != "top":
            self.broken.append(self.all[-1].line)
        return found

    def _statement(self, place: str) -> Statement:
        words: list[Token] = []
        line = self.all[self.at].line
        depth = 0
        while self.at < len(self.all):
            token = self.all[self.at]
            if not token.quoted:
                if token.text == "{" and not depth and self._opens(words, place):
                    self.at += 1
                    return Statement(words, self.read(words[0].text), line)
                if not depth and token.text in {"\n", ";", "}"}:
                    break
                depth += {"{": 1, "}": -1}.get(token.text, 0)
            self.at += 1
            if token.text != "\n" or token.quoted:
                words.append(token)
        return Statement(words, None, line)

    @staticmethod
    def _opens(words: list[Token], place: str) -> bool:
        return bool(words) and words[0].text in BLOCKS.get(place, frozenset()) and len(words) <= 4

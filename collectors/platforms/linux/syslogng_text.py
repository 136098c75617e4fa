"""The text of syslog-ng's files: words with their places, constants put in, files included."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document
    from scanner.model import Citation

FOLDER = "/etc/syslog-ng"
MAIN = f"{FOLDER}/syslog-ng.conf"

SYSLOG_NG = Step(
    "syslog-ng-files",
    Files(
        (f"{FOLDER}/*.conf", f"{FOLDER}/conf.d/*", "/etc/default/syslog-ng", "/etc/sysconfig/syslog-ng"),
        privileged=True,
    ),
    Text(zh="syslog-ng 记录什么、发往哪里", en="what syslog-ng records and where it sends it"),
)

_STARTS = ("/etc/default/syslog-ng", "/etc/sysconfig/syslog-ng")
_LIBRARY = re.compile(r"(?:/usr/share/syslog-ng/(?:include/)?|/etc/syslog-ng/)?scl(?:\.conf|/.*)")
"""The package's own collection of blocks: it defines names and, by itself, neither takes nor sends."""

MAX_DEPTH = 20
"""Files inside files, and blocks inside blocks, that are followed."""

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\f\v]+|\#[^\n]*)|(?P<line>\n)
    |(?P<text>"(?:[^"\\]|\\.)*"|'[^']*')
    |(?P<sign>\.\.\.?|[(){};,|:])
    |@(?P<pragma>[^\n]*)
    |(?P<word>[^\s#'"(){}\\;,|.@:]+(?:\.[^\s#'"(){}\\;,|.@:]+)*)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, text in quotes, or sign. ``text`` is without quotes."""

    kind: str  # word, text, sign
    text: str
    document: Document
    line: int

    @property
    def at(self) -> Citation:
        """Where it stands."""
        return self.document.cite(self.line)

    @property
    def name(self) -> str:
        """A word as syslog-ng compares it: one sign for both dashes; "" for what is no word."""
        return self.text.replace("_", "-").lower() if self.kind == "word" else ""

    def strange(self, why: str) -> Unseen:
        """Build the gap that names its line."""
        return unparsable(SYSLOG_NG, self.document, self.line, why)


def read_tokens(files: Mapping[str, Document]) -> tuple[Token, ...]:
    """Read the main file and what it includes.

    Raises:
        Unseen: the main file is not there, or is another one; what is included was not collected.
    """
    for path in _STARTS:
        _require_usual(files.get(path))
    main = files.get(MAIN)
    if main is None:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, SYSLOG_NG.id, MAIN, "there is no such file"))
    return tuple(_Reading(files).file(main, 0))


def _require_usual(document: Document | None) -> None:
    """Raise where the start settings name another main file."""
    for number, line in enumerate(document.lines if document else (), 1):
        if (
            document
            and re.search(r"(?:^|[\s\"'=])(?:-f|--cfgfile)\b", line)
            and not line.lstrip().startswith("#")
        ):
            raise unparsable(SYSLOG_NG, document, number, "another main file is named")


@dataclass(slots=True)
class _Reading:
    files: Mapping[str, Document]
    constants: dict[str, str] = field(default_factory=dict)
    walk: Walk = field(default_factory=lambda: Walk(SYSLOG_NG))

    def file(self, document: Document, depth: int) -> Iterator[Token]:
        if depth > MAX_DEPTH:
            raise unparsable(SYSLOG_NG, document, 0, "files include files too deeply")
        self.walk.enter(document)
        text, place, line = document.text, 0, 1
        while place < len(text):
            text = self._filled(text, place)
            match = _TOKEN.match(text, place)
            if match is None:
                raise unparsable(SYSLOG_NG, document, line, "a sign that is not understood")
            kind, found = match.lastgroup or "", match[match.lastgroup or 0]
            place = match.end()
            if kind == "pragma":
                yield from self._pragma(found, Token("sign", "@", document, line), depth)
            elif kind not in {"blank", "line"}:
                plain = found[1:-1] if kind == "text" else found
                if found[0] == '"':
                    plain = re.sub(r"\\(.)", r"\1", plain)
                yield Token(kind, plain, document, line)
            line += match[0].count("\n")

    def _filled(self, text: str, place: int) -> str:
        """Put constants into the rest of the line at ``place``; names that are not known here stay."""
        end = text.find("\n", place)
        rest = text[place : end if end >= 0 else len(text)]
        if "`" not in rest or rest.lstrip().startswith("#"):
            return text
        filled = re.sub(r"`([^`]*)`", lambda m: self.constants.get(m[1], m[0]), rest)
        return text[:place] + filled + text[place + len(rest) :]

    def _pragma(self, text: str, at: Token, depth: int) -> Iterator[Token]:
        name, _, rest = text.partition(" ")
        value = re.sub(r"\s+#.*$", "", rest).strip()
        if name.startswith("version:"):
            version = re.fullmatch(r"version:\s*\"?(\d+)\.\d+\"?", text.strip())
            if version is None or int(version[1]) < 3:
                raise at.strange("a version that is not understood")
        elif name == "define":
            given = re.fullmatch(r"([\w.-]+)\s+(?:\"([^\"\\`]*)\"|'([^'`]*)'|([\w.-]+))", value)
            if given is None:
                raise at.strange("a constant that is not understood")
            self.constants[given[1]] = next((g for g in given.groups()[1:] if g is not None), "")
        elif name == "include":
            yield from self._include(value.strip("\"'"), at, depth)
        elif name not in {"module", "requires"}:
            raise at.strange("a directive that is not understood")

    def _include(self, wanted: str, at: Token, depth: int) -> Iterator[Token]:
        """Files in the order of their names; what was not collected could hold anything."""
        if _LIBRARY.fullmatch(wanted):
            return
        path = wanted if wanted.startswith("/") else f"{FOLDER}/{wanted}"
        if path.rstrip("/") == f"{FOLDER}/conf.d":
            found = [p for p in self.files if re.fullmatch(rf"{FOLDER}/conf\.d/[\w-][\w.-]*", p)]
        else:
            folder, _, name = path.rpartition("/")
            if folder != f"{FOLDER}/conf.d" and not (folder == FOLDER and name.endswith(".conf")):
                raise at.strange(f"includes {wanted}, which was not collected")
            found = [
                p for p in self.files if fnmatchcase(p, path) and not p.rpartition("/")[2].startswith(".")
            ]
            if not found and not set("*?[") & set(name):
                raise at.strange(f"includes {wanted}, which was not collected")
        for each in sorted(found):
            yield from self.file(self.files[each], depth + 1)


@dataclass(frozen=True, slots=True)
class Call:
    """``name(words and calls)``: a driver or one of its options."""

    name: str
    token: Token
    inner: tuple[Token | Call, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Its plain words."""
        return tuple(part.text for part in self.inner if isinstance(part, Token))

    @property
    def word(self) -> str:
        """Its first plain word; "" without any."""
        return next(iter(self.words), "")

    def option(self, *names: str) -> Call | None:
        """The last option of one of these names."""
        return next((p for p in reversed(self.inner) if isinstance(p, Call) and p.name in names), None)

    def said(self, name: str, default: str = "") -> str:
        """The first word of an option, in lower case."""
        found = self.option(name)
        return found.word.lower() if found is not None else default


class Words:
    """A reading position in the words of a configuration."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._place >= len(self._tokens)

    @property
    def next(self) -> Token:
        """The next word, not taken.

        Raises:
            Unseen: there is none.
        """
        if self.ended:
            if not self._tokens:
                raise Unseen(Gap(GapReason.EMPTY, SYSLOG_NG.id, MAIN, "nothing is configured"))
            raise self._tokens[-1].strange("ends too early")
        return self._tokens[self._place]

    def take(self) -> Token:
        """Take the next word."""
        token = self.next
        self._place += 1
        return token

    def passes(self, sign: str) -> bool:
        """Take a sign if it is the next one."""
        found = not self.ended and self.next.kind == "sign" and self.next.text == sign
        self._place += found
        return found

    def require(self, sign: str) -> None:
        """Take a sign.

        Raises:
            Unseen: it is not there.
        """
        if not self.passes(sign):
            raise self.next.strange(f"{sign} is missing before")

    def follows(self, sign: str) -> bool:
        """Whether ``sign`` stands behind the next word."""
        after = self._tokens[self._place + 1 : self._place + 2]
        return bool(after) and after[0].kind == "sign" and after[0].text == sign

    def call(self, depth: int = 0) -> Call:
        """Take ``name(…)``."""
        head = self.take()
        if head.kind != "word" or depth > MAX_DEPTH:
            raise head.strange("no driver or option")
        self.require("(")
        inner: list[Token | Call] = []
        while not self.passes(")"):
            if self.passes(",") or self.passes(".."):
                continue
            token = self.next
            if "`" in token.text or token.kind == "sign":
                raise token.strange("a word that is not understood")
            inner.append(self.call(depth + 1) if self.follows("(") and token.kind == "word" else self.take())
        return Call(head.name, head, tuple(inner))

    def calls(self) -> tuple[Call, ...]:
        """Take ``{ name(…); name(…); }``."""
        self.require("{")
        found: list[Call] = []
        while not self.passes("}"):
            if not self.passes(";"):
                found.append(self.call())
        return tuple(found)

    def skip_block(self) -> None:
        """Take ``{ … }``, whatever stands in it."""
        self.require("{")
        depth = 1
        while depth:
            token = self.take()
            if token.kind == "sign":
                depth += {"{": 1, "}": -1}.get(token.text, 0)

"""The SSH server's files: Include, Match, first value wins.

A line that the server would refuse, or that refers to what was not collected, is no reason to guess:
it raises ``Unseen``.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from collectors.platforms.linux.sshd_keywords import (
    ALIASES,
    DEFAULTS,
    KINDS,
    MATCHABLE,
    Kind,
    RefusedError,
    printed,
)
from scanner.facts import Origin, SshOverride, Value
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

CONFIG = "/etc/ssh/sshd_config"
VENDOR_CONFIG = "/usr/etc/ssh/sshd_config"
CRYPTO_POLICY = "/etc/crypto-policies/back-ends/opensshserver.config"
SERVICE_OPTIONS = ("/etc/default/ssh", "/etc/sysconfig/sshd")

SSHD_FILES = Step(
    "sshd-files",
    Files(
        (
            CONFIG,
            "/etc/ssh/sshd_config.d/*.conf",
            VENDOR_CONFIG,
            "/usr/etc/ssh/sshd_config.d/*.conf",
            CRYPTO_POLICY,
            *SERVICE_OPTIONS,
        ),
        privileged=True,
    ),
    Text(
        zh="SSH 服务的配置文件：显式设置与 Match 块",
        en="the SSH server's files: what is written down, and Match blocks",
    ),
)

_DEPTH = 16
"""The server's own limit of Includes within each other."""

_LINE = re.compile(r"[ \t]*([A-Za-z0-9]+)(?:[ \t]*=[ \t]*|[ \t]+)(.*)")

_CRITERIA = frozenset(
    "user group host localaddress localport rdomain address version sessiontype command tagged".split()
)


@dataclass(frozen=True, slots=True)
class Written:
    """What the files say. ``settings`` hold for every connection that no override meets."""

    settings: Mapping[str, Value[str]]
    forced: Mapping[str, Value[str]]
    """Settings that win over what the server prints: its command line, and ``Match all``."""
    overrides: tuple[SshOverride, ...]
    relative: frozenset[str]
    """Keywords whose written list adds to or takes from a default that the files do not name."""
    shadowed: Mapping[str, tuple[Value[str], ...]]
    """Differing values of keywords that an earlier line has settled."""
    retired: Mapping[str, Value[str]]
    """Keywords that today's servers ignore."""
    seen: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """Where a directive stands: under no Match (``condition`` None), Match all (""), or a real one."""

    condition: str | None
    at: Citation | None = None

    def within(self, criteria: str, at: Citation) -> _Block:
        """Return the block that a Match line opens inside this one."""
        return _Block(" and ".join(part for part in (self.condition, criteria) if part), at)


@dataclass(frozen=True, slots=True)
class _Directive:
    keyword: str
    kind: Kind
    value: Value[str]
    block: _Block


@dataclass(slots=True)
class _Walk:
    """One walk through the files, in the order in which the server reads them."""

    documents: Mapping[str, Document]
    known: frozenset[str]
    seen: dict[str, Citation] = field(default_factory=dict)
    read: Walk = field(default_factory=lambda: Walk(SSHD_FILES))

    def directives(self, path: str, block: _Block, depth: int = 0) -> Iterator[_Directive]:
        document = self.documents[path]
        self.read.enter(document)
        if depth > _DEPTH:
            raise unparsable(SSHD_FILES, document, 0, "Includes within each other without end")
        self.seen[path] = document.whole
        here = block
        for number, line in enumerate(document.lines, 1):
            keyword, words = self._split(document, number, line)
            if keyword == "match":
                here = block.within(_criteria(document, number, words), document.cite(number))
            elif keyword == "include":
                for included in self._included(document, number, words):
                    yield from self.directives(included, here, depth + 1)
            elif keyword:
                yield from self._directive(document, number, keyword, words, here)

    def _split(self, document: Document, number: int, line: str) -> tuple[str, list[str]]:
        text = line.rstrip(" \t\r\f")
        if not text.strip() or text.lstrip(" \t").startswith("#"):
            return "", []
        match = _LINE.fullmatch(text)
        if match is None:
            raise unparsable(SSHD_FILES, document, number, "not a keyword with arguments")
        words = split_words(match[2])
        if words is None:
            raise unparsable(SSHD_FILES, document, number, "quotes do not match")
        keyword = match[1].lower()
        return ALIASES.get(keyword, keyword), words

    def _included(self, document: Document, number: int, words: list[str]) -> Iterator[str]:
        if not words:
            raise unparsable(SSHD_FILES, document, number, "Include of nothing")
        assert isinstance(SSHD_FILES.form, Files)  # noqa: S101 - a constant of this module
        for word in words:
            pattern = word if word.startswith("/") else f"/etc/ssh/{word}"
            if not any(_covers(collected, pattern) for collected in SSHD_FILES.form.patterns):
                raise Unseen(
                    Gap(
                        GapReason.NOT_COLLECTED,
                        SSHD_FILES.id,
                        pattern,
                        f"{document.cite(number).excerpt}: this file is not among those collected",
                    )
                )
            yield from sorted(path for path in self.documents if glob_matches(pattern, path))

    def _directive(
        self, document: Document, number: int, keyword: str, words: list[str], block: _Block
    ) -> Iterator[_Directive]:
        kind = KINDS.get(keyword)
        if kind is None and keyword in self.known:
            kind = Kind.WORDS  # a newer server prints it: known to it, and without meaning to us
        if kind is None:
            raise unparsable(SSHD_FILES, document, number, "unknown keyword")
        if block.condition and keyword in KINDS and keyword not in MATCHABLE:
            raise unparsable(SSHD_FILES, document, number, "the server allows no such keyword under Match")
        if kind is Kind.DEPRECATED:
            if not block.condition:
                ignored = Value(" ".join(words), Origin.EXPLICIT, document.cite(number))
                yield _Directive(keyword, kind, ignored, block)
            return
        try:
            text = printed(keyword, kind, words)
        except RefusedError as refused:
            raise unparsable(SSHD_FILES, document, number, str(refused)) from None
        yield _Directive(keyword, kind, Value(text, Origin.EXPLICIT, document.cite(number)), block)


def split_words(text: str) -> list[str] | None:
    r"""Arguments of a line as the server splits them; None where quotes do not match.

    Blanks separate, both quotes hold, ``\`` escapes quotes, itself and (outside quotes) a blank, and a
    word that begins with ``#`` ends the line.
    """
    words: list[str] = []
    i = 0
    while True:
        while i < len(text) and text[i] in " \t":
            i += 1
        if i >= len(text) or text[i] == "#":
            return words
        letters, quote = list[str](), ""
        while i < len(text) and (quote or text[i] not in " \t"):
            c, after = text[i], text[i + 1 : i + 2]
            if c == "\\" and (after in {"'", '"', "\\"} or (not quote and after == " ")) and after:
                letters.append(after)
                i += 1
            elif not quote and c in "'\"":
                quote = c
            elif quote and c == quote:
                quote = ""
            else:
                letters.append(c)
            i += 1
        if quote:
            return None
        words.append("".join(letters))


def _criteria(document: Document, number: int, words: list[str]) -> str:
    """Check a Match line; return its criteria, "" for ``all``."""
    flat = [part for word in words for part in ([word] if "=" not in word else word.split("=", 1))]
    if [word.lower() for word in flat] == ["all"]:
        return ""
    rest = list(flat)
    while rest:
        name = rest.pop(0).lower()
        if name == "invalid-user":
            continue
        if name not in _CRITERIA or not rest or not rest.pop(0):
            raise unparsable(SSHD_FILES, document, number, "not criteria of Match")
    if not flat:
        raise unparsable(SSHD_FILES, document, number, "Match of nothing")
    return " ".join(words)


def glob_matches(pattern: str, path: str) -> bool:
    """Whether glob(7) pattern ``pattern`` matches ``path``: no star crosses a slash or a leading dot."""
    parts, names = pattern.split("/"), path.split("/")
    return len(parts) == len(names) and all(
        fnmatchcase(name, part) and (not name.startswith(".") or part.startswith("."))
        for part, name in zip(parts, names, strict=True)
    )


def _covers(collected: str, pattern: str) -> bool:
    """Whether whatever ``pattern`` matches was collected by ``collected``."""
    if pattern == collected:
        return True
    folder, _, name = collected.rpartition("/")
    mine, _, wanted = pattern.rpartition("/")
    return (
        folder == mine
        and name == "*.conf"
        and wanted.endswith(".conf")
        and not wanted.startswith(".")
        and not re.search(r"[][{}]", wanted)
    )


def read_written(evidence: Evidence, known: frozenset[str]) -> Written:
    """Read the files; ``known`` are keywords that the server itself has printed.

    Raises:
        Unseen: a file was not seen, there is none, or a line stands in the way.
    """
    documents = evidence.files(SSHD_FILES)
    start = next((path for path in (CONFIG, VENDOR_CONFIG) if path in documents), None)
    if start is None:
        raise Unseen(
            Gap(GapReason.EMPTY, SSHD_FILES.id, CONFIG, "there is no configuration of an SSH server")
        )
    walk = _Walk(documents, known)
    directives = list(walk.directives(start, _Block(None)))
    forced = dict(_command_line(documents))
    unconditional = [d for d in directives if not d.block.condition]
    obeyed = [d for d in unconditional if d.kind is not Kind.DEPRECATED]
    plain = _first_values(iter(obeyed))
    always = _first_values(d for d in obeyed if d.block.condition == "" and d.keyword in MATCHABLE)
    retired = _first_values(d for d in unconditional if d.kind is Kind.DEPRECATED)
    settings = {**plain, **always, **forced}
    overrides = tuple(
        SshOverride(block.condition, _first_values(run), block.at)
        for block, run in groupby(_not_settled(directives), key=lambda d: d.block)
        if block.condition and block.at is not None
    )
    relative = frozenset(
        d.keyword for d in directives if d.kind is Kind.ALGORITHMS and d.value.value[:1] in {"+", "-", "^"}
    )
    shadowed = _without_effect(unconditional, {**settings, **retired})
    return Written(
        settings, {**always, **forced}, overrides, relative, shadowed, retired, tuple(walk.seen.values())
    )


def _not_settled(directives: Sequence[_Directive]) -> list[_Directive]:
    """Lines of real Match blocks whose keyword no earlier ``Match all`` has settled for everybody."""
    settled: set[str] = set()
    found = []
    for directive in directives:
        if directive.block.condition == "" and directive.kind is not Kind.GATHERED:
            settled.add(directive.keyword)
        elif directive.block.condition and directive.keyword not in settled:
            found.append(directive)
    return found


def _without_effect(
    directives: Sequence[_Directive], effective: Mapping[str, Value[str]]
) -> dict[str, tuple[Value[str], ...]]:
    """Written values that differ from the one in force; gathered keywords all have effect."""
    found: dict[str, tuple[Value[str], ...]] = {}
    for directive in directives:
        differs = directive.value.value.lower() != effective[directive.keyword].value.lower()
        if differs and directive.kind is not Kind.GATHERED:
            found[directive.keyword] = (*found.get(directive.keyword, ()), directive.value)
    return found


def _first_values(directives: Iterator[_Directive]) -> dict[str, Value[str]]:
    """First value of each keyword; lines of gathered keywords add up and cite their first."""
    values: dict[str, Value[str]] = {}
    for directive in directives:
        old = values.get(directive.keyword)
        if old is None:
            values[directive.keyword] = directive.value
        elif directive.kind is Kind.GATHERED:
            joined = f"{old.value} {directive.value.value}"
            values[directive.keyword] = Value(joined, Origin.EXPLICIT, old.at)
    return values


def _command_line(documents: Mapping[str, Document]) -> Iterator[tuple[str, Value[str]]]:
    """Settings that the service passes as ``-oKeyword=value``: they win over every file.

    Some distributions put the system's cryptographic policy there.
    """
    passed: dict[str, tuple[str, Document, int]] = {}
    for path in (CRYPTO_POLICY, *SERVICE_OPTIONS):
        document = documents.get(path)
        if document is None:
            continue
        for number, line in enumerate(document.lines, 1):
            match = re.fullmatch(r"\s*(?:export\s+)?(SSHD_OPTS|OPTIONS|CRYPTO_POLICY)=(.*)", line)
            if match is not None:
                passed[match[1]] = (match[2], document, number)
    for value, document, number in passed.values():
        try:
            words = [part for word in shlex.split(value, comments=True) for part in word.split()]
        except ValueError:
            raise unparsable(SSHD_FILES, document, number, "quotes do not match") from None
        yield from _options(document, number, words)


def _options(document: Document, number: int, words: list[str]) -> Iterator[tuple[str, Value[str]]]:
    for word in words:
        if word in {"-4", "-6", "-D", "-e", "-q", "-u0"}:
            continue
        match = re.fullmatch(r"-o([A-Za-z0-9]+)=(.+)", word)
        keyword = match[1].lower() if match else ""
        keyword = ALIASES.get(keyword, keyword)
        if match is None or keyword not in KINDS:
            raise unparsable(SSHD_FILES, document, number, "an option that is not understood")
        try:
            text = printed(keyword, KINDS[keyword], [match[2]])
        except RefusedError as refused:
            raise unparsable(SSHD_FILES, document, number, str(refused)) from None
        yield keyword, Value(text, Origin.EXPLICIT, document.cite(number))


def with_defaults(written: Written, at: Citation) -> dict[str, Value[str]]:
    """All settings that follow from the files alone.

    A list that takes away from a default is left out, and so are lists that nobody wrote: which
    algorithms the server then offers depends on its version. A list that adds stays as it is written.
    """
    settings = {name: Value(value, Origin.DEFAULT, at) for name, value in DEFAULTS.items()}
    settings.update(written.settings)
    return {
        name: value
        for name, value in settings.items()
        if not (name in written.relative and value.value.startswith("-"))
    }

"""The text of rsyslog's files: statements of the old and the new syntax, each read as far as its end."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.facts import Origin, Value
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document
    from collectors.platforms.linux.rsyslog import Reading
    from scanner.model import Citation

MAIN = "/etc/rsyslog.conf"

RSYSLOG = Step(
    "rsyslog-files",
    Files((MAIN, "/etc/rsyslog.d/*", "/run/rsyslog/*.conf"), privileged=True),
    Text(zh="rsyslog 记录什么、发往哪里", en="what rsyslog records and where it sends it"),
)

EVERYTHING = "*.*"
INPUTS = {"imtcp": "tcp", "imptcp": "tcp", "imudp": "udp", "imrelp": "relp"}
"""Modules that listen for records of other hosts, and their protocols."""

MAX_DEPTH = 50
"""Blocks inside blocks that are followed."""

OBJECTS = frozenset(
    "action module global input template ruleset main_queue lookup_table parser timezone dyn_stats "
    "perctile_stats ratelimit include".split()
)

_PART = r"[A-Za-z0-9_*,]++\.[A-Za-z0-9*!=]++"
_SELECTOR = re.compile(rf"{_PART}(?:;{_PART})*+;?(?=[ \t{{])")
_PROPERTY = re.compile(
    r':([A-Za-z0-9_$!.-]+)[ \t]*,[ \t]*(!?[A-Za-z_]+)[ \t]*,[ \t]*("(?:[^"\\]|\\.)*")[ \t]*'
)
_PARAMETER = re.compile(
    r"""([A-Za-z0-9_.:]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\[([^\]]*)\]|`[^`]*`|([A-Za-z0-9_.:/-]+))\s*,?\s*"""
)


class Statements:
    """The text of one file with a reading position; what it says is told to ``reading``."""

    def __init__(self, reading: Reading, document: Document) -> None:
        self._reading = reading
        self._document = document
        self._text = document.text
        self._place = 0
        self._start = 0  # of the statement being read
        self._counted = (0, 1)  # a place in the text and its line
        self._depth = 0
        self._last = EVERYTHING  # condition of the action before, for "&"

    @property
    def at(self) -> Citation:
        """Cite the statement that is being read."""
        return self._document.cite(self._line())

    def _line(self) -> int:
        """Line of the statement being read, counted on from the last one asked for."""
        place, line = self._counted if self._counted[0] <= self._start else (0, 1)
        self._counted = (self._start, line + self._text.count("\n", place, self._start))
        return self._counted[1]

    def strange(self, why: str) -> Unseen:
        """Build the gap that names the statement that is being read."""
        return unparsable(RSYSLOG, self._document, self._line(), why)

    def _skip(self) -> None:
        """Blanks and comments."""
        while True:
            match = re.compile(r"\s+|#[^\n]*|/\*.*?\*/", re.DOTALL).match(self._text, self._place)
            if match is None:
                return
            self._place = match.end()

    def _take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        match = re.compile(pattern).match(self._text, self._place)
        if match is not None:
            self._place = match.end()
        return match

    def statements(self, condition: str, *, inside: bool) -> None:
        """All statements up to the end of the file, or of the block."""
        with self._nested():
            self._statements(condition, inside=inside)

    @contextmanager
    def _nested(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.strange("nested too deeply")
        yield
        self._depth -= 1

    def _statements(self, condition: str, *, inside: bool) -> None:
        while True:
            self._skip()
            self._start = self._place
            if self._place >= len(self._text):
                if inside:
                    raise self.strange("a block without its end")
                return
            if self._take(r"\}"):
                if not inside:
                    raise self.strange("an end without a block")
                return
            self._statement(condition)

    def _statement(self, condition: str, *, alone: bool = True) -> None:
        if match := self._take(r"\$([A-Za-z][A-Za-z0-9]*)(?:[ \t]+([^\n]*)|(?=\n|\Z))"):
            self._reading.directive(self, match[1], re.sub(r"(?<!\s)\s+#.*", "", match[2] or ""))
        elif self._take(r"if\b"):
            self._branches(condition)
        elif match := self._take(r"(?:set|unset|reset)\b[^;]*;|continue\b"):
            return
        elif match := self._take(r"foreach\b[^{]*\{"):
            self.statements(_both(condition, "foreach"), inside=True)
        elif match := self._take(_SELECTOR):
            self._last = _both(condition, match[0].rstrip(";"))
            self._act(self._last)
        elif match := self._take(_PROPERTY):
            self._last = _both(condition, match[0].strip())
            self._act(self._last)
        elif self._take("&"):
            self._act(self._last)
        else:
            self._last = condition
            self._act(condition, alone=alone)

    def _branches(self, condition: str) -> None:
        match = self._take(r"""((?:[^"'{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*?)\bthen\b""")
        if match is None:
            raise self.strange("a condition without then")
        asked = " ".join(match[1].split())
        plain = re.fullmatch(r"""\(?\s*prifilt\(\s*["']([^"']+)["']\s*\)\s*\)?""", asked)
        inner = _both(condition, plain[1] if plain else f"if {asked}")
        self._last = inner
        self._body(inner)
        self._skip()
        if self._take(r"else\b"):
            self._last = _both(condition, f"if not {asked}")
            self._skip()
            if self._take(r"if\b"):
                with self._nested():
                    self._branches(self._last)
            else:
                self._body(self._last)

    def _body(self, condition: str) -> None:
        self._skip()
        if self._take(r"\{"):
            self.statements(condition, inside=True)
        else:
            self._start = self._place
            with self._nested():
                self._statement(condition, alone=False)

    def _act(self, condition: str, *, alone: bool = False) -> None:
        """One action, of either syntax; ``alone``: without a filter before it."""
        self._take(r"[ \t]+")
        if self._take(r"\{"):
            self.statements(condition, inside=True)
        elif self._take(r"(?:stop\b|~)"):
            self._reading.discard(condition)
        elif self._take(r"call(?:_indirect)?\s+[^\n;]+;?"):
            return  # the rule set called is read where it stands, under its own name
        elif match := self._take(r"([a-z_]+)\s*\("):
            if match[1] not in OBJECTS:
                raise self.strange("an object that is not understood")
            self._object(match[1], condition)
        elif alone:
            raise self.strange("a statement that is not understood")
        else:
            line = self._take(r"[^\n]*")
            self._reading.old_action(
                self, re.sub(r"(?<!\s)\s+#.*", "", line[0] if line else "").strip(), condition
            )

    def _object(self, name: str, condition: str) -> None:
        given = self._parameters()
        if name == "action":
            self._reading.action(self, given, condition)
        elif name == "module":
            self._reading.load(given.get("load", ""), given)
        elif name == "input" and given.get("type", "") in INPUTS:
            protocol = INPUTS[given["type"]]
            self._reading.listen(self, protocol, given.get("port", ""), given.get("ruleset", ""))
        elif name == "input" and given.get("type", "") == "imfile":
            self._reading.follow(self, given)
        elif name == "global":
            self._settings(given)
        elif name == "include":
            if "file" not in given:
                raise self.strange("an include without a file")
            self._reading.include(self, given["file"], optional=given.get("mode") == "optional")
        else:
            self._block(name, given)

    def _settings(self, given: Mapping[str, str]) -> None:
        for key, value in given.items():
            self._reading.settings[key] = Value(value, Origin.EXPLICIT, self.at)
        old = self._reading.old
        old.default_driver = given.get("defaultnetstreamdriver", old.default_driver)

    def _block(self, name: str, given: Mapping[str, str]) -> None:
        """What may stand in braces behind an object."""
        if name == "ruleset":
            self._skip()
            if self._take(r"\{"):
                outer = replace(self._reading.old), self._reading.discarded
                self.statements(f"rule set {given.get('name', '')}", inside=True)
                self._reading.discarded = outer[1]
        elif name == "template":
            self._reading.templates[given.get("name", "")] = given.get("string", "")
            self._skip()
            if self._take(r"\{"):
                self._passed_over()

    def _passed_over(self) -> None:
        """The rest of a block in which no action can stand."""
        if not self._take(r"""(?:[^"'{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*\}"""):
            raise self.strange("a block without its end")

    def _parameters(self) -> dict[str, str]:
        given: dict[str, str] = {}
        while True:
            self._skip()
            if self._take(r"\)"):
                return given
            match = self._take(_PARAMETER)
            if match is None:
                raise self.strange("parameters that are not understood")
            given[match[1].lower()] = next((g for g in match.groups()[1:] if g is not None), "")


def _both(outer: str, inner: str) -> str:
    return inner if outer == EVERYTHING else f"{outer} and {inner}"

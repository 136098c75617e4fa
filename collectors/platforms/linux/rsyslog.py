"""rsyslog's configuration, old and new syntax: what is sent where, what is written to which file.

Every statement must be understood as far as its end; one that is not could hide a target and makes the
whole unseen. What is done only under a condition keeps that condition as its selector.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from scanner.facts import LogInput, LogOutput, LogTarget, Origin, Value
from scanner.facts.selector import covers_logins
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document
    from scanner.model import Citation

MAIN = "/etc/rsyslog.conf"

RSYSLOG = Step(
    "rsyslog-files",
    Files((MAIN, "/etc/rsyslog.d/*", "/run/rsyslog/*.conf"), privileged=True),
    Text(zh="rsyslog 记录什么、发往哪里", en="what rsyslog records and where it sends it"),
)

EVERYTHING = "*.*"
TLS_DRIVERS = frozenset({"gtls", "ossl", "mbedtls"})
NAMED_PEER = frozenset({"x509/name", "x509/fingerprint"})
"""Modes that check whose certificate it is; x509/certvalid takes any that the authority signed."""

LOCAL_OUTPUTS = frozenset(
    "omfile builtin:omfile omusrmsg builtin:omusrmsg ompipe builtin:ompipe".split()
) | frozenset("omjournal omstdout omuxsock omdiscard builtin:omdiscard".split())
SERVERS = {
    "inputtcpserverrun": "tcp",
    "inputptcpserverrun": "tcp",
    "udpserverrun": "udp",
    "inputrelpserverrun": "relp",
}
INPUTS = {"imtcp": "tcp", "imptcp": "tcp", "imudp": "udp", "imrelp": "relp"}
"""What listens for records of other hosts, in the old and the new syntax, and its protocol."""

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
_FORWARD = re.compile(r"(@{1,2})(?:\([^)]*\))?(\[[0-9A-Fa-f:.%]+\]|[^\s:;\[\]]+)(?::(\d{1,5}))?(?:;\S+)?\s*")
_RELP = re.compile(r":omrelp:(\[[0-9A-Fa-f:.%]+\]|[^\s:;\[\]]+)(?::(\d{1,5}))?(?:;\S+)?\s*")

_LOGIN_WORDS = re.compile(r"ssh|login|logind|su\b|sudo|pam|auth|session|gdm|lightdm|polkit", re.IGNORECASE)
_NAMED_PROGRAM = re.compile(
    r"""\$?(?:programname|app-name|syslogtag)\s*,?\s*(?:==|isequal|startswith|contains|contains_i)\s*,?\s*["']([^"']+)["']"""
)
_REMOTE_ONLY = re.compile(r"""\$?fromhost-ip\s*,?\s*(?:!=|<>|!isequal)\s*,?\s*["']127\.0\.0\.1["']""")
_FIREWALL_ONLY = re.compile(
    r"""\$?msg\s*,?\s*(?:contains|startswith)\s*,?\s*["']\[?\s?(?:UFW|iptables|nft)[^"']*["']"""
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the whole configuration says."""

    targets: tuple[LogTarget, ...]
    written: tuple[LogOutput, ...]
    inputs: tuple[LogInput, ...]
    settings: Mapping[str, Value[str]]  # of the whole daemon, by lower-case name; the last one counts
    takes_local: bool  # an input takes the host's own messages
    takes_journal: bool  # and takes them from the journal


def read_configuration(files: Mapping[str, Document]) -> Configuration:
    """Read the configuration from its main file on.

    Raises:
        Unseen: a statement that is not understood, or an included file that was not collected.
    """
    main = files.get(MAIN)
    if main is None:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, RSYSLOG.id, MAIN, "there is no such file"))
    reading = _Reading(files)
    reading.file(main)
    return Configuration(
        tuple(reading.targets),
        tuple(reading.written),
        tuple(reading.inputs),
        reading.settings,
        reading.local and not reading.omitted,
        reading.journal,
    )


@dataclass(slots=True)
class _Forwarding:
    """Settings of the old syntax that hold for the forwarding actions after them."""

    default_driver: str = "ptcp"
    driver: str = ""
    mode: str = "0"
    auth: str = "anon"


@dataclass(slots=True)
class _Reading:
    """One pass over all files in rsyslog's order."""

    files: Mapping[str, Document]
    targets: list[LogTarget] = field(default_factory=list)
    written: list[LogOutput] = field(default_factory=list)
    inputs: list[LogInput] = field(default_factory=list)
    settings: dict[str, Value[str]] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)  # paths of files that are named by a template
    local: bool = False
    omitted: bool = False
    journal: bool = False
    old: _Forwarding = field(default_factory=_Forwarding)
    discarded: str = ""  # a condition whose messages may hold logins and go no further
    open: list[str] = field(default_factory=list)
    read: Walk = field(default_factory=lambda: Walk(RSYSLOG))

    def file(self, document: Document) -> None:
        if document.ref in self.open:
            raise unparsable(RSYSLOG, document, 0, "includes itself")
        self.read.enter(document)
        self.open.append(document.ref)
        _Text(self, document).statements(EVERYTHING, inside=False)
        self.open.pop()

    def include(self, text: _Text, pattern: str, *, optional: bool = False) -> None:
        """Read files in the order of their names; what was not collected could hold anything."""
        wanted = pattern + "*" if pattern.endswith("/") else pattern
        parts = wanted.rsplit("/", 1)
        collected = parts[0] == "/etc/rsyslog.d" or fnmatchcase(wanted, "/run/rsyslog/*.conf")
        found = sorted(p for p in self.files if p != MAIN and fnmatchcase(p, wanted))
        plain = not set("*?[") & set(wanted)
        if not collected or (plain and not found and not optional):
            raise text.strange(f"includes {pattern}, which was not collected")
        for path in found:
            if not path.rsplit("/", 1)[1].startswith("."):
                self.file(self.files[path])

    def directive(self, text: _Text, name: str, value: str) -> None:
        """A line of the old syntax: ``$Name value``."""
        value = value.strip().strip('"')
        self.settings[name.lower()] = Value(value, Origin.EXPLICIT, text.at)
        if name.lower() == "includeconfig":
            self.include(text, value)
        elif name.lower() == "template":
            self.template(value)
        elif name.lower() in SERVERS:
            self.listen(text, SERVERS[name.lower()], value, "")
        else:
            self._switch(text, name, value)

    def _switch(self, text: _Text, name: str, value: str) -> None:
        match name.lower():
            case "modload":
                self.load(value.removesuffix(".so"))
            case "omitlocallogging":
                self.omitted = value.lower() == "on"
            case "defaultnetstreamdriver":
                self.old.default_driver = value
            case "actionsendstreamdriver":
                self.old.driver = value
            case "actionsendstreamdrivermode":
                self.old.mode = value
            case "actionsendstreamdriverauthmode":
                self.old.auth = value
            case "defaultruleset" | "ruleset" if value != "RSYSLOG_DefaultRuleset":
                raise text.strange("rule sets of the old syntax are not followed")
            case _:
                pass  # queues, permissions: nothing about whether and where

    def load(self, module: str, parameters: Mapping[str, str] | None = None) -> None:
        given = parameters or {}
        if module == "imjournal":
            self.local = self.journal = True
        elif module == "imuxsock":
            self.local = self.local or given.get("syssock.use", "on").lower() != "off"

    def template(self, value: str) -> None:
        """Keep the path that ``Name,"path"`` stands for."""
        given = re.match(r'([^,\s]+)\s*,\s*"([^"]*)"?', value)
        if given:
            self.templates[given[1]] = given[2]

    def listen(self, text: _Text, protocol: str, port: str, rules: str) -> None:
        """Take records of other hosts; a port that is not said plainly is 0."""
        number = int(port) if re.fullmatch(r"\d{1,5}", port) else 0
        self.inputs.append(LogInput(protocol, number, rules, text.at))

    def write(self, text: _Text, path: str, condition: str, mode: str = "") -> None:
        """Write to a file, which gets its mode when it is made."""
        own = Value(mode, Origin.EXPLICIT, text.at) if mode else self.settings.get("filecreatemode")
        value = Value(0o644, Origin.DEFAULT, text.at)
        if own is not None:
            if not re.fullmatch(r"[0-7]{3,5}", own.value):
                raise text.strange("a mode that is not understood")
            value = Value(int(own.value, 8), Origin.EXPLICIT, own.at)
        self.written.append(LogOutput(self.selector(condition), path, value, text.at))

    def discard(self, condition: str) -> None:
        """Messages under ``condition`` go no further: whether logins are among them decides what follows."""
        if covers_logins(condition) is False or _spares_logins(condition):
            return
        self.discarded = condition

    def selector(self, condition: str) -> str:
        return f"{condition} but what was discarded by {self.discarded}" if self.discarded else condition

    # --- actions -----------------------------------------------------------------------------------

    def old_action(self, text: _Text, action: str, condition: str) -> None:
        """An action of the old syntax, up to the end of its line."""
        forward, relp = _FORWARD.fullmatch(action), _RELP.fullmatch(action)
        if forward:
            tcp = forward[1] == "@@"
            driver = self.old.driver or self.old.default_driver
            tls = tcp and self.old.mode == "1" and driver in TLS_DRIVERS
            self._target(
                text, forward[2], forward[3] or "514", "tcp" if tcp else "udp", condition,
                tls=tls, checked=tls and self.old.auth in NAMED_PEER,
            )  # fmt: skip
        elif relp:
            self._target(text, relp[1], relp[2] or "514", "relp", condition, tls=False, checked=False)
        elif action.startswith(("/", "-/")):
            self.write(text, action.lstrip("-").partition(";")[0].strip(), condition)
        elif match := re.fullmatch(r"-?\?(\w+)(?:;\w+)?", action):
            self.write(text, self.templates.get(match[1], f"%{match[1]}%"), condition)
        elif not re.fullmatch(r"\|/\S+|:omusrmsg:\S+|:omstdout:\S*|[\w*-]+(,[\w-]+)*", action):
            raise text.strange("an action that is not understood")

    def action(self, text: _Text, given: Mapping[str, str], condition: str) -> None:
        """An action object of the new syntax."""
        kind = given.get("type", "")
        if kind in {"omfwd", "builtin:omfwd"}:
            protocol = given.get("protocol", "udp").lower()
            driver = _first(given, "streamdriver", "streamdriver.name") or self.old.default_driver
            mode = _first(given, "streamdrivermode", "streamdriver.mode") or "0"
            auth = _first(given, "streamdriverauthmode", "streamdriver.authmode").lower()
            off = given.get("tls", "on").lower() == "off"
            tls = protocol == "tcp" and mode == "1" and driver in TLS_DRIVERS and not off
            hosts = given.get("target", "").replace('"', "").replace(",", " ").split()
            if not hosts or protocol not in {"tcp", "udp"}:
                raise text.strange("a target that is not understood")
            for host in hosts:
                self._target(
                    text, host, given.get("port", "514"), protocol, condition,
                    tls=tls, checked=tls and auth in NAMED_PEER, told=given,
                )  # fmt: skip
        elif kind == "omrelp":
            tls = given.get("tls", "off").lower() == "on"
            checked = tls and given.get("tls.authmode", "").lower() in {"name", "fingerprint"}
            host, port = given.get("target", ""), given.get("port", "514")
            self._target(text, host, port, "relp", condition, tls=tls, checked=checked, told=given)
        elif kind in {"omfile", "builtin:omfile"}:
            dynamic = given.get("dynafile", "")
            path = given.get("file", "") or (self.templates.get(dynamic, f"%{dynamic}%") if dynamic else "")
            if path:
                self.write(text, path, condition, given.get("filecreatemode", ""))
        elif kind not in LOCAL_OUTPUTS and not kind.startswith("mm"):
            raise text.strange("an output that is not understood")

    def _target(
        self,
        text: _Text,
        host: str,
        port: str,
        protocol: str,
        condition: str,
        *,
        tls: bool,
        checked: bool,
        told: Mapping[str, str] | None = None,
    ) -> None:
        if not host or not re.fullmatch(r"\d{1,5}", port):
            raise text.strange("a target that is not understood")
        name = host.strip("[]")
        way = {k: v for k, v in (told or {}).items() if k.startswith(("streamdriver", "tls", "protocol"))}
        self.targets.append(
            LogTarget(name, int(port), protocol, tls, checked, self.selector(condition), text.at, way)
        )


def _first(given: Mapping[str, str], *names: str) -> str:
    return next((given[name] for name in names if given.get(name)), "")


def _spares_logins(condition: str) -> bool:
    """Whether a condition surely holds for no message about a login on this host."""
    plain = condition.removeprefix("if ").strip().strip("()").strip().removeprefix(":")
    named = _NAMED_PROGRAM.fullmatch(plain)
    if named:
        return not _LOGIN_WORDS.search(named[1])
    return bool(_REMOTE_ONLY.fullmatch(plain) or _FIREWALL_ONLY.fullmatch(plain))


class _Text:
    """The text of one file with a reading position."""

    def __init__(self, reading: _Reading, document: Document) -> None:
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
        return self._document.cite(self._line())

    def _line(self) -> int:
        """Line of the statement being read, counted on from the last one asked for."""
        place, line = self._counted if self._counted[0] <= self._start else (0, 1)
        self._counted = (self._start, line + self._text.count("\n", place, self._start))
        return self._counted[1]

    def strange(self, why: str) -> Unseen:
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
        if match := self._take(r"\$([A-Za-z][A-Za-z0-9]*)[ \t]+([^\n]*)"):
            self._reading.directive(self, match[1], re.sub(r"(?<!\s)\s+#.*", "", match[2]))
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

"""rsyslog's configuration, old and new syntax: what is sent where, what is written to which file.

Every statement must be understood as far as its end; one that is not could hide a target and makes the
whole unseen. What is done only under a condition keeps that condition as its selector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.base import Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from collectors.platforms.linux.rsyslog_text import EVERYTHING, MAIN, RSYSLOG, Statements
from scanner.facts import FollowedFile, LogInput, LogOutput, LogTarget, Origin, Value
from scanner.facts.selector import covers_logins
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Document

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
"""Directives of the old syntax that listen for records of other hosts, and their protocols."""

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
    followed: tuple[FollowedFile, ...] = ()


def read_configuration(files: Mapping[str, Document]) -> Configuration:
    """Read the configuration from its main file on.

    Raises:
        Unseen: a statement that is not understood, or an included file that was not collected.
    """
    main = files.get(MAIN)
    if main is None:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, RSYSLOG.id, MAIN, "there is no such file"))
    reading = Reading(files)
    reading.file(main)
    return Configuration(
        tuple(reading.targets),
        tuple(reading.written),
        tuple(reading.inputs),
        reading.settings,
        reading.local and not reading.omitted,
        reading.journal,
        tuple(reading.followed) if reading.follows else (),
    )


@dataclass(slots=True)
class _Forwarding:
    """Settings of the old syntax that hold for the forwarding actions after them."""

    default_driver: str = "ptcp"
    driver: str = ""
    mode: str = "0"
    auth: str = "anon"


@dataclass(slots=True)
class Reading:
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
    follows: bool = False  # the module that reads files is loaded
    followed: list[FollowedFile] = field(default_factory=list)
    old_file: dict[str, str] = field(default_factory=dict)  # of the old syntax, for the next file
    discarded: str = ""  # a condition whose messages may hold logins and go no further
    dropped: list[str] = field(default_factory=list)  # all conditions whose messages go no further
    open: list[str] = field(default_factory=list)
    read: Walk = field(default_factory=lambda: Walk(RSYSLOG))

    def file(self, document: Document) -> None:
        """Read one file and what it includes."""
        if document.ref in self.open:
            raise unparsable(RSYSLOG, document, 0, "includes itself")
        self.read.enter(document)
        self.open.append(document.ref)
        Statements(self, document).statements(EVERYTHING, inside=False)
        self.open.pop()

    def include(self, text: Statements, pattern: str, *, optional: bool = False) -> None:
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

    def directive(self, text: Statements, name: str, value: str) -> None:
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

    def _switch(self, text: Statements, name: str, value: str) -> None:
        match name.lower():
            case "modload":
                self.load(value.removesuffix(".so"))
            case "inputfilename" | "inputfilefacility" | "inputfileseverity":
                self.old_file[name.lower().removeprefix("inputfile")] = value
            case "inputrunfilemonitor":
                given = {k: v for k, v in self.old_file.items() if k != "name"}
                self.follow(text, given | {"file": self.old_file.get("name", "")})
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
        """Load a module: two of them take the host's own messages."""
        given = parameters or {}
        if module == "imjournal":
            self.local = self.journal = True
        elif module == "imfile":
            self.follows = True
        elif module == "imuxsock":
            self.local = self.local or given.get("syssock.use", "on").lower() != "off"

    def template(self, value: str) -> None:
        """Keep the path that ``Name,"path"`` stands for."""
        given = re.match(r'([^,\s]+)\s*,\s*"([^"]*)"?', value)
        if given:
            self.templates[given[1]] = given[2]

    def listen(self, text: Statements, protocol: str, port: str, rules: str) -> None:
        """Take records of other hosts; a port that is not said plainly is 0."""
        number = int(port) if re.fullmatch(r"\d{1,5}", port) else 0
        self.inputs.append(LogInput(protocol, number, rules, text.at))

    def follow(self, text: Statements, given: Mapping[str, str]) -> None:
        """Read the lines of files in as records."""
        facility, severity = given.get("facility", "local0").lower(), given.get("severity", "notice").lower()
        if not facility.isalnum() or facility.isdigit() or not severity.isalpha():
            facility = ""
        rules = given.get("ruleset", "")
        self.followed.append(FollowedFile(given.get("file", ""), facility, severity, rules, text.at))

    def write(self, text: Statements, path: str, condition: str, mode: str = "") -> None:
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
        self.dropped.append(condition)
        if covers_logins(condition) is False or _spares_logins(condition):
            return
        self.discarded = condition

    def selector(self, condition: str) -> str:
        """Return a condition with what was discarded before it."""
        return f"{condition} but what was discarded by {self.discarded}" if self.discarded else condition

    # --- actions -----------------------------------------------------------------------------------

    def old_action(self, text: Statements, action: str, condition: str) -> None:
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

    def action(self, text: Statements, given: Mapping[str, str], condition: str) -> None:
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
        text: Statements,
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
            LogTarget(
                name, int(port), protocol, tls, checked, self.selector(condition), text.at, way,
                tuple(self.dropped),
            )
        )  # fmt: skip


def _first(given: Mapping[str, str], *names: str) -> str:
    return next((given[name] for name in names if given.get(name)), "")


def _spares_logins(condition: str) -> bool:
    """Whether a condition surely holds for no message about a login on this host."""
    plain = condition.removeprefix("if ").strip().strip("()").strip().removeprefix(":")
    named = _NAMED_PROGRAM.fullmatch(plain)
    if named:
        return not _LOGIN_WORDS.search(named[1])
    return bool(_REMOTE_ONLY.fullmatch(plain) or _FIREWALL_ONLY.fullmatch(plain))

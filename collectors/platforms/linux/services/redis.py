"""Redis and Valkey: who is let in, and what is encrypted, by file and arguments of each instance.

Sources: redis.conf as shipped (include, ACL), and src/acl.c for what a user's words do. Redis writes a title
over its arguments, so they are taken from the unit whose main process it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from collectors.platforms.linux.services.directives import Directive
from collectors.platforms.linux.services.processes import INSTANCES, Running, first_of, running
from collectors.platforms.linux.services.reach import only_local
from collectors.platforms.linux.services.roots import ROOTS
from collectors.platforms.linux.services.units import UNITS, started_by
from collectors.platforms.linux.sockets import NETSTAT, SS
from scanner.facts import (
    Encryption,
    RedisSettings,
    ServiceAudit,
    ServiceAuthentication,
    ServiceEncryption,
    ServiceInstance,
)
from scanner.model import Citation, Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.evidence import Document, Evidence

PRODUCT = "redis"
PATTERNS = (
    "/etc/redis/*.conf",
    "/etc/redis/*.acl",
    "/etc/redis/conf.d/*.conf",
    "/etc/redis*.conf",
    "/etc/valkey/*.conf",
    "/etc/valkey/*.acl",
)

FILES = Step(
    "redis-files",
    Files(PATTERNS, privileged=True),
    Text(
        zh="Redis 的配置与用户文件：是否要求口令、是否加密（口令先行掩去）",
        en="files of Redis and their users: whether a password and encryption are asked (passwords masked)",
    ),
)

_WORD = re.compile(r"\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\')*)'|(?P<plain>[^\s\"']\S*)")
_SWITCHES = frozenset({"yes", "no"})
DEPTH = 8


@dataclass(slots=True)
class User:
    """What the words of a user amount to; a new one is off and may do nothing."""

    on: bool = False
    open: bool = False  # any password, or none, will do
    rights: str = ""  # none, some, all; "" as none
    at: tuple[Citation, ...] = ()


@dataclass(slots=True)
class _Reading:
    """One instance's lines: file, what it includes, then arguments; the last of a name holds."""

    documents: Mapping[str, Document]
    walk: Walk = field(default_factory=lambda: Walk(FILES))

    def lines(self, path: str, depth: int = 0) -> Iterator[Directive]:
        """Yield the lines of a file, includes in their place.

        Raises:
            Unseen: a file that was not read, or a line that is no directive.
        """
        document = self.documents.get(path)
        if document is None:
            raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, path, "the instance's file is not read"))
        self.walk.enter(document)
        for number, text in enumerate(document.lines, 1):
            if not text.strip() or text.lstrip().startswith("#"):
                continue
            words = _words(text)
            if not words:
                raise unparsable(FILES, document, number, "a quote that is not closed")
            if words[0].lower() != "include":
                yield Directive(words[0].lower(), words[1:], document.cite(number))
            elif len(words) != 2 or depth >= DEPTH:
                raise unparsable(FILES, document, number, "an include that is none, or includes itself")
            else:
                for included in self._included(words[1], document, number):
                    yield from self.lines(included, depth + 1)

    def _included(self, asked: str, document: Document, number: int) -> Sequence[str]:
        if asked in self.documents:
            return (asked,)
        if not re.search(r"[*?\[]", asked) or asked not in PATTERNS:
            raise unparsable(FILES, document, number, "includes files that were not asked for")
        return sorted(p for p in self.documents if fnmatchcase(p, asked) and p.count("/") == asked.count("/"))


def read_settings(evidence: Evidence) -> RedisSettings:
    """Read what every instance outside containers was started with.

    Raises:
        Unseen: arguments or a file of one of them were not seen, or not understood.
    """
    document, processes = running(evidence)
    documents = evidence.files(FILES)
    own = [p for p in first_of(PRODUCT, processes) if not p.container]
    seen = (document.whole, evidence.listing(FILES), *(d.whole for d in documents.values()))
    return RedisSettings(seen, tuple(_instance(p, evidence, documents) for p in own))


def _instance(process: Running, evidence: Evidence, documents: Mapping[str, Document]) -> ServiceInstance:
    arguments, at = started_by(evidence, process.pid)
    reading = _Reading(documents)
    has_file = len(arguments) > 1 and not arguments[1].startswith("-")
    lines = list(reading.lines(arguments[1])) if has_file else []
    lines += _arguments(arguments[2 if has_file else 1 :], at)
    whole = documents[arguments[1]].whole if has_file else at
    told = {line.name: line for line in lines}
    users = _users(lines, told, documents, whole)
    local = only_local(evidence, process.pid)
    return ServiceInstance(
        process.pid,
        (
            _authentication(users, whole),
            _encryption(told, users, whole, local=local),
            ServiceAudit((whole,), on=False, setting="none: the product keeps no log of logins or commands"),
        ),
    )


def _words(text: str) -> tuple[str, ...]:
    """Words of a line as the product splits it; none where a quote is not closed."""
    words, place, text = [], 0, text.strip()
    while place < len(text):
        match = _WORD.match(text, place)
        if match is None or text[match.end() : match.end() + 1].strip():
            return ()
        words.append(next(g for g in match.groups() if g is not None))
        place = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
    return tuple(words)


def _arguments(arguments: Sequence[str], at: Citation) -> Iterator[Directive]:
    """``--name value ...`` as lines; a lone ``-`` or anything before a name is not understood."""
    name, values = "", list[str]()
    for word in (*arguments, "--"):
        if not word.startswith("--"):
            if not name:
                raise Unseen(Gap(GapReason.UNPARSABLE, UNITS.id, "", f"an argument that is none: {word}"))
            values.append(word)
            continue
        if name:
            yield Directive(name, tuple(values), at)
        name, values = word[2:].lower(), []


def _users(
    lines: Sequence[Directive],
    told: Mapping[str, Directive],
    documents: Mapping[str, Document],
    whole: Citation,
) -> dict[str, User]:
    """Users by name. The default user may do all without a password, until something says otherwise.

    A file of users makes the default user as new before it is read, so that ``requirepass`` says nothing.
    """
    password = told.get("requirepass")
    default = User(on=True, open=True, rights="all", at=(whole,))
    users = {"default": default}
    written = [line for line in lines if line.name == "user"]
    if "aclfile" in told and told["aclfile"].words not in {(), ("",)}:
        path = " ".join(told["aclfile"].words)
        if path not in documents:
            raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, path, "the file of users is not read"))
        default.at = (documents[path].whole,)
        written += [line for line in _Reading(documents).lines(path) if line.name == "user"]
    elif password is not None:
        default.open, default.at = password.words in {(), ("",)}, (password.at,)
    for line in written:
        if not line.words:
            raise Unseen(Gap(GapReason.UNPARSABLE, FILES.id, "", "a user without a name"))
        user = User(at=(line.at,))
        for word in line.words[1:]:
            _apply(user, word)
        users[line.words[0]] = user
    return users


def _apply(user: User, word: str) -> None:
    """Let one word of a user's rule act, as the product's manual says."""
    lower = word.lower()
    if lower in {"on", "off"}:
        user.on = lower == "on"
    elif lower == "nopass":
        user.open = True
    elif lower in {"resetpass", "reset"} or word[:1] in {">", "#"}:
        user.open = False
        if lower == "reset":
            user.on, user.rights = False, ""
    elif lower in {"+@all", "allcommands"}:
        user.rights = "all"
    elif lower in {"-@all", "nocommands"}:
        user.rights = ""
    elif word[:1] in {"+", "-", "("}:
        user.rights = "some" if user.rights or word[:1] != "-" else ""


def _authentication(users: Mapping[str, User], whole: Citation) -> ServiceAuthentication:
    """A user that is on, asks no password and may do anything lets everybody in."""
    entering = [u for u in users.values() if u.on and u.open]
    freely = [u for u in entering if u.rights == "all"]
    if freely:
        return ServiceAuthentication(freely[0].at, required=False, setting="requirepass, user (nopass)")
    if any(u.rights for u in entering):
        at = next(u for u in entering if u.rights).at
        return ServiceAuthentication(at, required=None, setting="user (nopass, with few rights)")
    cited = tuple(dict.fromkeys(c for u in users.values() for c in u.at)) or (whole,)
    return ServiceAuthentication(cited, required=True, setting="requirepass, user")


def _encryption(
    told: Mapping[str, Directive], users: Mapping[str, User], whole: Citation, *, local: bool | None
) -> ServiceEncryption:
    """By the ports in clear and with TLS; a closed one has the number 0."""
    clear, at = _number(told, "port", 6379, whole)
    with_tls, tls_at = _number(told, "tls-port", 0, whole)
    if local or not (clear or with_tls):
        return ServiceEncryption((at, tls_at), Encryption.LOCAL, "bind, port, tls-port")
    if not clear:
        return ServiceEncryption((at, tls_at), Encryption.ENFORCED, "port 0, tls-port")
    default = users["default"]
    refuses = _switch(told, "protected-mode", default=True) and default.on and default.open
    if local is None or refuses:
        return ServiceEncryption((at, tls_at), None, "bind, protected-mode: whether other hosts are let in")
    state = Encryption.OFFERED if with_tls else Encryption.NONE
    return ServiceEncryption((at, tls_at), state, "port, tls-port")


def _number(told: Mapping[str, Directive], name: str, default: int, whole: Citation) -> tuple[int, Citation]:
    line = told.get(name)
    if line is None:
        return default, whole
    if len(line.words) != 1 or not re.fullmatch(r"[0-9]{1,5}", line.words[0]):
        raise Unseen(Gap(GapReason.UNPARSABLE, FILES.id, "", f"{name} is no number: {line.at.excerpt}"))
    return int(line.words[0]), line.at


def _switch(told: Mapping[str, Directive], name: str, *, default: bool) -> bool:
    line = told.get(name)
    if line is None:
        return default
    value = " ".join(line.words).lower()
    if value not in _SWITCHES:
        raise Unseen(Gap(GapReason.UNPARSABLE, FILES.id, "", f"{name} is no switch: {line.at.excerpt}"))
    return value == "yes"


STEPS = (FILES,)

READERS = (
    Reader(
        RedisSettings, (Need((FILES,)), Need((INSTANCES,))), read_settings, also=(UNITS, SS, NETSTAT, ROOTS)
    ),
)

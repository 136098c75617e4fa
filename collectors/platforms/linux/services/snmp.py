"""Net-SNMP: which communities its agent answers, from where, by all the files that it reads.

Source: snmpd.conf(5) and snmp_config(5). A community lets somebody in through its own line, or through the
chain of com2sec, group, access and view; the first line of a community and a source counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from collectors.platforms.linux.services.daemons import DAEMONS, daemons
from collectors.platforms.linux.services.directives import Directive
from collectors.platforms.linux.services.reach import only_local
from collectors.platforms.linux.services.roots import ROOTS, sharing
from collectors.platforms.linux.sockets import NETSTAT, SS
from scanner.facts import Admission, SnmpAgent, SnmpCommunity
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.services.processes import Running

FOLDERS = ("/etc/snmp", "/usr/share/snmp", "/usr/lib/snmp", "/usr/lib64/snmp")
"""Where the agent looks for its files unless told otherwise; ``.snmp`` of who starts it comes last."""

PERSISTENT = ("/var/lib/snmp", "/var/lib/net-snmp", "/var/net-snmp")
INCLUDED = ("/etc/snmp/snmpd.conf.d", "/etc/snmp/conf.d")
PATTERNS = (
    *(f"{folder}/{name}" for folder in FOLDERS for name in ("snmpd.conf", "snmpd.local.conf")),
    *(f"{folder}/snmpd.conf" for folder in PERSISTENT),
    "/usr/lib/x86_64-linux-gnu/snmp/snmpd.conf",
    "/usr/lib/aarch64-linux-gnu/snmp/snmpd.conf",
    *(f"{folder}/*.conf" for folder in INCLUDED),
)
FILES = Step(
    "snmpd-files",
    Files(PATTERNS, privileged=True),
    Text(
        zh="Net-SNMP 代理的配置文件：接受哪些团体名、来自何处（团体名先行掩去）",
        en="files of the Net-SNMP agent: which communities it answers, from where (communities masked)",
    ),
)

HOME = Step(
    "snmpd-home",
    Files(("/root/.snmp/",), privileged=True, metadata_only=True),
    Text(
        zh="root 的主目录中是否有 Net-SNMP 的配置文件夹",
        en="whether root's home has a folder of Net-SNMP's settings",
    ),
)
"""Only its presence is asked: behind a closed home a missing folder cannot be told from a refused one."""

_WORD = re.compile(r"<masked [^>]*>|\"[^\"]*\"|'[^']*'|\S+")
_MASK = re.compile(r"[\"']?<masked community class=(?P<class>[a-z]+) id=[0-9a-f]{16}>[\"']?")
_DIRECT = frozenset({"rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6"})
_UNREAD = frozenset(
    "authcommunity authgroup authaccess setaccess vacmaccess vacmgroup vacmauthaccess includesearch".split()
)
"""Directives that can let a community in, or keep it out, and are not worked out here."""

_LOCAL = re.compile(r"localhost|127\.[\d.]+(?:/[\d.]+)?|::1(?:/128)?|\[::1\]", re.IGNORECASE)
_ANYWHERE = frozenset({"default", "0.0.0.0/0", "0.0.0.0/0.0.0.0", "::/0"})
_CLEAR_MODELS = frozenset({"v1", "v2c", "any"})
DEPTH = 8


@dataclass(slots=True)
class _Reading:
    documents: Mapping[str, Document]
    walk: Walk = field(default_factory=lambda: Walk(FILES))

    def lines(self, path: str, depth: int = 0) -> Iterator[Directive]:
        """Yield the directives of a file, includes in their place.

        Raises:
            Unseen: it includes what was not read.
        """
        document = self.documents[path]
        self.walk.enter(document)
        for number, text in enumerate(document.lines, 1):
            words = tuple(_WORD.findall(text))
            if not words or text.lstrip().startswith("#"):
                continue
            name = words[0].lower()
            if name.startswith("[") and name != "[snmpd]":
                raise unparsable(FILES, document, number, "a section of another program")
            if name not in {"include", "includefile", "includedir"}:
                yield Directive(name, words[1:], document.cite(number))
                continue
            if len(words) != 2 or depth >= DEPTH:
                raise unparsable(FILES, document, number, "an include that is none, or includes itself")
            for included in self._included(name, words[1], path, document, number):
                yield from self.lines(included, depth + 1)

    def _included(self, how: str, asked: str, path: str, document: Document, number: int) -> Sequence[str]:
        place = asked if asked.startswith("/") else f"{path.rpartition('/')[0]}/{asked}"
        if how == "includedir" and place.rstrip("/") in INCLUDED:
            return sorted(p for p in self.documents if fnmatchcase(p, f"{place.rstrip('/')}/*"))
        if how != "includedir" and place in self.documents:
            return (place,)
        raise unparsable(FILES, document, number, "includes files that were not asked for")


def read_agent(evidence: Evidence) -> SnmpAgent:
    """Read whom the agents of the host answer.

    Raises:
        Unseen: an agent runs, and its files were not seen or not understood.
    """
    document, running = daemons(evidence, "snmpd")
    if not running:
        return SnmpAgent((document.whole,), running=False, reachable=None, communities=(), unread="")
    elsewhere = sorted({p.container for p in running if p.container})
    own = [p for p in running if not p.container]
    if own:
        sharing(evidence)  # else nobody knows that the host's files are theirs
    documents = evidence.files(FILES) if own else {}
    unread = [f"the agent in {name} reads files of its own" for name in elsewhere]
    if own:
        unread += [f"{folder.path} is not read" for folder in evidence.listed(HOME)]
    lines: list[Directive] = []
    for path in dict.fromkeys(p for process in own for p in _paths(process, documents, unread)):
        lines += _Reading(documents).lines(path)
    unread += [f"{line.at.excerpt}" for line in lines if line.name in _UNREAD]
    seen = (document.whole, *(d.whole for d in documents.values()))
    return SnmpAgent(seen, True, _reachable(evidence, own), tuple(_communities(lines)), "; ".join(unread))


def _paths(process: Running, documents: Mapping[str, Document], unread: list[str]) -> Iterator[str]:
    """Files that one agent reads; what it is told to read and was not asked for is named in ``unread``."""
    words = process.arguments[1:]
    named = [path for _, value in _options(words) for path in value.split(",")]
    if "-C" not in words:
        yield from (p for p in documents if not p.startswith(INCLUDED))
    for path in named:
        if path in documents:
            yield path
        else:
            unread.append(f"{path} is not read")


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """``-c FILE`` and ``-cFILE``."""
    for i, word in enumerate(words):
        if word == "-c" and i + 1 < len(words):
            yield "-c", words[i + 1]
        elif word.startswith("-c") and len(word) > 2:
            yield "-c", word[2:]


def _reachable(evidence: Evidence, own: Sequence[Running]) -> bool | None:
    """Whether other hosts reach any of the agents; None: whose the sockets are was not seen."""
    local = [only_local(evidence, process.pid) for process in own]
    if False in local:
        return True
    return False if local and all(local) else None


def _communities(lines: Sequence[Directive]) -> Iterator[SnmpCommunity]:
    """Communities that let somebody in, or may."""
    before: list[tuple[str, bool | None]] = []  # words and what became of them, in the order of the lines
    for line in lines:
        found = _community(line, lines)
        if found is None:
            continue
        word, community = found
        doubted = any(w == word and lets_in is not True for w, lets_in in before)
        before.append((word, community.lets_in))
        if community.lets_in is not False:
            lets_in = None if doubted else community.lets_in
            yield SnmpCommunity(
                community.default_word, lets_in, community.writes, community.sources, community.at
            )


def _community(line: Directive, lines: Sequence[Directive]) -> tuple[str, SnmpCommunity] | None:
    """A community's word (or mask) and what its line gives; None: the line is about something else."""
    words = line.words
    if line.name in _DIRECT and words:
        source = words[1] if len(words) > 1 else "default"
        view = words[words.index("-V") + 1 : words.index("-V") + 2] if "-V" in words else ()
        lets_in = _shows(view[0], lines) if view else True
        return words[0], _told(line, words[0], source, lets_in, line.name.startswith("rw"))
    if line.name in {"com2sec", "com2sec6"}:
        plain = words[2:] if words[:1] == ("-Cn",) else words
        if len(plain) != 3:
            return (plain[2] if len(plain) > 2 else "", _told(line, "", "?", None, writes=False))
        rights = list(_rights(plain[0], lines, own_context=plain is not words))
        reads = [view for view, _ in rights if view is not False]
        writes = any(view for _, view in rights)
        lets_in = True if True in reads or writes else None if reads else False
        return plain[2], _told(line, plain[2], plain[1], lets_in, writes=writes)
    return None


def _told(line: Directive, word: str, source: str, lets_in: bool | None, writes: bool) -> SnmpCommunity:
    mask = _MASK.fullmatch(word)
    default = mask["class"] == "default" if mask else None
    if source.startswith("!"):
        return SnmpCommunity(default, False, writes, Admission.UNKNOWN, line.at)
    return SnmpCommunity(default, lets_in, writes, _sources(source), line.at)


def _sources(source: str) -> Admission:
    if source.lower() in _ANYWHERE:
        return Admission.ANYWHERE
    if _LOCAL.fullmatch(source):
        return Admission.LOCAL
    return Admission.NAMED if re.fullmatch(r"[\w.:/-]+", source) else Admission.UNKNOWN


def _rights(
    name: str, lines: Sequence[Directive], *, own_context: bool
) -> Iterator[tuple[bool | None, bool | None]]:
    """What a security name may read and write by its groups: whether something is in the view of each."""
    groups = {
        (line.words[0], line.words[1].lower())
        for line in lines
        if line.name == "group" and len(line.words) == 3 and line.words[2] == name
    }
    for line in lines:
        if line.name != "access" or len(line.words) < 7:
            continue
        group, context, model, level, _, read, write = line.words[:7]
        models = {m for g, m in groups if g == group and m in _CLEAR_MODELS}
        if not models or level != "noauth" or (model not in {"any", *models} and "any" not in models):
            continue
        if context.strip("\"'") or own_context:
            yield None, None
        else:
            yield _shows(read, lines), _shows(write, lines)


def _shows(view: str, lines: Sequence[Directive]) -> bool | None:
    """Whether there is something in a view; None: it is not written, or leaves something out."""
    if view in {"none", "_none_"}:
        return False
    if view == "_all_":
        return True
    types = [
        line.words[1]
        for line in lines
        if line.name == "view" and line.words[:1] == (view,) and line.words[1:]
    ]
    return True if types and set(types) == {"included"} else None


STEPS = (FILES, HOME)

READERS = (Reader(SnmpAgent, (Need((DAEMONS,)),), read_agent, also=(FILES, HOME, ROOTS, SS, NETSTAT)),)

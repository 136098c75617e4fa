"""Samba: which folders let in somebody who proves nothing, by its files.

Source: smb.conf(5). Whoever names no user, and asks for a share with ``guest ok``, is let in whatever ``map
to guest`` and ``restrict anonymous`` say: those tell what becomes of names that do not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from collectors.platforms.linux.services.daemons import DAEMONS, daemons
from collectors.platforms.linux.services.reach import only_local
from collectors.platforms.linux.services.roots import ROOTS, sharing
from collectors.platforms.linux.sockets import NETSTAT, SS
from scanner.facts import Admission, Share, SmbShares
from scanner.model import Citation, Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document, Evidence

MAIN = "/etc/samba/smb.conf"
FILES = Step(
    "samba-files",
    Files(("/etc/samba/*.conf", "/etc/samba/smb.conf.d/*.conf"), privileged=True),
    Text(
        zh="Samba 的配置：哪些共享目录无需鉴别即可访问",
        en="files of Samba: which shared folders need no proof",
    ),
)
OF_USERS = Step(
    "samba-usershares",
    Files(("/var/lib/samba/usershares/*",), privileged=True, metadata_only=True),
    Text(
        zh="用户自建的 Samba 共享：只看有无，不读内容（目录可由普通账户写入）",
        en="shares that users made themselves: whether there are any, unread (they may write to the folder)",
    ),
)

_SYNONYMS: Mapping[str, str] = {
    "public": "guestok",
    "onlyguest": "guestonly",
    "allowhosts": "hostsallow",
    "denyhosts": "hostsdeny",
    **dict.fromkeys(("writable", "writeok"), "writeable"),
}
"""Other names of a parameter; blanks and case do not count."""

_SWITCHES = frozenset({"guestok", "guestonly", "readonly", "writeable", "available", "registryshares"})
_TRUE, _FALSE = frozenset({"yes", "true", "1", "on"}), frozenset({"no", "false", "0", "off"})
_ALL = frozenset({"all", "0.0.0.0/0", "0.0.0.0/0.0.0.0"})
_PARAMETER = re.compile(r"(?P<name>[^=]+?)\s*=\s*(?P<value>.*?)")
DEPTH = 8

Told = dict[str, tuple[str, "Citation"]]
"""Values of a section by parameter, each with its line."""


@dataclass(slots=True)
class _Reading:
    documents: Mapping[str, Document]
    walk: Walk = field(default_factory=lambda: Walk(FILES))
    sections: dict[str, Told] = field(default_factory=lambda: {"global": {}})
    heads: dict[str, Citation] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    section: str = "global"

    def read(self, path: str, depth: int = 0) -> None:
        """Read a file, includes in their place; a share begins with what ``[global]`` says until then.

        Raises:
            Unseen: a line that is no parameter, or that includes what was not read.
        """
        document = self.documents[path]
        self.walk.enter(document)
        for number, text in _joined(document):
            if text.startswith("["):
                self._enter(text, document, number)
                continue
            match = _PARAMETER.fullmatch(text)
            if match is None:
                raise unparsable(FILES, document, number, "no parameter")
            name = re.sub(r"\s", "", match["name"]).lower()
            name = _SYNONYMS.get(name, name)
            if name == "copy":
                raise unparsable(FILES, document, number, "copies another share")
            if name == "include" or (name, match["value"]) == ("configbackend", "registry"):
                self._include(match["value"], document, number, depth)
            if name in _SWITCHES and match["value"].lower() not in _TRUE | _FALSE:
                raise unparsable(FILES, document, number, "no switch")
            if name == "readonly":  # one switch under two names, each the other's contrary
                value = "no" if match["value"].lower() in _TRUE else "yes"
                self.sections[self.section]["writeable"] = value, document.cite(number)
            else:
                self.sections[self.section][name] = match["value"], document.cite(number)

    def _enter(self, text: str, document: Document, number: int) -> None:
        name = text.strip("[]").strip().lower()
        if not text.endswith("]") or not name:
            raise unparsable(FILES, document, number, "no section")
        self.section = "global" if name == "globals" else name
        self.sections.setdefault(self.section, dict(self.sections["global"]))
        self.heads.setdefault(self.section, document.cite(number))

    def _include(self, value: str, document: Document, number: int, depth: int) -> None:
        if value == "registry":
            self.unread.append(f"{document.cite(number).excerpt}: the registry is not read")
        elif value not in self.documents or depth >= DEPTH:
            raise unparsable(FILES, document, number, "includes a file that was not asked for")
        else:
            self.read(value, depth + 1)


def _joined(document: Document) -> Iterator[tuple[int, str]]:
    """Lines without blanks around them and comments; one that ends in a backslash goes on in the next."""
    text, first = "", 0
    for number, line in enumerate(document.lines, 1):
        stripped = line.strip()
        if not text and (not stripped or stripped[0] in "#;"):
            continue
        first = first or number
        text += stripped.removesuffix("\\")
        if not stripped.endswith("\\"):
            yield first, text.strip()
            text, first = "", 0
    if text:
        yield first, text.strip()


def read_shares(evidence: Evidence) -> SmbShares:
    """Read what a running Samba shares.

    Raises:
        Unseen: it runs, and its files were not seen or not understood.
    """
    document, running = daemons(evidence, "smbd")
    if not running:
        return SmbShares((document.whole,), running=False, shares=(), unread="")
    own = [p for p in running if not p.container]
    away = sorted({p.container for p in running if p.container})
    unread = [f"Samba in {name} reads files of its own" for name in away]
    if not own:
        return SmbShares((document.whole,), running=True, shares=(), unread="; ".join(unread))
    sharing(evidence)  # else nobody knows that the host's files are its own
    documents = evidence.files(FILES)
    for process in own:
        if any(w.startswith(("-s", "--configfile", "--option")) for w in process.arguments[1:]):
            raise _elsewhere(" ".join(process.arguments[1:]))
    if MAIN not in documents:
        raise _elsewhere(MAIN)
    reading = _Reading(documents)
    reading.read(MAIN)
    if reading.sections["global"].get("registryshares", ("no",))[0].lower() in _TRUE:
        reading.unread.append("registry shares: the registry is not read")
    if reading.sections["global"].get("security", ("",))[0].lower() == "share":
        reading.unread.append("security = share: who is let in differs by release")
    reach = [only_local(evidence, p.pid) for p in own]
    local = True if all(reach) else False if False in reach else None
    shares = tuple(_shares(reading, local=local))
    seen = (document.whole, *(d.whole for d in documents.values()))
    return SmbShares(seen, True, shares, "; ".join([*unread, *reading.unread, *_of_users(reading, evidence)]))


def _elsewhere(detail: str) -> Unseen:
    return Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, "", f"the settings in force are not read: {detail}"))


def _shares(reading: _Reading, *, local: bool | None) -> Iterator[Share]:
    for name, told in reading.sections.items():
        if name == "global" or not _on(told, "available", default=True):
            continue
        guest = next((n for n in ("guestok", "guestonly") if _on(told, n)), None)
        at = told[guest][1] if guest else reading.heads[name]
        limited = any(n in told for n in ("validusers", "invalidusers"))
        anonymous = None if guest and limited else guest is not None
        writable = _on(told, "writeable")
        yield Share(name, anonymous, _sources(told, local=local), writable, superuser=False, at=at)


def _on(told: Told, name: str, *, default: bool = False) -> bool:
    return told[name][0].lower() in _TRUE if name in told else default


def _sources(told: Told, *, local: bool | None) -> Admission:
    if local:
        return Admission.LOCAL
    allowed = re.split(r"[\s,]+", told["hostsallow"][0].lower()) if "hostsallow" in told else []
    if local is None or "hostsdeny" in told:
        return Admission.UNKNOWN
    return Admission.NAMED if allowed and not _ALL & set(allowed) else Admission.ANYWHERE


def _of_users(reading: _Reading, evidence: Evidence) -> Iterator[str]:
    """Why shares that users made themselves may let in guests. How many they may make differs by build."""
    told = reading.sections["global"]
    if not _on(told, "usershareallowguests") or told.get("usersharemaxshares", ("",))[0] == "0":
        return
    try:
        made = evidence.listed(OF_USERS)
    except Unseen:
        yield "usershare allow guests: shares that users made were not seen"
        return
    if made:
        yield f"usershare allow guests: {len(made)} shares that users made are not read"


STEPS = (FILES, OF_USERS)

READERS = (Reader(SmbShares, (Need((DAEMONS,)),), read_shares, also=(FILES, OF_USERS, ROOTS, SS, NETSTAT)),)

"""TCP wrappers: hosts_access(5) and hosts_options(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Snippet, Step, Unseen
from collectors.platforms.linux.host import absence, unparsable
from scanner.facts import AccessRule, HostAccess
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document, Evidence

ALLOW = "/etc/hosts.allow"
DENY = "/etc/hosts.deny"

WRAPPERS = Step(
    "tcp-wrappers",
    Files((ALLOW, DENY)),
    Text(zh="TCP Wrappers 来源限制", en="sources that TCP wrappers let in"),
)

LINKAGE = Step(
    "sshd-libwrap",
    Snippet(
        "for p in /usr/sbin/sshd /usr/lib/openssh/sshd-session /usr/libexec/openssh/sshd-session; do "
        '[ -f "$p" ] || continue; '
        'if grep -q -F libwrap.so "$p"; then echo "$p uses libwrap"; '
        'elif [ $? -eq 1 ]; then echo "$p plain"; else exit 1; fi; done'
    ),
    Text(zh="sshd 是否使用 TCP Wrappers", en="whether sshd uses TCP wrappers"),
    control=r"^/\S+ (uses libwrap|plain)$",
)

_ORDERS = frozenset({"allow", "deny"})
_HARMLESS = frozenset("severity spawn linger keepalive user umask nice setenv banners rfc931".split())
"""Options that change nothing about who is let in (aclexec does, by a program's answer)."""


def read_host_access(evidence: Evidence) -> HostAccess:
    """Read the rules in the order in which they are searched: hosts.allow, then hosts.deny.

    Raises:
        Unseen: a file was not seen, or a rule depends on something else (another file, a program).
    """
    documents = {path: evidence.file(WRAPPERS, path) for path in (ALLOW, DENY)}
    seen = tuple(
        absence(evidence, WRAPPERS, path) if document is None else document.whole
        for path, document in documents.items()
    )
    rules = tuple(
        _rule(document, number, line, allow=path == ALLOW)
        for path, document in documents.items()
        if document is not None
        for number, line in _joined(document)
    )
    return HostAccess(seen=seen, rules=rules, sshd_honours=_sshd_honours(evidence))


def _sshd_honours(evidence: Evidence) -> bool | None:
    """Whether a program of the SSH server names the wrappers' library; None: not seen."""
    try:
        lines = evidence.command(LINKAGE).text.split("\n")
    except Unseen:
        return None
    told = [line.split(" ", 1)[-1] for line in lines if line]
    if not set(told) <= {"uses libwrap", "plain"}:
        return None
    return "uses libwrap" in told


def _joined(document: Document) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first line; a comment may go on over a backslash, too."""
    if document.lines[-1]:
        raise unparsable(
            WRAPPERS, document, len(document.lines), "no newline at the end: the line is ignored"
        )
    first, text = 0, ""
    if document.lines[-2:-1] and document.lines[-2].endswith("\\"):
        raise unparsable(WRAPPERS, document, len(document.lines) - 1, "a continued line does not end")
    for number, line in enumerate(document.lines, 1):
        first = first or number
        if line.endswith("\\"):
            text += line[:-1]
            continue
        text += line
        if text.strip() and not text.startswith("#"):
            yield first, text
        first, text = 0, ""


def _rule(document: Document, number: int, line: str, *, allow: bool) -> AccessRule:
    daemons, *rest = _fields(line)
    if not rest or not daemons.strip() or not rest[0].strip():
        raise unparsable(WRAPPERS, document, number, "not daemons : clients")
    names, clients = (tuple(re.split(r"[\s,]+", part.strip(" \t,"))) for part in (daemons, rest[0]))
    if any(word.startswith(("/", "{")) for word in (*names, *clients)):
        raise unparsable(WRAPPERS, document, number, "patterns stand in another file")
    for option in (part.strip() for part in rest[1:]):
        name = option.split("=")[0].split(maxsplit=1)[0].lower() if option else ""
        if name in _ORDERS:
            allow = name == "allow"
        elif name == "twist":
            allow = False  # another program answers in the daemon's place
        elif name not in _HARMLESS:
            raise unparsable(WRAPPERS, document, number, f"unknown option {name!r}")
    return AccessRule(allow, names, clients, document.cite(number))


def _fields(line: str) -> list[str]:
    """Split at colons, but at none inside brackets (IPv6) or behind a backslash."""
    return re.findall(r"(?:\\.|\[[^\]]*\]|[^:\\])+|(?<=:)(?=:|$)", line) if line.strip() else []


STEPS = (WRAPPERS, LINKAGE)

READERS = (Reader(HostAccess, (Need((WRAPPERS,)),), read_host_access, also=(LINKAGE,)),)

"""The kernel's NFS server: what it was told to export, as ``exportfs`` keeps it with all defaults.

Source: exports(5) and nfs-utils' ``support/export/xtab.c``. ``/etc/exports`` says what will be exported after
the next ``exportfs``, which may never come.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.services.daemons import DAEMONS, daemons
from collectors.platforms.linux.sockets import NETSTAT, SS, sockets
from scanner.facts import Admission, NfsShares, Share
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document, Evidence

PORT = 2049
TABLE = "/var/lib/nfs/etab"
EXPORTS = Step(
    "nfs-exports",
    Files((TABLE,), privileged=True),
    Text(
        zh="NFS 服务器正在共享的目录、对象与选项",
        en="folders that the NFS server exports, to whom, with which options",
    ),
)

_LINE = re.compile(r"(?P<path>/\S*)\t(?P<client>[^\s()]+)\((?P<options>[^\s()]+)\)\s*")
_EVERYBODY = frozenset({"*", "0.0.0.0/0", "0.0.0.0/0.0.0.0", "::/0", "<world>"})
_PROVED = frozenset({"krb5", "krb5i", "krb5p"})
_UNPROVED = frozenset({"sys", "none", "null"})
_SELF = re.compile(r"localhost|127\.[\d.]+(?:/[\d.]+)?|::1(?:/128)?")


def read_shares(evidence: Evidence) -> NfsShares:
    """Read what is exported while the server's threads run.

    Raises:
        Unseen: they run, and their table was not seen or not understood.
    """
    document, running = daemons(evidence, "nfsd", "ganesha.nfsd")
    if not running:
        return NfsShares((document.whole,), running=False, shares=(), unread="")
    others = [p for p in running if p.name != "nfsd" or p.container]
    unread = "; ".join(f"{p.name} reads settings of its own" for p in others)
    if len(others) == len(running):
        return NfsShares((document.whole,), running=True, shares=(), unread=unread)
    table = evidence.file(EXPORTS, TABLE)
    if table is None:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, EXPORTS.id, TABLE, "the server runs without its table"))
    shares = tuple(_shares(table, _reach(evidence)))
    return NfsShares((document.whole, table.whole), True, shares, unread)


def _reach(evidence: Evidence) -> Admission:
    """From where the server's port is reached: the kernel's threads own their sockets under no name."""
    try:
        _, rows = sockets(evidence)
    except Unseen:
        return Admission.UNKNOWN
    own = [listener for listener, _ in rows if listener.port == PORT]
    if not own:
        return Admission.UNKNOWN
    return Admission.ANYWHERE if any(listener.off_host for listener in own) else Admission.LOCAL


def _shares(table: Document, reach: Admission) -> Iterator[Share]:
    for number, text in enumerate(table.lines, 1):
        if not text.strip():
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise unparsable(EXPORTS, table, number, "no exported folder")
        client, options = match["client"], match["options"].split(",")
        flavours = list(_flavours(options))
        if any(name not in _PROVED | _UNPROVED for name, _ in flavours):
            raise unparsable(EXPORTS, table, number, "an unknown way to prove who asks")
        unproved = [own for name, own in flavours if name in _UNPROVED]
        kerberos_only = client.startswith("gss/") or not unproved
        sources = _sources(client)
        sources = reach if sources is Admission.ANYWHERE else sources
        yield Share(
            match["path"],
            anonymous=not kerberos_only and client in _EVERYBODY,
            sources=sources,
            writable=any("rw" in own for own in unproved or [own for _, own in flavours]),
            superuser=not kerberos_only and any("no_root_squash" in own for own in unproved),
            at=table.cite(number),
        )


def _flavours(options: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each flavour of ``sec=`` with the options that hold for it: those before the first, then its own."""
    places = [i for i, option in enumerate(options) if option.startswith("sec=")]
    common = options[: places[0]] if places else options
    if not places:
        yield "sys", common
    for place, end in zip(places, [*places[1:], len(options)], strict=True):
        own = options[place + 1 : end]
        for name in options[place].removeprefix("sec=").split(":"):
            yield name, own or common


def _sources(client: str) -> Admission:
    if client in _EVERYBODY:
        return Admission.ANYWHERE
    if _SELF.fullmatch(client):
        return Admission.LOCAL
    return Admission.NAMED


STEPS = (EXPORTS,)

READERS = (Reader(NfsShares, (Need((DAEMONS,)),), read_shares, also=(EXPORTS, SS, NETSTAT)),)

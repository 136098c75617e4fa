"""Services of a super-server, from its file: those that it starts, and those that somebody switched off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.host import absence, unparsable
from scanner.facts import InetService, InetServices
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence

INETD_CONF = "/etc/inetd.conf"

INETD = Step(
    "inetd-files",
    Files((INETD_CONF,)),
    Text(zh="inetd 启动哪些服务", en="which services inetd starts"),
)

_ENTRY = re.compile(
    r"(?:(?P<address>\S+):)?(?P<name>[A-Za-z0-9][A-Za-z0-9_.+/-]*)\s+"
    r"(?:stream|dgram|raw|rdm|seqpacket)\s+(?:rpc/)?(?P<protocol>tcp|udp)[46]{0,2}\s+"
    r"(?:wait|nowait)(?:[.:/]\S+)?\s+\S+\s+(?:internal|/\S+)(?:\s.*)?"
)
"""Service, socket type, protocol, whether to wait, user, program: inetd.conf(5)."""

_DEFAULT_ADDRESS = re.compile(r"\S+:")
_OFF = re.compile(r"#+(?:<off>#|disabled#)?\s*")
"""What stands before an entry that is switched off, by hand or by update-inetd(8)."""


def read_inet_services(evidence: Evidence) -> InetServices:
    """Read the entries of inetd.conf; without the file inetd starts nothing.

    Raises:
        Unseen: the file was not seen, or a line of it is no entry.
    """
    document = evidence.file(INETD, INETD_CONF)
    if document is None:
        return InetServices((absence(evidence, INETD, INETD_CONF),), ())
    return InetServices((document.whole,), tuple(_services(document)))


def _services(document: Document) -> list[InetService]:
    found = []
    for number, line in enumerate(document.lines, 1):
        text = line.strip()
        comment = _OFF.match(text)
        entry = _ENTRY.fullmatch(text[comment.end() :] if comment else text)
        if entry is not None and not line[:1].isspace():
            found.append(
                InetService(entry["name"], entry["protocol"], comment is None, document.cite(number))
            )
        elif text and comment is None and not _DEFAULT_ADDRESS.fullmatch(text):
            raise unparsable(INETD, document, number, "no entry of inetd.conf(5)")
    return found


STEPS = (INETD,)

READERS = (Reader(InetServices, (Need((INETD,)),), read_inet_services),)

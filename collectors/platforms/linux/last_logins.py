"""When accounts were last used: lastlog(8)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step
from collectors.platforms.linux.host import unparsable
from scanner.facts import LastLogin, LastLogins
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence

LASTLOG = Step(
    "lastlog",
    Command(("lastlog",)),
    Text(zh="各账户最近一次登录的时间", en="when each account last logged in"),
    control=r"^Username +Port ",
)

_NEVER = "**Never logged in**"
_LINE = re.compile(
    r"(\S+)\s+.*?([A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:]{8} [+-][0-9]{4} [0-9]{4})\s*"
)


def read_last_logins(evidence: Evidence) -> LastLogins:
    """Read the last login of every account that the program lists.

    Raises:
        Unseen: the program is not there or refused, or a line is no account.
    """
    document = evidence.command(LASTLOG)
    logins = tuple(
        _login(document, number, line)
        for number, line in enumerate(document.lines, 1)
        if line.strip() and not line.startswith("Username ")
    )
    looked = evidence.captures[LASTLOG.id][0].taken
    return LastLogins((document.whole,), logins, looked)


def _login(document: Document, number: int, line: str) -> LastLogin:
    at = document.cite(number)
    if line.rstrip().endswith(_NEVER):
        return LastLogin(line.split(maxsplit=1)[0], None, at)
    match = _LINE.fullmatch(line)
    if match is None:
        raise unparsable(LASTLOG, document, number, "not an account with a time")
    try:
        when = datetime.strptime(match[2], "%a %b %d %H:%M:%S %z %Y")
    except ValueError:
        raise unparsable(LASTLOG, document, number, "not a time") from None
    return LastLogin(match[1], when, at)


STEPS = (LASTLOG,)

READERS = (Reader(LastLogins, (Need((LASTLOG,)),), read_last_logins),)

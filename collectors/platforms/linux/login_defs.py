"""login.defs(5): what accounts and passwords to come are given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.host import absence, unparsable
from scanner.facts import NewAccounts, Origin, Value
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

LOGIN_DEFS = "/etc/login.defs"

LOGIN_DEFS_FILE = Step(
    "login-defs",
    Files((LOGIN_DEFS,)),
    Text(
        zh="新账户的口令有效期、散列算法与文件掩码",
        en="password age, hash scheme and file mask of new accounts",
    ),
)

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\s+(.*))?")


def read_new_accounts(evidence: Evidence) -> NewAccounts:
    """Read all names that are set; names that no program knows stand there without effect.

    Raises:
        Unseen: the file was not seen, or a line begins with what is no name.
    """
    document = evidence.file(LOGIN_DEFS_FILE, LOGIN_DEFS)
    if document is None:
        return NewAccounts((absence(evidence, LOGIN_DEFS_FILE, LOGIN_DEFS),), {})
    settings: dict[str, Value[str]] = {}
    for number, line in enumerate(document.lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise unparsable(LOGIN_DEFS_FILE, document, number, "not NAME value")
        if match[2] is None:
            continue  # a name alone sets nothing
        value = match[2].strip('"').strip()
        settings[match[1]] = Value(value, Origin.EXPLICIT, document.cite(number))
    if settings and not any(name.isupper() for name in settings):  # every name that a program asks for is
        raise unparsable(LOGIN_DEFS_FILE, document, 1, "no name that is one of login.defs")
    return NewAccounts((document.whole,), settings)


def days(evidence: Evidence, name: str) -> Value[int]:
    """A number of days that login.defs sets; -1 (no limit) is what it gives where it is not written.

    Raises:
        Unseen: the file was not seen, or what stands there is no number: what the programs then take differs.
    """
    new = read_new_accounts(evidence)
    value = new.settings.get(name)
    if value is None:
        return Value(-1, Origin.DEFAULT, new.seen[0])
    text = value.value.partition("#")[0].strip()
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        document = evidence.file(LOGIN_DEFS_FILE, LOGIN_DEFS)
        assert document is not None  # noqa: S101 - it holds the value
        raise unparsable(LOGIN_DEFS_FILE, document, value.at.line, "no number of days")
    return Value(int(text), Origin.EXPLICIT, value.at)


STEPS = (LOGIN_DEFS_FILE,)

READERS = (Reader(NewAccounts, (Need((LOGIN_DEFS_FILE,)),), read_new_accounts),)

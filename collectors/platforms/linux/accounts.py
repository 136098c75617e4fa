"""Local accounts from passwd(5) and shadow(5), with the state of their passwords."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.facts import Account, Accounts, Group, Groups, PasswordState, StrayPassword
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

PASSWD = Step(
    "passwd",
    Files(("/etc/passwd",)),
    Text(zh="本地账户", en="local accounts"),
    control=r"^root:",
)

SHADOW = Step(
    "shadow",
    Files(("/etc/shadow",), privileged=True),
    Text(
        zh="口令状态与有效期（口令散列在保存前已屏蔽）",
        en="state and age of passwords (hashes are masked before storing)",
    ),
    control=r"^root:",
)

GROUP = Step(
    "group",
    Files(("/etc/group",)),
    Text(zh="本地用户组及其成员", en="local groups and their members"),
    control=r"^root:",
)

_MASKED = re.compile(r"<masked password scheme=([a-z0-9-]+) id=([0-9a-f]+)>")
"""What a stored hash looks like: the scheme is kept, the hash is not."""

_SCHEMES = (
    (r"\$y\$", "yescrypt"),
    (r"\$gy\$", "gost-yescrypt"),
    (r"\$7\$", "scrypt"),
    (r"\$2[abxy]\$", "bcrypt"),
    (r"\$6\$", "sha512crypt"),
    (r"\$5\$", "sha256crypt"),
    (r"\$sha1\$", "sha1crypt"),
    (r"\$sm3\$", "sm3crypt"),
    (r"\$1\$", "md5crypt"),
    (r"\$3\$", "nthash"),
    (r"_[./0-9A-Za-z]{19}$", "bsdicrypt"),
    (r"[./0-9A-Za-z]{13}$", "descrypt"),
)
"""crypt(5): how each scheme's hashes begin (the last two: all they consist of)."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of shadow; ages in days."""

    field: str
    last_change: int | None
    min_age: int | None
    max_age: int | None
    expires: int | None
    at: Citation
    warn_age: int | None = None
    inactive: int | None = None


def password_state(field: str) -> tuple[PasswordState, str]:
    """State and hash scheme of a password field, masked or not.

    A leading ``!`` or ``*`` can match no password, whatever follows. What is no known scheme counts as a
    hash of an unknown one: it is never taken for locked.
    """
    if not field:
        return PasswordState.EMPTY, ""
    if field[0] in "!*":
        return PasswordState.LOCKED, ""
    masked = _MASKED.fullmatch(field)
    if masked is not None:
        return PasswordState.HASHED, masked[1]
    scheme = next((name for pattern, name in _SCHEMES if re.match(pattern, field)), "unknown")
    return PasswordState.HASHED, scheme


def read_accounts(evidence: Evidence) -> Accounts:
    """Read all local accounts.

    Raises:
        Unseen: a file was not seen, a line has not its fields, or accounts refer to a shadow file that
            is not there (an export without it says nothing about passwords).
    """
    passwd = _required(evidence, PASSWD, "/etc/passwd")
    shadow = _required(evidence, SHADOW, "/etc/shadow")
    entries = _shadow_entries(shadow)
    accounts = tuple(
        _account(passwd, number, line, entries)
        for number, line in enumerate(passwd.lines, 1)
        if line.strip() and not line.startswith("#")
    )
    known = {account.name for account in accounts}
    strays = tuple(
        StrayPassword(name, *password_state(entry.field), entry.at)
        for name, entry in entries.items()
        if name not in known
    )
    return Accounts((passwd.whole, shadow.whole), accounts, strays)


def _required(evidence: Evidence, step: Step, path: str) -> Document:
    document = evidence.file(step, path)
    if document is None:
        raise Unseen(Gap(GapReason.EMPTY, step.id, path, "the file is not there"))
    return document


def _shadow_entries(document: Document) -> dict[str, _Entry]:
    """Entries by name. Of several lines with one name the first counts, as for getspnam(3)."""
    entries: dict[str, _Entry] = {}
    for number, line in enumerate(document.lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split(":")
        if len(fields) != 9 or not fields[0] or fields[0][0] in "+-":
            raise unparsable(SHADOW, document, number, "not the nine fields of shadow(5)")
        change, least, most, warn, inactive, end = (_days(document, number, fields[i]) for i in range(2, 8))
        here = document.cite(number)
        entry = _Entry(fields[1], change, least, most, end, here, warn, inactive)
        entries.setdefault(fields[0], entry)
    return entries


def _days(document: Document, number: int, field: str) -> int | None:
    if field in {"", "-1"}:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", field):
        raise unparsable(SHADOW, document, number, "an age is no number of days")
    return int(field)


def _account(document: Document, number: int, line: str, entries: Mapping[str, _Entry]) -> Account:
    fields = line.split(":")
    if len(fields) != 7 or not fields[0] or fields[0][0] in "+-":
        raise unparsable(PASSWD, document, number, "not the seven fields of passwd(5)")
    name, field, uid, gid, _, home, shell = fields
    if not re.fullmatch(r"[0-9]{1,10}", uid) or not re.fullmatch(r"[0-9]{1,10}", gid):
        raise unparsable(PASSWD, document, number, "an identifier is no number")
    here = document.cite(number)
    entry = _Entry(field, None, None, None, None, here)
    if field == "x" or field.startswith("##"):
        # Without a shadow entry pam_unix knows no authentication information: no password lets it in.
        entry = entries.get(name, _Entry("*", None, None, None, None, here))
    state, scheme = password_state(entry.field)
    return Account(
        name=name,
        uid=int(uid),
        gid=int(gid),
        shell=shell,
        at=here,
        password=state,
        scheme=scheme,
        max_age=entry.max_age,
        min_age=entry.min_age,
        last_change=entry.last_change,
        expires=entry.expires,
        password_at=entry.at,
        home=home,
        warn_age=entry.warn_age,
        inactive=entry.inactive,
        shadowed=field in {"", "x"} or field[0] in "*!#",
        hash_id=_hash_id(entry.field),
    )


def _hash_id(field: str) -> str:
    masked = _MASKED.search(field)
    return "" if masked is None else masked[2]


def read_groups(evidence: Evidence) -> Groups:
    """Read all local groups.

    Raises:
        Unseen: the file was not seen, or a line has not its fields.
    """
    document = _required(evidence, GROUP, "/etc/group")
    groups: list[Group] = []
    for number, line in enumerate(document.lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split(":")
        if len(fields) != 4 or not fields[0] or fields[0][0] in "+-":
            raise unparsable(GROUP, document, number, "not the four fields of group(5)")
        if not re.fullmatch(r"[0-9]{1,10}", fields[2]):
            raise unparsable(GROUP, document, number, "an identifier is no number")
        members = tuple(name.strip() for name in fields[3].split(",") if name.strip())
        groups.append(Group(fields[0], int(fields[2]), members, document.cite(number)))
    return Groups((document.whole,), tuple(groups))


STEPS = (PASSWD, SHADOW, GROUP)

READERS = (
    Reader(Accounts, (Need((PASSWD,)), Need((SHADOW,))), read_accounts),
    Reader(Groups, (Need((GROUP,)),), read_groups),
)

"""What a running cluster of PostgreSQL says of itself to its own account.

One look at the cluster that answers on the usual socket, by statements that only read. Its answer names the
data folder, so that it is taken for no other cluster. Of passwords one letter is asked: it tells the scheme.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Command, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.facts import PasswordHash, ServicePasswordHashes
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

SETTINGS = ("name", "setting", "source", "sourcefile", "sourceline", "pending_restart")
ROLES = ("rolname", "rolcanlogin", "scheme")
OWN = ("setdatabase", "setrole", "setconfig")
RUNNING = Step(
    "postgresql-running",
    Command(
        (
            *("psql", "-Xw", "--csv", "-d", "postgres"),
            *("-c", f"select/**/{','.join(SETTINGS)}/**/from/**/pg_settings"),
            *("-c", "select/**/rolname,rolcanlogin,rolpassword::char/**/as/**/scheme/**/from/**/pg_authid"),
            *("-c", f"select/**/{','.join(OWN)}/**/from/**/pg_db_role_setting"),
        ),
        privileged=True,
        account="postgres",
    ),
    Text(
        zh="PostgreSQL 正在使用的设置、各角色口令的散列方式（只取一个字母，不取口令）",
        en="settings that PostgreSQL runs with, and how its roles' passwords are hashed (one letter of each)",
    ),
    control=f"^{','.join(SETTINGS)}\\r?$",
)
_SCHEMES: Mapping[str, str] = {"S": "scram-sha-256", "m": "md5"}


@dataclass(frozen=True, slots=True)
class Told:
    """One value that the cluster runs with; ``pending``: the files hold another one, for the next start."""

    value: str
    at: Citation
    pending: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the cluster said: settings by name, hashes of passwords, and lines of roles' own settings."""

    settings: Mapping[str, Told]
    hashes: ServicePasswordHashes
    own: tuple[tuple[str, Citation], ...]


def cluster(evidence: Evidence, data: str) -> Cluster | None:
    """What the cluster of the data folder said; None where none answered, or another one did.

    Raises:
        Unseen: an answer that is not understood.
    """
    try:
        document = evidence.command(RUNNING)
    except Unseen:
        return None
    settings: dict[str, Told] = {}
    hashes: list[PasswordHash] = []
    own: list[tuple[str, Citation]] = []
    for header, row, at in _rows(document):
        if header == SETTINGS:
            settings[row[0]] = Told(row[1], at, row[5] == "t")
        elif header == ROLES and row[1] == "t" and row[2]:
            hashes.append(PasswordHash(row[0], _SCHEMES.get(row[2], "unknown"), at))
        elif header == OWN:
            own.append((row[2], at))
    if "data_directory" not in settings or settings["data_directory"].value.rstrip("/") != data:
        return None
    return Cluster(settings, ServicePasswordHashes((document.whole,), tuple(hashes)), tuple(own))


def _rows(document: Document) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Citation]]:
    """Rows with the head of their table; all three tables have to be there, in their order.

    Raises:
        Unseen: a row that fits no table, or a table that is missing.
    """
    heads = [SETTINGS, ROLES, OWN]
    head: tuple[str, ...] = ()
    reader = csv.reader((line + "\n" for line in document.lines), strict=True)
    first = 1
    try:
        for fields in reader:
            row, number = tuple(fields), first
            first = reader.line_num + 1
            if heads and row == heads[0]:
                head = heads.pop(0)
            elif row:
                if len(row) != len(head):
                    raise unparsable(RUNNING, document, number, "no row of the table")
                yield head, row, document.cite(number)
    except csv.Error as error:
        raise unparsable(RUNNING, document, first, str(error)) from None
    if heads:
        raise unparsable(RUNNING, document, len(document.lines), "a table is missing")


STEPS = (RUNNING,)

"""nsswitch.conf(5): where programs look for accounts, groups and rules of sudo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.host import absence, unparsable
from scanner.facts import AccountSources, NameService
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

PATH = "/etc/nsswitch.conf"

NAME_SERVICES = Step(
    "name-services",
    Files((PATH,)),
    Text(
        zh="账户、用户组和 sudo 授权除本机文件外来自哪里（目录服务）",
        en="where accounts, groups and rules of sudo come from besides the host's files (directories)",
    ),
    control=r"^[ \t]*(passwd|group)[ \t]*:",
)

_DATABASES = frozenset({"passwd", "group", "shadow", "initgroups", "sudoers"})

_OWN = frozenset({"files", "compat", "systemd", "mymachines"})
"""Services that add nobody who could be missed: ``compat`` follows only lines with a plus, which the readers
of the files refuse; systemd's adds accounts of its own units and of containers."""

_LINE = re.compile(r"([a-z_]+)[ \t]*:(.*)")
_ACTION = re.compile(r"\[[^\]\[]*\]")
_SERVICE = re.compile(r"[A-Za-z0-9_.-]+")


def read_account_sources(evidence: Evidence) -> AccountSources:
    """Read which services besides the host's own files are asked; without the file there is none.

    Raises:
        Unseen: the file was not seen, or a line is no database with its services.
    """
    document = evidence.file(NAME_SERVICES, PATH)
    if document is None:
        return AccountSources((absence(evidence, NAME_SERVICES, PATH),), ())
    found: list[NameService] = []
    for number, line in enumerate(document.lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        match = _LINE.fullmatch(text)
        services = _ACTION.sub(" ", match[2]).split() if match is not None else []
        if match is None or not all(map(_SERVICE.fullmatch, services)):
            raise unparsable(NAME_SERVICES, document, number, "no database with its services")
        if match[1] in _DATABASES:
            here = document.cite(number)
            found += [NameService(match[1], name, here) for name in services if name not in _OWN]
    return AccountSources((document.whole,), tuple(found))


STEPS = (NAME_SERVICES,)

READERS = (Reader(AccountSources, (Need((NAME_SERVICES,)),), read_account_sources),)

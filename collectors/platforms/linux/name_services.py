"""nsswitch.conf(5): where programs look for accounts, groups and rules of sudo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import absence, unparsable
from scanner.facts import AccountSources, NameService
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from scanner.model import Citation

PATH = "/etc/nsswitch.conf"
SSSD_FILE = "/etc/sssd/sssd.conf"

NAME_SERVICES = Step(
    "name-services",
    Files((PATH,)),
    Text(
        zh="账户、用户组和 sudo 授权除本机文件外来自哪里（目录服务）",
        en="where accounts, groups and rules of sudo come from besides the host's files (directories)",
    ),
    control=r"^[ \t]*(passwd|group)[ \t]*:",
)

SSSD = Step(
    "sssd-files",
    Files((SSSD_FILE, "/etc/sssd/conf.d/*", "/usr/etc/sssd/*"), privileged=True, metadata_only=True),
    Text(
        zh="sssd 是否有配置文件（只看是否存在，其中可能有口令）",
        en="whether sssd has files of settings (only whether: they may hold a password)",
    ),
)
"""Distributions name sss in nsswitch.conf whether it is used or not; without a file it has no domain but, at
most, one of the host's own files (github.com/SSSD/sssd: pull requests 255 and 5433)."""

_DATABASES = frozenset({"passwd", "group", "shadow", "initgroups", "sudoers"})

_OWN = frozenset({"files", "compat", "systemd", "mymachines"})
"""Services that add nobody who could be missed: ``compat`` follows only lines with a plus, which the readers
of the files refuse; systemd's adds accounts of its own units and of containers."""

_LINE = re.compile(r"([a-z_]+)[ \t]*:(.*)")
_ACTION = re.compile(r"\[[^\]\[]*\]")
_SERVICE = re.compile(r"[A-Za-z0-9_.-]+")


def read_account_sources(evidence: Evidence) -> AccountSources:
    """Read which services besides the host's own files are asked; without the file there is none.

    ``sss`` counts as none where sssd surely has no settings.

    Raises:
        Unseen: the file was not seen, or a line is no database with its services.
    """
    document = evidence.file(NAME_SERVICES, PATH)
    if document is None:
        return AccountSources((absence(evidence, NAME_SERVICES, PATH),), ())
    idle = _idle(evidence)
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
            found += [NameService(match[1], name, here) for name in services if name not in (*_OWN, *idle)]
    return AccountSources((document.whole, *idle.values()), tuple(found))


def _idle(evidence: Evidence) -> dict[str, Citation]:
    """Services that surely ask nobody, each with what shows it."""
    try:
        used = evidence.listed(SSSD)
    except Unseen:
        return {}
    return {} if used else {"sss": absence(evidence, SSSD, SSSD_FILE)}


STEPS = (NAME_SERVICES, SSSD)

READERS = (Reader(AccountSources, (Need((NAME_SERVICES,)),), read_account_sources, also=(SSSD,)),)

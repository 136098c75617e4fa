"""Where PostgreSQL's log goes, and what the server itself drops of it.

Source: the manual's chapter on error reporting and logging; Debian's pg_ctlcluster for the file that takes
what a cluster writes to its standard error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scanner.facts import LogDestination, LogSink, Rotation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.services.postgresql import Setting
    from scanner.model import Citation

FILE_KINDS: Mapping[str, str] = {"stderr": ".log", "csvlog": ".csv", "jsonlog": ".json"}
"""Kinds of output that go to a file, and its ending."""

_ON = frozenset({"on", "true", "yes", "1", "t", "y"})
_DEBIAN = re.compile(r"/etc/postgresql/(?P<release>[\d.]+)/(?P<cluster>[\w.-]+)/")
_NEVER_AGAIN = frozenset("YyGgsCcDFx")
_CYCLES = (("mbBhjUVW", 365.0), ("de", 31.0), ("aAuw", 7.0), ("HIkl", 1.0))
"""Fields of a name that come again, the slowest first, and after how many days."""


def destinations(
    told: Mapping[str, Setting], whole: Citation, folder: str = ""
) -> tuple[tuple[LogDestination, ...], bool]:
    """Where the log goes, and whether that is all.

    Args:
        told: settings by name.
        whole: the main file, which stands for defaults.
        folder: of the main file; Debian's names the file of the cluster's standard error.
    """

    def value(name: str, default: str) -> str:
        return told[name].value if name in told else default

    kinds = {kind.strip() for kind in value("log_destination", "stderr").lower().split(",")}
    found = []
    if "syslog" in kinds:
        facility = value("syslog_facility", "local0").lower()
        found.append(LogDestination(LogSink.SYSLOG, f"{facility}.info", told["log_destination"].at))
    collected = value("logging_collector", "off").lower() in _ON
    files = kinds & set(FILE_KINDS)
    if collected:
        at = told["logging_collector"].at
        below = value("log_directory", "log")
        below = below if below.startswith("/") else f"{value('data_directory', '')}/{below}"
        name = value("log_filename", "postgresql-%Y-%m-%d_%H%M%S.log")
        for kind in sorted(files):
            own = name if kind == "stderr" else name.removesuffix(".log") + FILE_KINDS[kind]
            truncates = value("log_truncate_on_rotation", "off").lower() in _ON
            found.append(
                LogDestination(LogSink.FILE, f"{below}/{own}", at, _cycle(own, at) if truncates else None)
            )
    elif (debian := _DEBIAN.match(folder)) is not None and "stderr" in files:
        path = f"/var/log/postgresql/postgresql-{debian['release']}-{debian['cluster']}.log"
        found.append(LogDestination(LogSink.FILE, path, whole))
    return tuple(found), len(found) == len(kinds)


def _cycle(name: str, at: Citation) -> Rotation | None:
    """A name that comes again overwrites what it held: by the day of the week after seven days."""
    fields = set(re.findall(r"%[-_0^#EO]?([A-Za-z])", name))
    if fields & _NEVER_AGAIN:
        return None
    days = next((days for own, days in _CYCLES if fields & set(own)), None)
    return None if days is None else Rotation(name, days, "", at)

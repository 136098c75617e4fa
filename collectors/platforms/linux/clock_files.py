"""What time daemons are told: the sources that they shall follow, and who may ask them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.host import unparsable
from scanner.facts import TimeLine, TimeSettings
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document, Evidence

CLOCK_FILES = Step(
    "clock-files",
    Files(
        (
            "/etc/chrony/chrony.conf",
            "/etc/chrony.conf",
            "/etc/chrony/*/*.conf",
            "/etc/chrony/*/*.sources",
            "/etc/chrony.d/*.conf",
            "/etc/chrony.d/*.sources",
            "/etc/ntp.conf",
            "/etc/ntpsec/ntp.conf",
            "/etc/systemd/timesyncd.conf",
            "/etc/systemd/timesyncd.conf.d/*.conf",
            "/usr/lib/systemd/timesyncd.conf.d/*.conf",
        )
    ),
    Text(
        zh="时间服务配置的时间源与访问限制", en="sources that time daemons shall follow, and who may ask them"
    ),
)

RUNTIME = ("/run/chrony-dhcp", "/run/chrony.d", "/var/run/chrony-dhcp")
"""Folders that DHCP fills: what stands in them is no setting of the host's own."""


def read_settings(evidence: Evidence) -> TimeSettings:
    """Read the lines of all time daemons' files that are followed."""
    files = evidence.files(CLOCK_FILES)
    lines = (*_chrony(files), *_ntp(files), *_timesyncd(files))
    return TimeSettings(seen=(evidence.listing(CLOCK_FILES), *(d.whole for d in files.values())), lines=lines)


def _chrony(files: Mapping[str, Document]) -> Iterator[TimeLine]:
    for main in ("/etc/chrony/chrony.conf", "/etc/chrony.conf"):
        if main not in files:
            continue
        for line in _words(files[main], "chrony"):
            name, *values = line.words
            if name in {"confdir", "sourcedir"}:
                for folder in values:
                    yield from _folder(files, files[main], line, folder)
            elif name == "include":
                raise unparsable(CLOCK_FILES, files[main], line.at.line, "includes files by a pattern")
            yield line


def _folder(files: Mapping[str, Document], main: Document, line: TimeLine, folder: str) -> Iterator[TimeLine]:
    place = folder.rstrip("/")
    if not place.startswith(("/etc/chrony/", "/etc/chrony.d", *RUNTIME)):
        raise unparsable(CLOCK_FILES, main, line.at.line, "a folder that was not collected")
    ending = ".conf" if line.words[0] == "confdir" else ".sources"
    for path in sorted(files):
        if path.rpartition("/")[0] == place and path.endswith(ending):
            yield from _words(files[path], "chrony")


def _ntp(files: Mapping[str, Document]) -> Iterator[TimeLine]:
    for path in ("/etc/ntp.conf", "/etc/ntpsec/ntp.conf"):
        if path in files:
            yield from _words(files[path], "ntpd")


def _words(document: Document, daemon: str) -> Iterator[TimeLine]:
    for number, raw in enumerate(document.lines, 1):
        text = re.sub(r"[#!;%].*$", "", raw) if daemon == "chrony" else raw.partition("#")[0]
        words = text.split()
        if words and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", words[0]):
            raise unparsable(CLOCK_FILES, document, number, "no directive")
        if words:
            yield TimeLine(daemon, (words[0].lower(), *words[1:]), document.cite(number))


def _timesyncd(files: Mapping[str, Document]) -> Iterator[TimeLine]:
    """Assignments of its own section, the file first, then drop-ins by name."""
    paths = [path for path in files if "/systemd/timesyncd.conf" in path]
    for path in sorted(paths, key=lambda p: (".conf.d/" in p, p.rpartition("/")[2])):
        section = ""
        for number, raw in enumerate(files[path].lines, 1):
            text = raw.strip()
            if not text or text[0] in "#;":
                continue
            if re.fullmatch(r"\[\w+\]", text):
                section = text
                continue
            name, sign, value = text.partition("=")
            if not sign or not re.fullmatch(r"\s*\w+\s*", name):
                raise unparsable(CLOCK_FILES, files[path], number, "no assignment")
            if section == "[Time]":
                words = (name.strip().lower(), *value.split())
                yield TimeLine("systemd-timesyncd", words, files[path].cite(number))


STEPS = (CLOCK_FILES,)

READERS = (Reader(TimeSettings, (Need((CLOCK_FILES,)),), read_settings),)

"""journald: whether it keeps its journal, how long, how much of it, and who gets a copy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Snippet, Step
from collectors.platforms.linux.host import unparsable
from scanner.facts import JournalSettings, Origin, Value
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

JOURNALD = Step(
    "journald-files",
    Files(
        tuple(
            f"{folder}/systemd/{name}"
            for name in ("journald.conf", "journald.conf.d/*.conf")
            for folder in ("/etc", "/run", "/usr/lib")
        )
    ),
    Text(
        zh="journald 是否保存到磁盘、保存多久", en="whether journald keeps its journal on disk, and how long"
    ),
)

JOURNAL = Step(
    "journal-folder",
    Snippet("if [ -d /var/log/journal ]; then echo journal=present; else echo journal=absent; fi"),
    Text(zh="磁盘上是否有日志目录", en="whether there is a folder for the journal on disk"),
    control=r"^journal=(present|absent)$",
)


DEFAULTS: Mapping[str, str] = {
    "Storage": "auto",
    "Compress": "yes",
    "ForwardToSyslog": "yes",
    "MaxLevelStore": "debug",
    "MaxRetentionSec": "0",
    "SystemMaxUse": "",
}
"""journald.conf(5); ForwardToSyslog is compiled in and differs: a daemon that reads the journal needs none.

SystemMaxUse is a tenth of the file system, at most 4 GiB, where nothing is said.
"""

_LEVELS = "emerg|alert|crit|err|warning|notice|info|debug|[0-7]"
_SWITCH = "yes|no|true|false|on|off|y|n|t|f|1|0"
_SIZE = r"\d+(?:\.\d+)?\s*[KMGTPE]?B?"
_TAKES = {
    "Storage": "volatile|persistent|auto|none",
    "Compress": f"{_SWITCH}|{_SIZE}",
    "ForwardToSyslog": _SWITCH,
    "MaxLevelStore": _LEVELS,
    "MaxRetentionSec": r"(?:\d+\s*[A-Za-z]*\s*)+",
    "SystemMaxUse": _SIZE,
}
"""Values that journald takes; it passes over any other, and what held before holds on."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What journald is told; ``folder``: there is one for the journal on disk."""

    settings: Mapping[str, Value[str]]
    folder: bool
    at: tuple[Citation, ...]

    def text(self, name: str) -> str:
        """A setting in lower case."""
        return self.settings[name].value.lower()

    @property
    def persistent(self) -> bool:
        """Whether the journal outlives a reboot."""
        return self.text("Storage") == "persistent" or (self.text("Storage") == "auto" and self.folder)

    @property
    def records_logins(self) -> bool:
        """Whether successful logins are among what is stored."""
        return self.text("Storage") != "none" and self.text("MaxLevelStore") in {"debug", "info", "7", "6"}

    @property
    def forwards(self) -> bool:
        """Whether a syslog daemon gets the journal's messages, unless it reads them itself."""
        return self.text("ForwardToSyslog") in {"yes", "true", "1", "on", "y", "t"}


def read_journal(evidence: Evidence) -> Journal:
    """Read settings and folder."""
    files = evidence.files(JOURNALD)
    folder = evidence.command(JOURNAL)
    answer = next(line for line in folder.lines if line.startswith("journal="))
    at = (folder.whole, *(document.whole for document in files.values()))
    return Journal(_merged(files, folder.whole), answer == "journal=present", at)


def read_settings(evidence: Evidence) -> JournalSettings:
    """Read what the files say."""
    files = evidence.files(JOURNALD)
    shown = evidence.listing(JOURNALD)
    return JournalSettings((shown, *(d.whole for d in files.values())), _merged(files, shown))


def _merged(files: Mapping[str, Document], default: Citation) -> dict[str, Value[str]]:
    """Settings as journald merges them: the first main file there is, then drop-ins by name, /etc first."""
    folders = ("/etc/systemd/", "/run/systemd/", "/usr/lib/systemd/")
    mains = [path for f in folders if (path := f"{f}journald.conf") in files]
    dropins: dict[str, str] = {}
    for path in sorted(files, key=lambda p: next(i for i, f in enumerate(folders) if p.startswith(f))):
        if "/journald.conf.d/" in path:
            dropins.setdefault(path.rsplit("/", 1)[1], path)
    settings = {name: Value(text, Origin.DEFAULT, default) for name, text in DEFAULTS.items()}
    for path in (*mains[:1], *(dropins[name] for name in sorted(dropins))):
        for name, value in _assigned(files[path]):
            if name not in _TAKES or re.fullmatch(_TAKES[name], value.value, re.IGNORECASE):
                settings[name] = value
            elif not value.value and name in DEFAULTS:
                settings[name] = Value(DEFAULTS[name], Origin.DEFAULT, value.at)
    return settings


def _assigned(document: Document) -> Iterator[tuple[str, Value[str]]]:
    """Assignments of journald's own section; systemd passes over those that stand outside of it."""
    section = ""
    for number, line in enumerate(document.lines, 1):
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        if re.fullmatch(r"\[\w+\]", text):
            section = text
            continue
        name, sign, value = text.partition("=")
        if not sign or not re.fullmatch(r"\w+", name.strip()) or value.endswith("\\"):
            raise unparsable(JOURNALD, document, number, "no setting of journald")
        if section == "[Journal]":
            yield name.strip(), Value(value.strip(), Origin.EXPLICIT, document.cite(number))


_SPANS = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1 / 86400),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 1 / 1440),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 1 / 24),
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("w", "week", "weeks"), 7.0),
    **dict.fromkeys(("M", "month", "months"), 30.44),
    **dict.fromkeys(("y", "year", "years"), 365.25),
}


def days(text: str) -> float | None:
    """A time span of systemd, in days."""
    parts = re.findall(r"(\d+)\s*([A-Za-z]*)\s*", text)
    if not re.fullmatch(r"(?:\d+\s*[A-Za-z]*\s*)+", text) or any(unit not in _SPANS for _, unit in parts):
        return None
    return sum(int(number[:12]) * _SPANS[unit] for number, unit in parts)


def size(text: str) -> int | None:
    """A size of systemd, in bytes: K, M, G, ... are powers of 1024."""
    match = re.fullmatch(r"(\d{1,15})\s*([KMGTPE]?)B?", text.strip(), re.IGNORECASE)
    return None if match is None else int(match[1]) * 1024 ** " KMGTPE".index(match[2].upper() or " ")


STEPS = (JOURNALD, JOURNAL)

READERS = (Reader(JournalSettings, (Need((JOURNALD,)),), read_settings),)

"""What records a host's events, where it sends them, how long they stay, who may touch them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Snippet, Step, Unseen
from collectors.platforms.linux.host import PROCESSES, UNITS, processes, read_services, unparsable
from collectors.platforms.linux.logrotate import LOGROTATE, read_rotations
from collectors.platforms.linux.rsyslog import MAIN, RSYSLOG, Configuration, read_configuration
from scanner.facts import LogDaemon, LogFile, LogFiles, LogForwarding, LogRetention, LogService, Rotation
from scanner.facts.selector import covers_logins
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
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

LOG_FILES = Step(
    "log-files",
    Files(
        (
            *(
                f"/var/log/{name}"
                for name in (
                    "auth.log syslog messages secure kern.log cron cron.log daemon.log user.log maillog "
                    "mail.log wtmp btmp lastlog faillog tallylog"
                ).split()
            ),
            "/var/log/audit/*",
            "/var/log/remote/*",
        ),
        privileged=True,
        metadata_only=True,
    ),
    Text(zh="日志文件的属主与权限", en="owners and rights of log files"),
)


# --- what records ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Journal:
    """What journald is told; ``settings`` with the line of each."""

    settings: dict[str, tuple[str, Citation]]
    folder: bool
    at: tuple[Citation, ...]

    @property
    def storage(self) -> str:
        return self.settings.get("Storage", ("auto", None))[0].lower()

    @property
    def persistent(self) -> bool:
        return self.storage == "persistent" or (self.storage == "auto" and self.folder)

    @property
    def records_logins(self) -> bool:
        level = self.settings.get("MaxLevelStore", ("debug", None))[0].lower()
        return self.storage != "none" and level in {"debug", "info", "7", "6"}

    @property
    def forwards(self) -> bool:
        """Whether a syslog daemon gets the journal's messages, unless it reads them itself."""
        return self.settings.get("ForwardToSyslog", ("yes", None))[0].lower() in {"yes", "true", "1", "on"}


def read_service(evidence: Evidence) -> LogService:
    """Read the daemons that are installed; syslog-ng's configuration is not understood yet."""
    services = read_services(evidence)
    journal = _journal(evidence)
    files = evidence.files(RSYSLOG)
    daemons: list[LogDaemon] = []
    seen = [*services.seen, *journal.at]
    rsyslog, other, journald = (services.get(n) for n in ("rsyslog", "syslog-ng", "systemd-journald"))
    if other is not None and (other.active or other.enabled):
        raise _not_understood("syslog-ng")
    if rsyslog is not None and rsyslog.installed:
        configuration = read_configuration(files) if rsyslog.active or rsyslog.enabled else None
        seen += [document.whole for document in files.values()]
        daemons.append(
            LogDaemon(
                name="rsyslogd",
                running=rsyslog.active,
                enabled=rsyslog.enabled,
                persistent=configuration is not None and bool(_on_disk(configuration)),
                records_logins=configuration is not None and _writes_logins(configuration, journal),
                at=rsyslog.at,
            )
        )
    if journald is not None and journald.installed:
        daemons.append(
            LogDaemon(
                name="journald",
                running=journald.active,
                enabled=journald.enabled,
                persistent=journal.persistent,
                records_logins=journal.records_logins,
                at=journald.at,
            )
        )
    return LogService(seen=tuple(dict.fromkeys(seen)), daemons=tuple(daemons))


def _not_understood(name: str) -> Unseen:
    return Unseen(
        Gap(
            GapReason.UNPARSABLE,
            UNITS.id,
            name,
            f"{name} runs, and its configuration is not understood",
            "a person reads its configuration",
        )
    )


def _on_disk(configuration: Configuration) -> list[str]:
    """Selectors of what is written to files that outlive a reboot."""
    return [
        selector
        for selector, path, _ in configuration.written
        if not path.startswith(("/dev/", "/run/", "/var/run/", "/tmp/"))  # noqa: S108 - compared only
    ]


def _writes_logins(configuration: Configuration, journal: _Journal) -> bool:
    """Whether both login facilities reach some file: one file may hold one of them, another the other."""
    if not configuration.takes_local or not (configuration.takes_journal or journal.forwards):
        return False
    selectors = _on_disk(configuration)
    # The other facility is added, so that what is asked about is this one alone.
    return all(
        any(covers_logins(f"{selector};{other}.*") is True for selector in selectors)
        for other in ("auth", "authpriv")
    )


def _journal(evidence: Evidence) -> _Journal:
    """Settings as journald merges them: the first main file there is, then drop-ins by name, /etc first."""
    files = evidence.files(JOURNALD)
    folder = evidence.command(JOURNAL)
    folders = ("/etc/systemd/", "/run/systemd/", "/usr/lib/systemd/")
    mains = [path for f in folders if (path := f"{f}journald.conf") in files]
    dropins: dict[str, str] = {}
    for path in sorted(files, key=lambda p: next(i for i, f in enumerate(folders) if p.startswith(f))):
        if "/journald.conf.d/" in path:
            dropins.setdefault(path.rsplit("/", 1)[1], path)
    settings: dict[str, tuple[str, Citation]] = {}
    for path in (*mains[:1], *(dropins[name] for name in sorted(dropins))):
        settings |= _settings(files[path])
    answer = next(line for line in folder.lines if line.startswith("journal="))
    at = (folder.whole, *(document.whole for document in files.values()))
    return _Journal(settings, answer == "journal=present", at)


def _settings(document: Document) -> dict[str, tuple[str, Citation]]:
    found: dict[str, tuple[str, Citation]] = {}
    section = ""
    for number, line in enumerate(document.lines, 1):
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        if re.fullmatch(r"\[\w+\]", text):
            section = text
            continue
        name, sign, value = text.partition("=")
        if not sign or section != "[Journal]" or value.endswith("\\"):
            raise unparsable(JOURNALD, document, number, "no setting of journald")
        found[name.strip()] = (value.strip(), document.cite(number))
    return found


# --- where it goes ---------------------------------------------------------------------------------


def read_forwarding(evidence: Evidence) -> LogForwarding:
    """Read all remote targets. None is believed only of a configuration that was seen whole."""
    running, seen = _running(evidence)
    files = evidence.files(RSYSLOG)
    if MAIN not in files and running is None:
        # No rsyslog on this host, and nothing else that could send was found running.
        return LogForwarding(seen=seen, targets=(), running=False)
    configuration = read_configuration(files)
    return LogForwarding(
        seen=(*(document.whole for document in files.values()), *seen),
        targets=configuration.targets,
        running=running is not None,
    )


def _running(evidence: Evidence) -> tuple[Citation | None, tuple[Citation, ...]]:
    """What shows that rsyslog runs, by its unit or its process."""
    refused: Unseen | None = None
    shown: Citation | None = None
    seen: tuple[Citation, ...] = ()
    try:
        services = read_services(evidence)
    except Unseen as unseen:
        refused = unseen
    else:
        seen = services.seen
        for name in ("syslog-ng", "systemd-journal-upload"):
            unit = services.get(name)
            if unit is not None and unit.active:
                raise _not_understood(name)
        rsyslog = services.get("rsyslog")
        shown = rsyslog.at if rsyslog is not None and rsyslog.active else None
    try:
        document, running = processes(evidence)
    except Unseen:
        if refused is not None:
            raise refused from None
        return shown, seen
    for process in running:
        if process.name == "syslog-ng":
            raise _not_understood("syslog-ng")
        if process.name == "rsyslogd" and shown is None:
            shown = document.cite(process.line)
    return shown, ((*seen, shown) if shown else (*seen, document.whole))


# --- how long it stays -----------------------------------------------------------------------------

_LOGIN_RECORDS = re.compile(r"/(auth\.log|secure|messages|syslog)(?:$|[*.{,])")


def read_retention(evidence: Evidence) -> LogRetention:
    """Read rotation; the journal counts where no rotated text file holds the records of logins."""
    files = evidence.files(LOGROTATE)
    journal = _journal(evidence)
    rotations = read_rotations(files)
    if not any(_LOGIN_RECORDS.search(rotation.pattern) for rotation in rotations):
        rotations = (*rotations, _journal_rotation(journal))
    seen = (*(document.whole for document in files.values()), *journal.at)
    return LogRetention(seen=seen, rotations=rotations)


def _journal_rotation(journal: _Journal) -> Rotation:
    if not journal.persistent:
        at = journal.settings["Storage"][1] if "Storage" in journal.settings else journal.at[0]
        return Rotation("journal", 0.0, "", at)
    value, at = journal.settings.get("MaxRetentionSec", ("0", journal.at[0]))
    limit, size_at = journal.settings.get("SystemMaxUse", ("10% of the disk", at))
    days = _days(value)
    if days is None:
        raise Unseen(
            Gap(GapReason.UNPARSABLE, JOURNALD.id, detail=f"MaxRetentionSec={value} is no time span")
        )
    return Rotation("journal", days or None, f"SystemMaxUse={limit}", at if days else size_at)


_SPANS = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1 / 86400),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 1 / 1440),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 1 / 24),
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("w", "week", "weeks"), 7.0),
    **dict.fromkeys(("M", "month", "months"), 30.44),
    **dict.fromkeys(("y", "year", "years"), 365.25),
}


def _days(text: str) -> float | None:
    """A time span of systemd, in days."""
    parts = re.findall(r"(\d+)\s*([A-Za-z]*)\s*", text)
    if not re.fullmatch(r"(?:\d+\s*[A-Za-z]*\s*)+", text) or any(unit not in _SPANS for _, unit in parts):
        return None
    return sum(int(number[:12]) * _SPANS[unit] for number, unit in parts)


# --- who may touch it ------------------------------------------------------------------------------


def read_files(evidence: Evidence) -> LogFiles:
    """Read owners and rights; a host on which no log file at all is found was not looked at rightly."""
    listed = evidence.listed(LOG_FILES)
    if not listed:
        raise Unseen(Gap(GapReason.EMPTY, LOG_FILES.id, detail="no log file was found"))
    files = tuple(LogFile(file.path, file.meta, file.at) for file in listed)
    return LogFiles(seen=tuple(file.at for file in files), files=files)


STEPS = (RSYSLOG, JOURNALD, JOURNAL, LOGROTATE, LOG_FILES)

READERS = (
    Reader(LogService, (Need((UNITS,)), Need((RSYSLOG,)), Need((JOURNALD,)), Need((JOURNAL,))), read_service),
    Reader(LogForwarding, (Need((UNITS, PROCESSES)), Need((RSYSLOG,))), read_forwarding),
    Reader(LogRetention, (Need((LOGROTATE,)), Need((JOURNALD,)), Need((JOURNAL,))), read_retention),
    Reader(LogFiles, (Need((LOG_FILES,)),), read_files),
)

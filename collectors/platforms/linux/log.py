"""What records a host's events, where it sends them, how long they stay, who may touch them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux import audit_files, journald, log_agents, log_problems
from collectors.platforms.linux.host import PROCESSES, UNITS, processes, read_services
from collectors.platforms.linux.journald import JOURNAL, JOURNALD, Journal, read_journal
from collectors.platforms.linux.logrotate import LOGROTATE, read_rotations
from collectors.platforms.linux.rsyslog import Configuration, read_configuration
from collectors.platforms.linux.rsyslog_text import MAIN, RSYSLOG
from collectors.platforms.linux.syslogng import read_syslogng
from collectors.platforms.linux.syslogng_text import MAIN as SYSLOG_NG_MAIN
from collectors.platforms.linux.syslogng_text import SYSLOG_NG
from scanner.facts import (
    FollowedFile,
    LogDaemon,
    LogFile,
    LogFiles,
    LogForwarding,
    LogRetention,
    LogRouting,
    LogService,
    Rotation,
    SystemAge,
)
from scanner.facts.selector import covers_logins
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Document, Evidence
    from scanner.facts import LogTarget, Service
    from scanner.model import Citation

LOG_FILES = Step(
    "log-files",
    Files(
        ("/var/log/", "/var/log/*", "/var/log/audit/", "/var/log/audit/*", "/var/log/remote/*"),
        privileged=True,
        metadata_only=True,
    ),
    Text(zh="日志文件的属主、权限、大小与时间", en="owners, rights, sizes and times of log files"),
)

DEEPER_LOG_FILES = Step(
    "deeper-log-files",
    Files(
        (
            "/var/log/journal/",
            "/var/log/journal/*",
            "/var/log/journal/*/*",
            "/var/log/remote/*/*",
            "/var/log/hosts/*",
            "/var/log/hosts/*/*",
        ),
        metadata_only=True,
    ),
    Text(
        zh="日志的各代文件与按主机分开的目录（不读内容）",
        en="the journal's files, and folders for each host (not read)",
    ),
)

LOG_FOLDERS = Step(
    "log-folders",
    Files(("/var/log/*/", "/var/log/*/*"), metadata_only=True),
    Text(
        zh="各程序的日志目录（不读内容；非 root 一般不能列全）",
        en="folders of single programs' logs (not read; only root can list all of them)",
    ),
)

_SERVICE_FOLDERS = (
    *(f"/var/log/{name}" for name in ("nginx", "apache2", "httpd", "mysql", "mariadb", "postgresql")),
    *(f"/var/log/{name}" for name in ("mongodb", "elasticsearch", "opensearch")),
    *(f"/var/log/tomcat{release}" for release in ("", 8, 9, 10)),
    *("/opt/tomcat/logs", "/usr/local/nginx/logs", "/var/lib/pgsql/data/log"),
)

SERVICE_LOG_FILES = Step(
    "service-log-files",
    Files(
        (
            *(f"{folder}{ending}" for folder in _SERVICE_FOLDERS for ending in ("/", "/*")),
            "/var/lib/mysql/*.log*",
        ),
        privileged=True,
        metadata_only=True,
    ),
    Text(
        zh="Web 服务器与数据库日志文件的属主、权限、大小与时间（不读内容）",
        en="owners, rights, sizes and times of the logs of web servers and databases (not read)",
    ),
)

FIRST_USE = Step(
    "first-use",
    Files(
        ("/etc/machine-id", "/etc/ssh/ssh_host_*_key.pub", "/var/log/installer/"),
        metadata_only=True,
    ),
    Text(
        zh="系统自何时开始使用：不足六个月的系统不会有更早的日志",
        en="since when the system is used: one younger than six months has no older records",
    ),
)


# --- what records ----------------------------------------------------------------------------------


def read_service(evidence: Evidence) -> LogService:
    """Read the daemons that are installed."""
    services = read_services(evidence)
    journal = read_journal(evidence)
    files = evidence.files(RSYSLOG)
    daemons: list[LogDaemon] = []
    seen = [*services.seen, *journal.at]
    rsyslog, other, journald = (services.get(n) for n in ("rsyslog", "syslog-ng", "systemd-journald"))
    if rsyslog is not None and rsyslog.installed:
        configuration = read_configuration(files) if rsyslog.active or rsyslog.enabled else None
        seen += [document.whole for document in files.values()]
        daemons.append(_daemon("rsyslogd", rsyslog, configuration, journal))
    if other is not None and (other.active or other.enabled):
        own = evidence.files(SYSLOG_NG)
        seen += [document.whole for document in own.values()]
        daemons.append(_daemon("syslog-ng", other, read_syslogng(own), journal))
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


def _daemon(name: str, unit: Service, configuration: Configuration | None, journal: Journal) -> LogDaemon:
    return LogDaemon(
        name=name,
        running=unit.active,
        enabled=unit.enabled,
        persistent=configuration is not None and bool(_on_disk(configuration)),
        records_logins=configuration is not None and _writes_logins(configuration, journal),
        at=unit.at,
    )


def _on_disk(configuration: Configuration) -> list[str]:
    """Selectors of what is written to files that outlive a reboot."""
    return [
        output.selector
        for output in configuration.written
        if not output.path.startswith(("/dev/", "/run/", "/var/run/", "/tmp/", "%"))  # noqa: S108 - compared only
    ]


def _writes_logins(configuration: Configuration, journal: Journal) -> bool:
    """Whether both login facilities reach some file: one file may hold one of them, another the other."""
    if not configuration.takes_local or not (configuration.takes_journal or journal.forwards):
        return False
    selectors = _on_disk(configuration)
    # The other facility is added, so that what is asked about is this one alone.
    return all(
        any(covers_logins(f"{selector};{other}.*") is True for selector in selectors)
        for other in ("auth", "authpriv")
    )


# --- where it goes ---------------------------------------------------------------------------------


def read_forwarding(evidence: Evidence) -> LogForwarding:
    """Read all remote targets of what runs. None is believed only of a configuration that was seen whole."""
    running, seen = _running(evidence)
    agents = log_agents.read_agents(evidence)
    files = evidence.files(RSYSLOG)
    targets: list[LogTarget] = []
    followed: tuple[FollowedFile, ...] = ()
    if "rsyslogd" in running or (MAIN in files and not running and not agents.targets):
        seen = (*(document.whole for document in files.values()), *seen)
        configuration = read_configuration(files)
        targets += configuration.targets
        followed += configuration.followed
    if "syslog-ng" in running:
        own = evidence.files(SYSLOG_NG)
        seen = (*(document.whole for document in own.values()), *seen)
        configuration = read_syslogng(own)
        targets += configuration.targets
        followed += configuration.followed
    return LogForwarding(
        seen=tuple(dict.fromkeys((*seen, *agents.seen))),
        targets=(*targets, *agents.targets),
        running=bool(running or agents.targets),
        unread=agents.unread,
        followed=followed,
    )


_UNITS_OF = {"rsyslogd": "rsyslog", "syslog-ng": "syslog-ng"}
"""Log daemons that send, by their process, and their units."""


def _running(evidence: Evidence) -> tuple[dict[str, Citation], tuple[Citation, ...]]:
    """Which log daemons run, with what shows it: their unit or their process."""
    refused: Unseen | None = None
    shown: dict[str, Citation] = {}
    seen: tuple[Citation, ...] = ()
    try:
        services = read_services(evidence)
    except Unseen as unseen:
        refused = unseen
    else:
        seen = services.seen
        units = ((name, services.get(unit)) for name, unit in _UNITS_OF.items())
        shown = {name: unit.at for name, unit in units if unit is not None and unit.active}
    try:
        document, running = processes(evidence)
    except Unseen:
        if refused is not None:
            raise refused from None
        return shown, (*seen, *shown.values())
    for process in running:
        if process.name in _UNITS_OF:
            shown.setdefault(process.name, document.cite(process.line))
    return shown, (*seen, *(shown.values() or (document.whole,)))


# --- how long it stays -----------------------------------------------------------------------------

_LOGIN_RECORDS = re.compile(r"/(auth\.log|secure|messages|syslog)(?:$|[*.{,])")


def read_retention(evidence: Evidence) -> LogRetention:
    """Read rotation; the journal counts where no rotated text file holds the records of logins."""
    files = evidence.files(LOGROTATE)
    journal = read_journal(evidence)
    rotations = read_rotations(files)
    if not any(_LOGIN_RECORDS.search(rotation.pattern) for rotation in rotations):
        rotations = (*rotations, _journal_rotation(journal))
    audit = audit_files.rotation(evidence)
    seen = (*(document.whole for document in files.values()), *journal.at)
    return LogRetention(seen=seen, rotations=rotations if audit is None else (*rotations, audit))


def _journal_rotation(journal: Journal) -> Rotation:
    if not journal.persistent:
        return Rotation("journal", 0.0, "", journal.settings["Storage"].at)
    longest, most = (journal.settings[name] for name in ("MaxRetentionSec", "SystemMaxUse"))
    days = journald.days(longest.value)
    if days is None:
        detail = f"MaxRetentionSec={longest.value} is no time span"
        raise Unseen(Gap(GapReason.UNPARSABLE, JOURNALD.id, detail=detail))
    by = f"SystemMaxUse={most.value or '10% of the disk'}"
    at = longest.at if days else most.at
    return Rotation("journal", days or None, by, at, max_bytes=journald.size(most.value))


# --- who may touch it ------------------------------------------------------------------------------


def read_files(evidence: Evidence) -> LogFiles:
    """Read owners and rights; a host without any place for logs was not looked at rightly."""
    listed = evidence.listed(LOG_FILES)
    if not listed:
        raise Unseen(Gap(GapReason.EMPTY, LOG_FILES.id, detail="no log file was found"))
    for deeper in (DEEPER_LOG_FILES, LOG_FOLDERS, SERVICE_LOG_FILES):
        with suppress(Unseen):  # folders that this login may not enter: what lies there is not said
            listed = (*listed, *evidence.listed(deeper))
    unique = {file.path: file for file in listed}.values()
    return LogFiles(
        seen=tuple(file.at for file in unique),
        files=tuple(LogFile(file.path, file.meta, file.at) for file in unique),
        taken=listed[0].taken,
    )


def read_routing(evidence: Evidence) -> LogRouting:
    """Read where records come from and where they are written, of the only log daemon that is set up."""
    files = evidence.files(RSYSLOG)
    own = _syslog_ng_files(evidence, alone=MAIN not in files)
    if MAIN in files and SYSLOG_NG_MAIN in own:
        running, _ = _running(evidence)
        if len(running) != 1:
            detail = "rsyslog and syslog-ng are set up, and which of them runs was not seen"
            raise Unseen(Gap(GapReason.NOT_COLLECTED, UNITS.id, detail=detail))
        files, own = (files, {}) if "rsyslogd" in running else ({}, own)
    if MAIN not in files and SYSLOG_NG_MAIN not in own:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, RSYSLOG.id, MAIN, "there is no such file"))
    read = files if MAIN in files else own
    configuration = read_configuration(files) if MAIN in files else read_syslogng(own)
    return LogRouting(
        seen=tuple(document.whole for document in read.values()),
        outputs=configuration.written,
        inputs=configuration.inputs,
        targets=configuration.targets,
        settings=configuration.settings,
    )


def _syslog_ng_files(evidence: Evidence, *, alone: bool) -> Mapping[str, Document]:
    """What syslog-ng is told; ``alone``: nothing else is set up, so that not seeing it is not seeing."""
    try:
        return evidence.files(SYSLOG_NG)
    except Unseen as unseen:
        if alone and unseen.gap.reason is not GapReason.NOT_COLLECTED:
            raise
        return {}


def read_age(evidence: Evidence) -> SystemAge:
    """Read since when the system is used at least: the oldest of its first files."""
    listed = evidence.listed(FIRST_USE)
    if not listed:
        raise Unseen(Gap(GapReason.EMPTY, FIRST_USE.id, detail="no sign of the first use was found"))
    oldest = min(listed, key=lambda file: file.meta.mtime)
    return SystemAge(
        seen=(oldest.at,),
        since=datetime.fromtimestamp(oldest.meta.mtime, UTC),
        taken=oldest.taken,
    )


STEPS = (
    RSYSLOG,
    SYSLOG_NG,
    *log_agents.STEPS,
    *log_problems.STEPS,
    *journald.STEPS,
    LOGROTATE,
    LOG_FILES,
    DEEPER_LOG_FILES,
    LOG_FOLDERS,
    SERVICE_LOG_FILES,
    FIRST_USE,
)

READERS = (
    Reader(
        LogService,
        (Need((UNITS,)), Need((RSYSLOG,)), Need((JOURNALD,)), Need((JOURNAL,))),
        read_service,
        also=(SYSLOG_NG,),
    ),
    Reader(
        LogForwarding,
        (Need((UNITS, PROCESSES)), Need((RSYSLOG,))),
        read_forwarding,
        also=(SYSLOG_NG, log_agents.AGENT_FILES),
    ),
    Reader(LogRouting, (Need((RSYSLOG,)),), read_routing, also=(SYSLOG_NG, UNITS, PROCESSES)),
    *log_problems.READERS,
    *journald.READERS,
    Reader(
        LogRetention,
        (Need((LOGROTATE,)), Need((JOURNALD,)), Need((JOURNAL,)), Need((audit_files.DAEMON_FILES,))),
        read_retention,
    ),
    Reader(
        LogFiles, (Need((LOG_FILES,)),), read_files, also=(DEEPER_LOG_FILES, LOG_FOLDERS, SERVICE_LOG_FILES)
    ),
    Reader(SystemAge, (Need((FIRST_USE,)),), read_age),
)

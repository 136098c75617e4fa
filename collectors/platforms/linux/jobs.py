"""Backups and integrity tools: what schedules run, how it ended, and what it left."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Snippet, Step, Unseen
from collectors.platforms.linux.ages import changed
from collectors.platforms.linux.host import IDENTITY, unparsable
from scanner.facts import (
    AgedFile,
    Backups,
    IntegrityTool,
    IntegrityTools,
    ScheduledTool,
    UnitRun,
)
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence, Listed

_COPYING = ("rsync", "scp", "rclone", "lftp")
"""Programs that copy; only where their line names another host are they taken for a backup."""

_BACKUP = (
    *("restic", "borg", "borgmatic", "duplicity", "duply", "rsnapshot", "rdiff-backup", "burp", "bconsole"),
    *("amdump", "pg_dump", "pg_dumpall", "pg_basebackup", "pgbackrest", "barman", "wal-g", "mysqldump"),
    *("mariadb-dump", "mydumper", "xtrabackup", "innobackupex", "mariabackup", "mongodump"),
    *("automysqlbackup", "autopostgresqlbackup"),
)
_INTEGRITY = ("aide", "aide.wrapper", "dailyaidecheck", "tripwire", "samhain", "debsums", "afick", "integrit")

# Lines may hold passwords: only the program's name, whether another host is named, and the place are printed.
SCHEDULED = Step(
    "scheduled-jobs",
    Snippet(
        r"""read -r up rest </proc/uptime && echo "uptime $up"
set --
for f in /etc/crontab /etc/anacrontab /etc/cron.d/* /etc/cron.hourly/* /etc/cron.daily/* \
  /etc/cron.weekly/* /etc/cron.monthly/* /etc/periodic/*/* /var/spool/cron/* /var/spool/cron/crontabs/* \
  /var/spool/cron/tabs/*; do
  [ -f "$f" ] || continue
  if [ -r "$f" ]; then set -- "$@" "$f"; else echo "unread $f"; fi
done
for d in /var/spool/cron /var/spool/cron/crontabs /var/spool/cron/tabs; do
  [ -d "$d" ] && ! { [ -r "$d" ] && [ -x "$d" ]; } && echo "unread $d"
done
for t in /etc/systemd/system/*.wants/*.timer; do
  n=${t##*/} n=${n%.timer}.service
  for f in /etc/systemd/system/$n /usr/lib/systemd/system/$n /lib/systemd/system/$n; do
    [ -f "$f" ] && set -- "$@" "$f" && break
  done
done
[ $# = 0 ] || awk '
/^[ \t]*[#;]/ { next }
FILENAME ~ /\.service$/ && !/^Exec/ { next }
{ far = ($0 ~ /[ =]([A-Za-z0-9_.-]+@)?[A-Za-z0-9.-]+::?[^ =]/) ? "remote" : "local"
  n = split($0, w, /[^A-Za-z0-9_.-]+/)
  for (i = 1; i <= n; i++) if (w[i] ~ /^(TOOLS)$/)
    if (far == "remote" || w[i] !~ /^(COPYING)$/) print "job", w[i], far, FNR, FILENAME }
' "$@"
echo "looked $#"
command -v systemctl >/dev/null && systemctl show --no-pager -p Id -p Result \
  -p ExecMainExitTimestampMonotonic '*backup*.service' 'borg*.service' 'restic*.service' \
  'rsnapshot*.service' 'pgbackrest*.service' 'duplicity*.service' 'duply*.service' 'barman*.service' \
  2>/dev/null
:""".replace("TOOLS", "|".join((*_BACKUP, *_COPYING, *_INTEGRITY)).replace(".", r"\.")).replace(
            "COPYING", "|".join(_COPYING)
        )
    ),
    Text(
        zh="计划任务运行的备份与完整性工具（只输出程序名和位置，不输出命令行），备份单元最近的结果",
        en="backup and integrity tools that schedules run (names and places, never the lines), and how backup"
        " units ended",
    ),
    control=r"^looked [0-9]+$",
)

TRACES = Step(
    "backup-files",
    Files(
        (
            "/var/backups/*",
            "/backup/*",
            "/backups/*",
            "/data/backup/*",
            "/data/backups/*",
            "/opt/backup/*",
            "/srv/backup/*",
            "/var/lib/bacula/*.state",
        ),
        metadata_only=True,
    ),
    Text(zh="常用备份目录中文件的时间（不读内容）", en="ages of files in usual backup folders (not read)"),
)

_OF_DISTRIBUTIONS = re.compile(r"/var/backups/((dpkg|apt|alternatives)\.|(passwd|group|shadow|gshadow)\.bak)")
"""What Debian keeps there of its own data, every day."""

_OWN_UNITS = frozenset({"dpkg-db-backup.service"})


@dataclass(frozen=True, slots=True)
class _Seen:
    jobs: tuple[ScheduledTool, ...]
    runs: tuple[UnitRun, ...]
    unread: tuple[str, ...]


def _scheduled(document: Document) -> _Seen:
    jobs, unread, looked, uptime = [], [], 0, 0.0
    block: dict[str, tuple[str, int]] = {}
    runs: list[UnitRun] = []
    for number, line in enumerate([*document.lines, ""], 1):
        word, _, rest = line.partition(" ")
        if match := re.fullmatch(r"job (\S+) (remote|local) (\d+) (/.*)", line):
            jobs.append(ScheduledTool(match[1], match[4], match[2] == "remote", document.cite(number)))
        elif word == "unread" and rest.startswith("/"):
            unread.append(rest)
        elif re.fullmatch(r"uptime [0-9]+(\.[0-9]+)?", line):
            uptime = float(rest)
        elif re.fullmatch(r"looked [0-9]+", line):
            looked = int(rest)
        elif match := re.fullmatch(r"(Id|Result|ExecMainExitTimestampMonotonic)=(\S*)", line):
            block[match[1]] = (match[2], number)
        elif line:
            raise unparsable(SCHEDULED, document, number, "not what was asked for")
        elif block:
            runs.extend(_run(document, block, uptime))
            block = {}
    if not looked or not uptime:
        raise Unseen(Gap(GapReason.EMPTY, SCHEDULED.id, detail="no schedule was there to be read"))
    return _Seen(tuple(jobs), tuple(runs), tuple(dict.fromkeys(unread)))


def _run(document: Document, block: dict[str, tuple[str, int]], uptime: float) -> list[UnitRun]:
    """The last end of one unit; none where it has not ended since the host was started."""
    ended, line = block.get("ExecMainExitTimestampMonotonic", ("", 0))
    if {"Id", "Result"} - block.keys() or not re.fullmatch(r"[0-9]{1,18}", ended):
        raise unparsable(SCHEDULED, document, line, "a unit without its result")
    if not uptime:  # any end would seem to be of today
        raise unparsable(SCHEDULED, document, line, "how long the host has been up was not told before")
    unit, result = block["Id"][0], block["Result"]
    if ended == "0" or unit in _OWN_UNITS:
        return []
    age = max(0, int((uptime - int(ended) / 1e6) // 86400))
    return [UnitRun(unit, result[0] == "success", age, document.cite(result[1]))]


def _aged(step: Step, file: Listed) -> AgedFile:
    return AgedFile(file.path, changed(step, file)[1], file.at)


def read_backups(evidence: Evidence) -> Backups:
    """Read what is known to make backups, how it ended, and how old the newest files are.

    Raises:
        Unseen: schedules or folders were not seen.
    """
    document = evidence.command(SCHEDULED)
    seen = _scheduled(document)
    newest: dict[str, Listed] = {}
    for file in evidence.listed(TRACES):
        folder = file.path.rpartition("/")[0]
        if not _OF_DISTRIBUTIONS.match(file.path) and file.meta.mtime > (
            newest[folder].meta.mtime if folder in newest else 0
        ):
            newest[folder] = file
    jobs = tuple(job for job in seen.jobs if job.tool not in _INTEGRITY)
    aged = tuple(_aged(TRACES, file) for file in newest.values())
    return Backups((document.whole, evidence.listing(TRACES)), jobs, seen.runs, aged, seen.unread)


# --- integrity -------------------------------------------------------------------------------------

INTEGRITY = Step(
    "integrity-files",
    Files(
        (
            "/etc/aide.conf",
            "/etc/aide/aide.conf",
            "/var/lib/aide/aide.db",
            "/var/lib/aide/aide.db.gz",
            "/var/log/aide/aide.log",
            "/var/log/aide.log",
            "/etc/tripwire/tw.cfg",
            "/var/lib/tripwire/*.twd",
            "/var/lib/tripwire/report/*.twr",
            "/etc/samhain/samhainrc",
            "/var/lib/samhain/samhain_file",
            "/var/log/samhain/samhain.log",
            "/var/ossec/etc/ossec.conf",
            "/var/ossec/queue/fim/db/fim.db",
        ),
        privileged=True,
        metadata_only=True,
    ),
    Text(
        zh="完整性校验工具的配置、数据库与运行记录的时间（不读内容）",
        en="ages of settings, databases and records of integrity tools (not read)",
    ),
)

_TOOLS = (
    ("AIDE", r"/etc/aide(/aide)?\.conf", r"/var/lib/aide/aide\.db(\.gz)?", r"/var/log/aide(/aide)?\.log"),
    (
        "Tripwire",
        r"/etc/tripwire/tw\.cfg",
        r"/var/lib/tripwire/[^/]+\.twd",
        r"/var/lib/tripwire/report/[^/]+\.twr",
    ),
    (
        "Samhain",
        r"/etc/samhain/samhainrc",
        r"/var/lib/samhain/samhain_file",
        r"/var/log/samhain/samhain\.log",
    ),
    (
        "Wazuh",
        r"/var/ossec/etc/ossec\.conf",
        r"/var/ossec/queue/fim/db/fim\.db",
        r"/var/ossec/queue/fim/db/fim\.db",
    ),
)
"""Products with patterns of settings, database and record of a run; Wazuh writes its database always."""


def read_integrity_tools(evidence: Evidence) -> IntegrityTools:
    """Read which integrity tools are there, with a database or without, and when they left a record last.

    Raises:
        Unseen: schedules or files were not seen. A tree of files tells no age.
    """
    evidence.command(IDENTITY)
    document = evidence.command(SCHEDULED)
    jobs = tuple(job for job in _scheduled(document).jobs if job.tool in _INTEGRITY)
    listed = evidence.listed(INTEGRITY)
    tools = []
    for product, settings, database, record in _TOOLS:
        there = [file for file in listed if re.fullmatch(f"{settings}|{database}", file.path)]
        if there:
            tools.append(
                IntegrityTool(product, there[0].at, _newest(listed, database), _newest(listed, record))
            )
    return IntegrityTools((document.whole, evidence.listing(INTEGRITY)), tuple(tools), jobs)


def _newest(listed: tuple[Listed, ...], pattern: str) -> AgedFile | None:
    own = [file for file in listed if re.fullmatch(pattern, file.path) and file.meta.size]
    return _aged(INTEGRITY, max(own, key=lambda file: file.meta.mtime)) if own else None


STEPS = (SCHEDULED, TRACES, INTEGRITY)

READERS = (
    Reader(Backups, (Need((SCHEDULED,)), Need((TRACES,))), read_backups),
    Reader(IntegrityTools, (Need((SCHEDULED,)), Need((INTEGRITY,)), Need((IDENTITY,))), read_integrity_tools),
)

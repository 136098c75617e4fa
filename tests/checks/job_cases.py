"""Cases of backups and integrity tools."""

from __future__ import annotations

from scanner.facts import AgedFile, Backups, IntegrityTool, IntegrityTools, ScheduledTool, UnitRun
from tests.checks.build import SEEN, Case, at

JOB = ScheduledTool("mysqldump", "/etc/cron.d/site", False, at("jobs"))
FAR = ScheduledTool("rsync", "/etc/cron.d/site", True, at("jobs"))


def backups(*jobs: ScheduledTool, files: tuple[int, ...] = (), **runs: int) -> Backups:
    """Ages of successful runs in days; negative: it failed."""
    ended = tuple(UnitRun(f"{n}.service", age >= 0, abs(age), at(n)) for n, age in runs.items())
    newest = tuple(AgedFile(f"/backup/{age}", age, at("files")) for age in files)
    return Backups(SEEN, jobs, ended, newest, ())


def tool(database: int | None, run: int | None) -> IntegrityTool:
    aged = [
        None if age is None else AgedFile(f"/var/lib/aide/{age}", age, at("files")) for age in (database, run)
    ]
    return IntegrityTool("AIDE", at("conf"), *aged)


def tools(*found: IntegrityTool, jobs: tuple[ScheduledTool, ...] = ()) -> IntegrityTools:
    return IntegrityTools(SEEN, found, jobs)


BACKUPS = (
    ("yes", "today", (backups(borg=0),)),
    ("yes", "the last day allowed", (backups(borg=7, old=400),)),
    ("no", "a day too old", (backups(borg=8),)),
    ("no", "one failed", (backups(borg=0, dump=-1),)),
    ("unseen", "jobs whose end nobody knows", (backups(JOB, FAR, files=(0,)),)),
    ("unseen", "files alone prove no success", (backups(files=(0,)),)),
    ("unseen", "nothing that is known", (backups(),)),
)
INTEGRITY = (
    ("yes", "compared today", (tools(tool(300, 0)),)),
    ("yes", "one of two", (tools(tool(300, 7), tool(None, None)),)),
    ("no", "no database", (tools(tool(None, 0)),)),
    ("no", "a day too old", (tools(tool(300, 8)),)),
    ("unseen", "never left a record", (tools(tool(300, None), jobs=(JOB,)),)),
    ("unseen", "one old, the other's record not known", (tools(tool(300, 8), tool(300, None)),)),
    ("unseen", "none that is known", (tools(),)),
)

_ALL = {"backup.succeeded-lately": BACKUPS, "integrity.compared-lately": INTEGRITY}

CASES = (
    *(Case(check, name, answer, facts) for check, rows in _ALL.items() for answer, name, facts in rows),
    *(Case(check, "gap", "unseen") for check in _ALL),
)

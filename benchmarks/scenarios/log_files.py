"""What rules ask of log files and their folders: who owns them, who may read and write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from benchmarks.scenarios.rule import Predicate, Rule, Variables, plain, seen
from scanner.facts import Accounts, AuditDaemon, FactSheet, LogFile, LogFiles
from scanner.model import Gap, GapReason

Meets = Callable[[LogFile, FactSheet], bool | None]
"""Whether one file is as it should be; None: its owner's name is not known."""

_ADM = 4
_ROOT = 0

# --- which files -----------------------------------------------------------------------------------

_SETS: Mapping[str, str] = {
    "auth": r"/var/log/auth\.log[^/]*",
    "cloud_init": r"/var/log/cloud-init\.log[^/]*",
    "journal": r"/var/log/(?:.*/)?[^/]*\.journal~?",
    "lastlog": r"/var/log/lastlog([.-][^/]*)?",
    "localmessages": r"/var/log/localmessages[^/]*",
    "messages": r"/var/log/messages[^/]*",
    "secure": r"/var/log/secure[^/]*",
    "syslog": r"/var/log/syslog[^/]*",
    "waagent": r"/var/log/waagent\.log[^/]*",
    "wbtmp": r"/var/log/[bw]tmp([.-][^/]*)?",
    "apt": r"/var/log/apt/.*[^/]",
    "landscape": r"/var/log/landscape/.*[^/]",
    "gdm": r"/var/log/gdm/.*[^/]",
    "gdm3": r"/var/log/gdm3/.*[^/]",
    "sssd": r"/var/log/sssd/.*[^/]",
}
"""The files that a rule is about, by what its name says."""


def _each(pattern: str, meets: Meets, *, but: str = r"(?!)") -> Predicate:
    """Every file whose whole path matches is as it should be; a file that is not there is no fault."""

    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        found = _found(sheet)
        if found is None:
            return None
        answers = [
            meets(f, sheet)
            for f in found
            if re.fullmatch(pattern, f.path) and not re.fullmatch(but, f.path.rpartition("/")[2])
        ]
        return False if False in answers else None if None in answers else True

    return asks


def _found(sheet: FactSheet) -> tuple[LogFile, ...] | None:
    """Log files; none where there surely is none."""
    files = sheet.get(LogFiles)
    if isinstance(files, Gap):
        return () if files.reason is GapReason.EMPTY else None
    return files.files


def _mode(most: int) -> Meets:
    return lambda file, _: not file.meta.mode & ~most


def _owner(*uids: int, names: tuple[str, ...] = ("syslog",)) -> Meets:
    def meets(file: LogFile, sheet: FactSheet) -> bool | None:
        return file.meta.uid in uids or _is_one(file.meta.uid, "uid", names, sheet)

    return meets


def _group(*gids: int, names: tuple[str, ...] = ("syslog", "systemd-journal")) -> Meets:
    def meets(file: LogFile, sheet: FactSheet) -> bool | None:
        if file.meta.gid in gids:
            return True
        return _is_one(file.meta.gid, "gid", names, sheet)

    return meets


def _is_one(number: int, kind: str, names: tuple[str, ...], sheet: FactSheet) -> bool | None:
    """Whether a number belongs to one of the accounts (a group is known by its account's own)."""
    accounts = seen(sheet, Accounts)
    if accounts is None:
        return None
    return any(getattr(a, kind) == number and a.name in names for a in accounts.accounts)


# --- rules -----------------------------------------------------------------------------------------

_MODES: Mapping[str, int] = {
    "auth": 0o640,
    "cloud-init": 0o644,
    "lastlog": 0o664,
    "localmessages": 0o644,
    "messages": 0o640,
    "secure": 0o640,
    "syslog": 0o640,
    "waagent": 0o644,
    "wbtmp": 0o664,
    "apt": 0o640,
    "landscape": 0o640,
    "gdm": 0o660,
    "gdm3": 0o660,
    "sssd": 0o660,
}
_GROUPS: Mapping[str, Meets] = {
    **dict.fromkeys(("auth", "messages", "secure", "syslog"), _group(_ADM, _ROOT)),
    **dict.fromkeys(("cloud_init", "localmessages", "waagent"), _group(_ADM, _ROOT)),
    "journal": _group(_ROOT, 999, 998, 997),
    "lastlog": _group(_ROOT, 43),
    "wbtmp": _group(_ROOT, 43),
}
_OWNERS: Mapping[str, Meets] = {
    **dict.fromkeys(("auth", "messages", "secure", "syslog", "localmessages"), _owner(_ROOT)),
    **dict.fromkeys(("cloud_init", "waagent"), _owner(_ROOT)),
    **dict.fromkeys(("journal", "lastlog", "wbtmp"), _owner(_ROOT, names=())),
}

_NOT_STIG = r"(history\.log|eipp\.log\.xz|[bw]tmp([.-].*)?|lastlog([.-].*)?|README)"
_NOT_LOCAL = (
    r"(history\.log|eipp\.log\.xz|README|.*\.journal~?"
    r"|([bw]tmp|lastlog|localmessages|cloud-init\.log|waagent\.log).*)"
)

_OWN_RULES = (
    r"(?:cloud-init\.log|lastlog|localmessages|[bw]tmp|syslog|auth\.log|secure|messages|waagent\.log)[^/]*$"
    r"|(?:gdm3?|sssd|apt|landscape)/"
)
"""Files and folders that have rules of their own."""


def _plain() -> Iterator[tuple[str, Predicate]]:
    for name, most in _MODES.items():
        yield f"file_permissions_var_log_{name}", _each(_SETS[name.replace("-", "_")], _mode(most))
    for name, meets in _GROUPS.items():
        yield f"file_groupowner_var_log_{name}", _each(_SETS[name], meets)
    for name, meets in _OWNERS.items():
        yield f"file_owner_var_log_{name}", _each(_SETS[name], meets)
    folder = r"/var/log/"
    yield "file_permissions_var_log", _each(folder, _mode(0o755))
    yield "file_owner_var_log", _each(folder, _owner(_ROOT, names=()))
    yield "file_groupowner_var_log", _each(folder, _group(_ROOT, 110, names=("syslog",)))
    every = r"/var/log/.*[^/]"
    others = rf"/var/log/(?!{_OWN_RULES}).*[^/]"
    yield "file_ownerships_var_log", _each(others, _owner(_ROOT), but=r".*\.journal~?")
    yield "file_groupownerships_var_log", _each(others, _group(_ROOT, _ADM), but=r".*\.journal~?")
    yield "dir_permissions_system_journal", _each(r"/var/log/journal/", _mode(0o2750))
    yield "file_permissions_var_log_stig", _each(every, _mode(0o640), but=_NOT_STIG)
    yield "permissions_local_var_log", _each(every, _mode(0o640), but=_NOT_LOCAL)


# --- files of the audit trail ----------------------------------------------------------------------


def _of_audit(meets: Callable[[LogFile, bool], bool], *, folders: bool) -> Predicate:
    """Files (or folders) of the audit trail, wherever the daemon's settings put it.

    ``meets`` gets whether the settings give them to a group other than root's.
    """

    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        daemon, found = seen(sheet, AuditDaemon), _found(sheet)
        if daemon is None or found is None:
            return None
        place = daemon.settings["log_file"].value.rpartition("/")[0]
        own = [f for f in found if _inside(f, place, folders=folders)]
        if not own and not place.startswith("/var/log/"):
            return None
        group = daemon.settings["log_group"].value.lower()
        return all(meets(f, group not in {"root", "0"}) for f in own)

    return asks


def _inside(file: LogFile, place: str, *, folders: bool) -> bool:
    if folders:
        return file.path == f"{place}/"
    return file.path.rpartition("/")[0] == place and not file.path.endswith("/")


_AUDIT: Mapping[str, Predicate] = {
    "directory_permissions_var_log_audit": _of_audit(
        lambda f, group: not f.meta.mode & ~(0o750 if group else 0o700), folders=True
    ),
    "file_permissions_var_log_audit": _of_audit(
        lambda f, group: not f.meta.mode & ~(0o640 if group else 0o600), folders=False
    ),
    "file_permissions_var_log_audit_stig": _of_audit(lambda f, _: not f.meta.mode & ~0o600, folders=False),
    "directory_ownership_var_log_audit": _of_audit(lambda f, _: f.meta.uid == 0, folders=True),
    "directory_group_ownership_var_log_audit": _of_audit(
        lambda f, group: f.meta.gid == 0 or group, folders=True
    ),
    "file_ownership_var_log_audit": _of_audit(lambda f, _: f.meta.uid == 0, folders=False),
    "file_ownership_var_log_audit_stig": _of_audit(lambda f, _: f.meta.uid == 0, folders=False),
    "file_group_ownership_var_log_audit_stig": _of_audit(
        lambda f, group: f.meta.gid == 0 and not group, folders=False
    ),
    "file_group_ownership_var_log_audit": _of_audit(lambda f, group: f.meta.gid == 0 or group, folders=False),
}

RULES: Mapping[str, Rule] = plain({**dict(_plain()), **_AUDIT})
"""What each rule of log files asks."""

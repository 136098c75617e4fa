"""What rules ask of the audit daemon: its settings, its plugins, and who may touch its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from benchmarks.scenarios.rule import Predicate, Variables
from scanner.facts import AuditDaemon, FactSheet, WrittenAuditRules
from scanner.model import Gap, GapReason


def any_of(*alternatives: Predicate) -> Predicate:
    """One of the alternatives holds."""

    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        answers = [one(sheet, variables) for one in alternatives]
        return True if True in answers else None if None in answers else False

    return asks


def _daemon(holds: Callable[[AuditDaemon, Variables], bool]) -> Predicate:
    """Asks the daemon's settings; a file that is not there, or that it refuses, sets nothing."""

    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        daemon = sheet.get(AuditDaemon)
        if isinstance(daemon, Gap):
            absent = daemon.reason is GapReason.NOT_COLLECTED and bool(daemon.subject)
            return False if absent or daemon.reason is GapReason.UNPARSABLE else None
        return holds(daemon, variables)

    return asks


def _is(setting: str, variable: str, default: str) -> Predicate:
    """Every value that is written is one of those that the rule takes (divided by bars)."""

    def holds(daemon: AuditDaemon, variables: Variables) -> bool:
        wanted = variables.get(variable, default).lower().split("|")
        value = daemon.settings.get(setting)
        written = () if value is None else (value, *daemon.shadowed.get(setting, ()))
        return bool(written) and all(
            v.origin.value == "explicit" and v.value.lower() in wanted for v in written
        )

    return _daemon(holds)


def _at_least(setting: str, variable: str, default: int, unit: str = "") -> Predicate:
    def holds(daemon: AuditDaemon, variables: Variables) -> bool:
        value = daemon.settings.get(setting)
        if value is None or value.origin.value != "explicit":
            return False
        number = value.value.removesuffix(unit) if unit and value.value.endswith(unit) else value.value
        if bool(unit) is not value.value.endswith("%") or not number.isdecimal():
            return False
        return int(number) >= int(variables.get(variable, str(default)))

    return _daemon(holds)


def _plugin(setting: str, wanted: str, *names: str) -> Predicate:
    def holds(daemon: AuditDaemon, _: Variables) -> bool:
        given = [daemon.plugins[n][setting] for n in names if setting in daemon.plugins.get(n, {})]
        return bool(given) and all(re.fullmatch(wanted, v.value, re.IGNORECASE) for v in given)

    return _daemon(holds)


def _remote(setting: str, variable: str, default: str) -> Predicate:
    def holds(daemon: AuditDaemon, variables: Variables) -> bool:
        wanted = variables.get(variable, default).lower()
        value = daemon.remote.get(setting)
        return value is not None and (not wanted or value.value.lower() in wanted.split("|"))

    return _daemon(holds)


_STOPS = "syslog|single|halt"
_REMOTE = ("au-remote", "remote")

_SETTINGS: Mapping[str, Predicate] = {
    "auditd_data_disk_error_action": _is("disk_error_action", "var_auditd_disk_error_action", _STOPS),
    "auditd_data_disk_error_action_stig": _is("disk_error_action", "var_auditd_disk_error_action", _STOPS),
    "auditd_data_disk_full_action": _is("disk_full_action", "var_auditd_disk_full_action", _STOPS),
    "auditd_data_disk_full_action_stig": _is("disk_full_action", "var_auditd_disk_full_action", _STOPS),
    "auditd_data_retention_action_mail_acct": _is("action_mail_acct", "var_auditd_action_mail_acct", "root"),
    "auditd_data_retention_admin_space_left_action": _is(
        "admin_space_left_action", "var_auditd_admin_space_left_action", "single|halt"
    ),
    "auditd_data_retention_space_left_action": _is(
        "space_left_action", "var_auditd_space_left_action", "email|exec|single|halt"
    ),
    "auditd_data_retention_max_log_file_action": _is(
        "max_log_file_action", "var_auditd_max_log_file_action", "rotate|keep_logs"
    ),
    "auditd_data_retention_max_log_file_action_stig": _is(
        "max_log_file_action", "var_auditd_max_log_file_action", "syslog|keep_logs"
    ),
    "auditd_data_retention_flush": _is("flush", "var_auditd_flush", "incremental_async|data|sync"),
    "auditd_data_retention_max_log_file": _at_least("max_log_file", "var_auditd_max_log_file", 6),
    "auditd_data_retention_num_logs": _at_least("num_logs", "var_auditd_num_logs", 5),
    "auditd_data_retention_space_left": _at_least("space_left", "var_auditd_space_left", 100),
    "auditd_data_retention_space_left_percentage": _at_least(
        "space_left", "var_auditd_space_left_percentage", 25, "%"
    ),
    "auditd_data_retention_admin_space_left_percentage": _at_least(
        "admin_space_left", "var_auditd_admin_space_left_percentage", 5, "%"
    ),
    "auditd_freq": _is("freq", "var_auditd_freq", "50|100"),
    "auditd_local_events": _is("local_events", "", "yes"),
    "auditd_log_format": _is("log_format", "", "enriched"),
    "auditd_name_format": _is("name_format", "var_auditd_name_format", "hostname|fqd|numeric"),
    "auditd_overflow_action": _is("overflow_action", "var_auditd_overflow_action", _STOPS),
    "auditd_write_logs": _is("write_logs", "", "yes"),
    "auditd_audispd_syslog_plugin_activated": _plugin("active", "yes", "syslog"),
    "auditd_audispd_remote_daemon_activated": _plugin("active", "yes", *_REMOTE),
    "auditd_audispd_remote_daemon_direction": _plugin("direction", "out", *_REMOTE),
    "auditd_audispd_remote_daemon_path": _plugin("path", r".*/audisp-remote", *_REMOTE),
    "auditd_audispd_remote_daemon_type": _plugin("type", "always", *_REMOTE),
    "auditd_audispd_configure_remote_server": _remote("remote_server", "var_audispd_remote_server", ""),
    "auditd_audispd_encrypt_sent_records": any_of(
        _remote("enable_krb5", "", "yes"), _remote("transport", "", "krb5")
    ),
    "auditd_audispd_disk_full_action": _remote("disk_full_action", "var_audispd_disk_full_action", _STOPS),
    "auditd_audispd_network_failure_action": _remote(
        "network_failure_action", "var_audispd_network_failure_action", _STOPS
    ),
}

# --- owners and rights of the configuration --------------------------------------------------------


def _files(good: Callable[[int, int, int], bool], where: str) -> Predicate:
    """Mode, owner and group of every file of the configuration whose path matches."""

    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        found: list[bool] = []
        for fact in (sheet.get(WrittenAuditRules), sheet.get(AuditDaemon)):
            if isinstance(fact, Gap):
                if fact.reason is not GapReason.NOT_COLLECTED or not fact.subject:
                    return None
                continue
            found += [
                good(f.meta.mode, f.meta.uid, f.meta.gid) for f in fact.files if re.search(where, f.path)
            ]
        return all(found)

    return asks


_RIGHTS: Mapping[str, Predicate] = {
    "file_permissions_etc_audit_auditd": _files(lambda mode, *_: not mode & ~0o640, r"/auditd\.conf$"),
    "file_permissions_etc_audit_rulesd": _files(lambda mode, *_: not mode & ~0o600, r"/rules\.d/"),
    "file_permissions_audit_configuration": _files(lambda mode, *_: not mode & ~0o640, ""),
    "file_ownership_audit_configuration": _files(lambda _, uid, __: uid == 0, ""),
    "file_groupownership_audit_configuration": _files(lambda _, __, gid: gid == 0, ""),
}

ASKED: Mapping[str, Predicate] = {**_SETTINGS, **_RIGHTS}
"""What each rule of the daemon asks."""

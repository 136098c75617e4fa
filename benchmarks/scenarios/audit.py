"""What rules ask of the audit trail: files that are watched, programs that are run, switches.

A rule of the set wants a line that looks like its own; here its events have to be recorded, however.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from benchmarks.scenarios import audit_calls, auditd
from benchmarks.scenarios.audit_events import (
    BOTH,
    DONE,
    asks_of_rules,
    calls,
    changes,
    every,
    explicit,
    recorded,
)
from benchmarks.scenarios.rule import Predicate, Rule, Variables
from scanner.facts import FactSheet, WrittenAuditRules
from scanner.facts.audit_event import AuditEvent

# --- files and folders that are watched ------------------------------------------------------------

_WATCHED: Mapping[str, tuple[str, ...]] = {
    "audit_rules_usergroup_modification_passwd": ("/etc/passwd",),
    "audit_rules_usergroup_modification_group": ("/etc/group",),
    "audit_rules_usergroup_modification_shadow": ("/etc/shadow",),
    "audit_rules_usergroup_modification_gshadow": ("/etc/gshadow",),
    "audit_rules_usergroup_modification_opasswd": ("/etc/security/opasswd",),
    "audit_rules_usergroup_modification_nsswitch_conf": ("/etc/nsswitch.conf",),
    "audit_rules_usergroup_modification_pam_conf": ("/etc/pam.conf",),
    "audit_rules_usergroup_modification_pamd": ("/etc/pam.d/",),
    "audit_rules_usergroup_modification": (
        "/etc/passwd",
        "/etc/group",
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/security/opasswd",
    ),
    "audit_rules_sudoers": ("/etc/sudoers",),
    "audit_rules_sudoers_d": ("/etc/sudoers.d/",),
    "audit_rules_sysadmin_actions": ("/etc/sudoers", "/etc/sudoers.d/"),
    "audit_rules_time_watch_localtime": ("/etc/localtime",),
    "audit_rules_login_events_lastlog": ("/var/log/lastlog",),
    "audit_rules_login_events_faillog": ("/var/log/faillog",),
    "audit_rules_login_events_tallylog": ("/var/log/tallylog",),
    "audit_rules_session_events_utmp": ("/run/utmp",),
    "audit_rules_session_events_btmp": ("/var/log/btmp",),
    "audit_rules_session_events_wtmp": ("/var/log/wtmp",),
    "audit_rules_session_events": ("/run/utmp", "/var/log/btmp", "/var/log/wtmp"),
    "audit_rules_mac_modification_etc_apparmor": ("/etc/apparmor/",),
    "audit_rules_mac_modification_etc_apparmor_d": ("/etc/apparmor.d/",),
    "audit_rules_mac_modification_etc_selinux": ("/etc/selinux/",),
    "audit_rules_mac_modification_usr_share": ("/usr/share/selinux/",),
    "audit_rules_mac_modification_var_lib_selinux": ("/var/lib/selinux/",),
    "audit_rules_networkconfig_modification_etc_hosts": ("/etc/hosts",),
    "audit_rules_networkconfig_modification_etc_issue": ("/etc/issue",),
    "audit_rules_networkconfig_modification_etc_issue_net": ("/etc/issue.net",),
    "audit_rules_networkconfig_modification_etc_networks": ("/etc/networks",),
    "audit_rules_networkconfig_modification_etc_network": ("/etc/network/",),
    "audit_rules_networkconfig_modification_etc_netplan": ("/etc/netplan/",),
    "audit_rules_networkconfig_modification_etc_networkmanager_system_connections": (
        "/etc/NetworkManager/system-connections/",
    ),
    "audit_rules_networkconfig_modification_etc_sysconfig_network": ("/etc/sysconfig/network",),
    "audit_rules_networkconfig_modification_network_scripts": ("/etc/sysconfig/network-scripts/",),
    "audit_rules_networkconfig_modification_networkmanager": ("/etc/NetworkManager/",),
    "audit_rules_networkconfig_modification_hostname_file": ("/etc/hostname",),
    "audit_rules_var_log_journal": ("/var/log/journal/",),
    "audit_rules_var_spool_cron": ("/var/spool/cron/",),
    "audit_rules_etc_cron_d": ("/etc/cron.d/",),
    "audit_sudo_log_events": ("/var/log/sudo.log",),
}
"""Files, and folders with a slash at the end, whose changes have to be recorded."""


def _watched() -> Iterator[tuple[str, Predicate]]:
    for name, places in _WATCHED.items():
        yield name, recorded(*changes(*places))
    failures = ("/run/faillock/", "/var/log/faillock/")
    yield "audit_rules_login_events_faillock", _faillock(failures)
    yield (
        "audit_rules_login_events",
        auditd.any_of(
            *(recorded(*changes("/var/log/lastlog", place)) for place in (*failures, "/var/log/tallylog"))
        ),
    )
    yield (
        "audit_rules_mac_modification",
        auditd.any_of(
            recorded(*changes("/etc/selinux/")), recorded(*changes("/etc/apparmor/", "/etc/apparmor.d/"))
        ),
    )
    shared = changes("/etc/issue", "/etc/issue.net", "/etc/hosts")
    names = calls("sethostname", "setdomainname")
    yield (
        "audit_rules_networkconfig_modification",
        auditd.any_of(
            recorded(*shared, *names, *changes("/etc/network/")),
            recorded(*shared, *names, *changes("/etc/sysconfig/network")),
        ),
    )
    reading = [
        AuditEvent("openat", arch, "/var/log/audit/audit.log", "r", {**DONE, "a2": 0}) for arch in BOTH
    ]
    yield "directory_access_var_log_audit", recorded(*reading)


def _faillock(places: tuple[str, ...]) -> Predicate:
    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        named = variables.get("var_accounts_passwords_pam_faillock_dir", "").rstrip("/")
        wanted = (f"{named}/",) if named else places
        return auditd.any_of(*(recorded(*changes(place)) for place in wanted))(sheet, variables)

    return asks


# --- programs --------------------------------------------------------------------------------------

_EXECUTED = "chacl chcon chmod restorecon rm seunshare semanage setfacl setfiles setsebool".split()
_STARTED = "init poweroff reboot shutdown".split()
_PRIVILEGED = (
    "apparmor_parser at chage chfn chsh crontab dbus_daemon_launch_helper fdisk fusermount gpasswd "
    "grub2_set_bootflag insmod kmod modprobe mount mount_nfs newgidmap newgrp newuidmap pam_timestamp_check "
    "passmass passwd pkexec polkit_helper postdrop postqueue pt_chown pwck rmmod ssh_agent ssh_keysign "
    "sssd_krb5_child sssd_ldap_child sssd_p11_child sssd_proxy_child sssd_selinux_child su sudo sudoedit "
    "umount unix2_chkpwd unix_chkpwd unix_update usermod userhelper usernetctl utempter vlock write"
).split()
_FILES_OF = {"polkit_helper": "polkit_agent_helper_1"} | {
    f"sssd_{name}_child": f"{name}_child" for name in ("krb5", "ldap", "p11", "proxy", "selinux")
}
_ALWAYS_SET_UID = "chfn chsh gpasswd mount newgrp passwd su umount".split()
"""Programs with more rights that every system of this kind has."""


def _plain_name(path: str) -> str:
    return re.sub(r"[^a-z0-9]", "_", path.rpartition("/")[2].lower())


def _runs(name: str) -> Predicate:
    """Running the program is recorded, wherever rules say that it lies."""
    wanted = re.compile(rf"{_FILES_OF.get(name, name)}\d?")

    def holds(rules: WrittenAuditRules, _: Variables) -> bool | None:
        paths = {
            path
            for rule in rules.rules
            for path in (*rule.parts.places, *(c.value for c in rule.parts.conditions if c.name == "path"))
            if wanted.fullmatch(_plain_name(path))
        }
        events = (AuditEvent("execve", arch, path, "x", DONE) for path in sorted(paths) for arch in BOTH)
        return bool(paths) and every(map(rules.records, events))

    return asks_of_rules(holds)


def _programs() -> Iterator[tuple[str, Predicate]]:
    for prefix, names in (
        ("audit_rules_execution_", _EXECUTED),
        ("audit_privileged_commands_", _STARTED),
        ("audit_rules_privileged_commands_", _PRIVILEGED),
    ):
        for name in names:
            yield prefix + name, _runs(name)
    yield "audit_rules_privileged_commands", _all_privileged


def _all_privileged(sheet: FactSheet, variables: Variables) -> bool | None:
    """Every program that surely gives more rights; which others there are is in no file."""
    return every(_runs(name)(sheet, variables) for name in _ALWAYS_SET_UID)


# --- switches --------------------------------------------------------------------------------------

_FAILURE = {"silent": 0, "printk": 1, "panic": 2}


def _on_failure(rules: WrittenAuditRules, variables: Variables) -> bool:
    wanted = variables.get("var_audit_failure_mode", "2")
    return explicit(rules.on_failure, int(wanted) if wanted.isdigit() else _FAILURE[wanted])


_SWITCHES: Mapping[str, Predicate] = {
    "audit_rules_immutable": asks_of_rules(lambda r, _: explicit(r.enabled, 2)),
    "audit_rules_immutable_login_uids": asks_of_rules(lambda r, _: explicit(r.login_uids_locked, True)),
    "audit_rules_continue_loading": asks_of_rules(lambda r, _: explicit(r.goes_on, True)),
    "audit_rules_system_shutdown": asks_of_rules(_on_failure),
}

_EVERY_ACCESS = {
    f"{loader}_missing_perm_x": "a rule on a path without perm= records every access to it, execution too"
    for loader in ("augenrules", "auditctl")
}
_BROADER = _EVERY_ACCESS | {
    "wrong_rules": "its rule is -w … -p xa: the kernel records every execution, and changes of attributes too"
}
"""Labels that hold more recording for less."""

_TEMPLATE = dict.fromkeys(
    ("ordered_arch", "ordered_filter", "ordered_by_filter"),
    "auditctl refuses auid>={{{ uid_min }}}, which is neither a number nor a user: nothing is loaded",
)
"""Labels of files whose template was never filled in."""


def _rule(name: str, asks: Predicate) -> Rule:
    if name.endswith(("_rmmod", "_insmod", "_modprobe", "_kmod")):
        return Rule(asks, _BROADER)
    if "privileged_commands_" in name or "_execution_" in name:
        return Rule(asks, _EVERY_ACCESS)
    return Rule(asks, _TEMPLATE) if name.endswith("_rule_order") else Rule(asks)


_ASKED: Mapping[str, Predicate] = {
    **audit_calls.ASKED,
    **dict(_watched()),
    **dict(_programs()),
    **_SWITCHES,
    **auditd.ASKED,
}

RULES: Mapping[str, Rule] = {name: _rule(name, asks) for name, asks in _ASKED.items()}
"""What each rule of the audit trail asks."""

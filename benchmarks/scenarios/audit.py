"""What rules ask of the audit trail: events that the rules of the next boot record, settings of the daemon.

A rule of the set wants a line that looks like its own; here its events have to be recorded, however.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from benchmarks.scenarios import auditd
from benchmarks.scenarios.rule import Predicate, Rule, Variables
from scanner.facts import FactSheet, Value, WrittenAuditRules
from scanner.facts.audit_event import ERRORS, PERSON, SUCCEEDED, AuditEvent
from scanner.model import Gap, GapReason

_DONE: Mapping[str, int] = {**PERSON, **SUCCEEDED}
_BOTH = ("b64", "b32")
_ONLY_32 = frozenset({"stime", "umount"})
"""System calls that only 32-bit programs have, on the machines these rules are for."""

_READ_WRITE, _CREATE, _TRUNCATE = 2, 0o100, 0o1003  # O_RDWR; O_CREAT; O_TRUNC with O_RDWR

# --- rules of the next boot ------------------------------------------------------------------------


def _rules(sheet: FactSheet) -> WrittenAuditRules | bool | None:
    """The written rules; False where no line of the files can be loaded, None where they were not seen."""
    found = sheet.get(WrittenAuditRules)
    if isinstance(found, Gap):
        return False if found.reason is GapReason.UNPARSABLE else None
    return found


def _asks(holds: Callable[[WrittenAuditRules, Variables], bool | None]) -> Predicate:
    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        rules = _rules(sheet)
        return holds(rules, variables) if isinstance(rules, WrittenAuditRules) else rules

    return asks


def _every(answers: Iterable[bool | None]) -> bool | None:
    """No where one is, else not seen where one is."""
    found = list(answers)
    if False in found:
        return False
    return None if None in found else True


def _recorded(*events: AuditEvent, clean: bool = False) -> Predicate:
    """All events are recorded; ``clean``: and no line of the files is refused."""

    def holds(rules: WrittenAuditRules, _: Variables) -> bool | None:
        return False if clean and rules.refused else _every(map(rules.records, events))

    return _asks(holds)


def _calls(
    *names: str, known: Mapping[str, int] = _DONE, arches: tuple[str, ...] = _BOTH
) -> list[AuditEvent]:
    """System calls of programs of both widths."""
    return [
        AuditEvent(name, arch, access="w", known=known)
        for name in names
        for arch in arches
        if not (arch == "b64" and name in _ONLY_32)
    ]


def _changes(*places: str) -> list[AuditEvent]:
    """Files, or folders (with a slash at the end), are written and change their rights."""
    return [
        event
        for place in places
        for arch in _BOTH
        for path in ((place.rstrip("/"), f"{place}one") if place.endswith("/") else (place,))
        for event in (
            AuditEvent("openat", arch, _run(path), "w", {**_DONE, "a2": _READ_WRITE}),
            AuditEvent("fchmodat", arch, _run(path), "a", _DONE),
        )
    ]


def _run(path: str) -> str:
    return re.sub(r"^/var/run(?=/|$)", "/run", path)


_DAC = "chmod chown fchmod fchmodat fchmodat2 fchown fchownat lchown umount umount2".split()
_XATTR = "fremovexattr fsetxattr lremovexattr lsetxattr removexattr setxattr".split()
_DELETIONS = "rename renameat renameat2 rmdir unlink unlinkat".split()
_MODULES = {
    "create": "create_module",
    "delete": "delete_module",
    "finit": "finit_module",
    "init": "init_module",
    "query": "query_module",
}
_TIMES = "adjtimex clock_settime settimeofday stime".split()
_OPENS = "creat ftruncate open open_by_handle_at openat truncate".split()
_ROOT: Mapping[str, int] = {**_DONE, "auid": 0}


def _system_calls() -> Iterator[tuple[str, Predicate]]:
    for name in _DAC:
        yield f"audit_rules_dac_modification_{name}", _recorded(*_calls(name))
    for name in _XATTR:  # of these the set asks for root's own, too
        yield (
            f"audit_rules_dac_modification_{name}",
            _recorded(*_calls(name), *_calls(name, known=_ROOT)),
        )
    for name in _DELETIONS:
        yield f"audit_rules_file_deletion_events_{name}", _recorded(*_calls(name))
    yield "audit_rules_file_deletion_events", _recorded(*_calls("rename", "renameat", "unlink", "unlinkat"))
    for short, name in _MODULES.items():
        yield f"audit_rules_kernel_module_loading_{short}", _recorded(*_calls(name))
    yield (
        "audit_rules_kernel_module_loading",
        _recorded(*_calls("init_module", "finit_module", "delete_module")),
    )
    for name in _TIMES:
        yield f"audit_rules_time_{name}", _recorded(*_calls(name, known={**_DONE, "a0": 0}))
    for name in ("sethostname", "setdomainname"):
        yield f"audit_rules_networkconfig_modification_{name}", _recorded(*_calls(name))
    yield "audit_rules_media_export", _recorded(*_calls("mount"))
    yield "audit_rules_suid_privilege_function", _recorded(*_gaining())
    yield (
        "audit_rules_suid_auid_privilege_function",
        _recorded(
            *_calls("execve", known={**_DONE, "euid": 0}), *_calls("execve", known={**_DONE, "euid": 33})
        ),
    )


def _gaining() -> list[AuditEvent]:
    return [
        replace(event, access="x")
        for gained in ("euid", "egid")
        for event in _calls("execve", known={**_DONE, gained: 0})
    ]


# --- refused and successful accesses ---------------------------------------------------------------


def _in_vain(
    *names: str, more: Mapping[str, int] | None = None, arches: tuple[str, ...] = _BOTH
) -> list[AuditEvent]:
    return [
        event
        for code in (ERRORS["EACCES"], ERRORS["EPERM"])
        for event in _calls(
            *names, known={**PERSON, **(more or {}), "success": 0, "exit": -code}, arches=arches
        )
    ]


def _flag(name: str) -> str:
    """The argument that holds the flags of a call that opens a file."""
    return "a1" if name == "open" else "a2"


def _accesses() -> Iterator[tuple[str, Predicate]]:
    for name in (*_OPENS, *_DAC, *_XATTR, *_DELETIONS):
        yield f"audit_rules_unsuccessful_file_modification_{name}", _recorded(*_in_vain(name))
        yield f"audit_rules_successful_file_modification_{name}", _recorded(*_calls(name))
    yield "audit_rules_unsuccessful_file_modification", _recorded(*_in_vain(*_OPENS))
    for name in ("open", "openat", "open_by_handle_at"):
        for suffix, flags in (("o_creat", _CREATE), ("o_trunc_write", _TRUNCATE)):
            more = {_flag(name): flags}
            yield (
                f"audit_rules_unsuccessful_file_modification_{name}_{suffix}",
                _recorded(*_in_vain(name, more=more)),
            )
            yield (
                f"audit_rules_successful_file_modification_{name}_{suffix}",
                _recorded(*_calls(name, known={**_DONE, **more})),
            )
        yield f"audit_rules_unsuccessful_file_modification_{name}_rule_order", _in_order(name)
    for name in ("passwd", "shadow", "group", "gshadow"):
        for call in ("open", "openat", "open_by_handle_at"):
            known = {**_DONE, _flag(call): _READ_WRITE}
            yield (
                f"audit_rules_etc_{name}_{call}",
                _recorded(*(AuditEvent(call, arch, f"/etc/{name}", "w", known) for arch in _BOTH)),
            )


def _in_order(name: str) -> Predicate:
    """Creation, change and mere access are each recorded by a rule of their own."""

    def holds(rules: WrittenAuditRules, _: Variables) -> bool | None:
        for arch, code in product(_BOTH, (ERRORS["EACCES"], ERRORS["EPERM"])):
            known = {**PERSON, "success": 0, "exit": -code}
            events = [
                AuditEvent(name, arch, access="w", known={**known, _flag(name): flags})
                for flags in (_CREATE, _TRUNCATE, 0)
            ]
            deciding = [next((r for r in rules.rules if r.parts.fits(event)), None) for event in events]
            if None in deciding or len({r.at for r in deciding if r}) < len(events):
                return False
        return True

    return _asks(holds)


# --- whole files of rules --------------------------------------------------------------------------

_OLD = frozenset("open creat unlink rename chmod chown lchown".split())
"""System calls that 64-bit ARM does not have."""

_GROUPS: Mapping[str, tuple[tuple[str, Mapping[str, int]], ...]] = {
    "access": tuple((n, {}) for n in ("open", "openat", "open_by_handle_at")),
    "create": (
        ("openat", {"a2": _CREATE}),
        ("open_by_handle_at", {"a2": _CREATE}),
        ("open", {"a1": _CREATE}),
        ("creat", {}),
    ),
    "modify": (
        ("openat", {"a2": _READ_WRITE}),
        ("open_by_handle_at", {"a2": _READ_WRITE}),
        ("open", {"a1": _READ_WRITE}),
        ("truncate", {}),
        ("ftruncate", {}),
    ),
    "delete": tuple((n, {}) for n in ("unlink", "unlinkat", "rename", "renameat")),
    "perm_change": tuple((n, {}) for n in ("chmod", "fchmod", "fchmodat", *_XATTR)),
    "owner_change": tuple((n, {}) for n in ("lchown", "fchown", "chown", "fchownat")),
}


def _whole_files() -> Iterator[tuple[str, Predicate]]:
    for machine in ("", "_aarch64", "_ppc64le"):
        arches = ("b64",) if machine == "_ppc64le" else _BOTH
        for group, calls in _GROUPS.items():
            for result, known in (("failed", None), ("success", _DONE)):
                events = [
                    event
                    for name, more in calls
                    for event in (
                        _in_vain(name, more=more, arches=arches)
                        if known is None
                        else _calls(name, known={**known, **more}, arches=arches)
                    )
                    if not (machine == "_aarch64" and event.arch == "b64" and name in _OLD)
                ]
                yield f"audit_{group}_{result}{machine}", _recorded(*events, clean=True)
        loading = _calls("init_module", "finit_module", "delete_module", arches=arches)
        yield f"audit_module_load{machine}", _recorded(*loading, clean=True)
        general = [
            e
            for e in _changes("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow")
            if e.arch in arches
        ]
        yield f"audit_ospp_general{machine}", _recorded(*general, clean=True)
    yield "audit_rules_for_ospp", _recorded(*_changes("/etc/passwd", "/etc/shadow"), clean=True)
    yield "audit_basic_configuration", _asks(lambda r, _: not r.refused and _explicit(r.on_failure, 1, 2))
    yield (
        "audit_immutable_login_uids",
        _asks(lambda r, _: not r.refused and _explicit(r.login_uids_locked, True)),
    )


def _explicit(value: Value[int] | Value[bool], *wanted: int) -> bool:
    return value.origin.value == "explicit" and value.value in wanted


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
        yield name, _recorded(*_changes(*places))
    failures = ("/run/faillock/", "/var/log/faillock/")
    yield "audit_rules_login_events_faillock", _faillock(failures)
    yield (
        "audit_rules_login_events",
        auditd.any_of(
            *(_recorded(*_changes("/var/log/lastlog", place)) for place in (*failures, "/var/log/tallylog"))
        ),
    )
    yield (
        "audit_rules_mac_modification",
        auditd.any_of(
            _recorded(*_changes("/etc/selinux/")), _recorded(*_changes("/etc/apparmor/", "/etc/apparmor.d/"))
        ),
    )
    shared = _changes("/etc/issue", "/etc/issue.net", "/etc/hosts")
    names = _calls("sethostname", "setdomainname")
    yield (
        "audit_rules_networkconfig_modification",
        auditd.any_of(
            _recorded(*shared, *names, *_changes("/etc/network/")),
            _recorded(*shared, *names, *_changes("/etc/sysconfig/network")),
        ),
    )
    reading = [
        AuditEvent("openat", arch, "/var/log/audit/audit.log", "r", {**_DONE, "a2": 0}) for arch in _BOTH
    ]
    yield "directory_access_var_log_audit", _recorded(*reading)


def _faillock(places: tuple[str, ...]) -> Predicate:
    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        named = variables.get("var_accounts_passwords_pam_faillock_dir", "").rstrip("/")
        wanted = (f"{named}/",) if named else places
        return auditd.any_of(*(_recorded(*_changes(place)) for place in wanted))(sheet, variables)

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
        events = (AuditEvent("execve", arch, path, "x", _DONE) for path in sorted(paths) for arch in _BOTH)
        return bool(paths) and _every(map(rules.records, events))

    return _asks(holds)


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
    return _every(_runs(name)(sheet, variables) for name in _ALWAYS_SET_UID)


# --- switches --------------------------------------------------------------------------------------

_FAILURE = {"silent": 0, "printk": 1, "panic": 2}


def _on_failure(rules: WrittenAuditRules, variables: Variables) -> bool:
    wanted = variables.get("var_audit_failure_mode", "2")
    return _explicit(rules.on_failure, int(wanted) if wanted.isdigit() else _FAILURE[wanted])


_SWITCHES: Mapping[str, Predicate] = {
    "audit_rules_immutable": _asks(lambda r, _: _explicit(r.enabled, 2)),
    "audit_rules_immutable_login_uids": _asks(lambda r, _: _explicit(r.login_uids_locked, True)),
    "audit_rules_continue_loading": _asks(lambda r, _: _explicit(r.goes_on, True)),
    "audit_rules_system_shutdown": _asks(_on_failure),
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
    **dict(_system_calls()),
    **dict(_accesses()),
    **dict(_whole_files()),
    **dict(_watched()),
    **dict(_programs()),
    **_SWITCHES,
    **auditd.ASKED,
}

RULES: Mapping[str, Rule] = {name: _rule(name, asks) for name, asks in _ASKED.items()}
"""What each rule of the audit trail asks."""

"""What rules ask of owners and modes: nobody but root (and the group named) may change or read a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from benchmarks.scenarios.rule import Predicate, Rule, Variables, plain, seen
from scanner.facts import (
    Account,
    Accounts,
    FactSheet,
    FileAccess,
    Groups,
    HomeFolders,
    ProtectedFiles,
    RestrictedFiles,
    TrustFiles,
)

FIRST_PERSON = 1000

_PATHS: Mapping[str, tuple[str, int]] = {
    **{f"etc_{name}": (f"/etc/{name}", 0o644) for name in ("passwd", "group", "shells", "sysctl.conf")},
    **{f"etc_{name}": (f"/etc/{name}", 0o640) for name in ("shadow", "gshadow")},
    **{f"backup_etc_{name}": (f"/etc/{name}-", 0o644) for name in ("passwd", "group")},
    **{f"backup_etc_{name}": (f"/etc/{name}-", 0o640) for name in ("shadow", "gshadow")},
    **{
        f"cron_{name}": (f"/etc/cron.{name}/", 0o700)
        for name in "d hourly daily weekly monthly yearly".split()
    },
    **{
        f"{daemon}_{name}": (f"/etc/{daemon}.{name}", 0o640)
        for daemon in ("cron", "at")
        for name in ("allow", "deny")
    },
    "crontab": ("/etc/crontab", 0o600),
    "etc_sudoers": ("/etc/sudoers", 0o440),
    "etc_sudoersd": ("/etc/sudoers.d/", 0o750),
    "sudo": ("/usr/bin/sudo", 0o4110),
    "etc_security_opasswd": ("/etc/security/opasswd", 0o600),
    "etc_security_opasswd_old": ("/etc/security/opasswd.old", 0o600),
    "etc_hosts_allow": ("/etc/hosts.allow", 0o644),
    "etc_hosts_deny": ("/etc/hosts.deny", 0o644),
    "etc_crypttab": ("/etc/crypttab", 0o600),
    "etc_chrony_keys": ("/etc/chrony.keys", 0o640),
    "etc_sysconfig_sshd": ("/etc/sysconfig/sshd", 0o640),
    "etc_sysctld": ("/etc/sysctl.d/", 0o755),
    "etc_iptables": ("/etc/iptables/", 0o700),
    "etc_nftables": ("/etc/nftables/", 0o700),
    "sshd_config": ("/etc/ssh/sshd_config", 0o600),
    "sshd_config_d": ("/etc/ssh/sshd_config.d/", 0o700),
    "etc_audit_rules": ("/etc/audit/audit.rules", 0o640),
}
"""What rules call a file, the file, and the bits that it may have."""

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "/etc/shadow": ("shadow",),
    "/etc/shadow-": ("shadow",),
    "/etc/gshadow": ("shadow",),
    "/etc/gshadow-": ("shadow",),
    "/etc/at.allow": ("daemon",),
    "/etc/at.deny": ("daemon",),
    "/etc/cron.allow": ("crontab",),
    "/etc/chrony.keys": ("chrony", "_chrony"),
}
"""Groups beside root's that distributions give a file to."""

_PATTERNS: Mapping[str, tuple[str, str, int]] = {
    "sshd_private_key": ("/etc/ssh/ssh_host_", "_key", 0o600),
    "sshd_pub_key": ("/etc/ssh/ssh_host_", "_key.pub", 0o644),
}


def _file(sheet: FactSheet, path: str) -> FileAccess | bool | None:
    """The file; None where there is none, False where that was not seen."""
    if path.startswith("/etc/audit/") and path != "/etc/audit/":
        restricted = seen(sheet, RestrictedFiles)
        if restricted is None:
            return False
        return next((file for file in restricted.files if file.path == path), None)
    protected = seen(sheet, ProtectedFiles)
    return False if protected is None else protected.get(path)


def _mode(path: str, most: int) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        file = _file(sheet, path)
        return None if file is False else not isinstance(file, FileAccess) or not file.mode & ~most

    return asks


def _owner(path: str) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        file = _file(sheet, path)
        return None if file is False else not isinstance(file, FileAccess) or file.uid == 0

    return asks


def _group(path: str) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        file, groups = _file(sheet, path), seen(sheet, Groups)
        if file is False or groups is None:
            return None
        names = [
            group.name for group in groups.groups if isinstance(file, FileAccess) and group.gid == file.gid
        ]
        allowed = _GROUPS.get(path, ())
        return not isinstance(file, FileAccess) or file.gid == 0 or any(name in allowed for name in names)

    return asks


def _named(sheet: FactSheet, begin: str, end: str) -> tuple[FileAccess, ...] | None:
    protected = seen(sheet, ProtectedFiles)
    if protected is None:
        return None
    return tuple(f for f in protected.files if f.path.startswith(begin) and f.path.endswith(end))


def _modes_of(begin: str, end: str, most: int) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        files, groups = _named(sheet, begin, end), seen(sheet, Groups)
        if files is None or groups is None:
            return None
        keys = {group.gid for group in groups.groups if group.name == "ssh_keys"}
        return all(not file.mode & ~(most | 0o040 * (file.gid in keys)) for file in files)

    return asks


def _roots(begin: str, end: str) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        files = _named(sheet, begin, end)
        return None if files is None else all(file.uid == 0 for file in files)

    return asks


def _root_group(begin: str, end: str) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        files, groups = _named(sheet, begin, end), seen(sheet, Groups)
        if files is None or groups is None:
            return None
        allowed = {0} | {group.gid for group in groups.groups if group.name == "ssh_keys"}
        return all(file.gid in allowed for file in files)

    return asks


def _drop_ins(meets: Callable[[FileAccess], bool]) -> Predicate:
    """Every file of sshd_config.d."""

    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        restricted = seen(sheet, RestrictedFiles)
        if restricted is None:
            return None
        return all(meets(file) for file in restricted.under("/etc/ssh/sshd_config.d/"))

    return asks


def _audit_configuration(sheet: FactSheet) -> tuple[FileAccess, ...] | None:
    """Files of /etc/audit that hold the audit daemon's configuration and rules."""
    restricted = seen(sheet, RestrictedFiles)
    if restricted is None:
        return None
    return tuple(
        file
        for file in restricted.under("/etc/audit/")
        if not file.folder and (file.path.endswith(".rules") or file.path == "/etc/audit/auditd.conf")
    )


def _audit_modes(most: int) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        files = _audit_configuration(sheet)
        return None if files is None else all(not file.mode & ~most for file in files)

    return asks


# --- homes -----------------------------------------------------------------------------------------


def _homes(sheet: FactSheet) -> list[FileAccess] | None:
    """Existing home folders of people who can log in."""
    accounts, homes = seen(sheet, Accounts), seen(sheet, HomeFolders)
    if accounts is None or homes is None:
        return None
    wanted = {account.home.rstrip("/") + "/" for account in _people(accounts)}
    return [home for home in homes.folders if home.path in wanted]


def _people(accounts: Accounts) -> Iterator[Account]:
    for account in accounts.accounts:
        if account.uid >= FIRST_PERSON and account.name != "nobody" and account.can_log_in:
            yield account


def _home_modes(sheet: FactSheet, _: Variables) -> bool | None:
    homes = _homes(sheet)
    return None if homes is None else all(not home.mode & ~0o750 for home in homes)


def _home_owners(sheet: FactSheet, _: Variables) -> bool | None:
    accounts, homes = seen(sheet, Accounts), _homes(sheet)
    if accounts is None or homes is None:
        return None
    owners = {account.home.rstrip("/") + "/": account.uid for account in _people(accounts)}
    return all(home.uid == owners[home.path] for home in homes)


def _home_groups(sheet: FactSheet, _: Variables) -> bool | None:
    accounts, homes = seen(sheet, Accounts), _homes(sheet)
    if accounts is None or homes is None:
        return None
    groups = {account.home.rstrip("/") + "/": account.gid for account in _people(accounts)}
    return all(home.gid == groups[home.path] for home in homes)


def _swapped(sheet: FactSheet, _: Variables) -> str:
    accounts, homes = seen(sheet, Accounts), _homes(sheet)
    if accounts is None or homes is None:
        return ""
    owners = {account.home.rstrip("/") + "/": account for account in _people(accounts)}
    others = [
        f"{home.path} belongs to {home.uid}:{home.gid}"
        for home in homes
        if home.uid != owners[home.path].uid or home.gid != owners[home.path].gid
    ]
    return "; ".join(others)


def _homes_exist(sheet: FactSheet, _: Variables) -> bool | None:
    accounts, homes = seen(sheet, Accounts), seen(sheet, HomeFolders)
    if accounts is None or homes is None:
        return None
    there = {home.path for home in homes.folders} | {"//"}
    wanted = {account.home.rstrip("/") + "/" for account in _people(accounts)}
    elsewhere = {home for home in wanted if not home.startswith("/home/")} - {"/"}
    missing = {home for home in wanted if home.startswith("/home/")} - there
    return False if missing else None if elsewhere else True


def _no_trust(sheet: FactSheet, _: Variables) -> bool | None:
    trust = seen(sheet, TrustFiles)
    return None if trust is None else not trust.files


_ASKED: Mapping[str, Predicate] = {
    **{f"file_permissions_{name}": _mode(*asked) for name, asked in _PATHS.items()},
    **{f"file_owner_{name}": _owner(path) for name, (path, _) in _PATHS.items()},
    **{f"file_groupowner_{name}": _group(path) for name, (path, _) in _PATHS.items()},
    **{f"directory_permissions_{name}": _mode(*asked) for name, asked in _PATHS.items()},
    **{f"directory_owner_{name}": _owner(path) for name, (path, _) in _PATHS.items()},
    **{f"directory_groupowner_{name}": _group(path) for name, (path, _) in _PATHS.items()},
    **{f"file_permissions_{name}": _modes_of(*asked) for name, asked in _PATTERNS.items()},
    **{f"file_ownership_{name}": _roots(b, e) for name, (b, e, _) in _PATTERNS.items()},
    **{f"file_groupownership_{name}": _root_group(b, e) for name, (b, e, _) in _PATTERNS.items()},
    "file_permissions_audit_configuration_stig": _audit_modes(0o600),
    "file_permissions_grub2_cfg": _modes_of("/boot/grub", "/grub.cfg", 0o600),
    "file_owner_grub2_cfg": _roots("/boot/grub", "/grub.cfg"),
    "file_groupowner_grub2_cfg": _root_group("/boot/grub", "/grub.cfg"),
    "file_permissions_sshd_drop_in_config": _drop_ins(lambda file: not file.mode & ~0o600),
    "file_owner_sshd_drop_in_config": _drop_ins(lambda file: file.uid == 0),
    "file_groupowner_sshd_drop_in_config": _drop_ins(lambda file: file.gid == 0),
    "sudo_restrict_others_executable_permission": _mode("/usr/bin/sudo", 0o7776),
    "file_permissions_home_directories": _home_modes,
    "file_ownership_home_directories": _home_owners,
    "file_groupownership_home_directories": _home_groups,
    "accounts_user_interactive_home_directory_exists": _homes_exist,
}


def _lenient_rules(sheet: FactSheet, _: Variables) -> str:
    files = _audit_configuration(sheet) or ()
    return "; ".join(f"{file.path} has mode {file.mode:04o}" for file in files if file.mode & ~0o600)


_DISPUTES = {
    "file_ownership_home_directories": _swapped,
    "file_groupownership_home_directories": _swapped,
    "file_permissions_audit_configuration_stig": _lenient_rules,
}

RULES: Mapping[str, Rule] = plain(_ASKED) | {
    name: Rule(_ASKED[name], dispute=dispute) for name, dispute in _DISPUTES.items()
}

TRUST: Mapping[str, Rule] = plain({"no_rsh_trust_files": _no_trust})

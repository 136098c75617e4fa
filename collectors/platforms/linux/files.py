"""Owners and modes of the files that decide over access; files by which hosts trust each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.facts import FileAccess, FileTrace, HomeFolders, ProtectedFiles, RestrictedFiles, TrustFiles
from scanner.model import Citation, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Evidence, Listed

_ACCOUNTS = tuple(
    f"/etc/{name}{old}" for name in ("passwd", "shadow", "group", "gshadow") for old in ("", "-")
)
_CRON_FOLDERS = tuple(
    f"/etc/cron.{name}/" for name in ("d", "hourly", "daily", "weekly", "monthly", "yearly")
)
_ALLOWED = tuple(f"/etc/{daemon}.{list_}" for daemon in ("cron", "at") for list_ in ("allow", "deny"))

PROTECTED_FILES = Step(
    "protected-files",
    Files(
        (
            *_ACCOUNTS,
            "/etc/security/",
            "/etc/security/opasswd",
            "/etc/security/opasswd.old",
            "/etc/pam.d/",
            "/etc/login.defs",
            "/etc/profile",
            "/etc/shells",
            "/etc/sudoers",
            "/etc/sudoers.d/",
            "/usr/bin/sudo",
            "/etc/ssh/",
            "/etc/ssh/sshd_config",
            "/etc/ssh/sshd_config.d/",
            "/etc/ssh/ssh_host_*_key",
            "/etc/ssh/ssh_host_*_key.pub",
            "/etc/sysconfig/sshd",
            "/etc/crontab",
            *_CRON_FOLDERS,
            *_ALLOWED,
            "/etc/audit/",
            "/etc/hosts.allow",
            "/etc/hosts.deny",
            "/etc/sysctl.conf",
            "/etc/sysctl.d/",
            "/etc/iptables/",
            "/etc/nftables/",
            "/etc/crypttab",
            "/etc/chrony.keys",
            "/etc/chrony/chrony.keys",
            "/boot/grub/grub.cfg",
            "/boot/grub2/grub.cfg",
            "/root/",
        ),
        metadata_only=True,
    ),
    Text(
        zh="账户、授权和登录相关文件的属主与权限（不读内容）",
        en="owners and modes of files that decide over accounts, rights and logins (not read)",
    ),
)

RESTRICTED_FILES = Step(
    "restricted-files",
    Files(
        (
            "/etc/audit/*",
            "/etc/audit/rules.d/",
            "/etc/audit/rules.d/*",
            "/etc/sudoers.d/*",
            "/etc/ssh/sshd_config.d/*",
        ),
        privileged=True,
        metadata_only=True,
    ),
    Text(
        zh="受限目录中审计、sudo 与 SSH 配置文件的属主与权限（不读内容）",
        en="owners and modes of audit's, sudo's and SSH's files in folders that not all may list (not read)",
    ),
)

HOME_FOLDERS = Step(
    "home-folders",
    Files(("/home/*/",), metadata_only=True),
    Text(zh="用户目录的属主与权限", en="owners and modes of users' folders"),
)

_EVERYWHERE = ("/etc/hosts.equiv", "/etc/shosts.equiv", "/etc/ssh/shosts.equiv")

TRUST_FILES = Step(
    "trust-files",
    Files(
        (*_EVERYWHERE, "/root/.rhosts", "/root/.shosts", "/home/*/.rhosts", "/home/*/.shosts"),
        metadata_only=True,
    ),
    Text(
        zh="是否存在免口令信任其他主机的文件（不读内容）",
        en="whether files exist that trust other hosts without a password (not read)",
    ),
)

TRUST_FOUND = Step(
    "trust-found",
    Command(
        (
            "find",
            "-H",
            "/etc",
            "/root",
            "/home",
            "-maxdepth",
            "2",
            "-name",
            ".[rs]hosts",
            "-o",
            "-name",
            "*hosts.equiv",
            "-o",
            "-path",
            "/root",
        ),
        privileged=True,
    ),
    Text(
        zh="同上，供不能进入他人目录的登录使用（只列文件名）",
        en="the same for logins that may not enter others' folders (names only)",
    ),
    control=r"^/root$",
)


def read_protected_files(evidence: Evidence) -> ProtectedFiles:
    """Read owners and modes of what everybody may list."""
    listed = evidence.listed(PROTECTED_FILES)
    return ProtectedFiles((evidence.listing(PROTECTED_FILES),), tuple(map(_access, listed)))


def read_restricted_files(evidence: Evidence) -> RestrictedFiles:
    """Read owners and modes of what lies in restricted folders."""
    listed = evidence.listed(RESTRICTED_FILES)
    return RestrictedFiles((evidence.listing(RESTRICTED_FILES),), tuple(map(_access, listed)))


def _access(listed: Listed) -> FileAccess:
    return FileAccess(listed.path, listed.meta.mode, listed.meta.uid, listed.meta.gid, listed.at)


def read_home_folders(evidence: Evidence) -> HomeFolders:
    """Read owners and modes of the folders under /home."""
    folders = evidence.listed(HOME_FOLDERS)
    return HomeFolders((evidence.listing(HOME_FOLDERS),), tuple(map(_access, folders)))


def read_trust_files(evidence: Evidence) -> TrustFiles:
    """Read which trust files exist, from the listing or, where that was refused, from what find found.

    Raises:
        Unseen: neither could look into every folder.
    """
    try:
        listed = evidence.listed(TRUST_FILES)
    except Unseen as refused:
        try:
            seen, found = _found(evidence)
        except Unseen:
            raise refused from None
        return TrustFiles((seen,), tuple(found))
    return TrustFiles((evidence.listing(TRUST_FILES),), tuple(FileTrace(f.path, f.at) for f in listed))


def _found(evidence: Evidence) -> tuple[Citation, Iterator[FileTrace]]:
    document = evidence.command(TRUST_FOUND)
    for number, line in enumerate(document.lines, 1):
        if line and not line.startswith("/"):
            raise unparsable(TRUST_FOUND, document, number, "not a path that was asked for")
    traces = (
        FileTrace(line, document.cite(number))
        for number, line in enumerate(document.lines, 1)
        if line in _EVERYWHERE or re.fullmatch(r"/(root|home/[^/]+)/\.[rs]hosts", line)
    )
    return document.whole, traces


STEPS = (PROTECTED_FILES, RESTRICTED_FILES, HOME_FOLDERS, TRUST_FILES, TRUST_FOUND)

READERS = (
    Reader(ProtectedFiles, (Need((PROTECTED_FILES,)),), read_protected_files),
    Reader(RestrictedFiles, (Need((RESTRICTED_FILES,)),), read_restricted_files),
    Reader(HomeFolders, (Need((HOME_FOLDERS,)),), read_home_folders),
    Reader(TrustFiles, (Need((TRUST_FILES, TRUST_FOUND)),), read_trust_files),
)

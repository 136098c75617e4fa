"""Questions about who may read and change the files that decide over access."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import (
    FileMask,
    Groups,
    InetServices,
    ProtectedFiles,
    SshServer,
    TrustFiles,
)
from scanner.model import Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.facts import FileAccess, InetService
    from scanner.model import Citation

_SECRET = re.compile(
    r"/etc/(g?shadow-?|security/opasswd(\.old)?|ssh/ssh_host_\w+_key|crypttab|chrony(/chrony)?\.keys|sudoers)"
)
"""Files that hold hashes, keys or rights which not everybody may read."""

_READERS = frozenset({"root", "shadow", "ssh_keys", "chrony", "_chrony"})
"""Groups that distributions let read one of these."""

_SHARED = frozenset({"/etc/cron.allow", "/etc/at.allow", "/etc/cron.deny", "/etc/at.deny"})
"""Files that distributions give to the group of the daemon that reads them."""


def _wrong(file: FileAccess, groups: Groups) -> str:
    """What is wrong with a file; empty: nothing."""
    names = {group.name for group in groups.groups if group.gid == file.gid} | (
        {"root"} if file.gid == 0 else set()
    )
    if file.uid != 0:
        return f"uid {file.uid}"
    if file.mode & 0o002 or (file.mode & 0o020 and file.gid != 0 and file.path not in _SHARED):
        return f"{file.mode:04o}"
    if _SECRET.fullmatch(file.path) and (file.mode & 0o004 or (file.mode & 0o040 and not names & _READERS)):
        return f"{file.mode:04o}"
    return ""


def _protected(files: ProtectedFiles, groups: Groups, _: NoParameters) -> Outcome:
    wrong = [(file, why) for file in files.files if (why := _wrong(file, groups))]
    if wrong:
        message = Text(
            zh="以下文件可被无关的人修改或读取：{files}",
            en="others may change or read these files: {files}",
        ).format(files=listed(f"{file.path} {why}" for file, why in wrong))
        return Outcome.no(message, *(file.at for file, _ in wrong))
    if files.get("/etc/passwd") is None:
        message = Text(zh="没有看到 /etc/passwd", en="/etc/passwd was not seen")
        return unsettled(message, files.seen, GapReason.EMPTY)
    message = Text(
        zh="{count} 个账户、授权与登录相关文件只有 root 可改，口令散列和密钥不对所有人可读",
        en="{count} files of accounts, rights and logins: only root may change them, hashes and keys"
        " are not for"
        " everybody's eyes",
    ).format(count=len(files.files))
    return Outcome.yes(message, *(file.at for file in files.files[:20]), *files.seen)


# --- trust -----------------------------------------------------------------------------------------

_REMOTE_SHELLS = frozenset("rsh rlogin rexec shell login exec 512 513 514".split())


def _obeyed(ssh: SshServer | Gap, inetd: InetServices | Gap) -> bool | None:
    """Whether some server lets people in by such files; None: not seen."""
    if isinstance(ssh, SshServer):
        by_host = [v.value for v in (ssh.everywhere("hostbasedauthentication") if _named(ssh) else ())]
        if "yes" in by_host:
            return True
    shells = (
        () if isinstance(inetd, Gap) else tuple(s for s in inetd.services if s.enabled and _remote_shell(s))
    )
    if shells:
        return True
    return None if isinstance(ssh, Gap) or isinstance(inetd, Gap) or not _named(ssh) else False


def _named(ssh: SshServer) -> bool:
    return "hostbasedauthentication" in ssh.settings


def _remote_shell(service: InetService) -> bool:
    name = service.name.lower().removeprefix("in.").removesuffix("d")
    return service.protocol.startswith("tcp") and name in _REMOTE_SHELLS


def _no_trust(trust: TrustFiles, ssh: SshServer | Gap, inetd: InetServices | Gap, _: NoParameters) -> Outcome:
    if not trust.files:
        message = Text(
            zh="没有 .rhosts、hosts.equiv 之类的文件", en="there is no .rhosts, hosts.equiv or the like"
        )
        return Outcome.yes(message, *trust.seen)
    there = listed(file.path for file in trust.files)
    places = tuple(file.at for file in trust.files)
    obeyed = _obeyed(ssh, inetd)
    if obeyed:
        message = Text(
            zh="有服务按这些文件免口令放行：{files}",
            en="a server lets people in without a password by these files: {files}",
        )
        return Outcome.no(message.format(files=there), *places)
    if obeyed is None:
        message = Text(
            zh="存在 {files}，是否有服务遵从它们未看到",
            en="{files} are there; whether some server obeys them was not seen",
        ).format(files=there)
        gap = next((fact for fact in (ssh, inetd) if isinstance(fact, Gap)), None)
        return unsettled(message, places) if gap is None else through(message, gap, places)
    message = Text(zh="存在 {files}，但没有服务遵从", en="{files} are there, but no server obeys them")
    return Outcome.yes(message.format(files=there), *places, *_seen(ssh, inetd))


def _seen(*facts: SshServer | InetServices | Gap) -> Iterable[Citation]:
    return (citation for fact in facts if not isinstance(fact, Gap) for citation in fact.seen)


# --- the mask of new files -------------------------------------------------------------------------

_OTHERS_WRITE = 0o022


def _mask(mask: FileMask, _: NoParameters) -> Outcome:
    loose = [value for value in mask.possible if value.value & _OTHERS_WRITE != _OTHERS_WRITE]
    shown = listed(f"{value.value:04o}" for value in (loose or mask.possible))
    if loose and len(loose) < len(mask.possible):
        message = Text(
            zh="登录 shell 的文件掩码视条件而定，可能为 {masks}",
            en="the mask of new files depends on conditions and may be {masks}",
        )
        return unsettled(message.format(masks=shown), (value.at for value in loose))
    if loose:
        message = Text(
            zh="登录 shell 的文件掩码为 {masks}：同组或其他人可改新建的文件",
            en="login shells create files with mask {masks}: the group or others may change them",
        )
        return Outcome.no(message.format(masks=shown), *(value.at for value in loose))
    message = Text(
        zh="登录 shell 的文件掩码为 {masks}：新建的文件只有属主可改",
        en="login shells create files with mask {masks}: only the owner may change them",
    )
    return Outcome.yes(message.format(masks=shown), *(value.at for value in mask.possible), *mask.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "files.account-files-protected",
        Text(
            zh="账户、授权和登录相关的文件是否只有 root 可改，口令散列和密钥是否不对所有人可读？",
            en="May only root change the files of accounts, rights and logins, and are hashes and keys"
            " kept from"
            " everybody?",
        ),
        (ProtectedFiles, Groups),
        _protected,
        Risk.MEDIUM,
        Text(
            zh="对列出的文件执行 chown root: 文件 与 chmod go-w 文件；/etc/shadow、/etc/gshadow 用"
            " chmod 640，"
            "/etc/ssh/ssh_host_*_key 用 chmod 600。",
            en="For each file named run chown root: FILE and chmod go-w FILE; chmod 640 for /etc/shadow and"
            " /etc/gshadow, chmod 600 for /etc/ssh/ssh_host_*_key.",
        ),
    ),
    Check(
        "files.trust-refused",
        Text(
            zh="是否没有服务按 .rhosts、hosts.equiv 免口令放行其他主机的用户？",
            en="Does no server let other hosts' users in by .rhosts or hosts.equiv?",
        ),
        (TrustFiles,),
        _no_trust,
        Risk.HIGH,
        Text(
            zh="删除 /etc/hosts.equiv、/etc/ssh/shosts.equiv 和各用户目录下的 .rhosts、.shosts，并停用"
            " rsh、rlogin。",
            en="Remove /etc/hosts.equiv, /etc/ssh/shosts.equiv and users' .rhosts and .shosts; switch rsh and"
            " rlogin off.",
        ),
        also=(SshServer, InetServices),
    ),
    Check(
        "files.mask-restrictive",
        Text(
            zh="登录 shell 新建的文件是否只有属主可改？",
            en="May only the owner change files that login shells create?",
        ),
        (FileMask,),
        _mask,
        Risk.LOW,
        Text(
            zh="在 /etc/profile.d/umask.sh 写 umask 027，并在 /etc/login.defs 写 UMASK 027。",
            en="Write umask 027 into /etc/profile.d/umask.sh and UMASK 027 into /etc/login.defs.",
        ),
    ),
)

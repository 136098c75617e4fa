"""Questions about network services that belong to their host: SNMP agents, shares, what runs containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.account_sources import MEMBERS, of_all
from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import (
    Accounts,
    AccountSources,
    Admission,
    ContainerApis,
    ContainerRights,
    ContainerSockets,
    Groups,
    NfsShares,
    PacketFilter,
    SmbShares,
    SnmpAgent,
)
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.facts import ContainerSocket, Share, Shares, SnmpCommunity
    from scanner.model import Citation


def _nothing_to_ask(zh: str, en: str, seen: Sequence[Citation]) -> Outcome:
    return Outcome(Answer.NA, Text(zh, en), tuple(seen))


def _silent(agent: SnmpAgent) -> Outcome | None:
    """Where no other host hears an agent there is nothing to ask."""
    if not agent.running:
        return _nothing_to_ask("没有运行 SNMP 代理", "no SNMP agent runs", agent.seen)
    if agent.reachable is False:
        return _nothing_to_ask(
            "SNMP 代理只监听本机", "the SNMP agent listens on the host itself only", agent.seen
        )
    return None


def _unread(agent: SnmpAgent) -> Outcome | None:
    if not agent.unread:
        return None
    message = Text(zh="未读到的设置可能放行：{what}", en="what was not read may let somebody in: {what}")
    return unsettled(message.format(what=agent.unread), agent.seen)


def _no_default_community(agent: SnmpAgent, _: NoParameters) -> Outcome:
    others = [c for c in agent.communities if c.sources is not Admission.LOCAL]
    known = [c for c in others if c.default_word and c.lets_in and c.sources is Admission.ANYWHERE]
    if known and agent.reachable:
        writes = any(c.writes for c in known)
        message = Text(
            zh="SNMP 代理向任何来源接受出厂默认团体名（{count} 个{what}）",
            en="the SNMP agent answers a community that products are delivered with, whoever asks"
            " ({count}, {what})",
        )
        what = Text("，其中有可写的", "writing too") if writes else Text("，只读", "reading only")
        shown = Text(
            message.zh.format(count=len(known), what=what.zh),
            message.en.format(count=len(known), what=what.en),
        )
        return Outcome.no(shown, *(c.at for c in known))
    doubtful = [c for c in others if c.default_word is not False]
    message = Text(
        zh="有默认团体名，但限定了来源、是否放行或可达未查明",
        en="a default community is there, but it is"
        " limited to sources, or whether it lets in or is reached was not seen",
    )
    left = unsettled(message, (c.at for c in doubtful)) if doubtful else _unread(agent)
    clean = Text(zh="没有默认团体名", en="no community is a word that products are delivered with")
    return _silent(agent) or left or Outcome.yes(clean, *agent.seen)


def _no_clear_version(agent: SnmpAgent, _: NoParameters) -> Outcome:
    others = [c for c in agent.communities if c.sources is not Admission.LOCAL]
    clear = [c for c in others if c.lets_in and c.sources is not Admission.UNKNOWN]
    if clear and agent.reachable:
        message = Text(
            zh="接受其他主机的 SNMP v1/v2c 请求，团体名明文传输",
            en="SNMP version 1 and 2c are answered to other hosts: communities travel in clear",
        )
        return Outcome.no(message, *(c.at for c in clear))
    message = Text(
        zh="有 v1/v2c 团体名，但是否放行或可达未查明",
        en="there are communities, but whether they let in or the agent is reached was not seen",
    )
    left = unsettled(message, _places(others)) if others else _unread(agent)
    clean = Text(zh="只接受 SNMP v3", en="only SNMP version 3 is answered")
    return _silent(agent) or left or Outcome.yes(clean, *agent.seen)


def _places(communities: Iterable[SnmpCommunity]) -> Iterator[Citation]:
    return (c.at for c in communities)


def _seen(*facts: Shares | Gap) -> tuple[Citation, ...]:
    return tuple(c for f in facts if not isinstance(f, Gap) for c in f.seen)


def _left_open(*facts: Shares | Gap) -> Outcome | None:
    """What keeps an answer about all shares open."""
    message = Text(zh="未看到全部共享", en="not all shares were seen")
    for found in facts:
        if isinstance(found, Gap):
            return through(message, found)
        if found.unread:
            text = Text(f"{message.zh}：{found.unread}", f"{message.en}: {found.unread}")
            return unsettled(text, found.seen)
    if not any(isinstance(found, Gap) or found.running for found in facts):
        return _nothing_to_ask("NFS 与 Samba 都未运行", "neither NFS nor Samba runs", _seen(*facts))
    return None


def _no_anonymous(
    nfs: NfsShares | Gap, smb: SmbShares | Gap, filtering: PacketFilter | Gap, _: NoParameters
) -> Outcome:
    """A filter may stand for what NFS asks of nobody; a guest of Samba is a guest wherever from."""
    by_nfs = [] if isinstance(nfs, Gap) else [s for s in nfs.shares if s.anonymous]
    by_smb = [] if isinstance(smb, Gap) else [s for s in smb.shares if s.anonymous is not False]
    unfiltered = isinstance(filtering, PacketFilter) and not (filtering.chains or filtering.frontends)
    wide = [s for s in by_smb if s.anonymous and s.sources is Admission.ANYWHERE]
    wide += [s for s in by_nfs if unfiltered and s.sources is Admission.ANYWHERE]
    if wide:
        return Outcome.no(
            Text(
                zh="以下共享无需鉴别即可访问：{names}", en="these shares let in whoever comes: {names}"
            ).format(names=_names(wide)),
            *(s.at for s in wide),
        )
    doubtful = [s for s in (*by_smb, *by_nfs) if s.sources is not Admission.LOCAL]
    if doubtful:
        message = Text(
            zh="以下共享不要求鉴别，但来源是否受限未查明：{names}",
            en="these shares ask no proof; whether their sources are limited was not settled: {names}",
        ).format(names=_names(doubtful))
        return unsettled(message, (s.at for s in doubtful), needs="a person reads filter and files")
    message = Text(zh="没有匿名共享", en="no share lets in somebody who proves nothing")
    return _left_open(nfs, smb) or Outcome.yes(message, *_seen(nfs, smb))


def _names(shares: Iterable[Share]) -> str:
    return listed(f"{s.name} (rw)" if s.writable else s.name for s in shares)


def _superuser_squashed(nfs: NfsShares, filtering: PacketFilter | Gap, _: NoParameters) -> Outcome:
    kept = [s for s in nfs.shares if s.superuser and s.sources is not Admission.LOCAL]
    wide = [s for s in kept if s.anonymous and s.sources is Admission.ANYWHERE]
    if wide and isinstance(filtering, PacketFilter) and not (filtering.chains or filtering.frontends):
        message = Text(
            zh="任何主机的 root 在以下共享中仍是 root：{names}",
            en="root of any host is root in these shares: {names}",
        ).format(names=_names(wide))
        return Outcome.no(message, *(s.at for s in wide))
    if kept:
        message = Text(
            zh="客户端的 root 在以下共享中仍是 root，是否必要由人判断：{names}",
            en="root of the clients is root in these shares, a person says whether it has to be: {names}",
        ).format(names=_names(kept))
        return unsettled(message, (s.at for s in kept))
    if not nfs.running:
        return _nothing_to_ask("没有运行 NFS", "NFS does not run", nfs.seen)
    message = Text(zh="客户端的 root 均被降权", en="root of a client is nobody in every share")
    if nfs.unread:
        return unsettled(Text(f"未读到：{nfs.unread}", f"not read: {nfs.unread}"), nfs.seen)
    return Outcome.yes(message, *nfs.seen)


def _api_protected(found: ContainerApis, _: NoParameters) -> Outcome:
    open_ = [a for a in found.apis if a.authenticated is False]
    if open_:
        message = Text(
            zh="以下接口不鉴别调用者：{what}", en="these interfaces ask nobody for proof: {what}"
        ).format(what=listed(f"{a.program}: {a.setting}" for a in open_))
        return Outcome.no(message, *(a.at for a in open_))
    left = [a for a in found.apis if a.authenticated is None]
    if left:
        message = Text(
            zh="以下接口是否鉴别调用者，所读设置不足以判定：{what}",
            en="what was read does not settle whether these interfaces ask for proof: {what}",
        ).format(what=listed(f"{a.program}: {a.setting}" for a in left))
        return unsettled(message, (a.at for a in left))
    if not found.running:
        return _nothing_to_ask("没有运行容器管理程序", "nothing that runs containers is there", found.seen)
    message = Text(
        zh="{names} 的网络接口都鉴别调用者，或没有网络接口",
        en="every interface by network of {names} asks for proof, or there is none",
    ).format(names=listed(found.running))
    return Outcome.yes(message, *found.seen)


def _rights_restricted(found: ContainerRights, _: NoParameters) -> Outcome:
    if not found.containers:
        return _nothing_to_ask("没有容器在运行", "no container runs", found.seen)
    strong = [(container, container.held) for container in found.containers if container.held]
    if strong:
        message = Text(
            zh="以下容器的内核权能等同于宿主机的 root：{what}",
            en="by their kernel capabilities these containers are as good as root on the machine: {what}",
        ).format(what=listed(f"{container.name} ({', '.join(held)})" for container, held in strong))
        return Outcome.no(message, *(container.at for container, _ in strong))
    unseen = [container for container in found.containers if container.held is None]
    if unseen:
        message = Text(
            zh="以下容器的进程在查看时已结束：{what}",
            en="processes of these containers ended meanwhile: {what}",
        ).format(what=listed(container.name for container in unseen))
        return unsettled(message, (container.at for container in unseen))
    message = Text(
        zh="{count} 个容器都没有等同于宿主机 root 的内核权能",
        en="none of {count} containers has kernel capabilities that are as good as root on the machine",
    ).format(count=len(found.containers))
    return Outcome.yes(message, *(container.at for container in found.containers[:20]), *found.seen)


def _socket_restricted(
    found: ContainerSockets,
    groups: Groups | Gap,
    accounts: Accounts | Gap,
    sources: AccountSources | Gap,
    _: NoParameters,
) -> Outcome:
    own = [s for s in found.sockets if s.uid == 0]
    everybody = [s for s in own if s.mode & 0o002]
    if everybody:
        message = Text(zh="任何账户都可写入：{paths}", en="every account may write to: {paths}").format(
            paths=listed(s.path for s in everybody)
        )
        return Outcome.no(message, *(s.at for s in everybody))
    shared = [s for s in own if s.mode & 0o020 and s.gid != 0]
    people = [(s, _members(s, groups, accounts)) for s in shared]
    named = [(s, who) for s, who in people if who]
    if named:
        message = Text(
            zh="以下账户可经 {paths} 取得 root 权限：{names}",
            en="by {paths} these accounts are as good as root: {names}",
        ).format(
            paths=listed(s.path for s, _ in named), names=listed(n for _, who in named for n in who or ())
        )
        return Outcome.no(message, *(s.at for s, _ in named))
    if any(who is None for _, who in people):
        gap = next((f for f in (groups, accounts) if isinstance(f, Gap)), Gap(GapReason.NOT_COLLECTED))
        message = Text(zh="套接字所属组的成员未查明", en="who is in the socket's group was not seen")
        return through(message, gap, (s.at for s in shared))
    if not own:
        return _nothing_to_ask("没有容器管理套接字", "there is no socket of that kind", found.seen)
    message = Text(zh="只有 root 可写入：{paths}", en="nobody but root may write to: {paths}")
    good = Outcome.yes(message.format(paths=listed(s.path for s in own)), *found.seen)
    return of_all(good, sources, MEMBERS) if shared else good


def _members(
    socket: ContainerSocket, groups: Groups | Gap, accounts: Accounts | Gap
) -> tuple[str, ...] | None:
    """Accounts of a socket's group that are not user number 0; None: not all are known."""
    if isinstance(groups, Gap) or isinstance(accounts, Gap):
        return None
    group = next((g for g in groups.groups if g.gid == socket.gid), None)
    if group is None:
        return None
    roots = {a.name for a in accounts.accounts if a.uid == 0}
    primary = (a.name for a in accounts.accounts if a.gid == socket.gid)
    return tuple(dict.fromkeys(n for n in (*group.members, *primary) if n not in roots))


CHECKS: tuple[Check, ...] = (
    Check(
        "snmp.no-default-community",
        Text(
            zh="SNMP 代理是否不接受出厂默认的团体名？",
            en="Does the SNMP agent refuse the communities that products are delivered with?",
        ),
        (SnmpAgent,),
        _no_default_community,
        Risk.HIGH,
        Text(
            zh="删去 snmpd.conf 中的 public、private 等团体名，改用 SNMPv3 authPriv"
            "（net-snmp-create-v3-user），或停用 snmpd；重启后重扫。",
            en="Delete communities such as public and private from snmpd.conf and use SNMPv3 authPriv"
            " (net-snmp-create-v3-user), or stop snmpd; restart it and scan again.",
        ),
    ),
    Check(
        "snmp.no-clear-version",
        Text(
            zh="其他主机是否只能以 SNMPv3 查询本机？",
            en="Can other hosts ask the SNMP agent by version 3 only?",
        ),
        (SnmpAgent,),
        _no_clear_version,
        Risk.MEDIUM,
        Text(
            zh="删去 snmpd.conf 中所有 rocommunity、rwcommunity、com2sec 行，只保留 SNMPv3 用户"
            "（rouser 名称 authpriv）；或用 agentaddress 只监听本机。",
            en="Delete every rocommunity, rwcommunity and com2sec of snmpd.conf and keep users of version 3"
            " (rouser NAME authpriv), or listen on the host itself only (agentaddress).",
        ),
    ),
    Check(
        "share.no-anonymous",
        Text(
            zh="NFS 与 Samba 共享是否都不允许匿名访问？",
            en="Does no share of NFS or Samba let in somebody who proves nothing?",
        ),
        (),
        _no_anonymous,
        Risk.HIGH,
        Text(
            zh="Samba：去掉共享中的 guest ok、public、guest only；NFS：在 /etc/exports 中写明客户端地址，"
            "或用 sec=krb5p；exportfs -ra 后重扫。",
            en="Samba: remove guest ok, public and guest only from the shares. NFS: name the clients in"
            " /etc/exports, or use sec=krb5p; then exportfs -ra, and scan again.",
        ),
        also=(NfsShares, SmbShares, PacketFilter),
    ),
    Check(
        "share.superuser-squashed",
        Text(
            zh="NFS 是否不让客户端的 root 保有 root 权限？",
            en="Does NFS keep root of a client from being root in its shares?",
        ),
        (NfsShares,),
        _superuser_squashed,
        Risk.MEDIUM,
        Text(
            zh="去掉 /etc/exports 中的 no_root_squash，执行 exportfs -ra。",
            en="Remove no_root_squash from /etc/exports and run exportfs -ra.",
        ),
        also=(PacketFilter,),
    ),
    Check(
        "container.api-protected",
        Text(
            zh="容器管理程序的网络接口是否都鉴别调用者？",
            en="Does every interface by network of what runs containers ask callers for proof?",
        ),
        (ContainerApis,),
        _api_protected,
        Risk.HIGH,
        Text(
            zh="Docker：去掉 tcp:// 或启用 tlsverify；kubelet：authentication.anonymous.enabled: false、"
            "authorization.mode: Webhook、readOnlyPort: 0；重启后重扫。",
            en="Docker: remove tcp:// or set tlsverify. kubelet: authentication.anonymous.enabled: false,"
            " authorization.mode: Webhook, readOnlyPort: 0. Restart and scan again.",
        ),
    ),
    Check(
        "container.socket-restricted",
        Text(
            zh="能否写入容器管理套接字的是否只有 root？",
            en="Can nobody but root write to the sockets of what runs containers?",
        ),
        (ContainerSockets,),
        _socket_restricted,
        Risk.MEDIUM,
        Text(
            zh="把账户移出 docker 组（gpasswd -d 账户 docker），套接字权限改为 0660 root。",
            en="Take accounts out of the group docker (gpasswd -d ACCOUNT docker); let the socket be 0660.",
        ),
        also=(Groups, Accounts, AccountSources),
    ),
    Check(
        "container.rights-restricted",
        Text(
            zh="容器是否都没有等同于宿主机 root 的内核权能？",
            en="Has no container kernel capabilities that are as good as root on its machine?",
        ),
        (ContainerRights,),
        _rights_restricted,
        Risk.MEDIUM,
        Text(
            zh="去掉 --privileged 与多余的 --cap-add（Kubernetes：securityContext.privileged: false、"
            "capabilities.drop: [ALL]），重建容器；确需特权的基础组件登记理由。",
            en="Remove --privileged and needless --cap-add (Kubernetes: securityContext.privileged: false,"
            " capabilities.drop: [ALL]) and start the container anew; write down why, where it needs them.",
        ),
    ),
)

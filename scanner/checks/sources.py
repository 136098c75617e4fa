"""From where an SSH server may be reached: yes only where one plain limit is certain.

Three limits can be read plainly: AllowUsers whose every pattern names a source, a packet filter that denies
by default and opens the server's port to named sources only, and TCP wrappers of a server that was seen to
use them. Whatever else may limit sources (Match blocks, DenyUsers, a filter not read to the end) leaves the
question open; a no needs all of it seen and none of it there.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.checks.sshd import met
from scanner.facts import (
    HostAccess,
    PacketFilter,
    ProvenFilter,
    Sources,
    SshServer,
)
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from scanner.facts import ProvenPort
    from scanner.model import Citation

_SHORTEST = {4: 8, 6: 16}
"""A network with a shorter prefix is too wide to be called a limit (unique local addresses aside)."""

_UNIQUE_LOCAL = ipaddress.IPv6Network("fc00::/7")

_REFUSING = frozenset(
    "allowusers allowgroups denyusers denygroups authenticationmethods passwordauthentication "
    "pubkeyauthentication kbdinteractiveauthentication forcecommand refuseconnection".split()
)
"""Settings by which a Match block on addresses may refuse connections."""


def is_limit(source: str) -> bool:
    """Whether ``source`` names one address, a network that is not too wide, or a host by name."""
    text = source.strip().strip("[]").lower()
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return _is_wildcard_limit(text) or _is_name_limit(text)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_UNIQUE_LOCAL):
        return True
    return network.prefixlen >= _SHORTEST[network.version]


def _is_wildcard_limit(text: str) -> bool:
    """``10.60.*``: an IPv4 pattern whose first number is fixed."""
    return re.fullmatch(r"[0-9]{1,3}(\.([0-9]{1,3}|\*)){1,3}", text) is not None


def _is_name_limit(text: str) -> bool:
    """``admin.example.org``, ``*.example.org``: a name whose last two labels are fixed."""
    return re.fullmatch(r"(\*?\.)?([a-z0-9-]+\.)+[a-z][a-z0-9-]*", text) is not None


def _allow_users(server: SshServer) -> Outcome | None:
    """Yes if AllowUsers names a source in every pattern of every connection; None where it limits nothing."""
    if "allowusers" not in server.settings:
        return None
    values = met(server, "allowusers")
    patterns = [pattern for value in values for pattern in value.value.split()]
    hosts = [pattern.rpartition("@")[2] for pattern in patterns if "@" in pattern]
    if not hosts or len(hosts) < len(patterns) or not all(value.value.split() for value in values):
        return None
    resolves = any(v.value.lower() != "no" for v in met(server, "usedns")) or "usedns" not in server.settings
    sources = [source for host in hosts for source in host.split(",")]
    if not all(is_limit(s) and not (resolves and _is_wildcard_limit(s)) for s in sources):
        message = Text(
            zh="AllowUsers 的来源 {sources} 是否构成限制尚不确定",
            en="whether the sources of AllowUsers ({sources}) are a limit is not certain",
        ).format(sources=listed(sources))
        return unsettled(message, (v.at for v in values), GapReason.UNPARSABLE)
    message = Text(zh="AllowUsers 只允许来自 {sources}", en="AllowUsers lets in only from {sources}").format(
        sources=listed(sources)
    )
    return Outcome.yes(message, *(v.at for v in values))


def _conditions(server: SshServer) -> Outcome | None:
    """Open where a Match block on addresses or a Deny list may limit sources; None where none does."""
    cited: list[Citation] = [
        override.at
        for override in server.overrides
        if re.search(r"address|host", override.condition, re.IGNORECASE)
        and _REFUSING & set(override.settings)
    ]
    cited += [value.at for value in met(server, "denyusers") if "@" in value.value]
    if not cited:
        return None
    message = Text(
        zh="Match 块或 DenyUsers 可能按来源拒绝连接，本检查不作推断",
        en="Match blocks or DenyUsers may refuse by source, which is not worked out here",
    )
    return unsettled(message, cited, needs="a person reads the cited lines")


def _wrappers(access: HostAccess | Gap) -> Outcome | None:
    """TCP wrappers count only where the server was seen to use them."""
    if isinstance(access, Gap):
        message = Text(zh="未看到 TCP wrappers 的规则", en="the rules of TCP wrappers were not seen")
        return through(message, access)
    concerned = [r for r in access.rules if {"sshd", "all"} & {d.lower() for d in r.daemons}]
    denied = [r for r in concerned if not r.allow]
    if not denied or access.sshd_honours is False:
        return None
    cited = [r.at for r in concerned]
    plain = any([c.lower() for c in r.clients] == ["all"] for r in denied)
    sources = [c for r in concerned if r.allow for c in r.clients]
    if access.sshd_honours and plain and sources and all(_is_client_limit(s) for s in sources):
        message = Text(
            zh="TCP wrappers 只允许来自 {sources}", en="TCP wrappers let in only from {sources}"
        ).format(sources=listed(sources))
        return Outcome.yes(message, *cited)
    message = Text(
        zh="TCP wrappers 有拒绝规则，但未证实 SSH 服务使用它们且规则构成限制",
        en="TCP wrappers deny, but that the SSH server uses them and that they limit sources is not proven",
    )
    return unsettled(message, cited, needs="look whether sshd is linked with libwrap")


def _is_client_limit(client: str) -> bool:
    """A client pattern of wrappers: ``10.60.``, ``10.60.0.0/255.255.0.0``, ``.example.org``, ``LOCAL``."""
    if client.upper() == "LOCAL":
        return True
    if re.fullmatch(r"([0-9]{1,3}\.){1,3}", client):
        return True
    return is_limit(client)


def _by_filter(filtering: PacketFilter | Gap, proof: ProvenFilter | Gap, ports: set[int]) -> Outcome | None:
    """Yes if the filters prove that named networks at most reach the server; None if they let everybody."""
    if isinstance(filtering, Gap):
        return through(Text(zh="未看到包过滤规则", en="the packet filter was not seen"), filtering)
    if not filtering.chains and not filtering.frontends:
        return None
    if isinstance(proof, Gap):
        return through(
            Text(zh="包过滤未能证明", en="the packet filter was not proved"), proof, filtering.seen
        )
    sockets = _sockets(proof, ports)
    if sockets and all(p.sources in {Sources.NAMED, Sources.NOBODY} for p in sockets):
        named = [network for p in sockets for network in p.networks]
        if named:
            message = Text(
                zh="包过滤只对 {sources} 开放 SSH 端口",
                en="the packet filter opens the SSH port to {sources} only",
            ).format(sources=listed(named))
            return Outcome.yes(message, *(place for p in sockets for place in (*p.at, p.socket)))
    opened = [p for p in sockets if p.sources is Sources.ANYWHERE]
    if opened and not proof.unproved:
        return None
    message = Text(
        zh="有包过滤生效，但未能证明它限制了 SSH 端口的来源",
        en="a packet filter is loaded, but that it limits the sources of the SSH port is not proved",
    )
    cited = [place for p in sockets for place in p.at] or filtering.seen
    return unsettled(message, cited, needs="a person reads the loaded rules for the SSH port")


def _sockets(proof: ProvenFilter, ports: set[int]) -> list[ProvenPort]:
    """Sockets of the SSH server that others than the host can reach, once a family."""
    tcp = [p for p in proof.ports or () if p.protocol == "tcp"]
    return [p for p in tcp if p.port in ports or "sshd" in p.processes]


def _ports(server: SshServer) -> set[int]:
    """Ports of the settings ``port`` and ``listenaddress`` (``10.0.0.1:2222``, ``[::]:2222``)."""
    words = [word for value in met(server, "port") for word in value.value.split()]
    for value in met(server, "listenaddress"):
        for address in value.value.split():
            before, colon, last = address.rpartition(":")
            if colon and (before.endswith("]") or ":" not in before):
                words.append(last)
    return {int(word) for word in words if word.isdecimal()}


def _sources_limited(
    server: SshServer,
    access: HostAccess | Gap,
    filtering: PacketFilter | Gap,
    proof: ProvenFilter | Gap,
    _: NoParameters,
) -> Outcome:
    limits = [
        _allow_users(server),
        _by_filter(filtering, proof, _ports(server)),
        _wrappers(access),
        _conditions(server),
    ]
    for answer in (Answer.YES, Answer.UNSEEN):
        for outcome in limits:
            if outcome is not None and outcome.answer is answer:
                return outcome
    message = Text(
        zh="AllowUsers、包过滤和 TCP wrappers 都没有限制 SSH 的来源",
        en="neither AllowUsers nor a packet filter nor TCP wrappers limit from where SSH is reached",
    )
    seen = [f.seen for f in (server, filtering, access) if not isinstance(f, Gap)]
    opened = () if isinstance(proof, Gap) else _sockets(proof, _ports(server))
    opening = [place for p in opened if p.sources is Sources.ANYWHERE for place in p.at]
    return Outcome.no(
        message, *(v.at for v in met(server, "allowusers")), *opening, *(c for s in seen for c in s)
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "sshd.sources-limited",
        Text(zh="能够 SSH 登录的来源地址是否受限？", en="Are the addresses that may log in by SSH limited?"),
        (SshServer,),
        _sources_limited,
        Risk.MEDIUM,
        Text(
            zh="在 /etc/ssh/sshd_config 写 AllowUsers 用户@管理网段（每个用户都带 @来源），"
            "或在默认拒绝的包过滤中只对管理网段开放 SSH 端口。",
            en="Write AllowUsers user@management-network into /etc/ssh/sshd_config (a source for every user),"
            " or open the SSH port only to the management network in a filter that denies by default.",
        ),
        also=(HostAccess, PacketFilter, ProvenFilter),
    ),
)

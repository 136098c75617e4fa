"""Questions about what answers on the wire, from wherever somebody looked. Silence is never an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks import wire_reached, wire_tls
from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unanswered, unsettled, worst
from scanner.checks.ssh_strength import CIPHERS, KEY_EXCHANGES, MACS, Algorithms
from scanner.facts import (
    Contradictions,
    Exposure,
    OpenPorts,
    SilentPorts,
    SshEndpoint,
    SshWire,
    Strength,
    VpnAnswer,
    WireService,
    WireServices,
    WireTunnels,
)
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

MANAGEMENT = frozenset("telnet ftp tftp rlogin rsh rexec vnc snmp".split())
"""Families by which hosts are managed, or their files moved, and which can serve without encryption."""


def _from(exposure: Exposure | Gap) -> Text:
    """From where the object was seen, and from where nothing answered."""
    if isinstance(exposure, Gap):
        return Text(zh="", en="")
    saw, quiet = listed(exposure.vantages), listed(name for name, _ in exposure.unseen)
    if not quiet:
        return Text(zh=f"（从 {saw} 看）", en=f" (seen from {saw})")
    return Text(zh=f"（从 {saw} 看；从 {quiet} 无应答）", en=f" (seen from {saw}; nothing answered {quiet})")


def _told(message: Text, exposure: Exposure | Gap) -> Text:
    where = _from(exposure)
    return Text(zh=message.zh + where.zh, en=message.en + where.en)


# --- cleartext management --------------------------------------------------------------------------


def _service(service: WireService) -> str:
    return f"{service.family} ({service.protocol}/{service.port})"


def _for_users(service: WireService) -> bool:
    """FTP may serve files to everybody and log nobody in; the others manage by their nature."""
    return service.family != "ftp" or service.login


def _management(
    services: WireServices, ports: OpenPorts | Gap, exposure: Exposure | Gap, _: NoParameters
) -> Outcome:
    managing = [s for s in services.services if s.family in MANAGEMENT and s.cleartext is not False]
    clear = [s for s in managing if s.cleartext and s.strength is Strength.PROOF and _for_users(s)]
    if clear:
        message = Text(
            zh="明文管理服务在网络上应答：{what}", en="cleartext management answers on the wire: {what}"
        ).format(what=listed(map(_service, clear)))
        return Outcome.no(message, *(s.at for s in clear))
    if managing:
        message = Text(
            zh="是否明文未能确定：{what}", en="whether these serve in cleartext is not certain: {what}"
        ).format(what=listed(map(_service, managing)))
        return unsettled(message, (s.at for s in managing))
    message = Text(
        zh="应答的 {count} 个服务中没有明文管理：{what}；询问范围 {asked}",
        en="none of {count} services that answer is cleartext management: {what}; asked: {asked}",
    )
    return _none_of(message, services, ports, exposure)


def _none_of(
    message: Text, services: WireServices, ports: OpenPorts | Gap, exposure: Exposure | Gap
) -> Outcome:
    """Say that no service is as asked: only where every open port told what it is, and all were asked."""
    what = Text(zh="以下开放端口上的服务未能识别", en="what serves these open ports was not identified")
    hidden = unanswered(what, services.unseen, services.seen)
    if hidden is not None:
        return hidden
    if isinstance(ports, Gap):
        return through(Text(zh="未看到端口扫描结果", en="the port sweep was not seen"), ports, services.seen)
    if ports.unseen:
        blind = Text(
            zh=f"部分端口未能询问：{ports.unseen[0].detail}",
            en=f"not all ports could be asked: {ports.unseen[0].detail}",
        )
        return through(blind, ports.unseen[0], services.seen)
    message = message.format(
        count=len(services.services),
        what=listed(map(_service, services.services)) or "-",
        asked=listed(ports.asked),
    )
    return Outcome.yes(
        _told(message, exposure), *(s.at for s in services.services), *services.seen, *ports.seen
    )


def _logins(
    services: WireServices, ports: OpenPorts | Gap, exposure: Exposure | Gap, _: NoParameters
) -> Outcome:
    asking = [s for s in services.services if s.login and s.cleartext and s.strength is Strength.PROOF]
    met = [s for s in asking if s.elsewhere and s.family in MANAGEMENT]
    if met:
        message = Text(
            zh="以下管理服务以明文向其他主机索要用户名或口令：{what}",
            en="these management services ask other hosts for a user's name or password in clear: {what}",
        ).format(what=listed(map(_service, met)))
        return Outcome.no(_told(message, exposure), *(s.at for s in met))
    if asking:
        message = Text(
            zh="以下服务以明文索要用户名或口令，但是否用于管理、能否从其他主机访问未能确定：{what}",
            en="these ask for a user's name or password in clear, but whether they are for management and"
            " other hosts reach them is not certain: {what}",
        ).format(what=listed(map(_service, asking)))
        return unsettled(message, (s.at for s in asking))
    may_ask = [s for s in services.services if s.family in MANAGEMENT and s.cleartext is not False]
    if may_ask:
        message = Text(
            zh="是否以明文索要用户名或口令未能确定：{what}",
            en="whether these ask for a user's name or password in clear is not certain: {what}",
        ).format(what=listed(map(_service, may_ask)))
        return unsettled(message, (s.at for s in may_ask))
    message = Text(
        zh="应答的 {count} 个服务均未以明文索要用户名或口令：{what}；询问范围 {asked}",
        en="none of {count} services that answer asked for a user's name or password in clear: {what};"
        " asked: {asked}",
    )
    return _none_of(message, services, ports, exposure)


# --- SSH -------------------------------------------------------------------------------------------


def _ssh(wire: SshWire, _: NoParameters) -> Outcome:
    asked = [_offer(endpoint) for endpoint in wire.endpoints]
    refused = next((o for o in asked if o.answer is Answer.NO), None)
    if refused is not None:
        return refused
    what = Text(zh="以下端口的 SSH 算法未能看到", en="what SSH offers on these ports was not seen")
    hidden = unanswered(what, wire.unseen, wire.seen)
    if hidden is not None or not asked:
        message = Text(zh="没有开放端口使用 SSH", en="no open port speaks SSH")
        return hidden or Outcome(Answer.NA, message, wire.seen)
    return worst(*asked)


def _offer(endpoint: SshEndpoint) -> Outcome:
    if endpoint.protocol != "2.0":
        message = Text(zh="tcp/{port} 允许 SSH 协议 {protocol}", en="tcp/{port} speaks SSH {protocol}")
        return Outcome.no(message.format(port=endpoint.port, protocol=endpoint.protocol), endpoint.at)
    families = (
        (CIPHERS, endpoint.ciphers),
        (MACS, endpoint.macs),
        (KEY_EXCHANGES, endpoint.key_exchanges),
    )
    return worst(*(_strength(endpoint, family, offered) for family, offered in families))


def _strength(endpoint: SshEndpoint, family: Algorithms, offered: Sequence[str]) -> Outcome:
    where = {"keyword": family.keyword, "port": endpoint.port}
    names = [name.lower() for name in offered]
    weak = [name for name in names if family.weak.search(name)]
    if weak:
        message = Text(
            zh="tcp/{port} 的 {keyword} 提供弱算法：{names}",
            en="tcp/{port} offers weak {keyword}: {names}",
        ).format(**where, names=listed(weak))
        return Outcome.no(message, endpoint.at)
    strange = [name for name in names if family.strong.fullmatch(name) is None]
    if strange or not names:
        message = Text(
            zh="tcp/{port} 的 {keyword} 中有强度未知的算法：{names}",
            en="tcp/{port} offers {keyword} of unknown strength: {names}",
        ).format(**where, names=listed(strange) or "-")
        return unsettled(message, (endpoint.at,), GapReason.UNPARSABLE)
    message = Text(
        zh="tcp/{port} 的 {keyword} 均非弱算法", en="no {keyword} that tcp/{port} offers is weak"
    ).format(**where)
    return Outcome.yes(message, endpoint.at)


# --- tunnels, contradictions -----------------------------------------------------------------------


def _tunnel(answer: VpnAnswer) -> str:
    return f"{answer.family} ({answer.protocol}/{answer.port})"


def _declared(tunnels: WireTunnels, _: NoParameters) -> Outcome:
    if tunnels.undeclared:
        message = Text(
            zh="登记表中没有有效批准的隧道端点应答：{what}",
            en="tunnel endpoints answer without a valid approval: {what}",
        ).format(what=listed(map(_tunnel, tunnels.undeclared)))
        return Outcome.no(message, *(a.at for a in tunnels.undeclared))
    what = Text(zh="以下端口未能询问", en="these could not be asked for tunnels")
    hidden = unanswered(what, tunnels.unseen, tunnels.seen)
    if hidden is not None:
        return hidden
    if tunnels.silent:
        message = Text(
            zh="以下端口无应答（有密钥的隧道同样不应答）：{what}",
            en="these are silent, as a keyed tunnel is to strangers: {what}",
        ).format(what=listed(map(_tunnel, tunnels.silent)))
        return unsettled(message, (a.at for a in tunnels.silent), GapReason.EMPTY)
    message = Text(
        zh="没有未登记的隧道端点应答；已批准：{names}",
        en="no tunnel endpoint answers undeclared; approved: {names}",
    ).format(names=listed(f"{_tunnel(a)} ({entry})" for a, entry in tunnels.declared) or "-")
    cited = (*(a for a, _ in tunnels.declared), *tunnels.absent)
    return Outcome.yes(message, *(a.at for a in cited), *tunnels.seen)


def _agrees(found: Contradictions, _: NoParameters) -> Outcome:
    if found.found:
        message = Text(
            zh="；".join(c.text.zh for c in found.found), en="; ".join(c.text.en for c in found.found)
        )
        return Outcome.no(message, *(cite for c in found.found for cite in (c.said, c.shown)))
    if found.unseen:
        first = found.unseen[0]
        message = Text(zh=f"未能比较：{first.detail}", en=f"could not be compared: {first.detail}")
        return through(message, first, found.seen)
    message = Text(
        zh="网络上所见与主机自身的说法一致", en="what the wire shows agrees with what the host says of itself"
    )
    return Outcome.yes(message, *found.seen)


def _open_answers(found: SilentPorts, _: NoParameters) -> Outcome:
    if found.silent:
        message = Text(
            zh="有套接字监听，已见的规则也都放行，却无应答：{what}。可能途中有未见到的设备截留报文，"
            "或服务不应答该来源",
            en="a socket listens and all rules that were seen let the vantage in, yet nothing answers:"
            " {what}. Something unseen on the way may keep the packets, or the service ignores this source",
        ).format(what=listed(f"tcp/{s.port} ({s.vantage})" for s in found.silent))
        return Outcome.no(message, *(c for s in found.silent for c in (s.socket, *s.rules, s.shown)))
    if found.answered:
        message = Text(
            zh="规则放行的端口都应答：{what}", en="what the rules leave open answers: {what}"
        ).format(what=listed(f"tcp/{port} ({vantage})" for vantage, port in found.answered))
        return Outcome.yes(message, *found.seen)
    if not found.open:
        message = Text(
            zh="主机自身的规则没有对任意来源放行任何监听的 TCP 端口",
            en="the host's own rules open no TCP port that listens to everybody",
        )
        return Outcome(Answer.NA, message, found.seen)
    message = Text(
        zh="没有哪个观测点是规则肯定放行的，无从比较",
        en="there is no vantage that all rules surely let in: nothing to compare",
    )
    return unsettled(message, found.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "wire.management-encrypted",
        Text(
            zh="在网络上应答的服务中是否没有明文管理？",
            en="Is nothing that answers on the wire management in cleartext?",
        ),
        (WireServices,),
        _management,
        Risk.HIGH,
        Text(
            zh="停用应答的 telnet、ftp、tftp、rsh、VNC、SNMP v1/v2c（手工启动的进程用 ss -tlnp 查出后结束），"
            "改用 SSH/SFTP 与 SNMPv3 authPriv；确认主机不再监听后重扫。",
            en="Stop the telnet, ftp, tftp, rsh, VNC or SNMP v1/v2c service (ss -tlnp finds one that was"
            " started by hand); use SSH, SFTP and SNMPv3 authPriv, and scan again.",
        ),
        also=(OpenPorts, Exposure),
    ),
    Check(
        "wire.logins-encrypted",
        Text(
            zh="是否没有管理服务以明文向其他主机索要用户名或口令？",
            en="Did no management service ask other hosts for a user's name or password in clear?",
        ),
        (WireServices,),
        _logins,
        Risk.HIGH,
        Text(
            zh="停用 telnet，改用 SSH；FTP 改用 SFTP，或强制 TLS（vsftpd：ssl_enable=YES、"
            "force_local_logins_ssl=YES）。改后重扫。",
            en="Replace telnet by SSH, and FTP by SFTP or force TLS on it (vsftpd: ssl_enable=YES,"
            " force_local_logins_ssl=YES), and scan again.",
        ),
        also=(OpenPorts, Exposure),
    ),
    *wire_tls.CHECKS,
    Check(
        "wire.ssh-algorithms-strong",
        Text(
            zh="网络上的 SSH 服务提供的算法是否都不是弱算法？",
            en="Are all algorithms that SSH offers on the wire free of weak ones?",
        ),
        (SshWire,),
        _ssh,
        Risk.MEDIUM,
        Text(
            zh="在应答该端口的 SSH 服务配置中去掉 CBC、3DES、RC4、MD5、SHA-1、group1 等算法并禁用协议 1，"
            "重新加载后用 ssh -vv 核对其提供的算法。",
            en="Drop CBC, 3DES, RC4, MD5, SHA-1, group1 and protocol 1 from the settings of the server that"
            " answers on the port, reload it, and compare its offer with ssh -vv.",
        ),
    ),
    Check(
        "wire.vpn-declared",
        Text(
            zh="在网络上应答的隧道端点是否都已登记且批准有效？",
            en="Is every tunnel endpoint that answers on the wire in the register of approvals?",
        ),
        (WireTunnels,),
        _declared,
        Risk.HIGH,
        Text(
            zh="关闭未批准的 IKE、OpenVPN 等端点并在边界阻断其端口；确有需要的，经批准后在清单的"
            " tunnels: 中登记 object、family、approval。",
            en="Close IKE, OpenVPN and other endpoints that nobody approved and block their ports at the"
            " border; have needed ones approved and enter object, family and approval in the inventory's"
            " tunnels:.",
        ),
    ),
    Check(
        "wire.open-ports-answer",
        Text(
            zh="规则放行且有服务监听的端口是否都应答？",
            en="Does every port answer that listens and that the rules leave open?",
        ),
        (SilentPorts,),
        _open_answers,
        Risk.LOW,
        Text(
            zh="查明途中还有什么设备、云平台安全组或主机安全软件截留报文，补入清单；或确认服务按来源拒绝。",
            en="Find out which device, security group of a cloud or agent on the host keeps the packets and"
            " enter it in the inventory; or that the service refuses by source.",
        ),
    ),
    *wire_reached.CHECKS,
    Check(
        "wire.agrees-with-host",
        Text(
            zh="网络上所见与主机自身的说法是否一致？",
            en="Does what the wire shows agree with what the host says of itself?",
        ),
        (Contradictions,),
        _agrees,
        Risk.MEDIUM,
        Text(
            zh="逐条对照两处证据：结束手工启动的服务；用 systemctl restart 加载磁盘上的包过滤规则；"
            "改过配置的服务用 systemctl reload 重新加载；查明没有监听记录却应答的端口由谁应答。",
            en="Compare both pieces of evidence of each: end services started by hand; load the filter on"
            " disk with systemctl restart; reload services whose files changed with systemctl reload; find"
            " out who answers on a port for which the host lists no socket.",
        ),
    ),
)

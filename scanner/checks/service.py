"""Questions about what listens to others than the host itself."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.checks.check import Check, NoParameters
from scanner.checks.filter_reach import cited, met, spell
from scanner.checks.outcome import listed, through, unsettled
from scanner.checks.port_list import PortList
from scanner.facts import Listener, Listeners, PacketFilter, ProvenFilter
from scanner.model import Gap, GapReason, Outcome, Risk, Text

_CLEARTEXT_PORTS: dict[tuple[str, int], str] = {
    ("tcp", 21): "ftp",
    ("tcp", 23): "telnet",
    ("udp", 69): "tftp",
    ("tcp", 512): "rexec",
    ("tcp", 513): "rlogin",
    **{("tcp", port): "vnc" for port in range(5900, 5910)},
}
"""Ports of cleartext management: whoever listens there is one of them, but for an SSH server."""

_SHARED_PORTS: dict[tuple[str, int], str] = {("tcp", 514): "rsh", ("udp", 161): "snmp"}
"""Ports where the owner or the protocol's version decides: syslog uses tcp/514 too, SNMPv3 encrypts."""

_CLEARTEXT_PROGRAMS: dict[str, str] = {
    **dict.fromkeys("telnetd in.telnetd utelnetd".split(), "telnet"),
    **dict.fromkeys("rlogind in.rlogind".split(), "rlogin"),
    **dict.fromkeys("rshd in.rshd".split(), "rsh"),
    **dict.fromkeys("rexecd in.rexecd".split(), "rexec"),
    **dict.fromkeys("vsftpd proftpd pure-ftpd ftpd in.ftpd tnftpd wu-ftpd".split(), "ftp"),
    **dict.fromkeys("tftpd in.tftpd atftpd".split(), "tftp"),
    **dict.fromkeys("Xvnc Xtigervnc Xtightvnc Xvnc4 x11vnc x0vncserver vino-server".split(), "vnc"),
}

_SSH_SERVERS = frozenset({"sshd", "dropbear", "sshd-session"})
_LOG_DAEMONS = frozenset({"rsyslogd", "syslog-ng", "syslogd"})

_STARTERS = ("inetd", "openbsd-inetd", "xinetd", "systemd", "init", "tcpserver", "busybox")
_INTERPRETERS = (
    *("python", "perl", "ruby", "node", "java", "php", "lua", "sh", "bash", "dash", "busybox"),
    *("socat", "nc", "ncat", "netcat", "docker-proxy", "rootlessport", "conmon"),
)

_KNOWN_PORTS = frozenset({22, 25, 53, 80, 123, 443, 465, 587, 993, 995, 6514})
"""Ports whose protocol is no cleartext management, whatever program serves them."""


def _name(socket: Listener) -> str:
    owner = "/".join(socket.processes) or "?"
    return f"{socket.protocol}/{socket.port} {owner}"


def _cleartext(socket: Listener) -> str:
    """Name the cleartext management service that a socket surely is; "" where it is none for certain."""
    for process in socket.processes:
        if process in _CLEARTEXT_PROGRAMS:
            return _CLEARTEXT_PROGRAMS[process]
    if socket.processes and _SSH_SERVERS.issuperset(socket.processes):
        return ""
    if socket.port == 514 and socket.protocol == "tcp" and any(p in _STARTERS for p in socket.processes):
        return "rsh"
    return _CLEARTEXT_PORTS.get((socket.protocol, socket.port), "")


def _doubtful(socket: Listener) -> bool:
    """Whether what serves the socket cannot be told: no owner, or one that may serve anything."""
    if not socket.processes:
        return True
    if (socket.protocol, socket.port) in _SHARED_PORTS:
        return not _LOG_DAEMONS.issuperset(socket.processes)
    if socket.port in _KNOWN_PORTS:
        return False
    return any(_serves_anything(process) for process in socket.processes)


def _serves_anything(process: str) -> bool:
    stem = process.lower().rstrip("0123456789.")
    return stem in _STARTERS or stem in _INTERPRETERS


def _nothing_listens(listeners: Listeners) -> Outcome | None:
    """A list without any socket lacks its positive control."""
    if listeners.listeners:
        return None
    message = Text(
        zh="列表中没有任何监听套接字，无法证明查看有效",
        en="no socket at all is listed: nothing shows that the look worked",
    )
    return unsettled(message, listeners.seen, GapReason.EMPTY)


def _management(listeners: Listeners, _: NoParameters) -> Outcome:
    outside = [s for s in listeners.listeners if s.off_host]
    clear = [(s, service) for s in outside if (service := _cleartext(s))]
    if clear:
        message = Text(zh="明文管理服务在监听：{what}", en="cleartext management listens: {what}").format(
            what=listed(f"{service} ({_name(s)})" for s, service in clear)
        )
        return Outcome.no(message, *(s.at for s, _ in clear))
    doubtful = [s for s in outside if _doubtful(s)]
    if doubtful:
        message = Text(
            zh="以下监听的服务不能确定：{what}", en="what serves these sockets cannot be told: {what}"
        ).format(what=listed(map(_name, doubtful)))
        blind = not listeners.owners_visible and any(not s.processes for s in doubtful)
        reason = GapReason.PERMISSION if blind else GapReason.NOT_COLLECTED
        needs = "root, to see the owners of all sockets" if blind else "a person looks what serves them"
        return unsettled(message, (s.at for s in doubtful), reason, needs)
    message = Text(
        zh="对外的 {count} 个监听中没有明文管理服务：{what}",
        en="none of {count} sockets open to others is cleartext management: {what}",
    ).format(count=len(outside), what=listed(map(_name, outside)) or "-")
    return _nothing_listens(listeners) or Outcome.yes(message, *(s.at for s in outside), *listeners.seen)


@dataclass(frozen=True, slots=True)
class HighRiskPorts(PortList):
    """High-risk ports (高危端口), by protocol: cleartext or unauthenticated services, and ways of worms."""


_UNTRANSLATED = Text(
    zh="没有高危端口在监听，但未看到地址转换规则：容器发布的端口无须监听",
    en="no high-risk port listens, but rules of address translation were not seen: what a container publishes"
    " need not listen",
)


def _high_risk(
    listeners: Listeners, filtering: PacketFilter | Gap, proof: ProvenFilter | Gap, ports: HighRiskPorts
) -> Outcome:
    found = [s for s in listeners.listeners if s.off_host and ports.names(s.protocol, s.port)]
    what = listed(map(_name, found))
    sockets = tuple(s.at for s in found)
    published = [] if isinstance(proof, Gap) else met(proof, ports).published
    if not found and not published:
        message = Text(
            zh="{count} 个监听中没有对外的高危端口（清单：{ports}）",
            en="no high-risk port among {count} listening sockets (listed: {ports})",
        ).format(count=len(listeners.listeners), ports=ports)
        blind = through(_UNTRANSLATED, proof, listeners.seen) if isinstance(proof, Gap) else None
        return _nothing_listens(listeners) or blind or Outcome.yes(message, *listeners.seen)
    if isinstance(filtering, Gap):
        message = Text(
            zh="高危端口在监听（{what}），但未看到包过滤规则",
            en="high-risk ports listen ({what}), but the packet filter was not seen",
        ).format(what=what)
        return through(message, filtering, sockets)
    message = Text(
        zh="高危端口在监听（{what}），包过滤是否关闭它们未能证明",
        en="high-risk ports listen ({what}); whether the packet filter closes them is not proved",
    ).format(what=what)
    if isinstance(proof, Gap):
        return through(message, proof, sockets)
    gap = _unfollowed(found, proof)
    if gap is not None and not met(proof, ports).open:
        return through(message, gap, sockets)
    return _by_proof(filtering, proof, ports)


def _unfollowed(found: list[Listener], proof: ProvenFilter) -> Gap | None:
    """Why the proof does not speak of all these sockets; None: it does."""
    told = {(port.protocol, port.port) for port in proof.ports or ()}
    silent = [socket for socket in found if (socket.protocol, socket.port) not in told]
    if not silent:
        return None
    return Gap(
        GapReason.NOT_COLLECTED, detail=f"not followed through the filter: {listed(map(_name, silent))}"
    )


def _by_proof(filtering: PacketFilter, proof: ProvenFilter, ports: HighRiskPorts) -> Outcome:
    """High-risk ports listen or are published: who gets there by the filters decides."""
    asked = met(proof, ports)
    hidden = bool(filtering.frontends) and not filtering.chains
    if asked.open and not hidden:
        message = Text(
            zh="高危端口对任意来源开放：{what}（清单：{ports}）",
            en="high-risk ports are open to everybody: {what} (listed: {ports})",
        ).format(what=listed(map(spell, asked.open)), ports=ports)
        return Outcome.no(message, *cited(asked.open), *filtering.seen)
    if asked.doubtful or proof.unproved or hidden:
        message = Text(
            zh="高危端口在监听（{what}），包过滤是否关闭它们未能证明",
            en="high-risk ports listen ({what}); whether the packet filter closes them is not proved",
        ).format(what=listed(map(spell, asked.doubtful or asked.all)))
        places = cited(asked.doubtful) or filtering.seen
        return unsettled(message, places, needs="a person reads the cited rules")
    message = Text(
        zh="包过滤不让任意来源访问高危端口：{what}（清单：{ports}）",
        en="the packet filter lets nobody but named networks reach high-risk ports: {what} (listed: {ports})",
    ).format(what=listed(map(spell, asked.closed)), ports=ports)
    return Outcome.yes(message, *cited(asked.closed), *filtering.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "service.management-encrypted",
        Text(
            zh="对外提供的管理服务是否都不是明文协议？",
            en="Is no service for management that others can reach in cleartext?",
        ),
        (Listeners,),
        _management,
        Risk.HIGH,
        Text(
            zh="停用并卸载 telnet、ftp、tftp、rsh、rlogin、rexec、VNC 等服务（systemctl disable --now 单元，"
            "或删除 /etc/inetd.conf、/etc/xinetd.d 中的行），改用 SSH/SFTP。",
            en="Stop and remove telnet, ftp, tftp, rsh, rlogin, rexec and VNC (systemctl disable --now"
            " UNIT, or"
            " delete their lines in /etc/inetd.conf and /etc/xinetd.d); use SSH and SFTP.",
        ),
    ),
    Check(
        "service.high-risk-ports-closed",
        Text(zh="高危端口是否都未对外开放？", en="Are all high-risk ports closed to others?"),
        (Listeners,),
        _high_risk,
        Risk.MEDIUM,
        Text(
            zh="停用占用高危端口的服务（systemctl disable --now 单元），确需使用的绑定到 127.0.0.1 "
            "或用默认拒绝的包过滤限制来源。",
            en="Stop the services on these ports (systemctl disable --now UNIT); bind what is needed to"
            " 127.0.0.1 or limit its sources by a packet filter that denies by default.",
        ),
        also=(PacketFilter, ProvenFilter),
        parameters=HighRiskPorts,
    ),
)

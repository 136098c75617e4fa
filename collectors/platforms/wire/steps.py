"""What is asked over the wire, as constant steps, in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collectors.base import Probe, Step
from collectors.platforms.wire.limits import (
    CONNECTION,
    LATE,
    SWEEP_PACKETS,
    TCP_BATCHES,
    TRIES,
    UDP_PORTS,
    UDP_SWEEP_PACKETS,
    count,
    tcp_parts,
)
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENDED = r'"end": "[a-z]+"\}$'
"""An exchange that was recorded to its end."""

_SWEPT = sum(count(ports) for _, ports in TCP_BATCHES)
_LIMIT = 512 * 1024

PORTS_TCP = Step(
    "ports-tcp",
    # A connect() sweep, which is all that an unprivileged user can do, completes one connection an open port.
    Probe("ports", _SWEPT * SWEEP_PACKETS, _SWEPT, per_port=False),
    Text(zh="哪些 TCP 端口开放（nmap）", en="which TCP ports are open (nmap)"),
    control=r'<finished [^>]*exit="success"',
    seconds=90,
    max_bytes=2 * 1024 * 1024,
)

PORTS_UDP = Step(
    "ports-udp",
    Probe("ports", len(UDP_PORTS) * UDP_SWEEP_PACKETS, 0, per_port=False, raw=True),
    Text(
        zh="与隧道、管理、时间有关的 UDP 端口是否关闭（nmap）",
        en="which UDP ports of tunnels, management and time are closed (nmap)",
    ),
    control=r'<finished [^>]*exit="success"',
    seconds=30,
    max_bytes=_LIMIT,
)

BANNER = Step(
    "banner",
    Probe("banner", 3 * CONNECTION, 3),
    Text(
        zh="端口上是什么服务：先听其自报，再发无害请求"
        "（FTP 只报一个无主用户名，Telnet 只拒绝协商；不发口令）",
        en="what speaks on a port: first what it says by itself, then what it answers to harmless requests"
        " (FTP hears a name that is nobody's, Telnet has its options refused; no password is sent)",
    ),
    control=_ENDED,
    seconds=12,
    max_bytes=_LIMIT,
)

TLS = Step(
    "tls",
    Probe("tls", 12 * CONNECTION, 12),
    Text(
        zh="接受哪些 TLS 版本、出示什么证书（自构 ClientHello，每版本一次连接）",
        en="which TLS versions are taken and which certificate is shown: one client hello a connection",
    ),
    control=_ENDED,
    seconds=20,
    max_bytes=_LIMIT,
)

SSH = Step(
    "ssh",
    Probe("ssh", CONNECTION, 1),
    Text(
        zh="SSH 服务提供的算法（读取其 KEXINIT，不登录）", en="algorithms that an SSH server offers; no login"
    ),
    control=_ENDED,
    seconds=6,
    max_bytes=_LIMIT,
)

OPENVPN_TCP = Step(
    "openvpn-tcp",
    Probe("openvpn", CONNECTION, 1),
    Text(
        zh="未识别的 TCP 端口是否为 OpenVPN（一个复位请求）",
        en="whether OpenVPN answers on a TCP port that nothing else explained (one reset)",
    ),
    control=_ENDED,
    seconds=6,
    max_bytes=_LIMIT,
)

OPENVPN = Step(
    "openvpn",
    Probe("openvpn", TRIES + LATE, 0, per_port=False),
    Text(zh="UDP 1194 是否有 OpenVPN 应答", en="whether OpenVPN answers on UDP 1194 (one reset)"),
    control=_ENDED,
    seconds=6,
    max_bytes=_LIMIT,
)

IKE = Step(
    "ike",
    # Two ports, two questions each: an impossible version (leaves no state), then IKEv1's first message.
    Probe("ike", 2 * (2 * TRIES + LATE), 0, per_port=False),
    Text(zh="UDP 500、4500 是否有 IKE（IPsec）应答", en="whether IKE (IPsec) answers on UDP 500 and 4500"),
    control=_ENDED,
    seconds=15,
    max_bytes=_LIMIT,
)

SNMP = Step(
    "snmp",
    Probe("snmp", TRIES + LATE, 0, per_port=False),
    Text(
        zh="UDP 161 是否有 SNMP 代理（SNMPv3 引擎发现，不猜测团体名）",
        en="whether an SNMP agent answers on UDP 161 (discovery of its v3 engine; no community is guessed)",
    ),
    control=_ENDED,
    seconds=6,
    max_bytes=_LIMIT,
)

IP_PROTOCOLS = Step(
    "ip-protocols",
    Probe("protocols", 3 * TRIES, 0, per_port=False, raw=True),
    Text(
        zh="GRE、IPIP、ESP 是否明确不受理（ICMP 协议不可达）",
        en="whether GRE, IPIP and ESP are refused for certain (ICMP protocol unreachable)",
    ),
    control=_ENDED,
    seconds=8,
    max_bytes=_LIMIT,
)

STEPS = (PORTS_TCP, PORTS_UDP, BANNER, TLS, SSH, OPENVPN_TCP, OPENVPN, IKE, SNMP, IP_PROTOCOLS)


def asked_for(step: Step, further: Sequence[tuple[int, int]]) -> Step:
    """Return the step as a look asks it that sweeps ``further`` TCP ports (first and last) as well."""
    if step.id != PORTS_TCP.id or not isinstance(step.form, Probe):
        return step
    more = sum(count(ports) for _, ports in tcp_parts(further)) - _SWEPT
    form = step.form
    wider = replace(form, packets=form.packets + more * SWEEP_PACKETS, connections=form.connections + more)
    return replace(step, form=wider)


__all__ = [
    "BANNER",
    "IKE",
    "IP_PROTOCOLS",
    "OPENVPN",
    "OPENVPN_TCP",
    "PORTS_TCP",
    "PORTS_UDP",
    "SNMP",
    "SSH",
    "STEPS",
    "TLS",
    "asked_for",
]

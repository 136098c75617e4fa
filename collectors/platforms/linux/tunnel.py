"""Tunnels of a host: interfaces by what the kernel says they are, daemons by their name."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from collectors.base import Command, Need, Reader, Step, Unseen
from collectors.evidence import EXCERPT
from collectors.platforms.linux.host import PROCESSES, processes
from scanner.facts import Tunnel, Tunnels
from scanner.model import Citation, Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.host import Process

LINKS = Step(
    "links",
    Command(("ip", "-d", "-j", "link")),
    Text(zh="网络接口及其类型（隧道接口）", en="network interfaces and their kinds: tunnel interfaces"),
    control=r'"ifname":\s*"lo"',
    max_bytes=8 * 1024 * 1024,
)

WIREGUARD = Step(
    "wireguard-endpoints",
    # Never "dump" or "showconf": they print private keys.
    Command(("wg", "show", "all", "endpoints"), privileged=True),
    Text(zh="WireGuard 对端地址（不含密钥）", en="addresses of WireGuard peers, without private keys"),
)

KINDS = {
    "tun": "tun",
    "wireguard": "wireguard",
    "amneziawg": "amneziawg",
    "ovpn": "openvpn",
    "ovpn-dco": "openvpn",
    "gre": "gre",
    "gretap": "gre",
    "ip6gre": "gre",
    "ip6gretap": "gre",
    "erspan": "gre",
    "ip6erspan": "gre",
    "ipip": "ipip",
    "sit": "sit",
    "ip6tnl": "ip6tnl",
    "vti": "ipsec",
    "vti6": "ipsec",
    "xfrm": "ipsec",
    "ppp": "ppp",
    "vxlan": "vxlan",
    "geneve": "geneve",
    "gtp": "gtp",
    "bareudp": "bareudp",
    "amt": "amt",
    "l2tp": "l2tp",
    "l2tpeth": "l2tp",
}
"""Kinds of interfaces that carry packets inside others, and their families."""

NO_TUNNELS = frozenset(
    "bridge veth bond team vlan dummy macvlan macvtap ipvlan ipvtap ifb vrf nlmon vsockmon can vcan vxcan "
    "netdevsim hsr ipoib macsec rmnet virt_wifi lowpan dsa openvswitch wlan wwan netkit cpm".split()
)
"""Kinds that stay on the host or on the wire as it is."""

FALLBACKS = frozenset(
    "tunl0 sit0 gre0 gretap0 erspan0 ip6tnl0 ip6gre0 ip_vti0 ip6_vti0 ip6gretap0 ip6erspan0".split()
)
"""Interfaces that a kernel module makes by being loaded; they count once somebody brings them up."""

DAEMONS = {
    "openvpn": "openvpn",
    "openvpn3-linux": "openvpn",
    "wireguard-go": "wireguard",
    "boringtun": "wireguard",
    "boringtun-cli": "wireguard",
    "amneziawg-go": "amneziawg",
    "charon": "ipsec",
    "charon-systemd": "ipsec",
    "pluto": "ipsec",
    "racoon": "ipsec",
    "iked": "ipsec",
    "vpnc": "ipsec",
    "xl2tpd": "l2tp",
    "openl2tpd": "l2tp",
    "pptpd": "pptp",
    "pptpctrl": "pptp",
    "pptp": "pptp",
    "accel-pppd": "pptp",
    "pppd": "ppp",
    "sstpc": "sstp",
    "sstpd": "sstp",
    "ocserv": "anyconnect",
    "ocserv-main": "anyconnect",
    "ocserv-worker": "anyconnect",
    "ocserv-sm": "anyconnect",
    "openconnect": "anyconnect",
    "vpnagentd": "anyconnect",
    "openfortivpn": "fortinet_sslvpn",
    "vpnserver": "softether",
    "vpnbridge": "softether",
    "vpnclient": "softether",
    "stunnel": "stunnel",
    "stunnel4": "stunnel",
    "tincd": "tinc",
    "zerotier-one": "zerotier",
    "tailscaled": "tailscale",
    "headscale": "tailscale",
    "derper": "tailscale",
    "netbird": "netbird",
    "nebula": "nebula",
    "innernet": "innernet",
    "innernet-server": "innernet",
    "n2n": "n2n",
    "supernode": "n2n",
    "vpncloud": "vpncloud",
    "vtund": "vtun",
    "fastd": "fastd",
    "quicktun": "quicktun",
    "yggdrasil": "yggdrasil",
    "miredo": "teredo",
    "iodine": "dns_tunnel",
    "iodined": "dns_tunnel",
    "dnscat2": "dns_tunnel",
    "dns2tcpd": "dns_tunnel",
    "dns2tcpc": "dns_tunnel",
    "ptunnel": "icmp_tunnel",
    "ptunnel-ng": "icmp_tunnel",
    "icmptunnel": "icmp_tunnel",
    "hans": "icmp_tunnel",
    "ss-server": "shadowsocks",
    "ss-local": "shadowsocks",
    "ss-redir": "shadowsocks",
    "ss-tunnel": "shadowsocks",
    "ssserver": "shadowsocks",
    "sslocal": "shadowsocks",
    "outline-ss-server": "shadowsocks",
    "v2ray": "v2ray",
    "xray": "v2ray",
    "sing-box": "v2ray",
    "mihomo": "v2ray",
    "clash": "v2ray",
    "trojan": "trojan",
    "trojan-go": "trojan",
    "hysteria": "hysteria",
    "tuic-server": "tuic",
    "naive": "naiveproxy",
    "kcptun-server": "kcptun",
    "kcptun-client": "kcptun",
    "tor": "tor",
    "obfs4proxy": "tor",
    "frpc": "frp",
    "frps": "frp",
    "npc": "nps",
    "nps": "nps",
    "chisel": "chisel",
    "rathole": "rathole",
    "ngrok": "ngrok",
    "cloudflared": "cloudflared",
    "cpolar": "cpolar",
    "hts": "httptunnel",
    "htc": "httptunnel",
}
"""Tunnel daemons whose name is theirs alone, and their families."""

COMM = 15
"""The kernel keeps this many characters of a process's name."""

_BY_COMM = {name[:COMM]: family for name, family in DAEMONS.items()}

Json = Any


def read_tunnels(evidence: Evidence) -> Tunnels:
    """Read interfaces and processes.

    The positive controls (lo, and process 1, which hidepid hides) are what makes an empty answer mean
    that there is none; a renamed daemon without an interface of its own stays unknown.
    """
    links = evidence.command(LINKS)
    listing, running = processes(evidence)
    endpoints = _endpoints(evidence)
    tunnels = (*_interfaces(links, endpoints), *_daemons(listing, running))
    return Tunnels(seen=(links.whole, listing.whole), tunnels=tunnels, hidden=False)


def _interfaces(document: Document, endpoints: dict[str, str]) -> Iterator[Tunnel]:
    try:
        links = json.loads(document.text)
    except (ValueError, RecursionError):
        raise _broken("no JSON") from None
    if not isinstance(links, list) or not any(_name(link) == "lo" for link in links):
        raise _broken("no list of interfaces with lo")
    for link in links:
        if link == {}:  # what older versions print for an interface that was filtered out
            continue
        name, kind = _name(link), _kind(link)
        if not name:
            raise _broken("an interface without a name")
        if kind in NO_TUNNELS or kind == "":
            continue
        if kind not in KINDS:
            raise _broken(f"{name} is of an unknown kind {kind}")
        if name in FALLBACKS and "UP" not in _list(link.get("flags")):
            continue
        info = link.get("linkinfo") or {}
        data = info.get("info_data") if isinstance(info, dict) else None
        data = data if isinstance(data, dict) else {}
        remote = str(data.get("remote") or data.get("remote6") or endpoints.get(name, ""))
        local = str(data.get("local") or data.get("local6") or "")
        shown = json.dumps(
            {key: link[key] for key in ("ifname", "flags", "link_type", "linkinfo") if key in link}
        )
        at = Citation(document.ref, 1, shown[:EXCERPT])
        yield Tunnel(KINDS[kind], name, "interface", _place(local), _place(remote), at)


def _kind(link: dict[str, Json]) -> str:
    """What the kernel says the interface is; "" for hardware and lo."""
    info = link.get("linkinfo")
    kind = info.get("info_kind") if isinstance(info, dict) else None
    if isinstance(kind, str):
        return kind
    link_type = link.get("link_type")
    if link_type == "ppp":
        return "ppp"
    if re.match(r"l2tpeth\d", _name(link)):
        return "l2tpeth"
    # Hardware says what it is; layer-3 devices without a kind are drivers' own (modems, some VPN modules).
    return "" if link_type in {"ether", "loopback", "infiniband", "ieee802.11", "can"} else f"{link_type}"


def _name(link: Json) -> str:
    name = link.get("ifname") if isinstance(link, dict) else None
    return name if isinstance(name, str) else ""


def _list(told: Json) -> list[Json]:
    return told if isinstance(told, list) else []


def _place(address: str) -> str:
    """An address; the kernel's "any" is none."""
    return "" if address in {"any", "0.0.0.0", "::"} else address  # noqa: S104 - compared, not bound


def _broken(why: str) -> Unseen:
    return Unseen(Gap(GapReason.UNPARSABLE, LINKS.id, detail=why[:EXCERPT]))


def _endpoints(evidence: Evidence) -> dict[str, str]:
    """First peer of every WireGuard interface, where that could be asked."""
    try:
        document = evidence.command(WIREGUARD)
    except Unseen:
        return {}
    found: dict[str, str] = {}
    for line in document.lines:
        words = line.split()
        if len(words) == 3 and words[2] != "(none)":
            found.setdefault(words[0], words[2])
    return found


def _daemons(document: Document, running: tuple[Process, ...]) -> Iterator[Tunnel]:
    """One tunnel a daemon's name: its workers are no tunnels of their own."""
    seen: set[str] = set()
    for process in running:
        family = _BY_COMM.get(process.name)
        if family is not None and process.name not in seen:
            seen.add(process.name)
            yield Tunnel(family, process.name, "process", "", "", document.cite(process.line))


STEPS = (LINKS, WIREGUARD)

READERS = (Reader(Tunnels, (Need((LINKS,)), Need((PROCESSES,))), read_tunnels, also=(WIREGUARD,)),)

"""Who gets to which port by the proof of the loaded filters: management, and what containers publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.checks.check import Check
from scanner.checks.outcome import listed, through, unsettled
from scanner.checks.port_list import PortList
from scanner.facts import Listeners, PacketFilter, ProvenFilter, Published, Sources
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.checks.check import NoParameters
    from scanner.facts import ProvenPort
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class ManagementPorts(PortList):
    """Ports by which machines are managed; SSH is asked about by itself."""


@dataclass(frozen=True, slots=True)
class Met:
    """Sockets and published ports of a list by who reaches them."""

    open: tuple[ProvenPort | Published, ...]
    doubtful: tuple[ProvenPort | Published, ...]
    closed: tuple[ProvenPort | Published, ...]

    @property
    def all(self) -> tuple[ProvenPort | Published, ...]:
        """Everything on the list."""
        return self.open + self.doubtful + self.closed

    @property
    def published(self) -> list[Published]:
        """What engines publish of it."""
        return [one for one in self.all if isinstance(one, Published)]


def met(proof: ProvenFilter, ports: PortList) -> Met:
    """Sort what a list of ports names, of sockets and of what engines publish.

    What somebody forwards by a rule of his own is a router's work, and no service of the host.
    """
    found: list[ProvenPort | Published] = [p for p in proof.ports or () if ports.names(p.protocol, p.port)]
    found += [p for p in proof.published if p.by and ports.names(p.protocol, p.port, p.last)]
    by = {sources: tuple(one for one in found if one.sources is sources) for sources in Sources}
    return Met(by[Sources.ANYWHERE], by[Sources.UNKNOWN], by[Sources.NAMED] + by[Sources.NOBODY])


def spell(one: ProvenPort | Published) -> str:
    """``tcp/23 (telnetd, ipv4)``; of what is published, where it goes: ``tcp/80 -> 172.17.0.2:80 (ipv4)``."""
    if isinstance(one, Published):
        by = f", {one.by}" if one.by else ""
        last = f"-{one.last}" if one.last != one.port else ""
        return f"{one.protocol}/{one.port}{last} -> {one.to} ({one.family.value}{by})"
    inner = ", ".join([*one.processes[:1], one.family.value])
    return f"{one.protocol}/{one.port} ({inner})"


def cited(found: Iterable[ProvenPort | Published]) -> tuple[Citation, ...]:
    """The sockets and the lines that decide."""
    places = []
    for one in found:
        places += [*([] if isinstance(one, Published) else [one.socket]), *one.at]
    return tuple(dict.fromkeys(places))


def _management(
    filtering: PacketFilter, proof: ProvenFilter, listeners: Listeners | Gap, ports: ManagementPorts
) -> Outcome:
    if isinstance(listeners, Gap) or proof.ports is None:
        gap = listeners if isinstance(listeners, Gap) else Gap(GapReason.NOT_COLLECTED)
        return through(Text(zh="未看到监听列表", en="the listening sockets were not seen"), gap, proof.seen)
    if not listeners.listeners:
        message = Text(
            zh="列表中没有任何监听套接字，无法证明查看有效",
            en="no socket at all is listed: nothing shows that the look worked",
        )
        return unsettled(message, listeners.seen, GapReason.EMPTY)
    asked = met(proof, ports)
    if asked.open:
        message = Text(
            zh="包过滤让任意来源访问管理端口：{what}",
            en="the packet filter lets everybody reach management ports: {what}",
        ).format(what=listed(map(spell, asked.open)))
        return Outcome.no(message, *cited(asked.open), *filtering.seen)
    if asked.doubtful or proof.unproved:
        message = Text(
            zh="包过滤让谁访问管理端口未能证明：{what}",
            en="whom the packet filter lets reach management ports is not proved: {what}",
        ).format(what=listed(map(spell, asked.doubtful)) or "-")
        return unsettled(
            message, cited(asked.doubtful) or filtering.seen, needs="a person reads the cited rules"
        )
    message = Text(
        zh="管理端口（SSH 除外）未对任意来源开放：{what}",
        en="no management port beside SSH is open to everybody: {what}",
    ).format(what=listed(map(spell, asked.closed)) or "-")
    return Outcome.yes(message, *cited(asked.closed), *listeners.seen, *filtering.seen)


def _around(filtering: PacketFilter, proof: ProvenFilter, _: NoParameters) -> Outcome:
    published = [p for p in proof.published if p.by]
    reached = [p for p in published if p.sources in {Sources.ANYWHERE, Sources.UNKNOWN}]
    around = [p for p in reached if p.around and p.sources is Sources.ANYWHERE]
    if around:
        message = Text(
            zh="以下端口由地址转换绕过主机的入站过滤对任意来源开放：{what}",
            en="address translation opens these to everybody around the filter for incoming packets: {what}",
        ).format(what=listed(map(spell, around)))
        return Outcome.no(message, *(cited(around) or filtering.seen))
    doubtful = [p for p in reached if p.around is not False]
    if doubtful:
        message = Text(
            zh="以下发布的端口是否绕过入站过滤未能证明：{what}",
            en="whether these published ports go around the filter of incoming packets is not proved: {what}",
        ).format(what=listed(map(spell, doubtful)))
        return unsettled(message, cited(doubtful) or filtering.seen, needs="a person reads the cited rules")
    if not filtering.chains:
        message = Text(zh="没有包过滤可以绕过", en="no packet filter is there to go around")
        return Outcome(Answer.NA, message, filtering.seen)
    message = Text(
        zh="没有发布的端口绕过入站过滤：{what}",
        en="no published port goes around the filter for incoming packets: {what}",
    ).format(what=listed(map(spell, published)) or "-")
    return Outcome.yes(message, *cited(published), *filtering.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "filter.management-limited",
        Text(
            zh="管理端口（SSH 除外）是否只对特定来源开放？",
            en="Are management ports other than SSH open to named sources only?",
        ),
        (PacketFilter, ProvenFilter),
        _management,
        Risk.MEDIUM,
        Text(
            zh="在默认拒绝的包过滤中只对管理网段开放这些端口（nft：ip saddr 管理网段 tcp dport 端口 accept，"
            "IPv6 同样处理），或停用不用的管理服务。",
            en="Open these ports only to the management network in a filter that denies by default (nft: ip"
            " saddr NETWORK tcp dport PORT accept, for IPv6 too), or stop services that nobody uses.",
        ),
        also=(Listeners,),
        parameters=ManagementPorts,
    ),
    Check(
        "filter.nothing-around",
        Text(
            zh="是否没有容器等发布的端口绕过主机的入站过滤？",
            en="Does nothing that containers publish go around the host's filter for incoming packets?",
        ),
        (PacketFilter, ProvenFilter),
        _around,
        Risk.MEDIUM,
        Text(
            zh="把端口只发布到 127.0.0.1（docker run -p 127.0.0.1:端口:端口），或在 DOCKER-USER 链（其他引擎"
            "在 FORWARD 链）限制来源。",
            en="Publish the port on 127.0.0.1 only (docker run -p 127.0.0.1:PORT:PORT), or limit its sources"
            " in the chain DOCKER-USER (of other engines: in FORWARD).",
        ),
    ),
)

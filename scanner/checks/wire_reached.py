"""Questions about high-risk ports that other hosts in fact reached, and what limits who reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.check import Check
from scanner.checks.outcome import listed, through, unsettled
from scanner.checks.service import HighRiskPorts
from scanner.facts import Exposure, Listeners, ProvenFilter, Sources, Strength
from scanner.model import Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.facts import Exposed, Listener
    from scanner.model import Citation


Reached = tuple["Exposed", "Listener"]
"""A port as a vantage reached it, and the host's own socket."""


def _spell(one: Exposed) -> str:
    return f"{one.port.protocol}/{one.port.number} ({one.vantage})"


def _cited(found: Iterable[Reached]) -> tuple[Citation, ...]:
    places = [
        place
        for one, socket in found
        for place in (one.port.at, *([one.service.at] if one.service else []), socket.at)
    ]
    return tuple(dict.fromkeys(places))


def _listening(listeners: Listeners, ports: HighRiskPorts) -> list[Listener]:
    return [s for s in listeners.listeners if s.off_host and ports.names(s.protocol, s.port)]


def _reached(sockets: Sequence[Listener], exposure: Exposure) -> tuple[list[Reached], list[Exposed]]:
    """Sockets whose service another host heard, and open ports of which that is not certain."""
    own = {(s.protocol, s.port): s for s in sockets}
    open_ = [e for e in exposure.exposed if (e.port.protocol, e.port.number) in own]
    heard = [e for e in open_ if e.service is not None and e.service.elsewhere and _certain(e)]
    pairs = [(e, own[e.port.protocol, e.port.number]) for e in heard]
    return pairs, [e for e in open_ if e not in heard]


def _certain(one: Exposed) -> bool:
    return one.service is not None and one.service.strength is Strength.PROOF


def _unreached(exposure: Exposure, listeners: Listeners, ports: HighRiskPorts) -> Outcome:
    if not listeners.listeners:
        message = Text(
            zh="列表中没有任何监听套接字，无法证明查看有效",
            en="no socket at all is listed: nothing shows that the look worked",
        )
        return unsettled(message, listeners.seen, GapReason.EMPTY)
    sockets = _listening(listeners, ports)
    heard, perhaps = _reached(sockets, exposure)
    if heard:
        message = Text(
            zh="其他主机实际访问到高危端口：{what}（清单：{ports}）",
            en="other hosts reached high-risk ports: {what} (listed: {ports})",
        ).format(what=listed(_spell(one) for one, _ in heard), ports=str(ports))
        return Outcome.no(message, *_cited(heard))
    if perhaps or sockets:
        message = Text(
            zh="高危端口在监听，其他主机是否访问得到未能确定：{what}",
            en="high-risk ports listen; whether other hosts reach them is not certain: {what}",
        ).format(what=listed(f"{s.protocol}/{s.port}" for s in sockets))
        return unsettled(message, [*(s.at for s in sockets), *(e.port.at for e in perhaps)])
    message = Text(
        zh="没有对外监听的高危端口可供访问（清单：{ports}）",
        en="no high-risk port listens for others to reach (listed: {ports})",
    ).format(ports=str(ports))
    return Outcome.yes(message, *listeners.seen, *exposure.seen)


def _limited(
    exposure: Exposure, listeners: Listeners, proof: ProvenFilter | Gap, ports: HighRiskPorts
) -> Outcome:
    sockets = _listening(listeners, ports)
    heard, _ = _reached(sockets, exposure)
    if isinstance(proof, Gap):
        return through(
            Text(zh="未看到包过滤规则", en="the packet filter was not seen"), proof, listeners.seen
        )
    who = {(p.protocol, p.port, p.sources) for p in proof.ports or ()}
    strangers = [
        (one, socket)
        for one, socket in heard
        if one.external and (socket.protocol, socket.port, Sources.ANYWHERE) in who
    ]
    if strangers:
        message = Text(
            zh="高危端口的来源不受限：主机的包过滤对任意来源放行，外部区域实际访问到 {what}（清单：{ports}）",
            en="nothing limits who reaches high-risk ports: the host's filter lets everybody in, and an"
            " external zone reached {what} (listed: {ports})",
        ).format(what=listed(_spell(one) for one, _ in strangers), ports=str(ports))
        met = {(socket.protocol, socket.port) for _, socket in strangers}
        lines = (
            c
            for p in proof.ports or ()
            if p.sources is Sources.ANYWHERE and (p.protocol, p.port) in met
            for c in p.at
        )
        return Outcome.no(message, *_cited(strangers), *lines)
    named = {(s.protocol, s.port) for s in sockets}
    open_ = [p for p in proof.ports or () if (p.protocol, p.port) in named]
    unsaid = named - {(p.protocol, p.port) for p in open_}
    if unsaid or proof.ports is None or any(p.sources not in {Sources.NAMED, Sources.NOBODY} for p in open_):
        message = Text(
            zh="高危端口的来源是否受限未能证明（途中的设备和服务自身的名单也可能限制）",
            en="whether the sources of high-risk ports are limited is not proved (devices on the way and"
            " lists of the service itself may do so)",
        )
        return unsettled(message, [c for p in open_ for c in p.at] or listeners.seen)
    if not listeners.listeners:
        message = Text(zh="列表中没有任何监听套接字", en="no socket at all is listed")
        return unsettled(message, listeners.seen, GapReason.EMPTY)
    message = Text(
        zh="没有高危端口对任意来源开放（清单：{ports}）",
        en="no high-risk port is open to everybody by the host's own filter (listed: {ports})",
    ).format(ports=str(ports))
    return Outcome.yes(message, *(c for p in open_ for c in (p.socket, *p.at)), *listeners.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "wire.high-risk-ports-unreached",
        Text(zh="其他主机是否都访问不到高危端口？", en="Did no other host reach a high-risk port?"),
        (Exposure, Listeners),
        _unreached,
        Risk.MEDIUM,
        Text(
            zh="停用所列端口的服务（systemctl disable --now 单元）；确需使用的绑定到 127.0.0.1，"
            "或只对需要的来源开放，改后重扫。",
            en="Stop the services on the ports listed (systemctl disable --now UNIT); bind what is needed to"
            " 127.0.0.1 or open it to the sources that need it only, and scan again.",
        ),
        parameters=HighRiskPorts,
    ),
    Check(
        "wire.high-risk-ports-limited",
        Text(zh="高危端口的来源是否受限？", en="Is it limited who reaches high-risk ports?"),
        (Exposure, Listeners),
        _limited,
        Risk.MEDIUM,
        Text(
            zh="在默认拒绝的包过滤中只对需要的来源开放所列端口，并在边界阻断外部对它们的访问。",
            en="Open the ports listed only to the sources that need them in a filter that denies by default,"
            " and block them from outside at the border.",
        ),
        also=(ProvenFilter,),
        parameters=HighRiskPorts,
    ),
)

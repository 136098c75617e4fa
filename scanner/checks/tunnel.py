"""Questions about tunnels. A tunnel is never illegal by itself: the register decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, unsettled
from scanner.facts import Tunnel, TunnelRegister, TunnelWay, TunnelWays
from scanner.model import Gap, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model.text import Language


def _name(tunnel: Tunnel) -> str:
    return f"{tunnel.family} {tunnel.name}" + (f" -> {tunnel.remote}" if tunnel.remote else "")


def _ways(ways: TunnelWays | Gap, tunnels: tuple[Tunnel, ...]) -> tuple[TunnelWay, ...]:
    return () if isinstance(ways, Gap) else tuple(w for w in ways.ways if w.tunnel in tunnels)


def _told(ways: Iterable[TunnelWay], language: Language) -> str:
    """How the packets of some tunnels fare on their way to other zones."""
    said = (
        _WAY[way.open].format(name=_name(way.tunnel), to=way.to, packet=way.packet or "-").say(language)
        for way in ways
    )
    return "".join(_JOINT[language] + one for one in dict.fromkeys(said))


_JOINT: Mapping[Language, str] = {"zh": "；", "en": "; "}

_WAY: Mapping[bool | None, Text] = {
    True: Text(
        zh="{name} 通往 {to} 的途径由规则放行（{packet}）",
        en="the rules leave {name} its way to {to} ({packet})",
    ),
    False: Text(
        zh="{name} 常用的协议和端口到不了 {to}，其他端口未问及",
        en="by its usual protocols and ports {name} does not get to {to}; others were not asked about",
    ),
    None: Text(zh="{name} 能否通往 {to} 未能证明", en="whether {name} has a way to {to} is not proved"),
}


def _undeclared(register: TunnelRegister, ways: TunnelWays | Gap, _: NoParameters) -> Outcome:
    if register.undeclared:
        message = Text(
            zh="登记表中没有有效批准的隧道：{names}", en="tunnels without a valid approval: {names}"
        ).format(names=listed(map(_name, register.undeclared)))
        own = _ways(ways, register.undeclared)
        message = Text(zh=message.zh + _told(own, "zh"), en=message.en + _told(own, "en"))
        lines = (place for way in own for place in way.at)
        return Outcome.no(message, *(t.at for t in register.undeclared), *lines)
    if register.unseen:
        message = Text(
            zh="以下对象的隧道情况未见：{names}", en="these could not be looked at for tunnels: {names}"
        ).format(names=listed(register.unseen))
        return unsettled(message, register.seen)
    declared = [f"{_name(tunnel)} ({entry})" for tunnel, entry in register.declared]
    message = Text(
        zh="没有未登记的隧道；已批准：{names}", en="no tunnel is undeclared; approved: {names}"
    ).format(names=listed(declared) or "-")
    return Outcome.yes(message, *(t.at for t, _ in register.declared), *register.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "tunnel.none-undeclared",
        Text(
            zh="现有的隧道是否都已登记且批准有效？",
            en="Is every tunnel that exists in the register of approvals?",
        ),
        (TunnelRegister,),
        _undeclared,
        Risk.HIGH,
        Text(
            zh="关闭并卸载未批准的隧道（systemctl disable --now 单元，ip link delete 接口）；"
            "确有需要的，经批准后在清单的 tunnels: 中登记 object、family、name、approval。",
            en="Close and remove tunnels that nobody approved (systemctl disable --now UNIT, ip link delete"
            " INTERFACE); have needed ones approved and enter object, family, name and approval under"
            " tunnels: of the inventory.",
        ),
        also=(TunnelWays,),
    ),
)

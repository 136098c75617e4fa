"""Questions about tunnels. A tunnel is never illegal by itself: the register decides."""

from __future__ import annotations

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, unsettled
from scanner.facts import Tunnel, TunnelRegister
from scanner.model import Outcome, Risk, Text


def _name(tunnel: Tunnel) -> str:
    return f"{tunnel.family} {tunnel.name}" + (f" -> {tunnel.remote}" if tunnel.remote else "")


def _undeclared(register: TunnelRegister, _: NoParameters) -> Outcome:
    if register.undeclared:
        message = Text(
            zh="登记表中没有有效批准的隧道：{names}", en="tunnels without a valid approval: {names}"
        ).format(names=listed(map(_name, register.undeclared)))
        return Outcome.no(message, *(t.at for t in register.undeclared))
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
    ),
)

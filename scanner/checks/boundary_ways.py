"""Questions about some of what boundaries let through: to important, external and industrial zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import ZoneCrossings, ZoneMatrix
from scanner.model import Answer, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.facts import Opened, PacketSeen
    from scanner.model import Citation


def _lines(examples: Iterable[PacketSeen | None], seen: tuple[Citation, ...]) -> tuple[Citation, ...]:
    """The lines that decide about some packets; where no rule does, all that was seen."""
    return tuple(dict.fromkeys(c for one in examples if one is not None for c in one.at)) or seen


def _by_pair(found: Sequence[Opened]) -> str:
    """``core -> internet: ssh, tls; ...``."""
    pairs = dict.fromkeys(one.pair for one in found)
    told = (f"{pair}: {listed(one.service for one in found if one.pair == pair)}" for pair in pairs)
    return "; ".join(list(told)[:4]) + (f" (+{len(pairs) - 4})" if len(pairs) > 4 else "")


# --- ways of tunnels ---------------------------------------------------------------------------------


def _ways_out(found: ZoneCrossings, _: NoParameters) -> Outcome:
    if found.ways_out is None:
        message = Text(zh="该设备不通往任何外部区域", en="the object leads to no external zone")
        return Outcome(Answer.NA, message, found.seen)
    open_ = [one for one in found.ways_out if one.beyond]
    if open_:
        silent = [one.pair for one in open_ if not one.declared]
        message = Text(
            zh="策略没有允许、却通往外部的隧道途径：{what}{silent}",
            en="ways out for tunnels are open, and no policy allows them: {what}{silent}",
        )
        zh = f"（策略未提及 {listed(silent)}）" if silent else ""
        en = f" (the policy says nothing of {listed(silent)})" if silent else ""
        told = {"what": _by_pair(open_)}
        message = Text(zh=message.format(**told, silent=zh).zh, en=message.format(**told, silent=en).en)
        return Outcome.no(message, *_lines((one.example for one in open_), found.seen))
    doubtful = [one for one in found.ways_out if one.beyond is None]
    if doubtful or not found.ways_out:
        message = Text(
            zh="以下隧道途径是否通往外部未能证明：{what}",
            en="whether these ways out are open to tunnels is not proved: {what}",
        ).format(what=_by_pair(doubtful) or "-")
        return unsettled(message, found.seen)
    open_ = [one for one in found.ways_out if one.passes]
    message = Text(
        zh="通往外部的隧道途径均已封闭，或为策略所允许：{what}",
        en="every way out for tunnels is closed or allowed by the policy; allowed: {what}",
    ).format(what=_by_pair(open_) or "-")
    return Outcome.yes(message, *_lines((one.example for one in open_), found.seen), *found.seen)


# --- important zones ---------------------------------------------------------------------------------


def _guarded(found: ZoneCrossings, _: NoParameters) -> Outcome:
    if found.guarded is None:
        message = Text(
            zh="该设备没有接口位于已声明的重要区域", en="the object has no leg in a zone declared important"
        )
        return Outcome(Answer.NA, message, found.seen)
    whole = [one for one in found.guarded if one.whole]
    if whole:
        message = Text(
            zh="该设备放行去往重要区域的一切：{pairs}",
            en="the object lets everything through to an important zone: {pairs}",
        ).format(pairs=listed(f"{one.source} -> {one.destination}" for one in whole))
        return Outcome.no(message, *_lines((one.example for one in whole), found.seen))
    doubtful = [one for one in found.guarded if one.whole is None]
    if doubtful:
        message = Text(
            zh="该设备对去往重要区域的报文是否有过滤未能证明：{pairs}",
            en="whether the object filters what goes to an important zone is not proved: {pairs}",
        ).format(pairs=listed(f"{one.source} -> {one.destination}" for one in doubtful))
        return unsettled(message, found.seen)
    if not found.guarded:
        message = Text(
            zh="策略允许任何通信去往重要区域，无可过滤",
            en="the policy lets anything pass to the important zones: there is nothing to filter",
        )
        return Outcome(Answer.NA, message, found.seen)
    message = Text(
        zh="该设备过滤去往重要区域的报文：{pairs}",
        en="the object filters what goes to important zones: {pairs}",
    ).format(pairs=listed(f"{one.source} -> {one.destination}" for one in found.guarded))
    return Outcome.yes(message, *_lines((one.example for one in found.guarded), found.seen))


def _inside(matrix: ZoneMatrix, _: NoParameters) -> Outcome:
    if not matrix.important or not matrix.external:
        message = Text(
            zh="清单没有同时声明重要区域和外部区域",
            en="the inventory does not declare both important and external zones",
        )
        return unsettled(message, matrix.seen, needs="important: and external: at zones of the inventory")
    towards = [c for c in matrix.cells if c.destination in matrix.important and c.source in matrix.external]
    whole = [c for c in towards if c.whole]
    if whole:
        message = Text(
            zh="重要区域直接面向外部，其前没有任何过滤：{pairs}",
            en="an important zone lies open to the outside, with nothing that filters before it: {pairs}",
        ).format(pairs=listed(f"{c.source} -> {c.destination}" for c in whole))
        return Outcome.no(message, *_lines((c.through for c in whole), matrix.seen))
    message = Text(
        zh="重要区域与外部之间的全部路径未能看清", en="not all ways from outside to important zones were seen"
    )
    for _name, gap, _joined in matrix.unseen:
        return through(message, gap, matrix.seen)
    if not towards or any(c.possible and not c.passes for c in towards):
        return unsettled(message, matrix.seen)
    message = Text(
        zh="外部与重要区域（{zones}）之间有过滤",
        en="something filters between the outside and the important zones ({zones})",
    ).format(zones=listed(matrix.important))
    return Outcome.yes(message, *matrix.seen)


# --- industrial zones --------------------------------------------------------------------------------


def _plant(found: ZoneCrossings, _: NoParameters) -> Outcome:
    if found.plant is None:
        message = Text(
            zh="该设备不在工业区域与其他区域之间", en="the object stands at no edge of an industrial zone"
        )
        return Outcome(Answer.NA, message, found.seen)
    open_ = [one for one in found.plant if one.passes]
    if open_:
        message = Text(
            zh="通用网络服务穿越工业区域边界：{what}",
            en="general services cross the edge of an industrial zone: {what}",
        ).format(what=_by_pair(open_))
        return Outcome.no(message, *_lines((one.example for one in open_), found.seen))
    doubtful = [one for one in found.plant if one.passes is None]
    if doubtful or not found.plant:
        message = Text(
            zh="通用网络服务是否穿越工业区域边界未能证明：{what}",
            en="whether general services cross the edge of an industrial zone is not proved: {what}",
        ).format(what=_by_pair(doubtful) or "-")
        return unsettled(message, found.seen)
    message = Text(
        zh="电子邮件、Web、Telnet、Rlogin、FTP 均不能穿越工业区域边界",
        en="neither e-mail nor web, Telnet, Rlogin or FTP crosses the edge of the industrial zones",
    )
    return Outcome.yes(message, *found.seen)


CHECKS: tuple[Check, ...] = (
    Check(
        "boundary.tunnel-ways-closed",
        Text(
            zh="隧道常用的对外途径是否都已封闭，或为策略所允许？",
            en="Is every way out that tunnels use closed, or allowed by the declared policy?",
        ),
        (ZoneCrossings,),
        _ways_out,
        Risk.MEDIUM,
        Text(
            zh="在边界上默认拒绝由内向外的新连接，只对登记的端点放行其协议和端口（如 udp/51820、esp、gre）；"
            "tcp/443、53、22 只放行到需要的目的地址，并写入清单 policy:。",
            en="Deny new connections from inside to outside by default on the boundary; open protocols and"
            " ports of tunnels (udp/51820, esp, gre ...) for registered ends only, and tcp/443, 53 and 22 for"
            " destinations that are needed; enter these under policy: of the inventory.",
        ),
    ),
    Check(
        "boundary.important-guarded",
        Text(
            zh="边界设备是否过滤去往重要区域的报文？",
            en="Does the boundary filter what goes to the important zones beside it?",
        ),
        (ZoneCrossings,),
        _guarded,
        Risk.HIGH,
        Text(
            zh="在该设备的转发链上默认拒绝去往重要区域的新连接（nft：chain forward 写 policy drop），"
            "只放行清单 policy: 中的通信；IPv4 与 IPv6 都要。",
            en="Deny new connections to the important zone by default in the chain for forwarded packets"
            " (nft: policy drop in chain forward) and let through what policy: of the inventory allows, for"
            " IPv4 and IPv6.",
        ),
    ),
    Check(
        "boundary.important-not-at-edge",
        Text(
            zh="重要区域前面是否有过滤挡住外部？",
            en="Does something filter between the outside and the important zones?",
        ),
        (ZoneMatrix,),
        _inside,
        Risk.HIGH,
        Text(
            zh="把重要区域移到边界防火墙之后，或在其与外部之间默认拒绝转发，只放行发布的服务。",
            en="Move the important zone behind the border's firewall, or deny forwarded packets from outside"
            " by default and let through published services only.",
        ),
    ),
    Check(
        "boundary.plant-services-blocked",
        Text(
            zh="边界设备是否挡住穿越工业区域边界的通用网络服务？",
            en="Does the boundary keep general services from crossing the edge of industrial zones?",
        ),
        (ZoneCrossings,),
        _plant,
        Risk.MEDIUM,
        Text(
            zh="在工业区域与其他区域之间的设备上默认拒绝双向转发，只放行工控协议和登记的地址；"
            "删除放行电子邮件、Web、Telnet、Rlogin、FTP 的规则。",
            en="Deny forwarded packets both ways by default on the device between the industrial zone and the"
            " others, let through control protocols between registered addresses only, and delete rules that"
            " let e-mail, web, Telnet, Rlogin or FTP pass.",
        ),
    ),
)

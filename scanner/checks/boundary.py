"""Questions about boundaries between zones: what they let through, and what their rules are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import BoundaryRules, Crossing, ZoneCrossings, ZoneMatrix
from scanner.model import Citation, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scanner.facts import Fact, PacketSeen, RuleNote, ZoneCell

_DECLARE = "zones, boundaries and policy in the inventory"


def _pair(cell: ZoneCell) -> str:
    return f"{cell.source} -> {cell.destination}"


def _cited(seen: Iterable[PacketSeen]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(citation for one in seen for citation in one.at))


def _declared(found: ZoneCrossings, _: NoParameters) -> Outcome:
    violated = [cell for cell in found.cells if cell.state is Crossing.VIOLATED]
    if violated:
        told = [f"{_pair(cell)}: {one.packet}" for cell in violated for one in cell.beyond]
        message = Text(
            zh="区域之间放行了策略没有允许的通信：{what}",
            en="between zones passes what the policy does not allow: {what}",
        ).format(what=listed(told, 4) or listed(map(_pair, violated)))
        return Outcome.no(message, *(_cited(p for c in violated for p in c.beyond) or found.seen))
    open_ = [c for c in found.cells if c.state is not Crossing.AS_DECLARED]
    if open_ or not found.cells:
        undeclared = [_pair(cell) for cell in open_ if cell.state is Crossing.UNDECLARED]
        unproved = [_pair(cell) for cell in open_ if cell.state is Crossing.UNKNOWN]
        message = Text(
            zh="未声明允许什么：{undeclared}；未能证明：{unproved}",
            en="not declared what may pass: {undeclared}; not proved: {unproved}",
        ).format(undeclared=listed(undeclared, 4) or "-", unproved=listed(unproved, 4) or "-")
        return unsettled(message, found.seen, needs=_DECLARE if undeclared else "")
    message = Text(
        zh="{zones} 之间只通行策略允许的通信", en="between {zones} only what the policy allows passes"
    )
    return Outcome.yes(message.format(zones=listed(found.zones)), *found.seen)


def _separated(matrix: ZoneMatrix, _: NoParameters) -> Outcome:
    """A pair that everything passes has no filter between it; others have one, or nothing was seen."""
    if not matrix.important:
        message = Text(zh="清单没有声明重要区域", en="the inventory declares no important zone")
        return unsettled(message, matrix.seen, needs="important: true at zones of the inventory")
    towards = [c for c in matrix.cells if c.destination in matrix.important]
    whole = [c for c in towards if c.whole]
    if whole:
        message = Text(
            zh="通往重要区域的路径上没有任何过滤：{pairs}",
            en="nothing filters on the way to an important zone: {pairs}",
        ).format(pairs=listed(map(_pair, whole)))
        told = [p for c in whole for p in (*c.beyond, *([c.through] if c.through else []))]
        return Outcome.no(message, *(_cited(told) or matrix.seen))
    hidden = [c for c in towards if c.possible and not c.passes and c.state is not Crossing.AS_DECLARED]
    if hidden or not towards or matrix.unseen:
        message = Text(
            zh="通往重要区域的路径未能全部看清：{pairs}",
            en="not all ways to important zones were seen: {pairs}",
        ).format(pairs=listed(map(_pair, hidden)) or listed(name for name, _, _ in matrix.unseen))
        for _name, gap, _joined in matrix.unseen:
            return through(message, gap, matrix.seen)
        return unsettled(message, matrix.seen)
    message = Text(
        zh="通往重要区域（{zones}）的路径都有过滤",
        en="every way to the important zones ({zones}) is filtered",
    ).format(zones=listed(matrix.important))
    return Outcome.yes(message, *matrix.seen)


def _said(notes: Iterable[RuleNote], language: str) -> str:
    return listed((getattr(note.message, language) for note in notes), 3)


def _no(what: Text, notes: tuple[RuleNote, ...], seen: tuple[Citation, ...]) -> Outcome:
    message = Text(zh=f"{what.zh}：{_said(notes, 'zh')}", en=f"{what.en}: {_said(notes, 'en')}")
    return Outcome.no(message, *(dict.fromkeys(c for note in notes for c in note.at) or seen))


def _unread(found: BoundaryRules) -> Outcome | None:
    if not found.unproved:
        return None
    message = Text(
        zh=f"有规则未能证明：{_said(found.unproved, 'zh')}",
        en=f"rules that were not proved: {_said(found.unproved, 'en')}",
    )
    cited = dict.fromkeys(c for note in found.unproved for c in note.at)
    return unsettled(message, cited, GapReason.UNPARSABLE)


def _specific(found: BoundaryRules, _: NoParameters) -> Outcome:
    if found.wide:
        return _no(Text(zh="规则过宽", en="rules that are too wide"), found.wide, found.seen)
    doubt = _unread(found)
    if doubt is not None:
        return doubt
    if found.vague or not found.named:
        message = Text(
            zh=f"并非每条放行规则都写明源、目的、协议和端口：{_said(found.vague, 'zh') or '没有转发规则'}",
            en="not every accepting rule names source, destination, protocol and port: "
            f"{_said(found.vague, 'en') or 'there is no rule for forwarded packets'}",
        )
        cited = [c for note in found.vague for c in note.at]
        return unsettled(message, cited or found.seen, needs="a person reads these rules")
    message = Text(
        zh="{count} 条转发放行规则都写明源、目的、协议和端口",
        en="all {count} rules that let forwarded packets through name source, destination, protocol and port",
    )
    return Outcome.yes(message.format(count=found.named), *found.seen)


def _needed(found: BoundaryRules, _: NoParameters) -> Outcome:
    if found.useless:
        return _no(Text(zh="有不起作用的规则", en="rules that never decide"), found.useless, found.seen)
    doubt = _unread(found)
    if doubt is not None:
        return doubt
    message = Text(
        zh="没有被遮蔽、重复或不可能匹配的规则", en="no rule is shadowed, said twice or impossible"
    )
    return Outcome.yes(message, *found.seen)


def _confined(found: ZoneCrossings, _: NoParameters) -> Outcome:
    if found.management is None:
        message = Text(
            zh="清单没有声明管理区域，或未看到监听端口",
            en="no zone is declared for management, or the sockets were not seen",
        )
        return unsettled(message, found.seen, needs="management: true at a zone of the inventory")
    names = [f"{m.zone}: {m.protocol}/{m.port}" for m in found.management if m.reached]
    if names:
        message = Text(
            zh="管理端口可从非管理区域访问：{names}",
            en="management ports are reached from zones that are not for management: {names}",
        ).format(names=listed(names))
        cited = dict.fromkeys(c for m in found.management if m.reached for c in m.at)
        return Outcome.no(message, *(cited or found.seen))
    if found.management:
        perhaps = [f"{m.zone}: {m.protocol}/{m.port}" for m in found.management]
        message = Text(
            zh="管理端口是否可从非管理区域访问未能证明：{names}",
            en="whether zones that are not for management reach these ports is not proved: {names}",
        ).format(names=listed(perhaps))
        return unsettled(message, dict.fromkeys(c for m in found.management for c in m.at))
    message = Text(zh="管理端口只对管理区域开放", en="management ports are open to the management zone only")
    return Outcome.yes(message, *found.seen)


def _check(
    name: str,
    question: Text,
    needs: type[Fact],
    judge: Callable[..., Outcome],
    risk: Risk,
    remedy: Text,
) -> Check:
    return Check(f"boundary.{name}", question, (needs,), judge, risk, remedy)


CHECKS: tuple[Check, ...] = (
    _check(
        "crossings-declared",
        Text(
            zh="区域之间是否只通行策略声明允许的通信？",
            en="Does only what the declared policy allows pass between zones?",
        ),
        ZoneCrossings,
        _declared,
        Risk.HIGH,
        Text(
            zh="收紧所列规则，使其只放行清单 policy: 中这一对区域允许的协议、端口和地址；确有需要的通信，"
            "经批准后写入 policy:。",
            en="Narrow the rules that are listed to the protocols, ports and addresses that policy: of the"
            " inventory allows for this pair of zones; have needed traffic approved and enter it there.",
        ),
    ),
    _check(
        "zones-separated",
        Text(
            zh="重要区域与其他区域之间是否都有过滤？",
            en="Is there a filter between every important zone and others?",
        ),
        ZoneMatrix,
        _separated,
        Risk.HIGH,
        Text(
            zh="在重要区域与其他区域之间的设备上启用默认拒绝的转发过滤，只放行需要的通信。",
            en="On the device between the important zone and the others, deny forwarded packets by default"
            " and let through what is needed.",
        ),
    ),
    _check(
        "rules-specific",
        Text(
            zh="转发放行规则是否都写明源、目的、协议和端口？",
            en="Do all rules that let packets through name source, destination, protocol and port?",
        ),
        BoundaryRules,
        _specific,
        Risk.MEDIUM,
        Text(
            zh="为所列放行规则补上来源、目的地址、协议和目的端口；删除任意到任意的规则。",
            en="Add source, destination, protocol and destination port to the accepting rules listed;"
            " delete rules from anywhere to anywhere.",
        ),
    ),
    _check(
        "rules-needed",
        Text(zh="规则集中是否没有多余或失效的规则？", en="Is the rule set free of rules that never decide?"),
        BoundaryRules,
        _needed,
        Risk.LOW,
        Text(
            zh="删除被前面规则遮蔽、重复或不可能匹配的规则，或把它移到遮蔽它的规则之前。",
            en="Delete rules that earlier ones shadow or repeat or that match nothing, or move them before"
            " the rule that shadows them.",
        ),
    ),
    _check(
        "management-confined",
        Text(
            zh="边界设备的管理端口是否只对管理区域开放？",
            en="Are the management ports of the boundary open to the management zone only?",
        ),
        ZoneCrossings,
        _confined,
        Risk.MEDIUM,
        Text(
            zh="只允许管理区域的地址访问设备的 SSH 等管理端口"
            "（nft：在 input 链用 iifname 和 ip saddr 限定）。",
            en="Let only addresses of the management zone reach SSH and other management ports of the device"
            " (nft: narrow by iifname and ip saddr in the chain input).",
        ),
    ),
)

"""Questions about the packet filter that is loaded. Both address families count; a role decides the hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled, worst
from scanner.facts import (
    BaseChain,
    Default,
    Family,
    Hook,
    Listeners,
    ObjectRole,
    PacketFilter,
    Persistence,
    ProvenFilter,
    Services,
)
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scanner.facts import Fact
    from scanner.model import Citation

BOUNDARY = "boundary_device"
"""The role in which forwarded packets must be filtered too."""


def _name(chain: BaseChain) -> str:
    return f"{chain.family.value} {chain.hook.value}: {chain.framework} {chain.table}/{chain.chain}"


def _unfiltered(filtering: PacketFilter) -> Outcome | None:
    """A no if nothing is loaded at all; a front end that runs without any chain contradicts itself."""
    if filtering.chains:
        return None
    if filtering.frontends:
        message = Text(
            zh="{name} 处于活动状态，但未看到任何链", en="{name} is active, but no chain was seen"
        ).format(name=listed(filtering.frontends))
        return unsettled(message, filtering.seen)
    message = Text(zh="内核中没有加载任何包过滤规则", en="no packet filter is loaded in the kernel")
    return Outcome.no(message, *filtering.seen)


def _in_force(filtering: PacketFilter, proof: ProvenFilter, _: NoParameters) -> Outcome:
    nothing = _unfiltered(filtering)
    if nothing is not None:
        return nothing
    denying = [d for d in proof.defaults if d.default is Default.DENY]
    if denying:
        message = Text(zh="包过滤已加载并可拒绝：{names}", en="a packet filter is loaded and denies: {names}")
        return Outcome.yes(
            message.format(names=listed(f"{d.family.value} {d.hook.value}" for d in denying)),
            *(place for d in denying for place in d.at or filtering.seen),
        )
    message = Text(
        zh="有链已加载，但未能看出它们会拒绝入站或转发的数据包：{names}",
        en="chains are loaded, but that they deny incoming or forwarded packets is not plain: {names}",
    ).format(names=listed(map(_name, filtering.chains)))
    return unsettled(
        message, (c.default_at for c in filtering.chains), needs="a person reads the loaded rules"
    )


def _by_role(
    role: ObjectRole | Gap, question: Callable[[Hook], Outcome], seen: Iterable[Citation]
) -> Outcome:
    """Ask about incoming packets, and about forwarded ones where the role asks for it or is not known."""
    incoming = question(Hook.INPUT)
    if isinstance(role, ObjectRole):
        return worst(incoming, question(Hook.FORWARD)) if role.kind == BOUNDARY else incoming
    forwarded = question(Hook.FORWARD)
    if forwarded.answer is Answer.YES:
        return worst(incoming, forwarded)
    message = Text(
        zh=f"该对象是否为边界设备未知；{forwarded.message.zh}",
        en=f"whether the object is a boundary device is not known; {forwarded.message.en}",
    )
    return worst(incoming, unsettled(message, seen))


def _open_family(
    family: Family, listeners: Listeners | Gap, message: Text, cited: tuple[Citation, ...]
) -> Outcome:
    """A no for an open family; IPv6 is open only where it is in use."""
    if family is Family.IPV4:
        return Outcome.no(message, *cited)
    if isinstance(listeners, Listeners):
        used = [s.at for s in listeners.listeners if ":" in s.address or s.address == "*"]
        if used:
            return Outcome.no(message, *cited, used[0])
    unused = Text(
        zh=f"{message.zh}；该主机是否使用 IPv6 未见",
        en=f"{message.en}; whether the host uses IPv6 was not seen",
    )
    return unsettled(unused, cited)


def _denies(
    filtering: PacketFilter, proof: ProvenFilter, hook: Hook, family: Family, listeners: Listeners | Gap
) -> Outcome:
    """What all chains of the hook together do with a packet that no rule names."""
    proved = proof.default(hook, family)
    where = {"family": family.value, "hook": hook.value}
    if proved is None:
        message = Text(zh="{family} {hook} 未受过滤", en="nothing filters {family} {hook}").format(**where)
        other = _denying_elsewhere(proof, hook, family)
        return _open_family(family, listeners, message, (*other, *filtering.seen))
    if proved.default is Default.DENY:
        message = Text(zh="{family} {hook} 默认拒绝", en="{family} {hook} denies by default").format(**where)
        return Outcome.yes(message, *(proved.at or filtering.seen))
    if proved.default is Default.UNKNOWN:
        message = Text(
            zh="{family} {hook} 是否拒绝无规则允许的报文未能证明",
            en="that {family} {hook} denies what no rule allows is not proved",
        ).format(**where)
        return unsettled(message, proved.at, GapReason.UNPARSABLE, needs="a person reads the cited rules")
    message = Text(zh="{family} {hook} 默认放行", en="{family} {hook} accepts by default").format(**where)
    return _open_family(
        family, listeners, message, (*(proved.at or filtering.seen), *_denying_elsewhere(proof, hook, family))
    )


def _denying_elsewhere(proof: ProvenFilter, hook: Hook, family: Family) -> tuple[Citation, ...]:
    """The lines by which the same hook denies the other family: what was forgotten shows beside them."""
    others = (proof.default(hook, other) for other in Family if other is not family)
    return tuple(place for d in others if d is not None and d.default is Default.DENY for place in d.at)


def _default_deny(
    filtering: PacketFilter,
    proof: ProvenFilter,
    role: ObjectRole | Gap,
    listeners: Listeners | Gap,
    _: NoParameters,
) -> Outcome:
    def question(hook: Hook) -> Outcome:
        return worst(*(_denies(filtering, proof, hook, family, listeners) for family in Family))

    return _unfiltered(filtering) or _by_role(role, question, filtering.seen)


def _looks_at_state(
    filtering: PacketFilter, proof: ProvenFilter, hook: Hook, family: Family, listeners: Listeners | Gap
) -> Outcome:
    """State decides only under a default that denies: elsewhere what is not established passes as well."""
    proved = proof.default(hook, family)
    where = {"family": family.value, "hook": hook.value}
    denying = proved is not None and proved.default is Default.DENY
    if proved is not None and denying and proved.stateful:
        message = Text(
            zh="{family} {hook} 按连接状态放行并默认拒绝",
            en="{family} {hook} accepts by connection state and denies by default",
        ).format(**where)
        return Outcome.yes(message, *(*proved.state_at, *proved.at) or filtering.seen)
    decided = filtering.seen if proved is None else proved.at or filtering.seen
    doubtful = proved is not None and proved.default is Default.UNKNOWN
    if doubtful or (proved is not None and denying and (proved.stateful is None or hook is Hook.FORWARD)):
        message = Text(
            zh="{family} {hook} 是否按连接状态放行未能证明",
            en="whether {family} {hook} accepts by connection state is not proved",
        ).format(**where)
        return unsettled(message, decided, needs="a person reads the loaded rules")
    message = Text(
        zh="{family} {hook} 不在默认拒绝之下按连接状态放行",
        en="{family} {hook} does not accept by connection state under a default that denies",
    ).format(**where)
    return _open_family(family, listeners, message, decided)


def _stateful(
    filtering: PacketFilter,
    proof: ProvenFilter,
    role: ObjectRole | Gap,
    listeners: Listeners | Gap,
    _: NoParameters,
) -> Outcome:
    def question(hook: Hook) -> Outcome:
        return worst(*(_looks_at_state(filtering, proof, hook, family, listeners) for family in Family))

    return _unfiltered(filtering) or _by_role(role, question, filtering.seen)


_BOTH = frozenset(Family)
_IPTABLES = {
    "netfilter-persistent": _BOTH,
    "iptables": frozenset({Family.IPV4}),
    "ip6tables": frozenset({Family.IPV6}),
    "ufw": _BOTH,
    "firewalld": _BOTH,
}
_RESTORES = {
    "nftables": {"nftables": _BOTH, "firewalld": _BOTH},
    "iptables": _IPTABLES,
    "iptables-legacy": _IPTABLES,
}
"""By framework: what can restore its rules at boot, and for which families."""


def _survives(
    filtering: PacketFilter, services: Services, proof: ProvenFilter | Gap, _: NoParameters
) -> Outcome:
    nothing = _unfiltered(filtering) or _loosened(proof)
    if nothing is not None:
        return nothing
    incoming = [c for c in filtering.chains if c.hook is Hook.INPUT]
    guarded = [c for c in incoming if c.default is Default.DENY] or incoming
    if not guarded:
        message = Text(
            zh="只有转发或出站的链，可能由其他程序（如容器引擎）设置",
            en="only chains for forwarded or outgoing packets, which another program may set (containers)",
        )
        return unsettled(message, (c.at for c in filtering.chains))
    enabled = [p for p in filtering.persistence if p.enabled]
    if not enabled:
        message = Text(
            zh="包过滤已加载，但没有任何启动项会恢复它",
            en="the packet filter is loaded, but nothing restores it at boot",
        )
        cited = [p.at for p in filtering.persistence]
        return Outcome.no(message, *cited, *(c.at for c in guarded))
    used: list[Persistence] = []
    for chain in guarded:
        restorer = next((p for p in enabled if _restores(p, chain, services)), None)
        if restorer is None:
            message = Text(
                zh="{name} 由哪个启动项恢复未能确定（启用的有 {units}）",
                en="what restores {name} at boot is not certain (enabled: {units})",
            ).format(name=_name(chain), units=listed(p.name for p in enabled))
            return unsettled(message, [chain.at, *(p.at for p in enabled)])
        used.append(restorer)
    message = Text(zh="启动时由 {units} 恢复", en="restored at boot by {units}").format(
        units=listed(p.name for p in used)
    )
    lost = () if isinstance(proof, Gap) else tuple(c for c in proof.changes or () if not c.opens)
    if lost:
        message = Text(
            zh=f"{message.zh}；未保存的放行将失效：{{packets}}",
            en=f"{message.en}; what was let in and not saved will be denied: {{packets}}",
        ).format(packets=listed((change.packet for change in lost), 3))
    told = (place for change in lost for place in (change.now, change.then))
    return Outcome.yes(message, *(p.at for p in used), *(c.at for c in guarded), *told)


def _loosened(proof: ProvenFilter | Gap) -> Outcome | None:
    """A no if packets that are denied now will be let in after the next start; unseen if nobody can tell."""
    if isinstance(proof, Gap):
        return through(Text(zh="包过滤未能证明", en="the packet filter was not proved"), proof)
    opened = [change for change in proof.changes or () if change.opens]
    if not opened:
        return None
    message = Text(
        zh="重启后将放行现在拒绝的报文：{packets}", en="a reboot will let in what is denied now: {packets}"
    ).format(packets=listed((change.packet for change in opened), 3))
    return Outcome.no(message, *(place for change in opened for place in (change.now, change.then)))


def _restores(persistence: Persistence, chain: BaseChain, services: Services) -> bool:
    """Whether it is for the chain's framework and family, and did its work at this boot."""
    families = _RESTORES.get(chain.framework, {}).get(persistence.name.removesuffix(".service"))
    unit = services.get(persistence.name.removesuffix(".service"))
    return families is not None and chain.family in families and unit is not None and unit.active


def _check(
    name: str,
    question: Text,
    judge: Callable[..., Outcome],
    remedy: Text,
    needs: tuple[type[Fact], ...] = (PacketFilter,),
    also: tuple[type[Fact], ...] = (),
) -> Check:
    return Check(f"filter.{name}", question, needs, judge, Risk.MEDIUM, remedy, also)


CHECKS: tuple[Check, ...] = (
    _check(
        "in-force",
        Text(zh="是否有生效的包过滤？", en="Is a packet filter in force?"),
        _in_force,
        Text(
            zh="在 /etc/nftables.conf 写默认拒绝的规则集，执行 nft -f /etc/nftables.conf 与 "
            "systemctl enable --now nftables。",
            en="Write a rule set that denies by default into /etc/nftables.conf, load it with nft -f"
            " /etc/nftables.conf and run systemctl enable --now nftables.",
        ),
        needs=(PacketFilter, ProvenFilter),
    ),
    _check(
        "default-deny",
        Text(
            zh="包过滤是否默认拒绝（IPv4 与 IPv6；边界设备还包括转发）？",
            en="Does the packet filter deny by default (IPv4 and IPv6; on a boundary device forwarding too)?",
        ),
        _default_deny,
        Text(
            zh="在 /etc/nftables.conf 的 table inet filter 中给 input（边界设备还有 forward）链写"
            " policy drop，"
            "删除全放行规则；iptables 则对 iptables 与 ip6tables 都执行 -P INPUT DROP、-P FORWARD DROP。",
            en="Write policy drop for the chain input (on a boundary device forward too) of table inet"
            " filter in"
            " /etc/nftables.conf and delete rules that accept everything; with iptables run -P INPUT DROP and"
            " -P FORWARD DROP for iptables and ip6tables.",
        ),
        needs=(PacketFilter, ProvenFilter),
        also=(ObjectRole, Listeners),
    ),
    _check(
        "stateful",
        Text(
            zh="包过滤是否在默认拒绝之下按连接状态放行？",
            en="Does the packet filter accept by connection state under a default that denies?",
        ),
        _stateful,
        Text(
            zh="在默认拒绝的链首写 ct state established,related accept 与 ct state invalid drop"
            "（iptables：-m conntrack --ctstate）。",
            en="Begin the denying chains with ct state established,related accept and ct state invalid drop"
            " (iptables: -m conntrack --ctstate).",
        ),
        needs=(PacketFilter, ProvenFilter),
        also=(ObjectRole, Listeners),
    ),
    _check(
        "survives-reboot",
        Text(zh="重启后包过滤是否会恢复？", en="Is the packet filter restored after a reboot?"),
        _survives,
        Text(
            zh="将规则写入 /etc/nftables.conf 并 systemctl enable nftables；或用 netfilter-persistent"
            " save 保存后 "
            "systemctl enable netfilter-persistent；或启用 firewalld、ufw。",
            en="Write the rules into /etc/nftables.conf and run systemctl enable nftables; or"
            " netfilter-persistent"
            " save and systemctl enable netfilter-persistent; or enable firewalld or ufw.",
        ),
        needs=(PacketFilter, Services),
        also=(ProvenFilter,),
    ),
)

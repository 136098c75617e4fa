"""Objects as people know them: where they stand, what listens, what filters, which tunnels, where logs go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.evaluate import REASON_WORDS, STAND_IN
from scanner.facts import (
    BaseChain,
    Default,
    FactSheet,
    Family,
    Hook,
    HostIdentity,
    Listeners,
    LogForwarding,
    LogTarget,
    PacketFilter,
    ProvenFilter,
    ProvenPort,
    Published,
    Sources,
    Tunnel,
    TunnelRegister,
    Tunnels,
)
from scanner.model import Answer, AssessmentObject, Finding, Gap, GapReason, Risk, Text
from scanner.report.html.anchors import anchor
from scanner.report.reached import Reached, reached
from scanner.report.words import RISK_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.model import Citation
    from scanner.report.content import Content

WHOLE = frozenset({GapReason.UNREACHABLE, GapReason.HOST_KEY, GapReason.AUTHENTICATION})
"""Reasons for which nothing of an object was seen."""

BOUNDARY, COLLECTOR = "boundary_device", "log_system"
"""Kinds whose forwarded packets, and whose own logs, count differently."""

_SYSTEM = Text(zh="整个系统", en="the whole system")


class State(StrEnum):
    """How something stands, for its colour: good, bad, mixed, neither (plain), or not seen."""

    GOOD = "good"
    BAD = "bad"
    MIXED = "mixed"
    PLAIN = "plain"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Port:
    """A port on which others than the host itself can reach something, the filter left aside."""

    protocol: str
    port: int
    owners: tuple[str, ...]
    addresses: tuple[str, ...]
    at: Citation


@dataclass(frozen=True, slots=True)
class Filtering:
    """Packet filters in force, said in one line, and chain by chain."""

    state: State
    summary: Text
    forwarding: Text | None  # of a boundary device
    chains: tuple[BaseChain, ...]
    ports: tuple[ProvenPort, ...] = ()
    published: tuple[Published, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A tunnel and what the register says of it; ``declared`` None: the register was not compared."""

    tunnel: Tunnel
    declared: bool | None
    approval: str


@dataclass(frozen=True, slots=True)
class Logging:
    """Where records go."""

    state: State
    summary: Text
    targets: tuple[LogTarget, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One object. What is a Gap was not seen."""

    id: str
    anchor: str
    kind: Text
    parent: str
    zone: str
    address: str
    roles: tuple[Text, ...]  # kinds of its children
    children: tuple[str, ...]
    looked_at: bool  # whether a platform was asked, of itself
    blind: Gap | None  # why nothing at all was seen
    identity: HostIdentity | None
    ports: tuple[Port, ...] | Gap
    filtering: Filtering | None
    tunnels: tuple[Passage, ...] | Gap
    hidden: bool  # tunnels may be there that the look had no right to see
    logging: Logging | None
    reached: tuple[Reached, ...]  # on the wire, from each vantage that looked
    noes: tuple[tuple[Risk, int], ...]  # counts by risk, its children's included
    findings: tuple[Finding, ...]  # noes and unseen ones, worst first


def shown_objects(content: Content) -> tuple[Shown, ...]:
    """All objects of all systems, by id."""
    found = {o.id: o for a in content.assessments for o in a.objects}
    kinds = {k: kind.text for a in content.assessments for k, kind in a.profile.kinds.items()}
    kinds[STAND_IN] = _SYSTEM
    findings = tuple(dict.fromkeys(f for a in content.assessments for f in a.findings))
    gaps = {name: some for a in content.assessments for name, some in a.gaps.items()}
    return tuple(
        _shown(found[name], tuple(found.values()), kinds, content, findings, gaps.get(name, ()))
        for name in sorted(found)
    )


def _shown(
    o: AssessmentObject,
    every: tuple[AssessmentObject, ...],
    kinds: dict[str, Text],
    content: Content,
    findings: tuple[Finding, ...],
    gaps: tuple[Gap, ...],
) -> Shown:
    children = tuple(sorted((child for child in every if child.parent == o.id), key=lambda c: c.id))
    names = {o.id, *(child.id for child in children)}
    sheet = content.sheets.get(o.id, FactSheet(o.id, {}))
    noes = Counter(f.risk for f in findings if f.object in names and f.answer is Answer.NO)
    kinds_here = {child.kind for child in (o, *children)}
    identity = sheet.get(HostIdentity)
    tunnels = sheet.get(Tunnels)
    return Shown(
        id=o.id,
        anchor=anchor("object", o.id),
        kind=kinds.get(o.kind, Text(o.kind, o.kind)),
        parent=o.parent,
        zone=o.zone,
        address=o.address,
        roles=tuple(kinds.get(child.kind, Text(child.kind, child.kind)) for child in children),
        children=tuple(child.id for child in children),
        looked_at=bool(o.platform),
        blind=next((g for g in gaps if g.reason in WHOLE), None),
        identity=identity if isinstance(identity, HostIdentity) else None,
        ports=_ports(sheet.get(Listeners)),
        filtering=_filtering(
            sheet.get(PacketFilter), sheet.get(ProvenFilter), boundary=BOUNDARY in kinds_here
        )
        if o.platform
        else None,
        tunnels=tunnels if isinstance(tunnels, Gap) else _passages(tunnels, sheet.get(TunnelRegister)),
        hidden=isinstance(tunnels, Tunnels) and tunnels.hidden,
        logging=_logging(sheet.get(LogForwarding), collects=COLLECTOR in kinds_here) if o.platform else None,
        reached=reached(o.id, content),
        noes=tuple((risk, noes[risk]) for risk in RISK_ORDER if noes[risk]),
        findings=_bad(f for f in findings if f.object == o.id),
    )


def _bad(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    worst = [f for f in findings if f.answer in {Answer.NO, Answer.UNSEEN}]
    return tuple(
        sorted(worst, key=lambda f: (f.answer is Answer.UNSEEN, RISK_ORDER.index(f.risk), f.check, f.subject))
    )


def _ports(listeners: Listeners | Gap) -> tuple[Port, ...] | Gap:
    """One entry a port and owner, whatever addresses it is bound to."""
    if isinstance(listeners, Gap):
        return listeners
    found: dict[tuple[str, int, tuple[str, ...]], Port] = {}
    for s in listeners.listeners:
        if s.off_host:
            key = s.protocol, s.port, s.processes
            before = found[key].addresses if key in found else ()
            at = found[key].at if key in found else s.at
            found[key] = Port(s.protocol, s.port, s.processes, (*before, s.address), at)
    return tuple(sorted(found.values(), key=lambda p: (p.protocol, p.port, p.owners)))


_DEFAULTS = {
    Default.DENY: Text(zh="默认拒绝", en="denies"),
    Default.ACCEPT: Text(zh="默认放行", en="accepts"),
    Default.UNKNOWN: Text(zh="未读懂", en="not understood"),
}
_NOTHING = Text(zh="未过滤", en="not filtered")


REACH_WORDS = {
    Sources.ANYWHERE: Text(zh="任意来源", en="everybody"),
    Sources.NAMED: Text(zh="仅指定网段", en="named networks only"),
    Sources.NOBODY: Text(zh="无", en="nobody"),
    Sources.UNKNOWN: Text(zh="未能证明", en="not proved"),
}


def _filtering(found: PacketFilter | Gap, proof: ProvenFilter | Gap, *, boundary: bool) -> Filtering:
    if isinstance(found, Gap):
        return Filtering(State.UNSEEN, _not_seen(found), None, ())
    if not found.chains and found.frontends:
        names = ", ".join(found.frontends)
        unclear = Text(f"{names} 处于活动状态，但未看到任何链", f"{names} is active, but no chain was seen")
        return Filtering(State.UNSEEN, unclear, None, ())
    if not found.chains:
        return Filtering(State.BAD, Text(zh="没有过滤器生效", en="no filter in force"), None, ())
    hooks = (Hook.INPUT, Hook.FORWARD) if boundary else (Hook.INPUT,)
    defaults = [_default(found, proof, hook, family) for hook in hooks for family in Family]
    if all(default is Default.DENY for default in defaults):
        state = State.GOOD
    elif Default.UNKNOWN in defaults:
        state = State.UNSEEN
    else:
        state = State.MIXED if Default.DENY in defaults else State.BAD
    forwarding = _families(found, proof, Hook.FORWARD) if boundary else None
    incoming = _families(found, proof, Hook.INPUT)
    if isinstance(proof, Gap):
        return Filtering(state, incoming, forwarding, found.chains)
    return Filtering(state, incoming, forwarding, found.chains, proof.ports or (), proof.published)


def _default(found: PacketFilter, proof: ProvenFilter | Gap, hook: Hook, family: Family) -> Default | None:
    """What happens by default, proved or else by the chains' words. None: nothing filters there."""
    if isinstance(proof, ProvenFilter):
        proved = proof.default(hook, family)
        return None if proved is None else proved.default
    here = {c.default for c in found.chains if c.hook is hook and c.family is family}
    return next((d for d in (Default.DENY, Default.UNKNOWN, Default.ACCEPT) if d in here), None)


def _families(found: PacketFilter, proof: ProvenFilter | Gap, hook: Hook) -> Text:
    words = []
    for family, name in ((Family.IPV4, "IPv4"), (Family.IPV6, "IPv6")):
        default = _default(found, proof, hook, family)
        text = _NOTHING if default is None else _DEFAULTS[default]
        words.append(Text(f"{name} {text.zh}", f"{name} {text.en}"))
    return Text("，".join(w.zh for w in words), ", ".join(w.en for w in words))


def _passages(found: Tunnels, register: TunnelRegister | Gap) -> tuple[Passage, ...]:
    if isinstance(register, Gap):
        return tuple(Passage(tunnel, None, "") for tunnel in found.tunnels)
    approvals = dict(register.declared)
    return tuple(Passage(tunnel, tunnel in approvals, approvals.get(tunnel, "")) for tunnel in found.tunnels)


def _logging(found: LogForwarding | Gap, *, collects: bool) -> Logging:
    if isinstance(found, Gap):
        return Logging(State.UNSEEN, _not_seen(found), ())
    away = tuple(t for t in found.targets if t.off_host)
    if not away and collects:
        return Logging(State.GOOD, Text(zh="日志收集方，自身日志留存", en="collects logs, keeps its own"), ())
    if not away and found.unread:
        names = ", ".join(agent.name for agent in found.unread)
        text = Text(zh=f"可能由 {names} 转发，未能读懂", en=f"perhaps sent by {names}, not understood")
        return Logging(State.UNSEEN, text, ())
    if not away:
        return Logging(State.BAD, Text(zh="日志只留在本机", en="logs stay on the host"), ())
    if not found.running:
        stopped = Text(
            zh="已配置转发，但守护进程未运行", en="forwarding is written, its daemon is not running"
        )
        return Logging(State.BAD, stopped, ())
    clear = any(not t.tls for t in away)
    where = ", ".join(dict.fromkeys(t.host for t in away))
    text = Text(zh=f"日志发往 {where}", en=f"logs go to {where}")
    return Logging(State.MIXED if clear else State.GOOD, text, away)


def _not_seen(gap: Gap) -> Text:
    reason = REASON_WORDS[gap.reason]
    return Text(zh=f"未看到（{reason.zh}）", en=f"not seen ({reason.en})")

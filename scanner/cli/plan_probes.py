"""What the probes of a scan would send at most: to each target, from each vantage, probe by probe."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from collectors.base import Probe
from collectors.platforms.wire.limits import UDP_PORTS, tcp_parts
from collectors.platforms.wire.steps import PORTS_TCP, PORTS_UDP, asked_for
from scanner.inventory import Spared
from scanner.model import Text, TransportKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.base import Platform, Step
    from scanner.inventory import Inventory
    from scanner.model import Reach, Vantage
    from scanner.model.text import Language

_NOTICE = Text(
    zh="""\
  探测：从 {vantages} 向 {targets} 个地址；每个视角对每个地址最多 {packets} 个包、{connections} 条连接、
  {rate} 包/秒、{seconds:g} 秒；同时最多 {workers} 处；合计最多 {all_packets} 个包。
  不登录、不猜口令、不发送攻击载荷。""",
    en="""\
  Probes: from {vantages} to {targets} address(es); from each vantage to each address at most
  {packets} packets, {connections} connections, {rate} packets/s, {seconds:g} s; at most {workers} at a time;
  in all at most {all_packets} packets. No login, no guessed password, no attack.""",
)
_TITLE = Text(zh="探测", en="Probes")
_MOST = Text(
    zh="<= {packets} 个包、{connections} 条连接", en="<= {packets} packets, {connections} connections"
)
_PER_PORT = Text(zh="（每个开放端口）", en=" (each open port)")
_SUM = Text(
    zh="合计 <= {packets} 个包、{connections} 条连接，{rate} 包/秒，{seconds:g} 秒",
    en="sum <= {packets} packets, {connections} connections, {rate} packets/s, {seconds:g} s",
)
_FROM = Text(zh="从 {name} 看（{place}）：", en="from {name} ({place}):")
_EACH = Text(zh="每个视角对每个地址最多：", en="from each vantage to each address, at most:")
_INDENT = " " * 4
_HERE = Text(zh="本机", en="here")
_SPARED = Text(zh="不探测：", en="not probed: ")
_WHY = {
    Spared.DECLARED: Text(zh="清单写明不探测", en="the inventory says so"),
    Spared.INDUSTRIAL: Text(zh="工业区", en="industrial zone"),
    Spared.NO_ADDRESS: Text(zh="没有数字地址", en="no numeric address"),
}


@dataclass(frozen=True, slots=True)
class Most:
    """Most packets and connections."""

    packets: int
    connections: int


def probes_of(reaches: Sequence[Reach]) -> tuple[Reach, ...]:
    """Ways that send probes."""
    return tuple(r for r in reaches if r.transport is TransportKind.PROBE)


def most(reach: Reach, steps: Sequence[Step]) -> Most:
    """Sum of one look's probes.

    How many ports are open is not known before, so that probes of open ports may use up the budget; no look
    passes it. The connections of a sweep are those of its ports, and not of the budget.
    """
    forms = _forms(reach, steps).values()
    once = [form for form in forms if not form.per_port]
    if len(once) == len(forms):
        packets = min(reach.budget.packets, sum(form.packets for form in once))
        return Most(packets, sum(form.connections for form in once))
    connections = sum(form.connections for form in once) + reach.budget.connections
    return Most(reach.budget.packets, connections)


def notice(
    reaches: Sequence[Reach], platforms: Mapping[str, Platform], workers: int, language: Language
) -> Iterator[str]:
    """Lines of the impact notice that speak of probes; none where nothing is probed."""
    looks = probes_of(reaches)
    if not looks:
        return
    sums = [most(reach, platforms[reach.platform].steps) for reach in looks]
    text = _NOTICE.format(
        vantages=", ".join(dict.fromkeys(r.vantage for r in looks)),
        targets=len({r.address for r in looks}),
        packets=max(s.packets for s in sums),
        connections=max(s.connections for s in sums),
        rate=max(r.budget.packets_per_second for r in looks),
        seconds=max(r.budget.seconds for r in looks),
        workers=min(workers, len(reaches)),
        all_packets=sum(s.packets for s in sums),
    )
    yield from text.say(language).splitlines()


def plan(inventory: Inventory, platforms: Mapping[str, Platform], language: Language) -> Iterator[str]:
    """Lines of the plan: the targets of every vantage, then every probe with its most, and the sum."""
    looks = probes_of(inventory.reaches)
    if not looks and not inventory.spared:
        return
    yield ""
    yield _TITLE.say(language)
    for vantage in inventory.vantages:
        seen = [r for r in looks if r.vantage == vantage.name]
        if seen:
            yield "  " + _FROM.format(name=vantage.name, place=_place(vantage, language)).say(language)
            yield from (f"      {reach.object} -> {reach.address}" for reach in seen)
    alike = {(r.platform, r.budget, r.ports): r for r in looks}  # an inventory has one budget for all
    for reach in alike.values():
        yield f"  {_EACH.say(language)}"
        yield from (f"      {line}" for line in _each(reach, platforms[reach.platform].steps, language))
    if inventory.spared:
        spared = ", ".join(f"{name} ({_WHY[why].say(language)})" for name, why in inventory.spared)
        yield f"  {_SPARED.say(language)}{spared}"


def _each(reach: Reach, steps: Sequence[Step], language: Language) -> Iterator[str]:
    """Every probe of one look with its most, and the sum."""
    for id_, form in _forms(reach, steps).items():
        yield f"{id_:14}{_limit(form, language)}"
        yield from wrap(_swept(id_, reach), 96, initial_indent=_INDENT, subsequent_indent=_INDENT)
    total = most(reach, steps)
    yield _SUM.format(
        packets=total.packets,
        connections=total.connections,
        rate=reach.budget.packets_per_second,
        seconds=reach.budget.seconds,
    ).say(language)


def _forms(reach: Reach, steps: Sequence[Step]) -> dict[str, Probe]:
    """Probes of one look, by step."""
    asked = (asked_for(step, reach.ports) for step in steps)
    return {step.id: step.form for step in asked if isinstance(step.form, Probe)}


def _swept(step: str, reach: Reach) -> str:
    """Ports that a sweep asks; "" for other probes."""
    listed = {
        PORTS_TCP.id: ",".join(ports for _, ports in tcp_parts(reach.ports)),
        PORTS_UDP.id: ",".join(map(str, UDP_PORTS)),
    }
    return listed.get(step, "").replace(",", ", ")


def _limit(form: Probe, language: Language) -> str:
    """Most that one probe sends."""
    text = _MOST.format(packets=form.packets, connections=form.connections).say(language)
    return text + (_PER_PORT.say(language) if form.per_port else "")


def _place(vantage: Vantage, language: Language) -> str:
    where = f"{vantage.access_point} {vantage.zone}".strip()
    entered = shlex.join(vantage.prefix) if vantage.prefix else _HERE.say(language)
    return f"{where}; {entered}"

"""Cards of the drawing: one a host, with rows of what was seen, laid out inside its frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.evaluate import REASON_WORDS
from scanner.model import Gap, Text
from scanner.report.html.measure import fitted, width
from scanner.report.html.objects import State
from scanner.report.plain import plain
from scanner.report.words import RISK

if TYPE_CHECKING:
    from scanner.report.html.objects import Filtering, Logging, Passage, Port, Shown
    from scanner.report.reached import Reached

WIDE, PAD = 272, 14
ROW, CHIP, GAP = 20, 20, 6
PORTS = 10
"""Ports drawn on one card; the object's table has all."""

_SMALL, _TINY = 12, 11


@dataclass(frozen=True, slots=True)
class Chip:
    """One port; coordinates are those of the card."""

    x: float
    y: float
    wide: float
    text: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of a card: a mark in the colour of its state, and a text."""

    kind: str  # filter, logs, tunnel, ports, wire, blind
    y: float
    state: State
    text: Text


@dataclass(frozen=True, slots=True)
class Card:
    """A host as it is drawn; ``y`` of rows are relative to the card."""

    object: str
    anchor: str
    name: str
    address: str
    roles: Text
    tone: str  # high, medium, low: worst risk; open: some question was not answered; calm; blind
    badge: Text | None
    chips: tuple[Chip, ...]
    strips: tuple[Strip, ...]
    rule: float  # height of the line under the head
    high: float
    logs: Logging | None
    tunnels: tuple[Passage, ...]

    def row(self, kind: str, nth: int = 0) -> float:
        """Height at which a line of the card stands, from its top."""
        found = [strip.y for strip in self.strips if strip.kind == kind]
        return (found[nth] if nth < len(found) else self.high / 2) - 4


class _Pen:
    """Lays rows below one another."""

    def __init__(self, y: float) -> None:
        self.y = y
        self.chips: list[Chip] = []
        self.strips: list[Strip] = []

    def strip(self, kind: str, state: State, text: Text) -> None:
        room = WIDE - 2 * PAD - 16
        cut = Text(fitted(plain(text.zh), room, _SMALL), fitted(plain(text.en), room, _SMALL))
        self.strips.append(Strip(kind, self.y + 13, state, cut))
        self.y += ROW

    def ports(self, ports: tuple[Port, ...]) -> None:
        x: float = PAD
        labels = [_port(port) for port in ports[:PORTS]]
        if len(ports) > PORTS:
            labels.append(f"+{len(ports) - PORTS}")
        for label in labels:
            text = fitted(plain(label), WIDE - 2 * PAD - 12, _TINY, mono=True)
            wide = round(width(text, _TINY, mono=True) + 12, 1)
            if x + wide > WIDE - PAD:
                x, self.y = PAD, self.y + CHIP + 4
            self.chips.append(Chip(round(x, 1), self.y, wide, text))
            x += wide + GAP
        self.y += CHIP + 8


def card(o: Shown) -> Card:
    """Lay out one host."""
    rule = 70.5 if o.roles else 53.5
    pen = _Pen(rule + 8.5)
    if o.blind is not None:
        reason = REASON_WORDS[o.blind.reason]
        pen.strip("blind", State.UNSEEN, Text(f"未能查看：{reason.zh}", f"not seen: {reason.en}"))
    elif o.looked_at:
        _rows(pen, o)
    else:
        pen.strip("blind", State.UNSEEN, Text(zh="未由扫描查看", en="not looked at by this scan"))
    for looked in o.reached:
        _answers(pen, looked)
    roles = Text("、".join(r.zh for r in o.roles), ", ".join(r.en for r in o.roles))
    room = WIDE - 2 * PAD
    return Card(
        object=o.id,
        anchor=o.anchor,
        name=fitted(o.id, room - 70, 15),
        address=fitted(plain(o.address), room, _SMALL, mono=True),
        roles=Text(*(fitted(plain(text), room, _TINY) for text in (roles.zh, roles.en))),
        tone=_tone(o),
        badge=_badge(o),
        chips=tuple(pen.chips),
        strips=tuple(pen.strips),
        rule=rule,
        high=pen.y + 8,
        logs=o.logging,
        tunnels=() if isinstance(o.tunnels, Gap) else o.tunnels,
    )


def _rows(pen: _Pen, o: Shown) -> None:
    if isinstance(o.ports, Gap):
        pen.strip("ports", State.UNSEEN, Text(zh="监听端口未看到", en="listening ports not seen"))
    elif o.ports:
        pen.ports(o.ports)
    else:
        pen.strip("ports", State.GOOD, Text(zh="没有对外监听", en="nothing listens off the host"))
    if o.filtering is not None:
        _filter(pen, o.filtering)
    if o.logging is not None:
        pen.strip("logs", o.logging.state, o.logging.summary)
    if isinstance(o.tunnels, Gap):
        pen.strip("tunnel", State.UNSEEN, Text(zh="隧道未看到", en="tunnels not seen"))
    else:
        for passage in o.tunnels:
            pen.strip("tunnel", _tunnel_state(passage), _tunnel(passage))
        if o.hidden:
            hidden = Text(zh="可能还有看不到的隧道", en="more tunnels may be hidden")
            pen.strip("hidden", State.UNSEEN, hidden)


def _answers(pen: _Pen, looked: Reached) -> None:
    """What answered to a vantage; quiet ports are evidence of nothing and draw nothing."""
    if isinstance(looked.ports, Gap) or not looked.ports:
        return
    ports = ", ".join(
        f"{p.protocol}/{p.number}" if p.protocol != "tcp" else str(p.number) for p in looked.ports
    )
    place = f"{looked.vantage.name} {looked.vantage.access_point}"
    pen.strip("wire", State.PLAIN, Text(f"从 {place}：{ports}", f"from {place}: {ports}"))


def _filter(pen: _Pen, filtering: Filtering) -> None:
    incoming = filtering.summary
    if filtering.chains:
        incoming = Text(f"入站：{incoming.zh}", f"in: {incoming.en}")
    pen.strip("filter", filtering.state, incoming)
    if filtering.forwarding is not None:
        through = Text(f"转发：{filtering.forwarding.zh}", f"forward: {filtering.forwarding.en}")
        pen.strip("filter", filtering.state, through)


def _port(port: Port) -> str:
    protocol = "" if port.protocol == "tcp" else f"{port.protocol}/"
    return f"{protocol}{port.port} {' '.join(port.owners)}".rstrip()


def _tunnel(passage: Passage) -> Text:
    t = passage.tunnel
    what = " ".join(dict.fromkeys((t.name, t.family)))
    if passage.declared is None:
        return Text(f"未比对登记的隧道 {what}", f"tunnel not compared: {what}")
    if passage.declared:
        return Text(f"已登记的隧道 {what}", f"declared tunnel {what}")
    return Text(f"未登记的隧道 {what}", f"undeclared tunnel {what}")


def _tunnel_state(passage: Passage) -> State:
    if passage.declared is None:
        return State.UNSEEN
    return State.GOOD if passage.declared else State.BAD


def _tone(o: Shown) -> str:
    if o.blind is not None or not o.looked_at:
        return "blind"
    if o.noes:
        return o.noes[0][0].value
    return "open" if o.findings else "calm"


def _badge(o: Shown) -> Text | None:
    if not o.noes:
        return None
    risk, count = o.noes[0]
    return Text(f"{RISK[risk].zh} {count}", f"{count} {RISK[risk].en}")
